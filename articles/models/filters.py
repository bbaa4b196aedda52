"""Filters that people keep under a name, for themselves or for all, and what each did last in triage."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article


class SavedFilter(models.Model):
    """What a list was narrowed to, as the query of its address."""

    class Desk(models.TextChoices):
        """Which list it narrows."""

        LIST = "list", _("list of articles")
        TRIAGE = "triage", _("triage")

    name = models.CharField(_("name"), max_length=60)
    desk = models.CharField(_("list"), max_length=6, choices=Desk)
    query = models.CharField(_("filter"), max_length=2000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters", verbose_name=_("owner")
    )
    is_shared = models.BooleanField(_("shared"), default=False, help_text=_("Shown to everybody who has this list."))
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        """A name is used once a person and list."""

        ordering = ["name", "id"]
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        permissions = [("share_savedfilter", _("Can share filters with everybody"))]
        constraints = [models.UniqueConstraint(fields=["owner", "desk", "name"], name="one_filter_a_name")]

    def __str__(self) -> str:
        return self.name


class FirstFilter(models.Model):
    """The filter with which a person's triage opens."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="first_filter")
    filter = models.ForeignKey(SavedFilter, on_delete=models.CASCADE, related_name="+")

    class Meta:
        """One a person."""

        verbose_name = _("first filter")
        verbose_name_plural = _("first filters")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.filter_id}"


class TriageDeed(models.Model):
    """What a person did in triage, so that exactly this can be taken back; a row is settled once it is."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    deed = models.CharField(max_length=20)
    left = models.JSONField(default=dict)  # numbers of what the deed made or changed, and what it replaced
    made_at = models.DateTimeField(auto_now_add=True)
    is_settled = models.BooleanField(default=False)

    class Meta:
        """Asked for by person, latest first."""

        verbose_name = _("deed of triage")
        verbose_name_plural = _("deeds of triage")
        indexes = [
            models.Index(fields=["user", "-id"], condition=models.Q(is_settled=False), name="triage_deed_to_undo")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.deed} {self.article_id}"
