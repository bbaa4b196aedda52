"""Stories: one event as several sources told it, proposed by the program and confirmed by an editor."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.edition import Public, PublicQuerySet


class StoryQuerySet(PublicQuerySet):
    """Questions that more than one room asks."""

    def confirmed(self) -> "StoryQuerySet":
        """Those that readers may see."""
        return self.filter(state=Story.State.CONFIRMED)


class Story(Public):
    """An event, and what is to be said of it."""

    class State(models.TextChoices):
        """Stations of a story."""

        PROPOSED = "proposed", _("proposed")
        CONFIRMED = "confirmed", _("confirmed")
        DISMISSED = "dismissed", _("dismissed")

    title = models.CharField(_("title"), max_length=300)
    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    former_slug = models.SlugField(max_length=80, allow_unicode=True, blank=True, editable=False)
    standfirst = models.TextField(_("standfirst"), blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PROPOSED)
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("What the reports have in common."))
    score = models.PositiveSmallIntegerField(_("certainty"), default=0)
    began_at = models.DateTimeField(_("first report"), null=True, editable=False)
    proposed_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("decided by"),
    )
    articles = models.ManyToManyField(Article, through="articles.StoryArticle", related_name="stories")

    objects = StoryQuerySet.as_manager()

    class Meta:
        """Listed by state, the surest first, or the newest."""

        verbose_name = _("story")
        verbose_name_plural = _("stories")
        indexes = [
            models.Index(fields=["state", "-began_at", "-id"], name="story_by_date"),
            models.Index(fields=["-state", "-score", "-began_at", "-id"], name="story_by_certainty"),
            models.Index(fields=["former_slug"], condition=~models.Q(former_slug=""), name="story_by_former_slug"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Address of the story's page."""
        return reverse("story", args=[self.slug])


class StoryArticle(Public):
    """One report of a story. One that an editor took out stays as a row, so that it is not proposed again."""

    class State(models.TextChoices):
        """Whose word it is that the article belongs there."""

        SUGGESTED = "suggested", _("suggested")
        IN = "in", _("part of the story")
        OUT = "out", _("taken out")

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="places")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="story_places")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.SUGGESTED)

    objects = PublicQuerySet.as_manager()

    class Meta:
        """An article stands once in a story."""

        verbose_name = _("report of a story")
        verbose_name_plural = _("reports of stories")
        constraints = [models.UniqueConstraint(fields=["story", "article"], name="once_in_a_story")]

    def __str__(self) -> str:
        return f"{self.article_id} in {self.story_id}"
