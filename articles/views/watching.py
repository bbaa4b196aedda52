"""One line in the log for each request, with a number that stands in every line that follows from it, tasks' included.

Neither the query (people's search words), nor the address of whoever asks, nor the browser is told; of an address that
opens a page by itself (a preview's), only the route.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from articles.views import metrics
from newsroom import logs

# Told only when something is wrong.
UNTOLD = frozenset({"healthz", "readyz", "metrics", "static", "media"})
INSIDE = frozenset({"/healthz", "/readyz", "/metrics"})  # asked by load balancers and Prometheus, by IP address
LOGGER = "django_structlog.middlewares.request"  # under which the library writes the others
SECRETS = ("token",)  # parts of an address that open something
NUMBER = re.compile(r"[A-Za-z0-9._-]{8,64}")


class InsideMiddleware:
    """Lets the addresses that machines ask inside be called by any name: ALLOWED_HOSTS are readers' names.

    The name is not looked at, and nothing of it is in the answer: it counts as that of NEWSROOM_SITE_URL.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give the request a name that is ours."""
        if request.path_info in INSIDE:
            request.get_host = lambda: urlsplit(settings.SITE_URL).netloc
        return self.get_response(request)


class WatchingMiddleware(RequestMiddleware):
    """The library's, with another taste of what may be told. Costs no query."""

    def prepare(self, request: HttpRequest) -> None:
        """Give the request its number: the one that a proxy of ours gave it, or a new one."""
        given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
        request.number = given if NUMBER.fullmatch(given) else uuid.uuid4().hex
        request.began = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=request.number)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Tell how it ended, count it, and let a reader of a broken page name its number."""
        seconds = time.perf_counter() - request.began
        metrics.count(route_of(request), request.method, response.status_code, seconds)
        if response.status_code >= 500:
            response.headers["X-Request-ID"] = request.number
        if route_of(request) in UNTOLD and response.status_code < 400:
            structlog.contextvars.clear_contextvars()
            return
        milliseconds = round(seconds * 1000, 1)
        if response.streaming or hasattr(request, "_raised_exception"):
            structlog.contextvars.bind_contextvars(milliseconds=milliseconds)
            super().handle_response(request, response)
            return
        # As the library's, without what only those need: the line's context is not copied for later, no receiver is
        # looked for, of whom there are none, and the line goes through no list of processors.
        self.bind_user_id(request)
        level, asked = self._log_level_for_status_code(response.status_code), self.format_request(request)
        code = response.status_code
        logs.tell(LOGGER, level, "request_finished", code=code, request=asked, milliseconds=milliseconds)
        structlog.contextvars.clear_contextvars()

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and address, without what people typed."""
        match = request.resolver_match
        if match and any(name in match.kwargs for name in SECRETS):
            return f"{request.method} /{match.route}"
        return f"{request.method} {request.path}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """The number of who is signed in, if the page asked for it: a log asks nothing of the database."""
        user = request.__dict__.get("_cached_user")
        if user is not None and user.pk:
            structlog.contextvars.bind_contextvars(user_id=user.pk)


def route_of(request: HttpRequest) -> str:
    """Name of the address that was asked for; one for the whole desk, one for static files, "" for what is nowhere."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path_info.startswith(settings.STATIC_URL) else ""
    return "desk" if match.namespaces else match.url_name or ""
