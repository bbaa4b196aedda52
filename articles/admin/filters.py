"""Narrowing the list of articles, and the bar of filters that people keep above it and in triage."""

from __future__ import annotations

import datetime

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles import search
from articles.admin.desk import Desk, is_number
from articles.curation import filters
from articles.models import UNDATED, Article, ArticleImage, SavedFilter, Tag

LIST, TRIAGE = SavedFilter.Desk.LIST, SavedFilter.Desk.TRIAGE
HOMES = {LIST: "admin:articles_article_changelist", TRIAGE: "admin:articles_article_triage"}
COLUMNS = (
    "status__exact",
    "source__id__exact",
    "source_changed__exact",
    "stub__exact",
)  # as the list's filters name them
PASSING = ("p", "e", "o", "all", "item", "_popup", "_to_field")  # no part of a filter


class YearFilter(admin.SimpleListFilter):
    """By the year of the list's date. Offered within one status, where an index answers it."""

    title = gettext_lazy("year")
    parameter_name = "year"

    def lookups(self, request, model_admin):
        """From the newest year to the oldest; two index look-ups."""
        status = request.GET.get("status__exact")
        if not status:
            return []
        dated = Article.objects.filter(status=status, listed_at__gt=UNDATED).order_by("listed_at")
        ends = [rows.values_list("listed_at", flat=True).first() for rows in (dated, dated.reverse())]
        if ends[0] is None:
            return []
        return [(str(year), str(year)) for year in range(ends[1].year, ends[0].year - 1, -1)]

    def queryset(self, request, queryset):
        """Articles of the chosen year, in UTC."""
        return self.narrowed(queryset, self.value() or "")

    @staticmethod
    def narrowed(queryset: QuerySet, value: str) -> QuerySet:
        """The same of any list of articles."""
        if not is_number(value) or not datetime.MINYEAR <= int(value) < datetime.MAXYEAR:
            return queryset
        start = datetime.datetime(int(value), 1, 1, tzinfo=datetime.UTC)
        return queryset.filter(listed_at__gte=start, listed_at__lt=start.replace(year=start.year + 1))


class TopicFilter(admin.SimpleListFilter):
    """Reached by a tag's page ("its articles"); it offers nothing by itself, since there are thousands of tags."""

    title = gettext_lazy("tag")
    parameter_name = "topic"

    def lookups(self, request, model_admin):
        """The tag that is chosen, to be seen and taken off."""
        chosen = request.GET.get(self.parameter_name, "")
        return Tag.objects.filter(pk=chosen).values_list("pk", "name") if is_number(chosen) else []

    def queryset(self, request, queryset):
        """Articles with that tag."""
        return self.narrowed(queryset, self.value() or "")

    @staticmethod
    def narrowed(queryset: QuerySet, value: str) -> QuerySet:
        """As a set of ids, since a join would ask for a DISTINCT over whole rows."""
        if not is_number(value):
            return queryset
        return queryset.filter(pk__in=Article.tags.through.objects.filter(tag=value).values("content_object"))


class NeedFilter(admin.SimpleListFilter):
    """By what asks for an editor."""

    title = gettext_lazy("what is missing")
    parameter_name = "has"

    def lookups(self, request, model_admin):
        """All but what has a filter of its own here; no query."""
        return [(name, need.label) for name, need in filters.NEEDS.items() if name != "stub"]

    def queryset(self, request, queryset):
        """Articles of which it is true."""
        return self.narrowed(queryset, self.value() or "")

    @staticmethod
    def narrowed(queryset: QuerySet, value: str) -> QuerySet:
        """The same of any list of articles."""
        need = filters.NEEDS.get(value)
        return queryset.filter(need.condition()) if need else queryset


class ScriptFilter(admin.SimpleListFilter):
    """By the characters an article is written in."""

    title = gettext_lazy("script")
    parameter_name = "script"

    def lookups(self, request, model_admin):
        """All; no query."""
        return list(filters.SCRIPTS.items())

    def queryset(self, request, queryset):
        """Articles of one script."""
        return self.narrowed(queryset, self.value() or "")

    @staticmethod
    def narrowed(queryset: QuerySet, value: str) -> QuerySet:
        """The same of any list of articles."""
        return queryset.filter(script=value) if value in filters.SCRIPTS else queryset


