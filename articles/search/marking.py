"""Marks found words where they stand, in the article's own script: found in folded text, cut out of the shown one."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from articles.ingest.stems import forms_of
from articles.ingest.text import fold
from articles.ingest.words import LIMIT, PAIRED, RUNS
from articles.search.query import Word

SNIPPET = 100  # characters
BEFORE = 24  # of them before the first mark
_LETTER = rf"[^\W_{PAIRED}]"  # of a word that is not Chinese
_SENTENCE = "。！？!?\n；"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; `marked` when it is a found word."""

    text: str
    marked: bool = False


def pattern_of(words: Sequence[Word]) -> re.Pattern | None:
    """What finds the words, in all their forms, in folded text; None when there is nothing to find.

    Between the parts of a phrase anything may stand that is no letter, as in the index; English words in all forms that
    the index takes for one.
    """
    patterns = []
    for written in (form for word in words for form in word.written):
        parts = []
        for run in RUNS.finditer(written):
            if run[1]:
                parts.append(re.escape(run[1]))
            else:
                parts.append(_any_form(run[0]))
        if parts:
            patterns.append(r"[\W_]*".join(parts))
    return re.compile("|".join(sorted(patterns, key=len, reverse=True))) if patterns else None


def _any_form(word: str) -> str:
    """A pattern of a word in all its forms. What they begin with stands first: that is looked for ten times as fast."""
    forms = forms_of(word)
    ends = zip(min(forms), max(forms), strict=False)
    begin = "".join(one for one, other in itertools.takewhile(lambda pair: pair[0] == pair[1], ends))
    ends = "|".join(re.escape(form[len(begin) :]) for form in forms)
    return rf"{re.escape(begin)}(?<!{_LETTER}{re.escape(begin)})(?:{ends})(?!{_LETTER})"


def mark(text: str, pattern: re.Pattern | None) -> list[Piece]:
    """The whole text in pieces."""
    text = unicodedata.normalize("NFC", text)
    return _cut(text, [match.span() for match in pattern.finditer(fold(text))] if pattern else [])


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    pieces, at = [], 0
    for start, end in spans:
        if end > start:
            pieces += [Piece(text[at:start])] if start > at else []
            pieces.append(Piece(text[start:end], marked=True))
            at = end
    return [*pieces, Piece(text[at:])] if at < len(text) else pieces


def snippet(text: str, pattern: re.Pattern | None) -> list[Piece]:
    """About a hundred characters around the first found word, its words marked; empty when none is found."""
    text = unicodedata.normalize("NFC", text[:LIMIT]).replace("\n", " ")
    found = pattern.search(fold(text)) if pattern else None
    if found is None:
        return []
    start = max(0, found.start() - BEFORE)
    begins = max((text.rfind(end, start, found.start()) for end in _SENTENCE), default=-1)
    start = begins + 1 if begins >= 0 else start
    shown = text[start : start + SNIPPET]
    pieces = mark(shown, pattern)
    if start > 0 and begins < 0:
        pieces = [Piece("…"), *pieces]
    return [*pieces, Piece("…")] if start + SNIPPET < len(text) else pieces
