"""Answers queries: which articles, in which order, and how they are spread over sources, topics and years."""

from __future__ import annotations

import collections
import datetime
import operator
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from articles.ingest.text import fold
from articles.ingest.vectors import HEAD
from articles.ingest.words import DIVIDER, FIELDS
from articles.models import UNDATED, Article, ArticleImage, Source, Tag, TaggedArticle, kept, tag_key
from articles.search import walking
from articles.search.index import number_of
from articles.search.query import Query
from articles.search.ranking import UNRANKED, ranked

CAP = 1000  # matches that are counted: "1,000+" costs a thousandth of the exact number of a common word
CAP_OF_PHRASES = 500  # the same where matches must be read one by one: tokens side by side, or in one field
WINDOW = 200  # newest matches that are ranked, and whose topics are counted; what is older follows by date
TITLES = 100  # newest of the older matches in titles, which are ranked beside them
HEADS = 100  # the same in titles, standfirsts, topics, captions and bylines
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

    `after` is the place behind which the next page begins, however much is published before it is asked for; empty on
    the last one. `ranked` says that only so many of the newest matches are ordered by relevance, and of the older ones
    those whose heads have the words; 0 that all are.
    Sources and years count as many articles at most, topics WINDOW, the newest; `topics_of` says how many those are.
    """

    articles: list[Article] = field(default_factory=list)
    total: int = 0
    more: bool = False
    ranked: int = 0
    after: str = ""
    sources: list[Facet] = field(default_factory=list)
    topics: list[Facet] = field(default_factory=list)
    topics_of: int = 0
    years: list[Facet] = field(default_factory=list)


def matching(articles: QuerySet, query: Query) -> QuerySet:
    """`articles` narrowed to what the query asks for; one statement with everything in it, and one for names of sources
    where they are not kept.
    """
    return _with_words(_narrowed(articles, query), query)


def newest_of(articles: QuerySet, query: Query, most: int) -> list[int]:
    """Numbers of the newest of `articles` that the query asks for; one statement, however common its words are."""
    return [pk for _number, pk in _newest(_narrowed(articles, query), query, ("pk",), most)]


def _with_words(articles: QuerySet, query: Query) -> QuerySet:
    return articles.filter(entry__words__match=query.terms) if query.terms else articles


def _narrowed(articles: QuerySet, query: Query) -> QuerySet:
    """`articles` narrowed by all that the query asks for beside words."""
    if query.source:
        articles = articles.filter(source__in=_sources(query.source, query.edition))
    if query.tag:
        articles = articles.filter(pk__in=_tagged(query.tag))
    for kind, name in query.without:
        wrong = Q(source__in=_sources(name, query.edition)) if kind == "source" else Q(pk__in=_tagged(name))
        articles = articles.exclude(wrong)
    if query.first:
        articles = articles.filter(published_on__gte=query.first)
    if query.last:
        articles = articles.filter(published_on__lte=query.last)
    return articles


def _sources(name: str, edition: str) -> list[int]:
    """Sources of this folded name, or with it as their part of addresses."""
    named = kept(edition, "sources by name", _named_sources) if edition else _named_sources()
    return named.get(name, [])


def _named_sources() -> dict[str, list[int]]:
    named: dict[str, list[int]] = {}
    for pk, *names in Source.objects.values_list("pk", "slug", "name"):
        for name in {fold(name).strip() for name in names}:
            named.setdefault(name, []).append(pk)
    return named


def _tagged(name: str) -> QuerySet:
    key = tag_key(name)
    tags = Tag.objects.filter(Q(key=key) | Q(slug=name) | Q(aliases__key=key)).values("pk")
    return TaggedArticle.objects.filter(tag__in=tags).values("content_object")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page of results by relevance begins, and what all that must be known to order them as before.

    Ranked as at the minute `now` are the articles with entries from `low` on, and those that match in titles or heads
    from these numbers on: what comes later moves none of them. `score` and `number` are those of the last one shown.
    """

    now: int
    low: int
    titles: int
    heads: int
    score: int = LARGEST_PLACE
    number: int = LARGEST_PLACE

    def __str__(self) -> str:
        return ".".join(map(str, astuple(self)))


@dataclass(slots=True)
class _Order:
    """Matches as (score, entry number, article), best first; the score is UNRANKED where they go by date.

    `older` are the entries that are ranked though their turn by date would be later. `place` is None where all go by
    date.
    """

    matches: list[tuple[int, int, int]]
    older: frozenset[int] = frozenset()
    place: _Place | None = None


def find(articles: QuerySet, query: Query, *, newest: bool = False, after: str = "", page: int = 1) -> Results:
    """A page of `articles` that the query asks for: by relevance, or the newest first. Five statements at most, and
    one for names of sources where they are not kept.

    Each page begins `after` the place that the page before names, however deep: no article comes twice and none is
    left out, whatever is published meanwhile. `page` counts from the first one as the order is now, among the newest
    CAP or CAP_OF_PHRASES matches. Only a page without `after` has topics.
    """
    by_date = newest or not query.wanted
    begins = _read(after, by_date)
    if query.is_empty or (after and begins is None):
        return Results()
    articles = _narrowed(articles, query)
    cap = CAP if walking.index_knows(query.terms) else min(CAP, CAP_OF_PHRASES)
    rows = _newest(articles, query, COLUMNS, cap + 1)
    results = Results(total=min(len(rows), cap), more=len(rows) > cap)
    known = {row[0]: row[1] for row in rows[:cap]}
    if by_date or (begins and begins.low < 0):
        order = _Order([(UNRANKED, number, article) for number, article in known.items()])
    else:
        order = _by_relevance(articles, query, known, begins)
        results.ranked = WINDOW if order.place and order.place.low else 0
    if begins:
        shown, goes_on = _behind(articles, query, order, begins, results.more)
    else:
        end = page * PAGE
        shown = order.matches[end - PAGE : end]
        goes_on = end < len(order.matches) or results.more
    if goes_on and shown:
        score, number, _ = shown[-1]
        results.after = str(replace(order.place, score=score, number=number)) if order.place else str(number)
    results.articles = _in_order([article for _, _, article in shown])
    _spread(results, rows[:cap], with_topics=not after)
    return results