class Chosen(admin.SimpleListFilter):
    """One that is reached by a link and offers nothing by itself: what is chosen is seen, and taken off."""

    def lookups(self, request, model_admin):
        """The value in words, if it makes sense."""
        value = request.GET.get(self.parameter_name, "")
        told = self.told(value)
        return [(value, told)] if told else []

    def queryset(self, request, queryset):
        """Articles of which it is true."""
        return self.narrowed(queryset, self.value() or "")


class PictureFilter(Chosen):
    """Reached by a picture's page ("in articles")."""

    title = gettext_lazy("picture")
    parameter_name = "picture"

    @staticmethod
    def told(value: str) -> str:
        """The picture's number."""
        return f"#{value}" if value.isdecimal() else ""

    @staticmethod
    def narrowed(queryset: QuerySet, value: str) -> QuerySet:
        """Articles that show the picture, in the text or above it."""
        if not is_number(value):
            return queryset
        shown = ArticleImage.objects.filter(image=value).values("article")
        return queryset.filter(Q(pk__in=shown) | Q(lead_image=value))


class DayFilter(Chosen):
    """By day, in the source's time zone: 2025-01-28, or 2025-01-01..2025-01-31. The front page's map leads here."""

    title = gettext_lazy("day")
    parameter_name = "day"

    @staticmethod
    def days(value: str) -> tuple[datetime.date, datetime.date] | None:
        """First and last day; None when `value` makes no sense."""
        first, _dots, last = value.partition("..")
        try:
            return datetime.date.fromisoformat(first), datetime.date.fromisoformat(last or first)
        except ValueError:
            return None

    @classmethod
    def told(cls, value: str) -> str:
        """The days."""
        days = cls.days(value)
        return " – ".join(dict.fromkeys(day.isoformat() for day in days)) if days else ""

    @classmethod
    def narrowed(cls, queryset: QuerySet, value: str) -> QuerySet:
        """The same of any list of articles."""
        days = cls.days(value)
        return queryset.filter(published_on__range=days) if days else queryset


class EditorFilter(Chosen):
    """By the account that edited last."""

    title = gettext_lazy("edited by")
    parameter_name = "editor"

    @staticmethod
    def told(value: str) -> str:
        """The account's name; one query."""
        users = get_user_model().objects.filter(pk=value) if is_number(value) else ()
        return next((user.get_username() for user in users), "")

    @staticmethod
    def narrowed(queryset: QuerySet, value: str) -> QuerySet:
        """The same of any list of articles."""
        return queryset.filter(edited_by=value) if is_number(value) else queryset


class TermFilter(admin.SimpleListFilter):
    """By the terms an editor has set."""

    title = gettext_lazy("terms")
    parameter_name = "term"

    def lookups(self, request, model_admin):
        """Both; no query."""
        return [("scheduled", _("scheduled")), ("expired", _("expired"))]

    def queryset(self, request, queryset):
        """Published articles that readers do not see yet, or no more."""
        return self.narrowed(queryset, self.value() or "")

    @staticmethod
    def narrowed(queryset: QuerySet, value: str) -> QuerySet:
        """The same of any list of articles; each answered by an index."""
        terms = {"scheduled": {"go_live_at__gt": timezone.now()}, "expired": {"expire_at__lte": timezone.now()}}
        if value not in terms:
            return queryset
        # Apart, since few have any: else a database reads the list in its order until it has found a page of them.
        return queryset.filter(
            pk__in=Article.objects.filter(status=Article.Status.PUBLISHED, **terms[value]).values("pk")
        )


OURS = (YearFilter, TopicFilter, PictureFilter, NeedFilter, ScriptFilter, TermFilter, DayFilter, EditorFilter)


def bare(query: QueryDict) -> str:
    """The query of a list's address without what is no filter: pages, orders, popups."""
    kept = query.copy()
    for name in PASSING:
        kept.pop(name, None)
    return kept.urlencode()


