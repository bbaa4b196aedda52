"""What all desks share: lists that stay quick at 100,000 rows, records that nobody changes, links that are safe."""

import itertools

from django import forms
from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.core.paginator import Page, Paginator
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles import images
from articles.admin.forms import LinesField
from articles.admin.recorded import Recorded
from articles.ingest.text import fold

COUNT_CAP = 10_000
LARGEST_ID = 2**63 - 1
NAMED_AT_MOST = 1000  # rows that a statement names


def tell_unless(was_handed_out: bool, request) -> None:
    """Warn a person when a deed is done and what follows from it could be given to no worker yet."""
    if not was_handed_out:
        told = gettext("No worker can be asked now: the broker does not answer. What waits goes on when it does.")
        messages.warning(request, told)


def is_number(given: str) -> bool:
    """Whether it can be the number of a row; Python refuses to read numbers of thousands of digits."""
    return given.isdecimal() and len(given) <= len(str(LARGEST_ID)) and int(given) <= LARGEST_ID


def clean_words(typed: str) -> str:
    """What was typed into a search box without what no database takes: NUL, and halves of characters."""
    return typed.replace("\x00", "").encode("utf-8", "ignore").decode().strip()


class CappedPaginator(Paginator):
    """Counts at most COUNT_CAP rows (or `cap`): beyond that, exactness costs a scan and tells nobody anything.

    `capped` is true when there are more; the pages then end at the cap, and filters or the search lead further.
    """

    cap: int | None = None

    @property
    def _most(self) -> int:
        return min(self.cap or COUNT_CAP, COUNT_CAP)

    @cached_property
    def _found(self) -> int:
        return self.object_list.order_by()[: self._most + 1].count()

    @cached_property
    def count(self) -> int:
        """Number of rows, the cap at most; one query."""
        return min(self._found, self._most)

    @property
    def capped(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._found > self._most

    def page(self, number) -> Page:
        """The page of that number; from the second on in two queries: what is passed over is never joined or read."""
        page = super().page(number)
        if page.number > 1 and isinstance(page.object_list, models.QuerySet):
            rows = self.object_list.select_related(None).prefetch_related(None)
            numbers = list(rows.values_list("pk", flat=True)[page.start_index() - 1 : page.end_index()])
            page.object_list = self.object_list.filter(pk__in=numbers)
        return page


class AheadPaginator(Paginator):
    """Reads one row more instead of counting: a list of completions only wants to know whether there are others."""

    def page(self, number) -> Page:
        """The page of that number, in one query; an empty one behind the last."""
        number = int(number) if str(number).isdecimal() and len(str(number)) < 9 else 1
        start = (max(number, 1) - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        self.__dict__["count"] = start + len(rows)  # in place of the cached count
        return Page(rows[: self.per_page], max(number, 1), self)


def is_completion(request) -> bool:
    """Whether a field asks for what is typed into it, rather than a list for its page."""
    return bool(request.resolver_match and request.resolver_match.url_name == "autocomplete")


class Desk(Recorded, admin.ModelAdmin):
    """A counter, not a kitchen. Its search box looks up what an index finds: numbers here, the rest in `find`."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    actions = None  # in bulk through services only: "all rows of the list" is more than was counted
    sortable_by = ()
    formfield_overrides = {models.TextField: {"form_class": LinesField}}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """The two halves of a time each say their name to those who cannot see it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.SplitDateTimeField):
            for half, name in zip(field.widget.widgets, (_("date"), _("time")), strict=True):
                half.attrs["aria-label"] = f"{field.label}, {name}"
            # Where a language shows no seconds, they would be lost by saving what nobody touched.
            field.widget.widgets[1].format = "%H:%M:%S"
        return field

    def get_paginator(self, request, queryset, per_page, orphans=0, allow_empty_first_page=True):
        """Completions are not counted."""
        if is_completion(request):
            return AheadPaginator(queryset, per_page)
        return super().get_paginator(request, queryset, per_page, orphans, allow_empty_first_page)

    def find(self, queryset: models.QuerySet, term: str) -> models.QuerySet:
        """Rows for words in the search box that are not a number."""
        return queryset.none()

    def get_search_results(self, request, queryset, search_term):
        """A number is looked up as an id, anything else by the desk's own `find`; nothing spawns duplicates."""
        term = clean_words(search_term)
        if not term:
            return queryset, False
        if term.isdecimal():
            return (queryset.filter(pk=int(term)) if is_number(term) else queryset.none()), False
        return self.find(queryset, term), False


def with_words(queryset: models.QuerySet, term: str, *fields: str) -> models.QuerySet:
    """Rows one of whose `fields` has `term` in it, folded as search folds; the newest where there are very many.

    Reads these fields of every row, for tables of thousands at most; one query more.
    """
    sought = fold(term)
    rows = queryset.order_by("-pk").values_list("pk", *fields)
    found = (pk for pk, *texts in rows if any(sought in fold(text) for text in texts))
    return queryset.filter(pk__in=list(itertools.islice(found, NAMED_AT_MOST)))


class Record(Desk):
    """Written by the program alone: nobody adds, changes or deletes, superusers included."""

    def has_add_permission(self, request) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        """Never."""
        return False


class PartFormSet(forms.BaseInlineFormSet):
    """Rows whose box for deleting says its name: the head of a table is no label."""

    def add_fields(self, form, index) -> None:
        """As always, with a name for the box."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Delete")


class Part(admin.TabularInline):
    """Rows that belong to another record, on its page."""

    extra = 0
    formset = PartFormSet
    formfield_overrides = Desk.formfield_overrides

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """A table's heads are no labels: each field says its own name to those who cannot see it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        field.widget.attrs["aria-label"] = field.label
        return field


def outside_link(address: str) -> str:
    """The address as a link when it opens over http or https, else as mere text."""
    if not address.startswith(("https://", "http://")):
        return address or "–"
    return format_html('<a class="outside" href="{}" rel="noopener noreferrer">{}</a>', address, address)


def change_link(model: str, pk: int | None, text: object = None) -> str:
    """Link to the admin page of row `pk` of a model of this app; a dash when there is none."""
    if pk is None:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse(f"admin:articles_{model}_change", args=[pk]), text or f"#{pk}")


def list_link(model: str, text: object, **filters: object) -> str:
    """Link to the admin's list of a model of this app, narrowed by `filters`."""
    address = f"{reverse(f'admin:articles_{model}_changelist')}?{urlencode(filters)}"
    return format_html('<a href="{}">{}</a>', address, text)


def thumbnail(image) -> str:
    """A small view of a stored picture through the storage, never from its origin; its state when not stored."""
    if not image.is_stored:
        return format_html('<span class="no-picture">{}</span>', image.get_state_display())
    plans = images.cards(image) if images.can_be_shown(image) else []
    address = default_storage.url(f"{plans[0].stem}.webp") if plans else image.file.url
    return format_html('<img class="thumbnail" src="{}" alt="{}" loading="lazy" decoding="async">', address, image.alt)
