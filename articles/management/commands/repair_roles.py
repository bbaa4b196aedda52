"""Gives the roles exactly their rights again."""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand
from django.db import transaction

from articles import curation
from articles.models import record


class Command(BaseCommand):
    """Make or repair the groups reporter, editor and chief; members stay."""

    help = "Make or repair the roles reporter, editor and chief. Members stay; rights become exactly the role's."

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        """Repair, and say how many rights each has."""
        rights = curation.repair_roles(Group, Permission, ContentType)
        record("restore", "group", rights=rights)
        for role, number in rights.items():
            self.stdout.write(f"{role}: {number} rights")
