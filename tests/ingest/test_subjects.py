"""Which reports tell of the same: the quick search finds what comparing each with each finds."""

import datetime
import itertools
import math
import random

import pytest

from articles.ingest import subjects
from articles.ingest.subjects import Rarity, Report, counted, near, sampled
from articles.ingest.words import DIVIDER

BEGAN = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
APART = datetime.timedelta(days=4)


def lead(words: list[str]) -> str:
    return DIVIDER.join([words[0], "", "", "", "", " ".join(words)])


def reports(seed: int, number: int = 60) -> list[Report]:
    """Reports of twenty days by three sources; every fifth tells of one of four events."""
    chance = random.Random(seed)
    events = [[f"event{event}word{word}" for word in range(12)] for event in range(4)]
    made = []
    for place in range(number):
        own = [f"own{chance.randrange(300)}" for _ in range(20)]
        about = chance.sample(events[place // 5 % 4], 9) if place % 5 == 0 else []
        at = BEGAN + datetime.timedelta(hours=chance.randrange(20 * 24))
        made.append((at, place, lead(own + about)))
    return [Report(place, chance.randrange(3), at, text) for at, place, text in sorted(made)]


def compared_one_by_one(told: list[Report], rare: Rarity) -> dict[tuple[int, int], float]:
    weights = {
        one.pk: {term: subjects._OF_TIMES[times] * rare.of(term) for term, times in counted(one.lead).items()}
        for one in told
    }
    common = {
        term
        for term in set().union(*weights.values())
        if sum(bool(mine.get(term)) for mine in weights.values()) > subjects.CROWD
    }
    pairs = {}
    for one, other in itertools.combinations(told, 2):
        shared = {term for term in weights[one.pk] if weights[one.pk][term] and weights[other.pk].get(term)} - common
        is_near = one.source != other.source and other.at - one.at <= APART and len(shared) >= subjects.SHARED
        if is_near:
            lengths = [math.sqrt(sum(value**2 for value in weights[each.pk].values())) for each in (one, other)]
            product = sum(weights[one.pk][term] * weights[other.pk][term] for term in shared)
            pairs[min(one.pk, other.pk), max(one.pk, other.pk)] = product / math.prod(lengths)
    return pairs


@pytest.mark.parametrize("seed", range(5))
def test_it_finds_what_comparing_each_with_each_finds(seed):
    told = reports(seed)
    rare = sampled(one.lead for one in told)
    expected = compared_one_by_one(told, rare)
    assert near(told, rare, apart=APART, least=0).pairs() == pytest.approx(expected)
    assert expected, "the sample tells of no event"
    least = sorted(expected.values())[len(expected) // 2]
    assert set(near(told, rare, apart=APART, least=least * 1.0001).pairs()) <= {
        p for p, v in expected.items() if v >= least
    }


def test_reports_further_apart_than_that_are_no_pair_though_one_stands_between():
    words = [f"word{number}" for number in range(12)]
    days = (0, 3, 6)
    told = [Report(day, day, BEGAN + datetime.timedelta(days=day), lead(words)) for day in days]
    rare = Rarity(1000, {})
    assert set(near(told, rare, apart=APART, least=0).pairs()) == {(0, 3), (3, 6)}
