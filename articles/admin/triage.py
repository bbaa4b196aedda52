"""Triage: the inbox on one screen, by keyboard, mouse or touch, with and without script."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from articles import curation
from articles.admin.desk import LARGEST_ID
from articles.models import Article, PossibleDuplicate, Source

SHOWN_AT_MOST = 30  # items of the list
KEYS = {"publish": "a", "submit": "r", "reject": "x"}


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
        """Show the item asked for, or the first; a POST does one deed with it and goes on to the next."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        asked = {name: request.GET[name] for name in ("order", "source") if request.GET.get(name)}
        items = list(curation.inbox_for(request.user, **asked)[:SHOWN_AT_MOST])
        number = _number(request.GET.get("item", ""))
        if request.method == "POST":
            return self._do(request, items, asked)
        place = next((at for at, item in enumerate(items) if item.pk == number), 0)
        chosen = self._claimed(request, items[place:] + items[:place])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Triage"),
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "items": items,
            "asked": asked,
            "query": urlencode(asked),
            "orders": curation.ORDERS,
            "sources": Source.objects.order_by("name"),
            "article": None,
        }
        return TemplateResponse(request, "admin/articles/triage.html", context | self._item(request, items, chosen))

    def _claimed(self, request: HttpRequest, candidates: list[Article]) -> Article | None:
        """The first of these that nobody else has taken in hand meanwhile."""
        return next((item for item in candidates if curation.claim(item.pk, request.user)), None)

    def _item(self, request: HttpRequest, items: list[Article], chosen: Article | None) -> dict:
        if chosen is None:
            return {}
        article = Article.objects.select_related("source", "lead_image").get(pk=chosen.pk)
        place = next(at for at, item in enumerate(items) if item.pk == chosen.pk)
        pairs = PossibleDuplicate.objects.filter(article=article.pk).values_list("other_id", flat=True)
        pairs = [*pairs, *PossibleDuplicate.objects.filter(other=article.pk).values_list("article_id", flat=True)]
        moves = [(one, KEYS[one.name]) for one in curation.moves_for(request.user, article) if one.name in KEYS]
        return {
            "article": article,
            "places": article.article_images.select_related("image").order_by("position", "id"),
            "topics": article.tagged.select_related("tag").order_by("id"),
            "checks": curation.checks_of(article),
            "copies": Article.objects.filter(pk__in=pairs).only("title", "source__name").select_related("source"),
            "moves": moves,
            "may_reject": any(key == "x" for _move, key in moves),
            "earlier": items[place - 1] if place else None,
            "later": items[place + 1] if place + 1 < len(items) else None,
        }

    def _do(self, request: HttpRequest, items: list[Article], asked: dict) -> HttpResponse:
        deed, number = request.POST.get("deed", ""), _number(request.POST.get("item", ""))
        goes_on_to = number
        try:
            if deed == curation.UNDO:
                step = curation.undo_last_move(request.user)
                messages.success(request, _("Taken back: “%(title)s”.") % {"title": step.article})
                goes_on_to = step.article_id
            else:
                article = get_object_or_404(Article, pk=number)
                self._decide(request, article, deed)
                goes_on_to = number if deed == "tag" else _after(items, number)
        except curation.Refused as refused:
            messages.error(request, str(refused))
        query = urlencode(asked | ({"item": goes_on_to} if goes_on_to else {}))
        return HttpResponseRedirect(f"{reverse('admin:articles_article_triage')}?{query}")

    def _decide(self, request: HttpRequest, article: Article, deed: str) -> None:
        """Raises Refused when the item is in somebody else's hand, or the deed is not this person's."""
        words = request.POST.get("words", "").strip()
        if article.status != Article.Status.INBOX or not curation.may_change(request.user, article):
            raise curation.Refused(_("It is not in the inbox any more."))
        if not curation.claim(article.pk, request.user):
            raise curation.Refused(_("Somebody else has it in hand."))
        if deed == "tag":
            tag = curation.add_topic(article, words, request.user)
            messages.success(request, _("Tagged: %(name)s.") % {"name": tag.name})
            return
        if deed == "duplicate":
            step = curation.reject_as_duplicate(article, _number(words), request.user)
        else:
            step = curation.move(article, deed, request.user, words)
        curation.release(article.pk, request.user)
        self.log_change(request, article, f"{step.get_origin_display()} → {step.get_target_display()}")
        messages.success(request, f"{article} → {step.get_target_display()}")


def _number(given: str) -> int:
    """The number in `given` (an article's address holds one, too); 0 when there is none."""
    digits = given.strip().strip("/#")
    digits = digits.split("/a/")[-1].split("/")[0]
    return int(digits) if digits.isdecimal() and int(digits) <= LARGEST_ID else 0


def _after(items: list[Article], number: int) -> int:
    """The item below, or the one above at the end of the list; 0 when there is none."""
    numbers = [item.pk for item in items]
    if number not in numbers:
        return 0
    at = numbers.index(number)
    rest = numbers[at + 1 :] or numbers[:at][-1:]
    return rest[0] if rest else 0
