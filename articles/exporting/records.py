"""The export record of an article: all that is known of it, for programs."""

import datetime
from collections.abc import Iterable, Iterator

from django.db.models import Prefetch
from selectolax.lexbor import LexborHTMLParser

from articles.models import Article, ArticleImage, Image, Original, TaggedArticle, notes_of, with_notes
from articles.models.article import ArticleQuerySet

CHUNK = 200  # articles in memory at once; each chunk costs four queries


def records(articles: ArticleQuerySet) -> Iterator[dict]:
    """Export records of `articles` in their order, streamed: one query, and three for each chunk of 200."""
    whole = (
        with_notes(articles)
        .select_related("source")
        .prefetch_related(
            Prefetch(
                "article_images",
                ArticleImage.objects.select_related("image").order_by("position", "id"),
                to_attr="pictures",
            ),
            Prefetch("tagged", TaggedArticle.objects.select_related("tag").order_by("id"), to_attr="uses"),
            Prefetch(
                "originals",
                Original.objects.filter(newest=True).only("article_id", "path", "sha256"),
                to_attr="newest_originals",
            ),
        )
    )
    return map(record, whole.iterator(chunk_size=CHUNK))


def record(article: Article) -> dict:
    """The export record of an article that came out of `records` (which fetches what it needs)."""
    original = article.newest_originals[0] if article.newest_originals else None
    is_named_by_us = "untitled" in article.warnings and article.edited_at is None  # no word of the source's
    return {
        "id": article.pk,
        "path": original and original.path,
        "status": article.status,
        "title": "" if is_named_by_us else article.title,
        "title_raw": article.title_raw,
        "url": article.source_url,
        "canonical_url": article.canonical_url,
        "source": article.source.slug,
        "byline": article.byline,
        "published": instant(article.published_at),
        "published_precision": article.published_precision,
        "published_from": article.published_from,
        "dateline": instant(article.dateline_at),
        "language": article.language,
        "script": article.script,
        "tags": [use.tag.name for use in article.uses],
        "images": [_picture(place) for place in article.pictures if not place.image.is_taken_down],
        "embeds": [embed["url"] for embed in article.embeds],
        "links": article.links,
        "standfirst": article.standfirst,
        "html": without_taken_down(article.body, [place.image for place in article.pictures]),
        "text": article.text,
        "warnings": article.warnings,
        "stub": article.stub,
        "sha256": original and original.sha256,
        "corrections": [
            {"kind": note.kind, "text": note.text, "date": instant(note.made_at)} for note in notes_of(article)
        ],
    }


def without_taken_down(body: str, pictures: Iterable[Image]) -> str:
    """The body as stored, without the pictures that are taken down: not even their addresses are told."""
    gone = {image.origin_url for image in pictures if image.is_taken_down}
    if not gone:
        return body
    tree = LexborHTMLParser(f"<!doctype html><body>{body}")
    for picture in tree.body.css("img"):
        if picture.attributes.get("src") in gone:
            picture.decompose()
    return tree.body.inner_html


def instant(moment: datetime.datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z and no empty fraction; None stays None."""
    return moment and moment.astimezone(datetime.UTC).replace(tzinfo=None).isoformat() + "Z"


def _picture(place: ArticleImage) -> dict:
    image = place.image
    return {
        "src": image.origin_url,
        "caption": place.caption,
        "credit": place.credit or image.credit,
        "alt": image.alt,
        "file": image.file.url if image.is_stored else None,
        "width": image.width,
        "height": image.height,
    }
