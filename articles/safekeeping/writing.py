"""Writes a backup: one consistent look at the database, while others go on writing, and the files that it names."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import datetime
import decimal
import gzip
import hashlib
import json
import pathlib
import shutil
import time
import uuid
from collections.abc import Iterator

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from articles.models import Image, Rendition, record
from articles.safekeeping.layout import (
    CHUNK,
    FORMAT,
    MANIFEST,
    MEDIA,
    ROWS_AT_ONCE,
    Part,
    Unusable,
    carried,
    columns,
    digest_of,
    names_of_rows,
    now,
    place_of,
    seal,
    target_of,
)


class _Measured:
    """A file that knows the sha256 and the size of what was written to it."""

    def __init__(self, path: pathlib.Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("xb")
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        self.size += len(piece)
        return self.file.write(piece)

    def flush(self) -> None:
        self.file.flush()

    def close(self) -> None:
        self.file.close()

    def part(self, path: str, rows: int = 0) -> Part:
        return Part(path, self.digest.hexdigest(), self.size, rows)


def back_up(folder: pathlib.Path) -> dict:
    """Write everything to a folder that is empty or not there yet, and read it once more; returns the manifest.

    Two queries and one for each table, streamed; memory does not grow with the archive. A file that was cleared while
    the backup ran is named under "missing". Raises Unusable, and leaves nothing then.
    """
    _refuse_unmigrated()
    began = time.monotonic()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # passwords' hashes are in it
        if any(folder.iterdir()):
            raise Unusable(f"{folder} is not empty: name a folder that is empty or not there yet.")
    except OSError as error:
        raise Unusable(f"{folder} cannot be written ({error}).") from error
    try:
        facts = _write_all(folder)
    except BaseException as error:
        for name in ("tables", "media"):
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in (MEDIA, MANIFEST):
            (folder / name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Unusable(f"The backup could not be written, and nothing of it was left ({error}).") from error
        raise
    record(
        "back_up",
        "backup",
        note=str(folder),
        rows=sum(part["rows"] for part in facts["tables"].values()),
        files=facts["media"]["rows"],
        missing=len(facts["missing"]),
        seconds=round(time.monotonic() - began, 1),
    )
    return facts


def _refuse_unmigrated() -> None:
    loader = MigrationLoader(connection)
    waiting = [key for key in loader.graph.leaf_nodes() if key not in loader.applied_migrations]
    if waiting:
        raise Unusable("The database lacks migrations of this release: run manage.py migrate first.")


def _write_all(folder: pathlib.Path) -> dict:
    with _snapshot():
        tables = _write_tables(folder)
        media, missing = _write_media(folder)
    facts = {
        "format": FORMAT,
        "made_at": now(),
        "database": connection.vendor,
        "migrations": sorted(map(list, MigrationLoader(connection).graph.leaf_nodes())),
        "tables": {label: dataclasses.asdict(part) for label, part in tables.items()},
        "media": dataclasses.asdict(media),
        "missing": missing,
    }
    for part in (*tables.values(), media):
        if digest_of(folder / part.path) != (part.sha256, part.size):
            raise Unusable(f"{folder / part.path} does not read as it was written: the disk under it is not sound.")
    (folder / MANIFEST).write_text(seal(facts), encoding="utf-8")
    return facts


@contextlib.contextmanager
def _snapshot() -> Iterator[None]:
    """Everything read inside is of one moment, and nobody waits for it.

    SQLite: a reading transaction of its write-ahead log (`atomic` would be a writing one here, and hold writers up).
    PostgreSQL: a repeatable-read transaction.
    """
    if connection.in_atomic_block:  # of whoever called; one moment already
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def _write_tables(folder: pathlib.Path) -> dict[str, Part]:
    names = names_of_rows(apps)
    return {model._meta.label: _write_table(folder, model, names) for model in carried(apps)}


def _write_table(folder: pathlib.Path, model: type[models.Model], names: dict) -> Part:
    path = f"tables/{model._meta.label_lower}.jsonl.gz"
    fields = columns(model)
    named = [names.get(target_of(field)) for field in fields]
    rows = model._base_manager.order_by("pk").values_list(*(field.attname for field in fields))
    number = 0
    target = _Measured(folder / path)
    with contextlib.closing(target), gzip.GzipFile(fileobj=target, mode="wb", compresslevel=3, mtime=0) as lines:
        lines.write(_line([field.attname for field in fields]))
        for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
            values = [known[value] if known and value else value for known, value in zip(named, row, strict=True)]
            lines.write(_line(values))
            number += 1
    return target.part(path, number)


def _line(values: list) -> bytes:
    return json.dumps(values, default=_plain, separators=(",", ":")).encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, uuid.UUID | decimal.Decimal):
        return str(value)
    raise TypeError(f"no way to write {type(value).__name__}")


def _write_media(folder: pathlib.Path) -> tuple[Part, list[str]]:
    missing: list[str] = []
    number = 0
    target = _Measured(folder / MEDIA)
    with contextlib.closing(target):
        for name in _names_of_files():
            place = place_of(folder, name)
            if place.exists():  # of another picture with the same bytes
                continue
            try:
                part = _copy(name, place)
            except FileNotFoundError:
                place.unlink(missing_ok=True)  # a bucket says so only when it is read
                missing.append(name)
                continue
            target.write(json.dumps(dataclasses.asdict(part)).encode() + b"\n")
            number += 1
    return target.part(MEDIA, number), missing


def _names_of_files() -> Iterator[str]:
    stored = Image.objects.exclude(file="").order_by("pk").values_list("file", flat=True)
    yield from stored.iterator(chunk_size=2000)
    made = Rendition.objects.order_by("pk").values_list("stem", "suffixes")
    for stem, suffixes in made.iterator(chunk_size=2000):
        for suffix in suffixes.split():
            yield f"{stem}.{suffix}"


def _copy(name: str, place: pathlib.Path) -> Part:
    with default_storage.open(name) as source:
        target = _Measured(place)
        with contextlib.closing(target):
            while piece := source.read(CHUNK):
                target.write(piece)
    if digest_of(place) != (target.digest.hexdigest(), target.size):
        raise Unusable(f"{place} does not read as it was written: the disk under it is not sound.")
    return target.part(name)
