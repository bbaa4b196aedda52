"""The operator's door to reading kept originals anew."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from tqdm import tqdm

from articles import importing
from articles.importing import recleaning
from articles.ingest import RULES_VERSION
from articles.models import ImportRun, Result, Source

USAGE = 2
EXAMPLES = 3  # of each field, in the summary
SHOWN = 60  # characters of a value


class Command(BaseCommand):
    """Apply today's rules to originals that were read under other ones."""

    help = "Read kept originals anew under today's rules; texts edited here stand. --dry-run tells what would change."
    requires_migrations_checks = True

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("--dry-run", action="store_true", help="keep nothing, say what would change")
        parser.add_argument("--source", default="", metavar="SLUG", help="only articles of this source")
        parser.add_argument("--limit", type=int, metavar="N", help="at most so many originals, oldest first")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="reading processes")
        parser.add_argument(
            "--report", default="", metavar="FILE", help="JSON of every difference (-: standard output)"
        )

    def handle(self, *args, **options) -> None:
        """Read, tell, and leave with 0 (all well), 1 (some original cannot be read any more) or 130 (stopped)."""
        self._check(options)
        self.options, self.stopped, self.began = options, False, time.monotonic()
        self.out = self.stderr if options["report"] == "-" else self.stdout
        self.out.style_func = None
        run = (
            None if options["dry_run"] else importing.start_run({"reclean": RULES_VERSION, "source": options["source"]})
        )
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        self.ends, self.fields, self.examples = Counter(), Counter(), {}
        try:
            self._reclean(run)
        except BaseException:
            if run:
                importing.finish_run(run, ImportRun.State.INTERRUPTED)
            raise
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if run:
            importing.finish_run(run, ImportRun.State.CANCELLED if self.stopped else ImportRun.State.FINISHED)
        self._tell(run)
        if self.stopped:
            sys.exit(130)
        if any(self.ends[end] for end in importing.BAD):
            sys.exit(1)

    def _check(self, options: dict) -> None:
        if options["source"] and not Source.objects.filter(slug=options["source"]).exists():
            raise CommandError(f"There is no source {options['source']}.", returncode=USAGE)
        for name in ("limit", "jobs"):
            if options[name] is not None and options[name] < 1:
                raise CommandError(f"--{name} must be at least 1.", returncode=USAGE)

    def _reclean(self, run: ImportRun | None) -> None:
        options = self.options
        total = recleaning.outdated(options["source"]).count()
        total = min(total, options["limit"]) if options["limit"] else total
        tellings = recleaning.reclean(
            run, options["source"], options["limit"], options["jobs"], lambda: not self.stopped
        )
        quiet = options["verbosity"] == 0 or not self.stderr.isatty()
        with self._report(run) as write, tqdm(total=total, unit=" originals", file=sys.stderr, disable=quiet) as bar:
            for telling in tellings:
                self.ends.update(outcome.result for outcome in telling.outcomes)
                self.fields += recleaning.count_fields(telling.differences)
                for one in telling.differences:
                    write(one)
                    for name in one.fields:
                        examples = self.examples.setdefault(name, [])
                        if len(examples) < EXAMPLES:
                            examples.append((one.article, *map(_short, one.fields[name])))
                bar.update(len(telling.outcomes))

    @contextlib.contextmanager
    def _report(self, run: ImportRun | None) -> Iterator:
        """Writes differences as they come: a document whose head is known at once, and its totals at the end."""
        target = self.options["report"]
        if not target:
            yield lambda one: None
            return
        with contextlib.ExitStack() as stack:
            stream = sys.stdout if target == "-" else stack.enter_context(open(target, "w", encoding="utf-8"))
            head = {"run": run.pk if run else None, "dry_run": run is None, "rules_version": RULES_VERSION}
            stream.write(json.dumps(head)[:-1] + ', "items": [')
            first = True

            def write(one: recleaning.Difference) -> None:
                nonlocal first
                fields = {name: {"before": before, "after": after} for name, (before, after) in one.fields.items()}
                item = {"article": one.article, "path": one.path, "result": one.result, "fields": fields}
                stream.write(("\n" if first else ",\n") + json.dumps(item, ensure_ascii=False, cls=DjangoJSONEncoder))
                first = False

            yield write
            totals = {
                "originals": sum(self.ends.values()),
                **{result: self.ends[result] for result in Result.values},
                "fields": dict(self.fields.most_common()),
                "seconds": round(time.monotonic() - self.began, 3),
            }
            stream.write("\n], " + json.dumps(totals)[1:] + "\n")

    def _tell(self, run: ImportRun | None) -> None:
        if self.options["verbosity"] == 0:
            return
        say = self.out.write
        name = f"Import {run.pk}" if run else "Dry run, nothing kept"
        say(f"{name}: {sum(self.ends.values())} originals read in {time.monotonic() - self.began:.1f} s")
        for result in Result.values:
            if self.ends[result]:
                say(f"{self.ends[result]:>8}  {result}")
        for field, number in self.fields.most_common():
            say(f"\n{number} × {field}, for example")
            for article, before, after in self.examples[field]:
                say(f"    article {article}: {before} → {after}")
        if self.stopped:
            say("\nStopped. What is done is kept; the same command goes on from there.")

    def _stop(self, number, frame) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        self.stopped = True


def _short(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"
