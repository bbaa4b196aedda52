"""The form of an article: what stands on it and beside it, and what a save does."""

from __future__ import annotations

import dataclasses

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from articles import curation
from articles.admin.article_pictures import AddPictureInline, PictureFormSet, PictureInline, PlaceForm
from articles.admin.beside import OriginalDesk
from articles.admin.conflicts import BESIDE, Conflict
from articles.admin.forms import ArticleForm
from articles.admin.unsaved import UnsavedDesk, typed_of
from articles.models import Article, Revision, Tag, keep_baseline, keep_revisions, preview_address, record

TAKEN = ("published_from", "dateline_at", "archived_at", "archive_id", "canonical_address", "original_address")
LISTS = ("raw_title", "originals_list", "references_list", "duplicates_list", "cleaning_report")
STATE = ("stub", "source_changed", "edited_by", "edited_at", "created_at", "updated_at")
BESIDE_THE_WORDS = {"classes": ("beside",)}


class ArticleFormDesk(UnsavedDesk, OriginalDesk):
    """The change form of the desk of articles."""

    form = ArticleForm
    change_form_template = "admin/articles/article/change_form.html"
    autocomplete_fields = ("source",)
    inlines = (PictureInline, AddPictureInline)
    readonly_fields = (*TAKEN, *LISTS, *STATE)
    fieldsets = (
        (None, {"fields": ("title", "standfirst", "body", "byline", "excerpt", "version")}),
        (_("Schedule"), BESIDE_THE_WORDS | {"fields": ("go_live_at", "expire_at")}),
        (_("Picture and tags"), BESIDE_THE_WORDS | {"fields": ("lead_image", "topics")}),
        (_("This change"), BESIDE_THE_WORDS | {"fields": ("reason",)}),
        (
            _("When"),
            {"fields": (("published_at", "published_precision"), ("published_from", "dateline_at", "archived_at"))},
        ),
        (
            _("Where from"),
            {
                "fields": (
                    *("source", "original_address", "canonical_address", "raw_title", "copyright"),
                    ("language", "archive_id"),
                    *("originals_list", "references_list", "duplicates_list"),
                )
            },
        ),
        (_("State"), {"fields": ("slug", STATE[:2], STATE[2:4], STATE[4:])}),
        (_("Cleaning report"), {"classes": ("collapse",), "fields": ("cleaning_report",)}),
    )

    @method_decorator(csp_replace({"frame-src": [SELF]}))  # the live preview, which this site alone can be
    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None) -> HttpResponse:
        """With what was typed and not saved put back, when that is asked for."""
        article = self.get_object(request, object_id) if object_id and "restore" in request.GET else None
        request.restored = self.restored(request, article)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Put the button for new tags beside the choice, for those who may; and back what was typed."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.asked_by = request.user
        form.may_add_topics = admin.site.get_model_admin(Tag).has_add_permission(request)
        form.restored = typed_of(request.restored) if getattr(request, "restored", None) else None
        return form

    def get_view_on_site_url(self, obj=None):
        """Nowhere, as long as readers do not see it: the preview does that; one query."""
        is_public = obj is not None and obj.pk and Article.objects.published().filter(pk=obj.pk).exists()
        return super().get_view_on_site_url(obj) if is_public else None

    def get_readonly_fields(self, request, obj=None):
        """Who publishes sets a schedule, who tags sets topics, who reviews says that it is another source's."""
        kept = [*self.readonly_fields]
        if not request.user.has_perm("articles.publish_article"):
            kept += ["go_live_at", "expire_at"]
        if not curation.may_tag(request.user):
            kept.append("topics")
        if obj is not None and not curation.may_change_source(request.user):
            kept.append("source")
        return kept

    def get_fieldsets(self, request, obj=None):
        """Without what only a save needs, for those who may only look."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        left = (
            (name, tuple(field for field in part["fields"] if field not in BESIDE), part) for name, part in fieldsets
        )
        return tuple((name, part | {"fields": fields}) for name, fields, part in left if fields)

    def save_model(self, request, obj, form, change):
        """Saved as a person's work, unless nothing changed; the revision is kept when all parts are saved."""
        if change and not form.has_changed():
            return
        if change:
            keep_baseline([obj.pk], drifted=True)
        curation.save_edited(obj, request.user, form.cleaned_data.get("topics"), keep=False)

    def save_related(self, request, form, formsets, change):
        """Words under pictures are an editor's work too."""
        parts_changed = any(formset.has_changed() for formset in formsets)
        if change and parts_changed and not form.has_changed():
            keep_baseline([form.instance.pk], drifted=True)
        rows = _changed_words(formsets)
        super().save_related(request, form, formsets, change)
        if rows:
            self._write_words(request, form.instance, rows)
        taken_out = [place.image for formset in formsets for place in formset.deleted_objects]
        if taken_out:
            curation.take_out_of_text(form.instance, request.user, taken_out)
        if parts_changed:
            curation.mark_edited(form.instance, request.user)
        if not change or form.has_changed() or parts_changed:
            keep_revisions([form.instance.pk], request.user, form.cleaned_data.get("reason", ""), Revision.Kind.EDIT)
        self.forget_unsaved(request)

    def _write_words(self, request, article: Article, rows: list[PlaceForm]) -> None:
        """Words of pictures stand in the text, too; an alternative text stands wherever its picture does."""
        changes = {
            name: {
                row.instance.image.origin_url: (row.initial.get(name, ""), row.cleaned_data[name])
                for row in rows
                if name in row.changed_data
            }
            for name in ("caption", "alt")
        }
        curation.write_words(article, request.user, changes["caption"], changes["alt"])
        for row in rows:
            if "alt" in row.changed_data:
                image, (before, alt) = row.instance.image, changes["alt"][row.instance.image.origin_url]
                curation.describe(image, request.user, alt=alt, besides=article.pk)
                record("change", image, by=request.user, alt=alt, former_alt=before)

    def response_add(self, request, obj, post_url_continue=None):
        """Saved; then moved, when that was the button."""
        return self._moved(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        """Saved; then moved, when that was the button."""
        return self._moved(request, obj) or super().response_change(request, obj)

    def _moved(self, request, article: Article) -> HttpResponseRedirect | None:
        name = request.POST.get("_move")
        if not name:
            return None
        try:
            step = curation.move(article, name, request.user, request.POST.get("_note", ""))
        except curation.Refused as refused:
            messages.error(request, str(refused))
        else:
            self.log_change(request, article, f"{step.get_origin_display()} → {step.get_target_display()}")
            messages.success(request, _("Saved and moved: it is “%s” now.") % step.get_target_display())
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """Beside the form: state, checks, moves, who else has it open, what a refused save collided with."""
        form = context["adminform"].form
        context["show_save_and_add_another"] = False
        if obj is not None:
            context |= self._beside(request, obj, form) | _collision(form, context["inline_admin_formsets"])
        if obj is None or context["may_change"]:
            context |= self.about_unsaved(request, obj, form)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _beside(self, request, article: Article, form) -> dict:
        if article.source_changed and request.method == "GET":
            told = _("The source has changed this article since it was edited here.")
            address = reverse("admin:articles_article_source", args=[article.pk])
            messages.warning(request, format_html('{} <a href="{}">{}</a>', told, address, _("Compare and decide")))
        may_change = self.has_change_permission(request, article)
        return {
            "station": self.station(article),
            "checks": curation.checks_of(article),
            "moves": curation.moves_for(request.user, article),
            "others": curation.others_at(article.pk, request.user) if may_change else [],
            "may_change": may_change,
            "held": curation.held_by_other(article, request.user) if may_change else None,
            "preview": preview_address(article.pk),
            "last_step": article.steps.select_related("made_by").order_by("-id").first(),
        }


def _changed_words(formsets) -> list[PlaceForm]:
    """Rows of pictures that stay, and whose caption or alternative text was changed."""
    rows = (form for formset in formsets for form in formset.forms if isinstance(form, PlaceForm) and form.instance.pk)
    return [row for row in rows if {"caption", "alt"} & {*row.changed_data} and not row.cleaned_data.get("DELETE")]


def _collision(form, inlines) -> dict[str, Conflict | None]:
    """What a refused save collided with, in the rows of pictures too."""
    conflict = getattr(form, "conflict", None)
    if conflict is None:
        return {"conflict": None}
    rows = [inline.formset for inline in inlines if isinstance(inline.formset, PictureFormSet)]
    both = [name for formset in rows for name in formset.overtaken()]
    lost = [words for formset in rows for words in formset.lost]
    return {"conflict": dataclasses.replace(conflict, both=[*conflict.both, *both], lost=lost)}
