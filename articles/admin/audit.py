"""The desk for the audit: who did what to which object, narrowed by each of these and by day, and written out."""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Iterator

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.filters import SimpleListFilter
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from articles import search
from articles.actors import COMMAND, TASK
from articles.admin.desk import Record, clean_words, is_number
from articles.admin.telling import more_of
from articles.ingest.text import fold
from articles.models import Article, Deed, Source, Tag, record
from articles.models.audit import KNOWN_IN, NO_ROWS, VERBS

FOUND_AT_MOST = 500  # objects whose names are searched for, of each kind
READ_AT_MOST = 5000  # deeds whose notes and details are searched, the latest of the narrowed list
NAMES_OFFERED = 100
KINDS = ("article", "tag", "source", "image", "importrun", "user", "group")  # offered first; others follow


class Chosen(SimpleListFilter):
    """A narrowing that the form above the list offers: only what is chosen is told."""

    def lookups(self, request, model_admin):
        """The one that is chosen."""
        chosen = request.GET.get(self.parameter_name, "").strip()
        return [(chosen, chosen)] if chosen else []


class WhoFilter(Chosen):
    """By the actor's name, in full."""

    title = _("who")
    parameter_name = "who"

    def queryset(self, request, queryset):
        """By an index."""
        return queryset.filter(actor=(self.value() or "").strip())


class WhatFilter(Chosen):
    """By the verb."""

    title = _("what")
    parameter_name = "what"

    def queryset(self, request, queryset):
        """By an index."""
        return queryset.filter(verb=self.value())


class KindFilter(Chosen):
    """By the kind of object."""

    title = _("kind of object")
    parameter_name = "kind"

    def queryset(self, request, queryset):
        """By an index."""
        return queryset.filter(kind=self.value())


class FromFilter(Chosen):
    """From a day on."""

    title = _("from")
    parameter_name = "from"

    def queryset(self, request, queryset):
        """That day included."""
        start = midnight(self.value())
        return queryset.filter(made_at__gte=start) if start else queryset


class UntilFilter(Chosen):
    """Until a day."""

    title = _("until")
    parameter_name = "until"

    def queryset(self, request, queryset):
        """That day included."""
        start = midnight(self.value())
        return queryset.filter(made_at__lt=start + datetime.timedelta(days=1)) if start else queryset


def midnight(written: str | None) -> datetime.datetime | None:
    """The first moment of a day written as 2025-01-28; None when it is none."""
    try:
        day = datetime.date.fromisoformat((written or "").strip())
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
    except (ValueError, OverflowError):
        return None


def kinds() -> list[str]:
    """All kinds of objects, those that are asked for most first."""
    others = sorted({model._meta.model_name for app in KNOWN_IN for model in apps.get_app_config(app).get_models()})
    return [*KINDS, *(kind for kind in others if kind not in KINDS), *NO_ROWS]


