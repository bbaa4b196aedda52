"""Forms that know what their reader saw: a save changes what was touched, and writes over nothing unseen."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SeenForm(forms.ModelForm):
    """Each field in `seen` says beside itself what its reader saw.

    When it comes back, a field that was not touched says what is there now; one that somebody else has changed as well
    keeps what was typed, is named in `overtaken`, and refuses to be saved until it has shown what is there.
    Without what was seen (a client of its own), what is typed is what is meant. Subclasses call `look_again` last in
    their `__init__`, when the fields have their initial values.
    """

    seen: tuple[str, ...] = ()

    def look_again(self) -> None:
        """Bring a form that comes back up to date; no query."""
        self.overtaken: list[str] = []
        names = [name for name in self.seen if name in self.fields and not self.fields[name].disabled]
        for name in names:
            self.fields[name].show_hidden_initial = True
        if self.is_bound and self.instance.pk:
            self.data = self.data.copy()
            for name in names:
                self._bring_up_to_date(name)

    def _bring_up_to_date(self, name: str) -> None:
        field, bound = self.fields[name], self[name]
        now = self.get_initial_for_field(field, name)
        seen = self.data.get(bound.html_initial_name)
        typed = field.widget.value_from_datadict(self.data, self.files, bound.html_name)
        if seen is not None and field.has_changed(now, seen):
            if not self._differ(field, seen, typed):
                self._put(bound.html_name, now)
            elif field.has_changed(now, typed):
                self.overtaken.append(name)
        self.data[bound.html_initial_name] = "" if now is None else str(now)

    @staticmethod
    def _differ(field: forms.Field, seen: str, typed: object) -> bool:
        try:
            return field.has_changed(field.to_python(seen), typed)
        except forms.ValidationError:
            return True

    def _put(self, key: str, value: object) -> None:
        if isinstance(value, bool):
            self.data.pop(key, None)  # a box that is not ticked sends nothing
        if value is True:
            self.data[key] = "on"
        elif value is not False:
            self.data[key] = "" if value is None else str(value)

    def clean(self):
        """Show what others have written where both have."""
        values = super().clean()
        for name in self.overtaken:
            now = self.get_initial_for_field(self.fields[name], name)
            told = forms.ValidationError(
                _("Changed by somebody else meanwhile. It says now: “%(now)s”. Save again to put yours in its place."),
                params={"now": now},
                code="changed",
            )
            self.add_error(name, told)
        return values
