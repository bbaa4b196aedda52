"""The desk for the front page: its shapes, one shaped and seen before readers see it, an earlier one restored."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles.admin.desk import Record, is_number
from articles.admin.shaping import done, plan_typed, typed_time
from articles.curation import front
from articles.models import Article, FrontPage, Plan, Source, Tag, front_preview_address, plan_of
from articles.models.front import MOST_IN_A_SECTION, Kind, Layout, Part, moment_of

SHAPES_SHOWN = 8
TOPICS_OFFERED = 200
NAMES = {
    "latest": gettext_lazy("Latest"),
    "on_this_day": gettext_lazy("On this day in earlier years"),
    "by_source": gettext_lazy("By source"),
}


@admin.register(FrontPage)
class FrontPageAdmin(Record):
    """Every shape that readers have seen, the latest first; the next one is made on a page of its own."""

    list_display = ("went_live_at", "changed_by", "note", "restored")
    list_select_related = ("changed_by", "restored")
    fields = ("went_live_at", "changed_by", "note", "restored", "contents", "deeds")
    ordering = ("-went_live_at", "-id")

    def get_queryset(self, request):
        """The list reads no plan."""
        shapes = super().get_queryset(request).filter(is_draft=False).select_related("changed_by", "restored")
        match = request.resolver_match
        return shapes if match and match.url_name == "articles_frontpage_change" else shapes.defer("plan")

    def get_urls(self) -> list:
        """The page that shapes, and what brings shapes back."""
        view = self.admin_site.admin_view
        return [
            path("shape/", view(self.shape_view), name="articles_frontpage_shape"),
            path("undo/", view(self.undo_view), name="articles_frontpage_undo"),
            path("<int:pk>/restore/", view(self.restore_view), name="articles_frontpage_restore"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("shape"))
    def contents(self, shape: FrontPage) -> str:
        """What it pins, adds and switches off, in words; two queries."""
        return render_to_string("admin/articles/frontpage/_contents.html", told(plan_of(shape.plan)))

    @admin.display(description=gettext_lazy("what can be done"))
    def deeds(self, shape: FrontPage) -> str:
        """A look at it, and a button of the page's own form."""
        look, back = (
            front_preview_address(shape.pk, shape.saves),
            reverse("admin:articles_frontpage_restore", args=[shape.pk]),
        )
        return format_html(
            '<a href="{}">{}</a> <button type="submit" class="button" formaction="{}">{}</button>',
            look,
            _("Look at it"),
            back,
            _("Show it to readers again"),
        )

    @method_decorator(require_POST)
    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show an earlier shape again."""
        return self._back(request, get_object_or_404(FrontPage, pk=pk, is_draft=False))

    @method_decorator(require_POST)
    def undo_view(self, request: HttpRequest) -> HttpResponse:
        """Show the shape before the one that readers see."""
        live = front.live_front()
        return self._back(request, live and front.shape_before(live))

    def _back(self, request: HttpRequest, shape: FrontPage | None) -> HttpResponse:
        if not front.may_shape(request.user):
            raise PermissionDenied
        if shape is None:
            messages.warning(request, _("There is no shape before: the front page edits itself."))
        else:
            made = front.restore_front(shape, request.user)
            self.log_change(request, made, _("Restored an earlier shape."))
            messages.success(request, _("Readers see the earlier shape again."))
        return HttpResponseRedirect(reverse("admin:articles_frontpage_shape"))

    def shape_view(self, request: HttpRequest) -> HttpResponse:
        """The draft (or, without one, the live shape) to be changed; every button saves the draft first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        draft = front.draft_of_front()
        if request.method == "POST":
            if not front.may_shape(request.user):
                raise PermissionDenied
            plan, complaints = plan_typed(request.POST)
            try:
                return self._do(request, plan, complaints)
            except front.Overtaken as overtaken:
                draft = overtaken.draft
                told_so = _("What you typed is below; saving again puts it in place of theirs.")
                messages.error(request, f"{overtaken} {told_so}")
            except front.Refused as refused:
                messages.error(request, str(refused))
            return self._shaping(request, plan, draft)
        live = front.live_front()
        plan = plan_of((draft or live).plan) if draft or live else Plan()
        return self._shaping(request, plan, draft)

    def _do(self, request: HttpRequest, plan: Plan, complaints: list[str]) -> HttpResponse:
        """What the button says; raises Refused."""
        posted = request.POST
        deed = posted.get("deed", "")
        if deed == "drop":
            front.drop_draft(request.user)
            messages.success(request, _("The draft is thrown away."))
            return HttpResponseRedirect(reverse("admin:articles_frontpage_shape"))
        plan = done(plan, deed)
        if posted.get("new", "").strip():
            plan = _with_section(plan, front.section_named(posted.get("new-kind", ""), posted["new"]))
        draft = front.save_draft(plan, int(posted["seen"]) if is_number(posted.get("seen", "")) else None, request.user)
        for complaint in complaints:
            messages.warning(request, complaint)
        if deed == "preview" and not complaints:
            return HttpResponseRedirect(front_preview_address(draft.pk, draft.saves))
        if deed == "live" and not complaints:
            front.go_live(draft, request.user, posted.get("note", ""))
            self.log_change(request, draft, _("Put live."))
            messages.success(request, _("Readers see this shape now."))
        elif deed == "save" and not complaints:
            messages.success(request, _("The draft is saved; readers still see the shape before."))
        words = posted.get("q", "").strip()
        place = f"?{urlencode({'q': words})}#find" if words and deed == "find" else _place_of(deed)
        return HttpResponseRedirect(reverse("admin:articles_frontpage_shape") + place)

    def _shaping(self, request: HttpRequest, plan: Plan, draft: FrontPage | None) -> HttpResponse:
        words = request.GET.get("q", "")
        shapes = FrontPage.objects.filter(is_draft=False).select_related("changed_by").defer("plan")
        context = {
            **self.admin_site.each_context(request),
            **told(plan),
            "title": _("Shape the front page"),
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "draft": draft,
            "may_shape": front.may_shape(request.user),
            "layouts": Layout.choices,
            "kinds": [choice for choice in Kind.choices if choice[0] != Kind.AUTOMATIC],
            "most": MOST_IN_A_SECTION,
            "words": words,
            "found": front.candidates(words) if words else [],
            "shapes": shapes[:SHAPES_SHOWN],
            "sources": Source.objects.values_list("name", flat=True),
            "topics_offered": Tag.objects.annotate(n=Count("uses"))
            .order_by("-n")
            .values_list("name", flat=True)[:TOPICS_OFFERED],
            "note": request.POST.get("note", ""),
            "new": request.POST.get("new", ""),
            "new_kind": request.POST.get("new-kind", Kind.TOPIC),
        }
        return TemplateResponse(request, "admin/articles/frontpage/shape.html", context)


