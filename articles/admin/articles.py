"""The desk for articles: their words, where they came from, and what cleaning did to them."""

from django.contrib import admin
from django.db import models
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from articles import curation, search
from articles.admin.article_form import ArticleFormDesk
from articles.admin.bulk import BulkDesk
from articles.admin.corrections import CorrectionDesk
from articles.admin.deleting import WithItsParts
from articles.admin.desk import Desk, Record, change_link, outside_link
from articles.admin.downloads import DownloadDesk
from articles.admin.filters import OURS, FilterDesk
from articles.admin.merging import MergeDesk
from articles.admin.previews import PreviewDesk
from articles.admin.proposals import ProposalDesk
from articles.admin.triage import TriageDesk
from articles.admin.versions import VersionDesk
from articles.ingest.links import address_key
from articles.models import (
    Article,
    Hold,
    PossibleDuplicate,
    Reference,
)

FOUND_AT_MOST = 1000  # articles of a search
SHOWN_AT_MOST = 50  # rows of a record inside another record's page
HEAVY_BEHIND = {
    name: tuple(f"{name}__{field}" for field in Article.HEAVY_FIELDS) for name in ("article", "other", "content_object")
}


@admin.register(Article)
class ArticleAdmin(
    ArticleFormDesk,
    TriageDesk,
    BulkDesk,
    FilterDesk,
    MergeDesk,
    CorrectionDesk,
    PreviewDesk,
    ProposalDesk,
    VersionDesk,
    DownloadDesk,
    WithItsParts,
    Desk,
):
    """Lists without bodies; what a person saves goes through `curation`."""

    delete_confirmation_template = "admin/articles/article/delete_confirmation.html"
    list_display = ("headline", "source", "station", "published")
    list_filter = ("status", "source", "source_changed", "stub", *OURS)
    list_select_related = ("source",)
    search_fields = ("entry__lead",)  # never read: `find` asks the search index
    search_help_text = _("Words as on the site (source: tag: by: after: before:), an address, or a number.")

    def get_queryset(self, request):
        """Lists read no heavy field; the page of one article reads them all."""
        articles = super().get_queryset(request)
        match = request.resolver_match
        if match and match.url_name == "articles_article_change":
            return articles.select_related("source", "lead_image", "edited_by")
        held = Hold.objects.at().filter(article_number=models.OuterRef("pk"))
        return articles.defer(*Article.HEAVY_FIELDS).annotate(is_held=models.Exists(held))

    def get_ordering(self, request):
        """By the source's date, newest first; every list of this desk has an index for it."""
        return ("-listed_at", "-id")

    def find(self, queryset, term):
        """An address finds its article, whatever its form; words are searched for as on the site, in every state."""
        if term.startswith(("http://", "https://")):
            return queryset.filter(models.Q(canonical_url=term) | models.Q(address_key=address_key(term)))
        query = search.query_of(term)
        if query.is_empty:
            return queryset.none()
        # By the entries' numbers, which say the same as dates: a common word is then read from its newest end only.
        return search.matching(queryset, query).filter(entry__isnull=False).order_by("-entry__id")

    def get_paginator(self, request, queryset, per_page, orphans=0, allow_empty_first_page=True):
        """What was searched for is counted no further than readers' search does."""
        paginator = super().get_paginator(request, queryset, per_page, orphans, allow_empty_first_page)
        if request.GET.get("q"):
            paginator.cap = FOUND_AT_MOST
        return paginator

    def has_change_permission(self, request, obj=None) -> bool:
        """An article in review or later is changed by those who review."""
        if obj is None:
            return super().has_change_permission(request)
        return curation.may_change(request.user, obj)

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
            (getattr(article, "is_held", False), _("taken down")),
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
