"""What browsers are told to refuse, on every response there is: pages, files, redirects and faults alike."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

METHODS = ("GET", "HEAD", "POST")
# What is no page of ours (a file, an answer that was made before a page could be): nothing in it may load or run.
INERT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
# Trusted Types forbid to build markup from strings, which jQuery 3 (on Django's own forms and lists) and the editor of
# texts do. A page of the desk that loads neither is held to them as readers' pages are.
BUILDER = re.compile(rb'<script\b[^<>]* src="[^"]*(?:/jquery/|/editor/)')
WITHOUT_TRUSTED_TYPES = {"require-trusted-types-for": None, "trusted-types": None}


class HeadersMiddleware:
    """Outermost: nothing is answered behind its back. What a view says of itself stands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add what is missing; pictures and static files may be shown elsewhere (feeds are), pages may not.

        Nothing here is done by other methods than METHODS.
        """
        shared = _is_file(request)
        response = self.get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)
        headers = response.headers
        headers.setdefault(HEADER, INERT)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        headers.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if shared else "same-origin")
        headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        return response


class PolicyMiddleware(CSPMiddleware):
    """The policy of the settings; without Trusted Types where the desk loads what cannot do with them."""

    def get_policy_parts(self, request: HttpRequest, response: HttpResponse, report_only: bool = False) -> PolicyParts:
        """As the library's."""
        parts = super().get_policy_parts(request, response, report_only)
        at_desk = request.path_info.startswith(reverse("admin:index"))
        if parts.config is not None or not at_desk or response.streaming or not BUILDER.search(response.content):
            return parts
        return dataclasses.replace(parts, replace=WITHOUT_TRUSTED_TYPES | (parts.replace or {}))


def _is_file(request: HttpRequest) -> bool:
    roots = [settings.STATIC_URL, *([settings.MEDIA_URL] if settings.MEDIA_URL.startswith("/") else [])]
    return request.path_info.startswith(tuple(roots))
