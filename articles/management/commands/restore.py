"""The door to restoring."""

import pathlib
import time

from django.core.management.base import BaseCommand, CommandError

from articles import safekeeping


class Command(BaseCommand):
    """See `help`."""

    help = "Fill an empty database (SQLite or PostgreSQL) and the picture storage from a backup."
    requires_migrations_checks = False

    def add_arguments(self, parser) -> None:
        """The folder, and one choice."""
        parser.add_argument("folder", metavar="DIR", type=pathlib.Path, help="what manage.py backup wrote")
        parser.add_argument("--check", action="store_true", help="only compare every file with the manifest")

    def handle(self, *args, **options) -> None:
        """Check or restore, and say how much."""
        began = time.monotonic()
        deed = safekeeping.verify if options["check"] else safekeeping.restore
        try:
            facts = deed(options["folder"])
        except safekeeping.Unusable as error:
            raise CommandError(str(error)) from error
        rows = sum(part["rows"] for part in facts["tables"].values())
        found = "sound" if options["check"] else "restored"
        self.stdout.write(
            f"{rows} rows and {facts['media']['rows']} picture files of {facts['made_at']} {found},"
            f" {time.monotonic() - began:.1f} s."
        )
