"""Tells hubs which feeds have changed (WebSub), so that subscribers need not ask every feed all the time.

What changed is found by looking at the articles, not by whoever changed them: an article goes live by the clock, with
nobody there, and no editor's save ever waits for a hub. A look a minute is soon enough for news; it also makes one ping
out of a burst of changes.
"""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from articles.fetch import Cause, Limits, Unfetched, post
from articles.models import Announced, Article, Correction, Ping, Source, Tag

WINDOW = 300  # newest entered articles that are looked at: ten times what a feed holds
FILES = ("feed_xml", "rss_xml", "feed_json")  # ends of the names of their addresses
LIMITS = Limits(seconds=15, silence=8)
LEASE = datetime.timedelta(minutes=5)  # for which a ping is its taker's; then somebody else may try
AGAIN = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
AGENT = "Newsroom (WebSub publisher)"


def look() -> int:
    """Want a ping of every hub for each feed that changed since the last look; returns how many are wanted now.

    The first look only remembers. A dozen statements at most, whatever the number of articles.
    """
    if not settings.WEBSUB_HUBS:
        return 0
    with transaction.atomic():
        before = Announced.objects.select_for_update().filter(pk=1).first()
        rows = _newest()
        written = {str(pk): changed.isoformat() for pk, _, changed in rows}
        since = rows[-1][1] if len(rows) == WINDOW else None
        changed = [] if before is None else [row for row in rows if _is_news(row, before)]
        if before is None or (before.articles, before.since) != (written, since):
            Announced.objects.update_or_create(pk=1, defaults={"articles": written, "since": since})
        return _want(feeds_of([pk for pk, *_ in changed]))


def _newest() -> list[tuple[int, datetime.datetime, datetime.datetime]]:
    """Number, entry and last change of the newest entered articles."""
    notes = Correction.objects.filter(article=OuterRef("pk")).order_by().values("article")
    noted_at = notes.annotate(latest=Max(Coalesce("withdrawn_at", "made_at"))).values("latest")
    newest = Article.objects.published().latest_entered_first().annotate(noted_at=Subquery(noted_at))
    rows = newest.values_list("pk", "entered_at", "updated_at", "noted_at")[:WINDOW]
    return [(pk, entered, max(updated, noted or updated)) for pk, entered, updated, noted in rows]


def _is_news(row: tuple[int, datetime.datetime, datetime.datetime], before: Announced) -> bool:
    """Whether an article changed, or entered since; one that only moved up because another left did neither."""
    pk, entered_at, changed_at = row
    known = before.articles.get(str(pk))
    if known is None:
        return before.since is None or entered_at > before.since
    return known != changed_at.isoformat()


def feeds_of(article_ids: list[int]) -> list[str]:
    """Addresses of all feeds that hold these articles: the site's, their sources', their topics'; two queries."""
    if not article_ids:
        return []
    sources = Source.objects.filter(articles__in=article_ids).distinct().values_list("slug", flat=True)
    topics = Tag.objects.filter(uses__content_object__in=article_ids).distinct().values_list("slug", flat=True)
    shelves = [("site", []), *(("source", [slug]) for slug in sources), *(("tag", [slug]) for slug in topics)]
    return [settings.SITE_URL + reverse(f"{name}_{file}", args=parts) for name, parts in shelves for file in FILES]


def _want(feeds: list[str]) -> int:
    now = timezone.now()
    pings = [Ping(hub=hub, feed=feed, wanted_at=now, next_try_at=now) for hub in settings.WEBSUB_HUBS for feed in feeds]
    Ping.objects.bulk_create(
        pings,
        update_conflicts=True,
        unique_fields=["hub", "feed"],
        update_fields=["wanted_at", "next_try_at", "attempts"],
    )
    return len(pings)


def due() -> list[int]:
    """Numbers of the pings whose time has come; those of hubs that are set no more are not."""
    waiting = Ping.objects.filter(next_try_at__lte=timezone.now(), hub__in=settings.WEBSUB_HUBS)
    return list(waiting.order_by("next_try_at", "id").values_list("pk", flat=True))


def tell(number: int, limits: Limits | None = None) -> bool | None:
    """Tell a hub; whether it heard, or None when the ping is somebody else's or not due. Three statements.

    What fails for now is tried again later and later; what the hub refuses is not, until the feed changes again.
    """
    now = timezone.now()
    mine = Ping.objects.filter(pk=number, next_try_at__lte=now)
    if not mine.update(next_try_at=now + LEASE, attempts=F("attempts") + 1):
        return None
    ping = Ping.objects.get(pk=number)
    same = Ping.objects.filter(pk=number, wanted_at=ping.wanted_at)  # wanted anew meanwhile, it stays due
    fields = {"hub.mode": "publish", "hub.url": ping.feed, "hub.topic": ping.feed}
    try:
        post(ping.hub, fields, agent=AGENT, limits=limits or LIMITS)
    except Unfetched as fault:
        same.update(next_try_at=_again(ping, fault), reason=str(fault))
        return False
    same.update(next_try_at=None, attempts=0, told_at=timezone.now(), reason="")
    return True


def _again(ping: Ping, fault: Unfetched) -> datetime.datetime | None:
    if fault.cause != Cause.LATER or ping.attempts > len(AGAIN):
        return None
    wait = AGAIN[ping.attempts - 1]
    return timezone.now() + max(wait, datetime.timedelta(seconds=fault.wait or 0))