@admin.register(Deed)
class DeedAdmin(Record):
    """Latest first; each narrowing has an index, and the list counts no further than its cap."""

    change_list_template = "admin/articles/deed/change_list.html"
    counted = _("deeds")  # what the count below the list is of
    list_display = ("when", "who", "what", "what_to", "more")
    list_display_links = ("when",)
    list_filter = (WhoFilter, WhatFilter, KindFilter, FromFilter, UntilFilter)
    search_fields = ("name",)  # never read as such: see `find`
    search_help_text = _("A name of an object, or its number; words of notes and details in the latest 5,000 deeds.")
    fields = ("when", "who", "actor_number", "what", "what_to", "more")
    ordering = ("-made_at", "-id")

    def get_urls(self) -> list:
        """The way out."""
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="articles_deed_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """With what the form above the list offers: one query more."""
        names = get_user_model().objects.filter(is_staff=True).order_by("username").values_list("username", flat=True)
        asked = {name: request.GET.get(name, "") for name in ("q", "who", "what", "kind", "from", "until")}
        return super().changelist_view(
            request,
            {
                "title": self.opts.verbose_name_plural.capitalize(),
                "asked": asked,
                "query": urlencode({name: value for name, value in asked.items() if value}),
                "names": list(names[:NAMES_OFFERED]),
                "verbs": VERBS.items(),
                "kinds": [(kind, Deed(kind=kind).kind_label) for kind in kinds()],
                **(extra_context or {}),
            },
        )

    def get_search_results(self, request, queryset, search_term):
        """A number is an object's; words are found in names."""
        term = clean_words(search_term).removeprefix("#")
        if not term:
            return queryset, False
        if term.isdecimal() and not is_number(term):
            return queryset.none(), False
        if term.isdecimal():
            number = int(term)
            found = queryset.filter(kind__in=kinds(), number=number)  # so that the index of objects answers
            return found, False
        return self.find(queryset, term), False

    def find(self, queryset, term):
        """Deeds on objects of that name, as they are called now, and on deleted ones as they were called; and what
        somebody of that name did; and, of the latest READ_AT_MOST, deeds whose note or details say it in either script.
        Eight queries more.
        """
        query = search.query_of(term)
        articles = [] if query.is_empty else search.newest_of(Article.objects.all(), query, FOUND_AT_MOST)
        key = " ".join(fold(term).split())
        people = get_user_model().objects.filter(username__icontains=term)
        deleted = Deed.objects.filter(verb="delete", name__icontains=term).order_by("-made_at", "-id")
        told = {*deleted.values_list("pk", flat=True)[:FOUND_AT_MOST], *_saying(queryset, key)}
        wanted = Q(pk__in=told)
        if Deed.objects.filter(actor=term).exists():  # else databases reckon with all that somebody like that did
            wanted |= Q(actor=term)
        for kind, rows in (
            ("tag", Tag.objects.filter(key__contains=key).order_by()),
            ("source", Source.objects.filter(name__icontains=term).order_by()),
            ("user", people),
            ("article", articles),
        ):
            numbers = rows if kind == "article" else list(rows.values_list("pk", flat=True)[:FOUND_AT_MOST])
            if numbers:
                wanted |= Q(kind=kind, number__in=numbers)
        return queryset.filter(wanted)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The list as it is narrowed, all of it, a line of JSON a deed, latest first; streamed. It is a deed itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        narrowed: QuerySet = self.get_changelist_instance(request).get_queryset(request)
        record("export", "deed", by=request.user, narrowed=dict(request.GET.items()))
        answer = StreamingHttpResponse(lines(narrowed), content_type="application/x-ndjson; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="audit-{timezone.now():%Y-%m-%d}.jsonl"'
        answer["Cache-Control"] = "no-store"
        return answer

    @admin.display(description=_("when"))
    def when(self, deed: Deed) -> str:
        """To the second."""
        moment = timezone.localtime(deed.made_at)
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), f"{moment:%Y-%m-%d %H:%M:%S}")

    @admin.display(description=_("who"))
    def who(self, deed: Deed) -> str:
        """The name, which narrows the list; commands and tasks say that they are."""
        if not deed.actor:
            return "–"
        address = f"{reverse('admin:articles_deed_changelist')}?{urlencode({'who': deed.actor})}"
        mark = format_html(' <span class="note">{}</span>', deed.get_actor_kind_display())
        return format_html('<a href="{}">{}</a>{}', address, deed.actor, mark if _is_machine(deed) else "")

    @admin.display(description=_("what"))
    def what(self, deed: Deed) -> str:
        """The verb."""
        return deed.verb_label

    @admin.display(description=_("object"))
    def what_to(self, deed: Deed) -> str:
        """Its kind, and a link to it; what was deleted has only a name."""
        kind = deed.kind_label
        if deed.number is None:
            return format_html('<span class="quiet">{}</span> {}', kind, deed.name)
        name = deed.name or f"#{deed.number}"
        address = "" if deed.verb == "delete" else _address_of(deed)
        shown = format_html('<a href="{}">{}</a>', address, name) if address else name
        return format_html('<span class="quiet">{}</span> {}', kind, shown)

    @admin.display(description=_("more"))
    def more(self, deed: Deed) -> str:
        """Note and details."""
        return more_of(deed) or "–"


def _saying(deeds: QuerySet[Deed], key: str) -> list[int]:
    """Numbers of the latest deeds whose note or details have folded words; one query, of bounded length."""
    latest = deeds.order_by("-made_at", "-id").values_list("pk", "note", "details")[:READ_AT_MOST]
    found = (
        pk
        for pk, note, details in latest
        if key in " ".join(fold(f"{note} {json.dumps(details, ensure_ascii=False)}").split())
    )
    return list(itertools.islice(found, FOUND_AT_MOST))


def _is_machine(deed: Deed) -> bool:
    return deed.actor_kind in (COMMAND, TASK)


def _address_of(deed: Deed) -> str:
    """The desk's page of the object; "" when its kind has none."""
    for app in KNOWN_IN:
        try:
            return reverse(f"admin:{app}_{deed.kind}_change", args=[deed.number])
        except NoReverseMatch:
            continue
    return ""


def lines(deeds: QuerySet[Model]) -> Iterator[str]:
    """Lines of JSON."""
    return (json.dumps(deed, ensure_ascii=False) + "\n" for deed in deeds.told())
