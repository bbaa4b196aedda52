"""Take-downs: what may not be shown, why, since when and until when; who asked, who decided, and who let it return.

What readers may see asks `holds` at the moment of reading (`not_held`), so that a take-down begins and ends by itself.
No row points at an article: one that is deleted, or undone with its import, stays taken down, and stays out.
"""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.ingest.likeness import number_of
from articles.models.edition import Public, PublicQuerySet, new_edition
from articles.models.image import Image

LEGAL, GONE = 451, 410


class TakeDownQuerySet(PublicQuerySet):
    """Questions that more than one room asks."""

    def begun(self, now: datetime.datetime | None = None) -> TakeDownQuerySet:
        """Those that hold something now, by their times alone."""
        now = now or timezone.now()
        still = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
        return self.filter(still, state=TakeDown.State.IN_FORCE, begins_at__lte=now)

    def due(self, now: datetime.datetime | None = None) -> TakeDownQuerySet:
        """Those whose time has come, and whose search entries and files do not follow it yet."""
        now = now or timezone.now()
        begins = Q(applied_at__isnull=True, begins_at__lte=now)
        return self.filter(begins | Q(ends_at__lte=now), state=TakeDown.State.IN_FORCE)

    def update(self, **kwargs) -> int:
        """As Django's; a new edition in the same transaction: whatever becomes of this process, no page that was kept
        from before is shown as the current one. Take-downs are so few that nobody waits for the edition's row.
        """
        changed = super().update(**kwargs)
        new_edition()
        return changed

    update.alters_data = True

    def told(self) -> TakeDownQuerySet:
        """What the public is told of: decided and begun, whether or not it still holds; latest first."""
        decided = (TakeDown.State.IN_FORCE, TakeDown.State.ENDED, TakeDown.State.RESTORED)
        begun = self.filter(state__in=decided, begins_at__lte=timezone.now())
        return begun.order_by("-begins_at", "-id")


