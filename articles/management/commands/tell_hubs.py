"""Tells hubs about changed feeds where no worker does: for a timer of the system, once a minute."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from articles import websub


class Command(BaseCommand):
    """Look once, tell what is due, say how many heard."""

    help = (
        "Tell the hubs of NEWSROOM_WEBSUB_HUBS which feeds have changed since the last call. With a broker, beat does."
    )

    def handle(self, *args, **options) -> None:
        """Exit status 1 when a hub could not be told; it is tried again by a later call."""
        if not settings.WEBSUB_HUBS:
            raise CommandError("NEWSROOM_WEBSUB_HUBS names no hub.")
        websub.look()
        answers = [websub.tell(number) for number in websub.due()]
        told, failed = answers.count(True), answers.count(False)
        self.stdout.write(f"{told} told, {failed} to try again or refused")
        if failed:
            raise CommandError("Some hub could not be told; the reasons are kept with the pings.")
