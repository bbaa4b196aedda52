"""What to look at before an article is published: what forbids it, and what only deserves a look."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from articles.models import Article, PossibleDuplicate


@dataclass(frozen=True)
class Check:
    """One thing that is missing or doubtful; `place` is the name of the part of the desk where it is mended."""

    code: str
    message: Promise
    place: str
    blocking: bool = False


NO_TITLE = Check("no_title", _("It has no title."), "title", blocking=True)
NO_TEXT = Check("no_text", _("Its text is empty."), "body", blocking=True)
STUB = Check("stub", _("It is a stub without pictures."), "body", blocking=True)
NO_TOPIC = Check("no_topic", _("It has no topic."), "topics")
NO_LEAD = Check("no_lead", _("It has no lead picture."), "lead_image")
NO_ALT = Check("no_alt", _("A picture has no text for those who cannot see it."), "pictures")
UNDATED = Check("undated", _("It has no date."), "published_at")
DUPLICATE = Check("duplicate", _("Another article may tell the same."), "duplicates_list")
CHANGED = Check("source_changed", _("The source has sent a newer text."), "source")


def checks_of(article: Article) -> list[Check]:
    """What speaks against publishing, the blocking first; three queries."""
    shown = list(article.article_images.values_list("image__alt", "image__decorative"))
    open_pairs = PossibleDuplicate.objects.filter(
        Q(article=article.pk) | Q(other=article.pk), verdict=PossibleDuplicate.Verdict.OPEN
    )
    has_text = bool(article.text.strip())
    found = [
        (NO_TITLE, not article.title.strip()),
        (NO_TEXT, not has_text and not shown),
        (STUB, article.stub and has_text and not shown),
        (NO_TOPIC, not article.tagged.exists()),
        (NO_LEAD, article.lead_image_id is None),
        (NO_ALT, any(not alt.strip() and not decorative for alt, decorative in shown)),
        (UNDATED, article.published_at is None),
        (DUPLICATE, open_pairs.exists()),
        (CHANGED, article.source_changed),
    ]
    return [check for check, holds in found if holds]


def is_blocked(checks: list[Check]) -> bool:
    """Whether one of them forbids publishing."""
    return any(check.blocking for check in checks)
