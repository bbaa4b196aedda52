"""The counter for imports: upload, try, import, watch, pause, retry, undo. Everything is done by services and tasks."""

from __future__ import annotations

import os
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from articles import importing, tasks
from articles.admin.causes import cause_of
from articles.admin.pace import pace_of
from articles.admin.uploads import PUBLISH, CorrectedForm, UploadForm
from articles.models import ImportFile, ImportRun, Remainder, Result, record

State, Wish = ImportRun.State, ImportRun.Wish
STEER = "articles.steer_importrun"
SHOWN_AT_MOST = 200  # articles that stayed, on one page
RETRIED_AT_MOST = 10_000  # ticked files
COUNTED_AT_ONCE = 1000  # articles of a run whose undo is asked for; all of them when that is wanted
RESULTS = (*Result.choices, ("", gettext_lazy("waiting")))


class RunDesk:
    """Adds the pages and deeds to the desk of runs."""

    def get_urls(self) -> list:
        """Upload, and what belongs to one run."""
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload_view), name="articles_importrun_upload"),
            path("<int:pk>/progress/", view(self.progress_view), name="articles_importrun_progress"),
            path("<int:pk>/steer/", view(self.steer_view), name="articles_importrun_steer"),
            path("<int:pk>/undo/", view(self.undo_view), name="articles_importrun_undo"),
            *super().get_urls(),
        ]

    # --- One run ---

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        """A run's page; nothing of it can be changed."""
        if request.method != "GET" or not self.has_view_permission(request):
            raise PermissionDenied
        importing.mark_interrupted()
        run = self.get_object(request, object_id)
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        bad = importing.bad_files(run).count()
        may = request.user.has_perm(STEER)
        context = (
            self._context(request, _("Import %s") % run.pk)
            | _standing(run)
            | {
                "causes": _causes(run),
                "given": _given(run),
                "bad": bad,
                "deeds": _deeds(run, bad) if may else [],
                "may_undo": may and _may_undo(run),
                "may_upload": may,
                "remainders": _remainders(run),
                "shown_at_most": SHOWN_AT_MOST,
                "mended": run.mended.count() if run.options.get("mends") else 0,
            }
        )
        return TemplateResponse(request, "admin/articles/importrun/run.html", context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the page that changes while a run goes on; its state in a header."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        importing.mark_interrupted()
        run = get_object_or_404(ImportRun, pk=pk)
        answer = TemplateResponse(request, "admin/articles/importrun/_progress.html", _standing(run))
        answer["X-State"] = _shown_state(run)
        answer["Cache-Control"] = "no-store"
        return answer

    @method_decorator(require_POST)
    def steer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Pause, go on, cancel, import what was tried, or retry what ended badly."""
        if not request.user.has_perm(STEER):
            raise PermissionDenied
        run = get_object_or_404(ImportRun, pk=pk)
        deed = request.POST.get("deed", "")
        importing.mark_interrupted()
        if deed in (Wish.PAUSE, Wish.CANCEL):
            if importing.ask(run, deed):
                record(deed, run, by=request.user)
            else:
                messages.warning(request, _("Too late: this import is %s.") % run.get_state_display())
        elif deed == "resume" and run.state in importing.OPEN:
            record("go_on", run, by=request.user)
            launch(request, run)
        elif deed == "real" and _can_be_imported(run):
            kept = {name: run.options.get(name) for name in ("paths", "source", "publish", "upload", "mends")}
            run = importing.plan_run({**kept, "tried": run.pk if run.dry_run else None}, request.user)
            launch(request, run)
        elif deed == "retry" and not run.dry_run:
            run = retry(request, run, None) or run
        else:
            messages.warning(request, _("That cannot be done: this import is %s.") % run.get_state_display())
        return HttpResponseRedirect(reverse("admin:articles_importrun_change", args=[run.pk]))

    # --- Upload, undo ---

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Take files, and try or import them."""
        if not request.user.has_perm(STEER):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                places, left_out = importing.keep_upload(form.cleaned_data["files"])
            except importing.Unacceptable as error:
                form.add_error("files", str(error))
            else:
                return self._begin(request, form, places, left_out)
        context = self._context(request, _("Import files")) | {"form": form, "dry_first": True}
        return TemplateResponse(request, "admin/articles/importrun/upload.html", context)

    def _begin(self, request: HttpRequest, form: UploadForm, places: list[str], left_out: list[str]) -> HttpResponse:
        options = {
            "paths": places,
            "upload": Path(places[0]).parent.name,
            "source": form.cleaned_data["source"],
            "publish": PUBLISH[form.cleaned_data["publish"]],
        }
        run = importing.plan_run(options, request.user, dry_run=request.POST.get("deed") != "real")
        if left_out:
            told = ngettext(
                "Left out, since it is no article: %s", "Left out, since they are no articles: %s", len(left_out)
            )
            messages.warning(request, told % ", ".join(left_out[:20]))
        launch(request, run)
        return HttpResponseRedirect(reverse("admin:articles_importrun_change", args=[run.pk]))

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what an undo would do, with the first articles of a large run unless all are asked for; then do it."""
        if not request.user.has_perm(STEER):
            raise PermissionDenied
        run = get_object_or_404(ImportRun, pk=pk)
        home = HttpResponseRedirect(reverse("admin:articles_importrun_change", args=[pk]))
        if request.method == "POST":
            try:
                tasks.undo_import(run, request.user)
            except importing.NotUndoable as refusal:
                messages.error(request, str(refusal))
            except tasks.BROKER_FAULTS as error:
                messages.error(request, _("The broker does not answer (%s): go on with the undo when it does.") % error)
            return home
        importing.mark_interrupted()
        run.refresh_from_db()
        if not _may_undo(run):
            messages.warning(request, _("There is nothing to undo: this import is %s.") % run.get_state_display())
            return home
        context = self._context(request, _("Undo an import"), run) | {
            "run": run,
            "preview": importing.preview_undo(run, 0 if "all" in request.GET else COUNTED_AT_ONCE),
            "counted": COUNTED_AT_ONCE,
        }
        return TemplateResponse(request, "admin/articles/importrun/undo.html", context)

    def _context(self, request: HttpRequest, title: str, run: ImportRun | None = None) -> dict:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(run) if run else None,
            "run": run,
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
        }


class FileDesk:
    """Adds retrying and correcting to the desk of files."""

    actions = ("retry_ticked",)

    def get_urls(self) -> list:
        """What belongs to one file."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/retry/", view(self.retry_view), name="articles_importfile_retry"),
            path("<int:pk>/correct/", view(self.correct_view), name="articles_importfile_correct"),
            *super().get_urls(),
        ]

    def get_actions(self, request) -> dict:
        """Only for those who may steer."""
        return super().get_actions(request) if request.user.has_perm(STEER) else {}

    def retry_ticked(self, request: HttpRequest, queryset) -> HttpResponse | None:
        """Retry the ticked files, of one run, that ended badly."""
        numbers = queryset.filter(result__in=importing.BAD).values_list("run_id", flat=True).order_by().distinct()
        runs = list(ImportRun.objects.filter(pk__in=numbers)[:2])
        if len(runs) != 1 or runs[0].dry_run:
            messages.warning(request, _("Tick files of one import (no dry run) that were refused or failed."))
            return None
        ticked = list(queryset.order_by("pk").values_list("pk", flat=True)[:RETRIED_AT_MOST])
        run = retry(request, runs[0], ticked)
        return run and HttpResponseRedirect(reverse("admin:articles_importrun_change", args=[run.pk]))

    retry_ticked.short_description = gettext_lazy("Retry the ticked files that were refused or failed")

    @method_decorator(require_POST)
    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Retry one file."""
        file = self._file_for(request, pk)
        run = retry(request, file.run, [file.pk])
        return HttpResponseRedirect(reverse("admin:articles_importrun_change", args=[(run or file.run).pk]))

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a corrected file in the place of a faulty one."""
        file = self._file_for(request, pk)
        options = file.run.options
        form = CorrectedForm(request.POST or None, request.FILES or None, initial={"source": options.get("source")})
        if request.method == "POST" and form.is_valid():
            try:
                folder = importing.keep_corrected(form.cleaned_data["file"], file.path)
            except importing.Unacceptable as error:
                form.add_error("file", str(error))
            else:
                facts = {"source": form.cleaned_data["source"], "publish": options.get("publish"), "mends": file.run_id}
                run = importing.plan_run({"paths": [folder], "upload": Path(folder).name, **facts}, request.user)
                launch(request, run)
                return HttpResponseRedirect(reverse("admin:articles_importrun_change", args=[run.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Upload a corrected file"),
            "opts": self.opts,
            "file": file,
            "form": form,
        }
        return TemplateResponse(request, "admin/articles/importrun/correct.html", context)

    def _file_for(self, request: HttpRequest, pk: int) -> ImportFile:
        if not request.user.has_perm(STEER):
            raise PermissionDenied
        file = get_object_or_404(ImportFile.objects.select_related("run"), pk=pk, result__in=importing.BAD)
        if file.run.dry_run:
            raise PermissionDenied
        return file


def launch(request: HttpRequest, run: ImportRun) -> None:
    """Have a run carried on in the background, and say so if nobody can."""
    try:
        tasks.launch_import(run)
    except tasks.BROKER_FAULTS as error:
        messages.error(request, _("It could not begin (%s): the import waits; start it from its page.") % error)


def retry(request: HttpRequest, run: ImportRun, only: list[int] | None) -> ImportRun | None:
    """Begin a run of what ended badly in another, or say that there is nothing."""
    files = importing.bad_files(run)
    number = (files if only is None else files.filter(pk__in=only)).count()
    if not number:
        messages.warning(request, _("No file waits for a retry: all are mended, or nobody knows where they lay."))
        return None
    options = {"retry": run.pk, "mends": run.pk, "files": only, "paths": []}
    kept = {name: run.options.get(name) for name in ("source", "publish", "upload", "images", "no_images")}
    again = importing.plan_run({**kept, **options}, request.user)
    told = ngettext(
        "%(number)s file of import %(run)s is tried again.",
        "%(number)s files of import %(run)s are tried again.",
        number,
    )
    messages.success(request, told % {"number": number, "run": run.pk})
    launch(request, again)
    return again


def _shown_state(run: ImportRun) -> str:
    return f"{run.state} {run.wish}".strip()


def _standing(run: ImportRun) -> dict:
    """How far a run is; one query."""
    counts = importing.counts_of(run)
    done = sum(counts[result] for result in Result.values)
    rows = [
        {"result": value, "label": label, "number": counts[value or "waiting"]}
        for value, label in RESULTS
        if counts.get(value or "waiting")
    ]
    total = run.total or (done + counts.get("waiting", 0) if run.state not in (State.WAITING, State.RUNNING) else None)
    return {
        "run": run,
        "shown_state": _shown_state(run),
        "is_live": run.state in (State.WAITING, State.RUNNING, State.UNDOING),
        "is_stalled": run.state == State.UNDOING and not importing.lives(run),
        "done": done,
        "total": total,
        "percent": 100 * done // total if total else 0,
        "pace": pace_of(run, done, total),
        "rows": rows,
        "images_wanted": run.counts.get("images_wanted", 0),
    }


def _causes(run: ImportRun) -> list[dict]:
    """Each cause with its number, an example, and whether it has been mended; two queries."""
    bad = ImportFile.objects.filter(run=run, result__in=importing.BAD)
    groups = bad.order_by("result", "code").values("result", "code")
    groups = list(groups.annotate(number=Count("pk"), mended=Count("mended_in"), example=Min("pk")))
    examples = ImportFile.objects.in_bulk([group["example"] for group in groups])
    return [{**group, "cause": cause_of(group["code"]), "example": examples[group["example"]]} for group in groups]


def _given(run: ImportRun) -> list[tuple[str, object]]:
    """How a run was begun, in words."""
    options = run.options
    become = {None: _("become what their source says"), True: _("are published"), False: _("go to the inbox")}
    is_upload = bool(options.get("upload"))
    names = [os.path.basename(place) if is_upload else place for place in options.get("paths") or ()]
    if is_upload and options.get("mends") and not options.get("retry"):
        names = [_("a corrected file")]
    told = [
        (_("files"), ", ".join(names[:20]) + (" …" if len(names) > 20 else "")),
        (_("source where nothing tells"), options.get("source")),
        (_("new articles"), become.get(options.get("publish"))),
        (_("read anew"), _("yes") if options.get("again") else ""),
        (_("pictures from"), options.get("images")),
        (_("process"), options.get("process") if run.state == State.RUNNING and not options.get("queue") else ""),
    ]
    return [(label, value) for label, value in told if value]


def _can_be_imported(run: ImportRun) -> bool:
    """Whether a dry run, or one that was undone, can be done for real: its files are still there."""
    fits = (run.dry_run and run.state == State.FINISHED) or (run.state == State.UNDONE and not run.options.get("retry"))
    paths = run.options.get("paths") or ()
    return bool(fits and paths and all(os.path.exists(place) for place in paths))


def _may_undo(run: ImportRun) -> bool:
    return not run.dry_run and (
        run.state in importing.ENDED or (run.state == State.UNDOING and not importing.lives(run))
    )


def _deeds(run: ImportRun, bad: int) -> list[tuple[str, str, bool]]:
    """What can be done with a run: (deed, words of its button, whether it is the likely one)."""
    deeds = []
    if run.state == State.RUNNING and not run.wish:
        deeds.append((Wish.PAUSE, _("Pause"), False))
    if run.state in importing.OPEN:
        deeds.append(("resume", _("Start") if run.state == State.WAITING else _("Go on"), True))
    if run.state in (*importing.OPEN, State.RUNNING) and run.wish != Wish.CANCEL:
        deeds.append((Wish.CANCEL, _("Cancel"), False))
    if _can_be_imported(run):
        words = _("Import for real") if run.dry_run else _("Import the same files again")
        deeds.append(("real", words, run.dry_run))
    if bad and not run.dry_run and run.state in importing.ENDED:
        deeds.append(("retry", ngettext("Retry %s file", "Retry all %s files", bad) % bad, False))
    return deeds


def _remainders(run: ImportRun) -> list[Remainder]:
    """Articles that stayed when a run was undone, with their titles; one query."""
    rows = (
        Remainder.objects.filter(run=run)
        .select_related("article")
        .only("reason", "run", "article__title", "article__language")
    )
    return list(rows[: SHOWN_AT_MOST + 1]) if run.undone else []
