"""The operator's door to the importer."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tqdm import tqdm

from articles import images, importing, search, tasks
from articles.ingest import crew
from articles.ingest.batch import hold_little
from articles.ingest.rules.sources import SOURCES
from articles.models import Image, ImportRun, Result

USAGE = 2
POLL = 0.5  # seconds between looks at a queued run
PATIENCE = 30  # seconds without a finished file before the operator is told to look at the workers
WORDS = {
    Result.CREATED: "created",
    Result.UPDATED: "updated (a newer version, or better rules)",
    Result.UNCHANGED: "unchanged",
    Result.KEPT: "kept (edited here; the newer original waits beside it)",
    Result.DUPLICATE: "duplicate (of an article that is here already)",
    Result.REFUSED: "refused (the file is at fault)",
    Result.FAILED: "failed (the program is at fault)",
}
NEW = (Result.CREATED, Result.UPDATED)
STORED = "All files are stored and can be found. What is alike is looked for now, and which stories are told."
KEPT_OUT = "refused (taken down here: these stay out)"


class Command(BaseCommand):
    """Import article files; see CONTRACT and README for every option."""

    help = "Import article files from folders, zip files, tarballs, single files or standard input (-)."

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("paths", nargs="*", metavar="PATH", help="file, folder, .zip, .tar.gz, or - for one file")
        parser.add_argument("--dry-run", action="store_true", help="keep nothing, say what would happen")
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--publish", dest="publish", action="store_true", default=None, help="publish new articles")
        state.add_argument("--inbox", dest="publish", action="store_false", help="put new articles into the inbox")
        parser.add_argument(
            "--source", default="", metavar="SLUG", help="source where neither address nor folder tells"
        )
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="reading processes")
        parser.add_argument("--queue", action="store_true", help="let Celery workers do it (needs CELERY_BROKER_URL)")
        parser.add_argument("--again", action="store_true", help="read files anew even if nothing has changed")
        parser.add_argument("--retry", type=int, metavar="RUN", help="only what was refused or failed in that run")
        parser.add_argument("--resume", type=int, metavar="RUN", help="go on with a run that was paused or has stalled")
        parser.add_argument("--images", default="", metavar="DIR", help="take pictures from DIR/<host>/<path>")
        parser.add_argument("--no-images", action="store_true", help="store articles, fetch no pictures")
        parser.add_argument("--report", default="", metavar="FILE", help="write the JSON report (-: standard output)")

    def handle(self, *args, **options) -> None:
        """Import, tell, and leave with 0 (all well), 1 (some refused or failed) or 2 (wrong usage)."""
        crew.get_ready()
        self._check(options)
        hold_little()
        self.options, self.stopped, self.began = options, False, time.monotonic()
        self.out = self.stderr if options["report"] == "-" else self.stdout
        self.out.style_func = None
        with self._interruptible():
            self.number: int | None = None
            try:
                self._import()
            except tasks.DATABASE_FAULTS as fault:
                raise CommandError(self._stuck(fault)) from fault

    def _import(self) -> None:
        if self.options["dry_run"]:
            self._dry_run()
            return
        run = self._taken_up() if self.options["resume"] else importing.start_run(self._recorded())
        self.number = run.pk
        (self._queue if run.options.get("queue") else self._run)(run)

    def _stuck(self, fault: Exception) -> str:
        """What an operator is told when the database cannot go on; every batch before that is recorded."""
        again = "run the same command again, which goes on where this one ended"
        if self.number:
            again = f"{again} (or --resume {self.number})"
        cause = " ".join(str(fault).split())
        return f"The database cannot go on ({cause}). What is done is kept: see to it and to its disk, then {again}."

    # --- Usage ---

    def _check(self, options: dict) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date: run manage.py migrate first.", returncode=USAGE)
        if not options["paths"] and options["retry"] is None and options["resume"] is None:
            raise CommandError("Name a file, a folder or an archive to import (or --retry RUN).", returncode=USAGE)
        self._check_resume(options)
        if options["retry"] is not None and not ImportRun.objects.filter(pk=options["retry"]).exists():
            raise CommandError(f"There is no import {options['retry']} to retry.", returncode=USAGE)
        for path in options["paths"]:
            if path != "-" and not os.path.lexists(path):
                raise CommandError(f"There is nothing at {path}: check the path.", returncode=USAGE)
        if options["jobs"] < 1:
            raise CommandError("--jobs must be at least 1.", returncode=USAGE)
        if options["source"] and not importing.is_known_source(options["source"]):
            known = ", ".join(sorted(SOURCES))
            raise CommandError(f"There is no source {options['source']}: name one of {known}.", returncode=USAGE)
        if options["images"] and not os.path.isdir(options["images"]):
            raise CommandError(f"--images {options['images']} is no folder.", returncode=USAGE)
        if options["queue"] and (not settings.HAS_BROKER or "-" in options["paths"] or options["dry_run"]):
            reason = "needs CELERY_BROKER_URL, and takes neither - nor --dry-run"
            raise CommandError(f"--queue {reason}.", returncode=USAGE)

    def _check_resume(self, options: dict) -> None:
        if options["resume"] is None:
            return
        run = ImportRun.objects.filter(pk=options["resume"]).first()
        if run is None:
            raise CommandError(f"There is no import {options['resume']} to go on with.", returncode=USAGE)
        given = [name for name in ("paths", "retry", "dry_run", "again", "source", "images") if options[name]]
        if given or options["publish"] is not None:
            raise CommandError("--resume goes on as the run began: give no paths and no other way.", returncode=USAGE)
        if importing.STANDARD_INPUT in run.options.get("paths", ()):
            raise CommandError("A run from standard input cannot be gone on with: give it anew.", returncode=USAGE)

    # --- The three ways of running ---

    def _taken_up(self) -> ImportRun:
        run = ImportRun.objects.get(pk=self.options["resume"])
        if not importing.take_up(run, queue=self.options["queue"]):
            reason = f"it is {run.get_state_display()}"
            raise CommandError(f"Import {run.pk} cannot be gone on with: {reason}.", returncode=USAGE)
        return run

    def _run(self, run: ImportRun) -> None:
        batches = importing.carry_on(run, self.options["jobs"], self._keep_on, settles=False)
        for _ in self._shown(batches, run):
            pass
        run.refresh_from_db()
        is_finished = run.state == ImportRun.State.FINISHED and not run.dry_run
        settling = search.settling(run.counts.get(Result.CREATED, 0)) if is_finished else iter(())
        self.stopped = self.stopped or run.state != ImportRun.State.FINISHED
        if self.stopped:
            for _ in settling:  # it was finished all the same
                pass
        elif is_finished:
            if not connection.in_atomic_block:  # as in a test
                connection.close()  # with what it keeps in memory of writing
            tasks.find_alike(jobs=self.options["jobs"], meanwhile=settling)
            self._place_images(run)  # which may take longer than all else
        self._tell(run, run.counts.get("images_wanted", 0))

    def _queue(self, run: ImportRun) -> None:
        try:
            tasks.hand_over(run)
        except tasks.BROKER_FAULTS as error:
            importing.finish_run(run, ImportRun.State.INTERRUPTED)
            raise CommandError(
                f"The broker at CELERY_BROKER_URL does not answer ({error}): start it, then run this again, or"
                f" --resume {run.pk}."
            ) from error
        self._watch(run)
        if self.stopped:
            self.out.write(f"Import {run.pk} goes on in the workers; see it in the admin.")
            sys.exit(130)
        self._await(self._place_images(run))
        run = importing.finish_run(run)
        self._tell(run, Image.objects.filter(created_at__gte=run.started_at).count())

    def _dry_run(self) -> None:
        counts, items, wanted = Counter(), [], 0
        run = ImportRun(options=self._recorded(), dry_run=True)  # of which nothing is kept
        found = importing.found_of(run.options)
        options = importing.options_of(run, self.options["jobs"])
        for outcomes in self._shown(importing.try_all(found, options, self._keep_on), run):
            items += [(o.path, o.result, o.code, o.reason, o.article_id) for o in outcomes]
            counts.update(outcome.result for outcome in outcomes)
            wanted += sum(outcome.images_wanted for outcome in outcomes)
        causes = self._causes_of_items(items)
        self._summarise(None, counts, causes)
        self._report(None, counts, wanted, items)
        self._leave(counts)

    # --- What to read ---

    def _recorded(self) -> dict:
        options = self.options
        return {
            "paths": [path if path == "-" else os.path.abspath(path) for path in options["paths"]],
            "again": options["again"],
            "publish": options["publish"],
            "source": options["source"],
            "images": os.path.abspath(options["images"]) if options["images"] and not options["no_images"] else "",
            "no_images": options["no_images"],
            "retry": options["retry"],
            "mends": options["retry"],
            "queue": options["queue"],
        }

    # --- Telling ---

    def _shown(self, batches: Iterable[list[importing.Outcome]], run: ImportRun) -> Iterator[list[importing.Outcome]]:
        """The batches, with a bar on a terminal or one line a second otherwise."""
        is_counted = importing.STANDARD_INPUT not in run.options.get("paths", ())
        if self.options["verbosity"] == 0 and not run.pk:
            yield from batches
            return
        total = importing.count_files(run) if is_counted else None
        if self.options["verbosity"] == 0:
            yield from batches
            return
        total = total and total - (0 if run.dry_run else run.files.count())
        done, is_new = 0, False
        with self._progress(total) as bar:
            for outcomes in batches:
                yield outcomes
                bar(len(outcomes))
                done += len(outcomes)
                is_new = is_new or any(outcome.result in NEW for outcome in outcomes)
                if done == total and is_new and not (run.dry_run or self.stopped):
                    with tqdm.external_write_mode(sys.stderr):  # of a bar that stands there
                        self.stderr.write(STORED, str)

    @contextlib.contextmanager
    def _progress(self, total: int | None):
        if self.stderr.isatty():
            with tqdm(total=total, unit=" files", file=sys.stderr, dynamic_ncols=True) as bar:
                yield bar.update
            return
        done, told = 0, time.monotonic()

        def count(number: int) -> None:
            nonlocal done, told
            done += number
            now = time.monotonic()
            if now - told >= 1:
                told = now
                rate = done / (now - self.began)
                left = f", {(total - done) / rate:.0f} s left" if total and rate else ""
                self.stderr.write(f"{done}/{total or '?'} files, {rate:.0f} a second{left}")

        yield count

    def _watch(self, run: ImportRun) -> None:
        """Show the workers' progress from the records until no file waits."""
        total = run.files.count()
        before, moved = 0, time.monotonic()
        with self._progress(total) if self.options["verbosity"] else contextlib.nullcontext(lambda number: None) as bar:
            while not self.stopped:
                left = run.files.filter(result="").count()
                bar(total - left - before)
                if total - left != before:
                    before, moved = total - left, time.monotonic()
                if not left:
                    return
                if time.monotonic() - moved > PATIENCE:
                    moved = time.monotonic()
                    self.stderr.write(f"No file finished for {PATIENCE} s: is a Celery worker running?")
                time.sleep(POLL)

    def _place_images(self, run: ImportRun) -> list[int]:
        images.note_hosts()
        if run.options.get("no_images"):
            return []
        folder = run.options.get("images")
        try:
            placed = tasks.place_all_images(folder) if folder else []
            if settings.HAS_BROKER:  # without one, `fetch_images` is the door
                tasks.fetch_due_images.delay()
        except tasks.BROKER_FAULTS as error:
            self.stderr.write(f"The broker does not answer ({error}): import again for the pictures when it does.")
            return []
        return placed

    def _await(self, pictures: list[int]) -> None:
        """Wait until the workers have placed these pictures, as long as that goes on."""
        for start in range(0, len(pictures), tasks.PICTURES_A_TASK):
            mine = Image.objects.filter(
                pk__in=pictures[start : start + tasks.PICTURES_A_TASK], state=Image.State.WAITING
            )
            left, moved = mine.count(), time.monotonic()
            while left and not self.stopped and time.monotonic() - moved < PATIENCE:
                time.sleep(POLL)
                before, left = left, mine.count()
                moved = time.monotonic() if left < before else moved

    def _tell(self, run: ImportRun, wanted: int) -> None:
        counts = Counter(run.counts)
        causes = [(c.number, c.result, c.code, c.path, c.reason) for c in importing.causes_of(run)]
        self._summarise(run, counts, causes)
        rows = run.files.order_by("pk").values_list("path", "result", "code", "reason", "article_id")
        self._report(run, counts, wanted, rows.iterator(chunk_size=2000))
        self._leave(counts)

    def _causes_of_items(self, items: list[tuple]) -> list[tuple]:
        bad = sorted((item[1], item[2], item[0], item[3]) for item in items if item[1] in importing.BAD)
        groups = [(key, list(group)) for key, group in itertools.groupby(bad, key=lambda item: item[:2])]
        return sorted(((len(g), *key, g[0][2], g[0][3]) for key, g in groups), reverse=True)

    def _summarise(self, run: ImportRun | None, counts: Counter, causes: list[tuple]) -> None:
        if self.options["verbosity"] == 0:
            return
        say = self.out.write
        files = sum(counts[result] for result in Result.values)
        name = f"Import {run.pk}" if run else "Dry run, nothing kept"
        say(f"{name}: {files} files in {time.monotonic() - self.began:.1f} s")
        kept_out = sum(number for number, _, code, *_ in causes if code == importing.TAKEN_DOWN)
        told = [
            (counts[result] - (kept_out if result == Result.REFUSED else 0), words) for result, words in WORDS.items()
        ]
        for number, words in [*told, (kept_out, KEPT_OUT)]:
            if number:
                say(f"{number:>8}  {words}")
        for number, result, code, path, reason in causes:
            say(f"\n{number} × {code} ({result}), for example {path}\n    {reason}")
        if run and any(code != importing.TAKEN_DOWN for _, _, code, *_ in causes):
            say(f"\nMend the files, then: manage.py import_articles --retry {run.pk}")
        if self.stopped:
            again = f": manage.py import_articles --resume {run.pk}" if run else ""
            say(f"\nStopped. What is done is kept; the same command goes on where this one ended{again}.")

    def _report(self, run: ImportRun | None, counts: Counter, wanted: int, items: Iterable[tuple]) -> None:
        target = self.options["report"]
        if not target:
            return
        head = {
            "run": run.pk if run else None,
            "dry_run": run is None or run.dry_run,
            "seconds": round(time.monotonic() - self.began, 3),
            "files": sum(counts[result] for result in Result.values),
            **{result: counts[result] for result in Result.values},
            "images_wanted": wanted,
        }
        with contextlib.ExitStack() as stack:
            stream = sys.stdout if target == "-" else stack.enter_context(open(target, "w", encoding="utf-8"))
            stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "items": [')
            for number, (path, result, code, reason, article) in enumerate(items):
                item = {"path": path, "result": result, "code": code, "reason": reason, "article": article}
                stream.write((",\n" if number else "\n") + json.dumps(item, ensure_ascii=False))
            stream.write("\n]}\n")

    def _leave(self, counts: Counter) -> None:
        if self.stopped:
            sys.exit(130)
        if any(counts[result] for result in importing.BAD):
            sys.exit(1)

    # --- Ctrl-C ---

    def _keep_on(self) -> bool:
        return not self.stopped

    @contextlib.contextmanager
    def _interruptible(self):
        """The first Ctrl-C (or SIGTERM) finishes the batch in hand; the second one ends at once."""

        def stop(number, frame) -> None:
            if self.stopped:
                raise KeyboardInterrupt
            self.stopped = True
            self.stderr.write("Finishing the batch in hand…")

        try:
            before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        except ValueError:  # not the main thread: whoever called us stops us
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
