"""Keeps the search entries in step with the articles, within the caller's transaction."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Prefetch

from articles.ingest.text import fold
from articles.ingest.vectors import vector_of
from articles.ingest.words import DIVIDER, FIELDS, Words, prepare, with_topics
from articles.models import UNDATED, Article, ArticleImage, Entry, Hold, TaggedArticle, WaitingEntry
from articles.models.rows import write_rows
from articles.models.search import TOKENS_TABLE

PLACES = 64  # numbers a minute; small numbers keep the index small, since it stores their differences
SPREAD = 2_654_435_761  # any large odd number
MINUTE = datetime.timedelta(minutes=1)
DIGEST = Entry._meta.get_field("digest").max_length
COLUMNS = ("id", "article_id", "digest", "lead", "more", "words", "whole")  # the last one on PostgreSQL alone
KINDS = ("int8", "int8", "text", "text", "text", "bytea", "text")  # of PostgreSQL: a tsvector is given encoded
# A batch of an import becomes one part of the index instead of many, and parts are joined when 32 are of a size instead
# of four: joining parts of parts of parts is what costs most in a large index. `settle` leaves fewer behind.
TOKENS_SETTINGS = {"hashsize": 16 * 1024 * 1024, "automerge": 32, "crisismerge": 64, "usermerge": 16}
MANY_PARTS = 16  # of the index, before it is worth while to make one of all
PAGES = 1000  # of the index that `settle` writes in a transaction, which takes a tenth of a second
TOKENS_INDEX = TOKENS_TABLE  # of PostgreSQL
COLLECTED, SORTED = 32 * 1024, 64 * 1024  # kB
BATCH = 200  # articles a transaction when the index is made anew
NEW_TABLE = f"{TOKENS_TABLE}_new"


def minutes_of(listed_at: datetime.datetime) -> int:
    """Minutes since 1970, never negative."""
    return max((listed_at - UNDATED) // MINUTE, 0)


def number_of(day: datetime.date) -> int:
    """The first number of entries whose articles are listed on a day (UTC); a little less where numbers ran out."""
    return minutes_of(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)) * PLACES


def _numbers(listed: dict[int, datetime.datetime]) -> dict[int, int]:
    """Numbers for new entries of articles, by the minute they are listed at; greater is newer.

    A number that was ever used is not used again before the index is made anew, because its tokens may still be there.
    One statement, and one more for each time that numbers near by are taken.
    """
    free: dict[int, int] = {}
    given: set[int] = set()
    turn = 0
    while len(free) < len(listed):
        asked = {
            pk: minutes_of(at) * PLACES + (pk if turn == 0 else (pk + turn) * SPREAD) % (PLACES << turn)
            for pk, at in listed.items()
            if pk not in free
        }
        taken = _taken(asked.values())
        for pk, number in asked.items():
            if number not in taken and number not in given:
                free[pk] = number
                given.add(number)
        turn += 1
    return free


def _taken(numbers: Iterable[int]) -> set[int]:
    numbers = list(numbers)
    if connection.vendor != "sqlite":
        return set(Entry.objects.filter(pk__in=numbers).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(numbers))
        cursor.execute(f"SELECT id FROM {TOKENS_TABLE}_docsize WHERE id IN ({marks})", numbers)  # noqa: S608
        return {number for (number,) in cursor.fetchall()}


def _digest(words: Words, listed_at: datetime.datetime) -> str:
    """Tells whether an entry is still that of its article."""
    return f"{minutes_of(listed_at):x}-{words.digest}"[:DIGEST]


def write_imported(rows: Iterable[tuple[int, datetime.datetime, Words]], *, new: bool) -> None:
    """As `write`, for words that were prepared with the document and lack their topics, which are stored by now.

    One statement more, two on PostgreSQL. Whoever calls it for many articles calls `settle` at the end.
    """
    rows = list(rows)
    make_way()
    names: dict[int, list[str]] = {pk: [] for pk, _, _ in rows}
    if names:
        uses = TaggedArticle.objects.filter(content_object__in=names)
        for pk, name in uses.values_list("content_object_id", "tag__name"):
            names[pk].append(name)
    write(((pk, at, with_topics(words, names[pk])) for pk, at, words in rows), new=new)


def write(rows: Iterable[tuple[int, datetime.datetime, Words]], *, new: bool = False) -> dict[int, Words]:
    """Write entries of (article, listed_at, words) in the place of those that are there; returns words by the numbers
    of the entries.

    `new` says that the articles have none yet, which saves a statement. Three statements, and on SQLite one more that
    is prepared once.
    """
    rows = list(rows)
    if rows and not new:
        Entry.objects.filter(article__in=[pk for pk, _, _ in rows]).delete()
        rows = _not_taken_down(rows)
    numbers = _numbers({pk: at for pk, at, _ in rows})
    written = {numbers[pk]: words for pk, _, words in rows}
    if connection.vendor == "postgresql":
        kept = ((numbers[pk], pk, _digest(words, at), *_for_postgres(words)) for pk, at, words in rows)
        write_rows(Entry._meta.db_table, COLUMNS, kept, KINDS)
        return written
    kept = ((numbers[pk], pk, _digest(words, at), DIVIDER.join(words.lead), words.more, "") for pk, at, words in rows)
    write_rows(Entry._meta.db_table, COLUMNS[:-1], kept)
    _write_tokens(TOKENS_TABLE, written)
    return written


def _for_postgres(words: Words) -> tuple[str, str, bytes, str | None]:
    vector = vector_of(words)
    return DIVIDER.join(words.lead), words.more, vector.encoded, vector.whole


def _not_taken_down(rows: list[tuple[int, datetime.datetime, Words]]) -> list[tuple[int, datetime.datetime, Words]]:
    held = Hold.objects.at().filter(article_number__in=[pk for pk, _, _ in rows])
    numbers = set(held.values_list("article_number", flat=True))
    return [row for row in rows if row[0] not in numbers]


def _write_tokens(table: str, written: dict[int, Words]) -> None:
    """The tokens of entries, by number, into SQLite's table."""
    if connection.vendor == "sqlite":
        write_rows(table, ("rowid", *FIELDS), sorted((number, *words.fields) for number, words in written.items()))


