"""The pictures of an article on its form: their order and words, and others of the library put beside them."""

from __future__ import annotations

import re

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin.desk import Part, PartFormSet, change_link, thumbnail
from articles.admin.forms import LinesField
from articles.admin.seen import SeenForm
from articles.curation.comparing import names_of
from articles.models import ArticleImage

WORDS = ("alt", "caption", "credit")
FIELDS = ("id", "article", "position", *WORDS)


class PlaceForm(SeenForm):
    """A picture's place; its alternative text is the picture's own, wherever it stands, and is saved by the desk."""

    alt = LinesField(label=_("alternative text"), required=False)
    may_describe = False  # set by the desk, which knows who asks
    seen = ("position", *WORDS)

    class Meta:
        """The desk names the fields."""

        model = ArticleImage
        fields = ("position", "caption", "credit")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["alt"] = self.instance.image.alt
        self.fields["alt"].disabled = not self.may_describe
        for name in WORDS:
            if name in self.fields:
                self.fields[name].widget.attrs |= {"rows": 3}
        self.look_again()


class PictureFormSet(PartFormSet):
    """Rows of the pictures that are there now, whatever rows come back: two queries.

    Rows that others have added stand as they are. Of rows whose pictures others have taken out, `lost` keeps the words.
    """

    def __init__(self, data=None, *args, **kwargs) -> None:
        super().__init__(data, *args, **kwargs)
        self.lost: list[str] = []
        if data and f"{self.prefix}-TOTAL_FORMS" in data and self.instance.pk:
            self._follow()

    def _follow(self) -> None:
        sent = self._sent_rows()
        there = {str(place.pk): place for place in self.get_queryset()}
        if [row.get("id") for row in sent] == list(there):
            return
        by_id = {row.get("id"): row for row in sent}
        self.lost = [row[name] for pk, row in by_id.items() if pk not in there for name in WORDS if row.get(name)]
        self.data = self.data.copy()
        for number, (pk, place) in enumerate(there.items()):
            row = by_id.get(pk) or _as_it_is(place)
            for name in (*FIELDS, "DELETE"):
                for start in ("", "initial-"):
                    self._put(f"{start}{self.prefix}-{number}-{name}", row.get(f"{start}{name}"))
        for name in ("TOTAL_FORMS", "INITIAL_FORMS"):
            self.data[f"{self.prefix}-{name}"] = str(len(there))

    def _sent_rows(self) -> list[dict[str, str]]:
        """The rows as they were sent, by field; what was seen under `initial-` and the field's name."""
        rows: dict[int, dict[str, str]] = {}
        key = re.compile(rf"(initial-)?{re.escape(self.prefix)}-(\d{{1,6}})-(\w+)")
        for name in self.data:
            if found := key.fullmatch(name):
                start, number, field = found.groups()
                rows.setdefault(int(number), {})[f"{start or ''}{field}"] = self.data[name]
        return [rows[number] for number in sorted(rows)]

    def _put(self, key: str, value: str | None) -> None:
        self.data.pop(key, None)
        if value is not None:
            self.data[key] = value

    def overtaken(self) -> list[str]:
        """Words that two people have changed, named for both."""
        rows = [form for form in self.forms if getattr(form, "overtaken", None)]
        names = names_of(form.instance.image_id for form in rows)
        told = ((names[form.instance.image_id], form.fields[name].label) for form in rows for name in form.overtaken)
        return [f"{picture} · {str(label).lower()}" for picture, label in told]


def _as_it_is(place: ArticleImage) -> dict[str, str]:
    """The row of a place that nobody has touched."""
    words = {"position": str(place.position), "alt": place.image.alt, "caption": place.caption, "credit": place.credit}
    seen = {f"initial-{name}": value for name, value in words.items()}
    return {"id": str(place.pk), "article": str(place.article_id), **words, **seen}


class PictureInline(Part):
    """The pictures that stand in the text: order and words can be changed, the picture itself cannot."""

    model = ArticleImage
    form = PlaceForm
    formset = PictureFormSet
    template = "admin/articles/article/_picture_rows.html"
    fields = ("view", "position", "alt", "caption", "credit")
    readonly_fields = ("view",)
    verbose_name_plural = _("pictures")

    def get_queryset(self, request):
        """With the picture, so that thirty cost no more than three."""
        return super().get_queryset(request).select_related("image")

    def get_formset(self, request, obj=None, **kwargs):
        """The alternative text is changed by those who may change pictures."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.may_describe = request.user.has_perm("articles.change_image")
        return formset

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Here a label says each field's name."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        field.widget.attrs.pop("aria-label", None)
        return field

    def has_add_permission(self, request, obj=None) -> bool:
        """Pictures are added below."""
        return False

    @admin.display(description=_("picture"))
    def view(self, place: ArticleImage) -> str:
        """The picture, small; it leads to the picture's own page."""
        return change_link("image", place.image_id, thumbnail(place.image))


class AddPictureInline(Part):
    """Pictures of the library to be put into the article. Apart from the others, because a choice with completion
    costs a query for each row that is chosen already.
    """

    model = ArticleImage
    fields = ("image", "position", "caption", "credit")
    autocomplete_fields = ("image",)
    verbose_name = _("picture")
    verbose_name_plural = _("add pictures")

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """On a telephone there is no room for the head of the table."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        field.widget.attrs["placeholder"] = field.label.capitalize()
        return field

    def get_queryset(self, request):
        """None that is there already."""
        return super().get_queryset(request).none()
