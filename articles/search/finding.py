"""Answers queries: which articles, in which order, and how they are spread over sources, topics and years."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from articles.models import UNDATED, Article, Source, Tag, TaggedArticle, tag_key
from articles.search.query import Query
from articles.search.ranking import ranked

CAP = 1000  # matches that are counted: "1,000+" costs a thousandth of the exact number of a common word
WINDOW = 200  # newest matches that are ranked, and whose topics are counted; what is older follows by date
TITLES = 100  # newest matches in titles that are ranked beside them
PAGE = 20
FACETS = 10
LARGEST_PLACE = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that would narrow the results, and to how many."""

    value: str
    name: str
    count: int
    language: str = ""


@dataclass(slots=True)
class Results:
    """One page of answers. `total` is CAP at most; `more` says that there are more than that.

    `page` is the number of the next page, or `after` the place behind which it begins; neither on the last one.
    Sources and years count CAP articles at most, topics WINDOW, the newest; `topics_of` says how many those are.
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

    The newest CAP matches are ordered and cut by `page`; those behind them follow by date, each page beginning
    `after` the place that the page before names, however deep; such pages have no topics.
    """
    if query.is_empty:
        return Results()
    found = matching(articles, query).filter(entry__isnull=False).order_by("-entry__id")
    columns = ("entry__id", "pk", "source__slug", "source__name", "source__language", "published_on")
    rows = list(found.values_list(*columns)[: CAP + 1])
    results = Results(total=min(len(rows), CAP), more=len(rows) > CAP)
    numbers = [row[0] for row in rows[:CAP]]
    order = numbers if newest or not query.wanted else _by_relevance(found, query, numbers)
    if after:
        numbers = _behind(found.exclude(entry__in=set(order) - set(numbers)), after, results)
    else:
        end = page * PAGE
        if end < len(order):
            results.page = page + 1
        elif results.more:
            results.after = str(numbers[-1])
        numbers = order[end - PAGE : end]
    results.articles = _in_order(numbers)
    _spread(results, rows[:CAP], with_topics=not after)
    return results


def _by_relevance(found: QuerySet, query: Query, numbers: list[int]) -> list[int]:
    """The newest WINDOW matches and TITLES older ones that match in their titles, best first; then the others by date.

    One statement.
    """
    if not numbers:
        return []
    window = numbers[:WINDOW]
    in_titles = tuple(term if term.excluded else term.within("title") for term in query.terms)
    ranked_ones = Q(entry__gte=window[-1])
    if len(window) == WINDOW:
        ranked_ones |= Q(entry__words__match=in_titles)
    leads = dict(found.filter(ranked_ones).values_list("entry__id", "entry__lead")[: WINDOW + TITLES])
    now = (timezone.now() - UNDATED) // datetime.timedelta(minutes=1)
    best = ranked(list(leads.items()), query.wanted, now)
    return [*best, *(number for number in numbers if number not in leads)]


def _behind(found: QuerySet, after: str, results: Results) -> list[int]:
    """Entry numbers of the page behind a place; the place behind that page goes into the results."""
    if not (after.isascii() and after.isdecimal() and len(after) < 20 and int(after) <= LARGEST_PLACE):
        return []
    numbers = list(found.filter(entry__lt=int(after)).values_list("entry__id", flat=True)[: PAGE + 1])
    if len(numbers) > PAGE:
        results.after = str(numbers[PAGE - 1])
    return numbers[:PAGE]


def _in_order(numbers: Sequence[int]) -> list[Article]:
    """The rows of a page, with source, picture and text."""
    if not numbers:
        return []
    heavy = [name for name in Article.HEAVY_FIELDS if name != "text"]
    rows = Article.objects.filter(entry__in=numbers).select_related("source", "lead_image", "entry")
    rows = rows.defer(*heavy, "entry__lead", "entry__words")
    by_number = {article.entry.pk: article for article in rows}
    return [by_number[number] for number in numbers if number in by_number]


def _spread(results: Results, rows: list[tuple], *, with_topics: bool) -> None:
    """Count sources and years from what is read already, topics in one statement."""
    sources = collections.Counter((slug, name, language) for _, _, slug, name, language, _ in rows)
    years = collections.Counter(row[-1].year for row in rows if row[-1])
    results.sources = [Facet(s, n, count, lang) for (s, n, lang), count in sources.most_common(FACETS)]
    results.years = [Facet(str(year), str(year), count) for year, count in sorted(years.items(), reverse=True)[:FACETS]]
    if rows and with_topics:
        results.topics_of = min(len(rows), WINDOW)
        topics = (
            TaggedArticle.objects.filter(content_object__in=[row[1] for row in rows[:WINDOW]])
            .values("tag__slug", "tag__name")
            .annotate(count=Count("pk"))
            .order_by("-count", "tag__name")[:FACETS]
        )
        results.topics = [Facet(topic["tag__slug"], topic["tag__name"], topic["count"]) for topic in topics]
