"""Decides what becomes of a file, without touching the database: the same rules for a real run and a dry one.

The end state never depends on the order of files: of all versions of one address the greatest by `Version.rank` is
the article, and the earliest date of publication stays.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field, replace

from articles.ingest.batch import Reading
from articles.models import Result

NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)
STUB, TEASER, FULL = 0, 1, 2
SAME_BYTES = "The same bytes as another file of this article."


@dataclass(frozen=True, slots=True)
class Version:
    """What is remembered of one original of an article."""

    sha256: str
    path_sha256: str
    fullness: int
    archived_at: datetime.datetime | None
    published_at: datetime.datetime | None
    published_precision: str
    published_from: str
    text_length: int
    content_sha256: str
    newest: bool = False
    waiting: bool = False
    id: int | None = None  # of the stored row

    @property
    def rank(self) -> tuple:
        """Order of versions: fuller text first, then the later archive time, then the longer text; ties by hash."""
        return (self.fullness, self.archived_at or self.published_at or NEVER, self.text_length, self.sha256)

    @property
    def dated(self) -> tuple | None:
        """Order of dates: the earlier wins, a second-exact one before a day; None when undated."""
        if self.published_at is None:
            return None
        return (self.published_at, self.published_precision == "day", self.published_from)


@dataclass(slots=True)
class Standing:
    """What is known of one address before a file comes: the article, if there is one, and all its versions."""

    article_id: int | None = None
    edited: bool = False
    versions: list[Version] = field(default_factory=list)
    stored: tuple[Version, ...] = ()  # as the database has them
    winner: Reading | None = None  # of this batch, when the article must be written

    @property
    def exists(self) -> bool:
        """Whether an article of this address is stored, or decided on earlier in the run."""
        return bool(self.versions)

    @property
    def newest(self) -> Version | None:
        """The version that the article was made from."""
        return next((version for version in self.versions if version.newest), None)

    def settle(self) -> None:
        """Of copies of the newest bytes, the one with the least path hash is called newest, whichever came first."""
        newest = self.newest
        copies = [v for v in self.versions if v.sha256 == newest.sha256]
        chosen = min(v.path_sha256 for v in copies)
        self.versions = [
            replace(v, newest=v.path_sha256 == chosen) if v.sha256 == newest.sha256 else v for v in self.versions
        ]

    @property
    def earliest(self) -> Version | None:
        """The version with the earliest date; None when all are undated."""
        return min((v for v in self.versions if v.dated), key=lambda v: v.dated, default=None)


def path_hash(path: str) -> str:
    """Key of a path of any length."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def version_of(reading: Reading) -> Version:
    """The version that a freshly read file is."""
    document = reading.document
    fullness = STUB if document.stub else TEASER if "teaser" in document.warnings else FULL
    return Version(
        sha256=reading.sha256,
        path_sha256=path_hash(reading.path),
        fullness=fullness,
        archived_at=document.archived_at,
        published_at=document.published_at,
        published_precision=document.published_precision,
        published_from=document.published_from,
        text_length=len(document.text),
        content_sha256=reading.content_sha256,
    )


def decide(standing: Standing, reading: Reading) -> tuple[Result, str]:
    """Result and reason of one file; brings `standing` up to date.

    The caller writes the article when `standing.winner` is set, and the versions in any case.
    """
    verdict = _decide(standing, reading)
    standing.settle()
    return verdict


def _decide(standing: Standing, reading: Reading) -> tuple[Result, str]:
    version = version_of(reading)
    if not standing.exists:
        standing.versions.append(replace(version, newest=True))
        standing.winner = reading
        return Result.CREATED, ""
    newest = standing.newest
    copies = [v for v in standing.versions if v.sha256 == version.sha256]
    known = any(v.path_sha256 == version.path_sha256 for v in copies)
    # Bytes read anew under other rules bring new facts for every copy of them.
    standing.versions = [
        replace(version, path_sha256=v.path_sha256, newest=v.newest, waiting=v.waiting, id=v.id)
        if v.sha256 == version.sha256
        else v
        for v in standing.versions
    ]
    if not known:
        standing.versions.append(version)
    if newest.sha256 == version.sha256:
        return _same_bytes(standing, reading, newest.content_sha256 == version.content_sha256, known)
    if copies and not known:
        return Result.DUPLICATE, SAME_BYTES
    if version.rank < newest.rank:
        return (Result.UNCHANGED, "") if known else (Result.DUPLICATE, _why_less(version, newest))
    return _better(standing, reading, version, newest)


def _same_bytes(standing: Standing, reading: Reading, same: bool, known: bool) -> tuple[Result, str]:
    """The bytes that the article was made from, read again or found at a second path."""
    if same:
        return (Result.UNCHANGED, "") if known else (Result.DUPLICATE, SAME_BYTES)
    if standing.edited:
        return Result.KEPT, "The rules read this file differently now; the text edited here stands."
    standing.winner = reading
    return Result.UPDATED, "The rules read this file differently now."


def _better(standing: Standing, reading: Reading, version: Version, newest: Version) -> tuple[Result, str]:
    """A version that outranks the one the article was made from."""
    same = newest.content_sha256 == version.content_sha256
    if standing.edited:
        if same:
            return Result.DUPLICATE, "A later file with the same text."
        standing.versions = [replace(v, waiting=v.sha256 == version.sha256) for v in standing.versions]
        return Result.KEPT, "A newer version from the source; the text edited here stands, the new one waits beside it."
    chosen = (version.sha256, version.path_sha256)
    standing.versions = [replace(v, newest=(v.sha256, v.path_sha256) == chosen) for v in standing.versions]
    standing.winner = reading
    if same:
        return Result.DUPLICATE, "A later file with the same text."
    return Result.UPDATED, "A newer version from the source."


def _why_less(version: Version, newest: Version) -> str:
    if version.fullness < newest.fullness:
        return "A stub of an article that is here with its full text."
    return "An older version of an article that is here already."
