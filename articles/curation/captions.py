"""One caption a picture: the words under it in the text and those of its place are kept the same; and so its alt."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles.models import Article

Change = tuple[str, str]  # words before and after


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
