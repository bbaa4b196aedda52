"""The story desk: what the program proposes as one event, and what an editor makes of it."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.deleting import WithItsParts
from articles.admin.desk import Desk, is_number, with_words
from articles.curation import Refused
from articles.curation import stories as service
from articles.models import Article, Story, StoryArticle

CONFIRM, DISMISS, REOPEN, ADD = "confirm", "dismiss", "reopen", "add"
WORDS = ("title", "slug", "standfirst")
FIELDS = {name: Story._meta.get_field(name) for name in WORDS}


@admin.register(Story)
class StoryAdmin(WithItsParts, Desk):
    """Proposed stories first, the surest on top."""

    list_display = ("title", "state", "reports", "sources", "began", "certainty")
    list_filter = ("state",)
    fields = WORDS
    ordering = ("-state", "-score", "-began_at", "-id")
    search_help_text = gettext_lazy("Words of the title, or a number.")
    search_fields = ("title",)

    def get_queryset(self, request):
        """With the number of reports and of sources, in one query."""
        held = StoryArticle.objects.filter(story=OuterRef("pk")).exclude(state=StoryArticle.State.OUT)
        held = held.order_by().values("story")
        reports = held.annotate(number=Count("pk")).values("number")
        sources = held.annotate(number=Count("article__source", distinct=True)).values("number")
        return (
            super()
            .get_queryset(request)
            .annotate(
                number_of_reports=Coalesce(Subquery(reports), 0), number_of_sources=Coalesce(Subquery(sources), 0)
            )
        )

    def find(self, queryset, term):
        """By words of the title, in either script."""
        return with_words(queryset, term, "title")

    def save_model(self, request, obj, form, change):
        """A story that an editor begins is a proposal until it has its reports."""
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("reports"))
    def reports(self, story: Story) -> int:
        """Number of articles."""
        return story.number_of_reports

    @admin.display(description=gettext_lazy("sources"))
    def sources(self, story: Story) -> int:
        """Number of sources."""
        return story.number_of_sources

    @admin.display(description=gettext_lazy("first report"))
    def began(self, story: Story) -> str:
        """Its day."""
        return story.began_at.date().isoformat() if story.began_at else "–"

    @admin.display(description=gettext_lazy("certainty"))
    def certainty(self, story: Story) -> str:
        """How near the reports are to each other."""
        return f"{story.score} %" if story.score else "–"

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        """The proposal with its reports; a POST does one deed."""
        number = int(object_id) if is_number(object_id) else 0
        story = get_object_or_404(Story.objects.select_related("decided_by"), pk=number)
        if not self.has_view_permission(request, story):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request, story)
        context = self._context(request, story) | (extra_context or {})
        return TemplateResponse(request, "admin/articles/story/desk.html", context)

    def _context(self, request: HttpRequest, story: Story) -> dict:
        places = story.places.select_related("article__source", "article__lead_image")
        heavy = (f"article__{name}" for name in (*Article.HEAVY_FIELDS, *Article.LATE_FIELDS))
        return {
            **self.admin_site.each_context(request),
            "title": _("How did they tell it?"),
            "subtitle": str(story),
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "story": story,
            "places": places.defer(*heavy).order_by(F("article__listed_at"), "article"),
            "labels": {name: field.verbose_name for name, field in FIELDS.items()},
            "may_decide": service.may_decide(request.user),
            "later": Story.objects.filter(state=Story.State.PROPOSED)
            .exclude(pk=story.pk)
            .order_by("-score", "-began_at", "-id")
            .first(),
        }

    def _decide(self, request: HttpRequest, story: Story) -> HttpResponse:
        if not service.may_decide(request.user):
            raise PermissionDenied
        deed = request.POST.get("deed", "")
        try:
            if deed == CONFIRM:
                reports = [int(pk) for pk in request.POST.getlist("report") if pk.isdecimal() and len(pk) < 19]
                words = {name: request.POST.get(name, "") for name in WORDS}
                service.confirm_story(story, request.user, words, reports)
                told = _("Readers see this story now.")
            elif deed == DISMISS:
                service.dismiss_story(story, request.user)
                told = _("Dismissed: these articles are not proposed together again.")
            elif deed == REOPEN:
                service.reopen_story(story, request.user)
                told = _("It is a proposal again.")
            elif deed == ADD:
                article = service.add_report(story, _number(request.POST.get("words", "")), request.user)
                told = _("Added: “%(title)s”.") % {"title": article}
            else:
                raise Http404
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            self.log_change(request, story, told)
            messages.success(request, told)
        return HttpResponseRedirect(reverse("admin:articles_story_change", args=[story.pk]))


def _number(given: str) -> int:
    """The number in `given` (an article's address holds one, too); 0 when there is none."""
    digits = given.strip().strip("/#").split("/a/")[-1].split("/article/")[-1].split("/")[0]
    return int(digits) if is_number(digits) else 0
