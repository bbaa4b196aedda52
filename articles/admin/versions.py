"""The article's history at the desk: its revisions and steps, any two compared, one restored; and who has it open."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles import curation
from articles.admin.conflicts import label_of
from articles.admin.desk import is_number
from articles.admin.holding import told_of
from articles.admin.timeline import events_of
from articles.models import Article


class VersionDesk:
    """Adds the pages to the desk of articles."""

    def get_urls(self) -> list:
        """The pages below an article."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/compare/", view(self.compare_view), name="articles_article_compare"),
            path("<int:pk>/restore/", view(self.restore_view), name="articles_article_restore"),
            path("<int:pk>/presence/", view(self.presence_view), name="articles_article_presence"),
            *super().get_urls(),
        ]

    def article_for(self, request: HttpRequest, pk: int, *, change: bool = False) -> Article:
        """The article, for those who may see (or change) it; raises PermissionDenied or Http404."""
        article = get_object_or_404(Article.objects.defer(*Article.HEAVY_FIELDS), pk=pk)
        allowed = self.has_change_permission if change else self.has_view_permission
        if not allowed(request, article):
            raise PermissionDenied
        return article

    def log_addition(self, request: HttpRequest, obj: Article, message) -> None:
        """Not here: an article's changes are recorded by the services that make them."""

    def log_change(self, request: HttpRequest, obj: Article, message) -> None:
        """Not here either."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        """All that happened to the article, latest first; six queries."""
        if not is_number(object_id):
            raise Http404
        article = self.article_for(request, int(object_id))
        events = events_of(article)
        context = self.page_context(request, article, _("History")) | {
            "events": events,
            "can_compare": sum(event.revision is not None for event in events) > 1,
            "may_restore": self.has_change_permission(request, article),
        }
        return TemplateResponse(request, "admin/articles/article/object_history.html", context | (extra_context or {}))

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Two revisions side by side in one text: what went, what came."""
        article = self.article_for(request, pk)
        wanted = [request.GET.get(name, "") for name in ("before", "after")]
        rows = {str(row.pk): row for row in article.revisions.filter(pk__in=filter(is_number, wanted))}
        if not all(one in rows for one in wanted):
            messages.warning(request, _("Choose two revisions to compare."))
            return HttpResponseRedirect(reverse("admin:articles_article_history", args=[pk]))
        before, after = sorted((rows[one] for one in wanted), key=lambda row: row.pk)
        changed = curation.changed_fields(before, after)
        context = self.page_context(request, article, _("Compare")) | {
            "before": before,
            "after": after,
            "revisions_shown": (before, after),
            "changes": [(label_of(name.removesuffix("_id")), pieces) for name, pieces in changed],
            "may_restore": self.has_change_permission(request, article),
        }
        return TemplateResponse(request, "admin/articles/article/compare.html", context)

    @method_decorator(require_POST)
    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a revision the article's text again."""
        article = self.article_for(request, pk, change=True)
        wanted = request.POST.get("revision", "")
        revision = get_object_or_404(article.revisions, pk=wanted if is_number(wanted) else 0)
        home = HttpResponseRedirect(reverse("admin:articles_article_history", args=[pk]))
        if self.is_held(request, article):
            return home
        try:
            curation.restore(revision, request.user)
        except curation.Missing as missing:
            messages.error(request, str(missing))
        else:
            messages.success(request, _("The article says what it said then. To go back, restore the one before."))
        return home

    def is_held(self, request: HttpRequest, article: Article) -> bool:
        """Whether somebody else has the item of the inbox in hand, which is then said; a query."""
        held = curation.held_by_other(article, request.user)
        if held:
            messages.error(request, told_of(held))
        return held is not None

    @method_decorator(require_POST)
    def presence_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """A page says that it is still open, or that it is closed; told who else has the article open."""
        article = self.article_for(request, pk, change=True)
        if request.POST.get("left"):
            curation.leave(article.pk, request.user)
            return JsonResponse({"others": []})
        curation.renew(article.pk, request.user)
        return JsonResponse({"others": curation.others_at(article.pk, request.user)})

    def page_context(self, request: HttpRequest, article: Article, title: str) -> dict:
        """What every page below an article needs."""
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(article),
            "object": article,
            "article": article,
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "preserved_filters": self.get_preserved_filters(request),
        }
