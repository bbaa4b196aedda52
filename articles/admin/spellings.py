"""The desks for what editors know of words: names in both scripts, and words of one meaning for those who search."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from articles.admin.desk import Desk
from articles.ingest.text import fold
from articles.models import Spelling, SynonymSet


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


@admin.register(SynonymSet)
class SynonymSetAdmin(Desk):
    """Words of one meaning."""

    list_display = ("__str__",)
    search_fields = ("words__contains",)
    search_help_text = _("A part of a word, in either script.")
    ordering = ("-id",)

    def find(self, queryset, term):
        """In either script; there are few."""
        folded = " ".join(fold(term).split())
        sets = queryset.values_list("pk", "words")
        return queryset.filter(pk__in=[pk for pk, words in sets if folded in fold(words)])
