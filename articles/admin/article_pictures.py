"""The pictures of an article on its form: their order and words, and others of the library put beside them."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin.desk import Part, change_link, thumbnail
from articles.admin.forms import LinesField
from articles.models import ArticleImage


class PlaceForm(forms.ModelForm):
    """A picture's place; its alternative text is the picture's own, wherever it stands."""

    alt = LinesField(label=_("alternative text"), required=False)
    may_describe = False  # set by the desk, which knows who asks

    class Meta:
        """The desk names the fields."""

        model = ArticleImage
        fields = ("position", "caption", "credit")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["alt"] = self.instance.image.alt
        self.fields["alt"].disabled = not self.may_describe
        for name in ("alt", "caption", "credit"):
            self.fields[name].widget.attrs |= {"rows": 3}

    def save(self, commit=True):
        """The place, and the picture's alternative text."""
        if "alt" in self.changed_data:
            self.instance.image.alt = self.cleaned_data["alt"]
            self.instance.image.save(update_fields=["alt"])
        return super().save(commit)


class PictureInline(Part):
    """The pictures that stand in the text: order and words can be changed, the picture itself cannot."""

    model = ArticleImage
    form = PlaceForm
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
