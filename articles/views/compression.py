"""Compresses what is text, whichever server runs the program; pictures are compressed already."""

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/", "application/json", "application/xml", "application/manifest+json", "image/svg+xml")
ENDS = ("+json", "+xml")


class TextCompressionMiddleware(GZipMiddleware):
    """Django's (with its random padding against guessing secrets by size), for texts only."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Compress `response` if it is a text and the asker can read that."""
        kind = response.get("Content-Type", "").partition(";")[0]
        if not (kind.startswith(TEXTS) or kind.endswith(ENDS)):
            return response
        return super().process_response(request, response)
