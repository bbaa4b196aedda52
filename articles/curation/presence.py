"""Who has an article open, so that two people do not write over each other without knowing."""

import datetime

from django.utils import timezone

from articles.models import Presence

FRESH = datetime.timedelta(seconds=90)  # the page says every 30 seconds that it is still open


def others_at(article_id: int, user) -> list[str]:
    """Say that `user` has the article open; returns the names of others who have. Two or three queries."""
    now = timezone.now()
    Presence.objects.update_or_create(article_id=article_id, user=user, defaults={"seen_at": now})
    others = Presence.objects.filter(article=article_id, seen_at__gt=now - FRESH).exclude(user=user)
    return [row.user.get_full_name() or row.user.get_username() for row in others.select_related("user")]


def leave(article_id: int, user) -> None:
    """Say that `user` has closed the article; one query."""
    Presence.objects.filter(article=article_id, user=user).delete()
