"""The desk for the library: tags, sources, and where pictures stand."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles import curation
from articles.admin.articles import HEAVY_BEHIND
from articles.admin.desk import Desk, Part, clean_words, list_link, thumbnail, with_words
from articles.admin.forms import SourceForm, TagAliasForm, TagForm
from articles.admin.seen import SeenForm
from articles.admin.tags import TagDesk
from articles.ingest.text import fold
from articles.models import ArticleImage, Source, Tag, TagAlias, TaggedArticle


class SinglePlaceForm(SeenForm):
    """A picture's place on its own page."""

    seen = ("position", "caption", "credit")

    class Meta:
        """All of it."""

        model = ArticleImage
        fields = ("article", "image", "position", "caption", "credit")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.look_again()


@admin.register(ArticleImage)
class ArticleImageAdmin(Desk):
    """A picture's place in an article; reached from articles."""

    list_display = ("id", "article", "view", "position", "caption", "credit")
    list_select_related = ("article", "image")
    form = SinglePlaceForm
    autocomplete_fields = ("image", "article")
    ordering = ("-id",)

    def get_queryset(self, request):
        """With the article's title, not its body."""
        return super().get_queryset(request).select_related("article", "image").defer(*HEAVY_BEHIND["article"])

    def has_module_permission(self, request) -> bool:
        """Not on the front page: it is a part of articles."""
        return False

    def has_add_permission(self, request) -> bool:
        """Those who may review; reporters place pictures on the page of an article that is theirs to edit."""
        return super().has_add_permission(request) and request.user.has_perm("articles.review_article")

    def has_change_permission(self, request, obj=None) -> bool:
        """Who may edit the article as it stands may edit its captions."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or curation.may_change(request.user, obj.article))

    def get_readonly_fields(self, request, obj=None):
        """A place stays where it is: another picture, or another article, is another place."""
        return ("image", "article") if obj else ()

    def save_model(self, request, obj, form, change) -> None:
        """As an edit of its article."""
        if form.has_changed():
            curation.save_place(obj, request.user)

    def delete_model(self, request, obj) -> None:
        """As an edit of its article, whose text loses the picture, too."""
        curation.take_out(obj, request.user)

    def delete_queryset(self, request, queryset) -> None:
        """One by one: each is an edit of an article's text."""
        for place in queryset:
            curation.take_out(place, request.user)

    @admin.display(description=_("picture"))
    def view(self, place: ArticleImage) -> str:
        """Small."""
        return thumbnail(place.image)


class CountingList(ChangeList):
    """Counts the uses of the tags on this page alone: one query, whatever the number of tags and uses."""

    def get_results(self, request) -> None:
        """Give each tag of the page its `uses_on_record`."""
        super().get_results(request)
        tags = list(self.result_list)
        uses = TaggedArticle.objects.filter(tag__in=tags).order_by().values("tag").annotate(number=Count("pk"))
        numbers = dict(uses.values_list("tag", "number"))
        for tag in tags:
            tag.uses_on_record = numbers.get(tag.pk, 0)
        self.result_list = tags


class AliasInline(Part):
    """Other names of a tag."""

    model = TagAlias
    form = TagAliasForm
    fields = ("name", "slug")


