"""Sitemaps: an index in parts by month of the source's date, and the news by it; each part is one indexed query.

Articles whose original is the one to find, and those of sources kept out of search engines, are in none of them.
"""

import calendar
import collections
import dataclasses
import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, Source, Tag, kept
from articles.models.article import ArticleQuerySet

PART = 10_000  # addresses in a file; 50,000 in 50 MB are allowed, and Chinese addresses are long
TOPICS = 10_000
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


class MonthSitemap(Sitemap):
    """Articles that their sources published in a month; those without a date for None."""

    limit = PART

    def __init__(self, month: datetime.date | None) -> None:
        self.month = month

    def items(self) -> ArticleQuerySet:
        """By number, so that pages stay what they are while articles come."""
        articles = findable().only("pk", "slug", "updated_at").order_by("pk")
        if self.month is None:
            return articles.filter(published_on__isnull=True)
        last = self.month.replace(day=calendar.monthrange(self.month.year, self.month.month)[1])
        return articles.filter(published_on__range=(self.month, last))

    def lastmod(self, article: Article) -> datetime.datetime:
        """When the article was changed here."""
        return article.updated_at


class PageSitemap(Sitemap):
    """Pages that are no articles: front page, archive, sources, topics of published articles."""

    limit = PART

    def items(self) -> list[str]:
        """Addresses; two queries."""
        published = findable()
        sources = Source.objects.filter(pk__in=published.order_by().values("source"))
        topics = Tag.objects.filter(uses__content_object__in=published.order_by().values("pk")).distinct()
        return [
            *map(reverse, ("front", "sources", "tags", "archive")),
            *(source.get_absolute_url() for source in sources),
            *(topic.get_absolute_url() for topic in topics[:TOPICS]),
        ]

    def location(self, address: str) -> str:
        """The address itself."""
        return address


def _parts() -> dict[datetime.date | None, tuple[int, datetime.datetime]]:
    """Number of articles and latest change of each month (None: undated), in one grouped query."""
    days = findable().order_by().values("published_on").annotate(count=Count("pk"), changed_at=Max("updated_at"))
    counts, changes = collections.Counter(), {}
    for day in days:
        month = day["published_on"] and day["published_on"].replace(day=1)
        counts[month] += day["count"]
        changes[month] = max(changes.get(month, day["changed_at"]), day["changed_at"])
    return {month: (counts[month], changes[month]) for month in counts}


def _address_of(month: datetime.date | None) -> str:
    if month is None:
        return reverse("sitemap_undated_xml")
    return reverse("sitemap_month_xml", args=[month.year, month.month])


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The index of all parts with their latest changes; one query."""
    entries = [SitemapIndexItem(settings.SITE_URL + reverse("sitemap_pages_xml"))]
    parts = kept(request.validators.edition, "sitemap", _parts)
    for month in sorted(parts, key=lambda month: month or datetime.date.min, reverse=True):
        count, changed_at = parts[month]
        address = settings.SITE_URL + _address_of(month)
        files = [address, *(f"{address}?p={number}" for number in range(2, -(-count // PART) + 1))]
        entries += [SitemapIndexItem(file, changed_at) for file in files]
    return render(request, "sitemap_index.xml", {"sitemaps": entries}, content_type=XML)


def _answer(request: HttpRequest, sitemap: Sitemap) -> HttpResponse:
    try:
        urls = sitemap.get_urls(request.GET.get("p", 1), _Site(), urlsplit(settings.SITE_URL).scheme)
    except (EmptyPage, PageNotAnInteger) as error:
        raise Http404 from error
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
    return _answer(request, MonthSitemap(first))


@require_safe
def undated(request: HttpRequest) -> HttpResponse:
    """Articles whose date nobody knows."""
    return _answer(request, MonthSitemap(None))


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
