"""Signed addresses of articles that readers cannot see yet: made by a desk, opened by a page, ended by a person."""

import datetime

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from articles.models.article import Article
from articles.models.audit import Deed, record

SALT = "articles.preview"
UNSAVED_SALT = "articles.preview.unsaved"
VALID_FOR = datetime.timedelta(days=3)
ENDED = "end_previews"  # the verb of the deed that ends all addresses made before it


def preview_address(number: int) -> str:
    """The address of the preview of an article, good for three days or until such addresses are ended."""
    made_at = timezone.now().timestamp()
    return reverse("preview", args=[signing.dumps([number, made_at], salt=SALT)])


def previewed(token: str) -> int | None:
    """The number of the article that a token shows; None when it is forged, too old or was ended. One query."""
    try:
        number, made_at = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    deeds = Deed.objects.filter(kind="article", number=number, verb=ENDED).order_by("-made_at", "-id")
    ended_at = deeds.values_list("made_at", flat=True).first()
    return None if ended_at and made_at <= ended_at.timestamp() else number


def end_previews(article: Article, by) -> None:
    """From now on no address of a preview that was made before opens this article; the audit is told: one INSERT."""
    record(ENDED, article, by=by)


def unsaved_preview_address(page: str) -> str:
    """The address at which the person who typed it sees what a page of the desk holds unsaved."""
    return reverse("preview_unsaved", args=[signing.dumps(page, salt=UNSAVED_SALT)])


def previewed_unsaved(token: str) -> str | None:
    """The page of the desk whose unsaved words a token shows; None when it is forged or too old."""
    try:
        return str(signing.loads(token, salt=UNSAVED_SALT, max_age=VALID_FOR))
    except signing.BadSignature:
        return None
