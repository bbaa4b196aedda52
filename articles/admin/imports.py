"""The desk for imports: what came in, how each file ended, and the bytes as they came."""

import zlib

from csp.constants import NONE
from csp.decorators import csp
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.admin.desk import Record, change_link, is_number
from articles.admin.steering import STEER, FileDesk, RunDesk
from articles.importing import BAD
from articles.importing.deciding import path_hash
from articles.models import ImportFile, ImportRun, Original, Result

RUNS_OFFERED = 20
TEXT_SHOWN = 1_000_000  # bytes of an original that the browser is given
SHA256_LENGTH = 64


class RunFilter(admin.SimpleListFilter):
    """By run; the latest are offered, and the one that is chosen."""

    title = _("run")
    parameter_name = "run"

    def lookups(self, request, model_admin):
        """Numbers, newest first."""
        latest = list(ImportRun.objects.order_by("-id").values_list("pk", flat=True)[:RUNS_OFFERED])
        chosen = request.GET.get(self.parameter_name, "")
        if is_number(chosen) and int(chosen) not in latest:
            latest.append(int(chosen))
        return [(str(pk), f"#{pk}") for pk in latest]

    def queryset(self, request, queryset):
        """Files of that run."""
        return queryset.filter(run=self.value()) if is_number(self.value() or "") else queryset


class WithinRunFilter(admin.SimpleListFilter):
    """Offered within one run, where an index answers it."""

    def has_run(self, request) -> bool:
        """Whether a run is chosen."""
        return is_number(request.GET.get(RunFilter.parameter_name, ""))

    def queryset(self, request, queryset):
        """Files whose field has that value."""
        if not self.value() or not self.has_run(request):
            return queryset
        return queryset.filter(**{self.parameter_name: self.value()})


class ResultFilter(WithinRunFilter):
    """By how a file ended."""

    title = _("result")
    parameter_name = "result"

    def lookups(self, request, model_admin):
        """All ends."""
        return Result.choices if self.has_run(request) else []


class CauseFilter(WithinRunFilter):
    """By the cause of a refusal or failure."""

    title = _("cause")
    parameter_name = "code"

    def lookups(self, request, model_admin):
        """The causes of this run; read from an index alone."""
        if not self.has_run(request):
            return []
        bad = ImportFile.objects.filter(run=request.GET["run"], result__in=[Result.REFUSED, Result.FAILED])
        return [(code, code) for code in bad.order_by("code").values_list("code", flat=True).distinct() if code]


@admin.register(ImportRun)
class ImportRunAdmin(RunDesk, Record):
    """Runs, newest first; a run's page says what happened and what a person can do about it."""

    list_display = ("__str__", "standing", "in_short", "started_at", "finished_at", "started_by")
    list_filter = ("state", "dry_run")
    list_select_related = ("started_by",)

    @admin.display(description=_("state"))
    def standing(self, run: ImportRun) -> str:
        """The state, and whether it was a dry run."""
        state = run.get_state_display()
        return format_html('{} <span class="note">{}</span>', state, _("dry run")) if run.dry_run else state

    @admin.display(description=_("files"))
    def in_short(self, run: ImportRun) -> str:
        """The counts that are not nought."""
        return ", ".join(f"{name} {number:,}" for name, number in run.counts.items() if number) or "–"


