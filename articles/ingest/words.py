"""Cuts folded text into the tokens that are indexed and searched: pairs of characters for Chinese, words elsewhere."""

from __future__ import annotations

import hashlib
import itertools
import re
from array import array
from collections.abc import Iterable
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
_PLACE = "\ue000"  # stands for a word while the pairs are laid out; no token has it
_UNITS = "utf-16-le"
Run = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """An article made ready for the index: four fields of tokens divided by spaces, what ranking looks at, and a digest
    of all that went in.

    The fields: title; standfirst, captions and topics; byline; text. `more` follows the last part of `lead`.
    """

    fields: tuple[str, str, str, str]
    lead: tuple[str, ...]  # folded title, standfirst, topics, byline, captions, opening of the text
    more: str
    digest: str


def runs_of(folded: str) -> list[Run]:
    """The runs of folded text, in order: (Chinese, "") or ("", another word)."""
    return RUNS.findall(folded)


def cut(folded: str) -> list[str]:
    """Tokens of folded text, in order: in a run of Chinese the pair that each character begins, its last character
    alone; any other run of letters and digits is a word.
    """
    return _tokens(RUNS.findall(folded))


def _tokens(runs: list[Run]) -> list[str]:
    tokens: list[str] = []
    for chinese, word in runs:
        if chinese:
            tokens += map("".join, itertools.pairwise(chinese))
            tokens.append(chinese[-1])
        else:
            tokens.append(stem(word)[:LONGEST_WORD])
    return tokens


def laid_out(runs: list[Run]) -> str:
    """The tokens of runs with spaces between; a third of the time of `cut`, since no pair is made by itself."""
    words = [stem(word)[:LONGEST_WORD] for _, word in runs if word]
    characters = [chinese or _PLACE for chinese, _ in runs]
    first = f"{' '.join(characters)} ".encode(_UNITS)
    second = f"{'  '.join([run[1:] for run in characters])}  ".encode(_UNITS)
    if not runs or len(first) != 2 * (sum(map(len, characters)) + len(characters)):  # some take two units
        return " ".join(_tokens(runs))
    cells = array("H", " ".encode(_UNITS)) * (3 * len(first) // 2)
    cells[0::3], cells[1::3] = array("H", first), array("H", second)
    pieces = cells.tobytes().decode(_UNITS).split(_PLACE)
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
    title: str, standfirst: str, byline: str, captions: Iterable[str], folded: str, runs: list[Run] | None = None
) -> Words:
    """The words of an article but for its topics; `folded` is its text, folded already, and `runs` the text's runs
    where they are known (an import needs both for more than this). Costs about 0.1 ms for 1,000 characters.
    """
    parts = [*(fold(part) for part in (title, standfirst, byline, "\n".join(captions))), folded[:LIMIT]]
    title, standfirst, byline, under_pictures, text = parts
    if runs is None or len(folded) > LIMIT:
        runs = RUNS.findall(text)
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
    return Words(fields, lead, words.more, digest)
