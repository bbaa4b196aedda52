"""The words of an article as PostgreSQL's tsvector, in its own encoding: made where files are read, by many processes.

A tsvector counts places only up to a point. An article that goes beyond it has none in its vector: the index tells
whether its words are there at all, and `whole`, its tokens in order, whether they stand side by side.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import struct
from collections import Counter
from collections.abc import Callable, Iterable

from articles.ingest.words import DIVIDER, FIELDS, GAP, Vector, Words, with_topics

WEIGHTS = "ABCD"  # one a field
POSITIONS = 16_000  # PostgreSQL knows positions below 16,384
MOST_PLACES = 255  # of one token; PostgreSQL forgets those behind them
PLACE_OF_WEIGHT = 0x4000  # a place is kept in 14 bits, its weight above them
# The index knows no field: tokens of titles and heads stand in it once more, begun with a sign that no token has.
HEAD = "head"  # the field of all but the text
FORMS = {FIELDS[0]: "=", HEAD: "+"}
FORMS_IN = {FIELDS[0]: ("", "+", "="), FIELDS[1]: ("", "+"), FIELDS[2]: ("", "+"), FIELDS[3]: ("",)}
_GAPS = [f"{form}{GAP}" for form in ("", *FORMS.values())]


def with_vector(words: Words, names: Iterable[str]) -> Words:
    """The same words with the vector that they have if the article's topics are these."""
    complete = with_topics(words, names)
    return dataclasses.replace(words, vector=Vector(complete.digest, *tsvector(complete.fields)))


def vector_of(words: Words) -> Vector:
    """The vector of complete words: the one that was made for them, or a new one where the topics became others."""
    known = words.vector
    return known if known and known.digest == words.digest else Vector(words.digest, *tsvector(words.fields))


def tsvector(fields: tuple[str, ...]) -> tuple[bytes, str | None]:
    """A tsvector in PostgreSQL's own encoding out of fields of tokens, fields apart by a gap that no phrase crosses;
    and the tokens themselves where it has no places, because PostgreSQL would not keep all of them.

    Half a millisecond for 1,000 tokens: what stands once, which is most, is not looked at one by one.
    """
    tokens, places, end = _laid_out(fields)
    times = Counter(tokens)
    last = dict(zip(tokens, places, strict=True))
    for gap in _GAPS:
        times.pop(gap, None)
        last.pop(gap, None)
    if end > POSITIONS or max(times.values(), default=0) > MOST_PLACES:
        whole = DIVIDER.join(f" {' '.join(field.split())} " for field in fields)
        return _encoded(b"%b\0\0\0" % token.encode() for token in times), whole
    many: dict[str, list[int]] = {token: [] for token, number in times.items() if number > 1}
    for token, place in itertools.compress(zip(tokens, places, strict=True), map(many.__contains__, tokens)):
        many[token].append(place)
    for token in many:
        del last[token]
    once = zip("\0".join(last).encode().split(b"\0"), map(_at_one().__getitem__, last.values()), strict=True)
    often = (b"%b%b" % (token.encode(), _at_many(len(at))(len(at), *at)) for token, at in many.items())
    return _encoded([*(map(b"".join, once) if last else ()), *often]), None


@functools.cache
def _at_one() -> list[bytes]:
    """How a token ends that stands at one place, by the place; 3 MB, which only who writes vectors has need of."""
    return [struct.pack(">xHH", 1, place) for place in range(4 * PLACE_OF_WEIGHT)]


@functools.cache
def _at_many(number: int) -> Callable[..., bytes]:
    """Packs the end of a token that stands at so many places."""
    return struct.Struct(f">xH{number}H").pack


def _laid_out(fields: tuple[str, ...]) -> tuple[list[str], list[int], int]:
    """Tokens of all fields, in each of their forms; their places, with the weights in them; the first place behind."""
    tokens: list[str] = []
    places: list[int] = []
    first = 1
    for field, name, weight in zip(fields, FIELDS, reversed(range(len(WEIGHTS))), strict=True):
        plain = field.split()
        begin = first + PLACE_OF_WEIGHT * weight
        for form in FORMS_IN[name]:
            tokens += [f"{form}{token}" for token in plain] if form else plain
            places += range(begin, begin + len(plain))
        first += len(plain) + 2
    return tokens, places, first


def _encoded(entries: Iterable[bytes]) -> bytes:
    """A tsvector of tokens, each with a nought behind, the number of its places, and these in their order."""
    entries = list(entries)
    return struct.pack(">i", len(entries)) + b"".join(entries)
