"""The workflow's memory: who moved an article where, and who has it open or in hand now."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article


class Step(models.Model):
    """One move of an article from state to state; only ever added."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="steps", verbose_name=_("article"))
    move = models.CharField(_("move"), max_length=20)
    origin = models.CharField(_("from"), max_length=9, choices=Article.Status)
    target = models.CharField(_("to"), max_length=9, choices=Article.Status)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("who")
    )
    made_at = models.DateTimeField(_("when"), auto_now_add=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        """Asked for by article, latest first."""

        verbose_name = _("workflow step")
        verbose_name_plural = _("workflow steps")
        indexes = [
            models.Index(fields=["article", "-id"], name="step_by_article"),
            models.Index(fields=["target", "-id"], name="step_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.origin} → {self.target}"


class Presence(models.Model):
    """Somebody has an article open; true for as long as `seen_at` is fresh."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    seen_at = models.DateTimeField()

    class Meta:
        """One row a person and article."""

        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["article", "user"], name="one_presence_a_person_and_article")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.article_id}"


class Claim(models.Model):
    """Somebody works on an item of the inbox; nobody else is offered it until the claim ends."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="claim")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    ends_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)

    class Meta:
        """One claim an article."""

        verbose_name = _("claim")
        verbose_name_plural = _("claims")

    def __str__(self) -> str:
        return f"{self.user_id} has {self.article_id}"
