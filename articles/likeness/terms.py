"""What an article is about, in a few rare words: articles that share them tell of the same subject.

Chinese is not cut into words here: pairs of characters stand for them. A pair that crosses two words is as rare as a
name; so a pair that is new here counts as a term only where it stands in the title and in the opening, too.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import add

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count, Max

from articles.ingest.likeness import number_of
from articles.ingest.words import DIVIDER, RUNS, stem
from articles.models import Article, Entry, KeyTerm, Reference, Signature

MOST = 24  # terms of an article
RARE = 1000  # articles more are taken for granted, none of which has the term: rare is rare in a small archive, too
SAMPLE = 3000  # leads that tell how common a term is
COMMON = 0.06  # share of articles in which a term stands that tells nothing
FEW = 5  # articles in which any term may stand, however small the archive
IN_TITLE, AS_TOPIC, MOST_TIMES = 2, 2, 4  # what standing there counts for, in times that a word stands in the opening
NEW_AT_LEAST = 3  # times, for a term that no other article has
TOPIC, LINK = "#", ">"  # begin the terms that are topics, and those that are linked addresses
MOST_LINKS = 4
LINK_WEIGHT = 0.4
SHORTEST = 3  # letters of a word in Latin script, or digits
BATCH = 200
KEEP = "INSERT INTO articles_keyterm (key, article_id, weight)"
KEPT = 6 * 3600  # seconds
OF_TIMES = [0.0, *(1 + math.log2(number) for number in range(1, MOST_TIMES + 1))]
WHOLE = 1000  # what the weights of an article make up, as a vector


@dataclass(frozen=True)
class Rarity:
    """In how many of `number` articles each term stands."""

    number: int
    counts: Mapping[str, int]

    def of(self, term: str) -> float:
        """How much a term tells: 0 for one that stands nearly everywhere."""
        return self.told.get(term, self.of_new)

    def by(self, count: int) -> float:
        """How much a term tells that stands in `count` articles."""
        if count > max(FEW, self.number * COMMON):
            return 0.0
        return math.log2((self.number + RARE) / (max(count, 2) + 1))

    @cached_property
    def told(self) -> dict[str, float]:
        """How much each term tells that is counted."""
        by_count = {count: self.by(count) for count in set(self.counts.values())}
        return {term: by_count[count] for term, count in self.counts.items()}

    @cached_property
    def of_new(self) -> float:
        """How much a term tells that is not counted."""
        return self.by(0)


def words_of(folded: str) -> list[str]:
    """Pairs of Chinese characters and other words, in order, with those that repeat."""
    words: list[str] = []
    for run in RUNS.finditer(folded):
        if run[1]:
            words += map(add, run[1], run[1][1:])
        elif len(run[0]) >= SHORTEST:
            words.append(stem(run[0]))
    return words


def counted(lead: str) -> Counter:
    """How much each term stands in an entry's lead: in title, standfirst and opening, and as a topic."""
    title, standfirst, topics, _byline, _captions, opening = lead.split(DIVIDER)
    times = Counter(words_of(opening) + words_of(standfirst))
    for term in set(words_of(title)):
        times[term] += IN_TITLE
    times.update({TOPIC + topic: AS_TOPIC for topic in topics.split("\n") if topic})
    return times


def weighed(times: Mapping[str, int], rare: Rarity) -> dict[str, float]:
    """What each counted term tells of its article; common ones, which tell nothing, are left out."""
    told, of_new = rare.told.get, rare.of_new  # `rare.of` for each of some hundred terms would cost more than this
    return {
        term: OF_TIMES[min(number, MOST_TIMES)] * value
        for term, number in times.items()
        if (value := told(term, of_new)) > 0
    }


def rarity() -> Rarity:
    """How common terms are here, from a sample of leads spread over the archive; kept until the archive doubles, for
    some hours. Two statements when it is not kept.
    """
    last = Article.objects.aggregate(last=Max("pk"))["last"] or 0
    name = f"likeness:rarity:{last if last < SAMPLE else last.bit_length()}"
    return cache.get_or_set(name, lambda: _sampled(last), KEPT)


def _sampled(last: int) -> Rarity:
    step = max(1, last // SAMPLE)
    counts: Counter[str] = Counter()
    leads = Entry.objects.filter(article__in=list(range(last, 0, -step))).values_list("lead", flat=True)
    number = 0
    for lead in leads.iterator(chunk_size=500):
        counts.update(counted(lead).keys())
        number += 1
    return Rarity(number, {term: count for term, count in counts.items() if count > 1})


def chosen(times: Mapping[str, int], rare: Rarity, links: Mapping[str, int]) -> dict[str, int]:
    """The terms that tell most of an article, with their weights; `links` are addresses and how many link them."""
    counts = rare.counts
    firm = {term: number for term, number in times.items() if number >= NEW_AT_LEAST or term in counts}
    weights = weighed(firm, rare)
    told = sorted(links, key=lambda key: (-links[key], key))[:MOST_LINKS]
    weights |= {LINK + key: LINK_WEIGHT * rare.by(links[key]) for key in told}
    best = sorted([(-weight, term) for term, weight in weights.items() if weight > 0])[:MOST]
    length = math.sqrt(sum(weight * weight for weight, _ in best))
    return {term: max(1, round(WHOLE * -weight / length)) for weight, term in best}


def unlearned(number: int) -> list[int]:
    """At most so many articles whose terms are not known; one query."""
    unknown = Signature.objects.filter(has_terms=False).order_by("pk")
    return list(unknown.values_list("pk", flat=True)[:number])


def learn(articles: Iterable[int] | None = None) -> list[int]:
    """Learn the terms of these articles, or of all whose terms are not known; returns their numbers.

    Six statements for each 200 articles.
    """
    rare = rarity()
    if articles is not None:
        numbers = list(articles)
        _learn(numbers, rare)
        return numbers
    learned: list[int] = []
    while numbers := unlearned(BATCH):
        _learn(numbers, rare)
        learned += numbers
    return learned


def _learn(numbers: list[int], rare: Rarity) -> None:
    linked = defaultdict(list)
    for pk, key in Reference.objects.filter(article__in=numbers).values_list("article_id", "key"):
        if "/" in key.rstrip("/"):  # a link to a front page tells nothing
            linked[pk].append(key)
    keys = {key for mine in linked.values() for key in mine}
    links = dict(Reference.objects.filter(key__in=keys).values_list("key").annotate(number=Count("pk")).order_by())
    rows = []
    for pk, lead in Entry.objects.filter(article__in=numbers).values_list("article_id", "lead"):
        terms = chosen(counted(lead), rare, {key: links[key] for key in linked[pk]})
        rows += [(number_of(term.encode()), pk, weight) for term, weight in terms.items()]
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
