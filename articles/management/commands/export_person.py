"""Writes out what is known of a member of staff."""

import json

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from articles import guarding
from articles.models import record


class Command(BaseCommand):
    """JSON on standard output."""

    help = "Write all that is stored of a member of staff to standard output, as JSON."

    def add_arguments(self, parser) -> None:
        """Whom."""
        parser.add_argument("name", help="the name that the person signs in with")

    def handle(self, *args, **options) -> None:
        """Write, and tell the audit."""
        user = get_user_model().objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['name']}.")
        self.stdout.write(json.dumps(guarding.export_person(user), ensure_ascii=False))
        record("export", user)
