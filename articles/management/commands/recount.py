"""Counts articles by month and topic anew, or tells whether that is needed."""

import sys

from django.core.management.base import BaseCommand

from articles.models import drift, record, recount


class Command(BaseCommand):
    """The database keeps the counts itself; this is for a day on which something went past it."""

    help = "Count articles by month and topic anew; --check only tells which kept counts are wrong (exit 1)."

    def add_arguments(self, parser) -> None:
        """One choice."""
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a count is wrong")

    def handle(self, *args, **options) -> None:
        """Check or count, and say what was wrong."""
        found = drift()
        self.stdout.write(f"Wrong counts: {found.months} of months, {found.topics} of topics.")
        if not options["check"]:
            recount()
            record("run", "counts", months=found.months, topics=found.topics)
            self.stdout.write("Counted anew.")
        elif found.months or found.topics:
            self.stdout.write("Run manage.py recount.")
            sys.exit(1)
