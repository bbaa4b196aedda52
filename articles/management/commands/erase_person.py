"""Forgets a member of staff."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from articles import guarding


class Command(BaseCommand):
    """Makes the account a pseudonym; the audit keeps the name it was written with."""

    help = "Erase the personal data of a member of staff; revisions stay under a pseudonym, the audit as it is."

    def add_arguments(self, parser) -> None:
        """Whom, and that it is meant."""
        parser.add_argument("name", help="the name that the person signs in with")
        parser.add_argument("--yes", action="store_true", help="it is meant: this cannot be undone")

    def handle(self, *args, **options) -> None:
        """Erase, and say what is left."""
        user = get_user_model().objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['name']}.")
        if not options["yes"]:
            raise CommandError("This cannot be undone; say --yes when it is meant.")
        self.stdout.write(f"{options['name']} is {guarding.erase_person(user)} now; the audit keeps the name.")
