"""What the front of the desk tells: what waits for a person, how imports and pictures stand, which days are covered."""

from __future__ import annotations

import collections
import datetime
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from articles.curation.filters import CappedCount
from articles.curation.triage import inbox_for
from articles.models import Article, Claim, Image, ImportFile, ImportRun, PossibleDuplicate, Result, Source, Story

LIVE = (ImportRun.State.WAITING, ImportRun.State.RUNNING, ImportRun.State.UNDOING)
LIVE_AT_MOST = 5
RECENT = 5  # ended imports whose failures are told
CAUSES_AT_MOST = 12
SCHEDULED_AT_MOST = 12
CLAIMS_AT_MOST = 12
SPAN = datetime.timedelta(days=29)  # of the charts, beside their last day
FAILED = [state for state in Image.State if state not in (Image.State.STORED, Image.State.WAITING)]
LACKS_ALT = Q(state=Image.State.STORED, alt="", decorative=False)
BAD = (Result.REFUSED, Result.FAILED)
Status = Article.Status


def latest_import() -> int | None:
    """Number of the latest import that was no dry run; one query."""
    return ImportRun.objects.filter(dry_run=False).order_by("-id").values_list("pk", flat=True).first()


def waiting_for(user, run: int | None = None) -> dict[str, QuerySet]:
    """What may wait for this person, by name, each as a question that an index answers; no query.

    Only what the person has the right to do something about. `run` is the import whose files are looked at.
    """
    found, may = {}, user.has_perm
    if may("articles.change_article"):
        mine = Article.objects.filter(edited_by=user)
        found["inbox"] = inbox_for(user).select_related(None)
        found["drafts"] = mine.filter(status=Status.DRAFT)
        found["in_review"] = mine.filter(status=Status.REVIEW)
    if may("articles.review_article"):
        found["reviews"] = Article.objects.filter(status=Status.REVIEW)
        found["changed"] = Article.objects.filter(source_changed=True)
    if may("articles.change_possibleduplicate"):
        found["pairs"] = PossibleDuplicate.objects.filter(verdict=PossibleDuplicate.Verdict.OPEN)
    if may("articles.change_story"):
        found["stories"] = Story.objects.filter(state=Story.State.PROPOSED)
    if may("articles.publish_article"):
        found["scheduled"] = scheduled()
    if may("articles.change_image"):
        found["pictures"] = Image.objects.filter(state__in=FAILED)
        found["alt"] = without_alt()
    if run and may("articles.steer_importrun"):
        found["files"] = ImportFile.objects.filter(run=run, result__in=BAD, mended_in=None)
    return found


def counted(user, lists: dict[str, QuerySet]) -> dict[str, int]:
    """How many rows each has, 1,001 at most, so that a full inbox costs no more than a small one; one query."""
    if not lists:
        return {}
    me = get_user_model().objects.filter(pk=user.pk)  # a row that is there, to hang the counts on
    names = {f"number_of_{name}": CappedCount(rows) for name, rows in lists.items()}
    return {name.removeprefix("number_of_"): number for name, number in me.values(**names).get().items()}


def claims() -> list[Claim]:
    """What somebody has in hand, the latest first; one query."""
    held = Claim.objects.filter(ends_at__gt=timezone.now()).select_related("article", "user").order_by("-ends_at")
    return list(held.only("ends_at", "user__username", "article__title", "article__language")[:CLAIMS_AT_MOST])


def scheduled() -> QuerySet[Article]:
    """Published articles that readers do not see yet."""
    return Article.objects.filter(status=Status.PUBLISHED, go_live_at__gt=timezone.now())


def without_alt() -> QuerySet[Image]:
    """Stored pictures that say nothing to those who cannot see them."""
    return Image.objects.filter(LACKS_ALT)


def scheduled_today() -> list[Article]:
    """What goes live in the rest of today, in that order, without bodies; one query."""
    rows = scheduled().filter(go_live_at__lt=_tonight()).order_by("go_live_at", "id").select_related("source")
    return list(rows.only("title", "language", "go_live_at", "source__name")[:SCHEDULED_AT_MOST])


def expiring_today() -> list[Article]:
    """What readers see, or will, and that ends in the rest of today, in that order, without bodies; one query."""
    rows = Article.objects.filter(status=Status.PUBLISHED, expire_at__gt=timezone.now(), expire_at__lt=_tonight())
    rows = rows.order_by("expire_at", "id").select_related("source")
    return list(rows.only("title", "language", "expire_at", "source__name")[:SCHEDULED_AT_MOST])