@admin.register(ImportFile)
class ImportFileAdmin(FileDesk, Record):
    """Files of runs; narrowed to a run first, then to a result and a cause."""

    list_display = ("path", "result", "code", "reason", "article_link", "run_link")
    list_filter = (RunFilter, ResultFilter, CauseFilter)
    ordering = ("-id",)
    fields = (
        *("path", "location", "run_link", "result", "code", "reason", "mended_link", "deeds"),
        *("sha256", "article_link", "original_link"),
    )

    def get_fields(self, request, obj=None):
        """What to do is told to those who may do it."""
        fields = super().get_fields(request, obj)
        return fields if request.user.has_perm(STEER) else [name for name in fields if name != "deeds"]

    @admin.display(description=_("mended in"))
    def mended_link(self, file: ImportFile) -> str:
        """The later run in which it ended well."""
        return change_link("importrun", file.mended_in_id)

    @admin.display(description=_("what to do"))
    def deeds(self, file: ImportFile) -> str:
        """Retry it, or bring a corrected file; for those that ended badly, in a run that was none to try."""
        if file.result not in BAD or file.mended_in_id or file.run.dry_run:
            return "–"
        retry = reverse("admin:articles_importfile_retry", args=[file.pk])
        correct = reverse("admin:articles_importfile_correct", args=[file.pk])
        return format_html(
            '<button type="submit" class="button" formaction="{}">{}</button> <a class="button" href="{}">{}</a>',
            *(retry, _("Retry this file"), correct, _("Upload a corrected file")),
        )

    @admin.display(description=_("article"))
    def article_link(self, file: ImportFile) -> str:
        """Its number, without a look at the article."""
        return change_link("article", file.article_id)

    @admin.display(description=_("run"))
    def run_link(self, file: ImportFile) -> str:
        """The run's page."""
        return change_link("importrun", file.run_id)

    @admin.display(description=_("original"))
    def original_link(self, file: ImportFile) -> str:
        """The bytes, when they were kept; one query."""
        kept = Original.objects.filter(sha256=file.sha256, path_sha256=path_hash(file.path)).only("path").first()
        return change_link("original", kept and kept.pk, kept)


@admin.register(Original)
class OriginalAdmin(Record):
    """The bytes as they came. Lists never read them."""

    list_display = ("path", "article_link", "size", "imported_at", "newest", "waiting")
    search_fields = ("path_sha256__exact",)
    search_help_text = _("A path or a SHA-256, in full, or a number.")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("path", "text_link", "article_link", ("newest", "waiting"))}),
        (_("Bytes"), {"fields": (("size", "text_length", "fullness"), "sha256", "run_link")}),
        (
            _("When"),
            {"fields": (("imported_at", "archived_at"), ("published_at", "published_precision", "published_from"))},
        ),
        (_("Rules"), {"fields": ("rules_version",)}),
    )

    def get_queryset(self, request):
        """Without the bytes."""
        return super().get_queryset(request).defer("bytes")

    def find(self, queryset, term):
        """A path or a hash; both by an index."""
        if len(term) == SHA256_LENGTH and set(term.lower()) <= set("0123456789abcdef"):
            return queryset.filter(sha256=term.lower())
        return queryset.filter(path_sha256=path_hash(term))

    def get_urls(self):
        """The text has an address of its own."""
        text = self.admin_site.admin_view(self.text_view)
        return [path("<int:pk>/text/", text, name="articles_original_text"), *super().get_urls()]

    @method_decorator(csp({"default-src": [NONE], "sandbox": True}))
    def text_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The first TEXT_SHOWN bytes as plain text, in a sandbox: whatever they say, a browser only shows them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        original = Original.objects.filter(pk=pk).only("bytes", "size").first()
        if original is None:
            raise Http404(_("No such original."))
        response = HttpResponse(_text_of(original), content_type="text/plain; charset=utf-8")
        response["X-Content-Type-Options"] = "nosniff"
        return response

    @admin.display(description=_("text"))
    def text_link(self, original: Original) -> str:
        """To the plain text."""
        address = reverse("admin:articles_original_text", args=[original.pk])
        return format_html('<a href="{}">{}</a>', address, _("show the text as it came"))

    @admin.display(description=_("article"))
    def article_link(self, original: Original) -> str:
        """Its number, without a look at the article."""
        return change_link("article", original.article_id)

    @admin.display(description=_("run"))
    def run_link(self, original: Original) -> str:
        """The run's page."""
        return change_link("importrun", original.run_id)


def _text_of(original: Original) -> str:
    """The bytes, unpacked no further than will be shown, as text; what is no UTF-8 is replaced."""
    if not original.bytes:
        return ""
    decompressor = zlib.decompressobj()
    try:
        shown = decompressor.decompress(original.bytes, TEXT_SHOWN).decode("utf-8", "replace")
    except zlib.error:
        return gettext("These bytes cannot be unpacked: import the file again.")
    if decompressor.eof:
        return shown
    return f"{shown}\n\n… {gettext('The rest of %(size)s bytes is not shown.') % {'size': original.size}}"
