"""What hubs are told: which feeds changed, when each hub was told, and why it was not."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Ping(models.Model):
    """A hub shall know that a feed has changed. One row a hub and a feed, whatever number of articles changed it."""

    hub = models.CharField(_("hub"), max_length=500)
    feed = models.CharField(_("feed"), max_length=700)
    wanted_at = models.DateTimeField(_("wanted"))
    next_try_at = models.DateTimeField(_("next try"), null=True)  # null: nothing waits
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    told_at = models.DateTimeField(_("told"), null=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why the last try failed."))

    class Meta:
        """Latest first."""

        ordering = ["-wanted_at", "id"]
        verbose_name = _("ping of a hub")
        verbose_name_plural = _("pings of hubs")
        constraints = [models.UniqueConstraint(fields=["hub", "feed"], name="a_ping_once_a_hub_and_feed")]
        indexes = [models.Index(fields=["next_try_at"], condition=models.Q(next_try_at__isnull=False), name="ping_due")]

    def __str__(self) -> str:
        return f"{self.feed} → {self.hub}"


class Announced(models.Model):
    """What the feeds held at the last look; the only row of its table."""

    articles = models.JSONField(default=dict)  # number of an article to when it last changed
    since = models.DateTimeField(null=True)  # when the oldest of them entered; null: there were no others

    class Meta:
        """Bookkeeping; no desk shows it."""

        verbose_name = _("announced")
        verbose_name_plural = _("announced")

    def __str__(self) -> str:
        return f"{len(self.articles)} articles"
