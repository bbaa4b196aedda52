"""Every public page is validated before it is made: a reader, a robot or a CDN that has it gets 304 for one tiny query.

What a page shows depends on the edition (`articles.models.edition`), on the last moment at which something went live or
expired, on the day, on the release of the program and on the reader's language. Nothing else may, or it stands in
`EXEMPT`.

So pages are purged by version: nothing is told to browsers and CDNs when an article changes, their copies are simply no
longer the current ones when they ask, which a browser does each time and a CDN once a minute (`CACHING`). A CDN may
answer with its copy while it asks, so a change is seen there after a minute by everybody but the one who comes first.
Who must be faster than that, with a take-down, purges by key: every response carries `Surrogate-Key` (Fastly, Varnish)
and `Cache-Tag` (Cloudflare, Akamai), which is `article-12` for all that is about one article and `lists` for the rest.
"""

import dataclasses
import datetime
import functools
import hashlib
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import connection, models
from django.db.models import Count, Exists, F, Subquery, Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.dateparse import parse_datetime
from django.utils.http import http_date
from django.utils.translation import get_language

from articles.curation.takedown_effects import settle
from articles.models import Article, Edition, FrontMoment, Spelling, SynonymSet, TakeDown, new_edition
from articles.release import release_of

EXEMPT = frozenset({"healthz", "readyz", "metrics", "media", "preview", "front_preview"})  # by name of their address
WITHOUT_LANGUAGE = (
    "_json",
    "_xml",
    "robots",
    "manifest",
    "oembed",
)  # ends of names: the same whatever the reader speaks
CLOCKED = {"sitemap_news_xml": 600}  # name to seconds: what shows the last so many hours changes with the clock
STAFF_COOKIES = frozenset({settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "messages"})
STOOD = 10  # values that `standing` is made of
NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)
# A browser always asks again (304 is cheap); a CDN keeps a page for a minute and may show it while it asks.
CACHING = {"public": True, "max_age": 0, "s_maxage": 60, "stale_while_revalidate": 600, "stale_if_error": 86400}


@dataclasses.dataclass(frozen=True)
class Validators:
    """What a response is recognised by."""

    etag: str
    last_modified: int  # seconds since 1970
    edition: str  # the same as long as no reader can see anything else, whatever the page and the language
    synonyms: str  # the same as long as no set of synonyms changes
    spellings: str  # the same for the editors' spellings of names


def validators_of(request: HttpRequest) -> Validators:
    """Validators of whatever page `request` asks for, at this moment; one query."""
    now = timezone.now()
    request.stood = standing(now), now
    token, synonyms, is_due, moments, spellings = read(request.stood[0])
    if is_due:  # a take-down has begun or ended by itself: whoever comes first sees to it
        settle(now)
        request.stood = standing(now), now
        token, synonyms, _, moments, spellings = read(request.stood[0])
    release, released = release_of(is_changing=settings.DEBUG)
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
    return Validators(f'W/"{etag}"', int(max(latest.timestamp(), released)), edition, synonyms, spellings)


def _speaks_no_language(request: HttpRequest) -> bool:
    return request.resolver_match.url_name.endswith(WITHOUT_LANGUAGE)


