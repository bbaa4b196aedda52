"""Holds all stored HTML against today's policy of markup, and mends what does not pass without losing a word.

HTML is stored in three places: articles' bodies, those of their revisions, and the bodies in what people have typed and
not saved. Every other text is plain and escaped where it is shown; `tests/test_resanitizing.py` keeps that list.
"""

from __future__ import annotations

import collections
import concurrent.futures
import html
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.db import models, transaction
from django.db.models import Count, QuerySet
from selectolax.lexbor import LexborHTMLParser

from articles import likeness, search
from articles.curation.editing import keep_words_in_step, set_references
from articles.ingest.batch import begin_reader
from articles.ingest.sanitize import POLICY_VERSION, mended, mended_all
from articles.models import Article, Revision, Unsaved, keep_baseline, keep_revisions
from articles.models.revision import redigest

CHUNK = 100  # rows a transaction
SHARE = 25  # bodies that a process takes at a time
AHEAD = 3  # batches in hand besides the one that is written
BEFORE, AFTER = "As it was stored", "Under today's policy of markup"  # reasons of revisions
FOLLOWING = ("text", "excerpt", "links")  # from the words of a body
UNSEEN = "script, style, template, iframe, noembed, noframes, xmp, plaintext"  # no browser shows what is in these


@dataclass(frozen=True, slots=True)
class Fault:
    """One stored body that the policy would change."""

    place: str  # name of the model
    number: int
    article: int | None
    loses_words: bool  # what browsers show of it is not all in what the policy leaves


