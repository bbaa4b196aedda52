"""Two people, one article: the second save is refused, shows what the first one changed, and loses nothing typed."""

from __future__ import annotations

import dataclasses
import datetime

from django import forms
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.curation import Piece, changed_fields, compare
from articles.curation.comparing import around_changes, text_of
from articles.curation.topics import topics_named
from articles.models import Article, Contents, Revision, contents_of

LABELS = {"tags": gettext_lazy("tags"), "pictures": gettext_lazy("pictures")}
BESIDE = frozenset({"version", "reason"})  # fields of the form that are no part of the article
KEPT_AS = {"source": "source_id", "lead_image": "lead_image_id", "topics": "tags"}
MOMENTS = frozenset({"published_at", "go_live_at", "expire_at"})


def label_of(name: str) -> str:
    """A field's name for people."""
    return str(LABELS.get(name) or Article._meta.get_field(name).verbose_name)


@dataclasses.dataclass(frozen=True)
class Conflict:
    """What a refused save shows: others' saves since the page was opened, their changes, fields changed by both.

    Where it is not kept what its reader saw, `is_known` is false: `changes` then lead from what is there now to what
    was typed, and `both` names every field in which they differ. `lost` are words for pictures that others took out.
    """

    saves: list[Revision]
    changes: list[tuple[str, list[Piece]]]
    both: list[str]
    is_known: bool = True
    lost: list[str] = dataclasses.field(default_factory=list)


class GuardedForm(forms.ModelForm):
    """Carries the digest of what its reader saw, and refuses to write over anything else."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Why you change it; for the article's history."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    conflict: Conflict | None = None

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.is_bound:
            self.initial["version"] = contents_of([self.instance.pk])[self.instance.pk].digest

    @cached_property
    def changed_data(self) -> list[str]:
        """Names of changed fields of the article."""
        return [name for name in super().changed_data if name not in BESIDE]

    def clean(self):
        """Compare what its reader saw with what is there now, holding the row until the save."""
        values = super().clean()
        if self.instance.pk and "version" in self.fields:
            self._refuse_if_changed()
        return values

    def _refuse_if_changed(self) -> None:
        rows = Article.objects.select_for_update(of=("self",)).filter(pk=self.instance.pk)
        self.instance.status, self.instance.entered_at = rows.values_list("status", "entered_at").get()
        now = contents_of([self.instance.pk])[self.instance.pk]
        if self.data.get("version") == now.digest:
            return
        base = self._base(self.data.get("version"))
        self.conflict = self._merge(base, now)
        who = ", ".join(
            _("%(who)s at %(when)s")
            % {
                "who": save.author or _("an import"),
                "when": formats.date_format(timezone.localtime(save.made_at), "H:i:s"),
            }
            for save in self.conflict.saves
        ) or _("somebody")
        told = (
            _(
                "Not saved: this article has been changed since you opened it (%(who)s). Your words are still here;"
                " fields that you had not touched show the other's now. Look at the differences, then save again."
            )
            if self.conflict.is_known
            else _(
                "Not saved: this article has been changed since you opened it (%(who)s), and what it said then is not"
                " kept. The form is as you left it: saving again puts it in the place of what is there now."
            )
        )
        raise forms.ValidationError(told, params={"who": who}, code="changed")

    def _base(self, digest: str | None) -> Revision | None:
        return Revision.objects.filter(article=self.instance.pk, digest=digest or "-").order_by("-id").first()

    def _merge(self, base: Revision | None, now: Contents) -> Conflict:
        """Bring fields that only the other has changed up to date; returns the conflict to be shown."""
        self.data = self.data.copy()
        self.data["version"] = now.digest
        saves = Revision.objects.filter(article=self.instance.pk).select_related("author").order_by("-id")
        if base is None:
            differing = self._differences(now)
            return Conflict(list(saves[:1]), differing, [name for name, _pieces in differing], is_known=False)
        changes = changed_fields(base, now)
        names = {name for name, _pieces in changes}
        both = []
        for name, field in self.fields.items():
            kept_as = KEPT_AS.get(name, name)
            if name in BESIDE or kept_as not in names:
                continue
            if field.has_changed(_value(base, kept_as), self._typed(name)):
                both.append(label_of(kept_as.removesuffix("_id")))
            else:
                self._put(name, field, _value(now, kept_as))
        told = [(label_of(name.removesuffix("_id")), pieces) for name, pieces in changes]
        return Conflict(list(saves.filter(pk__gt=base.pk)), told, both)

    def _differences(self, now: Contents) -> list[tuple[str, list[Piece]]]:
        """Fields that say something else than what is there now; their pieces, where they are words."""
        found = []
        for name, field in self.fields.items():
            kept_as = KEPT_AS.get(name, name)
            if name in BESIDE or not field.has_changed(_value(now, kept_as), self._typed(name)):
                continue
            pieces = []
            if name in now.words:
                texts = now.words[name], str(self._typed(name) or "").replace("\r\n", "\n")
                told = tuple(map(text_of, texts)) if name == "body" else texts
                pieces = around_changes(compare(*told) or compare(*texts))
            found.append((label_of(kept_as.removesuffix("_id")), pieces))
        return found

    def _typed(self, name: str):
        return self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))

    def _put(self, name: str, field: forms.Field, value: object) -> None:
        """Let the page show `value` in a field."""
        if hasattr(field.widget, "widgets"):
            for number, part in enumerate(field.widget.decompress(value)):
                self.data[f"{self.add_prefix(name)}_{number}"] = "" if part is None else str(part)
        elif isinstance(value, list):
            self.data.setlist(self.add_prefix(name), [str(one) for one in value])
        else:
            self.data[self.add_prefix(name)] = "" if value is None else str(value)


def _value(kept, name: str) -> object:
    """A kept value as the form's field has it."""
    value = kept.words[name] if name in kept.words else kept.facts.get(name)
    if name == "tags":
        return sorted(tag.pk for tag in topics_named(value))
    if name in MOMENTS and isinstance(value, str):
        return datetime.datetime.fromisoformat(value)
    return value
