"""Marks found words where they stand, in the article's own script: found in folded text, cut out of the shown one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from articles.ingest.text import fold
from articles.ingest.words import RUNS, stem
from articles.search.query import Word

SNIPPET = 100  # characters
BEFORE = 24  # of them before the first mark
SEARCHED = 80_000
_SENTENCE = "。！？!?\n；"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; `marked` when it is a found word."""

    text: str
    marked: bool = False


def pattern_of(words: Sequence[Word]) -> re.Pattern | None:
    """What finds the words, in all their forms, in folded text; None when there is nothing to find.

    Between the parts of a phrase anything may stand that is no letter, as in the index; English words in both numbers.
    """
    patterns = []
    for written in (form for word in words for form in word.written):
        parts = []
        for run in RUNS.finditer(written):
            if run[1]:
                parts.append(re.escape(run[1]))
            else:
                parts.append(rf"(?<![^\W_]){re.escape(_root(run[0]))}(?:s|es|y|ies)?(?![a-z0-9])")
        if parts:
            patterns.append(r"[\W_]*".join(parts))
    return re.compile("|".join(sorted(patterns, key=len, reverse=True))) if patterns else None


def _root(word: str) -> str:
    root = stem(word)
    return root[:-1] if root.endswith("y") and len(root) > 3 else root


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
    text = unicodedata.normalize("NFC", text[:SEARCHED]).replace("\n", " ")
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
