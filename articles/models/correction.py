"""Notes to readers: what was wrong, what was added, what was meant. Only ever added, or withdrawn with a reason.

An article's notes come with its own row (`with_notes`), as one JSON column, so that no page needs a query for them.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Aggregate, Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.article import UNDATED, Article, ArticleQuerySet
from articles.models.edition import Public, PublicQuerySet
from articles.models.imports import Original

LONGEST = 2000  # characters of a note


class Correction(Public):
    """A note to the readers of an article."""

    class Kind(models.TextChoices):
        """What sort of note it is."""

        CORRECTION = "correction", _("Correction")
        UPDATE = "update", _("Update")
        CLARIFICATION = "clarification", _("Clarification")

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="corrections", verbose_name=_("article")
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Kind, default=Kind.CORRECTION)
    text = models.TextField(_("note"), max_length=LONGEST)
    made_at = models.DateTimeField(_("when"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("withdrawn by")
    )
    withdrawn_because = models.CharField(_("withdrawn because"), max_length=500, blank=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        """Latest first."""

        ordering = ["-id"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        indexes = [models.Index(fields=["article", "-id"], name="correction_by_article")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="a_correction_says_something"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_because="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_because="")),
                name="a_withdrawal_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.text[:60]}"


@dataclass(frozen=True)
class Note:
    """A note as readers see it. `withdrawn_at` is None as long as it stands; a withdrawn one tells no text."""

    number: int
    kind: str
    text: str
    made_at: datetime.datetime
    withdrawn_at: datetime.datetime | None = None

    @property
    def name(self) -> str:
        """Its kind in the reader's language."""
        return str(Correction.Kind(self.kind).label)


class _Rows(Aggregate):
    """JSON objects of all rows as one array."""

    output_field = models.JSONField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **context)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)


def with_notes(articles: ArticleQuerySet) -> ArticleQuerySet:
    """`articles` with what `notes_of` and `changed_at` read; no query of its own."""
    fields = {name: name for name in ("id", "kind", "text", "made_at", "withdrawn_at")}
    notes = Correction.objects.filter(article=OuterRef("pk")).order_by().values("article")
    others = Original.objects.filter(article=OuterRef("article")).exclude(content_sha256=OuterRef("content_sha256"))
    newest = Original.objects.filter(Exists(others), article=OuterRef("pk"), newest=True).order_by()
    return articles.annotate(
        written_notes=Subquery(notes.annotate(all=_Rows(JSONObject(**fields))).values("all")),
        source_changed_at=Subquery(newest.values("archived_at")[:1]),
    )


def notes_of(article: Article, *, standing: bool = True) -> list[Note]:
    """Notes of an article that came out of `with_notes`, the latest first; no query.

    Those that stand, or (`standing` false) also what was withdrawn, without its words.
    """
    rows = sorted(article.written_notes or (), key=lambda row: -row["id"])
    notes = [
        Note(
            row["id"],
            row["kind"],
            "" if row["withdrawn_at"] else row["text"],
            _moment(row["made_at"]),
            row["withdrawn_at"] and _moment(row["withdrawn_at"]),
        )
        for row in rows
    ]
    return [note for note in notes if not (standing and note.withdrawn_at)]


def changed_at(article: Article) -> datetime.datetime | None:
    """When what it says here last changed: an edit, a note, a note withdrawn, or its source's text; None when never.

    A change at the source is dated by the archive, never by the import, so that an old archive that comes in late says
    nothing new; where an editor has been at the text, the source's later one is not what readers see.
    The article came out of `with_notes`; no query.
    """
    notes = notes_of(article, standing=False)
    moments = [article.edited_at, *(note.made_at for note in notes), *(note.withdrawn_at for note in notes)]
    seen = None if article.edited_at else article.source_changed_at
    if seen and seen > (article.published_at or UNDATED):
        moments.append(seen)
    return max((moment for moment in moments if moment), default=None)


def _moment(written: str) -> datetime.datetime:
    """Both databases write ISO 8601; SQLite without a zone, which is UTC."""
    moment = datetime.datetime.fromisoformat(written)
    return moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)
