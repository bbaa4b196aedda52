"""Learns anew what speaks for each tag."""

from django.core.management.base import BaseCommand

from articles import proposing


class Command(BaseCommand):
    """Cheap enough for every night; with a broker the clock does it."""

    help = "Learn from tagged articles what speaks for each tag, for the proposals at the desk."

    def handle(self, **options) -> None:
        """Learn, and say how many signs there are."""
        self.stdout.write(f"{proposing.learn()} signs learned.")