class TakeDown(Public):
    """One demand (or a finding of our own), and what became of it."""

    class State(models.TextChoices):
        """Stations. Whether one in force has begun is told by its times."""

        REQUESTED = "requested", _("requested")
        DECLINED = "declined", _("declined")
        IN_FORCE = "in_force", _("in force")
        ENDED = "ended", _("ended by itself")
        RESTORED = "restored", _("restored")

    class Scope(models.TextChoices):
        """What is taken down."""

        ARTICLE = "article", _("an article")
        PICTURES = "pictures", _("the pictures of an article")
        PICTURE = "picture", _("one picture wherever it is shown")
        ADDRESSES = "addresses", _("all articles under an address")

    class Basis(models.TextChoices):
        """Why it must go; the first five are demands of the law."""

        COURT = "court", _("court order")
        STATUTE = "statute", _("statute or order of an authority")
        COPYRIGHT = "copyright", _("copyright")
        PRIVACY = "privacy", _("privacy or data protection")
        DEFAMATION = "defamation", _("personality rights or defamation")
        LICENCE = "licence", _("licence ended")
        SAFETY = "safety", _("safety of a person")
        ERROR = "error", _("error of the newsroom")

    class Requester(models.TextChoices):
        """Who asked, as far as everybody may know."""

        COURT = "court", _("a court")
        AUTHORITY = "authority", _("an authority")
        HOLDER = "holder", _("a holder of rights")
        PERSON = "person", _("a person concerned")
        PUBLISHER = "publisher", _("the publisher")
        OURSELVES = "ourselves", _("the newsroom itself")

    LEGAL_BASES = frozenset({Basis.COURT, Basis.STATUTE, Basis.COPYRIGHT, Basis.PRIVACY, Basis.DEFAMATION})

    state = models.CharField(_("state"), max_length=9, choices=State, default=State.REQUESTED)
    scope = models.CharField(_("what"), max_length=9, choices=Scope, default=Scope.ARTICLE)
    article_number = models.BigIntegerField(_("article"), null=True, blank=True)
    image_number = models.BigIntegerField(_("picture"), null=True, blank=True)
    pattern = models.CharField(
        _("beginning of the addresses"), max_length=500, blank=True, help_text=_("Such as news.example/politics/")
    )
    copies = models.JSONField(_("further articles"), default=list, blank=True)
    everywhere = models.BooleanField(
        _("its pictures in other articles, too"),
        default=False,
        help_text=_("Else pictures that other articles show as well stay where they are."),
    )
    subject = models.CharField(_("subject"), max_length=500, help_text=_("For the desk; readers never see it."))
    source_name = models.CharField(_("source"), max_length=200, blank=True)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis)
    requester_kind = models.CharField(_("requested by"), max_length=9, choices=Requester)
    requester = models.CharField(_("name of who asks"), max_length=300, blank=True, help_text=_("For the desk only."))
    reason = models.TextField(_("reason"), max_length=4000, help_text=_("For the desk only: the demand, file numbers."))
    public_note = models.CharField(
        _("note to the public"), max_length=500, blank=True, help_text=_("Name nobody, and nothing of what was shown.")
    )
    begins_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: for good."))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    declined_because = models.CharField(_("declined because"), max_length=500, blank=True)
    applied_at = models.DateTimeField(_("carried out"), null=True)
    effects = models.JSONField(_("what it removed"), default=dict, blank=True)
    restore_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("restoring asked by"),
    )
    restore_asked_at = models.DateTimeField(_("restoring asked"), null=True)
    restore_reason = models.CharField(_("why it may return"), max_length=500, blank=True)
    restored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("restored by")
    )
    restored_at = models.DateTimeField(_("returned"), null=True)

    objects = TakeDownQuerySet.as_manager()

    class Meta:
        """Latest first; no one person restores."""

        ordering = ["-id"]
        verbose_name = _("take-down")
        verbose_name_plural = _("take-downs")
        permissions = [("decide_takedown", _("Can decide on take-downs and on restoring"))]
        indexes = [
            models.Index(fields=["-begins_at", "-id"], name="takedown_by_date"),
            models.Index(fields=["state", "-id"], name="takedown_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("begins_at")),
                name="a_takedown_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(restored_by__isnull=True)
                | Q(restore_asked_by__isnull=True)
                | ~Q(restored_by=F("restore_asked_by")),
                name="two_people_restore",
            ),
            models.CheckConstraint(
                condition=~Q(state="restored") | Q(restore_asked_at__isnull=False, restored_at__isnull=False),
                name="restoring_is_asked_first",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(decided_at__isnull=False), name="a_takedown_is_decided"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How letters, receipts and refusals name it."""
        return f"TD-{self.asked_at:%Y}-{self.pk}"

    @property
    def status_code(self) -> int:
        """451 when the law demands it (RFC 7725), else 410."""
        return LEGAL if self.basis in self.LEGAL_BASES else GONE

    @property
    def is_legal(self) -> bool:
        """Whether the law demands it."""
        return self.status_code == LEGAL

    @property
    def is_planned(self) -> bool:
        """Whether it is decided, and its time is still to come."""
        return self.state == self.State.IN_FORCE and self.begins_at > timezone.now()

    @property
    def holds(self) -> bool:
        """Whether it keeps something from readers now."""
        now = timezone.now()
        return self.state == self.State.IN_FORCE and self.begins_at <= now and (not self.ends_at or self.ends_at > now)

    @property
    def state_told(self) -> str:
        """The state in words, times included."""
        if self.is_planned:
            return str(_("planned"))
        if self.state == self.State.IN_FORCE and not self.holds:
            return str(self.State.ENDED.label)
        return str(self.get_state_display())


class HoldQuerySet(PublicQuerySet):
    """Questions that more than one room asks."""

    def at(self, now: datetime.datetime | None = None) -> HoldQuerySet:
        """Those that hold at a moment (None: now)."""
        now = now or timezone.now()
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), begins_at__lte=now)


class Hold(Public):
    """An article that a take-down in force keeps from readers; gone when the take-down is."""

    take_down = models.ForeignKey(TakeDown, on_delete=models.PROTECT, related_name="held", verbose_name=_("take-down"))
    article_number = models.BigIntegerField(_("article"))
    begins_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        """Asked by every question of what readers may see: answered from the index alone."""

        verbose_name = _("article held back")
        verbose_name_plural = _("articles held back")
        constraints = [models.UniqueConstraint(fields=["take_down", "article_number"], name="held_once_a_takedown")]
        indexes = [models.Index(fields=["article_number", "begins_at", "ends_at"], name="hold_by_article")]

    def __str__(self) -> str:
        return f"{self.article_number} · {self.take_down_id}"


class _NotHeld(Func):
    """True for the number of an article that no take-down holds; the few that are held are looked up once a query."""

    output_field = BooleanField()
    arity = 1

    def as_sql(self, compiler, connection, **context):
        """A number is compared with a list: neither database walks over articles for it."""
        number, params = compiler.compile(self.source_expressions[0])
        now = connection.ops.adapt_datetimefield_value(self.extra["now"])
        held = "SELECT article_number FROM articles_hold WHERE begins_at <= %s AND (ends_at IS NULL OR ends_at > %s)"
        return f"{number} NOT IN ({held})", [*params, now, now]


def not_held(field: str = "pk", now: datetime.datetime | None = None) -> Func:
    """A condition for `filter`: the article whose number is in `field` is not taken down at a moment (None: now)."""
    return _NotHeld(F(field), now=now or timezone.now())


class Block(models.Model):
    """What may not come in again while its take-down holds, by `key` (see `block_key`); verified by `value`."""

    class Kind(models.TextChoices):
        """What is compared."""

        ADDRESS = "address", _("address of an article")
        BEGINNING = "beginning", _("beginning of addresses")
        BYTES = "bytes", _("bytes of a file")
        TEXT = "text", _("text")
        LIKENESS = "likeness", _("likeness of a text")
        PICTURE = "picture", _("bytes of a picture")
        PICTURE_ADDRESS = "picture_at", _("address of a picture")
        LOOK = "look", _("look of a picture")

    take_down = models.ForeignKey(
        TakeDown, on_delete=models.PROTECT, related_name="blocks", verbose_name=_("take-down")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    key = models.BigIntegerField()
    value = models.CharField(_("value"), max_length=2000)

    class Meta:
        """Found by key."""

        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        indexes = [models.Index(fields=["key"], name="block_by_key")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value[:60]}"


def block_key(kind: str, value: str) -> int:
    """The number under which a block is found; a likeness has one a band of its signature."""
    return number_of(f"{kind}\0{value}".encode("utf-8", "surrogatepass"))


class WithheldPicture(models.Model):
    """A row of a picture that a take-down keeps from readers, and what it was before."""

    take_down = models.ForeignKey(
        TakeDown, on_delete=models.PROTECT, related_name="pictures", verbose_name=_("take-down")
    )
    image = models.ForeignKey(Image, on_delete=models.SET_NULL, null=True, related_name="withheld")
    origin_url = models.CharField(_("origin address"), max_length=2000)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    name = models.CharField(_("file"), max_length=255, blank=True)
    former_state = models.CharField(_("state before"), max_length=12, choices=Image.State)

    class Meta:
        """Once a take-down."""

        verbose_name = _("picture withheld")
        verbose_name_plural = _("pictures withheld")
        constraints = [models.UniqueConstraint(fields=["take_down", "image"], name="withheld_once_a_takedown")]

    def __str__(self) -> str:
        return self.origin_url


class WithheldFile(models.Model):
    """The bytes of a picture that must not lie where readers could ask for them; kept here so that it can return."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("file"), max_length=255)
    size = models.PositiveIntegerField(_("size, bytes"))
    is_settled = models.BooleanField(
        default=False, help_text=_("Whether the storage follows: file and renditions are gone from it.")
    )
    bytes = models.BinaryField()

    class Meta:
        """Those that the storage does not follow yet are looked for again and again."""

        verbose_name = _("file withheld")
        verbose_name_plural = _("files withheld")
        indexes = [models.Index(fields=["id"], condition=Q(is_settled=False), name="withheld_file_unsettled")]

    def __str__(self) -> str:
        return self.name
