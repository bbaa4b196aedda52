"""The front page's shape: what editors pinned, ordered, added and switched off, a row for every shape there was.

A shape is one value (`Plan`), kept as JSON: it is read whole, compared whole, restored whole. What it names may be gone
by the time it is read (an article withdrawn, a topic merged); who reads it leaves that out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.edition import Public, PublicQuerySet

SECONDS = 5  # second stories, pinned or not
MOST_SECTIONS = 12
MOST_IN_A_SECTION = 12
AUTOMATIC = ("latest", "on_this_day", "by_source")  # parts that fill themselves, in their usual order
SALT = "articles.front"
VALID_FOR = datetime.timedelta(days=1)


class Kind(models.TextChoices):
    """What a part of the front page is made of."""

    AUTOMATIC = "automatic", _("fills itself")
    SOURCE = "source", _("a source")
    TOPIC = "topic", _("a topic")
    SEARCH = "search", _("a search")


class Layout(models.TextChoices):
    """How a section looks."""

    FEATURE = "feature", _("one large, others beside")
    CARDS = "cards", _("pictures side by side")
    HEADLINES = "headlines", _("headlines only")


@dataclass(frozen=True)
class Pin:
    """An article at a place of its own; `until` an instant in ISO 8601, or empty for as long as nobody changes it."""

    article: int
    until: str = ""


@dataclass(frozen=True)
class Part:
    """A part below the top. `name` is one of AUTOMATIC, a source's slug, a topic's name or the words of a search."""

    kind: str
    name: str
    title: str = ""
    count: int = 4
    layout: str = Layout.FEATURE
    shown: bool = True


@dataclass(frozen=True)
class Breaking:
    """The line above everything; shown from `begins` (empty: at once) until `ends` (empty: until it is changed)."""

    text: str
    article: int | None = None
    begins: str = ""
    ends: str = ""


@dataclass(frozen=True)
class Plan:
    """A shape of the front page. The one without arguments is the page that edits itself."""

    lead: Pin | None = None
    seconds: tuple[Pin, ...] = ()
    parts: tuple[Part, ...] = field(default_factory=lambda: tuple(Part(Kind.AUTOMATIC, name) for name in AUTOMATIC))
    topics: bool = True
    breaking: Breaking | None = None

    def written(self) -> dict:
        """As JSON."""
        return asdict(self)

    def moments(self) -> list[datetime.datetime]:
        """Instants at which the page changes by itself."""
        pins = [pin.until for pin in (self.lead, *self.seconds) if pin]
        line = [self.breaking.begins, self.breaking.ends] if self.breaking else []
        return sorted({moment_of(words) for words in (*pins, *line) if words})

    def at(self, now: datetime.datetime) -> Plan:
        """What of it holds at an instant: without pins that have ended and a line that has or has not begun."""
        line = self.breaking
        if line and ((line.begins and moment_of(line.begins) > now) or (line.ends and moment_of(line.ends) <= now)):
            line = None
        seconds = tuple(pin for pin in self.seconds if _holds(pin, now))
        return replace(self, lead=self.lead if _holds(self.lead, now) else None, seconds=seconds, breaking=line)


def _holds(pin: Pin | None, now: datetime.datetime) -> bool:
    return pin is not None and not (pin.until and moment_of(pin.until) <= now)


def moment_of(words: str) -> datetime.datetime:
    """An instant of a plan."""
    return datetime.datetime.fromisoformat(words)


def plan_of(written: dict) -> Plan:
    """A plan out of its JSON; what a later release wrote and this one does not know is left out."""
    pins = [_made(Pin, row) for row in written.get("seconds") or ()]
    parts = [_made(Part, row) for row in written.get("parts") or ()]
    named = {part.name for part in parts if part.kind == Kind.AUTOMATIC}
    parts += [Part(Kind.AUTOMATIC, name) for name in AUTOMATIC if name not in named]
    return Plan(
        lead=_made(Pin, written.get("lead")),
        seconds=tuple(pins),
        parts=tuple(parts),
        topics=written.get("topics", True),
        breaking=_made(Breaking, written.get("breaking")),
    )


def _made(kind: type, row: dict | None):
    known = {one.name for one in fields(kind)}
    return kind(**{name: value for name, value in row.items() if name in known}) if row else None


class FrontPage(models.Model):
    """A shape: the draft that editors work at (one at most), or one that readers see or have seen.

    Only `articles.curation.front` writes rows; it turns the edition when readers get another shape.
    """

    plan = models.JSONField(default=dict)
    is_draft = models.BooleanField(_("draft"), default=True)
    saves = models.PositiveIntegerField(default=0, editable=False)  # of a draft: tells two editors apart
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    went_live_at = models.DateTimeField(_("went live"), null=True)
    restored = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("restored")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        """Latest first."""

        ordering = ["-went_live_at", "-id"]
        verbose_name = _("front page")
        verbose_name_plural = _("front pages")
        constraints = [
            models.UniqueConstraint(fields=["is_draft"], condition=Q(is_draft=True), name="one_draft_of_the_front"),
            models.CheckConstraint(
                condition=Q(is_draft=True, went_live_at__isnull=True) | Q(is_draft=False, went_live_at__isnull=False),
                name="a_front_page_is_live_or_a_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class FrontMoment(Public):
    """An instant at which the live front page changes by itself: the validators of pages ask for the latest passed."""

    at = models.DateTimeField(db_index=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        """Bookkeeping; no desk shows it."""

        verbose_name = _("moment of the front page")
        verbose_name_plural = _("moments of the front page")

    def __str__(self) -> str:
        return self.at.isoformat()


def live_plan() -> Plan:
    """The plan that readers see now; one query."""
    written = FrontPage.objects.filter(is_draft=False).values_list("plan", flat=True).first()
    return plan_of(written or {})


def keep_moments(moments: Iterable[datetime.datetime]) -> None:
    """Write down when the live front page changes by itself, in place of what was written before; two queries."""
    FrontMoment.objects.all().delete()
    FrontMoment.objects.bulk_create(FrontMoment(at=moment) for moment in moments)


def front_preview_address(number: int, saves: int) -> str:
    """The address at which a shape is seen before readers see it, good for a day; another after each save."""
    return reverse("front_preview", args=[signing.dumps([number, saves], salt=SALT)])


def front_previewed(token: str) -> int | None:
    """The number of the shape that a token shows; None when it is forged or too old."""
    try:
        number, _saves = signing.loads(token, salt=SALT, max_age=VALID_FOR)
        return int(number)
    except (signing.BadSignature, ValueError, TypeError):
        return None
