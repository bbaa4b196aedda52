"""Records of imports: runs, their files, and the bytes as they came."""

from django.conf import settings
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

WRITER_LOCK = 0x6E657773  # "news": any number that nothing else locks


def lock_writers() -> None:
    """Let no import write until this transaction ends; SQLite's immediate transactions see to it by themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITER_LOCK])


class ImportRun(models.Model):
    """One import, from start to end."""

    class State(models.TextChoices):
        """Where a run stands."""

        WAITING = "waiting", _("waiting to begin")
        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")
        STOPPED = "stopped", _("paused")
        INTERRUPTED = "interrupted", _("stalled: its process died")
        CANCELLED = "cancelled", _("cancelled")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    class Wish(models.TextChoices):
        """What somebody asks of a running import; granted between two batches."""

        NONE = "", _("go on")
        PAUSE = "pause", _("pause")
        CANCEL = "cancel", _("cancel")

    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), auto_now_add=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("started by")
    )
    options = models.JSONField(_("options"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.RUNNING)
    wish = models.CharField(_("asked to"), max_length=6, choices=Wish, blank=True, default=Wish.NONE)
    dry_run = models.BooleanField(_("dry run"), default=False, help_text=_("Nothing was kept but this report."))
    total = models.PositiveIntegerField(_("files in all"), null=True, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone = models.JSONField(_("what was undone"), default=dict, blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-id"]
        verbose_name = _("import run")
        verbose_name_plural = _("import runs")
        permissions = [("steer_importrun", _("Can start, steer, retry and undo imports"))]
        indexes = [
            models.Index(fields=["state"], name="run_by_state"),
            models.Index(fields=["dry_run", "-id"], name="run_by_dry_run"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Result(models.TextChoices):
    """How a file of a run ended; empty while it waits."""

    CREATED = "created", _("created")
    UPDATED = "updated", _("updated")
    UNCHANGED = "unchanged", _("unchanged")
    KEPT = "kept", _("kept: an editor's text stands, the new original waits")
    DUPLICATE = "duplicate", _("duplicate")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")


class ImportFile(models.Model):
    """One file of a run and its end."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="files", verbose_name=_("run"))
    path = models.TextField(_("path"))
    location = models.TextField(_("location"), blank=True, help_text=_("Where a worker or a retry finds the bytes."))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    result = models.CharField(_("result"), max_length=9, choices=Result, blank=True)
    code = models.CharField(_("cause"), max_length=40, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    article = models.ForeignKey(
        "articles.Article", on_delete=models.SET_NULL, null=True, blank=True, related_name="import_files"
    )
    mended_in = models.ForeignKey(
        ImportRun,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="mended",
        db_index=False,
        verbose_name=_("mended in"),
        help_text=_("The later run in which this file ended well."),
    )

    class Meta:
        """In the order of the run; filtered by result and cause."""

        ordering = ["run_id", "id"]
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")
        indexes = [models.Index(fields=["run", "result", "code"], name="file_by_result")]

    def __str__(self) -> str:
        return self.path


class Original(models.Model):
    """A file's bytes as they came, compressed, so that better rules can read them again and the archive can be
    written back byte for byte.
    """

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="originals", verbose_name=_("article")
    )
    run = models.ForeignKey(ImportRun, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("run"))
    path = models.TextField(_("path"))
    path_sha256 = models.CharField(max_length=64, editable=False)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("size, bytes"), default=0)
    rules_version = models.CharField(_("rules"), max_length=32)
    imported_at = models.DateTimeField(_("imported"), auto_now_add=True)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_precision = models.CharField(max_length=6, blank=True)
    published_from = models.CharField(max_length=12, blank=True)
    fullness = models.PositiveSmallIntegerField(_("fullness"), default=2)
    text_length = models.PositiveIntegerField(_("text, characters"), default=0)
    content_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    newest = models.BooleanField(_("newest"), default=False, help_text=_("The article was made from this original."))
    waiting = models.BooleanField(
        _("waiting"),
        default=False,
        help_text=_("The article was edited here; this newer original waits for an editor."),
    )
    bytes = models.BinaryField(_("compressed bytes"))

    class Meta:
        """The same bytes at the same path are kept once."""

        ordering = ["id"]
        verbose_name = _("original")
        verbose_name_plural = _("originals")
        constraints = [
            models.UniqueConstraint(fields=["path_sha256", "sha256"], name="one_original_a_path_and_content"),
            models.UniqueConstraint(fields=["article"], condition=models.Q(newest=True), name="one_newest_original"),
        ]
        indexes = [
            # Covers the question of every re-import ("are these bytes known?") without touching a row's bytes.
            models.Index(fields=["sha256", "path_sha256", "rules_version", "article"], name="original_by_sha256"),
            # Covers the articles of a run, in their order: what an undo goes along.
            models.Index(fields=["run", "article"], name="original_by_run"),
        ]

    def __str__(self) -> str:
        return self.path


class Remainder(models.Model):
    """An article that stayed when its run was undone, and why."""

    class Reason(models.TextChoices):
        """What an undo does not take back."""

        EDITED = "edited", _("edited here: the text stands")
        HANDLED = "handled", _("an editor published, moved or tagged it")
        RULES = "rules", _("read under newer rules: there is no older text to go back to")
        UNREADABLE = "unreadable", _("its earlier original cannot be read any more")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="remainders", verbose_name=_("run"))
    article = models.ForeignKey("articles.Article", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)

    class Meta:
        """Once a run and article."""

        ordering = ["run_id", "id"]
        verbose_name = _("article that stayed")
        verbose_name_plural = _("articles that stayed")
        constraints = [models.UniqueConstraint(fields=["run", "article"], name="stays_once_a_run")]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.reason}"
