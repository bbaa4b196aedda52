"""The operator's door to today's policy of markup: proves that everything stored passes it, or makes it so."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles.curation import resanitizing
from articles.ingest.sanitize import POLICY_VERSION
from articles.models import record

USAGE = 2
STOPPED = 130
EXAMPLES = 10  # of each place, in the summary
PLURALS = {"article": "articles", "revision": "revisions", "unsaved": "unsaved texts"}


class Command(BaseCommand):
    """Look at all stored HTML; leave with 0 when all of it passes, 1 when it does not (--check)."""

    help = (
        "Hold every stored body (articles, revisions, unsaved texts) against today's policy, and mend what does not "
        "pass, leaving a revision. --check mends nothing: it tells what does not pass, and ends with 1."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("--check", action="store_true", help="mend nothing, only tell")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes that judge")
        parser.add_argument("--report", default="", metavar="FILE", help="a line of JSON for each body that fails")

    def handle(self, *args, **options) -> None:
        """Look, mend, tell."""
        if options["jobs"] < 1:
            raise CommandError("--jobs must be at least 1.", returncode=USAGE)
        self.stopped, began = False, time.monotonic()
        self.looked_at, self.faults, self.examples = 0, Counter(), {name: [] for name in PLURALS}
        self.losing = Counter()
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._look(options)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if not options["check"]:
            told = {PLURALS[place].replace(" ", "_"): number for place, number in self.faults.items()}
            record("run", "policy", version=POLICY_VERSION, looked_at=self.looked_at, mended=told)
        if options["verbosity"]:
            self._tell(options["check"], time.monotonic() - began)
        if self.stopped:
            sys.exit(STOPPED)
        if options["check"] and self.faults:
            sys.exit(1)

    def _look(self, options: dict) -> None:
        quiet = options["verbosity"] == 0 or not self.stderr.isatty()
        report = open(options["report"], "w", encoding="utf-8") if options["report"] else None  # noqa: SIM115
        try:
            with tqdm(total=resanitizing.stored(), unit=" texts", file=sys.stderr, disable=quiet) as bar:
                for batch in resanitizing.resanitize(not options["check"], options["jobs"], lambda: not self.stopped):
                    self.looked_at += batch.looked_at
                    bar.update(batch.looked_at)
                    for fault in batch.faults:
                        self._note(fault, report)
        finally:
            if report:
                report.close()

    def _note(self, fault: resanitizing.Fault, report) -> None:
        self.faults[fault.place] += 1
        self.losing[fault.place] += fault.loses_words
        if len(self.examples[fault.place]) < EXAMPLES:
            self.examples[fault.place].append(fault)
        if report:
            facts = {"place": fault.place, "number": fault.number, "article": fault.article}
            report.write(json.dumps(facts | {"loses_words": fault.loses_words}) + "\n")

    def _tell(self, only_check: bool, seconds: float) -> None:
        say = self.stdout.write
        say(f"{self.looked_at} stored texts looked at in {seconds:.1f} s; today's policy is {POLICY_VERSION}")
        for place, number in self.faults.items():
            deed = "do not pass" if only_check else "mended"
            losing = f", {self.losing[place]} of them with words that the policy leaves out" * bool(self.losing[place])
            say(f"{number:>8}  {PLURALS[place]} {deed}{losing}, for example")
            for fault in self.examples[place]:
                say(f"          {place} {fault.number}" + (f" of article {fault.article}" * (place != "article")))
        if not self.faults:
            say("       0  that would be changed: bleach and nh3 leave all of it as it is")
        say("Articles by the policy they were last cleaned under:")
        for version, number in resanitizing.versions().items():
            name = "none known" if not version else f"{version} (today's)" if version == POLICY_VERSION else version
            say(f"{number:>8}  {name}")
        if self.stopped:
            say("Stopped. What was mended is kept; the same command begins anew.")
        elif only_check and self.faults:
            say("`manage.py resanitize` mends them, and leaves a revision of each article.")

    def _stop(self, number, frame) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        self.stopped = True