def words_of(article: Article) -> Words:
    """The words of an article that came out of `_whole`."""
    captions = [place.caption for place in article.places]
    words = prepare(article.title, article.standfirst, article.byline, captions, fold(article.text))
    return with_topics(words, [use.tag.name for use in article.uses])


def _whole(articles: Iterable[int]) -> list[Article]:
    """Articles with all that is indexed, but for what is taken down: it has no entry; three statements."""
    return list(
        Article.objects.filter(pk__in=articles)
        .not_taken_down()
        .only("title", "standfirst", "byline", "text", "listed_at")
        .order_by("pk")
        .prefetch_related(
            Prefetch("tagged", TaggedArticle.objects.select_related("tag").order_by("pk"), to_attr="uses"),
            Prefetch("article_images", ArticleImage.objects.order_by("position", "pk"), to_attr="places"),
        )
    )


def index(articles: Iterable[int]) -> None:
    """Index articles, by number, as they are in the database now."""
    write((article.pk, article.listed_at, words_of(article)) for article in _whole(articles))


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with an index, in numbers; `left_over` are tokens of entries that are no more (they cost space)."""

    missing: int = 0
    stale: int = 0
    left_over: int = 0

    @property
    def any(self) -> bool:
        """Whether a search could miss something, or find what is not there."""
        return bool(self.missing or self.stale)


def _batches() -> Iterator[list[Article]]:
    last = 0
    while pks := list(Article.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = pks[-1]
        yield _whole(pks)


def _faulty(articles: list[Article]) -> tuple[list[tuple[Article, Words]], list[tuple[Article, Words]], dict]:
    """Of a batch: articles without an entry, those whose entry is stale, and the rest by entry number."""
    entries = {
        article: (pk, digest)
        for article, pk, digest in Entry.objects.filter(article__in=articles).values_list("article_id", "pk", "digest")
    }
    missing, stale, sound = [], [], {}
    for article in articles:
        words = words_of(article)
        number, digest = entries.get(article.pk, (None, ""))
        if number is None:
            missing.append((article, words))
        elif digest != _digest(words, article.listed_at):
            stale.append((article, words))
        else:
            sound[number] = words
    return missing, stale, sound


def check() -> Faults:
    """Compare every article with its entry; changes nothing."""
    missing = stale = 0
    for articles in _batches():
        lost, old, _ = _faulty(articles)
        missing, stale = missing + len(lost), stale + len(old)
    return Faults(missing, stale + _untold(TOKENS_TABLE), _left_over())


def check_some(articles: Iterable[int]) -> Faults:
    """Compare these articles with their entries, but for those that wait for it; five queries."""
    waiting = set(WaitingEntry.objects.filter(article__in=articles).values_list("article_id", flat=True))
    lost, old, _ = _faulty(_whole(set(articles) - waiting))
    return Faults(len(lost), len(old))


def _left_over() -> int:
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {TOKENS_TABLE}_docsize WHERE id NOT IN (SELECT id FROM articles_entry)"  # noqa: S608
        )
        return cursor.fetchone()[0]


def _untold(table: str) -> int:
    """Entries whose tokens are missing."""
    return len(_without_tokens(table))


def _without_tokens(table: str) -> list[int]:
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT article_id FROM articles_entry WHERE id NOT IN (SELECT id FROM {table}_docsize)"  # noqa: S608
        )
        return [article for (article,) in cursor.fetchall()]


def rebuild() -> int:
    """Make the index anew while searches and writes go on; returns the number of articles.

    PostgreSQL: each batch replaces its entries. SQLite: a second table of tokens is filled beside the one in use and
    takes its place at the end, in one transaction that adds what was written in the meantime.
    """
    beside = connection.vendor == "sqlite"
    if beside:
        make_tokens_table(connection, NEW_TABLE)
    number = 0
    for articles in _batches():
        number += len(articles)
        with transaction.atomic():
            if not beside:
                write((article.pk, article.listed_at, words_of(article)) for article in articles)
                continue
            missing, stale, sound = _faulty(articles)
            mended = write((article.pk, article.listed_at, words) for article, words in (*missing, *stale))
            _write_tokens(NEW_TABLE, sound | mended)
    if beside:
        for _ in _joining(NEW_TABLE, to_one=True):
            pass
        with transaction.atomic():
            _copy_rest()
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {TOKENS_TABLE}")
                cursor.execute(f"ALTER TABLE {NEW_TABLE} RENAME TO {TOKENS_TABLE}")
    return number


def _copy_rest() -> None:
    """Give the new table the entries that were written since their batch was read."""
    rest = _without_tokens(NEW_TABLE)
    numbers = dict(Entry.objects.filter(article__in=rest).values_list("article_id", "pk"))
    for start in range(0, len(rest), BATCH):
        articles = _whole(rest[start : start + BATCH])
        _write_tokens(NEW_TABLE, {numbers[article.pk]: words_of(article) for article in articles})


def make_tokens_table(connection, table: str = TOKENS_TABLE) -> None:
    """Make SQLite's table of tokens, empty.

    Tokens are folded already, so the tokenizer only divides at spaces. The text is the first column, since a token of
    any other takes two bytes more.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        columns = ", ".join(reversed(FIELDS))
        cursor.execute(f"CREATE VIRTUAL TABLE {table} USING fts5 ({columns}, content='', tokenize='ascii', prefix='1')")
        for name, value in TOKENS_SETTINGS.items():
            cursor.execute(f"INSERT INTO {table} ({table}, rank) VALUES (%s, %s)", [name, value])  # noqa: S608


