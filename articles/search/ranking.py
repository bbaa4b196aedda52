"""Orders found articles: where the words stand, how often, and how new the article is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from articles.ingest.words import DIVIDER
from articles.search.index import PLACES
from articles.search.query import Word

WEIGHTS = (6.0, 2.5, 3.0, 2.0, 1.0, 1.0)  # title, standfirst, topics, byline, captions, opening of the text
ENOUGH = 1.5  # occurrences at which half of a part's weight is reached
HALF_LIFE = 365 * 24 * 60  # minutes in which newness loses half of its worth
NEWNESS = 2.0


def ranked(found: Sequence[tuple[int, str]], words: Sequence[Word], now: int) -> list[int]:
    """Entry numbers, best first, of (number, lead). `now`: minutes since 1970. The same on both databases."""
    patterns = [re.compile("|".join(map(re.escape, word.written))) for word in words]
    scores = {number: _score(lead, patterns) + _newness(number, now) for number, lead in found}
    return sorted(scores, key=lambda number: (-scores[number], -number))


def _score(lead: str, patterns: Sequence[re.Pattern]) -> float:
    score = 0.0
    for part, weight in zip(lead.split(DIVIDER), WEIGHTS, strict=True):
        for pattern in patterns:
            times = len(pattern.findall(part))
            score += weight * times / (times + ENOUGH)
    return score / max(len(patterns), 1)


def _newness(number: int, now: int) -> float:
    age = max(now - number // PLACES, 0)
    return NEWNESS * 0.5 ** (age / HALF_LIFE)
