"""The desk for articles: their words, where they came from, and what cleaning did to them."""

import datetime

from django.contrib import admin, messages
from django.db import models
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from articles import curation, search
from articles.admin.conflicts import BESIDE
from articles.admin.desk import Desk, Part, Record, change_link, outside_link, thumbnail
from articles.admin.forms import ArticleForm
from articles.admin.merging import MergeDesk
from articles.admin.triage import TriageDesk
from articles.admin.versions import VersionDesk
from articles.ingest.links import address_key
from articles.models import (
    UNDATED,
    Article,
    ArticleImage,
    PossibleDuplicate,
    Reference,
    Revision,
    Tag,
    keep_baseline,
    keep_revisions,
    preview_address,
)

SHOWN_AT_MOST = 50  # rows of a record inside another record's page
HEAVY_BEHIND = {
    name: tuple(f"{name}__{field}" for field in Article.HEAVY_FIELDS) for name in ("article", "other", "content_object")
}


class YearFilter(admin.SimpleListFilter):
    """By the year of the list's date. Offered within one status, where an index answers it."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request, model_admin):
        """From the newest year to the oldest; two index look-ups."""
        status = request.GET.get("status__exact")
        if not status:
            return []
        dated = Article.objects.filter(status=status, listed_at__gt=UNDATED).order_by("listed_at")
        ends = [rows.values_list("listed_at", flat=True).first() for rows in (dated, dated.reverse())]
        if ends[0] is None:
            return []
        return [(str(year), str(year)) for year in range(ends[1].year, ends[0].year - 1, -1)]

    def queryset(self, request, queryset):
        """Articles of the chosen year, in UTC."""
        if not (self.value() or "").isdecimal() or not datetime.MINYEAR <= int(self.value()) < datetime.MAXYEAR:
            return queryset
        start = datetime.datetime(int(self.value()), 1, 1, tzinfo=datetime.UTC)
        return queryset.filter(listed_at__gte=start, listed_at__lt=start.replace(year=start.year + 1))


class TopicFilter(admin.SimpleListFilter):
    """Reached by a tag's page ("its articles"); it offers nothing by itself, since there are thousands of tags."""

    title = _("tag")
    parameter_name = "topic"

    def lookups(self, request, model_admin):
        """The tag that is chosen, to be seen and taken off."""
        chosen = request.GET.get(self.parameter_name, "")
        return Tag.objects.filter(pk=chosen).values_list("pk", "name") if chosen.isdecimal() else []

    def queryset(self, request, queryset):
        """Articles with that tag; as a set of ids, since a join would ask for a DISTINCT over whole rows."""
        if not (self.value() or "").isdecimal():
            return queryset
        return queryset.filter(pk__in=Article.tags.through.objects.filter(tag=self.value()).values("content_object"))


class PictureInline(Part):
    """The pictures that stand in the text: order and words can be changed, the picture itself cannot."""

    model = ArticleImage
    fields = ("view", "position", "caption", "credit")
    readonly_fields = ("view",)
    verbose_name_plural = _("pictures")

    def get_queryset(self, request):
        """With the picture, so that thirty cost no more than three."""
        return super().get_queryset(request).select_related("image")

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

    def get_queryset(self, request):
        """None that is there already."""
        return super().get_queryset(request).none()


