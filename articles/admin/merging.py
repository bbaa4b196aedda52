"""The page on which an editor decides between a text edited here and the source's newer one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from articles import curation
from articles.admin.conflicts import label_of
from articles.curation import compare
from articles.curation.comparing import around_changes
from articles.models import Article


class MergeDesk:
    """Adds the page to the desk of articles."""

    def get_urls(self) -> list:
        """The page below an article."""
        view = self.admin_site.admin_view(self.source_view)
        return [path("<int:pk>/source/", view, name="articles_article_source"), *super().get_urls()]

    def source_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Three texts; taking, keeping or merging clears “source changed”."""
        mine = self.article_for(request, pk, change=True)
        held = request.method == "POST" and self.is_held(request, mine)
        article = Article.objects.select_related("source").get(pk=pk)
        home = HttpResponseRedirect(reverse("admin:articles_article_change", args=[pk]))
        try:
            if request.method == "POST":
                return home if held else self._settle(request, article) or home
            newer = curation.newer_of(article)
        except curation.Unmergeable as refusal:
            messages.warning(request, str(refusal))
            return home
        context = self.page_context(request, article, _("The source has changed")) | {
            "newer": newer,
            "lines": [
                (line, label_of(line.name), around_changes(compare(line.ours, line.theirs))) for line in newer.lines
            ],
        }
        return TemplateResponse(request, "admin/articles/article/source.html", context)

    def _settle(self, request: HttpRequest, article: Article) -> HttpResponse | None:
        """None when it is settled; the page again when it cannot be."""
        choice = request.POST.get("choice")
        if choice not in curation.CHOICES:
            messages.warning(request, _("Choose: take theirs, keep ours, or merge."))
            return HttpResponseRedirect(request.path)
        picks = {
            name.removeprefix("pick_"): value
            for name, value in request.POST.items()
            if name.startswith("pick_") and value in curation.CHOICES
        }
        curation.settle_source(article, request.user, choice, picks, request.POST.get("version", ""))
        self.log_change(request, article, _("Settled the source's newer text."))
        messages.success(request, _("Settled: nothing of the source waits any more. The history has the text before."))
        return None
