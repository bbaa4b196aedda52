"""Lists of articles: by source, by topic, by date."""

import calendar
import collections
import dataclasses
import datetime
from collections.abc import Callable

from django.db.models import Count, Max, Min
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from articles.models import Article, Source, Tag, TagAlias, TaggedArticle, kept
from articles.views.paging import page_of

TOPICS = 500  # more than anyone scans


@dataclasses.dataclass(frozen=True)
class Period:
    """A day, month or year of the archive and the number of its articles."""

    date: datetime.date
    count: int


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Sources that have something to read, each with its newest article's day and its count."""
    counted = (
        Article.objects.published()
        .order_by("source__name")
        .values("source__slug", "source__name", "source__language")
        .annotate(count=Count("pk"), newest_on=Max("published_on"), oldest_on=Min("published_on"))
    )
    return render(request, "articles/sources.html", {"sources": _kept(request, "sources", lambda: list(counted))})


@require_safe
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """Articles of one source, newest first."""
    found = get_object_or_404(Source, slug=slug)
    page = page_of(Article.objects.published().filter(source=found), request.GET.get("before"))
    return render(request, "articles/source.html", {"source": found, "page": page})


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """Topics of published articles with their counts, the most used first."""
    counted = (
        TaggedArticle.objects.filter(content_object__in=Article.objects.published().values("pk"))
        .values("tag__name", "tag__slug")
        .annotate(count=Count("pk"))
        .order_by("-count", "tag__name")
    )
    return render(request, "articles/tags.html", {"tags": _kept(request, "topics", lambda: list(counted[:TOPICS]))})


@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """Articles of one topic; an old or merged address redirects; a topic of no published article is not found."""
    found = Tag.objects.with_commonness().filter(slug=slug).first()
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


def _months(days: collections.Counter) -> collections.Counter:
    months = collections.Counter()
    for day, count in days.items():
        months[day.replace(day=1)] += count
    return months


def _year(number: int, months: collections.Counter) -> list[Period]:
    return [Period(date, months[date]) for date in (datetime.date(number, month, 1) for month in range(1, 13))]


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Every year with its months and counts."""
    days = _counts(request)
    undated = days.pop(None, 0)
    months = _months(days)
    years = [_year(number, months) for number in sorted({month.year for month in months}, reverse=True)]
    context = {
        "years": [(Period(year[0].date, sum(month.count for month in year)), year) for year in years],
        "undated": undated,
        "total": days.total() + undated,
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
    context |= {
        "date": first,
        "page": page,
        "earlier": published.filter(published_on__lt=first).aggregate(day=Max("published_on"))["day"],
        "later": published.filter(published_on__gt=last).aggregate(day=Min("published_on"))["day"],
    }
    return render(request, template, context)


@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    """Articles of a year, with the counts of its months."""
    first, last = _first_day(year), _first_day(year, 12, 31)
    days = _counts(request, published_on__range=(first, last))
    months = _year(year, _months(days))
    return _dated(request, "articles/year.html", first, last, months=months, total=days.total())


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