@admin.register(Article)
class ArticleAdmin(TriageDesk, MergeDesk, VersionDesk, Desk):
    """Lists without bodies; what a person saves goes through `curation`."""

    form = ArticleForm
    change_form_template = "admin/articles/article/change_form.html"
    list_display = ("headline", "source", "station", "published")
    list_filter = ("status", "source", "source_changed", "stub", YearFilter, TopicFilter)
    list_select_related = ("source",)
    search_fields = ("entry__lead",)  # never read: `find` asks the search index
    search_help_text = _("Words as on the site (source: tag: by: after: before:), an address, or a number.")
    autocomplete_fields = ("source", "lead_image")
    inlines = (PictureInline, AddPictureInline)
    save_on_top = True
    readonly_fields = (
        "published_from",
        "dateline_at",
        "archived_at",
        "archive_id",
        "canonical_address",
        "original_address",
        "raw_title",
        "lead_view",
        "originals_list",
        "references_list",
        "duplicates_list",
        "stub",
        "source_changed",
        "edited_by",
        "edited_at",
        "created_at",
        "updated_at",
        "cleaning_report",
    )
    fieldsets = (
        (None, {"fields": ("title", "standfirst", "body", "byline", "excerpt", "reason", "version")}),
        (_("Schedule"), {"fields": (("go_live_at", "expire_at"),)}),
        (
            _("When"),
            {"fields": (("published_at", "published_precision"), ("published_from", "dateline_at", "archived_at"))},
        ),
        (
            _("Where from"),
            {
                "fields": (
                    "source",
                    "original_address",
                    "canonical_address",
                    "copyright",
                    ("language", "archive_id"),
                    "originals_list",
                    "references_list",
                    "duplicates_list",
                )
            },
        ),
        (_("Picture and tags"), {"fields": ("topics", "lead_image", "lead_view")}),
        (
            _("State"),
            {
                "fields": (
                    "slug",
                    ("stub", "source_changed"),
                    ("edited_at", "edited_by"),
                    ("created_at", "updated_at"),
                )
            },
        ),
        (_("Cleaning report"), {"classes": ("collapse",), "fields": ("raw_title", "cleaning_report")}),
    )

    def get_queryset(self, request):
        """Lists read no heavy field; the page of one article reads them all."""
        articles = super().get_queryset(request)
        match = request.resolver_match
        if match and match.url_name == "articles_article_change":
            return articles.select_related("source", "lead_image", "edited_by")
        return articles.defer(*Article.HEAVY_FIELDS)

    def get_ordering(self, request):
        """By the source's date, newest first; every list of this desk has an index for it."""
        return ("-listed_at", "-id")

    def find(self, queryset, term):
        """An address finds its article, whatever its form; words are searched for as on the site, in every state."""
        if term.startswith(("http://", "https://")):
            return queryset.filter(models.Q(canonical_url=term) | models.Q(address_key=address_key(term)))
        query = search.parse(term)
        return queryset.none() if query.is_empty else search.matching(queryset, query)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Put the button for new tags beside the choice, for those who may."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.may_add_topics = admin.site.get_model_admin(Tag).has_add_permission(request)
        return form

    def has_change_permission(self, request, obj=None) -> bool:
        """An article in review or later is changed by those who review."""
        if obj is None:
            return super().has_change_permission(request)
        return curation.may_change(request.user, obj)

    def get_readonly_fields(self, request, obj=None):
        """Only those who publish set a schedule."""
        if request.user.has_perm("articles.publish_article"):
            return self.readonly_fields
        return (*self.readonly_fields, "go_live_at", "expire_at")

    def get_fieldsets(self, request, obj=None):
        """Without what only a save needs, for those who may only look."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        name, first = fieldsets[0]
        fields = tuple(field for field in first["fields"] if field not in BESIDE)
        return ((name, first | {"fields": fields}), *fieldsets[1:])

    def save_model(self, request, obj, form, change):
        """Saved as a person's work, unless nothing changed; the revision is kept when all parts are saved."""
        if change and not form.has_changed():
            return
        curation.save_edited(obj, request.user, form.cleaned_data.get("topics"), keep=False)

    def save_related(self, request, form, formsets, change):
        """Words under pictures are an editor's work too."""
        if change:
            keep_baseline([form.instance.pk])
        super().save_related(request, form, formsets, change)
        parts_changed = any(formset.has_changed() for formset in formsets)
        if change and not form.has_changed() and parts_changed:
            curation.mark_edited(form.instance, request.user)
        if not change or form.has_changed() or parts_changed:
            keep_revisions([form.instance.pk], request.user, form.cleaned_data.get("reason", ""), Revision.Kind.EDIT)

    def response_add(self, request, obj, post_url_continue=None):
        """Saved; then moved, when that was the button."""
        return self._moved(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        """Saved; then moved, when that was the button."""
        return self._moved(request, obj) or super().response_change(request, obj)

    def _moved(self, request, article: Article) -> HttpResponseRedirect | None:
        name = request.POST.get("_move")
        if not name:
            return None
        try:
            step = curation.move(article, name, request.user, request.POST.get("_note", ""))
        except curation.Refused as refused:
            messages.error(request, str(refused))
        else:
            self.log_change(request, article, f"{step.get_origin_display()} → {step.get_target_display()}")
            messages.success(request, _("Saved and moved: it is “%s” now.") % step.get_target_display())
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """Beside the form: state, checks, moves, who else has it open, what a refused save collided with."""
        if obj is not None:
            context |= self._beside(request, obj, context["adminform"].form)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _beside(self, request, article: Article, form) -> dict:
        if article.source_changed and request.method == "GET":
            told = _("The source has changed this article since it was edited here.")
            address = reverse("admin:articles_article_source", args=[article.pk])
            messages.warning(request, format_html('{} <a href="{}">{}</a>', told, address, _("Compare and decide")))
        may_change = self.has_change_permission(request, article)
        conflict = getattr(form, "conflict", None)
        return {
            "station": self.station(article),
            "checks": curation.checks_of(article),
            "moves": curation.moves_for(request.user, article),
            "others": curation.others_at(article.pk, request.user) if may_change else [],
            "may_change": may_change,
            "preview": preview_address(article.pk),
            "conflict": conflict,
            "last_step": article.steps.select_related("made_by").order_by("-id").first(),
        }

    @admin.display(description=_("status"), ordering="status")
    def station(self, article: Article) -> str:
        """The state; of published ones, whether readers see them yet or still."""
        now = timezone.now()
        if article.status == Article.Status.PUBLISHED and article.go_live_at and article.go_live_at > now:
            at = formats.date_format(timezone.localtime(article.go_live_at), "Y-m-d H:i")
            return format_html('<span class="note">{}</span>', _("scheduled for %s") % at)
        if article.status == Article.Status.PUBLISHED and article.expire_at and article.expire_at <= now:
            return format_html('<span class="note">{}</span>', _("expired"))
        return article.get_status_display()

    @admin.display(description=_("tags"))
    def topics(self, article: Article) -> str:
        """Their names, for those who may only look."""
        return ", ".join(article.tagged.order_by("id").values_list("tag__name", flat=True)) if article.pk else "–"

    @admin.display(description=_("title"))
    def headline(self, article: Article) -> str:
        """In its own script's shapes, with what an editor should know before opening it."""
        notes = (
            (article.source_changed, _("source changed")),
            (article.stub, _("stub")),
            (article.edited_at, _("edited")),
        )
        told = format_html_join("", ' <span class="note">{}</span>', ((note,) for true, note in notes if true))
        return format_html('<span lang="{}">{}</span>{}', article.language or "zh", article.title, told)

    @admin.display(description=_("published"))
    def published(self, article: Article) -> str:
        """As exact as is known; a day-exact date shows no clock."""
        if article.published_at is None:
            return _("undated")
        if article.published_precision == Article.Precision.DAY:
            return formats.date_format(article.published_on or article.published_at, "Y-m-d")
        return formats.date_format(timezone.localtime(article.published_at), "Y-m-d H:i")

    @admin.display(description=_("address as given"))
    def original_address(self, article: Article) -> str:
        """As the file had it, followed only when it is a web address."""
        return outside_link(article.source_url)

    @admin.display(description=_("canonical address"))
    def canonical_address(self, article: Article) -> str:
        """The identity of an imported article."""
        return outside_link(article.canonical_url or "")

    @admin.display(description=_("title as given"))
    def raw_title(self, article: Article) -> str:
        """As the file had it."""
        return article.title_raw

    @admin.display(description=_("lead picture, now"))
    def lead_view(self, article: Article) -> str:
        """The picture that the lists show."""
        return thumbnail(article.lead_image) if article.lead_image else "–"

    @admin.display(description=_("originals"))
    def originals_list(self, article: Article) -> str:
        """The files it came in; one query, no bytes."""
        rows = article.originals.defer("bytes").order_by("-id")[:SHOWN_AT_MOST] if article.pk else []
        return render_to_string("admin/articles/_originals.html", {"originals": rows})

    @admin.display(description=_("references"))
    def references_list(self, article: Article) -> str:
        """Addresses in its text, and the local copy where there is one; two queries."""
        references = list(article.references.order_by("id")[:SHOWN_AT_MOST]) if article.pk else []
        local = Article.objects.filter(address_key__in=[row.key for row in references]).only("title", "address_key")
        found = {target.address_key: target for target in local} if references else {}
        rows = [(outside_link(row.url), found.get(row.key)) for row in references]
        return render_to_string("admin/articles/_references.html", {"rows": rows})

    @admin.display(description=_("possible duplicates"))
    def duplicates_list(self, article: Article) -> str:
        """Articles that may tell the same; one query."""
        mine = models.Q(article=article.pk) | models.Q(other=article.pk)
        pairs = PossibleDuplicate.objects.filter(mine).select_related("article", "other")
        pairs = pairs.only("reason", "verdict", "article__title", "other__title")[:SHOWN_AT_MOST]
        rows = [(pair, pair.other if pair.article_id == article.pk else pair.article) for pair in pairs]
        return render_to_string("admin/articles/_duplicates.html", {"rows": rows})

    @admin.display(description=_("report"))
    def cleaning_report(self, article: Article) -> str:
        """What cleaning removed and warned of, and what was found in the text."""
        return render_to_string("admin/articles/_cleaning.html", {"article": article})


@admin.register(PossibleDuplicate)
class PossibleDuplicateAdmin(Desk):
    """Pairs that may tell the same; the verdict is a person's."""

    list_display = ("id", "first", "second", "reason", "verdict")
    list_filter = ("verdict",)  # not indexed, but a small table of short rows
    list_select_related = ("article", "other")
    fields = ("first", "second", "reason", "verdict", "created_at")
    readonly_fields = ("first", "second", "reason", "created_at")
    radio_fields = {"verdict": admin.HORIZONTAL}
    ordering = ("-id",)

    def get_queryset(self, request):
        """Both titles, neither body."""
        pairs = super().get_queryset(request).select_related("article", "other")
        return pairs.defer(*HEAVY_BEHIND["article"], *HEAVY_BEHIND["other"])

    def has_add_permission(self, request) -> bool:
        """Found by the importer."""
        return False

    @admin.display(description=_("article"))
    def first(self, pair: PossibleDuplicate) -> str:
        """The one with the smaller number."""
        return change_link("article", pair.article_id, pair.article)

    @admin.display(description=_("the other"))
    def second(self, pair: PossibleDuplicate) -> str:
        """The other."""
        return change_link("article", pair.other_id, pair.other)


@admin.register(Reference)
class ReferenceAdmin(Record):
    """Links found in texts; reached from an article."""

    list_display = ("id", "article_link", "address")
    fields = ("article_link", "address", "key")
    ordering = ("-id",)

    def get_queryset(self, request):
        """With the article's title, not its body."""
        return super().get_queryset(request).select_related("article").defer(*HEAVY_BEHIND["article"])

    def has_module_permission(self, request) -> bool:
        """Not on the front page: it is a part of articles."""
        return False

    @admin.display(description=_("article"))
    def article_link(self, reference: Reference) -> str:
        """Where the link stands."""
        return change_link("article", reference.article_id, reference.article)

    @admin.display(description=_("address"))
    def address(self, reference: Reference) -> str:
        """Where it leads."""
        return outside_link(reference.url)
