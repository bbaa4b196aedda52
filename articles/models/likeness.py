"""What tells that two articles are alike: signatures of texts for near-duplicates, key terms for the same subject.

Everything stands beside the articles, so that lists never walk over it; candidates are found by an index.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.edition import Public, PublicQuerySet


class Signature(models.Model):
    """A MinHash of an article's text; empty when there is too little of it to compare."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, primary_key=True, related_name="signature")
    values = models.BinaryField(editable=False)
    has_terms = models.BooleanField(default=False)

    class Meta:
        """Asked for by article, or for those whose terms are still to be learned."""

        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        indexes = [models.Index(fields=["article"], condition=Q(has_terms=False), name="signature_without_terms")]

    def __str__(self) -> str:
        return f"signature of article {self.article_id}"


class Band(models.Model):
    """A part of a signature: texts that are much alike share at least one."""

    key = models.BigIntegerField()
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="bands")

    class Meta:
        """Answered from the index alone."""

        verbose_name = _("band of a signature")
        verbose_name_plural = _("bands of signatures")
        indexes = [models.Index(fields=["key", "article"], name="band_by_key")]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.key}"


class KeyTerm(Public):
    """A rare word of an article's title or opening, a topic or a linked address: shared ones tell a shared subject.

    `weight` is its share of all that the article's terms weigh together (as a vector), in thousandths.
    """

    key = models.BigIntegerField()
    # No index of its own: that of the constraint below begins with it.
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="key_terms", db_index=False)
    weight = models.PositiveSmallIntegerField()

    objects = PublicQuerySet.as_manager()

    class Meta:
        """Answered from the index alone."""

        verbose_name = _("key term")
        verbose_name_plural = _("key terms")
        constraints = [models.UniqueConstraint(fields=["article", "key"], name="one_key_term_an_article")]
        indexes = [models.Index(fields=["key", "article", "weight"], name="key_term_by_key")]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.key}"


class PossibleDuplicate(models.Model):
    """Two articles that may tell the same: offered to an editor, never merged by itself."""

    class Verdict(models.TextChoices):
        """What the editor said."""

        OPEN = "", _("open")
        SAME = "same", _("the same")
        DIFFERENT = "different", _("different")

    class Reason(models.TextChoices):
        """Who says so, and why."""

        TEXT = "same text", _("same text")
        ALIKE = "alike", _("much alike")
        EDITOR = "editor", _("an editor's word")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="possible_duplicates")
    other = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="possible_duplicates_of")
    reason = models.CharField(_("reason"), max_length=40, choices=Reason)
    verdict = models.CharField(_("verdict"), max_length=9, choices=Verdict, blank=True, default=Verdict.OPEN)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    likeness = models.PositiveSmallIntegerField(
        _("likeness"), default=0, editable=False, help_text=_("Share of the wording that both have, per cent.")
    )
    judged_at = models.DateTimeField(_("judged"), null=True, editable=False)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("judged by"),
    )

    class Meta:
        """A pair is kept once: the smaller number first. The most alike are judged first."""

        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["article", "other"], name="a_pair_once"),
            models.CheckConstraint(condition=Q(article__lt=models.F("other")), name="a_pair_in_order"),
        ]
        indexes = [
            models.Index(fields=["-likeness", "id"], condition=Q(verdict=""), name="pair_open_by_likeness"),
            models.Index(fields=["verdict", "-likeness", "id"], name="pair_by_verdict"),
            models.Index(fields=["reason", "verdict", "-likeness", "id"], name="pair_by_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} ≈ {self.other_id}"


class ArticleMerge(Public):
    """An editor said that one article only repeats another: its address leads there now. `kept` is for undoing it."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="merges", verbose_name=_("merged article")
    )
    winner = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="merged", verbose_name=_("into"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    made_at = models.DateTimeField(_("when"), auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone"), null=True)
    kept = models.JSONField(default=dict, editable=False)

    objects = PublicQuerySet.as_manager()

    class Meta:
        """An article leads to one other at a time."""

        verbose_name = _("merge of articles")
        verbose_name_plural = _("merges of articles")
        constraints = [
            models.UniqueConstraint(fields=["article"], condition=Q(undone_at=None), name="one_merge_an_article"),
            models.CheckConstraint(condition=~Q(article=F("winner")), name="no_merge_with_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} → {self.winner_id}"
