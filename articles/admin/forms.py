"""Forms of the desks: what an editor types is brought into shape, and collisions are said before the database does."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from articles import curation, tagging
from articles.admin.conflicts import GuardedForm
from articles.admin.editor import BodyWidget, LeadPictures
from articles.admin.holding import told_of
from articles.ingest.text import one_line
from articles.models import Article, Source, Tag, TagAlias, tag_key


class LinesField(forms.CharField):
    """Text of several lines. Browsers send CRLF: without this, a form that nobody touched would count as changed."""

    widget = admin.widgets.AdminTextareaWidget

    def to_python(self, value):
        """Text with line feeds alone."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n").strip() if text else text

    def has_changed(self, initial, data):
        """Compare both sides in one shape."""
        return not self.disabled and self.to_python(initial) != self.to_python(data)


class OneLineField(LinesField):
    """A line that may be long: seen whole in a field of two rows, kept as one."""

    def to_python(self, value):
        """Without breaks, doubled spaces and characters that nobody sees."""
        text = super().to_python(value)
        return one_line(text) if text else text

    def widget_attrs(self, widget):
        """Two rows."""
        return super().widget_attrs(widget) | {"rows": 2}


class TopicsField(forms.ModelMultipleChoiceField):
    """Tags of an article, chosen with completion."""

    def __init__(self, **kwargs) -> None:
        widget = AutocompleteSelectMultiple(Article._meta.get_field("tags"), admin.site)
        super().__init__(Tag.objects.all(), required=False, widget=widget, **kwargs)


def with_merged_topics(data: QueryDict, name: str) -> QueryDict:
    """What was sent, with the tags that stand now for those that were merged away, or deleted, since the page was made.

    One query when none was.
    """
    sent = data.getlist(name)
    standing = tagging.standing_for({int(one) for one in sent if one.isdecimal() and len(one) < 19})
    if not standing:
        return data
    told = [str(standing.get(int(one), one)) if one.isdecimal() else one for one in sent]
    data = data.copy()
    data.setlist(name, list(dict.fromkeys(one for one in told if one != "None")))
    return data


class ArticleForm(GuardedForm):
    """An article as an editor changes it."""

    title = OneLineField(label=_("Title"), max_length=Article._meta.get_field("title").max_length)
    topics = TopicsField(label=_("Tags"))
    asked_by = None  # set by the desk, as the next two are
    may_add_topics = False
    restored: QueryDict | None = None  # what was typed and not saved, to be put back; set by the desk

    class Meta:
        """All but the tags, which have the field above; the desk arranges them."""

        model = Article
        fields = (
            "title",
            "standfirst",
            "body",
            "byline",
            "excerpt",
            "go_live_at",
            "expire_at",
            "published_at",
            "published_precision",
            "source",
            "copyright",
            "language",
            "lead_image",
            "slug",
        )
        widgets = {"body": BodyWidget(attrs={"class": "vLargeTextField", "rows": 24}), "lead_image": LeadPictures}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and "topics" in self.fields:
            self.data = with_merged_topics(self.data, self.add_prefix("topics"))
        for name in ("title", "standfirst", "body", "excerpt", "byline"):
            if name in self.fields:
                self.fields[name].widget.attrs["lang"] = self.instance.language or "zh"
        if "slug" in self.fields:
            self.fields["slug"].required = False
        if "topics" in self.fields:
            self._prepare_topics(self.fields["topics"])
        self._prepare_pictures()
        if self.restored is not None and not self.is_bound:
            self._put_back(self.restored)

    def _prepare_pictures(self) -> None:
        """The body's editor and the choice of the lead picture know the article's pictures; a query."""
        if not self.fields.keys() & {"body", "lead_image"}:
            return
        places = []
        if self.instance.pk:
            places = list(self.instance.article_images.select_related("image").order_by("position", "id"))
        if "body" in self.fields:
            self.fields["body"].widget.places = places
        if "lead_image" in self.fields:
            lead = self.instance.lead_image if self.instance.pk else None
            offered = [*([lead] if lead else []), *(place.image for place in places)]
            field = self.fields["lead_image"]
            field.widget = getattr(field.widget, "widget", field.widget)  # the desk's links to other pages are too many
            field.widget.pictures = list({image.pk: image for image in offered}.values())

    def _put_back(self, typed: QueryDict) -> None:
        typed = with_merged_topics(typed, self.add_prefix("topics"))
        for name, field in self.fields.items():
            if any(key == name or key.startswith(f"{name}_") for key in typed):
                self.initial[name] = field.widget.value_from_datadict(typed, {}, self.add_prefix(name))

    def clean_body(self) -> str:
        """What nobody touched stays byte for byte, ends of lines and all."""
        field = self.fields["body"]
        if self.instance.pk and not field.has_changed(self.initial.get("body"), self.cleaned_data["body"]):
            return self.initial["body"]
        return self.cleaned_data["body"]

    def _prepare_topics(self, field: forms.Field) -> None:
        relation = Article._meta.get_field("tags").remote_field
        field.widget = RelatedFieldWidgetWrapper(
            field.widget, relation, admin.site, can_add_related=self.may_add_topics
        )
        if self.instance.pk:
            self.initial["topics"] = list(self.instance.tagged.values_list("tag_id", flat=True))

    def clean(self):
        """A date has a precision, and no date has none: the database demands it, so it is set and not asked.

        An item of the inbox in somebody else's hand is left there, unless it is taken over.
        """
        values = super().clean()
        self._refuse_if_held()
        begins, ends = values.get("go_live_at"), values.get("expire_at")
        if begins and ends and ends <= begins:
            self.add_error("expire_at", _("It would end before it begins: nobody would ever see it."))
        if "published_at" in values:
            values["published_precision"] = (
                (values.get("published_precision") or Article.Precision.SECOND) if values["published_at"] else ""
            )
        return values

    def _refuse_if_held(self) -> None:
        held = curation.held_by_other(self.instance, self.asked_by) if self.instance.pk and self.asked_by else None
        if held and "_take_over" in self.data:
            curation.take_over(held, self.asked_by)
        elif held:
            self.add_error(None, forms.ValidationError(told_of(held), code="held"))


