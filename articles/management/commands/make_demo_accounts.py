"""Staff accounts for a first look; refused on anything but a developer's own machine."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError

EDITORS_MAY = {
    "article": ("add", "change", "view"),
    "image": ("change", "view"),
    "articleimage": ("add", "change", "delete", "view"),
    "tag": ("add", "change", "view"),
    "tagalias": ("add", "change", "view"),
    "taggedarticle": ("add", "delete", "view"),
    "source": ("view",),
    "original": ("view",),
    "importrun": ("view",),
    "importfile": ("view",),
}


class Command(BaseCommand):
    """Make the demo accounts and print their passwords; a second call changes nothing but the print."""

    help = "Make demo staff accounts (DEBUG only) and print their names and passwords."

    def handle(self, *args, **options) -> None:
        """Make a chief (everything) and an editor (articles, pictures, tags)."""
        if not settings.DEBUG:
            raise CommandError("Demo accounts are made with NEWSROOM_DEBUG=true only; use createsuperuser here.")
        file = settings.DATA_DIR / "demo-password"
        if not file.exists():
            file.write_text(secrets.token_urlsafe(9), encoding="utf-8")
            file.chmod(0o600)
        password = file.read_text(encoding="utf-8").strip()
        for name, chief in (("chief", True), ("editor", False)):
            user, made = get_user_model().objects.get_or_create(
                username=name, defaults={"is_staff": True, "is_superuser": chief}
            )
            if made:
                user.set_password(password)
                user.save(update_fields=["password"])
            if not chief:
                user.groups.add(_editors())
            self.stdout.write(
                f"Demo account: {name}, password: {password}"
                if user.check_password(password)
                else f"Demo account: {name} (its password has been changed)"
            )


def _editors() -> Group:
    group, _ = Group.objects.get_or_create(name="editor")
    names = [f"{deed}_{model}" for model, deeds in EDITORS_MAY.items() for deed in deeds]
    group.permissions.set(Permission.objects.filter(content_type__app_label="articles", codename__in=names))
    return group
