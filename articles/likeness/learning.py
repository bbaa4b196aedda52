"""Learns what new and changed articles are about and which are alike: what may wait until an import has stored them.

Keys stand anywhere in their indexes. Those of a thousand articles, written in their order, change each page once; a
batch of an import would change as many pages as it has keys.
"""

from __future__ import annotations

import collections
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from articles.ingest.subjects import Lead, Learned, learned_of
from articles.likeness.pairs import keep_signatures, pair, rows_of
from articles.likeness.terms import rarity
from articles.models import Article, Entry, KeyTerm, Reference, Signature
from articles.models.rows import among, insert_at_once

BATCH = 250  # articles that are looked at together
WRITTEN = 1000  # articles a transaction, which takes a third of a second
KEPT, KNOWN = "articles_keyterm (key, article_id, weight)", "ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class _Part:
    """Articles that are learned together, and the signatures of those whose text is new."""

    numbers: list[int]
    signatures: dict[int, bytes]


def unlearned(number: int, after: int = 0) -> list[int]:
    """At most so many articles that are still to be learned, by number, behind the number `after`; one query."""
    unknown = Signature.objects.filter(has_terms=False, pk__gt=after).order_by("pk")
    return list(unknown.values_list("pk", flat=True)[:number])


def learn(articles: Iterable[int] | None = None) -> list[int]:
    """Learn the terms of these articles, or of all that are still to be learned, and pair those whose text is new with
    any that are alike; returns their numbers.

    Four statements for each 250 articles, and for each 1,000 a dozen, or more where some are alike.
    """
    learning = Learning(_unlearned() if articles is None else parts_of(articles))
    rare = None
    for leads in learning.leads():
        rare = rare or rarity()
        learning.take(learned_of(leads, rare))
    learning.finish()
    return list(learning.done)


class Learning:
    """Articles on their way to being learned: `leads` are for `learned_of`, and `take` gets the answers in their order.

    `done` are the numbers of those that were taken; the last of them are kept when it is finished.
    """

    def __init__(self, parts: Iterable[list[int]]) -> None:
        self._coming = parts
        self._handed: collections.deque[_Part] = collections.deque()
        self._parts: list[_Part] = []
        self._learned: list[Learned] = []
        # Numbers as objects of their own would keep alive, among what is let go, all memory around them.
        self.done = array("q")

    def leads(self) -> Iterator[list[Lead]]:
        """The articles, a part at a time; four statements each."""
        for numbers in self._coming:
            new = Signature.objects.filter(pk__in=numbers, has_terms=False)
            self._handed.append(_Part(numbers, {pk: bytes(kept) for pk, kept in new.values_list("pk", "values")}))
            yield _leads(self._handed[-1])

    def take(self, learned: Learned) -> None:
        """What was learned of the next part; it is kept with others, in a transaction."""
        self._parts.append(self._handed.popleft())
        self._learned.append(learned)
        self.done.extend(self._parts[-1].numbers)
        if sum(len(part.numbers) for part in self._parts) >= WRITTEN:
            self.finish()

    def finish(self) -> None:
        """Keep what was taken and is not kept yet."""
        if self._parts:
            _keep(self._parts, self._learned)
            self._parts, self._learned = [], []


def note(articles: Iterable[int]) -> None:
    """After a person's save: bring signatures, pairs and terms of articles up to date; some twenty statements."""
    rows = rows_of(articles)
    known = {pk: bytes(kept) for pk, kept in Signature.objects.filter(pk__in=articles).values_list("pk", "values")}
    changed = [row for row in rows if known.get(row[0]) != row[2]]
    if changed:
        for pk, text, _ in changed:
            Article.objects.filter(pk=pk).update(text_sha256=text)
        keep_signatures(changed, new=False)
    learn([pk for pk, _, _ in rows])


def _unlearned() -> Iterator[list[int]]:
    last = 0
    while numbers := unlearned(BATCH, last):
        yield numbers
        last = numbers[-1]


def parts_of(articles: Iterable[int]) -> Iterator[list[int]]:
    """Numbers of articles, a part at a time."""
    numbers = list(articles)
    return (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))


def _leads(part: _Part) -> list[Lead]:
    linked = defaultdict(list)
    for pk, key in Reference.objects.filter(article__in=part.numbers).values_list("article_id", "key"):
        if "/" in key.rstrip("/"):  # a link to a front page tells nothing
            linked[pk].append(key)
    links = _links(sorted({key for mine in linked.values() for key in mine}))
    leads = dict(Entry.objects.filter(article__in=part.numbers).values_list("article_id", "lead"))
    return [
        Lead(pk, leads.get(pk, ""), {key: links[key] for key in linked[pk]}, part.signatures.get(pk, b""))
        for pk in part.numbers
    ]


def _links(keys: list[str]) -> dict[str, int]:
    """How many references lead to each of these addresses; one statement, the same one however many they are."""
    are_these, given = among(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, count(*) FROM articles_reference WHERE key {are_these} GROUP BY key",  # noqa: S608
            [given],
        )
        return dict(cursor.fetchall())


def _keep(parts: list[_Part], learned: list[Learned]) -> None:
    numbers = [number for part in parts for number in part.numbers]
    signatures = {pk: kept for part in parts for pk, kept in part.signatures.items()}
    with transaction.atomic():
        if connection.features.has_select_for_update:  # two workers may learn the same: one waits, and writes it anew
            list(Signature.objects.select_for_update().filter(pk__in=numbers).order_by("pk").values_list("pk"))
        KeyTerm.objects.filter(article__in=numbers).delete()  # turns the edition, too
        _insert(sorted(row for one in learned for row in one.terms))
        if signatures:
            pair(signatures, sorted(row for one in learned for row in one.bands))
        Signature.objects.filter(pk__in=numbers).update(has_terms=True)


def _insert(rows: list[tuple[int, int, int]]) -> None:
    if connection.vendor != "postgresql":
        insert_at_once(KEPT, 3, rows, KNOWN)
        return
    values = "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[])"
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 3
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {KEPT} {values} {KNOWN}", columns)
