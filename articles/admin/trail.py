"""The desk for what was done: moves and revisions, of all articles; an article's own history has them together."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from articles.admin.articles import HEAVY_BEHIND
from articles.admin.desk import Record, change_link
from articles.models import Revision, Step


@admin.register(Step)
class StepAdmin(Record):
    """Moves through the workflow: who, when, from, to, why."""

    list_display = ("made_at", "article_link", "origin", "target", "made_by", "note")
    list_filter = ("target",)
    list_select_related = ("made_by",)
    fields = ("article_link", "move", "origin", "target", "made_by", "made_at", "note")
    ordering = ("-id",)

    def get_queryset(self, request):
        """With the article's title, not its body."""
        return super().get_queryset(request).select_related("article", "made_by").defer(*HEAVY_BEHIND["article"])

    @admin.display(description=_("article"))
    def article_link(self, step: Step) -> str:
        """Leads to it."""
        return change_link("article", step.article_id, step.article)


@admin.register(Revision)
class RevisionAdmin(Record):
    """What articles said before and after each change; compared and restored from an article's history."""

    list_display = ("made_at", "article_link", "kind", "author", "reason")
    list_filter = ("kind",)
    fields = ("article_link", "kind", "author", "made_at", "reason", "title", "standfirst", "body", "byline", "excerpt")
    ordering = ("-id",)

    def get_queryset(self, request):
        """The list reads no body."""
        revisions = super().get_queryset(request).select_related("article", "author").defer(*HEAVY_BEHIND["article"])
        match = request.resolver_match
        if match and match.url_name == "articles_revision_change":
            return revisions
        return revisions.defer("body", "standfirst", "excerpt", "facts")

    @admin.display(description=_("article"))
    def article_link(self, revision: Revision) -> str:
        """Leads to its history."""
        address = reverse("admin:articles_article_history", args=[revision.article_id])
        return format_html('<a href="{}">{}</a>', address, revision.article)
