"""The audit: who did what to which object, written with the deed and only ever added to.

No row points at another: what was deleted keeps its name here, and so does whoever did it. The database refuses to
change or delete rows (`append_only`).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.actors import COMMAND, NOBODY, PERSON, TASK, current_actor, person

NAME_LENGTH = 200
CHUNK = 2000  # deeds in memory at once while they are written out

# What can be done; a word that is not here is shown as it is.
VERBS = {
    "add": _("added"),
    "change": _("changed"),
    "delete": _("deleted"),
    "restore": _("restored a revision"),
    "settle": _("settled the source's newer text"),
    "move": _("moved"),
    "note": _("wrote a note to readers"),
    "withdraw_note": _("withdrew a note to readers"),
    "merge": _("merged"),
    "undo": _("undid"),
    "clear": _("cleared unused ones"),
    "fetch": _("asked for again"),
    "take_over": _("took it over"),
    "accept": _("accepted a proposal"),
    "refuse": _("refused a proposal"),
    "plan": _("planned"),
    "start": _("started"),
    "finish": _("finished"),
    "pause": _("paused"),
    "stop": _("stopped"),
    "cancel": _("cancelled"),
    "go_on": _("went on with"),
    "learn": _("learned"),
    "export": _("exported"),
    "run": _("ran"),
    "ask": _("asked for a take-down"),
    "take_down": _("took down"),
    "decline": _("declined"),
    "ask_back": _("asked to restore"),
    "give_back": _("restored what was taken down"),
    "end": _("ended by itself"),
    "back_up": _("backed up"),
    "bring_back": _("restored a backup"),
    "sign_in": _("signed in"),
    "sign_out": _("signed out"),
    "fail_sign_in": _("failed to sign in"),
    "end_previews": _("ended the addresses of previews"),
}
KNOWN_IN = ("articles", "auth")  # apps whose rows deeds are done to
NO_ROWS = {"policy": _("cleaning policy"), "backup": _("backup")}  # kinds of objects that are no rows
# Deeds that an article's revisions and steps tell already, with more in them.
TOLD_OTHERWISE = ("add", "change", "restore", "settle", "move", "note", "withdraw_note")


class DeedQuerySet(models.QuerySet):
    """Questions that more than one room asks."""

    def about(self, row: models.Model) -> DeedQuerySet:
        """What was done to a row, latest first."""
        return self.filter(kind=row._meta.model_name, number=row.pk).order_by("-made_at", "-id")

    def told(self) -> Iterator[dict]:
        """Each deed as plain values, for lines of JSON; streamed."""
        return (
            {
                "id": deed.pk,
                "at": deed.made_at.isoformat(),
                "actor": {"kind": deed.actor_kind, "name": deed.actor, "number": deed.actor_number},
                "verb": deed.verb,
                "object": {"kind": deed.kind, "number": deed.number, "name": deed.name},
                "note": deed.note,
                "details": deed.details,
            }
            for deed in self.iterator(chunk_size=CHUNK)
        )


class Deed(models.Model):
    """One thing that somebody did."""

    class ActorKind(models.TextChoices):
        """What sort of actor it was."""

        PERSON = PERSON, _("person")
        COMMAND = COMMAND, _("command")
        TASK = TASK, _("task")
        NOBODY = NOBODY, _("nobody known")

    made_at = models.DateTimeField(_("when"), default=timezone.now)
    actor_kind = models.CharField(_("kind of actor"), max_length=7, choices=ActorKind)
    actor = models.CharField(_("who"), max_length=150, blank=True)
    actor_number = models.BigIntegerField(_("number of the account"), null=True, blank=True)
    verb = models.CharField(_("what"), max_length=20)
    kind = models.CharField(_("kind of object"), max_length=40, blank=True)
    number = models.BigIntegerField(_("number"), null=True, blank=True)
    name = models.CharField(_("object"), max_length=NAME_LENGTH, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True, encoder=DjangoJSONEncoder)

    objects = DeedQuerySet.as_manager()

    class Meta:
        """Each index serves one way to narrow the list, in the list's order."""

        verbose_name = _("deed")
        verbose_name_plural = _("audit")
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="deed_by_time"),
            models.Index(fields=["actor", "-made_at", "-id"], name="deed_by_actor"),
            models.Index(fields=["verb", "-made_at", "-id"], name="deed_by_verb"),
            models.Index(fields=["kind", "-made_at", "-id"], name="deed_by_kind"),
            models.Index(fields=["kind", "verb", "-made_at", "-id"], name="deed_by_kind_and_verb"),
            models.Index(fields=["kind", "number", "-made_at", "-id"], name="deed_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.actor or self.actor_kind} · {self.kind} {self.verb} · {self.name}"

    @property
    def verb_label(self) -> str:
        """The verb as people read it."""
        return str(VERBS.get(self.verb, self.verb))

    @property
    def kind_label(self) -> str:
        """The kind of object as people read it."""
        for app in KNOWN_IN:
            try:
                return str(apps.get_model(app, self.kind)._meta.verbose_name)
            except LookupError:
                continue
        return str(NO_ROWS.get(self.kind, self.kind))


def record(verb: str, subject: models.Model | str, *, by=None, note: str = "", **details: object) -> None:
    """Write one deed, in the transaction of the deed itself: one INSERT.

    `subject` is the row it was done to, or the name of a kind when there is no one row (many tags, an export). `by` is
    a user; without one it is whoever acts now (`articles.actors`). `details` are plain values: counts, names of fields.
    """
    Deed.objects.bulk_create([deed_of(verb, subject, by=by, note=note, **details)])


def deed_of(verb: str, subject: models.Model | str, *, by=None, note: str = "", **details: object) -> Deed:
    """The unsaved row of a deed, for those who write many at once."""
    actor = person(by) if by is not None else current_actor()
    is_row = isinstance(subject, models.Model)
    return Deed(
        actor_kind=actor.kind,
        actor=actor.name[:150],
        actor_number=actor.number,
        verb=verb,
        kind=subject._meta.model_name if is_row else subject,
        number=subject.pk if is_row else None,
        name=str(subject)[:NAME_LENGTH] if is_row else "",
        note=note[:500],
        details=details,
    )
