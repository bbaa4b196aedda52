"""The export record of an article, and the archive written back: what has come in can always go out again."""

import datetime
import hashlib
import pathlib
import zlib
from collections.abc import Iterator

from django.db.models import Max, Prefetch

from articles.models import Article, ArticleImage, Original, TaggedArticle
from articles.models.article import ArticleQuerySet

CHUNK = 200  # articles in memory at once; each chunk costs four queries


class UnwritableOriginal(Exception):
    """An original that cannot be written back; the message is one sentence for a person."""


def records(articles: ArticleQuerySet) -> Iterator[dict]:
    """Export records of `articles` in their order, streamed: one query, and three for each chunk of 200."""
    whole = articles.select_related("source").prefetch_related(
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
    return map(record, whole.iterator(chunk_size=CHUNK))


def record(article: Article) -> dict:
    """The export record of an article that came out of `records` (which fetches what it needs)."""
    original = article.newest_originals[0] if article.newest_originals else None
    return {
        "id": article.pk,
        "path": original and original.path,
        "status": article.status,
        "title": article.title,
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
        "images": [_picture(place) for place in article.pictures],
        "embeds": [embed["url"] for embed in article.embeds],
        "links": article.links,
        "standfirst": article.standfirst,
        "html": article.body,
        "text": article.text,
        "warnings": article.warnings,
        "stub": article.stub,
        "sha256": original and original.sha256,
    }


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


def write_originals(articles: ArticleQuerySet, folder: pathlib.Path) -> int:
    """Write the untouched bytes of `articles` to `folder` as they lay in the archive; return the number of files.

    Of several originals at one path the newest is written. A file that already holds the same bytes is left alone.
    Raises UnwritableOriginal at the first path that leads out of `folder`, at bytes that do not have their sha256,
    and at a file that holds other bytes.
    """
    newest = (
        Original.objects.filter(article__in=articles.order_by().values("pk"))
        .values("path_sha256")
        .annotate(newest_id=Max("pk"))
        .values("newest_id")
    )
    originals = Original.objects.filter(pk__in=newest).order_by("pk").only("path", "sha256", "bytes")
    written = 0
    for original in originals.iterator(chunk_size=50):
        _write(_place(folder, original.path), _content(original))
        written += 1
    return written


def _place(folder: pathlib.Path, path: str) -> pathlib.Path:
    parts = pathlib.PurePosixPath(path)
    place = folder / parts
    inside = place.resolve().is_relative_to(folder.resolve())  # a symbolic link in the folder may lead out as well
    if not path or "\0" in path or parts.is_absolute() or ".." in parts.parts or not inside:
        raise UnwritableOriginal(f"The path {path!r} leads out of {folder}: it was not written.")
    return place


def _content(original: Original) -> bytes:
    try:
        content = zlib.decompress(original.bytes)
    except zlib.error as error:
        raise UnwritableOriginal(f"The bytes of {original.path!r} cannot be decompressed ({error}).") from error
    if hashlib.sha256(content).hexdigest() != original.sha256:
        raise UnwritableOriginal(f"The bytes of {original.path!r} do not have the sha256 they came with.")
    return content


def _write(place: pathlib.Path, content: bytes) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        if not place.is_file() or place.read_bytes() != content:
            raise UnwritableOriginal(
                f"{place} exists and is different: move it away, or name an empty folder."
            ) from error
    except OSError as error:
        raise UnwritableOriginal(f"{place} cannot be written ({error}).") from error
