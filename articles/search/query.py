"""Reads what a person typed into a search box; whatever it is, the result is a query."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field

from articles.ingest.text import fold
from articles.ingest.words import cut_query
from articles.models.search import Phrase, Term

READ = 1000  # characters of the input that are looked at
MOST_TERMS = 12
MOST_CHARACTERS = 200  # of all terms
_QUOTES = str.maketrans(dict.fromkeys("“”„‟「」『』《》〈〉«»", '"'))
_PIECE = re.compile(
    r"(?P<minus>-?)(?:(?P<field>source|tag|by|after|before):)?"
    r'(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>[^\s"]+))'
)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Word:
    """A term as it was typed, folded, with what the index is asked for; `shown` and `forms` are marked in results.

    `forms` mean the same; an exact one, in quotes, has none.
    """

    shown: str
    term: Term
    is_exact: bool = False
    forms: tuple[str, ...] = ()

    @property
    def written(self) -> tuple[str, ...]:
        """All that may stand in a text for it."""
        return (self.shown, *self.forms)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: words, and narrowings by names and days (both ends included)."""

    words: tuple[Word, ...] = ()
    source: str = ""
    tag: str = ""
    first: datetime.date | None = None
    last: datetime.date | None = None
    without: tuple[tuple[str, str], ...] = ()  # (source or tag, name) that must not be
    asked: bool = field(default=False, compare=False)  # something was typed, even if no word is in it
    edition: str = field(default="", compare=False)  # for which names of sources are kept

    @property
    def terms(self) -> tuple[Term, ...]:
        """For the `match` lookup."""
        return tuple(word.term for word in self.words)

    @property
    def wanted(self) -> tuple[Word, ...]:
        """Words that results have."""
        return tuple(word for word in self.words if not word.term.excluded)

    def within(self, part: str) -> tuple[Term, ...]:
        """The terms, the wanted ones only where they stand in this field."""
        return tuple(word.term if word.term.excluded else word.term.within(part) for word in self.words)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is asked for."""
        return not (self.words or self.source or self.tag or self.first or self.last or self.without)


def first_day(written: str) -> datetime.date | None:
    """First day of 2025, 2025-01 or 2025-01-28; None when it is no date."""
    return _day(written, last=False)


def last_day(written: str) -> datetime.date | None:
    """Last day of 2025, 2025-01 or 2025-01-28; None when it is no date."""
    return _day(written, last=True)


def _day(written: str, *, last: bool) -> datetime.date | None:
    match = _DAY.fullmatch(written.strip())
    if not match:
        return None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        if day:
            return datetime.date(year, month, day)
        start = datetime.date(year, month or 1, 1)
        if not last:
            return start
        if not month or month == 12:
            return datetime.date(year, 12, 31)
        return datetime.date(year, month + 1, 1) - datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def parse(typed: str, *, source: str = "", tag: str = "", first: str = "", last: str = "") -> Query:
    """The query of what was typed and chosen. Never raises; what makes no sense is left out.

    Words are joined by and; "quoted phrases" (also “ ” and 「 」), minus, source: tag: by: after: before:. At most 12
    terms of 200 characters in all.
    """
    folded = fold(typed[:READ]).translate(_QUOTES)
    words: list[Word] = []
    narrowed = {"source": fold(source[:READ]).strip(), "tag": fold(tag[:READ]).strip()}
    days = {"after": first_day(first), "before": last_day(last)}
    without: list[tuple[str, str]] = []
    left = MOST_CHARACTERS
    for piece in _PIECE.finditer(folded):
        name, value = piece["field"] or "", (piece["quoted"] if piece["bare"] is None else piece["bare"]).strip()
        if name in narrowed and value:
            if piece["minus"]:
                without.append((name, value[:MOST_CHARACTERS]))
            else:
                narrowed[name] = value[:MOST_CHARACTERS]
        elif name in days:
            days[name] = (first_day if name == "after" else last_day)(value) or days[name]
        elif value and left and len(words) < MOST_TERMS:
            value = value[:left]
            left -= len(value)
            phrase = phrase_of(value, "byline" if name == "by" else "")
            if phrase.tokens:
                words.append(Word(value, Term((phrase,), bool(piece["minus"])), is_exact=piece["bare"] is None))
    return Query(
        tuple(words),
        narrowed["source"],
        narrowed["tag"],
        days["after"],
        days["before"],
        tuple(without[:MOST_TERMS]),
        asked=bool(folded.strip()),
    )


def phrase_of(folded: str, field_: str = "") -> Phrase:
    """What the index is asked for to find folded words side by side; without tokens when no letter is among them."""
    tokens, is_prefix = cut_query(folded)
    return Phrase(tokens, is_prefix, field_)
