"""Orders found articles: where the words stand, how often, and how new the article is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from articles.ingest.words import DIVIDER
from articles.search.index import PLACES
from articles.search.marking import pattern_of
from articles.search.query import Word

WEIGHTS = (6.0, 2.5, 3.0, 2.0, 1.5, 1.0)  # title, standfirst, topics, byline, captions, beginning of the text
ENOUGH = 1.5  # occurrences at which half of a part's weight is reached
HALF_LIFE = 365 * 24 * 60  # minutes in which newness loses half of its worth
NEWNESS = 2.0
UNIT = 1_000_000  # scores are whole numbers of these parts: the same wherever they are read again
UNRANKED = 0  # below every score


def ranked(found: Iterable[tuple[int, str]], words: Sequence[Word], now: int) -> list[tuple[int, int]]:
    """Score and entry number, best first, of (number, what ranking reads). `now`: minutes since 1970.

    The same on both databases, and for the same `now` the same whatever else is found.
    """
    patterns = [pattern for word in words if (pattern := pattern_of([word]))]
    scored = ((round(UNIT * (_score(read, patterns) + _newness(number, now))) + 1, number) for number, read in found)
    return sorted(scored, reverse=True)


def _score(read: str, patterns: Sequence[re.Pattern]) -> float:
    score = 0.0
    for part, weight in zip(read.split(DIVIDER), WEIGHTS, strict=True):
        for pattern in patterns:
            times = len(pattern.findall(part))
            score += weight * times / (times + ENOUGH)
    return score / max(len(patterns), 1)


def _newness(number: int, now: int) -> float:
    age = max(now - number // PLACES, 0)
    return NEWNESS * 0.5 ** (age / HALF_LIFE)
