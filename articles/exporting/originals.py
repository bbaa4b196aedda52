"""The archive written back: what has come in can always go out again, byte for byte."""

from __future__ import annotations

import hashlib
import pathlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from articles.models import Original
from articles.models.article import ArticleQuerySet

LONGEST_NAME = 255  # bytes, of most file systems


class UnwritableOriginal(Exception):
    """An original that cannot be written back; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How many files were written; of them (path as imported, path as written) where another article's has the name."""

    files: int
    renamed: tuple[tuple[str, str], ...]


def write_originals(articles: ArticleQuerySet, folder: pathlib.Path) -> Restored:
    """Write the untouched bytes of `articles` to `folder` as they lay in the archive.

    Of several originals of an article at one path the newest is written. Where files of several articles came from one
    path (of different roots, or one after the other), the newest has it and the others get their hash into the name:
    every article's file is there. A file that already holds the same bytes is left alone. Raises UnwritableOriginal at
    the first path that leads out of `folder`, at bytes that do not have their sha256, and at a file that holds other
    bytes. Two queries; remembers the renamed.
    """
    mine = Original.objects.filter(article__in=articles.order_by().values("pk"))
    first = _newest(mine, "path_sha256")
    files = 0
    for original in _rows(mine.filter(pk__in=first)):
        _write(_place(folder, original.path), _content(original))
        files += 1
    renamed = []
    others = mine.filter(pk__in=_newest(mine, "path_sha256", "article")).exclude(pk__in=first)
    for original in _rows(others):
        path = _beside(original)
        _write(_place(folder, path), _content(original))
        files += 1
        renamed.append((original.path, path))
    return Restored(files, tuple(renamed))


def _newest(originals: QuerySet[Original], *names: str) -> QuerySet:
    """Numbers of the newest original of each group."""
    return originals.order_by().values(*names).annotate(newest_id=Max("pk")).values("newest_id")


def _rows(originals: QuerySet[Original]) -> Iterator[Original]:
    return originals.order_by("pk").only("path", "sha256", "bytes").iterator(chunk_size=50)


def _beside(original: Original) -> str:
    """Another name in the same folder, the same each time: `1.md` becomes `1 (0a1b2c3d4e5f).md`."""
    path = pathlib.PurePosixPath(original.path)
    mark = f" ({original.sha256[:12]}){path.suffix}"
    stem = path.name.removesuffix(path.suffix).encode()[: LONGEST_NAME - len(mark.encode())].decode(errors="ignore")
    return str(path.with_name(stem + mark))


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
