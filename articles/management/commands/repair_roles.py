"""Gives the roles exactly their rights again."""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand
from django.db import transaction

from articles import curation


class Command(BaseCommand):
    """Make or repair the groups reporter, editor and chief; members stay."""

    help = "Make or repair the roles reporter, editor and chief. Members stay; rights become exactly the role's."

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        """Repair, and say how many rights each has."""
        for role, number in curation.repair_roles(Group, Permission, ContentType).items():
            self.stdout.write(f"{role}: {number} rights")
