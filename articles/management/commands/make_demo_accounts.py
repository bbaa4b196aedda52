"""Staff accounts for a first look; refused on anything but a developer's own machine."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand, CommandError

from articles import curation
from articles.models import record


class Command(BaseCommand):
    """Make the demo accounts and print their passwords; a second call changes nothing but the print."""

    help = "Make demo staff accounts (DEBUG only) and print their names and passwords."

    def handle(self, *args, **options) -> None:
        """Make one account a role."""
        if not settings.DEBUG:
            raise CommandError("Demo accounts are made with NEWSROOM_DEBUG=true only; use createsuperuser here.")
        file = settings.DATA_DIR / "demo-password"
        if not file.exists():
            file.write_text(secrets.token_urlsafe(9), encoding="utf-8")
            file.chmod(0o600)
        password = file.read_text(encoding="utf-8").strip()
        roles = list(curation.repair_roles(Group, Permission, ContentType))
        for role in reversed(roles):
            user, made = get_user_model().objects.get_or_create(username=role, defaults={"is_staff": True})
            if made:
                user.set_password(password)
                user.save(update_fields=["password"])
                user.groups.add(Group.objects.get(name=role))
                record("add", user, roles=[role])
            self.stdout.write(
                f"Demo account: {role}, password: {password}"
                if user.check_password(password)
                else f"Demo account: {role} (its password has been changed)"
            )