@dataclass
class Batch:
    """Rows that were looked at, and what was wrong with them."""

    looked_at: int
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    article: int | None
    html: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A table that holds HTML: how it is read, in batches by number, and how a row of it is mended."""

    name: str
    rows_after: Callable[[int], list[_Row]]
    mend: Callable[[int], None]


def versions() -> dict[str, int]:
    """Articles by the policy version they were last cleaned under, the most first; one query."""
    rows = Article.objects.order_by().values_list("policy_version").annotate(number=Count("pk"))
    return dict(sorted(rows, key=lambda row: -row[1]))


def stored() -> int:
    """How many rows `resanitize` looks at; three queries."""
    return sum(model.objects.count() for model in (Article, Revision, Unsaved))


def resanitize(mend: bool, jobs: int = 1, keep_on: Callable[[], bool] = lambda: True) -> Iterator[Batch]:
    """Look at everything that is stored, in batches by number; with `mend`, write what does not pass as it may stand.

    An article is mended with a revision of what it said, and one of what it says; what would lose words stays readable
    in the former as markup shown as text. Articles that pass are marked with today's version, which no reader sees.
    Yields each batch after its commit; one query a batch that passes, about 30 an article that is mended.
    """
    for place in _PLACES:
        for rows, found in _judged(_batches(place.rows_after, keep_on), jobs):
            faults = [
                Fault(place.name, row.number, row.article, _loses(row.html, clean))
                for row, clean in zip(rows, found, strict=True)
                if clean is not None
            ]
            if mend:
                for fault in faults:
                    place.mend(fault.number)
                if place.name == "article":
                    _mark({row.number for row in rows} - {fault.number for fault in faults})
            yield Batch(len(rows), faults)


# --- What is stored --------------------------------------------------------------------------------------------------


def _articles(last: int) -> list[_Row]:
    rows = _page(Article.objects.all(), last).values_list("pk", "body")
    return [_Row(pk, pk, body) for pk, body in rows]


def _revisions(last: int) -> list[_Row]:
    rows = _page(Revision.objects.all(), last).values_list("pk", "article_id", "body")
    return [_Row(*row) for row in rows]


def _typed(last: int) -> list[_Row]:
    rows = _page(Unsaved.objects.all(), last).values_list("pk", "article_id", "values")
    return [_Row(pk, article, _body(values)) for pk, article, values in rows]


def _page(rows: QuerySet, last: int) -> QuerySet:
    return rows.filter(pk__gt=last).order_by("pk")[:CHUNK]


def _body(values: dict) -> str:
    return next(iter(values.get("body") or ()), "")


def _batches(rows_after: Callable[[int], list[_Row]], keep_on: Callable[[], bool]) -> Iterator[list[_Row]]:
    last = 0
    while keep_on() and (rows := rows_after(last)):
        last = rows[-1].number
        yield rows


# --- Judging, in processes of their own ------------------------------------------------------------------------------


def _judged(batches: Iterable[list[_Row]], jobs: int) -> Iterator[tuple[list[_Row], list[str | None]]]:
    """Each batch with what `mended` says of its rows, in order; a few batches are in memory, however many there are."""
    if jobs <= 1:
        for rows in batches:
            yield rows, mended_all([row.html for row in rows])
        return
    waiting: collections.deque = collections.deque()
    with _pool(jobs) as pool:
        for rows in batches:
            shares = [rows[start : start + SHARE] for start in range(0, len(rows), SHARE)]
            waiting.append((rows, [pool.submit(mended_all, [row.html for row in share]) for share in shares]))
            if len(waiting) > AHEAD:
                yield _collected(*waiting.popleft())
        while waiting:
            yield _collected(*waiting.popleft())


def _pool(jobs: int) -> concurrent.futures.ProcessPoolExecutor:
    method = "spawn" if sys.platform == "win32" else "forkserver"
    context = multiprocessing.get_context(method)
    return concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context, initializer=begin_reader)


def _collected(rows: list[_Row], futures: list[concurrent.futures.Future]) -> tuple[list[_Row], list[str | None]]:
    return rows, [clean for future in futures for clean in future.result()]


def _loses(before: str, after: str) -> bool:
    return _shown(before) != _shown(after)


def _shown(markup: str) -> str:
    """The words that a browser shows of HTML, without spaces."""
    body = LexborHTMLParser(f"<!doctype html><body>{markup}").body
    for node in body.css(UNSEEN) if body else ():
        node.decompose(recursive=False)
    return "".join((body.text() if body else "").split())


# --- Mending ---------------------------------------------------------------------------------------------------------


def _mark(numbers: set[int]) -> None:
    """Say that articles pass today's version; past `Article.objects`, whose writes tell readers' caches of changes."""
    outdated = models.QuerySet(Article).filter(pk__in=numbers).exclude(policy_version=POLICY_VERSION)
    outdated.update(policy_version=POLICY_VERSION)


@transaction.atomic
def _mend_article(number: int) -> None:
    article = Article.objects.select_for_update(of=("self",)).filter(pk=number).first()
    clean = article and mended(article.body)
    if clean is None:  # deleted, or saved anew, since it was looked at
        return
    keep_baseline([number])
    keep_revisions([number], None, BEFORE, Revision.Kind.POLICY)
    loses_words = _loses(article.body, clean)
    article.body, article.policy_version = clean, POLICY_VERSION
    changed = ["body", "policy_version", "updated_at"]
    if loses_words:
        keep_words_in_step(article)
        set_references(article)
        changed += FOLLOWING
    article.save(update_fields=changed)
    keep_revisions([number], None, AFTER, Revision.Kind.POLICY)
    if loses_words:
        search.index([number])
        likeness.note([number])


@transaction.atomic
def _mend_revision(number: int) -> None:
    revision = Revision.objects.select_for_update(of=("self",)).filter(pk=number).first()
    if revision is not None:
        revision.body = _kept(revision.body)
        redigest(revision)
        revision.save(update_fields=["body", "digest"])


@transaction.atomic
def _mend_unsaved(number: int) -> None:
    unsaved = Unsaved.objects.select_for_update(of=("self",)).filter(pk=number).first()
    if unsaved is not None:
        unsaved.values["body"] = [_kept(_body(unsaved.values))]
        unsaved.save(update_fields=["values"])


def _kept(markup: str) -> str:
    """What the policy leaves of a text that is only remembered; all of it, shown as text, where that loses words."""
    clean = mended(markup)
    if clean is None:
        return markup
    return f"<pre>{html.escape(markup, quote=False)}</pre>" if _loses(markup, clean) else clean


_PLACES = (
    _Place("article", _articles, _mend_article),
    _Place("revision", _revisions, _mend_revision),
    _Place("unsaved", _typed, _mend_unsaved),
)
