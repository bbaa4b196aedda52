"""The door to backups."""

import pathlib
import time

from django.core.management.base import BaseCommand, CommandError

from articles import safekeeping


class Command(BaseCommand):
    """See `help`."""

    help = "Write database, originals and pictures to an empty folder, while the site goes on; read it once more."

    def add_arguments(self, parser) -> None:
        """The folder."""
        parser.add_argument("folder", metavar="DIR", type=pathlib.Path, help="a folder that is empty or not there yet")

    def handle(self, *args, **options) -> None:
        """Write, and say how much."""
        began = time.monotonic()
        try:
            facts = safekeeping.back_up(options["folder"])
        except safekeeping.Unusable as error:
            raise CommandError(str(error)) from error
        rows = sum(part["rows"] for part in facts["tables"].values())
        self.stdout.write(
            f"{rows} rows and {facts['media']['rows']} picture files in {options['folder']},"
            f" {time.monotonic() - began:.1f} s."
        )
        if missing := facts["missing"]:
            self.stdout.write(f"{len(missing)} files are in the database and not in the storage, as {missing[0]}.")
