"""Makes the search index anew, or tells whether that is needed."""

import sys
import time

from django.core.management.base import BaseCommand

from articles import search
from articles.models import record


class Command(BaseCommand):
    """Searches go on while the index is made; articles that are saved meanwhile are in it."""

    help = "Make the search index anew while searches go on; --check only tells what is missing or stale (exit 1)."

    def add_arguments(self, parser) -> None:
        """One choice."""
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when the index is wrong")

    def handle(self, *args, **options) -> None:
        """Check or rebuild, and say how many."""
        if options["check"]:
            faults = search.check()
            self.stdout.write(
                f"{faults.missing} articles missing, {faults.stale} stale; {faults.left_over} old entries take space."
            )
            if faults.any:
                self.stdout.write("Run manage.py rebuild_search.")
                sys.exit(1)
            return
        began = time.monotonic()
        number = search.rebuild()
        record("run", "entry", articles=number)
        self.stdout.write(f"{number} articles indexed in {time.monotonic() - began:.1f} s.")