def _with_section(plan: Plan, part: Part) -> Plan:
    """The new section stands first of those below the top, where it is seen at once."""
    return Plan(plan.lead, plan.seconds, (part, *plan.parts), plan.topics, plan.breaking)


def _place_of(deed: str) -> str:
    """The part of the page that a button belongs to, so that it is in view again."""
    if "second" in deed or "lead" in deed:
        return "#top-stories"
    if "part" in deed or deed == "add":
        return "#parts"
    return ""


def told(plan: Plan) -> dict:
    """A plan for a template: its articles, its sections' names, and what will be left out; two queries."""
    pins = [pin for pin in (plan.lead, *plan.seconds) if pin]
    numbers = {pin.article for pin in pins} | ({plan.breaking.article} if plan.breaking else set())
    rows = {row.pk: row for row in Article.objects.published().for_lists().filter(pk__in=numbers - {None})}
    sources = {str(pk): name for pk, name in Source.objects.values_list("pk", "name")}
    line = plan.breaking
    now = timezone.now()

    def pin_told(pin):
        ended = bool(pin.until) and moment_of(pin.until) <= now
        return {"number": pin.article, "article": rows.get(pin.article), "until": typed_time(pin.until), "ended": ended}

    return {
        "lead": pin_told(plan.lead) if plan.lead else None,
        "seconds": [pin_told(pin) for pin in plan.seconds],
        "parts": [
            {
                "part": part,
                "automatic": part.kind == Kind.AUTOMATIC,
                "kind": Kind(part.kind).label,
                "name": _name_of(part, sources),
            }
            for part in plan.parts
        ],
        "topics": plan.topics,
        "line": line
        and {
            "text": line.text,
            "number": line.article,
            "article": rows.get(line.article),
            "begins": typed_time(line.begins),
            "ends": typed_time(line.ends),
            "ended": bool(line.ends) and moment_of(line.ends) <= now,
        },
    }


def _name_of(part: Part, sources: dict[str, str]) -> str:
    if part.kind == Kind.AUTOMATIC:
        return NAMES.get(part.name, part.name)
    return sources.get(part.name, part.name) if part.kind == Kind.SOURCE else part.name
