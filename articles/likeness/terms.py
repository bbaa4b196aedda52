"""Keeps what articles are about: the terms that tell most of each, and how common terms are here."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count, Max

from articles.ingest import crew
from articles.ingest.subjects import TOPIC, Lead, Rarity, chosen_of, counted, sampled, words_of
from articles.ingest.words import DIVIDER, RUNS, stem
from articles.models import Article, Entry, KeyTerm, Reference, Signature

SAMPLE = 3000  # leads that tell how common a term is
BATCH = 200
KEEP = "INSERT INTO articles_keyterm (key, article_id, weight)"
KEPT = 6 * 3600  # seconds


def rarity() -> Rarity:
    """How common terms are here, from a sample of leads spread over the archive; kept until the archive doubles, for
    some hours. Two statements when it is not kept.
    """
    last = Article.objects.aggregate(last=Max("pk"))["last"] or 0
    name = f"likeness:told:{last if last < SAMPLE else last.bit_length()}"
    return cache.get_or_set(name, lambda: _sampled(last), KEPT)


def _sampled(last: int) -> Rarity:
    step = max(1, last // SAMPLE)
    leads = Entry.objects.filter(article__in=list(range(last, 0, -step))).values_list("lead", flat=True)
    return sampled(leads.iterator(chunk_size=500))


def unlearned(number: int, after: int = 0) -> list[int]:
    """At most so many articles whose terms are not known, by number, behind the number `after`; one query."""
    unknown = Signature.objects.filter(has_terms=False, pk__gt=after).order_by("pk")
    return list(unknown.values_list("pk", flat=True)[:number])


def learn(articles: Iterable[int] | None = None, jobs: int = 1) -> list[int]:
    """Learn the terms of these articles, or of all whose terms are not known; returns their numbers.

    Six statements for each 200 articles. The words are counted by so many processes.
    """
    batches = _unlearned() if articles is None else _parts(articles)
    first = next(batches, None)
    if first is None:
        return []
    learned: list[list[int]] = []

    def leads() -> Iterator[list[Lead]]:
        for numbers in itertools.chain([first], batches):
            learned.append(numbers)
            yield _leads(numbers)

    for at, rows in enumerate(crew.each(chosen_of, leads(), rarity(), jobs)):
        _keep(learned[at], rows)
    return list(itertools.chain.from_iterable(learned))


def _unlearned() -> Iterator[list[int]]:
    last = 0
    while numbers := unlearned(BATCH, last):
        yield numbers
        last = numbers[-1]


def _parts(articles: Iterable[int]) -> Iterator[list[int]]:
    numbers = list(articles)
    return (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))


def _leads(numbers: list[int]) -> list[Lead]:
    linked = defaultdict(list)
    for pk, key in Reference.objects.filter(article__in=numbers).values_list("article_id", "key"):
        if "/" in key.rstrip("/"):  # a link to a front page tells nothing
            linked[pk].append(key)
    keys = {key for mine in linked.values() for key in mine}
    links = dict(Reference.objects.filter(key__in=keys).values_list("key").annotate(number=Count("pk")).order_by())
    leads = Entry.objects.filter(article__in=numbers).values_list("article_id", "lead")
    return [Lead(pk, lead, {key: links[key] for key in linked[pk]}) for pk, lead in leads]


def _keep(numbers: list[int], rows: list[tuple[int, int, int]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        KeyTerm.objects.filter(article__in=numbers).delete()  # turns the edition, too
        if connection.vendor == "postgresql":  # in one statement; SQLite takes rows one by one as fast
            values = "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[])"
            cursor.execute(
                f"{KEEP} {values} ON CONFLICT DO NOTHING",
                [list(column) for column in zip(*rows, strict=True)] or [[]] * 3,
            )
        else:
            cursor.executemany(f"{KEEP} VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", rows)
        Signature.objects.filter(pk__in=numbers).update(has_terms=True)


def words_in_common(leads: Iterable[str]) -> list[str]:
    """The rare words that stand in most of these leads, the rarest first, in full: for telling a person why.

    Pairs of characters that follow each other in a lead are put together to the words they come from.
    """
    leads = list(leads)
    rare = rarity()
    holders = Counter(term for lead in leads for term in counted(lead))
    shared = {t for t, number in holders.items() if number * 3 >= len(leads) * 2 and number > 1 and rare.of(t) > 0}
    parts = [lead.split(DIVIDER) for lead in leads]
    texts = ["\n".join((title, standfirst, opening)) for title, standfirst, *_, opening in parts]
    words: dict[str, float] = {term.removeprefix(TOPIC): rare.of(term) for term in shared if term.startswith(TOPIC)}
    for text in texts:
        for run in RUNS.finditer(text):
            for word in _joined(run[0], shared) if run[1] else [run[0]] if stem(run[0]) in shared else []:
                if sum(word in other for other in texts) * 3 >= len(texts) * 2:
                    words[word] = max(map(rare.of, words_of(word)))
    whole = [word for word in words if not any(word != other and word in other for other in words)]
    return sorted(whole, key=lambda word: (-words[word], -len(word), word))


def _joined(run: str, shared: set[str]) -> list[str]:
    """Stretches of a run of characters whose every pair is among `shared`."""
    found, word = [], ""
    for pair in map("".join, itertools.pairwise(run)):
        if pair in shared:
            word = word + pair[-1] if word else pair
        elif word:
            found.append(word)
            word = ""
    return [*found, word] if word else found
