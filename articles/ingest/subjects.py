"""What an article is about, in a few rare words: articles that share them tell of the same subject.

Chinese is not cut into words here: pairs of characters stand for them. A pair that crosses two words is as rare as a
name; so a pair that is new here counts as a term only where it stands in the title and in the opening, too.
"""

from __future__ import annotations

import datetime
import itertools
import math
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add, mul, truediv

from articles.ingest.likeness import bands, number_of
from articles.ingest.words import DIVIDER, RUNS, stem

MOST = 24  # terms of an article
RARE = 1000  # articles more are taken for granted, none of which has the term: rare is rare in a small archive, too
COMMON = 0.06  # share of articles in which a term stands that tells nothing
FEW = 5  # articles in which any term may stand, however small the archive
IN_TITLE, AS_TOPIC, MOST_TIMES = 2, 2, 4  # what standing there counts for, in times that a word stands in the opening
NEW_AT_LEAST = 3  # times, for a term that no other article has
TOPIC, LINK = "#", ">"  # begin the terms that are topics, and those that are linked addresses
MOST_LINKS = 4
LINK_WEIGHT = 0.4
SHORTEST = 3  # letters of a word in Latin script, or digits
WHOLE = 1000  # what the weights of an article make up, as a vector
SHARED = 6  # terms at least that two reports of an event share
CROWD = 60  # reports of a few weeks that share a term: it is no single event's
_OF_TIMES = [0.0, *(1 + math.log2(number) for number in range(1, MOST_TIMES + 1))]
_OFTEN = 5_000  # times, more than a lead has place for
_OF_TIMES += [_OF_TIMES[-1]] * (_OFTEN - len(_OF_TIMES))


@dataclass(frozen=True, slots=True)
class Rarity:
    """How much terms tell, by how many of `number` articles have them; what is not `told` of stands in one at most."""

    number: int
    told: Mapping[str, float]

    def of(self, term: str) -> float:
        """How much a term tells: 0 for one that stands nearly everywhere."""
        return self.told.get(term, self.of_new)

    def by(self, count: int) -> float:
        """How much a term tells that stands in `count` articles."""
        if count > max(FEW, self.number * COMMON):
            return 0.0
        return math.log2((self.number + RARE) / (max(count, 2) + 1))

    @property
    def of_new(self) -> float:
        """How much a term tells that stands in one article at most."""
        return self.by(0)


@dataclass(frozen=True, slots=True)
class Lead:
    """An article to be looked at: its number, its entry's lead if it has one, the addresses it links with how many link
    them, and the signature of its text where that is new.
    """

    pk: int
    lead: str
    links: Mapping[str, int]
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Report:
    """An article among those of a time: its number, its source, when it is listed, and its entry's lead."""

    pk: int
    source: int
    at: datetime.datetime
    lead: str


def words_of(folded: str) -> list[str]:
    """Pairs of Chinese characters and other words, in order, with those that repeat."""
    words: list[str] = []
    for chinese, word in RUNS.findall(folded):
        if chinese:
            words += map(add, chinese, chinese[1:])
        elif len(word) >= SHORTEST:
            words.append(stem(word))
    return words


def counted(lead: str) -> Counter:
    """How much each term stands in an entry's lead: in title, standfirst and opening, and as a topic."""
    title, standfirst, topics, _byline, _captions, opening = lead.split(DIVIDER)
    times = Counter(words_of(f"{opening}\n{standfirst}"))
    for term in set(words_of(title)):
        times[term] += IN_TITLE
    times.update({TOPIC + topic: AS_TOPIC for topic in topics.split("\n") if topic})
    return times


def sampled(leads: Iterable[str]) -> Rarity:
    """How common terms are, from a sample of leads."""
    counts: Counter[str] = Counter()
    number = 0
    for lead in leads:
        counts.update(counted(lead).keys())
        number += 1
    rare = Rarity(number, {})
    by_count = {count: rare.by(count) for count in set(counts.values())}
    return Rarity(number, {term: by_count[count] for term, count in counts.items() if count > 1})


def chosen(times: Mapping[str, int], rare: Rarity, links: Mapping[str, int]) -> dict[str, int]:
    """The terms that tell most of an article, with their weights; `links` are addresses and how many link them."""
    told, of_new = rare.told, rare.of_new
    weights = {term: _OF_TIMES[times[term]] * told[term] for term in times.keys() & told.keys()}
    for term in [term for term, number in times.items() if number >= NEW_AT_LEAST]:
        if term not in told:
            weights[term] = _OF_TIMES[times[term]] * of_new
    for key in sorted(links, key=lambda key: (-links[key], key))[:MOST_LINKS]:
        weights[LINK + key] = LINK_WEIGHT * rare.by(links[key])
    best = sorted([(-weight, term) for term, weight in weights.items() if weight > 0])[:MOST]
    length = math.sqrt(sum(weight * weight for weight, _ in best))
    return {term: max(1, round(WHOLE * -weight / length)) for weight, term in best}