def _tonight() -> datetime.datetime:
    return _midnight(timezone.localdate() + datetime.timedelta(days=1))


def live_imports() -> list[ImportRun]:
    """Imports that wait, run or are being undone, latest first, each with `done` and `bad`, numbers of files.

    Two queries.
    """
    runs = list(ImportRun.objects.filter(state__in=LIVE).order_by("-id").select_related("started_by")[:LIVE_AT_MOST])
    ended = ImportFile.objects.filter(run__in=runs).exclude(result="").order_by().values_list("run", "result")
    numbers = collections.defaultdict(collections.Counter)
    for run, result, number in ended.annotate(number=Count("pk")):
        numbers[run][result] = number
    for run in runs:
        run.done = numbers[run.pk].total()
        run.bad = sum(numbers[run.pk][result] for result in BAD)
    return runs


def recent_failures() -> list[dict]:
    """Why files of the latest imports ended badly: run, result, code, number, mended; most frequent first.

    Two queries.
    """
    ended = ImportRun.objects.filter(dry_run=False).exclude(state__in=(*LIVE, ImportRun.State.UNDONE))
    runs = list(ended.order_by("-id").values_list("pk", flat=True)[:RECENT])
    rows = ImportFile.objects.filter(run__in=runs, result__in=BAD).order_by()
    rows = rows.values("run", "result", "code").annotate(number=Count("pk"), mended=Count("mended_in"))
    return list(rows.order_by("-number", "-run", "code")[:CAUSES_AT_MOST])


def pictures_by_state() -> dict[str, int]:
    """Number of pictures in each state, nought included; one query, answered from an index."""
    found = dict(Image.objects.order_by().values_list("state").annotate(number=Count("pk")))
    return {state.value: found.get(state.value, 0) for state in Image.State}


@dataclass(frozen=True)
class Span:
    """A source and the days of its first and its latest article here; None when none is dated.

    `latest` is the latest day up to today: what a file dates into the future does not say where the present is.
    """

    source: Source
    first: datetime.date | None
    last: datetime.date | None
    latest: datetime.date | None


def spans() -> list[Span]:
    """All sources, by name; one query, three look-ups in an index for each."""
    days = Article.objects.filter(source=OuterRef("pk"), published_on__isnull=False).values("published_on")
    sources = Source.objects.annotate(
        first=Subquery(days.order_by("published_on")[:1]),
        last=Subquery(days.order_by("-published_on")[:1]),
        latest=Subquery(days.filter(published_on__lte=timezone.localdate()).order_by("-published_on")[:1]),
    )
    return [Span(source, source.first, source.last, source.latest) for source in sources]


def articles_by_day(
    sources: list[Source], first: datetime.date, last: datetime.date
) -> dict[int, collections.Counter[datetime.date]]:
    """Articles of each source by day (in the source's time zone), whatever their state; one query, from an index."""
    found = {source.pk: collections.Counter() for source in sources}
    rows = Article.objects.filter(source__in=list(found), published_on__range=(first, last)).order_by()
    for source, day, number in rows.values_list("source", "published_on").annotate(number=Count("pk")):
        found[source][day] = number
    return found


def published_by_day() -> dict[datetime.date, int]:
    """How many articles readers could first see on each day of a month: the last days, or those to the latest article.

    Two queries, answered from an index.
    """
    out = Article.objects.filter(status=Status.PUBLISHED, entered_at__lte=timezone.now())
    latest = out.order_by("-entered_at", "-id").values_list("entered_at", flat=True).first()
    end = chart_end(timezone.localtime(latest).date() if latest else None)
    days = [end - SPAN + datetime.timedelta(days=number) for number in range(SPAN.days + 1)]
    edges = [_midnight(day) for day in (*days, end + datetime.timedelta(days=1))]
    numbers = out.filter(entered_at__gte=edges[0], entered_at__lt=edges[-1]).aggregate(
        **{
            f"day_{at}": Coalesce(Count("pk", filter=Q(entered_at__gte=edges[at], entered_at__lt=edges[at + 1])), 0)
            for at in range(len(days))
        }
    )
    return {day: numbers[f"day_{at}"] for at, day in enumerate(days)}


def chart_end(latest: datetime.date | None) -> datetime.date:
    """Last day of a chart: today, unless nothing came for so long that the chart would be empty."""
    today = timezone.localdate()
    return latest if latest and latest < today - SPAN else today


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
