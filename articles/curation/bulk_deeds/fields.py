"""Many articles given the same value in some columns: another source, another date."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass

from django.db.models import Case, F, When
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.curation.bulk_deeds.kind import BulkDeed, Left, Result, Verdict, editable, edited, marks, moment, unmark
from articles.curation.roles import may_change
from articles.curation.workflow import Refused
from articles.models import UNDATED, Article, BulkJob, Source, keep_baseline

FUTURE = datetime.timedelta(days=1)
DATES = ("published_at", "published_precision", "published_from", "published_on", "listed_at")


@dataclass(frozen=True)
class FieldsDeed(BulkDeed):
    """Gives all articles the same value in some columns."""

    def columns(self) -> tuple[str, ...]:
        """What it writes, and what undoing gives back."""
        raise NotImplementedError

    def is_so(self, job: BulkJob, article: Article) -> bool:
        """Whether an article has the value already."""
        raise NotImplementedError

    def values(self, job: BulkJob) -> dict:
        """What the update sets."""
        raise NotImplementedError

    def judge(self, job, user, articles):
        """No query."""
        verdicts = editable(user, articles)
        return verdicts | {one.pk: Verdict(Result.ALREADY) for one in articles if self.is_so(job, one)}

    def change(self, job, user, articles, now):
        """One update, with revisions and search entries; marked as edited, so that imports keep it."""
        ids = [one.pk for one in articles]
        keep_baseline(ids)
        before = {one.pk: {name: _plain(getattr(one, name)) for name in self.columns()} for one in articles}
        Article.objects.filter(pk__in=ids).update(**self.values(job), **edited(user, now))
        self.keep(job, user, ids)
        return {one.pk: Left(before=marks(one, now) | before[one.pk]) for one in articles}

    def undo(self, job, user, pairs, now):
        """Where the value is still ours."""
        rows = []
        for item, article in pairs:
            if may_change(user, article) and self.is_so(job, article) and self.may_return(item.before):
                for name in self.columns():
                    setattr(article, name, _typed(name, item.before[name]))
                unmark(article, item.before, now)
                rows.append(article)
        names = [name.removesuffix("_id") for name in self.columns()]
        Article.objects.bulk_update(rows, [*names, "edited_at", "edited_by", "updated_at"])
        self.keep(job, user, [one.pk for one in rows], undone=True)
        return {one.pk for one in rows}

    def may_return(self, before: dict) -> bool:
        """Whether what was there before can still be given back."""
        return True


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _typed(name: str, value: object) -> object:
    """A kept value as the column has it."""
    if name == "published_on":
        return datetime.date.fromisoformat(value) if value else None
    return moment(value) if name in ("published_at", "listed_at") else value


@dataclass(frozen=True)
class SourceDeed(FieldsDeed):
    """Says that articles come from another source; the day of their dates follows its time zone."""

    def read(self, words, user):
        """A source by number."""
        is_number = words.isascii() and words.isdecimal() and len(words) < 19
        source = Source.objects.filter(pk=int(words)).first() if is_number else None
        if source is None:
            raise Refused(_("Choose a source."))
        return {"source": source.pk, "name": source.name}

    def columns(self):
        """The day, too."""
        return ("source_id", "published_on")

    def open(self, job):
        """It may have been deleted."""
        if not Source.objects.filter(pk=job.given["source"]).exists():
            raise Refused(_("The source is gone."))

    def is_so(self, job, article):
        """By number."""
        return article.source_id == job.given["source"]

    def values(self, job):
        """A date that is exact to the second falls on a day of the source's own zone."""
        source = Source.objects.get(pk=job.given["source"])
        day = TruncDate("published_at", tzinfo=zoneinfo.ZoneInfo(source.timezone))
        exact = When(published_precision=Article.Precision.SECOND, then=day)
        return {"source": source, "published_on": Case(exact, default=F("published_on"))}

    def undo(self, job, user, pairs, now):
        """Only to sources that are still there."""
        wanted = {item.before["source_id"] for item, _article in pairs}
        present = set(Source.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        return super().undo(job, user, [pair for pair in pairs if pair[0].before["source_id"] in present], now)


@dataclass(frozen=True)
class DateDeed(FieldsDeed):
    """Sets the day of publication, or clears the date."""

    clears: bool = False

    def read(self, words, user):
        """A day as 2025-01-28, not in the future."""
        if self.clears:
            return {}
        try:
            day = datetime.date.fromisoformat(words.strip())
        except ValueError:
            raise Refused(_("Write a day as 2025-01-28.")) from None
        if _midnight(day) > timezone.now() + FUTURE:
            raise Refused(_("That day is in the future."))
        return {"day": day.isoformat(), "name": day.isoformat()}

    def columns(self):
        """All that a date is kept in."""
        return DATES

    def is_so(self, job, article):
        """The same day, exact to the day."""
        if self.clears:
            return article.published_at is None
        day = _midnight(datetime.date.fromisoformat(job.given["day"]))
        return (article.published_at, article.published_precision) == (day, Article.Precision.DAY)

    def values(self, job):
        """As a person's save would set them."""
        if self.clears:
            return dict(zip(DATES, (None, "", "", None, UNDATED), strict=True))
        day = datetime.date.fromisoformat(job.given["day"])
        return dict(zip(DATES, (_midnight(day), Article.Precision.DAY, "", day, _midnight(day)), strict=True))


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)
