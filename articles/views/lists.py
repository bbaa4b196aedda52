"""Lists of articles: by source, by topic, by date."""

import calendar
import collections
import dataclasses
import datetime
from collections.abc import Callable

from django.db.models import Count, Exists, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from articles.models import (
    Article,
    Source,
    Tag,
    TagAlias,
    TaggedArticle,
    kept,
    months_counted,
    sources_counted,
    topics_counted,
)
from articles.models.article import ArticleQuerySet
from articles.views.paging import page_of
from articles.views.reading import PUBLISHERS

TOPICS = 500  # more than anyone scans


@dataclasses.dataclass(frozen=True)
class Period:
    """A day, month or year of the archive and the number of its articles."""

    date: datetime.date
    count: int


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Sources that have something to read, each with its newest article's day and its count."""
    return render(request, "articles/sources.html", {"sources": _kept(request, "sources", sources_counted)})


@require_safe
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """Articles of one source, newest first."""
    found = get_object_or_404(Source, slug=slug)
    page = page_of(Article.objects.published().filter(source=found), request.GET.get("before"))
    return render(request, "articles/source.html", {"source": found, "page": page})


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """Topics of published articles with their counts, the most used first."""
    return render(request, "articles/tags.html", {"tags": _kept(request, "topics", _topics)})


def _topics() -> list[dict]:
    """The most used ones; the names of sources, which files give as tags, too, are no topics."""
    return topics_counted(TOPICS, without=PUBLISHERS)


@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """Articles of one topic; an old or merged address redirects; a topic of no published article is not found.

    `has_parent`: whether the topic that it is part of has a page, too.
    """
    shown = Article.objects.published().filter(pk=OuterRef("content_object"))
    uses = TaggedArticle.objects.filter(Exists(shown), tag=OuterRef("parent"))
    topics = Tag.objects.with_commonness().select_related("parent").annotate(has_parent=Exists(uses))
    found = topics.filter(slug=slug).first()
    if not found:
        alias = TagAlias.objects.filter(slug=slug).select_related("tag").first()
        if not alias:
            raise Http404
        return HttpResponsePermanentRedirect(alias.tag.get_absolute_url())
    page = page_of(Article.objects.published().of_topic(found), request.GET.get("before"))
    if not page.articles and page.is_first:
        raise Http404
    return render(request, "articles/tag.html", {"tag": found, "page": page})


def _kept(request: HttpRequest, name: str, make: Callable[[], object]) -> object:
    return kept(request.validators.edition, name, make)


def _counts(request: HttpRequest, **period) -> collections.Counter:
    """Number of published articles of each day (None: undated) in one grouped query, once an edition."""
    days = Article.objects.published().filter(**period).order_by().values("published_on").annotate(count=Count("pk"))

    def count() -> collections.Counter:
        return collections.Counter({day["published_on"]: day["count"] for day in days})

    return _kept(request, f"days:{period}", count).copy()


def _months(request: HttpRequest, *period: datetime.date) -> collections.Counter:
    """Number of published articles of each month (None: undated) of a period or of all, once an edition."""

    def count() -> collections.Counter:
        months = collections.Counter()
        for one in months_counted(*period):
            months[one.month] += one.articles
        return months

    return _kept(request, f"months:{period}", count).copy()


def _year(number: int, months: collections.Counter) -> list[Period]:
    return [Period(date, months[date]) for date in (datetime.date(number, month, 1) for month in range(1, 13))]


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Every year with its months and counts."""
    months = _months(request)
    undated = months.pop(None, 0)
    years = [_year(number, months) for number in sorted({month.year for month in months}, reverse=True)]
    context = {
        "years": [(Period(year[0].date, sum(month.count for month in year)), year) for year in years],
        "undated": undated,
        "total": months.total() + undated,
    }
    return render(request, "articles/archive.html", context)


@require_safe
def undated(request: HttpRequest) -> HttpResponse:
    """Articles whose date nobody knows."""
    page = page_of(Article.objects.published().filter(published_on__isnull=True), request.GET.get("before"))
    if not page.articles:
        raise Http404
    return render(request, "articles/undated.html", {"page": page})


def _first_day(year: int, month: int = 1, day: int = 1) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError as error:
        raise Http404 from error


def _dated(request: HttpRequest, template: str, first: datetime.date, last: datetime.date, **context) -> HttpResponse:
    """A page of the articles from `first` to `last`, with links to the nearest days before and after that have any."""
    published = Article.objects.published()
    of_period, before = published.filter(published_on__range=(first, last)), request.GET.get("before")
    page = page_of(of_period, before) if before else _kept(request, f"{first} {last}", lambda: page_of(of_period, ""))
    if not page.articles:
        raise Http404
    earlier, later = _beside(published, first, last)
    return render(request, template, context | {"date": first, "page": page, "earlier": earlier, "later": later})


def _beside(published: ArticleQuerySet, first: datetime.date, last: datetime.date) -> tuple[datetime.date | None, ...]:
    """The nearest days before and after that have articles; one query, whose only row is of any source."""
    before = published.filter(published_on__lt=first).order_by("-published_on").values("published_on")[:1]
    after = published.filter(published_on__gt=last).order_by("published_on").values("published_on")[:1]
    return Source.objects.order_by().values_list(Subquery(before), Subquery(after))[0]


@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    """Articles of a year, with the counts of its months."""
    first, last = _first_day(year), _first_day(year, 12, 31)
    months = _months(request, first, last)
    return _dated(request, "articles/year.html", first, last, months=_year(year, months), total=months.total())


def _month_of(date: datetime.date) -> tuple[datetime.date, datetime.date]:
    """First and last day of the month of a date."""
    return date.replace(day=1), date.replace(day=calendar.monthrange(date.year, date.month)[1])


def _calendar(first: datetime.date, days: collections.Counter) -> dict:
    """Weeks of the month that begins with `first`, their days with counts, and seven days to name the columns."""
    weeks = [
        [Period(first.replace(day=day), days[first.replace(day=day)]) if day else None for day in week]
        for week in calendar.monthcalendar(first.year, first.month)
    ]
    monday = first - datetime.timedelta(days=first.weekday())
    return {"weeks": weeks, "weekdays": [monday + datetime.timedelta(days=number) for number in range(7)]}


@require_safe
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """Articles of a month, with the counts of its days as a calendar."""
    first, last = _month_of(_first_day(year, month))
    days = _counts(request, published_on__range=(first, last))
    return _dated(request, "articles/month.html", first, last, total=days.total(), **_calendar(first, days))


@require_safe
def day(request: HttpRequest, year: int, month: int, day: int) -> HttpResponse:
    """Articles of a day, with the calendar of its month."""
    date = _first_day(year, month, day)
    first, last = _month_of(date)
    days = _counts(request, published_on__range=(first, last))
    return _dated(request, "articles/day.html", date, date, total=days[date], **_calendar(first, days))
