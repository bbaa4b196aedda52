"""The picture desk: what the program knows of each host that pictures come from, and what it made of each picture."""

from django.contrib import admin

from articles.admin.desk import Record
from articles.models import ImageHost, Rendition


@admin.register(ImageHost)
class ImageHostAdmin(Record):
    """The health of hosts."""

    list_display = ("name", "faults", "rests_until", "last_success_at", "last_fault_at", "last_fault")
    search_fields = ("name__istartswith",)
    ordering = ("name",)

    def find(self, queryset, term):
        """By the beginning of its name."""
        return queryset.filter(name__startswith=term.lower())


@admin.register(Rendition)
class RenditionAdmin(Record):
    """Files made of pictures; reached by their address."""

    list_display = ("stem", "width", "height", "suffixes", "size", "made_at")
    ordering = ("-id",)

    def has_module_permission(self, request) -> bool:
        """Not on the front page: they belong to pictures."""
        return False
