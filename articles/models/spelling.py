"""Names that reading in the other script must not convert by rule: editors keep them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.edition import Public, PublicQuerySet


class Spelling(Public):
    """A name as it is written in both scripts, whatever the converter would make of it."""

    hans = models.CharField(_("in Simplified characters"), max_length=100, unique=True)
    hant = models.CharField(_("in Traditional characters"), max_length=100, unique=True)

    changed_at = models.DateTimeField(
        auto_now=True, null=True, editable=False
    )  # tells which are the ones that are kept

    objects = PublicQuerySet.as_manager()

    class Meta:
        """Sorted by the Simplified form."""

        ordering = ["hans"]
        verbose_name = _("spelling")
        verbose_name_plural = _("spellings")

    def __str__(self) -> str:
        return f"{self.hans} = {self.hant}"
