"""Keeps whole answers in memory, and gives them again as long as no reader can see anything else.

Nothing is purged and nothing is ever stale: before an answer is given again, the one tiny query of the validation is
asked (or SQLite, whether anything was written since), and what it says must be what it said when the answer was made
(`validation.standing`); so must the day and the release. What the answer depends on besides (the address, and the
headers that public pages vary by) is its key. Only what readers without a session's pages get is kept: public,
validated, with no cookie in it.
"""

from __future__ import annotations

import collections
import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response

from articles.release import release_of
from articles.views.validation import CLOCKED, STAFF_COOKIES, read, standing

LARGEST = 128 << 10  # bytes of one answer
VARIED_BY = ("Accept-Language", "Accept-Encoding", "Cookie")  # what is in the key
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")
OF_CONTENT = frozenset({"content-type", "content-length", "content-encoding"})  # not said where none is sent
# Said of one answer, not of the page.
OWN_HEADERS = frozenset({"date", "x-request-id"})


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and what stood when it was made. One of 304 was all that anybody has asked for; it has no content."""

    standing: tuple
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    etag: str
    last_modified: int
    route: object

    def response(self) -> HttpResponse:
        """The answer anew: whoever changes it changes no other."""
        response = HttpResponse(self.content)
        for name, value in self.headers:
            response.headers[name] = value
        return response


class Shelf:
    """The latest answers, KEPT_PAGES at most; safe for threads."""

    def __init__(self) -> None:
        self.kept: collections.OrderedDict[tuple, Kept] = collections.OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: tuple) -> Kept | None:
        """The answer of a key."""
        with self.lock:
            found = self.kept.get(key)
            if found is not None:
                self.kept.move_to_end(key)
            return found

    def put(self, key: tuple, answer: Kept) -> None:
        """Keep an answer; the one that was not asked for the longest goes."""
        with self.lock:
            self.kept[key] = answer
            self.kept.move_to_end(key)
            while len(self.kept) > settings.KEPT_PAGES:
                self.kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self.lock:
            self.kept.clear()


shelf = Shelf()


class KeepingMiddleware:
    """Stands outside of all that makes pages, compression included. One query at most an answer that is given again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give a kept answer (or 304), or keep what is made."""
        if not settings.KEPT_PAGES or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        key = key_of(request)
        kept = shelf.get(key)
        if kept is not None and self._stands(kept):
            given = self._given(request, kept)
            if given is not None:
                request.resolver_match = kept.route
                return given
        response = self.get_response(request)
        self._keep(key, request, response)
        return response

    def _stands(self, kept: Kept) -> bool:
        try:
            return kept.standing == standing_today()
        except DatabaseError:
            return False  # whoever makes the page says so

    def _given(self, request: HttpRequest, kept: Kept) -> HttpResponse | None:
        is_whole = kept.status == 200
        if not any(name in request.META for name in CONDITIONS) or request.META.get("HTTP_IF_NONE_MATCH") == "*":
            return kept.response() if is_whole else None
        response = kept.response()
        answer = get_conditional_response(request, kept.etag, kept.last_modified, response)
        if answer is response:
            return response if is_whole else None
        for name, value in kept.headers:
            if name.lower() not in OF_CONTENT:  # caches and browsers take the rest for the page's from now on
                answer.headers.setdefault(name, value)
        return answer

    def _keep(self, key: tuple, request: HttpRequest, response: HttpResponse) -> None:
        validators = getattr(request, "validators", None)
        if (
            validators is None
            or response.status_code not in (200, 304)
            or response.streaming
            or response.cookies
            or request.method != "GET"
            or len(response.content) > LARGEST
            or request.resolver_match.url_name in CLOCKED
            or "public" not in response.get("Cache-Control", "")
            or response.get("ETag") != validators.etag
            or not _is_in_key(response)
        ):
            return
        made = today(*request.stood)
        headers = tuple((name, value) for name, value in response.headers.items() if name.lower() not in OWN_HEADERS)
        route, content = request.resolver_match, bytes(response.content)
        modified = validators.last_modified
        shelf.put(key, Kept(made, response.status_code, headers, content, validators.etag, modified, route))


def key_of(request: HttpRequest) -> tuple:
    """What an answer depends on besides the standing."""
    said = request.META.get  # `request.headers` would be made of all that was said
    own_words = sorted((name, value) for name, value in request.COOKIES.items() if name not in STAFF_COOKIES)
    return (
        request.scheme,
        request.META.get("HTTP_HOST", ""),
        request.get_full_path(),
        said("HTTP_ACCEPT_LANGUAGE", ""),
        "gzip" in said("HTTP_ACCEPT_ENCODING", ""),
        tuple(own_words),
    )


def standing_today() -> tuple:
    """The standing with the day and the release, on which all pages depend, too; never one in which a take-down waits
    to be settled.
    """
    now = timezone.now()
    return today(standing(now), now)


def today(found: tuple, now: datetime.datetime) -> tuple:
    """The same, of a standing that was asked for already."""
    is_due = read(found)[2]
    return (*found, timezone.localdate(now), release_of(is_changing=settings.DEBUG), now if is_due else None)


def _is_in_key(response: HttpResponse) -> bool:
    words = {word.strip().lower() for word in response.get("Vary", "").split(",") if word.strip()}
    return words <= {name.lower() for name in VARIED_BY}
