"""The desk for notes to readers: written and withdrawn below an article, listed for the whole newsroom."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import curation
from articles.admin.desk import Record, is_number
from articles.models import Article, Correction

HEAVY_BEHIND_ARTICLE = tuple(f"article__{name}" for name in Article.HEAVY_FIELDS)


class CorrectionDesk:
    """Adds the page of its notes to the desk of articles."""

    def get_urls(self) -> list:
        """The page below an article."""
        view = self.admin_site.admin_view(self.corrections_view)
        return [path("<int:pk>/corrections/", view, name="articles_article_corrections"), *super().get_urls()]

    def corrections_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All notes of an article; a form for the next one, and one to withdraw each that stands."""
        article = self.article_for(request, pk)
        may_correct = curation.may_correct(request.user, article)
        if request.method == "POST":
            if not may_correct:
                raise PermissionDenied
            try:
                told = _written_or_withdrawn(request, article)
            except curation.Refused as refused:
                messages.error(request, str(refused))
            else:
                self.log_change(request, article, told)
                messages.success(request, told)
                return HttpResponseRedirect(reverse("admin:articles_article_corrections", args=[pk]))
        context = self.page_context(request, article, _("Notes to readers")) | {
            "notes": curation.corrections_of(article),
            "kinds": Correction.Kind.choices,
            "may_correct": may_correct,
            "longest": Correction._meta.get_field("text").max_length,
            "written": request.POST,
        }
        return TemplateResponse(request, "admin/articles/article/corrections.html", context)


def _written_or_withdrawn(request: HttpRequest, article: Article) -> str:
    """Withdraw the note that is named, else write a new one; returns what was done. Raises Refused."""
    number = request.POST.get("withdraw", "")
    if number:
        wanted = int(number) if is_number(number) else 0
        note = get_object_or_404(article.corrections.select_related("article"), pk=wanted)
        curation.withdraw_correction(note, request.user, request.POST.get(f"reason-{note.pk}", ""))
        return _("The note is withdrawn: readers see only that there was one.")
    curation.correct(article, request.POST.get("kind", ""), request.POST.get("text", ""), request.user)
    return _("The note stands on the article's page now.")


@admin.register(Correction)
class CorrectionAdmin(Record):
    """Notes of all articles, the latest first; written and withdrawn at their article."""

    list_display = ("made_at", "kind", "article_link", "text", "made_by", "withdrawn_at")
    list_filter = ("kind",)
    list_select_related = ("made_by",)
    fields = ("article_link", "kind", "text", "made_by", "made_at", "withdrawn_by", "withdrawn_at", "withdrawn_because")
    ordering = ("-id",)

    def get_queryset(self, request):
        """With the article's title, not its body."""
        notes = super().get_queryset(request).select_related("article", "made_by", "withdrawn_by")
        return notes.defer(*HEAVY_BEHIND_ARTICLE)

    @admin.display(description=gettext_lazy("article"))
    def article_link(self, note: Correction) -> str:
        """Leads to the notes of that article."""
        address = reverse("admin:articles_article_corrections", args=[note.article_id])
        return format_html('<a href="{}">{}</a>', address, note.article)
