"""The operator's door to a drop folder."""

from __future__ import annotations

import os
import signal
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from articles import importing, tasks
from articles.importing import inbox
from articles.ingest.rules.sources import SOURCES

USAGE = 2
PATIENCE = 0.2  # seconds between two looks at whether somebody wants us to stop


class Command(BaseCommand):
    """Import whatever is dropped into a folder, until Ctrl-C."""

    help = "Watch a folder: whole files are imported, then moved to done/ or refused/ with a note beside."
    requires_migrations_checks = True

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("folder", nargs="?", default="", metavar="DIR", help="default: NEWSROOM_INBOX_DIR")
        parser.add_argument("--once", action="store_true", help="take what is whole now, then end")
        parser.add_argument("--every", type=float, default=10, metavar="SECONDS", help="pause between looks (10)")
        parser.add_argument(
            "--settle",
            type=float,
            default=inbox.SETTLED,
            metavar="SECONDS",
            help="whole when unchanged for so long (5)",
        )
        parser.add_argument("--jobs", type=int, default=1, metavar="N", help="reading processes (1)")
        parser.add_argument(
            "--source", default="", metavar="SLUG", help="source where neither address nor folder tells"
        )
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--publish", dest="publish", action="store_true", default=None, help="publish new articles")
        state.add_argument("--inbox", dest="publish", action="store_false", help="put new articles into the inbox")

    def handle(self, *args, **options) -> None:
        """Watch; Ctrl-C finishes the batch in hand."""
        folder = options["folder"] or (str(settings.INBOX_DIR) if settings.INBOX_DIR else "")
        if not folder:
            raise CommandError("Name the folder to watch, or set NEWSROOM_INBOX_DIR.", returncode=USAGE)
        if os.path.exists(folder) and not os.path.isdir(folder):
            raise CommandError(f"{folder} is no folder.", returncode=USAGE)
        if options["source"] and not importing.is_known_source(options["source"]):
            known = ", ".join(sorted(SOURCES))
            raise CommandError(f"There is no source {options['source']}: name one of {known}.", returncode=USAGE)
        self.stopped = False
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        how = importing.Options(publish=options["publish"], default_source=options["source"], jobs=options["jobs"])
        try:
            self._watch(inbox.Watcher(folder, how, options["settle"]), options)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _watch(self, watcher: inbox.Watcher, options: dict) -> None:
        looks = 0
        while not self.stopped:
            looks += 1
            try:
                run = watcher.look(self._keep_on)
            except inbox.Occupied:
                run = None
                self.stderr.write(f"Another watcher is at work in {watcher.folder}: it goes first.")
            except OSError as error:
                raise CommandError(f"{watcher.folder} cannot be watched ({error}).") from error
            except tasks.DATABASE_FAULTS as fault:
                run = None
                connection.close()
                self.stderr.write(f"The database cannot go on ({' '.join(str(fault).split())}): tried again later.")
                if options["once"]:
                    raise CommandError("Nothing of the folder is lost: run this again.") from fault
            if run and options["verbosity"]:
                counts = ", ".join(f"{name} {number}" for name, number in run.counts.items() if number)
                self.stdout.write(f"Import {run.pk}: {counts or 'no article'}")
            if run:
                tasks.want_pictures(run)
            if options["once"] and (looks == 2 or not watcher.seen):
                return
            self._pause(watcher.settled if options["once"] else options["every"])

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.stopped and time.monotonic() < end:
            time.sleep(min(PATIENCE, max(0, end - time.monotonic())))

    def _keep_on(self) -> bool:
        return not self.stopped

    def _stop(self, number, frame) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        self.stopped = True
