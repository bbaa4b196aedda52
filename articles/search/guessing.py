"""Guesses what was meant when nothing is found: the nearest words in the titles that are here."""

from __future__ import annotations

import difflib
import unicodedata

from django.db.models import QuerySet

from articles.ingest.text import fold
from articles.ingest.words import RUNS, cut
from articles.models.search import Phrase, Term
from articles.search.query import Query

LOOKED_AT = 300  # titles
NEAR = 0.6  # likeness of what is offered; two characters with one wrong are 0.5 and need the same first one
OFFERED = 3
MOST_WORDS = 3  # that guesses are made for: who types more has no slip to be told of in one
LONGEST = 30  # characters of a word that a guess is made for
SAME_BEGINNING = 0.15  # what the same first character adds to likeness
BEGINNING = 3  # letters of an English word that must be right


def guesses(articles: QuerySet, query: Query) -> list[str]:
    """Up to three things to search for instead, as titles of `articles` write them. One statement."""
    words = [word.shown for word in query.wanted if len(word.shown) <= LONGEST][:MOST_WORDS]
    beginnings = tuple(phrase for word in words for phrase in _beginnings(word))
    if not beginnings:
        return []
    titles = articles.filter(entry__words__match=(Term(beginnings),)).order_by("-entry__id")
    near: dict[str, float] = {}
    for title in titles.values_list("title", flat=True)[:LOOKED_AT]:
        for word in words:
            guess, likeness = _nearest(unicodedata.normalize("NFC", title), word)
            if likeness >= NEAR:
                near[guess] = max(likeness, near.get(guess, 0))
    return sorted(near, key=lambda guess: -near[guess])[:OFFERED]


def _beginnings(word: str) -> list[Phrase]:
    """What a title shares with a word that is nearly its own: a pair, a character, the first letters."""
    tokens = []
    for token in cut(word):
        if RUNS.fullmatch(token)[1]:
            tokens += [Phrase((token,), field="title"), Phrase((token[0],), is_prefix=True, field="title")]
        elif len(token) > BEGINNING:
            tokens.append(Phrase((token[:BEGINNING],), is_prefix=True, field="title"))
    return tokens


def _nearest(title: str, word: str) -> tuple[str, float]:
    """The part of a title that is most like a word, and how much."""
    folded = fold(title)
    best, likeness = "", 0.0
    matcher = difflib.SequenceMatcher(b=word, autojunk=False)
    for start, end in _parts(folded, len(word)):
        bonus = SAME_BEGINNING if folded[start] == word[0] else 0.0
        matcher.set_seq1(folded[start:end])
        if matcher.quick_ratio() + bonus <= likeness or folded[start:end] == word:
            continue
        this = matcher.ratio() + bonus
        if this > likeness:
            best, likeness = title[start:end], this
    return best, likeness


def _parts(folded: str, length: int) -> list[tuple[int, int]]:
    """Spans of a title that could be meant: Chinese of the same length, or one more; whole words elsewhere."""
    spans = []
    for run in RUNS.finditer(folded):
        if run[1]:
            for size in (length, length + 1):
                spans += [(at, at + size) for at in range(run.start(), run.end() - size + 1)]
        else:
            spans.append(run.span())
    return spans
