"""Django's command, recorded."""

from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands import changepassword

from articles.models import record


class Command(changepassword.Command):
    """That a password was changed is told to the audit, never which."""

    def handle(self, *args, **options) -> str | None:
        """As Django's; then a line. No transaction is held while it asks."""
        told = super().handle(*args, **options)
        model = get_user_model()
        user = model.objects.filter(**{model.USERNAME_FIELD: options["username"]}).first()
        if user is not None:
            record("change", user, password=True)
        return told
