"""Keeps whoever must enrol a second factor at the page where it is done."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

OPEN = frozenset({"signing:account", "signing:in", "signing:code", "admin:logout", "admin:jsi18n"})


class EnrolmentMiddleware:
    """After the one that knows the session; costs nothing but a look at it, and only at the desk."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, arguments, named) -> HttpResponse | None:
        """Lead to the page for enrolling, whatever of the desk was asked for; None lets the view answer."""
        at_desk = request.path_info.startswith(reverse("admin:index"))
        if not at_desk or request.resolver_match.view_name in OPEN or not request.session.get("must_enrol"):
            return None
        return redirect("signing:account")
