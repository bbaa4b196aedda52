"""One caption a picture: the words under it in the text and those of its place are kept the same; and so its alt.

What is taken out of its place is taken out of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles.models import Article

Change = tuple[str, str]  # words before and after
HOLDERS = frozenset(("figure", "a", "p", "strong", "em"))  # what may stand around a picture and hold nothing else


def captions_of(body: str) -> dict[str, str]:
    """Words under the pictures of a body, by the pictures' addresses; without the credit."""
    tree = LexborHTMLParser(f"<!doctype html><body>{body}")
    return {source: _words(caption) for source, caption in _captioned(tree)}


def _captioned(tree: LexborHTMLParser) -> Iterator[tuple[str, LexborNode]]:
    for figure in tree.css("figure"):
        picture, caption = figure.css_first("img[src]"), figure.css_first("figcaption")
        if picture is not None and caption is not None:
            yield picture.attributes["src"], caption


def _words(caption: LexborNode) -> str:
    told = caption.clone()
    for credit in told.css("cite"):
        credit.decompose()
    return " ".join(told.text().split())


def follow_captions(article: Article, body_before: str) -> None:
    """Captions that were changed in the text are those of the pictures' places from now on. A query or more."""
    before, after = captions_of(body_before), captions_of(article.body)
    changed = {source: words for source, words in after.items() if source in before and words != before[source]}
    changed |= {source: words for source, words in after.items() if source not in before and words}
    if not changed:
        return
    for place in article.article_images.filter(image__origin_url__in=changed).select_related("image"):
        if place.caption != changed[place.image.origin_url]:
            place.caption = changed[place.image.origin_url]
            place.save(update_fields=["caption"])


def with_words(body: str, captions: dict[str, Change], alts: dict[str, Change]) -> str:
    """The body with captions and alternative texts rewritten where it says what was said before.

    An empty alternative text stays empty: the library's is then shown in its place.
    """
    tree = LexborHTMLParser(f"<!doctype html><body>{body}")
    changed = [_rewrite(caption, *captions.get(source, ("", ""))) for source, caption in _captioned(tree)]
    changed += [_describe(picture, *alts.get(picture.attributes["src"], ("", ""))) for picture in tree.css("img[src]")]
    return tree.body.inner_html if any(changed) else body


def without_pictures(body: str, addresses: Set[str]) -> str:
    """The body without the pictures of these addresses: their figures and captions go, and what held nothing else.

    A figure that shows others as well loses only the picture. The same string when none of them is in it.
    """
    tree = LexborHTMLParser(f"<!doctype html><body>{body}")
    pictures = [picture for picture in tree.css("img[src]") if picture.attributes["src"] in addresses]
    for picture in pictures:
        empty = picture
        while (around := empty.parent) is not None and around.tag in HOLDERS and _is_alone(empty, around):
            empty = around
        empty.decompose()
    return tree.body.inner_html if pictures else body


def _is_alone(node: LexborNode, around: LexborNode) -> bool:
    """Whether what stands around a node would show nothing without it; a figure's caption says nothing by itself."""
    others = (other for other in around.iter(include_text=True) if other.mem_id != node.mem_id)
    return all(
        other.tag in ("figcaption", "br") if other.tag != "-text" else not (other.text_content or "").strip()
        for other in others
    )


def _rewrite(caption: LexborNode, before: str, after: str) -> bool:
    """Other words under a picture, its credit as it was; whether anything was changed."""
    if before == after or _words(caption) != " ".join(before.split()):
        return False
    kept = [credit.html for credit in caption.css("cite")]
    fresh = LexborHTMLParser("<!doctype html><body><figcaption></figcaption>").css_first("figcaption")
    fresh.insert_child(" ".join(after.split()))
    for credit in kept:
        fresh.insert_child(" ")
        fresh.insert_child(LexborHTMLParser(f"<!doctype html><body>{credit}").css_first("cite"))
    caption.replace_with(fresh)
    return True


def _describe(picture: LexborNode, before: str, after: str) -> bool:
    """Another alternative text; whether anything was changed."""
    said = " ".join((picture.attributes.get("alt") or "").split())
    if before == after or not said or said != " ".join(before.split()):
        return False
    picture.attrs["alt"] = " ".join(after.split())
    return True