def _tick(request: HttpRequest, now: datetime.datetime) -> datetime.datetime | None:
    """The latest moment at which a page that shows the last so many hours may have changed by itself."""
    seconds = CLOCKED.get(request.resolver_match.url_name)
    return seconds and datetime.datetime.fromtimestamp(now.timestamp() // seconds * seconds, datetime.UTC)


def standing(now: datetime.datetime) -> tuple:
    """What all pages depend on at this moment, as the database says it: equal as long as no reader can see anything
    else. One tiny query, whose words are made once; `read` understands it.

    On SQLite it is asked once for each change of the database, and for each moment at which something changes by
    itself: the file's own number of versions says in a fifth of the time that there was none.
    """
    sign = _sign()
    known = getattr(_latest, "known", None)
    if sign is not None and known is not None and known.sign == sign and known.since <= now < known.until:
        return known.found
    words, values = _question(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(words, values | {"moment": connection.ops.adapt_datetimefield_value(now)})
        found = cursor.fetchone()
    if found is None:
        new_edition()
        return standing(now)
    found, comings = tuple(found[:STOOD]), found[STOOD:]
    if sign is not None:
        until = min(filter(None, map(_moment, comings)), default=NEVER)
        _latest.known = _Known(sign, now, until, found)
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """What was found standing by this thread, and from when until when it stands if nothing is written."""

    sign: tuple
    since: datetime.datetime
    until: datetime.datetime
    found: tuple


_latest = threading.local()


def _sign() -> tuple | None:
    """Another one whenever anything is written to SQLite's database, by whichever connection (`PRAGMA data_version`
    tells of the others, `total_changes` of this one); None on PostgreSQL, and within a transaction, since no number
    tells that it was rolled back.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return None
    connection.ensure_connection()
    with connection.wrap_database_errors:
        own = connection.connection
        return own, *own.execute("PRAGMA data_version").fetchone(), own.total_changes


@functools.cache
def _question(vendor: str) -> tuple[str, dict[str, object]]:
    """The statement and its values by name, but for `moment`; on SQLite with the next moments at which something
    changes by itself. Django's SQLite looks a long statement through for places without a name each time it is asked,
    which takes longer than the answer.
    """
    anytime = datetime.datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=datetime.UTC)
    moments = [(Article, "go_live_at"), (Article, "expire_at"), (FrontMoment, "at")]
    passed = [_nearest(kind, f"{name}__lte", anytime, f"-{name}") for kind, name in moments]
    timed = [*moments, (TakeDown, "begins_at"), (TakeDown, "ends_at")] if vendor == "sqlite" else []
    comings = [_nearest(kind, f"{name}__gt", anytime, name) for kind, name in timed]
    kinds = (SynonymSet, Spelling)
    numbers = [
        kind.objects.order_by().values(one=Value(1)).annotate(number=Count("pk")).values("number") for kind in kinds
    ]
    changes = [kind.objects.order_by(F("changed_at").desc(nulls_last=True)).values("changed_at") for kind in kinds]
    question = Edition.objects.filter(pk=1).values_list(
        "token",
        *map(Subquery, numbers),
        Exists(TakeDown.objects.due(anytime)),
        *(Subquery(change[:1]) for change in changes),
        "changed_at",
        *map(Subquery, passed),
        *map(Subquery, comings),
    )
    words, values = question.query.sql_with_params()
    sought = connection.ops.adapt_datetimefield_value(anytime)
    names = ["moment" if value == sought else f"value{place}" for place, value in enumerate(values)]
    return words % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


def _nearest(kind: type[models.Model], condition: str, moment: datetime.datetime, order: str) -> models.QuerySet:
    """The moment of the first row in this order of those that meet a condition."""
    return kind.objects.filter(**{condition: moment}).order_by(order).values(order.removeprefix("-"))[:1]


@functools.lru_cache(maxsize=4)
def read(found: tuple) -> tuple[str, str, bool, tuple[datetime.datetime | None, ...], str]:
    """The edition's token, that of the synonyms; whether a take-down is to be settled; when the edition changed, when
    last something went live and expired, and the front page turned; the token of the spellings.
    """
    token, sets, names, is_due, *moments = found
    sets_changed, names_changed, *moments = map(_moment, moments)
    synonyms, spellings = (
        f"{number} {changed}" if number else "" for number, changed in ((sets, sets_changed), (names, names_changed))
    )
    return token, synonyms, bool(is_due), tuple(moments), spellings


def _moment(value: datetime.datetime | str | None) -> datetime.datetime | None:
    """A moment as SQLite (a text, or one without a zone, which is UTC) or PostgreSQL gives it."""
    moment = parse_datetime(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=datetime.UTC) if moment is not None and moment.tzinfo is None else moment


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
        if response.status_code == 304:  # a cache would take it for the page's (RFC 9110, 8.6)
            del response.headers["Content-Length"]
        response.headers.setdefault("ETag", validators.etag)
        response.headers.setdefault("Last-Modified", http_date(validators.last_modified))
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, **CACHING)
        response.headers["Surrogate-Key"] = response.headers["Cache-Tag"] = _purged_by(request)
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


def _purged_by(request: HttpRequest) -> str:
    """Key by which a CDN can be told to throw the page away at once."""
    match = request.resolver_match
    return f"article-{match.kwargs['number']}" if "number" in match.kwargs else "lists"


def _forget_language(response: HttpResponse) -> None:
    words = [word.strip() for word in response.get("Vary", "").split(",")]
    kept = [word for word in words if word and word.lower() != "accept-language"]
    if kept:
        response["Vary"] = ", ".join(kept)
    elif response.has_header("Vary"):
        del response["Vary"]
    if response.has_header("Content-Language"):
        del response["Content-Language"]
