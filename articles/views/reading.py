"""The front page and the article page."""

import calendar
import dataclasses
import datetime
from collections.abc import Callable

from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.exporting import records
from articles.ingest.rules.sources import SOURCES
from articles.models import Article, ArticleImage, Source, Tag, kept, previewed, tag_key
from articles.views.provenance import with_provenance
from articles.views.related import related_to

NEWEST = 18  # articles that the upper part of the front page chooses from
LEAD_AMONG = 8  # a big picture may lift an article to the top, but not an old one
SECONDS = 5
EACH_SOURCE = 3
TOPICS = 18
PUBLISHERS = {  # names that files give as tags, and that are no topics
    tag_key(word) for rule in SOURCES.values() for word in (rule.name, *rule.folders, *rule.bylines)
}
YEARS_BACK = 40
ON_THIS_DAY = 4
TOPICS_AMONG = 300  # newest articles whose topics count as current


@dataclasses.dataclass(frozen=True)
class SourceNews:
    """A source and its newest articles."""

    source: Source
    articles: list[Article]


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Lead, second stories, latest, topics, newest of each source: six queries with validation, whatever the rows."""
    newest = list(Article.objects.published().for_lists().newest_first()[:NEWEST])
    lead = _lead(newest)
    rest = [article for article in newest if article is not lead]
    seconds = sorted(rest[: SECONDS * 2], key=lambda article: not _has_picture(article))[:SECONDS]
    context = {
        "lead": lead,
        "seconds": seconds,
        "latest": [article for article in rest if article not in seconds],
        "topics": _kept(request, "topics", _current_topics) if newest else [],
        "by_source": _kept(request, "by source", _by_source) if newest else [],
        "on_this_day": _kept(request, f"this day {timezone.localdate()}", _on_this_day) if newest else [],
    }
    return render(request, "articles/front.html", context)


def _kept(request: HttpRequest, name: str, make: Callable[[], list]) -> list:
    return kept(request.validators.edition, f"front page: {name}", make)


def _has_picture(article: Article) -> bool:
    return article.lead_image is not None and article.lead_image.is_stored


def _lead(newest: list[Article]) -> Article | None:
    """The newest article with a picture and a text among the first few; else the newest."""
    whole = [article for article in newest[:LEAD_AMONG] if not article.stub]
    return next(filter(_has_picture, whole), None) or next(iter(whole or newest), None)


def _current_topics() -> list[Tag]:
    """Most used topics of the newest articles."""
    current = Article.objects.published().newest_first().values("pk")[:TOPICS_AMONG]
    topics = Tag.objects.filter(uses__content_object__in=current).annotate(count=Count("uses"))
    return list(topics.exclude(key__in=PUBLISHERS).order_by("-count", "name")[:TOPICS])


def _by_source() -> list[SourceNews]:
    """Newest articles of each source in two queries: an index probe for each place, then the rows."""
    own = Article.objects.published().filter(source=OuterRef("pk")).newest_first().values("pk")
    places = [f"place_{number}" for number in range(EACH_SOURCE)]
    sources = Source.objects.annotate(
        **{place: Subquery(own[number : number + 1]) for number, place in enumerate(places)}
    )
    chosen = {source: [pk for place in places if (pk := getattr(source, place))] for source in sources}
    wanted = [pk for pks in chosen.values() for pk in pks]
    rows = {article.pk: article for article in Article.objects.published().for_lists().filter(pk__in=wanted)}
    news = [SourceNews(source, [rows[pk] for pk in pks if pk in rows]) for source, pks in chosen.items()]
    return sorted((one for one in news if one.articles), key=lambda one: one.articles[0].listed_at, reverse=True)


def _on_this_day() -> list[Article]:
    """Articles that their sources published on this day of earlier years, the newest first."""
    today = timezone.localdate()
    years = [year for year in range(today.year - YEARS_BACK, today.year) if _has_day(year, today)]
    days = [today.replace(year=year) for year in years]
    return list(Article.objects.published().for_lists().newest_first().filter(published_on__in=days)[:ON_THIS_DAY])


def _has_day(year: int, day: datetime.date) -> bool:
    return day.day <= calendar.monthrange(year, day.month)[1]


@require_safe
def article(request: HttpRequest, number: int, slug: str = "") -> HttpResponse:
    """An article for reading, in five queries with validation; the number decides, a wrong or old slug redirects."""
    published = with_provenance(Article.objects.published().select_related("source", "lead_image"))
    found = get_object_or_404(published.defer("text", "title_raw", "links"), pk=number)
    if slug != found.slug:
        return HttpResponsePermanentRedirect(found.get_absolute_url())
    return render(request, "articles/article.html", _story(found))


def _story(found: Article) -> dict:
    """What the page of an article shows; four queries."""
    tags = list(Tag.objects.with_commonness().filter(uses__content_object=found).order_by("uses__id"))
    topic = next((tag for tag in tags if tag.key not in PUBLISHERS), None)
    return {
        "article": found,
        "places": ArticleImage.objects.filter(article=found).select_related("image").order_by("position", "id"),
        "tags": tags,
        "related": related_to(found, topic),
    }


@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """An article of any state as readers would see it, for whoever has its signed address; never kept by anybody."""
    number = previewed(token)
    articles = with_provenance(Article.objects.select_related("source", "lead_image"))
    found = get_object_or_404(articles.defer("text", "title_raw", "links"), pk=number) if number else None
    if found is None:
        raise Http404
    response = render(request, "articles/article.html", _story(found) | {"is_preview": True})
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def article_json(request: HttpRequest, number: int) -> JsonResponse:
    """The export record of a published article."""
    for record in records(Article.objects.published().filter(pk=number)):
        return JsonResponse(record, json_dumps_params={"ensure_ascii": False})
    raise Http404
