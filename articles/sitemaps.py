"""Sitemaps: an index in parts by month of the source's date, and the news by it; each part is one indexed query.

Articles whose original is the one to find, and those of sources kept out of search engines, are in none of them.
"""

import calendar
import collections
import dataclasses
import datetime
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, Source, Story, StoryArticle, Tag, kept, months_counted
from articles.models.article import ArticleQuerySet

PLACE = re.compile("[0-9]{1,18}")
LISTS = ("front", "sources", "tags", "topics_by_name", "archive", "on_this_day", "stories", "transparency", "api")
PART = 10_000  # addresses in a file; 50,000 in 50 MB are allowed, and Chinese addresses are long
NEWS = datetime.timedelta(hours=48)
NEWS_AT_MOST = 1000  # as news sitemaps allow
NEWS_LANGUAGES = {"hans": "zh-cn", "hant": "zh-tw"}  # the two exceptions from ISO 639 that news sitemaps make
XML = "application/xml"


@dataclasses.dataclass(frozen=True)
class _Site:
    """What Django's sitemaps want to know of a site."""

    domain: str = urlsplit(settings.SITE_URL).netloc


def findable() -> ArticleQuerySet:
    """Published articles that search engines shall find here."""
    return Article.objects.published().filter(source__indexing=Source.Indexing.OWN)


def _of_month(month: datetime.date | None) -> ArticleQuerySet:
    """Articles that their sources published in a month (None: whose date nobody knows), by number."""
    articles = findable().order_by("pk")
    if month is None:
        return articles.filter(published_on__isnull=True)
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    return articles.filter(published_on__range=(month, last))


class MonthSitemap(Sitemap):
    """A part of the articles of a month: those that follow the one with the number `after`."""

    limit = PART

    def __init__(self, month: datetime.date | None, after: int) -> None:
        self.month, self.after = month, after

    def items(self) -> list[Article]:
        """By number, so that parts stay what they are while articles come; one query, however deep."""
        articles = _of_month(self.month).filter(pk__gt=self.after)
        return list(articles.only("pk", "slug", "updated_at")[:PART])

    def lastmod(self, article: Article) -> datetime.datetime:
        """When the article was changed here."""
        return article.updated_at


class PageSitemap(Sitemap):
    """Pages that are no articles: front page, lists, sources of articles that shall be found."""

    limit = PART

    def items(self) -> list[str]:
        """Addresses; one query. Of each source only the first article that is found is looked at."""
        sources = Source.objects.filter(Exists(findable().order_by().filter(source=OuterRef("pk"))))
        return [*map(reverse, LISTS), *(source.get_absolute_url() for source in sources)]

    def location(self, address: str) -> str:
        """The address itself."""
        return address


def _topics() -> QuerySet[Tag]:
    """Topics of articles that shall be found, by number; of each only the first such article is looked at."""
    return Tag.objects.filter(Exists(findable().order_by().filter(tagged__tag=OuterRef("pk")))).order_by("pk")


def _stories() -> QuerySet[Story]:
    """Stories that articles tell which shall be found, by number."""
    told = findable().order_by().filter(story_places__story=OuterRef("pk"), story_places__state=StoryArticle.State.IN)
    return Story.objects.confirmed().filter(Exists(told)).order_by("pk")


class ShelfSitemap(Sitemap):
    """A part of the topics or of the stories: those that follow the one with the number `after`."""

    limit = PART

    def __init__(self, shelf: QuerySet, after: int) -> None:
        self.shelf, self.after = shelf, after

    def items(self) -> list[Tag | Story]:
        """By number, so that parts stay what they are while more come; one query, however deep."""
        return list(self.shelf.filter(pk__gt=self.after).only("pk", "slug")[:PART])


SHELVES = {"sitemap_topics_xml": _topics, "sitemap_stories_xml": _stories}  # by name of their address


@dataclasses.dataclass(frozen=True)
class Part:
    """The articles of a month: the numbers behind which its files begin, and their latest change."""

    places: list[int]
    changed_at: datetime.datetime


