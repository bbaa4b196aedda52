"""What a result shows of its article: why it was found, in the article's own script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from articles.ingest.text import fold
from articles.ingest.words import DIVIDER
from articles.models import Article
from articles.search.marking import Piece, mark, pattern_of, snippet
from articles.search.query import Word

LINE = 200  # characters of a standfirst or a caption that are shown whole


@dataclass(slots=True)
class Shown:
    """The title, a stretch of the text or the standfirst (empty when nothing is found in them), the byline, and the
    captions and topics that have what neither of these has; found words are marked.
    """

    title: list[Piece]
    excerpt: list[Piece]
    byline: list[Piece]
    captions: list[list[Piece]] = field(default_factory=list)
    topics: list[list[Piece]] = field(default_factory=list)


def shown(article: Article, words: Sequence[Word]) -> Shown:
    """What to show of an article that came out of `find`; no query."""
    pattern = pattern_of([word for word in words if word.term.phrases[0].field != "byline"])
    excerpt = snippet(article.text, pattern) or _line(article.standfirst, pattern)
    told = Shown(mark(article.title, pattern), excerpt, mark(article.byline, pattern_of(words)))
    told_of = fold(DIVIDER.join((article.title, article.standfirst if excerpt else "", article.byline, article.text)))
    lacking = [word for word in words if (one := pattern_of([word])) and not one.search(told_of)]
    for lines, places in ((article.caption_lines, told.captions), (article.topic_lines, told.topics)):
        for line in (lines or "").split(DIVIDER):
            found = [word for word in lacking if pattern_of([word]).search(fold(line))]
            if found:
                places.append(_line(line, pattern_of(found)))
                lacking = [word for word in lacking if word not in found]
    return told


def _line(text: str, pattern: re.Pattern | None) -> list[Piece]:
    """A short text with its marks, or the stretch of a longer one; empty when nothing is found in it."""
    found = snippet(text, pattern)
    return mark(text, pattern) if found and len(text) <= LINE else found
