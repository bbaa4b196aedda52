"""What to look at before an article is published: what forbids it, and what only deserves a look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from articles.models import Article, ArticleImage, ArticleMerge, Hold, PossibleDuplicate, TaggedArticle


@dataclass(frozen=True)
class Check:
    """One thing that is missing or doubtful; `place` is the name of the part of the desk where it is mended."""

    code: str
    message: Promise
    place: str
    blocking: bool = False


NO_TITLE = Check("no_title", _("It has no title."), "title", blocking=True)
# A photo story tells in its captions; pictures alone, without a word of text or caption, are an empty text.
NO_TEXT = Check("no_text", _("It has neither text nor a caption: there is nothing to read."), "body", blocking=True)
STUB = Check("stub", _("It is a stub without pictures."), "body", blocking=True)
NO_TOPIC = Check("no_topic", _("It has no topic."), "topics")
NO_LEAD = Check("no_lead", _("It has no lead picture."), "lead_image")
NO_ALT = Check("no_alt", _("A picture has no text for those who cannot see it."), "pictures")
UNDATED = Check("undated", _("It has no date."), "published_at")
DUPLICATE = Check("duplicate", _("Another article may tell the same."), "duplicates_list")
MERGED = Check("merged", _("It was merged into another article: undo that first."), "duplicates_list", blocking=True)
TAKEN_DOWN = Check("taken_down", _("It is taken down: readers do not see it in any state."), "state", blocking=True)
CHANGED = Check("source_changed", _("The source has sent a newer text."), "source")

CHECKS = {
    one.code: one
    for one in (NO_TITLE, NO_TEXT, STUB, MERGED, TAKEN_DOWN, NO_TOPIC, NO_LEAD, NO_ALT, UNDATED, DUPLICATE, CHANGED)
}


def checks_of(article: Article) -> list[Check]:
    """What speaks against publishing, the blocking first; five queries."""
    shown = list(article.article_images.values_list("image__alt", "image__decorative", "caption"))
    open_pairs = PossibleDuplicate.objects.filter(
        Q(article=article.pk) | Q(other=article.pk), verdict=PossibleDuplicate.Verdict.OPEN
    )
    return _checks(
        title=article.title,
        has_text=bool(article.text.strip()),
        stub=article.stub,
        shown=shown,
        is_merged=article.merges.filter(undone_at=None).exists(),
        is_held=Hold.objects.at().filter(article_number=article.pk).exists(),
        has_topic=article.tagged.exists(),
        has_lead=article.lead_image_id is not None,
        is_dated=article.published_at is not None,
        is_told_twice=open_pairs.exists(),
        source_changed=article.source_changed,
    )


def checks_of_all(article_ids: Iterable[int]) -> dict[int, list[Check]]:
    """The same of many articles, by number; seven queries, no body and no whole text."""
    ids = list(article_ids)
    shown = defaultdict(list)
    places = ArticleImage.objects.filter(article__in=ids)
    for pk, *picture in places.values_list("article", "image__alt", "image__decorative", "caption"):
        shown[pk].append(tuple(picture))
    tagged = set(TaggedArticle.objects.filter(content_object__in=ids).values_list("content_object", flat=True))
    open_pairs = PossibleDuplicate.objects.filter(verdict=PossibleDuplicate.Verdict.OPEN)
    told_twice = set(open_pairs.filter(article__in=ids).values_list("article", flat=True))
    told_twice |= set(open_pairs.filter(other__in=ids).values_list("other", flat=True))
    merged = set(ArticleMerge.objects.filter(article__in=ids, undone_at=None).values_list("article", flat=True))
    held = set(Hold.objects.at().filter(article_number__in=ids).values_list("article_number", flat=True))
    rows = Article.objects.filter(pk__in=ids).annotate(has_text=Q(text__regex=r"\S"))
    facts = rows.values_list("pk", "title", "has_text", "stub", "lead_image", "published_at", "source_changed")
    return {
        pk: _checks(
            title=title,
            has_text=has_text,
            stub=stub,
            shown=shown[pk],
            is_merged=pk in merged,
            is_held=pk in held,
            has_topic=pk in tagged,
            has_lead=lead is not None,
            is_dated=date is not None,
            is_told_twice=pk in told_twice,
            source_changed=source_changed,
        )
        for pk, title, has_text, stub, lead, date, source_changed in facts
    }


def _checks(  # noqa: PLR0913 - one a fact
    *, title, has_text, stub, shown, is_merged, is_held, has_topic, has_lead, is_dated, is_told_twice, source_changed
) -> list[Check]:
    """`shown`: of each picture its alternative text, whether it is mere decoration, and its caption.

    Empty is what has no words of its own and no caption. A stub (too few words to be an article) may be published when
    it has pictures.
    """
    has_caption = any(caption.strip() for _alt, _decorative, caption in shown)
    found = [
        (NO_TITLE, not title.strip()),
        (NO_TEXT, not has_text and not has_caption),
        (STUB, stub and has_text and not shown),
        (MERGED, is_merged),
        (TAKEN_DOWN, is_held),
        (NO_TOPIC, not has_topic),
        (NO_LEAD, not has_lead),
        (NO_ALT, any(not alt.strip() and not decorative for alt, decorative, _caption in shown)),
        (UNDATED, not is_dated),
        (DUPLICATE, is_told_twice),
        (CHANGED, source_changed),
    ]
    return [check for check, holds in found if holds]


def is_blocked(checks: list[Check]) -> bool:
    """Whether one of them forbids publishing."""
    return any(check.blocking for check in checks)
