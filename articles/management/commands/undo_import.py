"""The operator's door out of an import."""

from __future__ import annotations

import json
import signal
import sys

from django.core.management.base import BaseCommand, CommandError

from articles import importing
from articles.models import ImportRun

USAGE = 2
WORDS = {
    "removed": "articles removed (nobody had touched them)",
    "put_back": "articles put back to the text before",
    "loosened": "articles that only lose a further original",
    "kept": "articles kept (edited or handled here, or read under newer rules)",
    "pictures": "pictures removed that nothing else shows",
}


class Command(BaseCommand):
    """Undo an import; --dry-run says what would happen."""

    help = "Take back what an import did: created articles go, rewritten ones go back, edited ones stay."
    requires_migrations_checks = True

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("run", type=int, metavar="RUN", help="number of the import")
        parser.add_argument("--dry-run", action="store_true", help="change nothing, say what would happen")
        parser.add_argument("--report", action="store_true", help="print the counts as JSON, and nothing else")

    def handle(self, *args, **options) -> None:
        """Undo, tell, and leave with 0; Ctrl-C finishes the chunk in hand, and the same command goes on from there."""
        run = ImportRun.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no import {options['run']}.", returncode=USAGE)
        if options["dry_run"]:
            preview = importing.preview_undo(run)
            self._tell(run, {name: getattr(preview, name) for name in WORDS}, "would be", options)
            return
        stopped = False

        def stop(number, frame) -> None:
            nonlocal stopped
            stopped = True

        try:
            importing.begin_undo(run)
        except importing.NotUndoable as error:
            raise CommandError(str(error), returncode=USAGE) from error
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for _ in importing.undo_chunks(run, lambda: not stopped):
                pass
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        self._tell(run, run.undone, "is" if run.state == ImportRun.State.UNDONE else "is partly", options)
        if stopped and run.state != ImportRun.State.UNDONE:
            importing.let_go(run)
            sys.exit(130)

    def _tell(self, run: ImportRun, counts: dict, how: str, options: dict) -> None:
        if options["report"]:
            self.stdout.write(json.dumps({"run": run.pk, **{name: counts.get(name, 0) for name in WORDS}}))
            return
        if options["verbosity"] == 0:
            return
        self.stdout.write(f"Import {run.pk} {how} undone:")
        for name, words in WORDS.items():
            self.stdout.write(f"{counts.get(name, 0):>8}  {words}")
        stayed = run.remainders.count()
        if stayed:
            self.stdout.write(f"\nThe {stayed} that stayed are listed in the admin, at the page of import {run.pk}.")