@admin.register(Tag)
class TagAdmin(TagDesk, Desk):
    """Tags and their other names. Uses are never listed inside: a tag may have 50,000."""

    form = TagForm
    list_display = ("name", "slug", "uses")
    search_fields = ("key__contains",)
    search_help_text = _("A part of a name, in either script.")
    inlines = (AliasInline,)
    autocomplete_fields = ("parent",)
    readonly_fields = ("uses",)
    fields = ("name", "slug", "parent", "intro", "uses")
    ordering = ("name",)

    def get_readonly_fields(self, request, obj=None):
        """The address of a tag stays: readers have it in their bookmarks."""
        return (*self.readonly_fields, "slug") if obj else self.readonly_fields

    def changelist_view(self, request, extra_context=None):
        """With the way to unused tags for those who may delete them."""
        return super().changelist_view(
            request, (extra_context or {}) | {"may_clear": self.has_delete_permission(request)}
        )

    def get_changelist(self, request, **kwargs):
        """The list that counts."""
        return CountingList

    def find(self, queryset, term):
        """Folded as tags are compared, so that either script finds both; the table is small enough to be read."""
        return queryset.filter(key__contains=" ".join(fold(term).split()))

    def get_search_results(self, request, queryset, search_term):
        """Words only: a number is likelier a tag's name (2024) than its id."""
        term = clean_words(search_term)
        return (self.find(queryset, term) if term else queryset), False

    def get_deleted_objects(self, objs, request):
        """What goes with a tag, in numbers: the stock page would name each of its uses."""
        tags = list(objs)
        uses = TaggedArticle.objects.filter(tag__in=tags).count()
        aliases = TagAlias.objects.filter(tag__in=tags).count()
        numbers = {_("tags"): len(tags), _("tag aliases"): aliases, _("uses of tags"): uses}
        return [str(tag) for tag in tags], numbers, set(), []

    @admin.display(description=_("uses"))
    def uses(self, tag: Tag) -> str:
        """Their number, leading to the articles."""
        if tag.pk is None:
            return "–"
        number = tag.uses_on_record if hasattr(tag, "uses_on_record") else tag.uses.count()
        return list_link("article", ngettext("%d article", "%d articles", number) % number, topic=tag.pk)


@admin.register(TagAlias)
class TagAliasAdmin(Desk):
    """Other names of tags; reached from a tag."""

    form = TagAliasForm
    list_display = ("name", "tag", "slug")
    list_select_related = ("tag",)
    autocomplete_fields = ("tag",)
    search_fields = ("key__contains",)
    ordering = ("name", "id")

    def has_module_permission(self, request) -> bool:
        """Not on the front page: it is a part of tags."""
        return False

    def find(self, queryset, term):
        """Folded as tags are compared."""
        return queryset.filter(key__contains=" ".join(fold(term).split()))


@admin.register(TaggedArticle)
class TaggedArticleAdmin(Desk):
    """Uses of tags; reached by their address."""

    list_display = ("id", "tag", "content_object", "origin")
    autocomplete_fields = ("tag", "content_object")
    ordering = ("-id",)

    def get_queryset(self, request):
        """With names and titles, not with bodies."""
        uses = super().get_queryset(request).select_related("tag", "content_object")
        return uses.defer(*HEAVY_BEHIND["content_object"])

    def save_model(self, request, obj, form, change) -> None:
        """As an edit of its article, and of the one that had it before."""
        had = TaggedArticle.objects.filter(pk=obj.pk).values_list("content_object", flat=True)
        with curation.changing([obj.content_object_id, *had], request.user):
            obj.save()

    def delete_model(self, request, obj) -> None:
        """As an edit of its article."""
        with curation.changing([obj.content_object_id], request.user):
            obj.delete()

    def delete_queryset(self, request, queryset) -> None:
        """As an edit of their articles."""
        with curation.changing(queryset.values_list("content_object", flat=True), request.user):
            TaggedArticle.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))).delete()

    def has_module_permission(self, request) -> bool:
        """Not on the front page: it is a part of tags and articles."""
        return False


@admin.register(Source)
class SourceAdmin(Desk):
    """Publishers and what becomes of their articles."""

    form = SourceForm
    list_display = ("name", "slug", "language", "timezone", "publish_on_import", "its_articles")
    search_fields = ("name__icontains",)
    ordering = ("name",)

    def find(self, queryset, term):
        """A part of the name or the slug, in either script; there are few sources."""
        return with_words(queryset, term, "name", "slug")

    def get_deleted_objects(self, objs, request):
        """A source with articles is protected; the stock page would load every one of them to say so."""
        sources = list(objs)
        protected = [str(source) for source in sources if source.articles.exists()]
        return [str(source) for source in sources], {_("sources"): len(sources)}, set(), protected

    @admin.display(description=_("articles"))
    def its_articles(self, source: Source) -> str:
        """A link without a number, which would be a count for each row."""
        return list_link("article", _("show"), source__id__exact=source.pk)
