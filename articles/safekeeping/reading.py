"""Brings a backup back into an empty place: another machine, another database, or a later release of the program."""

from __future__ import annotations

import gzip
import hashlib
import json
import pathlib
import zlib
from collections.abc import Iterator

from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from articles import search
from articles.images.files import deposit
from articles.models import Image, Rendition, new_edition, record
from articles.safekeeping.layout import (
    MADE_BY_MIGRATIONS,
    ROWS_AT_ONCE,
    Part,
    Unusable,
    carried,
    columns,
    digest_of,
    media_lines,
    names_of_rows,
    opened,
    parts,
    place_of,
    target_of,
)


def verify(folder: pathlib.Path) -> dict:
    """Compare every file of a backup with its manifest, and return the manifest; raises Unusable at the first fault."""
    facts = opened(folder)
    for part in (*parts(facts).values(), Part(**facts["media"])):
        _compare(folder / part.path, part)
    for part in media_lines(folder):
        _compare(place_of(folder, part.path), part)
    return facts


def _compare(path: pathlib.Path, part: Part) -> None:
    try:
        found = digest_of(path)
    except OSError as error:
        raise Unusable(f"The backup is damaged: {path} cannot be read ({error}).") from error
    if found != (part.sha256, part.size):
        raise Unusable(f"The backup is damaged: {path} does not have the bytes that were written.")


def restore(folder: pathlib.Path) -> dict:
    """Fill an empty database and the picture storage from a backup; returns its manifest.

    A database without tables gets those of the release that made the backup, its rows in one transaction, and then the
    migrations that came since. The search index is made anew. Raises Unusable before anything is written when the
    backup is damaged or unknown or the place is not empty; rows are in whole or not at all. Files whose bytes are there
    already are left alone, so that a restore that was broken off can be run again.
    """
    facts = verify(folder)
    state = _prepare(facts)
    _restore_media(folder)
    try:
        with transaction.atomic():
            _restore_tables(folder, facts, state.apps)
    except (DatabaseError, ValueError, EOFError, zlib.error) as error:
        raise Unusable(f"The rows could not be written, and none were ({str(error).splitlines()[0]}).") from error
    call_command("migrate", verbosity=0)
    _let_wait(facts["missing"])
    new_edition()
    search.rebuild()
    record("bring_back", "backup", note=str(folder), made_at=facts["made_at"], database=facts["database"])
    return facts


def _let_wait(missing: list[str]) -> None:
    """Pictures whose files were removed while the backup was made wait to be fetched again; no page names them."""
    for start in range(0, len(missing), ROWS_AT_ONCE):
        names = missing[start : start + ROWS_AT_ONCE]
        gone = Rendition.objects.filter(stem__in={name.rpartition(".")[0] for name in names})
        Image.objects.filter(pk__in=gone.values("image")).update(prepared="")
        gone.delete()
        waiting = {"file": "", "prepared": "", "attempts": 0, "next_try_at": None, "state": Image.State.WAITING}
        Image.objects.filter(file__in=names, state=Image.State.STORED).update(**waiting)


def _prepare(facts: dict):
    """Bring an empty database to the migrations of the backup; returns the state of the models there."""
    loader = MigrationLoader(connection)
    leaves = [tuple(key) for key in facts["migrations"]]
    for key in leaves:
        if key not in loader.graph.nodes:
            raise Unusable(
                f"The backup was made by another release (migration {'.'.join(key)} is not known here): install that"
                " release or a later one."
            )
    state = loader.project_state(leaves)
    if not loader.applied_migrations:
        for app, name in leaves:
            call_command("migrate", app, name, verbosity=0)
    else:
        wanted = {key for leaf in leaves for key in loader.graph.forwards_plan(leaf)}
        if {key for key in loader.applied_migrations if key in loader.graph.nodes} != wanted:
            raise Unusable(
                "The database has the tables of another release than the backup: name a database without tables"
                " (they are made here)."
            )
    for model in carried(state.apps):
        if model._meta.label not in MADE_BY_MIGRATIONS and model._base_manager.exists():
            raise Unusable(
                f"The place is not empty ({model._meta.label} has rows): a backup is restored into a new database."
            )
    _check_columns(facts, state.apps)
    return state