class FilterDesk:
    """Adds saved filters to the desk of articles."""

    def get_urls(self) -> list:
        """Where a filter is saved, and where triage learns with which it opens."""
        view = self.admin_site.admin_view
        return [
            path("filters/save/", view(self.save_filter_view), name="articles_article_save_filter"),
            path("filters/<int:pk>/first/", view(self.first_filter_view), name="articles_article_first_filter"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """With the bar above the list."""
        bar = {} if request.method == "POST" else self.filter_bar(request, LIST, bare(request.GET))
        return super().changelist_view(request, (extra_context or {}) | bar)

    def filter_bar(self, request: HttpRequest, desk: str, query: str) -> dict:
        """What the bar shows: the filters with their counts, and whether this one is kept already.

        Two queries, and one for synonyms when words are in a filter.
        """
        kept = filters.filters_for(request.user, desk)
        with search.synonyms_read_once():
            counts = filters.counts_of([self.narrowed_by(request, desk, saved.query) for saved in kept])
        asked = sorted(QueryDict(query).lists())
        return {
            "filter_desk": desk,
            "filter_query": query,
            "filter_home": reverse(HOMES[desk]),
            "saved_filters": [
                {
                    "saved": saved,
                    "count": min(count, filters.COUNTED),
                    "more": count > filters.COUNTED,
                    "is_here": bool(query) and sorted(QueryDict(saved.query).lists()) == asked,
                    "is_mine": saved.owner_id == request.user.pk,
                }
                for saved, count in zip(kept, counts, strict=True)
            ],
            "may_save_filters": request.user.has_perm("articles.add_savedfilter"),
            "may_share_filters": request.user.has_perm("articles.share_savedfilter"),
        }

    def narrowed_by(self, request: HttpRequest, desk: str, query: str) -> QuerySet:
        """The articles of a filter, as its list shows them; no query but for the synonyms of words."""
        given = QueryDict(query)
        if desk == TRIAGE:
            wanted = filters.Wanted.read(given)
            return wanted.of(Article.objects.filter(status=Article.Status.INBOX))
        articles = Article.objects.all()
        try:
            for name in COLUMNS:
                if name in given:
                    articles = articles.filter(**{name: given[name]})
        except (ValueError, ValidationError):
            return articles.none()
        for ours in OURS:
            articles = ours.narrowed(articles, given.get(ours.parameter_name, ""))
        return self.get_search_results(request, articles, given.get("q", ""))[0]

    @method_decorator(require_POST)
    def save_filter_view(self, request: HttpRequest) -> HttpResponse:
        """Keep what the list is narrowed to."""
        if not (self.has_view_permission(request) and request.user.has_perm("articles.add_savedfilter")):
            raise PermissionDenied
        desk = TRIAGE if request.POST.get("desk") == TRIAGE else LIST
        name, query = request.POST.get("name", "").strip(), bare(QueryDict(request.POST.get("query", "")[:2000]))
        if not name or not query:
            messages.warning(request, _("Narrow the list first, then give the filter a name."))
        else:
            saved = filters.save_filter(request.user, desk, name, query, shared=bool(request.POST.get("shared")))
            if desk == TRIAGE and request.POST.get("first"):
                filters.open_with(request.user, saved)
            messages.success(request, _("Filter saved: “%(name)s”.") % {"name": saved.name})
        return HttpResponseRedirect(f"{reverse(HOMES[desk])}?{query}")

    @method_decorator(require_POST)
    def first_filter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let one's own triage open with a filter, or (number 0) with the whole inbox."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        seen = filters.seen_by(request.user).filter(desk=TRIAGE)
        filters.open_with(request.user, get_object_or_404(seen, pk=pk) if pk else None)
        messages.success(request, _("Your triage opens with it from now on."))
        return HttpResponseRedirect(reverse(HOMES[TRIAGE]))


@admin.register(SavedFilter)
class SavedFilterAdmin(Desk):
    """Filters, to be renamed, shared and deleted; they are made above the list that they narrow."""

    list_display = ("name", "desk", "opened", "owner", "is_shared")
    list_filter = ("desk",)
    list_select_related = ("owner",)
    fields = ("name", "is_shared", "desk", "opened", "owner", "made_at")
    readonly_fields = ("desk", "opened", "owner", "made_at")
    ordering = ("name", "id")

    def get_queryset(self, request):
        """One's own and the shared ones."""
        return super().get_queryset(request).filter(pk__in=filters.seen_by(request.user).values("pk"))

    def get_readonly_fields(self, request, obj=None):
        """Shared by those who may share."""
        if request.user.has_perm("articles.share_savedfilter"):
            return self.readonly_fields
        return (*self.readonly_fields, "is_shared")

    def has_add_permission(self, request) -> bool:
        """Made above a list."""
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        """One's own, or shared ones for those who share."""
        if obj is None:
            return super().has_change_permission(request)
        return filters.may_change_filter(request.user, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        """As for changing."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or filters.may_change_filter(request.user, obj))

    @admin.display(description=gettext_lazy("list, narrowed"))
    def opened(self, saved: SavedFilter) -> str:
        """Leads to the list."""
        return format_html('<a href="{}?{}">{}</a>', reverse(HOMES[saved.desk]), saved.query, _("open"))
