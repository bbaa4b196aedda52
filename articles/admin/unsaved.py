"""What somebody typed and did not save: stored by the page's script, offered back, never applied by itself."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from articles import curation
from articles.admin.desk import is_number
from articles.curation import Piece
from articles.curation.comparing import around_changes, compare, text_of
from articles.models import Article, Tag, Unsaved, unsaved_preview_address

PAGE = re.compile(r"[0-9a-f]{32}")
PICTURE = re.compile(r"article_images(?:-\d)?-\d+-(?:caption|credit|alt)")
NOT_TYPED = frozenset({"csrfmiddlewaretoken", "_page"})


@dataclass(frozen=True)
class Offer:
    """Words that can be restored: the fields in which they differ from what is saved, with the pieces."""

    unsaved: Unsaved
    changes: list[tuple[str, list[Piece]]]


def typed_of(unsaved: Unsaved) -> QueryDict:
    """The words as a form would send them."""
    typed = QueryDict(mutable=True)
    for name, texts in unsaved.values.items():
        typed.setlist(name, texts)
    return typed


class UnsavedDesk:
    """Adds the keeping, offering, restoring and throwing away to the desk of articles."""

    def get_urls(self) -> list:
        """Addresses of the page's script, and of the two buttons."""
        view = self.admin_site.admin_view
        return [
            path("unsaved/", view(self.unsaved_view), {"pk": None}, name="articles_article_unsaved_new"),
            path("<int:pk>/unsaved/", view(self.unsaved_view), name="articles_article_unsaved"),
            path("unsaved/discard/", view(self.discard_view), {"pk": None}, name="articles_article_discard_new"),
            path("<int:pk>/unsaved/discard/", view(self.discard_view), name="articles_article_discard"),
            *super().get_urls(),
        ]

    @method_decorator(never_cache)
    @method_decorator(require_http_methods(["GET", "POST"]))
    def unsaved_view(self, request: HttpRequest, pk: int | None) -> JsonResponse:
        """POST: keep what the form says. GET: a fresh token, for a page that outlived a sign-in."""
        if pk is None and not self.has_add_permission(request):
            raise PermissionDenied
        if pk is not None:
            self.article_for(request, pk, change=True)
        if request.method == "GET":
            return JsonResponse({"token": get_token(request)})
        page = request.POST.get("_page", "")
        if not PAGE.fullmatch(page):
            raise Http404
        values = {name: texts for name, texts in request.POST.lists() if name not in NOT_TYPED}
        try:
            curation.keep_unsaved(request.user, pk, page, values)
        except curation.Refused as refused:
            return JsonResponse({"refused": str(refused)}, status=409)
        return JsonResponse({"preview": unsaved_preview_address(page)})

    @method_decorator(require_POST)
    def discard_view(self, request: HttpRequest, pk: int | None) -> HttpResponse:
        """Throw away what was typed on a page."""
        if curation.discard_unsaved(request.user, [request.POST.get("discard", "")]):
            messages.success(request, _("Thrown away: the article is as it was saved."))
        address = reverse("admin:articles_article_change", args=[pk]) if pk else reverse("admin:articles_article_add")
        return HttpResponseRedirect(address)

    def restored(self, request: HttpRequest, article: Article | None) -> Unsaved | None:
        """What this request asks to be put back into the form."""
        page = request.GET.get("restore", "")
        if request.method != "GET" or not PAGE.fullmatch(page):
            return None
        return Unsaved.objects.filter(page=page, user=request.user, article=article and article.pk).first()

    def get_formset_kwargs(self, request: HttpRequest, obj, inline, prefix: str) -> dict:
        """The rows of pictures as they were typed, when they are restored."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        restored = getattr(request, "restored", None)
        if restored and f"{prefix}-TOTAL_FORMS" in restored.values:
            kwargs["data"] = typed_of(restored)
        return kwargs

    def about_unsaved(self, request: HttpRequest, article: Article | None, form) -> dict:
        """What the page needs: its name, where its script sends to, what is offered. A query, and more for offers."""
        restored = getattr(request, "restored", None)
        pk = article.pk if article else None
        page = restored.page if restored else request.POST.get("_page", "")
        page = page if PAGE.fullmatch(page) else secrets.token_hex(16)
        rows = curation.unsaved_of(request.user, pk) if request.method == "GET" and not restored else []
        offers = [Offer(row, changes) for row in rows if (changes := _differences(form, row))]
        name, args = ("unsaved", [pk]) if pk else ("unsaved_new", [])
        return {
            "page": page,
            "restored": restored,
            "offers": offers,
            "unsaved_address": reverse(f"admin:articles_article_{name}", args=args),
            "discard_address": reverse(f"admin:articles_article_{name.replace('unsaved', 'discard')}", args=args),
        }

    def forget_unsaved(self, request: HttpRequest) -> None:
        """It is saved now."""
        curation.discard_unsaved(request.user, [request.POST.get("_page", "")])


def _differences(form, unsaved: Unsaved) -> list[tuple[str, list[Piece]]]:
    """Fields whose typed words differ from those of an untouched form."""
    typed = typed_of(unsaved)
    found = []
    for bound in form:
        if bound.name == "version" or not any(name.startswith(bound.html_name) for name in typed):
            continue
        before = bound.initial
        after = bound.field.widget.value_from_datadict(typed, {}, bound.html_name)
        if bound.field.has_changed(before, after):
            pieces = around_changes(compare(*(_told(bound.name, value) for value in (before, after))))
            found.append((str(bound.label), pieces or compare(str(before or ""), str(after or ""))))
    words = [typed[name] for name in typed if PICTURE.fullmatch(name) and typed[name].strip()]
    known = form.instance.article_images.values_list("caption", "credit", "image__alt") if form.instance.pk else []
    present = {" ".join(text.split()) for row in known for text in row}
    new = [text for text in words if " ".join(text.split()) not in present]
    return found + ([(_("pictures"), [Piece("new", "\n".join(new))])] if new else [])


def _told(name: str, value) -> str:
    """A value of a field for people."""
    if value is None:
        return ""
    if name == "body":
        return text_of(str(value))
    if name == "topics":
        return ", ".join(
            Tag.objects.filter(pk__in=[one for one in value if is_number(str(one))]).values_list("name", flat=True)
        )
    if isinstance(value, (list, tuple)):
        return " ".join(str(part) for part in value if part)
    return str(value).replace("\r\n", "\n")
