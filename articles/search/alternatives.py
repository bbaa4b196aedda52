"""Widens a query by what means the same: editors' sets of synonyms, and the phrases that differ between the scripts."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace

import opencc

from articles.ingest.text import fold
from articles.models import SynonymSet, kept_for
from articles.models.search import Term
from articles.models.synonym import folded_words
from articles.search.query import Query, Word, parse, phrase_of

MOST_FORMS = 8  # of one term, itself among them
_CHINESE = re.compile(r"[\u3400-\u9fff]{2}")
_EDGE = r"[a-z0-9]"
Sets = tuple[tuple[str, ...], ...]
_read: ContextVar[list[Sets] | None] = ContextVar("sets of synonyms that are read already", default=None)


@contextlib.contextmanager
def synonyms_read_once(version: str | None = None) -> Iterator[None]:
    """Within it, however many queries are made, the sets are read once; not at all when those of `version` are known.

    A version is `request.validators.synonyms`; "" says that there are no sets.
    """
    token = _read.set([])
    try:
        if version is not None:
            _read.get().append(_of_version(version))
        yield
    finally:
        _read.reset(token)


def query_of(typed: str, *, synonyms: str | None = None, edition: str = "", **narrowed: str) -> Query:
    """As `parse`, each term with what means the same; "quoted phrases" are taken by the letter.

    One statement where a term could have synonyms; none where their version (`request.validators.synonyms`) is told
    and its sets are kept. Whoever asks with the query has the names of sources kept for an `edition`.
    """
    query = replace(parse(typed, **narrowed), edition=edition)
    if all(word.is_exact for word in query.words):
        return query
    return replace(query, words=tuple(_widened(query.words, _lexicon(_sets(synonyms)))))


def _sets(version: str | None) -> Sets:
    if version is not None:
        return _of_version(version)
    seen = _read.get()
    if seen:
        return seen[0]
    sets = _stored()
    if seen is not None:
        seen.append(sets)
    return sets


def _of_version(version: str) -> Sets:
    return kept_for(("synonyms", version), _stored) if version else ()


def _stored() -> Sets:
    return tuple(folded_words(words) for words in SynonymSet.objects.order_by("id").values_list("words", flat=True))


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Synonyms by word, what finds those words in a term, and the number of words of the longest."""

    others: dict[str, tuple[str, ...]]
    names: re.Pattern | None
    longest: int


@functools.lru_cache(maxsize=4)
def _lexicon(sets: Sets) -> _Lexicon:
    others: dict[str, tuple[str, ...]] = {}
    for words in sets:
        for word in words:
            others[word] = (*others.get(word, ()), *(other for other in words if other != word))
    patterns = [
        rf"{f'(?<!{_EDGE})' if re.match(_EDGE, word) else ''}{re.escape(word)}"
        rf"{f'(?!{_EDGE})' if re.match(_EDGE, word[-1]) else ''}"
        for word in sorted(others, key=len, reverse=True)
    ]
    names = re.compile("|".join(patterns)) if patterns else None
    return _Lexicon(others, names, max((len(word.split()) for word in others), default=1))


def _widened(words: Sequence[Word], lexicon: _Lexicon) -> Iterator[Word]:
    """The words, those side by side that make a known name as one, each with its other forms."""
    at = 0
    while at < len(words):
        length = _name_length(words[at : at + lexicon.longest], lexicon)
        word = words[at]
        if length > 1:
            name = " ".join(part.shown for part in words[at : at + length])
            word = replace(word, shown=name, term=Term((phrase_of(name),)))
        yield word if word.is_exact else _with_forms(word, lexicon)
        at += length


def _name_length(words: Sequence[Word], lexicon: _Lexicon) -> int:
    """How many of these words, from the first on, are one known name: it was typed without quotes."""
    plain = 0
    for word in words:
        if word.is_exact or word.term.excluded or word.term.phrases[0].field:
            break
        plain += 1
    for length in range(plain, 1, -1):
        if " ".join(word.shown for word in words[:length]) in lexicon.others:
            return length
    return 1


def _with_forms(word: Word, lexicon: _Lexicon) -> Word:
    forms = [form for form in _forms(word.shown, lexicon) if form != word.shown]
    field = word.term.phrases[0].field
    phrases = [phrase for phrase in (phrase_of(form, field) for form in forms) if phrase.tokens]
    return replace(word, forms=tuple(forms), term=Term((*word.term.phrases, *phrases), word.term.excluded))


def _forms(folded: str, lexicon: _Lexicon) -> list[str]:
    """What may stand in a text for a term: itself, with synonyms, in the other script's words."""
    forms = [folded]
    for name in lexicon.names.finditer(folded) if lexicon.names else ():
        forms += [f"{folded[: name.start()]}{other}{folded[name.end() :]}" for other in lexicon.others[name[0]]]
    for form in tuple(forms):
        forms += _in_the_other_script(form)
    return list(dict.fromkeys(forms))[:MOST_FORMS]


def _in_the_other_script(folded: str) -> list[str]:
    """The same in words of the other side of the strait (软件, 软体), folded; nothing where no phrase differs."""
    if not _CHINESE.search(folded):
        return []
    converter = _converters()
    there = fold(converter["s2twp"].convert(folded))
    here = fold(converter["tw2sp"].convert(converter["s2tw"].convert(folded)))
    return [form for form in (there, here) if form != folded]


@functools.cache
def _converters() -> dict[str, opencc.OpenCC]:
    return {name: opencc.OpenCC(name) for name in ("s2tw", "s2twp", "tw2sp")}