def _read(after: str, by_date: bool) -> _Place | None:
    """The place that a page named; None when it is none. A bare number is a place by date: its `low` is -1."""
    parts = after.split(".")
    if not all(part.isascii() and part.isdecimal() and len(part) < 20 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if max(numbers) > LARGEST_PLACE:
        return None
    if len(numbers) == 1:
        return _Place(0, -1, 0, 0, UNRANKED, *numbers)
    return _Place(*numbers) if len(numbers) == len(_Place.__slots__) and not by_date else None


def _behind(
    articles: QuerySet, query: Query, order: _Order, begins: _Place, more: bool
) -> tuple[list[tuple[int, int, int]], bool]:
    """The page of an order that begins behind a place, and whether it goes on; one statement where it is behind all
    matches that are counted.
    """
    matches = [match for match in order.matches if match[:2] < (begins.score, begins.number)]
    if more and len(matches) <= PAGE:
        below = order.matches[-1][1] if order.matches and order.matches[-1][0] == UNRANKED else begins.low
        below = min(below, begins.number) if begins.score == UNRANKED else below
        most = PAGE + 1 + len(order.older)
        further = _newest(articles, query, ("pk",), most, below)
        matches += [(UNRANKED, number, pk) for number, pk in further if number not in order.older]
    return matches[:PAGE], len(matches) > PAGE


def _newest(
    articles: QuerySet, query: Query, columns: Sequence[str], most: int, below: int | None = None
) -> list[tuple]:
    """Number and columns of the newest matches, newest first; one statement."""
    if walking.can_walk(query.terms):
        ranges = _ranges(query, below)
        try:
            statement = walking.newest(articles, query.terms, columns, most, ranges)
        except EmptyResultSet:  # of no source, for one
            return []
        found = walking.rows_of(statement)
        return sorted(found, key=operator.itemgetter(0), reverse=True)
    found = _with_words(articles, query).filter(entry__isnull=False).order_by("-entry__id")
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


def _first(known: Sequence[int]) -> _Place:
    """Where results begin whose newest entries are these; what is older than WINDOW of them is not asked for yet."""
    now = (timezone.now() - UNDATED) // datetime.timedelta(minutes=1)
    low = known[WINDOW - 1] if len(known) > WINDOW else 0
    return _Place(now, low, 0, 0)


def _by_relevance(articles: QuerySet, query: Query, known: dict[int, int], begins: _Place | None) -> _Order:
    """The newest WINDOW matches, and of the older ones TITLES that match in their titles and HEADS in their heads, best
    first; then the others by date. As they were when the first page was made, where a place of it is given.

    Takes articles by entry number; one statement. What matches anywhere is known by its number; only titles and heads
    are asked for, however common a word is.
    """
    place = begins or _first(list(known))
    window = [number for number in known if number >= place.low]
    statements = [walking.among(window)]
    if place.low:
        times = 2 if begins else 1  # some may have come in between
        for part, least, most in ((FIELDS[0], place.titles, TITLES), (HEAD, place.heads, HEADS)):
            ranges = [(max(start or 0, least), below) for start, below in _ranges(query, place.low)]
            statements.append(walking.newest(articles, query.within(part), (), times * most, ranges))
    leads = walking.leads_of(statements) if known else []
    if not begins:
        titles, heads = (
            min(older) if len(older := [number for number, *_, part in leads if part == of]) == most else 0
            for of, most in ((1, TITLES), (2, HEADS))
        )
        place = replace(place, titles=titles, heads=heads)
    found = {number: article for number, article, *_ in leads}
    read = {number: f"{lead}\n{more}" for number, _, lead, more, _ in leads}
    best = [(score, number, found[number]) for score, number in ranked(read.items(), query.wanted, place.now)]
    rest = [(UNRANKED, number, known[number]) for number in known if number < place.low and number not in found]
    return _Order([*best, *rest], frozenset(number for number in found if number < place.low), place)


class _Lines(Subquery):
    """The `line`s of a subquery as one text, DIVIDER between; NULL where there are none."""

    output_field = TextField()
    template = f"(SELECT group_concat(one.line, char({ord(DIVIDER)})) FROM (%(subquery)s) one)"  # noqa: S608 - of our own

    def as_postgresql(self, compiler, connection):
        """PostgreSQL has other names for it."""
        template = f"(SELECT string_agg(one.line, chr({ord(DIVIDER)})) FROM (%(subquery)s) one)"  # noqa: S608 - of our own
        return self.as_sql(compiler, connection, template=template)


def _in_order(pks: Sequence[int]) -> list[Article]:
    """Articles by their numbers, with source, picture, text and the lines of captions and topics, in this order; one
    statement.
    """
    if not pks:
        return []
    captions = ArticleImage.objects.filter(article=OuterRef("pk")).order_by("position", "pk").values(line=F("caption"))
    topics = TaggedArticle.objects.filter(content_object=OuterRef("pk")).order_by("pk").values(line=F("tag__name"))
    rows = Article.objects.filter(pk__in=pks).select_related("source", "lead_image").defer(*NOT_SHOWN)
    rows = rows.annotate(caption_lines=_Lines(captions), topic_lines=_Lines(topics))
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
