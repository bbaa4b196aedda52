"""The pair desk: two articles that may tell the same, side by side, and what becomes of them."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles.admin.desk import Desk, Record, change_link, is_number
from articles.curation import Refused
from articles.curation import duplicates as service
from articles.curation.comparing import side_by_side, text_of
from articles.models import Article, ArticleMerge, PossibleDuplicate

LIGHT = (*Article.HEAVY_FIELDS, *Article.LATE_FIELDS)
LEFT, RIGHT, APART, REOPEN, UNDO = "left", "right", "apart", "reopen", "undo"


@admin.register(PossibleDuplicate)
class PossibleDuplicateAdmin(Desk):
    """Pairs that may tell the same, open ones first, the most alike on top; the verdict is a person's."""

    list_display = ("pair", "likeness_told", "first", "second", "reason", "verdict_told")
    list_filter = ("verdict", "reason")
    ordering = ("verdict", "-likeness", "id")

    def get_queryset(self, request):
        """Both titles with their sources, neither body."""
        pairs = super().get_queryset(request).select_related("article__source", "other__source")
        return pairs.defer(*(f"{side}__{name}" for side in ("article", "other") for name in LIGHT))

    def has_add_permission(self, request) -> bool:
        """Found by the importer."""
        return False

    @admin.display(description=gettext_lazy("pair"))
    def pair(self, pair: PossibleDuplicate) -> str:
        """Leads to the two side by side."""
        return _("#%(one)s and #%(other)s") % {"one": pair.article_id, "other": pair.other_id}

    @admin.display(description=gettext_lazy("likeness"))
    def likeness_told(self, pair: PossibleDuplicate) -> str:
        """Share of the wording."""
        return f"{pair.likeness} %" if pair.likeness else "–"

    @admin.display(description=gettext_lazy("article"))
    def first(self, pair: PossibleDuplicate) -> str:
        """The one with the smaller number."""
        return _told(pair.article)

    @admin.display(description=gettext_lazy("the other"))
    def second(self, pair: PossibleDuplicate) -> str:
        """The other."""
        return _told(pair.other)

    @admin.display(description=gettext_lazy("verdict"))
    def verdict_told(self, pair: PossibleDuplicate) -> str:
        """In words."""
        return pair.get_verdict_display()

    def get_urls(self) -> list:
        """The way from an article to its pair."""
        view = self.admin_site.admin_view(self.pair_of_view)
        return [path("of/<int:pk>/", view, name="articles_possibleduplicate_of"), *super().get_urls()]

    def pair_of_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the pair of an article that waits, or to the latest that is judged; to the list when there is none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        mine = PossibleDuplicate.objects.filter(Q(article=pk) | Q(other=pk)).order_by("verdict", "-likeness", "-id")
        pair = mine.filter(verdict=PossibleDuplicate.Verdict.OPEN).first() or mine.order_by("-judged_at").first()
        if pair is None:
            return HttpResponseRedirect(reverse("admin:articles_possibleduplicate_changelist"))
        return HttpResponseRedirect(reverse("admin:articles_possibleduplicate_change", args=[pair.pk]))

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        """The two side by side; a POST does one deed and goes on to the next pair."""
        number = int(object_id) if is_number(object_id) else 0
        pairs = PossibleDuplicate.objects.select_related("article__source", "other__source", "judged_by")
        pair = get_object_or_404(pairs, pk=number)
        if not self.has_view_permission(request, pair):
            raise PermissionDenied
        if request.method == "POST":
            return self._judge(request, pair)
        context = self._context(request, pair) | (extra_context or {})
        return TemplateResponse(request, "admin/articles/possibleduplicate/pair.html", context)

    def _context(self, request: HttpRequest, pair: PossibleDuplicate) -> dict:
        left, right = pair.article, pair.other
        merges = ArticleMerge.objects.filter(article__in=[left, right], undone_at=None)
        is_open = pair.verdict == PossibleDuplicate.Verdict.OPEN
        return {
            **self.admin_site.each_context(request),
            "title": _("Do they tell the same?"),
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "pair": pair,
            "sides": ((left, _("left")), (right, _("right"))),
            "rows": side_by_side(*(text_of(side.body) for side in (left, right))),
            "titles": side_by_side(left.title, right.title),
            "merge": merges.filter(winner__in=[left, right]).first(),
            "is_open": is_open,
            "may_judge": service.may_judge(request.user),
            "into_left": service.merge_counts(right, left),
            "into_right": service.merge_counts(left, right),
            "earlier": service.pair_before(pair) if is_open else None,
            "later": service.pair_after(pair) if is_open else service.open_pairs().first(),
            "waiting": service.open_pairs().order_by().count(),
        }

    def _judge(self, request: HttpRequest, pair: PossibleDuplicate) -> HttpResponse:
        if not service.may_judge(request.user):
            raise PermissionDenied
        deed = request.POST.get("deed", "")
        here = reverse("admin:articles_possibleduplicate_change", args=[pair.pk])
        later = service.pair_after(pair) or service.open_pairs().exclude(pk=pair.pk).first()
        onward = reverse("admin:articles_possibleduplicate_change", args=[later.pk]) if later else ""
        onward = onward or reverse("admin:articles_possibleduplicate_changelist")
        try:
            if deed in (LEFT, RIGHT):
                self._merge(request, pair, deed)
            elif deed == APART:
                service.keep_apart(pair, request.user)
                self.log_change(request, pair, _("No duplicates."))
                messages.success(request, format_html('{} <a href="{}">{}</a>', _("Kept apart."), here, _("See")))
            elif deed in (REOPEN, UNDO):
                return self._take_back(request, pair, deed)
            else:
                raise Http404
        except Refused as refused:
            messages.error(request, str(refused))
            onward = here
        return HttpResponseRedirect(onward)

    def _merge(self, request: HttpRequest, pair: PossibleDuplicate, deed: str) -> None:
        article, winner = (pair.other, pair.article) if deed == LEFT else (pair.article, pair.other)
        merge = service.merge_articles(article, winner, request.user)
        self.log_change(request, pair, f"#{article.pk} → #{winner.pk}")
        told = _("“%(title)s” leads to article %(number)s now.") % {"title": article.title, "number": winner.pk}
        address = reverse("admin:articles_articlemerge_change", args=[merge.pk])
        messages.success(request, format_html('{} <a href="{}">{}</a>', told, address, _("See or undo")))

    def _take_back(self, request: HttpRequest, pair: PossibleDuplicate, deed: str) -> HttpResponse:
        if deed == REOPEN:
            service.reopen(pair, request.user)
            undone = pair
        else:
            undone = service.undo_last_verdict(request.user)
        messages.success(request, _("Taken back."))
        if isinstance(undone, ArticleMerge):
            one, other = sorted((undone.article_id, undone.winner_id))
            undone = PossibleDuplicate.objects.filter(article=one, other=other).first() or pair
        return HttpResponseRedirect(reverse("admin:articles_possibleduplicate_change", args=[undone.pk]))


def _told(article: Article) -> str:
    """An article in a list of pairs: its title, source and day."""
    day = article.published_on.isoformat() if article.published_on else _("undated")
    link = change_link("article", article.pk, article)
    return format_html('{}<br><span class="quiet">{} · {}</span>', link, article.source, day)


@admin.register(ArticleMerge)
class ArticleMergeAdmin(Record):
    """Merges of articles, latest first; each can be undone once."""

    list_display = ("made_at", "merged", "into", "made_by", "undone_at")
    fields = ("merged", "into", "made_by", "made_at", "undone_by", "undone_at", "undo")
    ordering = ("-id",)

    def get_queryset(self, request):
        """Both titles, neither body."""
        merges = super().get_queryset(request).select_related("article", "winner", "made_by", "undone_by")
        return merges.defer(*(f"{side}__{name}" for side in ("article", "winner") for name in LIGHT))

    def get_urls(self) -> list:
        """The page that undoes."""
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="articles_articlemerge_undo"), *super().get_urls()]

    @method_decorator(require_POST)
    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Undo a merge."""
        if not service.may_judge(request.user):
            raise PermissionDenied
        merge = get_object_or_404(ArticleMerge.objects.select_related("article", "winner"), pk=pk)
        try:
            service.undo_merge(merge, request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("“%(title)s” stands for itself again.") % {"title": merge.article})
        return HttpResponseRedirect(reverse("admin:articles_articlemerge_change", args=[pk]))

    @admin.display(description=gettext_lazy("merged article"))
    def merged(self, merge: ArticleMerge) -> str:
        """The one that leads away."""
        return change_link("article", merge.article_id, merge.article)

    @admin.display(description=gettext_lazy("into"))
    def into(self, merge: ArticleMerge) -> str:
        """The one it leads to."""
        return change_link("article", merge.winner_id, merge.winner)

    @admin.display(description=gettext_lazy("undo"))
    def undo(self, merge: ArticleMerge) -> str:
        """A button of the page's own form; none when it is done."""
        if merge.undone_at:
            return "–"
        address = reverse("admin:articles_articlemerge_undo", args=[merge.pk])
        words = _("Undo this merge")
        return format_html('<button type="submit" class="button" formaction="{}">{}</button>', address, words)
