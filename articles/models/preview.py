"""Signed addresses of articles that readers cannot see yet: made by a desk, opened by a page."""

import datetime

from django.core import signing
from django.urls import reverse

SALT = "articles.preview"
VALID_FOR = datetime.timedelta(days=3)


def preview_address(number: int) -> str:
    """The address of the preview of an article, good for three days."""
    return reverse("preview", args=[signing.dumps(number, salt=SALT)])


def previewed(token: str) -> int | None:
    """The number of the article that a token shows; None when it is forged or too old."""
    try:
        return int(signing.loads(token, salt=SALT, max_age=VALID_FOR))
    except (signing.BadSignature, ValueError, TypeError):
        return None
