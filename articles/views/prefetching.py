"""Tells browsers which links of a page they may fetch the moment a finger or a button goes down on them.

The rules come from an address of their own, named in a header: the policy of the pages allows no inline ones. What is
fetched is about to be opened, so that it costs no more than the visit; nobody but this site is asked.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

LINKS = ".card-title a, .steps a, .masthead-nav a, .brand, .section-title a, .section-more a, .chip, .neighbours a"
RULES = {"prefetch": [{"where": {"selector_matches": LINKS}, "eagerness": "conservative"}]}
KEPT = 24 * 3600  # seconds


@require_safe
def rules(request: HttpRequest) -> JsonResponse:
    """The rules."""
    response = JsonResponse(RULES, content_type="application/speculationrules+json")
    response["Cache-Control"] = f"public, max-age={KEPT}"
    return response


class PrefetchingMiddleware:
    """Names the rules on readers' pages; not at the desk, where an address may be anybody's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header to a page that was made anew."""
        response = self.get_response(request)
        match = request.resolver_match
        is_page = response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
        if (
            is_page
            and match is not None
            and not match.namespaces
            and "no-store" not in response.get("Cache-Control", "")
        ):
            response["Speculation-Rules"] = f'"{reverse("speculation_rules_json")}"'
        return response
