"""Revisions: what an article said before and after each change, with the tags and captions that tables of changes miss.

A row is written by whoever changes an article, never by a signal: imports write partial rows and sets of rows, of which
a signal would keep nonsense. An untouched article has no revision at all; its first change keeps it as it was, too.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.audit import Deed, deed_of
from articles.models.image import ArticleImage
from articles.models.tagging import TaggedArticle

WORDS = ("title", "standfirst", "body", "byline", "excerpt", "copyright")
FACTS = (
    "language",
    "slug",
    "source_id",
    "published_at",
    "published_precision",
    "lead_image_id",
    "go_live_at",
    "expire_at",
)


@dataclass(frozen=True)
class Contents:
    """All of an article that a person can change, and its digest."""

    words: dict[str, str]
    facts: dict[str, object]
    digest: str


class Revision(models.Model):
    """An article as it stood after a change (or before the first one)."""

    class Kind(models.TextChoices):
        """What sort of change it was."""

        BASELINE = "baseline", _("as it was before")
        EDIT = "edit", _("edit")
        BULK = "bulk", _("bulk action")
        IMPORT = "import", _("import")
        RESTORE = "restore", _("restored")
        SOURCE = "source", _("taken from the source")
        POLICY = "policy", _("cleaned by today's policy")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions", verbose_name=_("article"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.EDIT)
    made_at = models.DateTimeField(_("when"), default=timezone.now)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("who")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    digest = models.CharField(max_length=32, editable=False)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    title = models.TextField(_("title"), blank=True)
    standfirst = models.TextField(_("standfirst"), blank=True)
    byline = models.TextField(_("byline"), blank=True)
    excerpt = models.TextField(_("excerpt"), blank=True)
    copyright = models.TextField(_("copyright line"), blank=True)
    body = models.TextField(_("body"), blank=True)

    class Meta:
        """Asked for by article, latest first."""

        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        indexes = [
            models.Index(fields=["article", "-id"], name="revision_by_article"),
            models.Index(fields=["kind", "-id"], name="revision_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} @ {self.pk}"

    @property
    def words(self) -> dict[str, str]:
        """The words, by field."""
        return {name: getattr(self, name) for name in WORDS}


def contents_of(article_ids: Iterable[int]) -> dict[int, Contents]:
    """What articles say now, by number; three queries.

    A picture is [number, caption, credit, alternative text]; revisions of older versions lack the last.
    """
    ids = list(article_ids)
    tags, places = defaultdict(list), defaultdict(list)
    uses = TaggedArticle.objects.filter(content_object__in=ids).order_by("tag__name")
    for pk, name in uses.values_list("content_object", "tag__name"):
        tags[pk].append(name)
    shown = ArticleImage.objects.filter(article__in=ids).order_by("position", "id")
    for pk, *place in shown.values_list("article", "image", "caption", "credit", "image__alt"):
        places[pk].append(place)
    contents = {}
    for row in Article.objects.filter(pk__in=ids).values("pk", *WORDS, *FACTS):
        facts = {name: row[name] for name in FACTS} | {"tags": tags[row["pk"]], "pictures": places[row["pk"]]}
        words = {name: row[name] for name in WORDS}
        contents[row["pk"]] = Contents(words, facts, _digest(words, facts))
    return contents


def _digest(words: dict, facts: dict) -> str:
    told = json.dumps([words, facts], cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def redigest(revision: Revision) -> None:
    """Keep the digest in step with words that were put right in memory; no query."""
    revision.digest = _digest(revision.words, revision.facts)


# What the audit calls a change that is recorded article by article.
VERBS = {Revision.Kind.EDIT: "change", Revision.Kind.RESTORE: "restore", Revision.Kind.SOURCE: "settle"}


def keep_baseline(article_ids: Iterable[int], *, drifted: bool = False) -> None:
    """Before a change: keep articles without any revision as they are; one query when all have one, else five.

    With `drifted` also those that do not say any more what their latest revision says, because something changed them
    that keeps none: a refused save then finds what its reader saw. Six queries.
    """
    ids = set(article_ids)
    known = _latest_digests(ids) if drifted else {}
    if not drifted:
        ids -= set(Revision.objects.filter(article__in=ids).values_list("article_id", flat=True))
    if not ids:
        return
    changed_at = dict(Article.objects.filter(pk__in=ids).values_list("pk", "updated_at"))
    Revision.objects.bulk_create(
        Revision(
            article_id=pk,
            kind=Revision.Kind.BASELINE,
            made_at=timezone.now() if pk in known else changed_at[pk],
            digest=contents.digest,
            facts=contents.facts,
            **contents.words,
        )
        for pk, contents in contents_of(ids).items()
        if known.get(pk) != contents.digest
    )


def _latest_digests(article_ids: Iterable[int]) -> dict[int, str]:
    mine = Revision.objects.filter(article__in=article_ids).order_by()
    latest = mine.values("article").annotate(last=Max("pk")).values("last")
    return dict(Revision.objects.filter(pk__in=latest).values_list("article_id", "digest"))


def keep_revisions(article_ids: Iterable[int], author, reason: str = "", kind: str = Revision.Kind.EDIT) -> list[int]:
    """After a change: keep articles as they are now, unless nothing changed; returns those kept. Six queries.

    Each is a deed of the audit, but for those of imports, bulk jobs and the policy: they are recorded as one.
    """
    ids = list(article_ids)
    known = _latest_digests(ids)
    rows = [
        Revision(
            article_id=pk,
            kind=kind,
            author=author,
            reason=reason[:300],
            digest=contents.digest,
            facts=contents.facts,
            **contents.words,
        )
        for pk, contents in contents_of(ids).items()
        if known.get(pk) != contents.digest
    ]
    Revision.objects.bulk_create(rows)
    verb = VERBS.get(kind)
    if verb and rows:
        Deed.objects.bulk_create(
            deed_of(
                verb if row.article_id in known else "add",
                Article(pk=row.article_id, title=row.title),
                by=author,
                note=reason,
                revision=row.pk,
            )
            for row in rows
        )
    return [row.article_id for row in rows]
