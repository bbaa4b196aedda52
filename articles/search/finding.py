"""Answers queries: which articles, in which order, and how they are spread over sources, topics and years."""

from __future__ import annotations

import collections
import datetime
import itertools
import operator
from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from articles.models import UNDATED, Article, Source, Tag, TaggedArticle, tag_key
from articles.search import walking
from articles.search.index import number_of
from articles.search.query import Query
from articles.search.ranking import ranked

CAP = 1000  # matches that are counted: "1,000+" costs a thousandth of the exact number of a common word
CAP_OF_PHRASES = 500  # the same where matches must be read one by one: tokens side by side, or in one field
WINDOW = 200  # newest matches that are ranked, and whose topics are counted; what is older follows by date
TITLES = 100  # newest matches in titles that are ranked beside them
PAGE = 20
FACETS = 10
LARGEST_PLACE = 2**63 - 1
MARGIN = datetime.timedelta(days=2)  # no day of a source is further from the moment an article is listed at
NOT_SHOWN = tuple(name for name in (*Article.HEAVY_FIELDS, *Article.LATE_FIELDS) if name != "text")
COLUMNS = ("pk", "source__slug", "source__name", "source__language", "published_on")


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that would narrow the results, and to how many."""

    value: str
    name: str
    count: int
    language: str = ""


@dataclass(slots=True)
class Results:
    """One page of answers. `total` is CAP at most, or CAP_OF_PHRASES; `more` says that there are more than that.

    `page` is the number of the next page, or `after` the place behind which it begins; neither on the last one.
    Sources and years count as many articles at most, topics WINDOW, the newest; `topics_of` says how many those are.
    """

    articles: list[Article] = field(default_factory=list)
    total: int = 0
    more: bool = False
    page: int = 0
    after: str = ""
    sources: list[Facet] = field(default_factory=list)
    topics: list[Facet] = field(default_factory=list)
    topics_of: int = 0
    years: list[Facet] = field(default_factory=list)


def matching(articles: QuerySet, query: Query) -> QuerySet:
    """`articles` narrowed to what the query asks for; one statement with everything in it."""
    if query.terms:
        articles = articles.filter(entry__words__match=query.terms)
    return _narrowed(articles, query)


def _narrowed(articles: QuerySet, query: Query) -> QuerySet:
    """`articles` narrowed by all that the query asks for beside words."""
    if query.source:
        articles = articles.filter(source__in=_sources(query.source))
    if query.tag:
        articles = articles.filter(pk__in=_tagged(query.tag))
    for kind, name in query.without:
        wrong = Q(source__in=_sources(name)) if kind == "source" else Q(pk__in=_tagged(name))
        articles = articles.exclude(wrong)
    if query.first:
        articles = articles.filter(published_on__gte=query.first)
    if query.last:
        articles = articles.filter(published_on__lte=query.last)
    return articles


def _sources(name: str) -> QuerySet:
    return Source.objects.filter(Q(slug__iexact=name) | Q(name__iexact=name)).values("pk")


def _tagged(name: str) -> QuerySet:
    key = tag_key(name)
    tags = Tag.objects.filter(Q(key=key) | Q(slug=name) | Q(aliases__key=key)).values("pk")
    return TaggedArticle.objects.filter(tag__in=tags).values("content_object")


def find(articles: QuerySet, query: Query, *, newest: bool = False, after: str = "", page: int = 1) -> Results:
    """A page of `articles` that the query asks for: by relevance, or the newest first. Four statements at most.

    The newest matches, CAP or CAP_OF_PHRASES, are ordered and cut by `page`; those behind them follow by date, each
    page beginning `after` the place that the page before names, however deep; such pages have no topics.
    """
    if query.is_empty:
        return Results()
    cap = CAP if walking.index_knows(query.terms) else min(CAP, CAP_OF_PHRASES)
    rows = _newest(articles, query, COLUMNS, cap + 1)
    results = Results(total=min(len(rows), cap), more=len(rows) > cap)
    found = {row[0]: row[1] for row in rows[:cap]}
    order = found if newest or not query.wanted else _by_relevance(articles, query, found)
    if after:
        shown = _behind(articles, query, after, order.keys() - found.keys(), results)
    else:
        end = page * PAGE
        if end < len(order):
            results.page = page + 1
        elif results.more:
            results.after = str(rows[cap - 1][0])
        shown = list(order.values())[end - PAGE : end]
    results.articles = _in_order(shown)
    _spread(results, rows[:cap], with_topics=not after)
    return results


def _newest(
    articles: QuerySet, query: Query, columns: Sequence[str], most: int, below: int | None = None
) -> list[tuple]:
    """Number and columns of the newest matches, newest first; one statement."""
    if walking.can_walk(query.terms):
        ranges = _ranges(query, below)
        found = walking.rows_of(walking.newest(_narrowed(articles, query), query.terms, columns, most, ranges))
        return sorted(found, key=operator.itemgetter(0), reverse=True)
    found = matching(articles, query).filter(entry__isnull=False).order_by("-entry__id")
    if below is not None:
        found = found.filter(entry__lt=below)
    return list(found.values_list("entry__id", *columns)[:most])


def _ranges(query: Query, below: int | None) -> list[walking.Range]:
    """Entry numbers among which matches can be: days narrow them, but for articles that are listed without a day."""
    if query.last:
        end = number_of(query.last + MARGIN)
        below = end if below is None else min(below, end)
    if not query.first:
        return [(None, below)]
    start, undated = number_of(query.first - MARGIN), number_of(UNDATED.date() + MARGIN)
    if start <= undated:
        return [(None, below)]
    return [(start, below), (None, undated if below is None else min(below, undated))]


def _by_relevance(articles: QuerySet, query: Query, found: dict[int, int]) -> dict[int, int]:
    """The newest WINDOW matches and TITLES older ones that match in their titles, best first; then the others by date.

    Takes and returns articles by entry number; one statement. What matches anywhere is known by its number; only
    titles are asked for, however common a word is.
    """
    if not found:
        return {}
    window = list(itertools.islice(found, WINDOW))
    statements = [walking.among(window)]
    if len(window) == WINDOW:
        in_titles = query.in_titles()
        ranges = _ranges(query, window[-1])
        statements.append(walking.newest(_narrowed(articles, query), in_titles.terms, (), TITLES, ranges))
    leads = walking.leads_of(statements)
    now = (timezone.now() - UNDATED) // datetime.timedelta(minutes=1)
    best = ranked([(number, lead) for number, _, lead in leads], query.wanted, now)
    known = {number: article for number, article, _ in leads}
    return {**{number: known[number] for number in best}, **found}


def _behind(articles: QuerySet, query: Query, after: str, shown: Set[int], results: Results) -> list[int]:
    """Articles of the page behind a place, without the entries `shown` before; the place behind that page goes into
    the results.
    """
    if not (after.isascii() and after.isdecimal() and len(after) < 20 and int(after) <= LARGEST_PLACE):
        return []
    rows = _newest(articles, query, ("pk",), PAGE + 1 + len(shown), int(after))
    rows = [row for row in rows if row[0] not in shown]
    if len(rows) > PAGE:
        results.after = str(rows[PAGE - 1][0])
    return [article for _, article in rows[:PAGE]]


def _in_order(pks: Sequence[int]) -> list[Article]:
    """Articles by their numbers, with source, picture and text, in this order; one statement."""
    if not pks:
        return []
    rows = Article.objects.filter(pk__in=pks).select_related("source", "lead_image").defer(*NOT_SHOWN)
    by_pk = {article.pk: article for article in rows}
    return [by_pk[pk] for pk in pks if pk in by_pk]


def _spread(results: Results, rows: list[tuple], *, with_topics: bool) -> None:
    """Count sources and years from what is read already, topics in one statement."""
    sources = collections.Counter((slug, name, language) for _, _, slug, name, language, _ in rows)
    years = collections.Counter(int(str(row[-1])[:4]) for row in rows if row[-1])
    results.sources = [Facet(s, n, count, lang) for (s, n, lang), count in sources.most_common(FACETS)]
    results.years = [Facet(str(year), str(year), count) for year, count in sorted(years.items(), reverse=True)[:FACETS]]
    if rows and with_topics:
        results.topics_of = min(len(rows), WINDOW)
        newest = RawSQL(*walking.among([row[1] for row in rows[:WINDOW]]))  # noqa: S611 - a parameter
        topics = (
            TaggedArticle.objects.filter(content_object__in=newest)
            .values("tag__slug", "tag__name")
            .annotate(count=Count("pk"))
            .order_by("-count", "tag__name")[:FACETS]
        )
        results.topics = [Facet(topic["tag__slug"], topic["tag__name"], topic["count"]) for topic in topics]
