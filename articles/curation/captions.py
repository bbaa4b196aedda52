"""One caption a picture: the words under it in the text and those of its place are kept the same."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles.models import Article


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


def with_captions(body: str, captions: dict[str, tuple[str, str]]) -> str:
    """The body with captions (address: before, after) rewritten where it says what was said before."""
    tree = LexborHTMLParser(f"<!doctype html><body>{body}")
    changed = False
    for source, caption in _captioned(tree):
        before, after = captions.get(source, ("", ""))
        if before == after or _words(caption) != " ".join(before.split()):
            continue
        kept = [credit.html for credit in caption.css("cite")]
        fresh = LexborHTMLParser("<!doctype html><body><figcaption></figcaption>").css_first("figcaption")
        fresh.insert_child(" ".join(after.split()))
        for credit in kept:
            fresh.insert_child(" ")
            fresh.insert_child(LexborHTMLParser(f"<!doctype html><body>{credit}").css_first("cite"))
        caption.replace_with(fresh)
        changed = True
    return tree.body.inner_html if changed else body
