"""Django's command, recorded."""

from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands import createsuperuser

from articles.models import record


class Command(createsuperuser.Command):
    """Whoever is made is told to the audit."""

    def handle(self, *args, **options) -> None:
        """As Django's; then a line for the account that was not there before. No transaction is held while it asks."""
        model = get_user_model()
        before = set(model.objects.filter(is_superuser=True).values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in model.objects.filter(is_superuser=True).exclude(pk__in=before):
            record("add", user, is_superuser=True)
