"""Where articles come from."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.edition import Public, PublicQuerySet


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is a zone of the IANA database."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError(
            _("“%(name)s” is no time zone: write one such as Europe/Berlin."), params={"name": name}
        ) from error


class Source(Public):
    """A publisher whose articles are imported."""

    class Indexing(models.TextChoices):
        """What search engines are told about articles of a source."""

        OWN = "own", _("the page here is the one to find")
        SOURCE = "source", _("the original is the one to find")
        NOINDEX = "noindex", _("keep out of search engines")

    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=200)
    hosts = models.JSONField(_("hosts"), default=list, blank=True, help_text=_("Host names without www."))
    language = models.CharField(_("language"), max_length=20, default="zh", help_text=_("As in zh-Hans, zh-Hant, en."))
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    home_url = models.URLField(_("home page"), max_length=500, blank=True)
    publish_on_import = models.BooleanField(
        _("publish on import"),
        default=False,
        help_text=_("Imported articles are published at once, not put into the inbox."),
    )
    copyright = models.CharField(_("copyright line"), max_length=500, blank=True)
    indexing = models.CharField(
        _("search engines"),
        max_length=7,
        choices=Indexing,
        default=Indexing.OWN,
        help_text=_("Articles whose original is the one to find name it as canonical, and stay out of the sitemaps."),
    )

    objects = PublicQuerySet.as_manager()

    class Meta:
        """Sorted by name."""

        ordering = ["name"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Address of the list of this source's articles."""
        return reverse("source", args=[self.slug])
