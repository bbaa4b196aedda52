"""The desk for names that reading in the other script leaves to people."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin.desk import Desk
from articles.models import Spelling


@admin.register(Spelling)
class SpellingAdmin(Desk):
    """Names in both scripts."""

    list_display = ("hans", "hant")
    list_display_links = ("hans", "hant")
    search_fields = ("hans__contains", "hant__contains")
    search_help_text = _("A part of a name.")
    ordering = ("hans",)

    def find(self, queryset, term):
        """In either script; there are few."""
        return queryset.filter(hans__contains=term) | queryset.filter(hant__contains=term)
