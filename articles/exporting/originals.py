"""The archive written back: what has come in can always go out again, byte for byte."""

import hashlib
import pathlib
import zlib

from django.db.models import Max

from articles.models import Original
from articles.models.article import ArticleQuerySet


class UnwritableOriginal(Exception):
    """An original that cannot be written back; the message is one sentence for a person."""


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
