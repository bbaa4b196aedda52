"""The tag desk: merge with counts first, undo, and the clearing of unused tags with a dry run."""

from __future__ import annotations

import functools

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from articles import tagging, tasks
from articles.admin.desk import Record, change_link
from articles.models import Tag, TagAlias, TagMerge, tag_key

SHOWN_AT_MOST = 200  # names of a dry run


class TagDesk:
    """Adds the pages to the desk of tags."""

    def get_urls(self) -> list:
        """The pages beside and below a tag."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/merge/", view(self.merge_view), name="articles_tag_merge"),
            path("unused/", view(self.unused_view), name="articles_tag_unused"),
            *super().get_urls(),
        ]

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the target, show the counts, merge: three steps on one page."""
        tag = get_object_or_404(Tag, pk=pk)
        if not (self.has_change_permission(request, tag) and self.has_delete_permission(request, tag)):
            raise PermissionDenied
        name = (request.POST.get("target") or request.GET.get("target") or "").strip()
        target = _tag_named(name) if name else None
        if name and (target is None or target == tag):
            messages.error(request, _("“%(name)s” is no other tag.") % {"name": name})
            target = None
        if request.method == "POST" and target:
            return self._merge(request, tag, target)
        context = self._context(request, _("Merge a tag"), tag) | {
            "tag": tag,
            "target": target,
            "counts": tagging.merge_counts(tag, target) if target else None,
            "name": name,
            "similar": [] if target else _similar(tag),
        }
        return TemplateResponse(request, "admin/articles/tag/merge.html", context)

    def _merge(self, request: HttpRequest, tag: Tag, target: Tag) -> HttpResponse:
        try:
            merge = tagging.merge_tags(tag, target, request.user)
        except tagging.Refused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(reverse("admin:articles_tag_changelist"))
        _have_entries_written()
        self.log_change(request, target, _("Merged “%(name)s” into it.") % {"name": tag.name})
        told = _("“%(name)s” is another name of “%(target)s” now.") % {"name": tag.name, "target": target.name}
        address = reverse("admin:articles_tagmerge_change", args=[merge.pk])
        messages.success(request, format_html('{} <a href="{}">{}</a>', told, address, _("See or undo")))
        return HttpResponseRedirect(reverse("admin:articles_tag_change", args=[target.pk]))

    def unused_view(self, request: HttpRequest) -> HttpResponse:
        """A dry run: how many tags nobody uses, and which; then, when wanted, they go."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            number = tagging.delete_unused()
            messages.success(request, ngettext("%d tag deleted.", "%d tags deleted.", number) % number)
            return HttpResponseRedirect(reverse("admin:articles_tag_changelist"))
        unused = tagging.unused_tags()
        context = self._context(request, _("Unused tags")) | {
            "number": unused.count(),
            "names": list(unused.values_list("name", flat=True)[:SHOWN_AT_MOST]),
            "shown_at_most": SHOWN_AT_MOST,
        }
        return TemplateResponse(request, "admin/articles/tag/unused.html", context)

    def save_model(self, request, obj, form, change):
        """A renamed tag keeps its old name as an alias."""
        save = functools.partial(super().save_model, request, obj, form, change)
        old = form.initial.get("name", "") if change and "name" in form.changed_data else ""
        if old:
            tagging.rename_tag(obj, old, request.user, save)
            _have_entries_written()
        else:
            save()

    def delete_model(self, request, obj):
        """Each article that loses it keeps a revision."""
        tagging.delete_tag(obj, request.user)
        _have_entries_written()

    def delete_queryset(self, request, queryset):
        """The same, one after the other."""
        for tag in queryset:
            self.delete_model(request, tag)

    def _context(self, request: HttpRequest, title: str, tag: Tag | None = None) -> dict:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(tag) if tag else None,
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
        }


def _have_entries_written() -> None:
    """After commit; the clock asks again when the broker is away, or forgets."""
    transaction.on_commit(lambda: tasks.offer(tasks.index_waiting))


def _tag_named(name: str) -> Tag | None:
    """The tag of that name or alias, in either script; two queries."""
    key = tag_key(name)
    tag = Tag.objects.filter(key=key).first()
    if tag is None:
        alias = TagAlias.objects.filter(key=key).select_related("tag").first()
        tag = alias.tag if alias else None
    return tag


def _similar(tag: Tag) -> list[str]:
    """Names of tags that hold this one's name, or are held by it: likely targets; one query."""
    if len(tag.key) < 2:
        return []
    return list(Tag.objects.filter(key__contains=tag.key).exclude(pk=tag.pk).values_list("name", flat=True)[:20])


@admin.register(TagMerge)
class TagMergeAdmin(Record):
    """Merges, latest first; each can be undone once."""

    list_display = ("name", "into", "made_by", "made_at", "undone_at")
    list_select_related = ("target", "made_by")
    fields = ("name", "into", "made_by", "made_at", "uses", "undone_by", "undone_at", "undo")
    ordering = ("-id",)

    def get_queryset(self, request):
        """The list reads no long column."""
        merges = super().get_queryset(request).select_related("target", "made_by", "undone_by")
        match = request.resolver_match
        return merges if match and match.url_name == "articles_tagmerge_change" else merges.defer("kept")

    def get_urls(self) -> list:
        """The page that undoes."""
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="articles_tagmerge_undo"), *super().get_urls()]

    @method_decorator(require_POST)
    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Undo a merge."""
        if not request.user.has_perms(["articles.change_tag", "articles.delete_tag"]):
            raise PermissionDenied
        merge = get_object_or_404(TagMerge.objects.select_related("target"), pk=pk)
        try:
            merge = tagging.undo_merge(merge, request.user)
        except tagging.Refused as refused:
            messages.error(request, str(refused))
        else:
            _have_entries_written()
            messages.success(request, _("“%(name)s” is a tag of its own again.") % {"name": merge.name})
        return HttpResponseRedirect(reverse("admin:articles_tagmerge_change", args=[pk]))

    @admin.display(description=gettext_lazy("into"))
    def into(self, merge: TagMerge) -> str:
        """The target; when it is gone its name alone, which only the page of one merge reads."""
        if merge.target_id is None:
            return "–" if "kept" in merge.get_deferred_fields() else tagging.name_of_target(merge)
        return change_link("tag", merge.target_id, merge.target)

    @admin.display(description=gettext_lazy("uses"))
    def uses(self, merge: TagMerge) -> str:
        """What moved, and what both tags had."""
        moved, doubled = len(merge.kept.get("moved", ())), len(merge.kept.get("doubled", ()))
        return _("%(moved)s moved, %(doubled)s articles had both") % {"moved": moved, "doubled": doubled}

    @admin.display(description=gettext_lazy("undo"))
    def undo(self, merge: TagMerge) -> str:
        """A button of the page's own form, or the way to a later merge that must be undone first."""
        if merge.undone_at:
            return "–"
        if merge.target_id is None:
            later = tagging.later_merge(merge)
            return format_html("{} {}", _("Undo first:"), change_link("tagmerge", later.pk, later)) if later else "–"
        address = reverse("admin:articles_tagmerge_undo", args=[merge.pk])
        words = _("Undo this merge")
        return format_html('<button type="submit" class="button" formaction="{}">{}</button>', address, words)
