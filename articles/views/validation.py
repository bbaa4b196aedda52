"""Every public page is validated before it is made: a reader, a robot or a CDN that has it gets 304 for one tiny query.

What a page shows depends on the edition (`articles.models.edition`), on the last moment at which something went live or
expired, on the day, on the release of the program and on the reader's language. Nothing else may, or it stands in
`EXEMPT`.
"""

import dataclasses
import datetime
import functools
import hashlib
import os
import pathlib
from collections.abc import Callable

from django.conf import settings
from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.utils.translation import get_language

from articles.models import Article, Edition, new_edition

EXEMPT = frozenset({"healthz", "readyz", "media", "preview"})  # by name of their address
WITHOUT_LANGUAGE = (
    "_json",
    "_xml",
    "robots",
    "manifest",
    "oembed",
)  # ends of names: the same whatever the reader speaks
CLOCKED = {"sitemap_news_xml": 600}  # name to seconds: what shows the last so many hours changes with the clock
STAFF_COOKIES = frozenset({settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"})
# A browser always asks again (304 is cheap); a CDN keeps a page for a minute and may show it while it asks.
CACHING = {"public": True, "max_age": 0, "s_maxage": 60, "stale_while_revalidate": 600, "stale_if_error": 86400}
PARTS = ("templates", "articles", "newsroom")  # folders whose files decide what a page looks like
KINDS = frozenset({".py", ".html", ".css", ".js", ".svg", ".mo", ".txt", ".json"})


@dataclasses.dataclass(frozen=True)
class Validators:
    """What a response is recognised by."""

    etag: str
    last_modified: int  # seconds since 1970
    edition: str  # the same as long as no reader can see anything else, whatever the page and the language


def validators_of(request: HttpRequest) -> Validators:
    """Validators of whatever page `request` asks for, at this moment; one query."""
    now = timezone.now()
    token, moments = _edition(now)
    release, released = _release() if settings.DEBUG else _release_of_process()
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    tick = _tick(request, now)
    own_words = sorted((name, value) for name, value in request.COOKIES.items() if name not in STAFF_COOKIES)
    language = "" if _speaks_no_language(request) else get_language()
    parts = (
        request.get_full_path(),
        token,
        moments,
        release,
        today,
        tick,
        language,
        own_words,
        settings.SITE_NAME,
        settings.SITE_URL,
    )
    etag = hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
    latest = max(moment for moment in (*moments, today, tick) if moment)
    edition = hashlib.sha256(repr((token, moments, release)).encode()).hexdigest()[:24]
    return Validators(f'W/"{etag}"', int(max(latest.timestamp(), released)), edition)


def _speaks_no_language(request: HttpRequest) -> bool:
    return request.resolver_match.url_name.endswith(WITHOUT_LANGUAGE)


def _tick(request: HttpRequest, now: datetime.datetime) -> datetime.datetime | None:
    """The latest moment at which a page that shows the last so many hours may have changed by itself."""
    seconds = CLOCKED.get(request.resolver_match.url_name)
    return seconds and datetime.datetime.fromtimestamp(now.timestamp() // seconds * seconds, datetime.UTC)


def _edition(now: datetime.datetime) -> tuple[str, tuple[datetime.datetime | None, ...]]:
    """The edition's token; when it changed, and when last something went live and expired."""
    articles = Article.objects.order_by()
    live = articles.filter(go_live_at__lte=now).order_by("-go_live_at").values("go_live_at")
    expired = articles.filter(expire_at__lte=now).order_by("-expire_at").values("expire_at")
    question = Edition.objects.filter(pk=1).values_list(
        "token", "changed_at", Subquery(live[:1]), Subquery(expired[:1])
    )
    found = question.first()
    if found is None:
        new_edition()
        found = question.first()
    token, *moments = found
    return token, tuple(moments)


def _release() -> tuple[str, float]:
    """Hash of the names, sizes and times of the program's files, and the newest time."""
    facts = []
    for part in PARTS:
        for folder, _, names in os.walk(settings.BASE_DIR / part):
            for name in names:
                if pathlib.PurePath(name).suffix in KINDS:
                    status = os.stat(os.path.join(folder, name))
                    facts.append((name, status.st_size, int(status.st_mtime)))
    newest = max(modified for *_, modified in facts)
    return hashlib.sha256(repr(sorted(facts)).encode()).hexdigest(), newest


@functools.cache
def _release_of_process() -> tuple[str, float]:
    return _release()


class ValidationMiddleware:
    """Answers 304 in place of a page that the asker has, and marks every page with its validators.

    Stands outside of LocaleMiddleware: what speaks no language loses the `Vary` that one gives to everything.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark what the view (or `process_view`) answered."""
        response = self.get_response(request)
        validators = getattr(request, "validators", None)
        if validators is None or response.status_code not in (200, 304):
            return response
        response.headers.setdefault("ETag", validators.etag)
        response.headers.setdefault("Last-Modified", http_date(validators.last_modified))
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, **CACHING)
        if _speaks_no_language(request):
            _forget_language(response)
        return response

    def process_view(self, request: HttpRequest, view, arguments, named) -> HttpResponse | None:
        """304 (or 412) when the asker's copy is still right; None lets the view answer."""
        match = request.resolver_match
        if request.method not in ("GET", "HEAD") or match.namespaces or match.url_name in EXEMPT:
            return None
        request.validators = validators_of(request)
        if request.headers.get("If-None-Match") == "*":  # asks whether there is anything: only the view knows
            return None
        return get_conditional_response(
            request, etag=request.validators.etag, last_modified=request.validators.last_modified
        )


def _forget_language(response: HttpResponse) -> None:
    words = [word.strip() for word in response.get("Vary", "").split(",")]
    kept = [word for word in words if word and word.lower() != "accept-language"]
    if kept:
        response["Vary"] = ", ".join(kept)
    elif response.has_header("Vary"):
        del response["Vary"]
    if response.has_header("Content-Language"):
        del response["Content-Language"]
