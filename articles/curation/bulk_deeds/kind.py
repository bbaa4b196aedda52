"""What a deed on many articles is, and what all kinds of them share: who may, marks of edits, revisions.

Every deed works in sets of rows: the number of its statements does not depend on the number of articles.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from articles import search
from articles.curation.roles import may_change
from articles.models import Article, BulkItem, BulkJob, Revision, keep_revisions

Result = BulkItem.Result


@dataclass
class Verdict:
    """What would become of one article, with the cause, and what deserves a look before."""

    result: str
    code: str = ""
    hints: list[str] = field(default_factory=list)


@dataclass
class Left:
    """What a deed leaves behind in one article, for its undoing."""

    mark: int | None = None
    before: dict | None = None


@dataclass(frozen=True)
class BulkDeed:
    """One deed. `asks` names what it must be given: a tag, a source, a day, or nothing."""

    name: str
    label: Promise
    asks: str = ""

    def read(self, words: str, user) -> dict:
        """What a person gave, as the job keeps it. Raises Refused."""
        return {}

    def told(self, given: dict) -> str:
        """The deed in words, with what it was given."""
        return f"{self.label}: {given['name']}" if given.get("name") else str(self.label)

    def open(self, job: BulkJob) -> None:
        """Before each set of articles: Refused when what the deed was given is there no more."""

    def judge(self, job: BulkJob, user, articles: list[Article]) -> dict[int, Verdict]:
        """What would become of each article, by number, if `user` did it."""
        raise NotImplementedError

    def change(self, job: BulkJob, user, articles: list[Article], now: datetime.datetime) -> dict[int, Left]:
        """Do it to articles that were judged ready and are locked; what it leaves, by number."""
        raise NotImplementedError

    def undo(self, job: BulkJob, user, pairs: list[tuple[BulkItem, Article]], now: datetime.datetime) -> set[int]:
        """Take it back where it still stands; the numbers of those articles."""
        raise NotImplementedError

    def keep(self, job: BulkJob, user, ids: list[int], *, undone: bool = False) -> None:
        """Revisions and search entries of articles that have just been changed."""
        told = self.told(job.given)
        reason = _("Undone: %(deed)s") % {"deed": told} if undone else job.note or told
        keep_revisions(ids, user, reason, Revision.Kind.BULK)
        search.index(ids)


def editable(user, articles: list[Article]) -> dict[int, Verdict]:
    """Ready where this person may edit."""
    ready, forbidden = Verdict(Result.READY), Verdict(Result.FORBIDDEN, "right")
    return {one.pk: ready if may_change(user, one) else forbidden for one in articles}


def edited(user, now) -> dict:
    """What an update writes beside its values: whose edit it is."""
    return {"edited_at": now, "edited_by": user, "updated_at": now}


def marks(article: Article, now: datetime.datetime) -> dict:
    """Who had edited an article before us; given back by `unmark`."""
    return {
        "at": now.isoformat(),
        "edited_at": article.edited_at and article.edited_at.isoformat(),
        "edited_by": article.edited_by_id,
    }


def unmark(article: Article, before: dict, now: datetime.datetime) -> None:
    """Undo our mark of an edit, unless somebody has edited since; a later update writes it."""
    article.updated_at = now
    if article.edited_at == moment(before["at"]):
        article.edited_at, article.edited_by_id = moment(before["edited_at"]), before["edited_by"]


def moment(written: str | None) -> datetime.datetime | None:
    """An instant as it was kept."""
    return datetime.datetime.fromisoformat(written) if written else None
