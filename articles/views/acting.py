"""Says who acts while a request is answered, so that services can record it; asked only when they do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from articles.actors import acting_as, person


class ActingMiddleware:
    """After the one that knows the user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the person who is signed in."""
        with acting_as(lambda: person(request.user)):
            return self.get_response(request)
