"""Cuts folded text into the tokens that are indexed and searched: pairs of characters for Chinese, words elsewhere."""

from __future__ import annotations

import hashlib
import itertools
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from articles.ingest.text import fold

LIMIT = 80_000  # characters of a text that are indexed; PostgreSQL keeps no more in one row
LONGEST_WORD = 40
FIELDS = ("title", "lead", "byline", "words")  # what is weighed apart; an index keeps them in this order
OPENING = 400  # characters of the text that ranking looks at
DIGEST = 24  # hexadecimal digits
DIVIDER = "\x1f"  # between the parts of a lead where it is stored as one

PAIRED = (
    "\u3005\u3007\u3040-\u30ff\u3105-\u312f\u31a0-\u31bf\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
RUNS = re.compile(rf"([{PAIRED}]+)|([^\W_{PAIRED}]+)")
_PLACE = "\ue000"  # stands for a word while the pairs are laid out; no token has it
_UNITS = "utf-16-le"
Run = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """An article made ready for the index: four fields of tokens divided by spaces, the ranked lead, and a digest of
    all that went in.
    """

    fields: tuple[str, str, str, str]
    lead: tuple[str, ...]  # folded title, standfirst, topics, byline, captions, opening of the text
    digest: str


def stem(word: str) -> str:
    """English plurals and their singular are one word; anything else stays as it is. Takes a folded word."""
    if len(word) < 4 or not word.endswith("s") or not word.isascii() or not word.isalpha():
        return word
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


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


def prepare(
    title: str, standfirst: str, byline: str, captions: Iterable[str], folded: str, runs: list[Run] | None = None
) -> Words:
    """The words of an article but for its topics; `folded` is its text, folded already, and `runs` the text's runs
    where they are known (an import needs both for more than this). Costs about 0.1 ms for 1,000 characters.
    """
    parts = [*(fold(part) for part in (title, standfirst, byline, "\n".join(captions))), folded[:LIMIT]]
    title, standfirst, byline, under_pictures, text = parts
    captioned = under_pictures[: LIMIT // 4]
    if runs is None or len(captioned) + len(folded) >= LIMIT:
        words = laid_out(RUNS.findall(f"{captioned}\n{text}"[:LIMIT]))
    else:
        words = f"{' '.join(cut(captioned))} {laid_out(runs)}"
    fields = (*(" ".join(cut(field)) for field in (title, standfirst, byline)), words)
    lead = (title, standfirst[:OPENING], "", byline, under_pictures[:OPENING], text[:OPENING])
    digest = hashlib.sha256(DIVIDER.join(parts).encode("utf-8", "replace")).hexdigest()[:DIGEST]
    return Words(fields, tuple(part.replace(DIVIDER, " ") for part in lead), digest)


def with_topics(words: Words, names: Iterable[str]) -> Words:
    """The same words with the article's topics, in whatever order they come."""
    topics = sorted(fold(name).replace(DIVIDER, " ") for name in names)
    title, standfirst, byline, whole = words.fields
    fields = (title, f"{standfirst} {' '.join(cut(chr(10).join(topics)))}", byline, whole)
    lead = (*words.lead[:2], "\n".join(topics)[:OPENING], *words.lead[3:])
    digest = hashlib.sha256("\n".join([words.digest, *topics]).encode("utf-8", "replace")).hexdigest()[:DIGEST]
    return Words(fields, lead, digest)
