"""Compares what is stored before comparing was part of an import, or tells whether that is needed."""

import sys

from django.core.management.base import BaseCommand

from articles import likeness, tasks
from articles.models import PossibleDuplicate, Story, record


class Command(BaseCommand):
    """Safe to run again and beside everything else: only what is missing or stale is made."""

    help = (
        "Make missing and stale signatures of texts, pair those that are much alike, and propose stories; --check only"
        " tells what is missing (exit 1)."
    )

    def add_arguments(self, parser) -> None:
        """One choice."""
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when something is missing")

    def handle(self, *args, **options) -> None:
        """Check or make, and say how many."""
        if options["check"]:
            faults = likeness.check()
            self.stdout.write(
                f"{faults.missing} articles without a signature, {faults.stale} with a stale one,"
                f" {faults.without_terms} whose terms are not known."
            )
            if faults.any:
                self.stdout.write("Run manage.py find_duplicates.")
                sys.exit(1)
            return
        open_pairs = PossibleDuplicate.objects.filter(verdict=PossibleDuplicate.Verdict.OPEN)
        before, latest = open_pairs.count(), open_pairs.order_by("-pk").values_list("pk", flat=True).first() or 0
        made = likeness.fill()
        stories = tasks.find_alike()
        waiting, found = open_pairs.count(), open_pairs.filter(pk__gt=latest).count()
        if made:
            record("run", "possibleduplicate", signatures=made, pairs=found, withdrawn_pairs=before + found - waiting)
        proposed = Story.objects.filter(state=Story.State.PROPOSED).count()
        self.stdout.write(
            f"{made} signatures made; {waiting} pairs wait for a verdict, {proposed} stories ({stories} new)."
        )
