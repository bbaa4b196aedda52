"""What somebody has typed and not saved: kept for that person, offered back, previewed, never applied by itself."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.utils import dateparse, timezone
from django.utils.translation import gettext as _

from articles.curation.editing import keep_words_in_step
from articles.curation.workflow import Refused
from articles.ingest.text import one_line
from articles.models import Article, Image, Source, Unsaved, slug_of

KEPT_FOR = datetime.timedelta(days=30)
MOST = 20  # pages of one person on one article
LONGEST = 4_000_000  # characters of a form
LINES = ("title", "byline")
NEW = 0  # the number of an article that has none yet: no row ever has it, so that whatever hangs on it is empty
TEXTS = ("standfirst", "excerpt", "copyright", "body")


def keep_unsaved(user, article_id: int | None, page: str, values: dict[str, list[str]]) -> Unsaved:
    """Keep what the form of a page says now, in the place of what it said before; three queries.

    `page` is the name that the desk gave the page, `article_id` None for an article that is not there yet. Raises
    Refused when the page is another person's or the form is longer than anybody types.
    """
    if sum(len(text) for texts in values.values() for text in texts) > LONGEST:
        raise Refused(_("This is too long to be kept for you: save it."))
    now = timezone.now()
    row, is_new = Unsaved.objects.get_or_create(
        page=page, defaults={"user": user, "article_id": article_id, "values": values, "typed_at": now}
    )
    if (row.user_id, row.article_id) != (user.pk, article_id):
        raise Refused(_("This page is not yours."))
    if not is_new:
        Unsaved.objects.filter(pk=row.pk).update(values=values, typed_at=now)
    else:
        _forget_old(user, article_id, now)
    return row


def _forget_old(user, article_id: int | None, now: datetime.datetime) -> None:
    mine = Unsaved.objects.filter(user=user)
    mine.filter(typed_at__lt=now - KEPT_FOR).delete()
    kept = mine.filter(article=article_id).order_by("-typed_at").values_list("pk", flat=True)[:MOST]
    mine.filter(article=article_id).exclude(pk__in=list(kept)).delete()


def unsaved_of(user, article_id: int | None) -> list[Unsaved]:
    """What this person has typed into the article's form (None: a new article's) and not saved, the latest first."""
    return list(Unsaved.objects.filter(user=user, article=article_id).order_by("-typed_at")[:MOST])


def discard_unsaved(user, pages: Iterable[str]) -> int:
    """Throw away what a person typed on these pages, or has saved by now; returns how many there were."""
    return Unsaved.objects.filter(user=user, page__in=list(pages)).delete()[0]


def as_typed(article: Article, unsaved: Unsaved) -> Article:
    """The article as it would be if the words were saved: cleaned as a save cleans them, in memory alone."""
    typed = {name: texts[0] for name, texts in unsaved.values.items() if texts}
    for name in LINES:
        setattr(article, name, one_line(typed.get(name, getattr(article, name))))
    for name in TEXTS:
        setattr(article, name, typed.get(name, getattr(article, name)).replace("\r\n", "\n").strip())
    lead = typed.get("lead_image")
    if lead is not None:
        article.lead_image = Image.objects.filter(pk=lead).first() if lead.isdecimal() and len(lead) < 19 else None
    keep_words_in_step(article)
    return article


def as_new(unsaved: Unsaved) -> Article:
    """The article that a page for a new one would make, under a number that no row has; in memory alone.

    It has what `with_provenance` and `with_notes` would add, empty. One query, and one for a lead picture.
    """
    typed = {name: texts[0] for name, texts in unsaved.values.items() if texts}
    chosen = typed.get("source", "")
    source = Source.objects.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    article = Article(pk=NEW, source=source or Source(pk=NEW, slug="-", name=_("no source yet")))
    article.language = typed.get("language", "").strip() or article.source.language
    moment = _moment(typed.get("published_at_0", ""), typed.get("published_at_1", ""))
    if moment:
        article.published_at, article.listed_at = moment, moment
        article.published_on = timezone.localdate(moment)
        is_day = typed.get("published_precision") == Article.Precision.DAY
        article.published_precision = Article.Precision.DAY if is_day else Article.Precision.SECOND
    article.written_notes, article.original_sha256, article.versions = (), None, 0
    article.source_changed_at = None
    as_typed(article, unsaved)
    article.slug = slug_of(article.title)
    return article


def _moment(day: str, time: str) -> datetime.datetime | None:
    """What the two halves of a time say; None when they do not make sense (yet)."""
    try:
        moment = dateparse.parse_datetime(f"{day.strip()} {time.strip() or '00:00'}")
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment
