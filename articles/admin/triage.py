"""Triage: the inbox on one screen, by keyboard, mouse or touch, with and without script."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from articles import curation
from articles.admin.desk import is_number
from articles.admin.filters import TRIAGE
from articles.curation import bulk, filters
from articles.curation.bulk_deeds import BULK_DEEDS
from articles.models import Article, PossibleDuplicate, Source

SHOWN_AT_MOST = 30  # items of the list
LAST_PAGE = 1000
KEYS = {"publish": "a", "submit": "r", "reject": "x"}
FROM_INBOX = ("publish", "review", "draft", "withdraw", "tag", "untag", "source", "date", "undate")


@dataclass(frozen=True)
class Page:
    """A page of the list: what is wanted, which page it is, its items and those on both sides of them."""

    wanted: filters.Wanted
    number: int
    items: list[Article]
    before: Article | None
    after: Article | None

    def address(self, item: int = 0, page: int = 0) -> str:
        """The address of an item in this list, or of a page of it."""
        page = page or self.number
        more = {"p": page} if page > 1 else {}
        more |= {"item": item} if item else {}
        query = self.wanted.query or "all=1"
        return f"?{query}&{urlencode(more)}" if more else f"?{query}"

    def beside(self, item: Article, step: int) -> str:
        """The address of the item before (-1) or behind (1) one of the list; empty at its ends."""
        row = [self.before, *self.items, self.after]
        other = row[row.index(item) + step]
        if other is None:
            return ""
        return self.address(other.pk, self.number + (step if other in (self.before, self.after) else 0))

    def following(self, number: int) -> int:
        """The item behind the one of that number, or the one before it at the end of the list; 0 when there is none."""
        numbers = [item.pk for item in (*self.items, self.after) if item]
        if number not in numbers:
            return 0
        at = numbers.index(number)
        rest = numbers[at + 1 :] or numbers[:at][-1:]
        return rest[0] if rest else 0


class TriageDesk:
    """Adds the screen to the desk of articles."""

    def get_urls(self) -> list:
        """The screen."""
        return [
            path("triage/", self.admin_site.admin_view(self.triage_view), name="articles_article_triage"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """With the way to the inbox for those who decide there."""
        return super().changelist_view(
            request, (extra_context or {}) | {"may_triage": self.has_change_permission(request)}
        )

    def triage_view(self, request: HttpRequest) -> HttpResponse:
        """Show the item asked for, or the first; a POST does one deed with it and goes on to the next.

        Without any parameter it opens with the filter that this person has chosen for it.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        if not request.GET and request.method == "GET":
            first = filters.first_filter(request.user)
            if first and first.query:
                return HttpResponseRedirect(f"{request.path}?{first.query}")
        page = _page(request)
        if request.method == "POST":
            return self._do(request, page)
        number = _number(request.GET.get("item", ""))
        place = next((at for at, item in enumerate(page.items) if item.pk == number), 0)
        candidates = page.items[place:] + page.items[:place]
        chosen = next((item for item in candidates if curation.claim(item.pk, request.user)), None)
        found = curation.inbox_for(request.user, page.wanted).order_by()[: filters.COUNTED + 1].count()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Triage"),
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "page": page,
            "wanted": page.wanted,
            "here": page.address(),
            "rows": [(item, page.address(item.pk)) for item in page.items],
            "earlier_page": page.address(page=page.number - 1),
            "later_page": page.address(page=page.number + 1),
            "found": min(found, filters.COUNTED),
            "more": found > filters.COUNTED,
            "orders": filters.ORDERS,
            "needs": filters.NEEDS,
            "scripts": filters.SCRIPTS,
            "sources": Source.objects.order_by("name"),
            "first_filter": filters.first_filter(request.user),
            "bulk_deeds": [BULK_DEEDS[name] for name in FROM_INBOX] if request.user.has_perm(bulk.RIGHT) else [],
            "article": None,
        }
        context |= self.filter_bar(request, TRIAGE, page.wanted.query)
        return TemplateResponse(request, "admin/articles/triage.html", context | self._item(request, page, chosen))

    def _item(self, request: HttpRequest, page: Page, chosen: Article | None) -> dict:
        if chosen is None:
            return {}
        article = Article.objects.select_related("source", "lead_image").get(pk=chosen.pk)
        moves = [(one, KEYS[one.name]) for one in curation.moves_for(request.user, article) if one.name in KEYS]
        return {
            "article": article,
            "places": article.article_images.select_related("image").order_by("position", "id"),
            "topics": article.tagged.select_related("tag").order_by("id"),
            "checks": curation.checks_of(article),
            "copies": _copies_of(article),
            "moves": moves,
            "may_tag": curation.may_tag(request.user),
            "others": curation.others_at(article.pk, request.user),
            "may_reject": any(key == "x" for _move, key in moves),
            "earlier": page.beside(chosen, -1),
            "later": page.beside(chosen, 1),
        }

    def _do(self, request: HttpRequest, page: Page) -> HttpResponse:
        deed, number = request.POST.get("deed", ""), _number(request.POST.get("item", ""))
        goes_on_to = number
        try:
            if deed == curation.UNDO:
                taken_back = curation.undo_last_deed(request.user)
                messages.success(request, _("Taken back: “%(title)s”.") % {"title": taken_back.article})
                goes_on_to = taken_back.article_id
            else:
                article = get_object_or_404(Article, pk=number)
                self._decide(request, article, deed)
                goes_on_to = number if deed == "tag" else page.following(number)
        except curation.Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(f"{request.path}{page.address(goes_on_to)}")

    def _decide(self, request: HttpRequest, article: Article, deed: str) -> None:
        """Raises Refused when the item is in somebody else's hand, or the deed is not this person's."""
        words = request.POST.get("words", "").strip()
        curation.decide(article, deed, request.user, str(_number(words)) if deed == "duplicate" else words)
        if deed == "tag":
            messages.success(request, _("Tagged: %(name)s.") % {"name": words})
        else:
            messages.success(request, f"{article} → {article.get_status_display()}")


def _copies_of(article: Article) -> list[Article]:
    """Articles that may tell the same and wait for a verdict, the most alike first; two queries."""
    mine = Q(article=article.pk) | Q(other=article.pk)
    pairs = PossibleDuplicate.objects.filter(mine, verdict=PossibleDuplicate.Verdict.OPEN).order_by("-likeness", "id")
    numbers = [one if other == article.pk else other for one, other in pairs.values_list("article_id", "other_id")]
    rows = Article.objects.select_related("source").only("title", "language", "source__name").in_bulk(numbers)
    return [rows[number] for number in numbers]


def _page(request: HttpRequest) -> Page:
    """The page of the list that the address names; a query or two."""
    wanted = filters.Wanted.read(request.GET)
    number = min(max(_number(request.GET.get("p", "")), 1), LAST_PAGE)
    start = (number - 1) * SHOWN_AT_MOST
    ahead = 1 if start else 0
    rows = curation.inbox_page(request.user, wanted, start - ahead, start + SHOWN_AT_MOST + 1)
    before = rows[0] if ahead and rows else None
    items = rows[ahead : ahead + SHOWN_AT_MOST]
    after = rows[ahead + SHOWN_AT_MOST] if len(rows) > ahead + SHOWN_AT_MOST else None
    return Page(wanted, number, items, before, after)


def _number(given: str) -> int:
    """The number in `given` (an article's address holds one, too); 0 when there is none."""
    digits = given.strip().strip("/#")
    digits = digits.split("/a/")[-1].split("/")[0]
    return int(digits) if is_number(digits) else 0
