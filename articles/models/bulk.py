"""Deeds on many articles at once: what was asked, what becomes of each article, and what is needed to undo it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article


class BulkJob(models.Model):
    """One deed on a fixed set of articles: first counted, then done when somebody confirms it, and undone once."""

    class State(models.TextChoices):
        """Where a job stands. In the active states there is work left that anybody's next step does."""

        COUNTING = "counting", _("being counted")
        READY = "ready", _("waits to be confirmed")
        RUNNING = "running", _("running")
        STOPPED = "stopped", _("stopped")
        FINISHED = "finished", _("finished")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    ACTIVE = (State.COUNTING, State.RUNNING, State.UNDOING)

    deed = models.CharField(_("deed"), max_length=20)
    given = models.JSONField(_("with"), default=dict, blank=True)
    note = models.CharField(_("reason"), max_length=300, blank=True)
    query = models.TextField(_("filter"), blank=True, help_text=_("Empty when the articles were ticked one by one."))
    total = models.PositiveIntegerField(_("articles"), default=0)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.COUNTING)
    hints = models.JSONField(default=dict, editable=False)  # of articles that would change: advisory checks, counted
    fault = models.CharField(_("why it stopped"), max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        """Latest first."""

        ordering = ["-id"]
        verbose_name = _("bulk job")
        verbose_name_plural = _("bulk jobs")

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_active(self) -> bool:
        """Whether there is work left to be done without anybody's further word."""
        return self.state in self.ACTIVE


class BulkItem(models.Model):
    """One article of a bulk job and what becomes of it."""

    class Result(models.TextChoices):
        """Before the job runs: what would happen. After: what did. Empty until the article has been looked at."""

        READY = "ready", _("would change")
        ALREADY = "already", _("already so")
        BLOCKED = "blocked", _("blocked by a check")
        FORBIDDEN = "forbidden", _("not permitted")
        CLAIMED = "claimed", _("in somebody's hand")
        GONE = "gone", _("deleted meanwhile")
        OVERTAKEN = "overtaken", _("changed by somebody meanwhile")
        CHANGED = "changed", _("changed")
        UNDONE = "undone", _("undone")
        KEPT = "kept", _("not undone: changed by somebody since")

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items", verbose_name=_("job"))
    article = models.ForeignKey(
        Article, on_delete=models.SET_NULL, null=True, related_name="bulk_items", verbose_name=_("article")
    )
    result = models.CharField(_("result"), max_length=9, choices=Result, blank=True)
    code = models.CharField(_("cause"), max_length=20, blank=True)
    origin = models.CharField(_("state before"), max_length=9, choices=Article.Status)
    seen_at = models.DateTimeField(_("article as of"))  # its `updated_at` when it was chosen: anything later is skipped
    mark = models.BigIntegerField(null=True, editable=False)  # the row that the deed made: a step, a use of a tag
    before = models.JSONField(null=True, editable=False)  # what the deed replaced

    class Meta:
        """Worked through by number, counted by result and cause."""

        ordering = ["id"]
        verbose_name = _("article of a bulk job")
        verbose_name_plural = _("articles of bulk jobs")
        indexes = [models.Index(fields=["job", "result", "code", "id"], name="bulk_item_by_result")]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.article_id}"
