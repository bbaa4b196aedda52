"""What hubs were told, and why they were not."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin.desk import Record
from articles.models import Ping


@admin.register(Ping)
class PingAdmin(Record):
    """One row a hub and a feed."""

    list_display = ("feed", "hub", "wanted_at", "told_at", "attempts", "next_try_at")
    search_fields = ("feed__contains",)
    search_help_text = _("A part of a feed's address.")

    def find(self, queryset, term):
        """By the feed; there are few."""
        return queryset.filter(feed__contains=term)
