"""Tag proposals at the desk: accepted or refused by one key in triage, by one click beside an article's form."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles import curation, proposing
from articles.admin.desk import is_number
from articles.models import Article, Tag

DEEDS = {"accept": proposing.accept, "refuse": proposing.refuse, "again": proposing.offer_again}


class ProposalDesk:
    """Adds the deeds to the desk of articles; the page's part shows itself (`{% tag_proposals %}`)."""

    def get_urls(self) -> list:
        """The address that does one deed."""
        view = self.admin_site.admin_view(self.proposal_view)
        return [path("<int:pk>/proposal/", view, name="articles_article_proposal"), *super().get_urls()]

    @method_decorator(require_POST)
    def proposal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Accept, refuse or offer again; then back to where the button stood."""
        article = self.article_for(request, pk, change=True)
        if not curation.may_tag(request.user):
            raise PermissionDenied
        if article.status == Article.Status.INBOX and not curation.claim(article.pk, request.user):
            messages.error(request, _("Somebody else has it in hand."))
        else:
            self._judge(request, article, request.POST.get("proposal", ""))
        home = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(home, {request.get_host()}, require_https=request.is_secure()):
            home = reverse("admin:articles_article_change", args=[pk])
        return HttpResponseRedirect(home)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """The form has been saved; then the tag is judged, when that was the button."""
        judged = request.POST.get("_proposal")
        if not judged:
            return super().response_change(request, obj)
        if not (curation.may_change(request.user, obj) and curation.may_tag(request.user)):
            raise PermissionDenied
        self._judge(request, obj, judged)
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[obj.pk]))

    def _judge(self, request: HttpRequest, article: Article, judged: str) -> None:
        """`judged` is a deed and the number of a tag, as in accept-12."""
        deed, _dash, number = judged.partition("-")
        if deed not in DEEDS or not is_number(number):
            messages.error(request, _("There is no such proposal."))
            return
        tag = get_object_or_404(Tag, pk=number)
        with transaction.atomic():
            use = DEEDS[deed](article, tag, request.user)
            if use and article.status == Article.Status.INBOX:  # so that triage can take it back
                curation.note_deed(article, "tag", request.user, {"use": use.pk, "tag": tag.pk, "made": False})
        told = {
            "accept": _("Tagged: %(name)s."),
            "refuse": _("“%(name)s” is not proposed for this article any more."),
            "again": _("“%(name)s” may be proposed again."),
        }
        messages.success(request, told[deed] % {"name": tag.name})
