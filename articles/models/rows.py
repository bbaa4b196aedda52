"""Inserts rows without making an object of each: an import writes some ten rows a file that nobody looks at.

A third of the time of `bulk_create` for narrow rows on SQLite, less on PostgreSQL (bench/import); the fields' own
preparation of values is kept. An insert is two statements on SQLite; where statements are counted, it counts as one.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from operator import attrgetter

from django.db import connection, connections, models

from articles.models.edition import Public, turn_edition

VALUES_AT_ONCE = 200  # of a statement; more bring nothing
# Fields whose plain texts and numbers the database takes as they are.
AS_THEY_ARE = (models.CharField, models.TextField, models.ForeignKey, models.IntegerField, models.BooleanField)


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence]) -> int:
    """Insert `rows`, each with a value for every field of `names`; returns how many.

    Every field without a database default must be named: no `default`, no `auto_now_add` is filled in.
    """
    fields = [model._meta.get_field(name) for name in names]
    positions = [(at, field) for at, field in enumerate(fields) if not isinstance(field, AS_THEY_ARE)]
    values = [list(row) for row in rows]
    database = connections[connection.alias]  # itself: fields ask it a lot, and its proxy looks for it each time
    for row in values:
        for at, field in positions:
            row[at] = field.get_db_prep_save(row[at], database)
    if values:
        write_rows(model._meta.db_table, [field.column for field in fields], values)
    return len(values)


def among(values: Sequence) -> tuple[str, object]:
    """How SQL says that a column's value is one of these, behind the column's name, and what is given to it: one value.

    The statement is the same however many they are, so that it is made, and by SQLite kept, once; Django's `__in` takes
    ten times as long for some thousands.
    """
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(values)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(values))


def write_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence], kinds: Sequence[str] = ()) -> None:
    """Insert rows whose values the database takes as they are, by the table and its columns.

    `kinds` are the types of PostgreSQL's columns: its own encoding, which needs no parsing, is used where they are
    told. A type that psycopg does not know is told as bytea and given as bytes in that encoding. On SQLite a statement
    inserts some rows (see `insert_at_once`).
    """
    quote = connection.ops.quote_name
    target = f"{quote(table)} ({', '.join(map(quote, columns))})"
    if connection.vendor == "postgresql":
        _copy(target, rows, kinds)
        return
    insert_at_once(target, len(columns), rows)


def insert_at_once(target: str, width: int, rows: Iterable[Sequence], ending: str = "") -> None:
    """Insert rows of so many values into a table and its columns, VALUES_AT_ONCE together, what is left one by one: two
    statements, however many rows. `ending` says what follows in SQL.

    SQLite lets other threads run each time, and gets its own turn back when they let it: an import, whose other threads
    fetch files and readings meanwhile, takes a twelfth less time than with one row at a time.
    """
    rows = list(rows)
    begin, places = f"INSERT INTO {target.replace('%', '%%')} VALUES ", f"({', '.join(['%s'] * width)})"  # noqa: S608
    number = max(1, VALUES_AT_ONCE // width)
    alone = len(rows) - len(rows) % number
    some = [list(itertools.chain.from_iterable(rows[start : start + number])) for start in range(0, alone, number)]
    with connection.cursor() as cursor:
        cursor.executemany(f"{begin}{', '.join([places] * number)} {ending}", some)
        cursor.executemany(f"{begin}{places} {ending}", rows[alone:])


def _copy(target: str, rows: Iterable[Sequence], kinds: Sequence[str]) -> None:
    """One COPY, instead of a statement that is parsed and planned for each row."""
    statement = f"COPY {target} FROM STDIN{' (FORMAT BINARY)' if kinds else ''}"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        if kinds:
            copy.set_types(kinds)
        for row in rows:
            copy.write_row(row)


def insert_objects(objects: Sequence[models.Model], key: str) -> None:
    """Insert new objects of one model and give them their numbers, by the unique field `key` that all of them have.

    Two statements; half the time of `bulk_create` for wide rows.
    """
    if not objects:
        return
    model = type(objects[0])
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    moments = [field for field in fields if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)]
    for one in objects:
        for field in moments:
            field.pre_save(one, add=True)
    if issubclass(model, Public):
        turn_edition()
    values = attrgetter(*(field.attname for field in fields))
    insert_rows(model, [field.name for field in fields], map(values, objects))
    mine = model._base_manager.filter(**{f"{key}__in": [getattr(one, key) for one in objects]})
    numbers = dict(mine.values_list(key, "pk"))
    for one in objects:
        one.pk = numbers[getattr(one, key)]
        one._state.adding, one._state.db = False, connection.alias