@dataclass(frozen=True, slots=True)
class Learned:
    """What is kept of articles, in the order of the keys, as an index has them: rows of terms (key, number of the
    article, weight), and of the bands of new signatures (key, number).
    """

    terms: list[tuple[int, int, int]]
    bands: list[tuple[int, int]]


def learned_of(leads: Sequence[Lead], rare: Rarity) -> Learned:
    """What is to be kept of articles."""
    terms = (
        (number_of(term.encode()), one.pk, weight)
        for one in leads
        if one.lead
        for term, weight in chosen(counted(one.lead), rare, one.links).items()
    )
    return Learned(sorted(terms), sorted((key, one.pk) for one in leads for key in bands(one.signature)))


@dataclass(frozen=True, slots=True)
class _Vector:
    """A report as the marks of its terms, and the weight of each where the whole has length 1."""

    pk: int
    source: int
    at: datetime.datetime
    terms: array
    weights: array


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs of reports, the lower number first, and how near their terms are; a tenth of the memory of a dict."""

    ones: array
    others: array
    values: array

    def pairs(self) -> dict[tuple[int, int], float]:
        """How near the reports of each pair are."""
        return dict(zip(zip(self.ones, self.others, strict=True), self.values, strict=True))


def near(reports: Sequence[Report], rare: Rarity, *, apart: datetime.timedelta, least: float) -> Near:
    """Pairs of reports by different sources with how near their terms are (the cosine), `least` at least.

    Of reports in the order of their time, those of a pair are `apart` at most. Some 10 kB of memory each.
    """
    vectors = _vectors(reports, rare)
    shared = _shared(vectors)
    holders: defaultdict[int, array] = defaultdict(lambda: array("l"))  # of each term: places of those who have it
    recent: dict[int, dict[int, float]] = {}  # weights of the terms of those who are not too far back
    first = 0  # the place of the earliest of them
    pairs = Near(array("q"), array("q"), array("d"))
    for place, one in enumerate(vectors):
        while one.at - vectors[first].at > apart:
            del recent[first]
            first += 1
        told = dict(itertools.compress(zip(one.terms, one.weights, strict=True), map(shared.__contains__, one.terms)))
        sharing = _sharing(told, holders, first)
        for other, theirs in [(vectors[at], recent[at]) for at, number in sharing.items() if number >= SHARED]:
            if other.source == one.source:
                continue
            value = sum([weight * theirs[term] for term, weight in told.items() if term in theirs])
            if value >= least:
                pairs.ones.append(min(other.pk, one.pk))
                pairs.others.append(max(other.pk, one.pk))
                pairs.values.append(value)
        for term in told:
            holders[term].append(place)
        recent[place] = told
    return pairs


def near_at_times(
    times: Iterable[Sequence[Report]], rare: Rarity, *, apart: datetime.timedelta, least: float
) -> list[Near]:
    """`near` for the reports of each time."""
    return [near(reports, rare, apart=apart, least=least) for reports in times]


def _vectors(reports: Sequence[Report], rare: Rarity) -> list[_Vector]:
    values, of_new = rare.told.get, itertools.repeat(rare.of_new)
    vectors = []
    for report in reports:
        times = counted(report.lead) if report.lead else {}
        weights = list(map(mul, map(_OF_TIMES.__getitem__, times.values()), map(values, times, of_new)))
        length = math.sqrt(sum(map(mul, weights, weights)))
        # A term's hash stands for it, here alone: a table of all terms would take more memory than all else.
        terms = array("q", itertools.compress(map(hash, times), weights))
        told = array("d", map(truediv, filter(None, weights), itertools.repeat(length)))
        vectors.append(_Vector(report.pk, report.source, report.at, terms, told))
    return vectors


def _shared(vectors: Sequence[_Vector]) -> set[int]:
    """Terms that several have, and no crowd."""
    crowds: Counter[int] = Counter()
    for vector in vectors:
        crowds.update(vector.terms)
    return {term for term, number in crowds.items() if 1 < number <= CROWD}


def _sharing(told: Iterable[int], holders: Mapping[int, array], first: int) -> Counter[int]:
    """The places, from `first` on, of reports that have some of these terms, and how many of them."""
    sharing: list[int] = []
    for places in filter(None, map(holders.get, told)):
        if places[0] < first:  # those are too far back for all that follow, too
            del places[: bisect_left(places, first)]
        sharing.extend(places)
    return Counter(sharing)  # C of the standard library: most share too few to be looked at
