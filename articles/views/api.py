"""The read API: published articles, topics and sources as JSON, for whoever builds on the archive.

Described in `openapi.py`; what a reader may see is all there is here. Pages of a list begin where the one before ended.
"""

import datetime
import functools
import re
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from django.conf import settings
from django.core.cache import cache
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from articles import images
from articles.exporting import instant, records
from articles.guarding import client_address
from articles.ingest.text import one_line
from articles.models import (
    Article,
    TagAlias,
    TaggedArticle,
    TakeDown,
    kept,
    sources_counted,
    topics_by_name,
)
from articles.models.article import ArticleQuerySet
from articles.views.openapi import description
from articles.views.paging import page_of
from articles.views.scripts import PREFIXES
from articles.views.takedowns import tombstone_json, tombstone_of

MOST = 100  # entries in a page
USUAL = 30
WINDOW = 60  # seconds
ALLOWED = 120  # requests of one address in a window
XML = "text/xml"
SCRIPT = re.compile(rf"^/(?:{'|'.join(PREFIXES)})/")


class TakenDown(Exception):
    """What is asked for was taken down."""

    def __init__(self, take_down: TakeDown) -> None:
        super().__init__(take_down.reference)
        self.take_down = take_down


class Wrong(Exception):
    """A request that cannot be answered; the message says what is allowed."""

    def __init__(self, told: str, status: int = 400) -> None:
        super().__init__(told)
        self.status = status


def _is_too_much(request: HttpRequest) -> bool:
    """Count a request; no address is kept, only a keyed hash of it for the length of a window."""
    window = int(timezone.now().timestamp()) // WINDOW
    key = "api:" + salted_hmac("api", f"{client_address(request)} {window}", algorithm="sha256").hexdigest()
    cache.add(key, 0, WINDOW)
    try:
        return cache.incr(key) > ALLOWED
    except ValueError:  # the window ended between the two
        return False


