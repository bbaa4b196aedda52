"""The article's original beside its form: as it came, what cleaning took out of it, and where more of it is kept."""

from __future__ import annotations

import zlib
from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.ingest import Unreadable
from articles.ingest.formats import parse
from articles.models import Article

LONGEST_SHOWN = 400_000  # characters of an original
KINDS = {
    "tag": gettext_lazy("Elements"),
    "attr": gettext_lazy("Attributes"),
    "rule": gettext_lazy("By the rules of its source"),
}


def removed_by_kind(article: Article) -> list[tuple[str, list[tuple[str, int]]]]:
    """What cleaning removed, as (kind for people, [(what, how often), …]), the most frequent first."""
    found = defaultdict(list)
    for what, count in article.removed.items():
        kind, _colon, name = what.partition(":")
        found[kind if name else ""].append((name or what, count))
    ordered = sorted(found, key=lambda kind: (list(KINDS).index(kind) if kind in KINDS else len(KINDS), kind))
    return [
        (str(KINDS.get(kind, kind or _("Other"))), sorted(found[kind], key=lambda row: (-row[1], row[0])))
        for kind in ordered
    ]


class OriginalDesk:
    """Adds the page of the original to the desk of articles."""

    def get_urls(self) -> list:
        """The page below an article."""
        view = self.admin_site.admin_view(self.original_view)
        return [path("<int:pk>/original/", view, name="articles_article_original"), *super().get_urls()]

    def original_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The newest original as it came, sanitized for the eye; `?part` is what the form's page puts beside itself."""
        self.article_for(request, pk)
        article = Article.objects.defer("body", "text").get(pk=pk)
        original = article.originals.order_by("-newest", "-id").first()
        told, problem = "", ""
        if original and original.bytes:
            raw = zlib.decompress(bytes(original.bytes))
            try:
                told = parse(raw.decode("utf-8", "replace").replace("\r\n", "\n")).body[:LONGEST_SHOWN]
            except Unreadable as error:
                problem = str(error)
        context = self.page_context(request, article, _("The original as it came")) | {
            "original": original,
            "raw_html": told,
            "problem": problem,
            "removed": removed_by_kind(article),
            "originals": article.originals.defer("bytes").order_by("-id")[:20],
        }
        name = "_original" if "part" in request.GET else "original"
        return TemplateResponse(request, f"admin/articles/article/{name}.html", context)
