"""Addresses of previews are handed around; here those of an article are ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles.models.preview import end_previews


class PreviewDesk:
    """Adds the ending to the desk of articles."""

    def get_urls(self) -> list:
        """One address more."""
        view = self.admin_site.admin_view(self.end_previews_view)
        return [path("<int:pk>/end-previews/", view, name="articles_article_end_previews"), *super().get_urls()]

    @method_decorator(require_POST)
    def end_previews_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """By whoever may change the article; the page it leads back to has a new address."""
        article = self.article_for(request, pk, change=True)
        end_previews(article, request.user)
        messages.success(request, _("Addresses of previews that were given away open this article no more."))
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[pk]))
