"""The operator's door to the rescue of pictures."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from articles import images, tasks
from articles.models import Image, record

USAGE = 2
JOBS = 8  # pictures at a time: nearly all of it is waiting for hosts
MEMORY = "memory"


class Command(BaseCommand):
    """Fetch pictures that wait, or ask again for those of a state or a host."""

    help = "Fetch waiting pictures whose next try has come; with --state, pictures of that state at once."
    requires_migrations_checks = True

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="", help="only pictures of this host")
        parser.add_argument(
            "--state", default="", choices=["", *Image.State.values], help="pictures of this state, now"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="at most so many")
        parser.add_argument("--images", default="", metavar="DIR", help="look into DIR/<host>/<path> first")
        parser.add_argument("--jobs", type=int, default=JOBS, metavar="N", help=f"pictures at a time (default {JOBS})")

    def handle(self, *args, **options) -> None:
        """Fetch, tell, and leave with 0; Ctrl-C loses nothing but the pictures in hand."""
        self._check(options)
        images.note_hosts()
        numbers = self._chosen(options)
        if not numbers:
            self.stdout.write(self._nothing(options))
            return
        began, counts = time.monotonic(), Counter()
        folder = os.path.abspath(options["images"]) if options["images"] else ""
        jobs = 1 if _is_in_memory() else options["jobs"]
        try:
            with self._progress(len(numbers), options["verbosity"]) as step:
                for number, state in images.fetch_all(numbers, folder, jobs):
                    counts[state] += 1
                    if state == Image.State.STORED:
                        tasks.want_renditions([number])
                    step(counts)
        except KeyboardInterrupt:
            self.stdout.write("Stopped. What is done is kept; the same command goes on where this one ended.")
        record("run", "image", counts={str(state): number for state, number in counts.items()})
        self._tell(counts, time.monotonic() - began)

    def _check(self, options: dict) -> None:
        if not settings.FETCH_IMAGES and not options["images"]:
            raise CommandError("NEWSROOM_FETCH_IMAGES is false: nothing is fetched.", returncode=USAGE)
        if options["images"] and not os.path.isdir(options["images"]):
            raise CommandError(f"--images {options['images']} is no folder.", returncode=USAGE)
        if options["jobs"] < 1 or (options["limit"] is not None and options["limit"] < 1):
            raise CommandError("--jobs and --limit must be at least 1.", returncode=USAGE)

    def _chosen(self, options: dict) -> list[int]:
        chosen = images.in_turns(Image.objects.filter(state=options["state"])) if options["state"] else images.due()
        if options["host"]:
            chosen = chosen.filter(host=options["host"].lower())
        numbers = list(chosen.values_list("pk", flat=True)[: options["limit"]])
        if options["state"] and options["state"] != Image.State.STORED:
            images.begin_again(numbers)
        return numbers

    def _nothing(self, options: dict) -> str:
        later = Image.objects.filter(state=Image.State.WAITING).order_by("next_try_at").first()
        if options["state"] or later is None:
            return "No such pictures."
        return f"No picture is due; the next try is at {later.next_try_at:%Y-%m-%d %H:%M} UTC (--state waiting: now)."

    @contextlib.contextmanager
    def _progress(self, total: int, verbosity: int):
        """A bar on a terminal, one line a second otherwise."""
        if verbosity and self.stderr.isatty():
            with tqdm(total=total, unit=" pictures", file=sys.stderr, dynamic_ncols=True) as bar:

                def step(counts: Counter) -> None:
                    bar.set_postfix(counts, refresh=False)
                    bar.update()

                yield step
            return
        began = told = time.monotonic()

        def line(counts: Counter) -> None:
            nonlocal told
            now, done = time.monotonic(), counts.total()
            if verbosity and now - told >= 1:
                told = now
                left = (total - done) * (now - began) / done
                self.stderr.write(f"{done}/{total} pictures, {counts[Image.State.STORED]} stored, {left:.0f} s left")

        yield line

    def _tell(self, counts: Counter, seconds: float) -> None:
        self.stdout.write(f"{counts.total()} pictures in {seconds:.1f} s")
        for state, number in counts.most_common():
            self.stdout.write(f"{number:>8}  {Image.State(state).value if state else 'removed meanwhile'}")


def _is_in_memory() -> bool:
    """Whether the database lives in this one connection, so that no other thread sees it (tests)."""
    return connection.vendor == "sqlite" and MEMORY in str(connection.settings_dict["NAME"])
