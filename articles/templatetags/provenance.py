"""Where an article comes from and what was done to it on the way, in words."""

import collections
import datetime

from django import template
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from articles.models import Article, changed_at, notes_of
from articles.templatetags.reading import web_address

register = template.Library()

ORIGINS = {
    "epoch": _("by the archive’s time stamp"),
    "front matter": _("by the file’s header"),
    "date line": _("by the page’s date line"),
    "body": _("by the text"),
    "address": _("by the address"),
}
CLEANINGS = {  # by what stands before the colon of a count's name
    "tag": ngettext_lazy("%(count)d element removed", "%(count)d elements removed", "count"),
    "attr": ngettext_lazy("%(count)d attribute removed", "%(count)d attributes removed", "count"),
    "rule": ngettext_lazy(
        "%(count)d passage removed that is no part of the text",
        "%(count)d passages removed that are no part of the text",
        "count",
    ),
}


@register.inclusion_tag("articles/_provenance.html")
def provenance_of(article: Article) -> dict:
    """The card of an article that came out of `articles.views.reading` (which fetches what it needs); no query."""
    return {
        "article": article,
        "original": web_address(article.source_url),
        "origin": ORIGINS.get(article.published_from, ""),
        "archived": _utc(article.archived_at),
        "imported": _utc(article.created_at) if article.original_sha256 else None,
        "edited": _utc(article.edited_at),
        "notes": len(notes_of(article)),
        "cleanings": cleanings_of(article.removed),
        "versions": article.versions or 0,
    }


@register.filter
def changed_here(article: Article) -> datetime.datetime | None:
    """When a person's hand last changed what the article's page says, its notes included; in UTC."""
    return _utc(changed_at(article))


def _utc(moment: datetime.datetime | None) -> datetime.datetime | None:
    return moment and moment.astimezone(datetime.UTC)


def cleanings_of(removed: dict[str, int]) -> list[str]:
    """What cleaning took out, a line a kind."""
    counts = collections.Counter()
    for name, count in removed.items():
        counts[name.partition(":")[0]] += count
    return [words % {"count": counts[kind]} for kind, words in CLEANINGS.items() if counts[kind]]