def answering(view: Callable[..., dict | HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view of a function that returns what to answer (as JSON, unless it is an answer already); it may raise
    Wrong, TakenDown or Http404.
    """

    @require_safe
    @functools.wraps(view)
    def answer(request: HttpRequest, **parts) -> HttpResponse:
        if _is_too_much(request):
            response = _json({"error": f"More than {ALLOWED} requests in {WINDOW} seconds: wait a little."}, 429)
            response["Retry-After"] = str(WINDOW)
            return response
        try:
            told = view(request, **parts)
            return _json(told, 200) if isinstance(told, dict) else _open_to_all(told)
        except Wrong as error:
            return _json({"error": str(error)}, error.status)
        except TakenDown as error:
            return _open_to_all(tombstone_json(error.take_down))
        except Http404:
            return _json({"error": "There is nothing at this address."}, 404)

    return answer


def _json(content: dict, status: int) -> HttpResponse:
    return _open_to_all(JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False}))


def _open_to_all(response: HttpResponse) -> HttpResponse:
    """Programs of other sites may read it in a browser, too; what shall be found by searching are the pages."""
    response["Access-Control-Allow-Origin"] = "*"
    response["X-Robots-Tag"] = "noindex"
    return response


def _number(request: HttpRequest, name: str, usual: int, most: int) -> int:
    value = request.GET.get(name) or str(usual)
    if not (value.isascii() and value.isdigit() and len(value) < 6 and 1 <= int(value) <= most):
        raise Wrong(f"“{name}” is a number from 1 to {most}.")
    return int(value)


def _day(request: HttpRequest, name: str) -> datetime.date | None:
    value = request.GET.get(name)
    try:
        return datetime.date.fromisoformat(value) if value else None
    except ValueError as error:
        raise Wrong(f"“{name}” is a day such as 2025-01-28.") from error


def _topic(slug: str) -> str:
    """The slug that a topic has now: one that was merged or renamed is meant by its former slug, too. One query."""
    moved = TagAlias.objects.filter(slug=slug).exclude(tag__slug=slug).values_list("tag__slug", flat=True).first()
    return moved or slug


def _chosen(request: HttpRequest) -> ArticleQuerySet:
    found = Article.objects.published()
    begin, end = _day(request, "from"), _day(request, "to")
    filters = {
        "source__slug": request.GET.get("source"),
        "tagged__tag__slug": _topic(request.GET["tag"]) if request.GET.get("tag") else None,
        "script": request.GET.get("script"),
        "published_on__gte": begin,
        "published_on__lte": end,
    }
    return found.filter(**{field: value for field, value in filters.items() if value})


@answering
def articles(request: HttpRequest) -> dict:
    """A page of articles, newest first; three queries with validation, one more with a topic."""
    size = _number(request, "limit", USUAL, MOST)
    try:
        page = page_of(_chosen(request), request.GET.get("before"), size)
    except Http404 as error:
        raise Wrong("“before” comes from “next” of the page before.") from error
    uses = TaggedArticle.objects.select_related("tag").order_by("id")
    prefetch_related_objects(page.articles, Prefetch("tagged", uses, to_attr="uses"))
    return {"articles": [_entry(article) for article in page.articles], "next": _next(request, page.older)}


def _next(request: HttpRequest, place: str) -> str | None:
    if not place:
        return None
    asked = {name: value for name, value in request.GET.items() if name != "before"}
    return f"{settings.SITE_URL}{request.path}?{urlencode({**asked, 'before': place})}"


def _entry(article: Article) -> dict:
    image = article.lead_image
    return {
        "id": article.pk,
        "page": settings.SITE_URL + article.get_absolute_url(),
        "record": settings.SITE_URL + reverse("api_article_json", args=[article.pk]),
        "title": article.title,
        "summary": article.standfirst or article.excerpt,
        "byline": article.byline,
        "source": article.source.slug,
        "canonical_url": article.canonical_url,
        "published": instant(article.published_at),
        "published_precision": article.published_precision,
        "language": article.language,
        "script": article.script,
        "tags": [use.tag.name for use in article.uses],
        "image": _absolute(image.file.url) if image and image.is_stored else None,
        "updated": instant(article.updated_at),
    }


def _absolute(address: str) -> str:
    return settings.SITE_URL + address if address.startswith("/") else address


@answering
def article(request: HttpRequest, number: int) -> dict:
    """One article whole: its export record and its page."""
    for record in records(Article.objects.published().filter(pk=number)):
        return {**record, "page": settings.SITE_URL + reverse("article_by_number", args=[number])}
    raise _missing(number)


def _missing(number: int) -> Exception:
    """Why an article is not told: TakenDown or Http404; one query."""
    take_down = tombstone_of(number)
    return TakenDown(take_down) if take_down else Http404()


@answering
def tags(request: HttpRequest) -> dict:
    """A page of topics by name, with the number of their published articles; three queries with validation."""
    size = _number(request, "limit", MOST, MOST)
    found = topics_by_name(request.GET.get("after", ""), size + 1)
    told = [
        {"name": tag.name, "slug": tag.slug, "page": settings.SITE_URL + tag.get_absolute_url(), "articles": tag.count}
        for tag in found[:size]
    ]
    address = (
        f"{settings.SITE_URL}{request.path}?{urlencode({'limit': size, 'after': told[-1]['name']})}" if told else ""
    )
    return {"tags": told, "next": address if len(found) > size else None}


@answering
def sources(request: HttpRequest) -> dict:
    """All sources that have published articles, with their number and newest day; counted once an edition."""
    return {
        "sources": [
            {
                "slug": source.slug,
                "name": source.name,
                "language": source.language,
                "timezone": source.timezone,
                "home_url": source.home_url,
                "page": settings.SITE_URL + source.get_absolute_url(),
                "articles": source.count,
                "newest": source.newest_on,
            }
            for source in kept(request.validators.edition, "sources", sources_counted)
        ]
    }


@answering
def openapi(request: HttpRequest) -> dict:
    """The description of all of this that programs read."""
    return description()


@require_safe
def manual(request: HttpRequest) -> HttpResponse:
    """The description of all of this that people read, made from the one that programs read."""
    told = description()
    paths = [
        {"path": path, "address": settings.SITE_URL + path, **operations["get"]}
        for path, operations in told["paths"].items()
    ]
    return render(request, "articles/api.html", {"paths": paths, "allowed": ALLOWED, "window": WINDOW})


@answering
def oembed(request: HttpRequest) -> dict | HttpResponse:
    """A link to an article of ours, as other sites show it (oEmbed 1.0, type link), as JSON or XML."""
    kind = request.GET.get("format") or "json"
    if kind not in ("json", "xml"):
        raise Wrong("“format” is json or xml.", status=501)  # as oEmbed 1.0, section 2.3.2.2, says
    number = _own_number(request.GET.get("url", ""))
    found = Article.objects.published().for_lists().filter(pk=number).first()
    if found is None:
        raise _missing(number)
    told = _link(found)
    return told if kind == "json" else HttpResponse(_as_xml(told), content_type=XML)


def _link(found: Article) -> dict:
    image = found.lead_image
    told = {
        "version": "1.0",
        "type": "link",
        "title": found.title,
        "author_name": found.byline or found.source.name,
        "provider_name": settings.SITE_NAME,
        "provider_url": settings.SITE_URL,
        "cache_age": WINDOW,
    }
    picture = images.shared(image)[0] if image and image.is_stored else None
    if picture and picture.width and picture.height:
        told |= {"thumbnail_url": _absolute(picture.url)}
        told |= {"thumbnail_width": picture.width, "thumbnail_height": picture.height}
    return told


def _as_xml(told: dict) -> bytes:
    """The same as oEmbed writes it in XML: an element a fact."""
    root = ElementTree.Element("oembed")
    for name, fact in told.items():
        ElementTree.SubElement(root, name).text = one_line(str(fact))  # XML has no control characters
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _own_number(address: str) -> int:
    """The number of the article at an address of this site, in either script; raises Http404 for any other address."""
    try:
        parts = urlsplit(address)
        match = resolve(SCRIPT.sub("/", parts.path))
    except (ValueError, Resolver404) as error:
        raise Http404 from error
    if parts.netloc != urlsplit(settings.SITE_URL).netloc or match.url_name not in ("article", "article_by_number"):
        raise Http404
    return match.kwargs["number"]