def make_way() -> None:
    """Within a transaction that writes many entries: let PostgreSQL collect more of them before it sorts them into its
    index, which costs it a third less a file, and sort all of them at once, which costs it another sixth. One statement
    there; searches look through what is collected.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('gin_pending_list_limit', %s, true), set_config('work_mem', %s, true)",
                [str(COLLECTED), str(SORTED)],
            )


def has_vectors() -> bool:
    """Whether who reads files for an import should make the vectors of their words, too."""
    return connection.vendor == "postgresql"


def settle(new: int = 0) -> None:
    """After many entries were written: sort in what `make_way` has let PostgreSQL collect, which the next to save would
    have to do otherwise; on SQLite join the index's parts where they are many, since a search looks into each.

    One statement on PostgreSQL, one for each thousand pages that are written on SQLite. Where a fourth of all entries
    are `new`, many parts become one there: it takes a twentieth of the time of their import, and off a search for a
    phrase a fourth.
    """
    for _ in settling(new):
        pass


def settling(new: int = 0) -> Iterator[None]:
    """`settle` for who has something else to do in between: in steps of a transaction each, of a tenth of a second on
    SQLite.
    """
    if connection.vendor == "sqlite":
        yield from _joining(
            TOKENS_TABLE, to_one=bool(new) and new * 4 >= Entry.objects.count() and _parts() >= MANY_PARTS
        )
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT gin_clean_pending_list(oid) FROM pg_class"
                " WHERE oid = to_regclass(%s) AND pg_has_role(relowner, 'USAGE')",  # only who owns an index may
                [TOKENS_INDEX],
            )
        yield


def _parts() -> int:
    """How many parts SQLite's index has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT segid) FROM {TOKENS_TABLE}_idx")  # noqa: S608
        return cursor.fetchone()[0]


def _joining(table: str, *, to_one: bool) -> Iterator[None]:
    """Join the parts of SQLite's index, all of them or those that are many of a size, PAGES a transaction and step."""
    pages = -PAGES if to_one else PAGES  # FTS5 begins to join all when it is told a number below nought
    while _joined(table, pages):
        pages = PAGES
        yield


def _joined(table: str, pages: int) -> bool:
    """Join parts for so many pages; whether there was anything to join."""
    with transaction.atomic(), connection.cursor() as cursor:
        before = connection.connection.total_changes
        cursor.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', %s)", [pages])  # noqa: S608
        return connection.connection.total_changes - before > 1  # as FTS5's documentation says it is told