def _check_columns(facts: dict, apps) -> None:
    known = {model._meta.label for model in carried(apps)}
    if unknown := sorted(set(facts["tables"]) - known):
        raise Unusable(f"The backup has tables that are not known here: {', '.join(unknown)}.")


def _restore_media(folder: pathlib.Path) -> None:
    for part in media_lines(folder):
        content = place_of(folder, part.path).read_bytes()
        if not default_storage.exists(part.path):
            try:
                deposit(part.path, content)
            except OSError as error:
                raise Unusable(f"{part.path} cannot be written among the pictures ({error}).") from error
            continue
        with default_storage.open(part.path) as there:
            if hashlib.sha256(there.read()).hexdigest() != part.sha256:
                raise Unusable(f"The place is not empty: there is another file {part.path} among the pictures.")


def _restore_tables(folder: pathlib.Path, facts: dict, apps) -> None:
    """Rows of every table. Foreign keys are looked at when the transaction ends, so that any order will do."""
    with connection.cursor() as cursor:
        for label in MADE_BY_MIGRATIONS:
            table = connection.ops.quote_name(apps.get_model(label)._meta.db_table)
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own models
    numbers = _Numbers(apps)
    written = parts(facts)
    for model in carried(apps):
        if part := written.get(model._meta.label):
            _restore_table(folder / part.path, part, model, numbers)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), carried(apps)):
            cursor.execute(statement)


def _restore_table(path: pathlib.Path, part: Part, model: type[models.Model], numbers: _Numbers) -> None:
    by_name = {field.attname: field for field in columns(model)}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        names = json.loads(next(lines))
        if unknown := sorted(set(names) - set(by_name)):
            raise Unusable(f"{model._meta.label} has columns that are not known here: {', '.join(unknown)}.")
        fields = [by_name[name] for name in names]
        quoted = ", ".join(connection.ops.quote_name(field.column) for field in fields)
        table = connection.ops.quote_name(model._meta.db_table)
        marks = ", ".join(["%s"] * len(fields))
        statement = f"INSERT INTO {table} ({quoted}) VALUES ({marks})"  # noqa: S608 - names of our own models
        number = 0
        with connection.cursor() as cursor:
            for batch in _batches(lines):
                rows = [_row(fields, json.loads(line), numbers) for line in batch]
                cursor.executemany(statement, rows)
                number += len(rows)
    if number != part.rows:
        raise Unusable(f"{path} has {number} rows, and its manifest says {part.rows}.")


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _row(fields: list[models.Field], values: list, numbers: _Numbers) -> list:
    row = []
    for field, given in zip(fields, values, strict=True):
        value = given
        if value is not None and (label := target_of(field)):
            value = numbers.of(label, value)
        elif not isinstance(field, models.JSONField):
            value = field.to_python(value)
        row.append(field.get_db_prep_save(value, connection))
    return row


class _Numbers:
    """Numbers of content types and permissions in this place, by name; those of parts that are no more are made."""

    def __init__(self, apps) -> None:
        self.apps = apps
        self.known = {
            label: {tuple(name): pk for pk, name in rows.items()} for label, rows in names_of_rows(apps).items()
        }

    def of(self, label: str, name: list[str]) -> int:
        """The number of a row."""
        key = tuple(name)
        if key not in self.known[label]:
            self.known[label][key] = self._made(label, *name)
        return self.known[label][key]

    def _made(self, label: str, app: str, model: str, codename: str = "") -> int:
        manager = self.apps.get_model(label)._base_manager
        if label == "contenttypes.ContentType":
            return manager.create(app_label=app, model=model).pk
        kind = self.of("contenttypes.ContentType", [app, model])
        return manager.create(content_type_id=kind, codename=codename, name=codename).pk
