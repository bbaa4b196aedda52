"""Walks the matches of a query from the newest on and stops at enough of them: a common word costs no more than a rare
one, however large the archive.

The databases' planners do not find this way by themselves: they gather every match before they order them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL

from articles.models.search import TOKENS_TABLE, Term, exactly, fts5, index_tsquery, tsquery

NEAR = 16_000  # newest entries that PostgreSQL looks at before all others; its index has no order
KEPT = 600.0  # seconds for which one may be taken for the NEARth; any number gives the same matches
FROM_ARTICLES = 'FROM "articles_article"'
Statement = tuple[str, list]
Range = tuple[int | None, int | None]  # entry numbers from, and below; None is no bound
_near: dict[str, tuple[float, int | None]] = {}


def can_walk(terms: Sequence[Term]) -> bool:
    """Whether anything is asked for: what is only excluded is in no index. PostgreSQL, which has the words in the
    entry, reads from the newest on then, too.
    """
    return _asks(terms) or (bool(terms) and connection.vendor == "postgresql")


def _asks(terms: Sequence[Term]) -> bool:
    return any(not term.excluded for term in terms)


def index_knows(terms: Sequence[Term]) -> bool:
    """Whether an index tells by itself what has the terms; not of phrases and fields, unless it keeps their places."""
    return index_tsquery(terms) == tsquery(terms)


def newest(
    articles: QuerySet, terms: Sequence[Term], columns: Sequence[str], most: int, ranges: Sequence[Range]
) -> Statement:
    """The statement that gives the `number` and `columns` of at most so many `articles` that have the terms, from the
    newest on: those of the first range before those of the next.

    Rows come in no order that could be relied on. Asks the database nothing itself, but once in ten minutes on
    PostgreSQL.
    """
    if connection.vendor == "postgresql":
        side = articles.order_by().filter(pk=RawSQL("walked.article_id", ())).values_list(*(columns or ("pk",)))
        compiled = side.query.sql_with_params()
        parts = [_postgres(compiled, terms, bool(columns), most, between) for between in _nearest(ranges)]
    else:
        parts = [_sqlite(articles, terms, columns, most, between) for between in ranges]
    sql, values = _one_after_another(parts)
    return f"SELECT * FROM ({sql}) found LIMIT {most:d}", values  # noqa: S608 - of our own statements


def _one_after_another(statements: Sequence[Statement]) -> Statement:
    parts = (f"SELECT * FROM ({sql}) part{number}" for number, (sql, _) in enumerate(statements))  # noqa: S608
    return " UNION ALL ".join(parts), [value for _, values in statements for value in values]


def leads_of(parts: Sequence[Statement]) -> list[tuple[int, int, str, str, int]]:
    """Number, article, lead, further text and place of the part, for the entries whose numbers these statements give;
    one statement.
    """
    numbered = [
        (f"SELECT {place:d} AS part, number FROM ({sql}) one", values)  # noqa: S608 - of our own statements
        for place, (sql, values) in enumerate(parts)
    ]
    sql, values = _one_after_another(numbered)
    columns = "entry.id, entry.article_id, entry.lead, coalesce(entry.more, ''), found.part"
    return rows_of(
        (f"SELECT {columns} FROM ({sql}) found CROSS JOIN articles_entry entry WHERE entry.id = found.number", values)  # noqa: S608
    )


def rows_of(statement: Statement) -> list[tuple]:
    """What a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return cursor.fetchall()


def among(numbers: Sequence[int]) -> Statement:
    """A statement that gives these numbers: one parameter, however many they are."""
    if connection.vendor == "postgresql":
        return "SELECT unnest(%s::bigint[]) AS number", [list(numbers)]
    return "SELECT value AS number FROM json_each(%s)", [json.dumps(list(numbers))]


def _bounds(column: str, between: Range) -> tuple[list[str], list[int]]:
    clauses, values = [], []
    for bound, sign in zip(between, (">=", "<"), strict=True):
        if bound is not None:
            clauses.append(f"{column} {sign} %s")
            values.append(bound)
    return clauses, values


def _sqlite(articles: QuerySet, terms: Sequence[Term], columns: Sequence[str], most: int, between: Range) -> Statement:
    """FTS5 itself goes from the greatest number down; all else is looked up by key."""
    number = f"{TOKENS_TABLE}.rowid"
    clauses, values = _bounds(number, between)
    clauses += [f"{TOKENS_TABLE} MATCH %s", f"{number} = articles_entry.id"]
    walked = articles.filter(entry__isnull=False).extra(  # noqa: S610 - all that is not ours is a parameter
        tables=[TOKENS_TABLE], where=clauses, params=[*values, fts5(terms)[0]], order_by=[f"-{number}"]
    )
    rows = walked.annotate(number=F("entry__id")).values_list("number", *columns)[:most]
    sql, parameters = rows.query.sql_with_params()
    return sql.replace(FROM_ARTICLES, f"{FROM_ARTICLES} INDEXED BY article_facts", 1), list(parameters)


def _postgres(side: Statement, terms: Sequence[Term], with_columns: bool, most: int, between: Range) -> Statement:
    """`side` gives what is wanted of the article that is walked by.

    The index says by itself which entries could match; those in doubt are read from the newest on.

    The SELECT around a question hides how common its words are: see `Match.as_postgresql`.
    """
    asked = [index_tsquery(terms)] if _asks(terms) else []
    clauses, values = _bounds("id", between)
    clauses = " AND ".join([*("words @@ (SELECT %s::tsquery)" for _ in asked), *clauses]) or "true"
    in_doubt = not asked or not index_knows(terms)
    read = "id, article_id, words, whole" if in_doubt else "id, article_id"
    words = f"SELECT {read} FROM articles_entry WHERE {clauses} ORDER BY id DESC"  # noqa: S608
    sql, parameters = side
    wanted = f"walked.id AS number{', side.*' if with_columns else ''}"
    walk = f"SELECT {wanted} FROM ({words} OFFSET 0) walked CROSS JOIN LATERAL ({sql}) side"  # noqa: S608
    if in_doubt:
        clause, told = exactly(terms, "walked")
        return f"{walk} WHERE {clause} LIMIT {most:d}", [*asked, *values, *parameters, *told]
    return f"{walk} LIMIT {most:d}", [*asked, *values, *parameters]


def _nearest(ranges: Sequence[Range]) -> list[Range]:
    """The ranges, the one that has the NEARth newest entry in it cut there."""
    near = _nearth()
    cut: list[Range] = []
    for least, below in ranges:
        if near is not None and (least is None or least < near) and (below is None or near < below):
            cut += [(near, below), (least, near)]
        else:
            cut.append((least, below))
    return cut


def _nearth() -> int | None:
    """Number of the NEARth newest entry, of some minutes ago; None where there are not so many."""
    database = connection.settings_dict["NAME"]
    until, number = _near.get(database, (0.0, None))
    if until < time.monotonic():
        found = rows_of((f"SELECT id FROM articles_entry ORDER BY id DESC OFFSET {NEAR:d} LIMIT 1", []))  # noqa: S608
        number = found[0][0] if found else None
        _near[database] = (time.monotonic() + KEPT, number)
    return number