def _refuse_taken(name: str, tag: Tag | None, alias: TagAlias | None = None) -> None:
    key = tag_key(name)
    if not key:
        raise forms.ValidationError(_("Write at least one letter, sign or digit."), code="empty")
    other = Tag.objects.filter(key=key).exclude(pk=tag and tag.pk).first()
    if other:
        raise forms.ValidationError(_("“%(name)s” is this tag already."), params={"name": other}, code="taken")
    used = TagAlias.objects.filter(key=key).exclude(pk=alias and alias.pk).select_related("tag").first()
    if used and not (tag and used.tag_id == tag.pk):
        raise forms.ValidationError(_("This is another name of “%(name)s”."), params={"name": used.tag}, code="taken")


class TagForm(forms.ModelForm):
    """A tag; names that fold to the key of another are refused with that other's name."""

    class Meta:
        """The desk names the fields."""

        model = Tag
        fields = ("name", "slug", "parent", "intro")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_name(self) -> str:
        """Refuse a name that is another tag's, or another tag's alias."""
        _refuse_taken(self.cleaned_data["name"], self.instance)
        return self.cleaned_data["name"]

    def clean_parent(self) -> Tag | None:
        """Refuse a circle; a query a level."""
        parent = above = self.cleaned_data["parent"]
        while above is not None:
            if above.pk == self.instance.pk and above.pk is not None:
                raise forms.ValidationError(_("A topic cannot be a part of itself."), code="circle")
            above = above.parent
        return parent


class TagAliasForm(forms.ModelForm):
    """Another name of a tag."""

    class Meta:
        """Both are an editor's."""

        model = TagAlias
        fields = ("tag", "name", "slug")

    def clean_name(self) -> str:
        """Refuse a name that is a tag's, or another alias."""
        _refuse_taken(self.cleaned_data["name"], None, self.instance)
        return self.cleaned_data["name"]


class SourceForm(forms.ModelForm):
    """A source; its host names are written one a line."""

    hosts = LinesField(label=_("Hosts"), required=False, help_text=_("One host name a line, without www."))
    home_url = forms.URLField(label=_("Home page"), required=False, max_length=500, assume_scheme="https")

    class Meta:
        """All of it."""

        model = Source
        fields = (
            "name",
            "slug",
            "hosts",
            "language",
            "timezone",
            "home_url",
            "publish_on_import",
            "copyright",
            "indexing",
        )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["hosts"] = "\n".join(self.instance.hosts)

    def clean_hosts(self) -> list[str]:
        """Distinct host names, lower case, without www."""
        names = (line.strip().lower().removeprefix("www.") for line in self.cleaned_data["hosts"].splitlines())
        return list(dict.fromkeys(filter(None, names)))