def _parts() -> dict[datetime.date | None, Part]:
    """The part of each month (None: undated), in three queries and one for each file that is full."""
    sources = set(Source.objects.filter(indexing=Source.Indexing.OWN).values_list("pk", flat=True))
    counts, changes = collections.Counter(), {}
    for one in months_counted():
        if one.source in sources:
            counts[one.month] += one.articles
            changes[one.month] = max(changes.get(one.month, one.changed_at), one.changed_at)
    return {month: Part(_places(month, counts[month]), changes[month]) for month in counts}


def _places(month: datetime.date | None, count: int) -> list[int]:
    places = [0]
    while count > PART * len(places):
        behind = _of_month(month).filter(pk__gt=places[-1]).values_list("pk", flat=True)[PART - 1 : PART].first()
        if behind is None:
            break
        places.append(behind)
    return places


def _places_of_shelf(shelf: QuerySet) -> list[int]:
    """The numbers behind which the files of topics or stories begin, none where there are none; one query."""
    numbers = list(shelf.values_list("pk", flat=True))
    return [0, *numbers[PART - 1 : -1 : PART]] if numbers else []


def _addresses_of_parts(address: str, places: list[int]) -> list[str]:
    return [f"{address}?after={place}" if place else address for place in places]


def _address_of(month: datetime.date | None) -> str:
    if month is None:
        return reverse("sitemap_undated_xml")
    return reverse("sitemap_month_xml", args=[month.year, month.month])


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The index of all parts with their latest changes; one query."""
    edition = request.validators.edition
    entries = [SitemapIndexItem(settings.SITE_URL + reverse("sitemap_pages_xml"))]
    for name, shelf in SHELVES.items():
        places = kept(edition, name, lambda shelf=shelf: _places_of_shelf(shelf()))
        files = _addresses_of_parts(settings.SITE_URL + reverse(name), places)
        entries += [SitemapIndexItem(file) for file in files]
    parts = kept(edition, "sitemap", _parts)
    for month in sorted(parts, key=lambda month: month or datetime.date.min, reverse=True):
        part, address = parts[month], settings.SITE_URL + _address_of(month)
        files = _addresses_of_parts(address, part.places)
        entries += [SitemapIndexItem(file, part.changed_at) for file in files]
    return render(request, "sitemap_index.xml", {"sitemaps": entries}, content_type=XML)


def _answer(request: HttpRequest, sitemap: Sitemap) -> HttpResponse:
    urls = sitemap.get_urls(site=_Site(), protocol=urlsplit(settings.SITE_URL).scheme)
    if not urls:
        raise Http404
    return render(request, "sitemap.xml", {"urlset": urls}, content_type=XML)


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """Addresses that are no articles."""
    return _answer(request, PageSitemap())


@require_safe
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """Articles of a month."""
    try:
        first = datetime.date(year, month, 1)
    except ValueError as error:
        raise Http404 from error
    return _answer(request, MonthSitemap(first, _after(request)))


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """Topics."""
    return _answer(request, ShelfSitemap(_topics(), _after(request)))


@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    """Stories."""
    return _answer(request, ShelfSitemap(_stories(), _after(request)))


def _after(request: HttpRequest) -> int:
    """The place behind which a file begins, as the index names it."""
    place = request.GET.get("after", "0")
    if not PLACE.fullmatch(place):
        raise Http404
    return int(place)


@require_safe
def undated(request: HttpRequest) -> HttpResponse:
    """Articles whose date nobody knows."""
    return _answer(request, MonthSitemap(None, _after(request)))


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """What sources published in the last 48 hours; one query."""
    fresh = findable().filter(listed_at__gt=timezone.now() - NEWS).for_lists().newest_first()[:NEWS_AT_MOST]
    entries = [
        {
            "location": settings.SITE_URL + article.get_absolute_url(),
            "language": NEWS_LANGUAGES.get(article.script) or (article.language or article.source.language)[:2],
            "published": _as_exact(article),
            "title": article.title,
        }
        for article in fresh
    ]
    context = {"entries": entries, "name": settings.SITE_NAME}
    return render(request, "articles/sitemap_news.xml", context, content_type=XML)


def _as_exact(article: Article) -> str:
    """Date of publication as exactly as it is known (W3C format)."""
    if article.published_precision == Article.Precision.DAY:
        return article.published_on.isoformat()
    return article.published_at.astimezone(datetime.UTC).isoformat(timespec="seconds")
