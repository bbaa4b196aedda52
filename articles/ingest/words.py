"""Cuts folded text into the tokens that are indexed and searched: pairs of characters for Chinese, words elsewhere."""

from __future__ import annotations

import hashlib
import itertools
import re
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from articles.ingest.stems import stem
from articles.ingest.text import fold

FORMAT = "2"  # of what is made here: another one makes every entry stale, for `rebuild_search`
LIMIT = 1_000_000  # characters of a text that are indexed
MOST_BYTES = 500_000  # of different tokens of a text, in UTF-8: PostgreSQL keeps a million of all in one row
MOST_TOKEN_BYTES = 8  # that a character can add: it begins a pair of two that take four each
HEAD_LIMIT = 5_000  # characters of a standfirst, and of all topics
CAPTIONS_LIMIT = 20_000
LONGEST_WORD = 40
FIELDS = ("title", "lead", "byline", "words")  # what is weighed apart; an index keeps them in this order
OPENING = 400  # characters of the text that tell what it is about
RANKED = 2_000  # characters of the text that ranking looks at
DIGEST = 24  # hexadecimal digits
DIVIDER = "\x1f"  # between the parts of a lead where it is stored as one
GAP = "\ue001"  # a token that no query has: no phrase reaches from one topic or caption into the next

PAIRED = (
    "\u3005\u3007\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
RUNS = re.compile(rf"([{PAIRED}]+)|([^\W_{PAIRED}]+)")
PLACE = "\ue000"  # stands for a word among characters; no run has it
_UNITS = "utf-16-le"


class Made(dict[str, str]):
    """What `make` makes of words, looked up at a fraction of a call's time by `map(made.__getitem__, words)`; forgotten
    when they are too many.
    """

    MOST = 30_000

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, word: str) -> str:
        if len(self) >= self.MOST:
            self.clear()
        made = self[word] = self._make(word)
        return made


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a folded text, in order: those of Chinese, divided by spaces, with PLACE for each run of other
    letters and digits; and these.
    """

    characters: str
    words: list[str]


@dataclass(frozen=True, slots=True)
class Vector:
    """What PostgreSQL keeps of the words of this digest: see `ingest.vectors`, which makes it."""

    digest: str
    encoded: bytes
    whole: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """An article made ready for the index: four fields of tokens divided by spaces, what ranking looks at, and a digest
    of all that went in.

    The fields: title; standfirst, captions and topics; byline; text. `more` follows the last part of `lead`. `vector`
    is there where it was made ahead, perhaps for other topics.
    """

    fields: tuple[str, str, str, str]
    lead: tuple[str, ...]  # folded title, standfirst, topics, byline, captions, opening of the text
    more: str
    digest: str
    vector: Vector | None = None


def runs_of(folded: str) -> Runs:
    """The runs of folded text."""
    found = RUNS.findall(folded)
    return Runs(" ".join([chinese or PLACE for chinese, _ in found]), [word for _, word in found if word])


def cut(folded: str) -> list[str]:
    """Tokens of folded text, in order: in a run of Chinese the pair that each character begins, its last character
    alone; any other run of letters and digits is a word.
    """
    tokens: list[str] = []
    for chinese, word in RUNS.findall(folded):
        if chinese:
            tokens += map("".join, itertools.pairwise(chinese))
            tokens.append(chinese[-1])
        else:
            tokens.append(_TOKENS[word])
    return tokens


_TOKENS = Made(lambda word: stem(word)[:LONGEST_WORD])


def laid_out(runs: Runs) -> str:
    """The tokens of runs with spaces between; a fourth of the time of `cut`, since no pair is made by itself."""
    words = map(_TOKENS.__getitem__, runs.words)
    first = f"{runs.characters} ".encode(_UNITS)
    if not runs.characters:
        return ""
    if len(first) != 2 * len(runs.characters) + 2:  # some take two units
        return " ".join(cut(runs.characters.replace(PLACE, "{}").format(*runs.words)))
    second = f"{'  '.join([run[1:] for run in runs.characters.split(' ')])}  ".encode(_UNITS)
    cells = array("H", " ".encode(_UNITS)) * (3 * len(first) // 2)
    cells[0::3], cells[1::3] = array("H", first), array("H", second)
    pieces = cells.tobytes().decode(_UNITS).split(PLACE)
    pieces[1:] = map("".join, zip(words, pieces[1:], strict=True))
    return "".join(pieces)


def cut_query(folded: str) -> tuple[tuple[str, ...], bool]:
    """Tokens of a searched phrase, and whether the last one is only the beginning of a token.

    The end of a phrase need not be the end of a run, so a last single character stands for every pair it begins.
    """
    runs = list(RUNS.finditer(folded))
    if not runs:
        return (), False
    tokens = cut(folded[: runs[-1].start()])
    last = runs[-1][1]
    if last is None:
        return (*tokens, stem(runs[-1][0])[:LONGEST_WORD]), False
    if len(last) == 1:
        return (*tokens, last), True
    return (*tokens, *map("".join, itertools.pairwise(last))), False


def _within_bounds(tokens: str, length: int) -> str:
    """The tokens of a text of this length, up to the one that would be too much for a row of PostgreSQL.

    On both databases, so that both find the same. A text that repeats itself, as texts do, is far longer than that.
    """
    if length * MOST_TOKEN_BYTES <= MOST_BYTES:
        return tokens
    every, seen, left = tokens.split(), set(), MOST_BYTES
    for at, token in enumerate(every):
        if token not in seen:
            seen.add(token)
            left -= len(token.encode())
            if left < 0:
                return " ".join(every[:at])
    return tokens


def _apart(parts: Iterable[str]) -> str:
    """Tokens of folded texts that stand for themselves."""
    return f" {GAP} ".join(" ".join(cut(part)) for part in parts if part)


def prepare(
    title: str, standfirst: str, byline: str, captions: Iterable[str], folded: str, runs: Runs | None = None
) -> Words:
    """The words of an article but for its topics; `folded` is its text, folded already, and `runs` the text's runs
    where they are known (an import needs both for more than this). Costs about 0.1 ms for 1,000 characters.
    """
    parts = [*(fold(part) for part in (title, standfirst, byline, "\n".join(captions))), folded[:LIMIT]]
    title, standfirst, byline, under_pictures, text = parts
    if runs is None or len(folded) > LIMIT:
        runs = runs_of(text)
    words = _within_bounds(laid_out(runs), len(text))
    beside = _apart([standfirst[:HEAD_LIMIT], *under_pictures[:CAPTIONS_LIMIT].split("\n")])
    fields = (" ".join(cut(title)), beside, " ".join(cut(byline)), words)
    lead = (title, standfirst[:OPENING], "", byline, under_pictures[:OPENING], text[:OPENING])
    told = DIVIDER.join([FORMAT, *parts]).encode("utf-8", "replace")
    digest = hashlib.sha256(told).hexdigest()[:DIGEST]
    return Words(fields, tuple(map(_undivided, lead)), _undivided(text[OPENING:RANKED]), digest)


def _undivided(part: str) -> str:
    return part.replace(DIVIDER, " ")


def with_topics(words: Words, names: Iterable[str]) -> Words:
    """The same words with the article's topics, in whatever order they come."""
    topics = sorted(_undivided(fold(name)) for name in names)
    joined = "\n".join(topics)
    title, beside, byline, text = words.fields
    about = _apart(joined[:HEAD_LIMIT].split("\n"))
    fields = (title, f" {GAP} ".join(filter(None, (beside, about))), byline, text)
    lead = (*words.lead[:2], joined[:OPENING], *words.lead[3:])
    digest = hashlib.sha256("\n".join([words.digest, *topics]).encode("utf-8", "replace")).hexdigest()[:DIGEST]
    return Words(fields, lead, words.more, digest, words.vector)
