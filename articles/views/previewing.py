"""The preview of words that nobody has saved: in the public template, for the person who typed them."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from articles import curation
from articles.models import Article, Unsaved, previewed_unsaved
from articles.views.provenance import with_provenance
from articles.views.reading import as_preview
from articles.views.takedowns import tombstone, tombstone_of


@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})  # the desk shows it beside the form
def unsaved(request: HttpRequest, token: str) -> HttpResponse:
    """The article as the words that a person has typed would make it; for that person alone, cleaned as a save does."""
    page = previewed_unsaved(token)
    if page is None or not request.user.is_authenticated:
        raise Http404
    row = get_object_or_404(Unsaved, page=page, user=request.user)
    if row.article_id is None:
        return as_preview(request, curation.as_new(row))
    take_down = tombstone_of(row.article_id)
    if take_down:
        return tombstone(request, take_down)
    articles = with_provenance(Article.objects.select_related("source", "lead_image"))
    return as_preview(request, curation.as_typed(articles.get(pk=row.article_id), row))
