"""The desk for bulk jobs: choose articles and a deed, see what would happen, let it happen, follow it, undo it."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles import curation, tasks
from articles.admin.desk import Record, change_link, is_number, tell_unless
from articles.admin.filters import HOMES, LIST, TRIAGE, bare
from articles.curation import bulk, filters
from articles.curation.bulk_deeds import BULK_DEEDS, NOTED, deed_of
from articles.curation.checks import CHECKS
from articles.models import Article, BulkItem, BulkJob, Source

QUIET = datetime.timedelta(minutes=2)  # without a sign of life; then nobody is working on the job
CAUSES = {
    "state": gettext_lazy("There is no such move from this state."),
    "right": gettext_lazy("In this state it is not yours to change."),
}


def cause(code: str) -> str:
    """A cause in words."""
    return str(CAUSES.get(code) or (CHECKS[code].message if code in CHECKS else code))


class BulkDesk:
    """Adds ticks and deeds to the desk of articles."""

    def get_urls(self) -> list:
        """Where the ticked rows are sent."""
        view = self.admin_site.admin_view(self.bulk_view)
        return [path("bulk/", view, name="articles_article_bulk"), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict:
        """One, so that rows can be ticked by those who may do deeds; its form is sent to `bulk_view`."""
        if not request.user.has_perm(bulk.RIGHT) or IS_POPUP_VAR in request.GET:
            return {}
        return {"bulk": (lambda _desk, asked, _rows: self.bulk_view(asked), "bulk", _("Do something with them"))}

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """With the deeds."""
        return super().changelist_view(request, (extra_context or {}) | {"bulk_deeds": BULK_DEEDS.values()})

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for what the deed needs; then fix the articles, count, and show what would happen."""
        desk = TRIAGE if request.POST.get("desk") == TRIAGE else LIST
        home = HttpResponseRedirect(f"{reverse(HOMES[desk])}?{request.GET.urlencode()}")
        if request.method != "POST":
            return home
        if not request.user.has_perm(bulk.RIGHT):
            raise PermissionDenied
        deed, words = BULK_DEEDS.get(request.POST.get("deed", "")), request.POST.get("given", "")
        try:
            if deed is None:
                raise curation.Refused(_("Choose what to do with them."))
            articles, query = self._chosen(request, desk)
            if deed.asks and not words.strip():
                return self._ask(request, deed, articles, desk)
            job = bulk.choose(articles, deed.name, request.user, words, query)
        except curation.Refused as refused:
            messages.warning(request, str(refused))
            return home
        tell_unless(tasks.go_on_with_bulk_job(job), request)
        return HttpResponseRedirect(reverse("admin:articles_bulkjob_change", args=[job.pk]))

    def _chosen(self, request: HttpRequest, desk: str) -> tuple[QuerySet[Article], str]:
        """The articles, and the address of the list when it is all of it. Raises Refused."""
        if request.POST.get("select_across") != "1":
            given = request.POST.getlist(ACTION_CHECKBOX_NAME)
            numbers = [int(one) for one in given if one.isascii() and is_number(one)]
            if not numbers:
                raise curation.Refused(_("Tick the articles first, or “all of this list”."))
            return Article.objects.filter(pk__in=numbers), ""
        if desk == TRIAGE:
            wanted = filters.Wanted.read(request.GET)
            return curation.inbox_for(request.user, wanted), f"{reverse(HOMES[desk])}?{wanted.query or 'all=1'}"
        try:
            articles = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            raise curation.Refused(_("This list cannot be narrowed so.")) from None
        return articles, f"{reverse(HOMES[desk])}?{bare(request.GET)}"

    def _ask(self, request: HttpRequest, deed, articles: QuerySet[Article], desk: str) -> HttpResponse:
        """For a tag, a source or a day."""
        across = request.POST.get("select_across") == "1"
        context = {
            **self.admin_site.each_context(request),
            "title": deed.label,
            "opts": self.opts,
            "deed": deed,
            "desk": desk,
            "across": across,
            "query": request.GET.urlencode(),
            "numbers": [] if across else list(articles.values_list("pk", flat=True)),
            "sources": Source.objects.order_by("name") if deed.asks == "source" else [],
            "home": f"{reverse(HOMES[desk])}?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "admin/articles/bulk_ask.html", context)


@admin.register(BulkJob)
class BulkJobAdmin(Record):
    """Jobs, latest first; a job's page is its preview, its progress and its report."""

    list_display = ("what", "total", "state", "made_by", "made_at")
    list_filter = ("state",)
    list_select_related = ("made_by",)
    fields = ("state",)
    ordering = ("-id",)
    change_form_template = "admin/articles/bulkjob/change_form.html"

    def get_urls(self) -> list:
        """The deeds of a job's page."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/progress/", view(self.progress_view), name="articles_bulkjob_progress"),
            path("<int:pk>/<str:step>/do/", view(self.step_view), name="articles_bulkjob_step"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("what"))
    def what(self, job: BulkJob) -> str:
        """The deed in words."""
        return deed_of(job).told(job.given)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page; about six queries, whatever the size of the job."""
        job = self.get_object(request, object_id)
        shown = self._page(request, job) if job else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    def _page(self, request: HttpRequest, job: BulkJob) -> dict:
        groups = bulk.groups_of(job)
        numbers = {group.result: 0 for group in groups}
        for group in groups:
            numbers[group.result] += group.number
        result = BulkItem.Result.READY if job.state == BulkJob.State.READY else BulkItem.Result.CHANGED
        address = f"{reverse('admin:articles_bulkitem_changelist')}?job={job.pk}"
        return {
            "title": self.what(job),
            "subtitle": None,
            "job": job,
            "groups": [
                (group, cause(group.code), f"{address}&result={group.result}&code={group.code}") for group in groups
            ],
            "ready": numbers.get(BulkItem.Result.READY, 0),
            "changed": numbers.get(BulkItem.Result.CHANGED, 0),
            "done": _done(job, numbers),
            "examples": bulk.examples_of(job, result) if numbers.get(result) else [],
            "hints": [(cause(code), number) for code, number in sorted(job.hints.items()) if code != NOTED],
            "needs_note": bool(job.hints.get(NOTED)),
            "is_mine": bulk.is_mine(request.user, job),
            "is_stalled": job.is_active and job.heartbeat_at < timezone.now() - QUIET,
            "refreshes": job.is_active and settings.HAS_BROKER,
        }

    @method_decorator(require_POST)
    def step_view(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        """Confirm, stop, go on, undo: one of the buttons."""
        job = self._mine(request, pk)
        if step not in bulk.STEPS:
            raise Http404
        try:
            if step == "confirm":
                bulk.confirm(job, request.user, request.POST.get("note", ""))
            else:
                bulk.STEPS[step](job, request.user)
        except curation.Refused as refused:
            messages.error(request, str(refused))
        else:
            job.refresh_from_db()
            if job.is_active:
                tell_unless(tasks.go_on_with_bulk_job(job), request)
        return HttpResponseRedirect(reverse("admin:articles_bulkjob_change", args=[pk]))

    @method_decorator(require_POST)
    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where a job stands; without a worker, or when it has fallen silent, this request does some of the work."""
        job = self._mine(request, pk)
        if job.is_active and (not settings.HAS_BROKER or job.heartbeat_at < timezone.now() - QUIET):
            tasks.go_on_with_bulk_job(job)
            job.refresh_from_db()
        if "application/json" not in request.headers.get("Accept", ""):
            return HttpResponseRedirect(reverse("admin:articles_bulkjob_change", args=[pk]))
        numbers = {}
        for group in bulk.groups_of(job):
            numbers[group.result] = numbers.get(group.result, 0) + group.number
        return JsonResponse({"active": job.is_active, "done": _done(job, numbers), "total": job.total})

    def _mine(self, request: HttpRequest, pk: int) -> BulkJob:
        job = get_object_or_404(BulkJob, pk=pk)
        if not (self.has_view_permission(request, job) and bulk.is_mine(request.user, job)):
            raise PermissionDenied
        return job


def _done(job: BulkJob, numbers: dict[str, int]) -> int:
    """Of the work in hand, how many articles are through."""
    waiting = {"counting": "", "running": BulkItem.Result.READY, "undoing": BulkItem.Result.CHANGED}
    return job.total - numbers.get(waiting[job.state], 0) if job.state in waiting else job.total


class JobFilter(admin.SimpleListFilter):
    """By the number of the job, as its page links it."""

    title = gettext_lazy("job")
    parameter_name = "job"

    def lookups(self, request, model_admin):
        """The one that is chosen, to be seen and taken off."""
        chosen = request.GET.get(self.parameter_name, "")
        return [(chosen, f"#{chosen}")] if is_number(chosen) else []

    def queryset(self, request, queryset):
        """Its articles."""
        value = self.value() or ""
        return queryset.filter(job=value) if is_number(value) else queryset


class CodeFilter(admin.SimpleListFilter):
    """By cause, as a job's page links it."""

    title = gettext_lazy("cause")
    parameter_name = "code"

    def lookups(self, request, model_admin):
        """The one that is chosen; nothing is offered by itself."""
        chosen = request.GET.get(self.parameter_name, "")
        return [(chosen, cause(chosen))] if chosen else []

    def queryset(self, request, queryset):
        """Articles with that cause."""
        return queryset.filter(code=self.value()) if self.value() else queryset


class ResultFilter(admin.SimpleListFilter):
    """By what became of the article."""

    title = gettext_lazy("result")
    parameter_name = "result"

    def lookups(self, request, model_admin):
        """All."""
        return BulkItem.Result.choices

    def queryset(self, request, queryset):
        """Articles with that result."""
        return queryset.filter(result=self.value()) if self.value() else queryset


@admin.register(BulkItem)
class BulkItemAdmin(Record):
    """Articles of jobs, reached from a job's page."""

    list_display = ("__str__", "article_link", "result", "why", "origin")
    list_filter = (JobFilter, ResultFilter, CodeFilter)
    fields = ("job_link", "article_link", "result", "why", "origin", "seen_at")
    ordering = ("job", "result", "code", "id")  # as the index has them

    def get_queryset(self, request):
        """With the article's title, not its body."""
        heavy = [f"article__{name}" for name in (*Article.HEAVY_FIELDS, *Article.LATE_FIELDS)]
        return super().get_queryset(request).select_related("article").defer("before", *heavy)

    def has_module_permission(self, request) -> bool:
        """Not on the front page: it is a part of jobs."""
        return False

    @admin.display(description=gettext_lazy("article"))
    def article_link(self, item: BulkItem) -> str:
        """Leads to it."""
        return change_link("article", item.article_id, item.article)

    @admin.display(description=gettext_lazy("job"))
    def job_link(self, item: BulkItem) -> str:
        """Leads to it."""
        return change_link("bulkjob", item.job_id)

    @admin.display(description=gettext_lazy("cause"))
    def why(self, item: BulkItem) -> str:
        """In words."""
        return cause(item.code) if item.code else "–"
