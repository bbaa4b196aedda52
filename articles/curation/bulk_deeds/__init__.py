"""Deeds that can be done to many articles at once: how each judges an article, changes a set of them, and undoes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from articles.curation.bulk_deeds.fields import DATES, DateDeed, SourceDeed
from articles.curation.bulk_deeds.kind import BulkDeed, Left, Verdict
from articles.curation.bulk_deeds.moves import NOTED, MoveDeed
from articles.curation.bulk_deeds.tags import TagDeed
from articles.models import Article, BulkJob

__all__ = ["BULK_DEEDS", "COLUMNS", "NOTED", "BulkDeed", "Left", "Verdict", "deed_of", "hints_of"]
Status = Article.Status
# All that a deed looks at or writes; never a body.
COLUMNS = ("status", "updated_at", "entered_at", "edited_at", "edited_by", "source", *DATES)

BULK_DEEDS = {
    one.name: one
    for one in (
        MoveDeed("publish", gettext_lazy("Publish"), target=Status.PUBLISHED),
        MoveDeed("review", gettext_lazy("Send to review"), target=Status.REVIEW),
        MoveDeed("draft", gettext_lazy("Make drafts of them"), target=Status.DRAFT),
        MoveDeed("inbox", gettext_lazy("Back to the inbox"), target=Status.INBOX),
        MoveDeed("withdraw", gettext_lazy("Withdraw or reject"), target=Status.WITHDRAWN),
        TagDeed("tag", gettext_lazy("Add a tag"), "tag"),
        TagDeed("untag", gettext_lazy("Remove a tag"), "tag", adds=False),
        SourceDeed("source", gettext_lazy("Change the source"), "source"),
        DateDeed("date", gettext_lazy("Set the date"), "day"),
        DateDeed("undate", gettext_lazy("Clear the date"), clears=True),
    )
}


def deed_of(job: BulkJob) -> BulkDeed:
    """The deed of a job."""
    return BULK_DEEDS[job.deed]


def hints_of(verdicts: Iterable[Verdict]) -> Counter:
    """How often each hint was given."""
    return Counter(code for verdict in verdicts for code in verdict.hints)
