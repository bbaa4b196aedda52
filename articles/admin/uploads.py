"""Forms that take files for an import."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.ingest.rules.sources import SOURCES
from articles.models import Source

PUBLISH = {"": None, "inbox": False, "publish": True}


class FilesInput(forms.FileInput):
    """Takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of uploaded files."""

    widget = FilesInput

    def clean(self, data, initial=None) -> list:
        """Each file as Django checks one."""
        files = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


def _sources() -> list[tuple[str, str]]:
    names = {slug: rule.name for slug, rule in SOURCES.items()} | dict(Source.objects.values_list("slug", "name"))
    return [("", _("as address and folder tell")), *sorted(names.items(), key=lambda pair: pair[1].lower())]


class CorrectedForm(forms.Form):
    """One file in the place of a faulty one."""

    file = forms.FileField(label=gettext_lazy("corrected file"), allow_empty_file=True)
    source = forms.ChoiceField(label=gettext_lazy("source where nothing tells"), choices=_sources, required=False)


class UploadForm(forms.Form):
    """What to import, and what becomes of it."""

    files = FilesField(
        label=gettext_lazy("files"),
        allow_empty_file=True,
        help_text=gettext_lazy("Article files, or archives of them: .zip, .tar.gz."),
    )
    source = forms.ChoiceField(label=gettext_lazy("source where nothing tells"), choices=_sources, required=False)
    publish = forms.ChoiceField(
        label=gettext_lazy("new articles"),
        choices=[
            ("", gettext_lazy("become what their source says")),
            ("inbox", gettext_lazy("go to the inbox")),
            ("publish", gettext_lazy("are published")),
        ],
        required=False,
    )
