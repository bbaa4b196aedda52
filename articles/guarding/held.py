"""Every table that names a member of staff: what is written out of it, and what of it goes when the person leaves.

A relation to an account that stands neither here nor in `APART` fails a test.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.db.models import Model, Q, QuerySet

from articles.models import (
    Article,
    ArticleMerge,
    BulkJob,
    Claim,
    Correction,
    FirstFilter,
    FrontPage,
    ImportRun,
    PossibleDuplicate,
    Presence,
    Revision,
    SavedFilter,
    Step,
    Story,
    TagMerge,
    TagVerdict,
    TakeDown,
    TriageDeed,
    Unsaved,
)

ALL = Q(pk__isnull=False)


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of one table that lead to an account by one of the fields `by`; `told` is written out of each.

    `erased`: which of them go with the person; None when they are the newsroom's and stay under the pseudonym.
    """

    model: type[Model]
    by: tuple[str, ...]
    told: tuple[str, ...]
    erased: Q | None = None

    def rows(self, user) -> QuerySet:
        """Those of this person, oldest first."""
        mine = Q()
        for field in self.by:
            mine |= Q(**{field: user})
        return self.model._base_manager.filter(mine).order_by("pk")

    def written(self, user) -> list[dict]:
        """As plain values; with more than one field in `by`, `as` says which lead to this person. One query."""
        rows = []
        for row in self.rows(user).values(*self.told, *self.by):
            parts = [field for field in self.by if row[field] == user.pk]
            rows.append({name: plain(row[name]) for name in self.told} | ({"as": parts} if len(self.by) > 1 else {}))
        return rows


def plain(value: object) -> object:
    """Moments as texts (ISO 8601)."""
    return value.isoformat() if isinstance(value, datetime.date) else value


HELD = {
    "filters": Held(SavedFilter, ("owner",), ("name", "desk", "query", "is_shared", "made_at"), Q(is_shared=False)),
    "first_filter": Held(FirstFilter, ("user",), ("filter__name",), ALL),
    "unsaved_texts": Held(Unsaved, ("user",), ("article_id", "typed_at", "values"), ALL),
    "open_articles": Held(Presence, ("user",), ("article_id", "seen_at"), ALL),
    "claims": Held(Claim, ("user",), ("article_id", "ends_at"), ALL),
    "triage": Held(TriageDeed, ("user",), ("article_id", "deed", "left", "made_at", "is_settled"), ALL),
    "log_of_django": Held(LogEntry, ("user",), ("action_time", "object_repr", "change_message"), ALL),
    "edited_articles": Held(Article, ("edited_by",), ("id", "title", "edited_at")),
    "revisions": Held(Revision, ("author",), ("id", "article_id", "kind", "made_at", "reason", "title")),
    "steps": Held(Step, ("made_by",), ("article_id", "move", "origin", "target", "made_at", "note")),
    "corrections": Held(
        Correction,
        ("made_by", "withdrawn_by"),
        ("article_id", "kind", "text", "made_at", "withdrawn_at", "withdrawn_because"),
    ),
    "take_downs": Held(
        TakeDown,
        ("asked_by", "decided_by", "restore_asked_by", "restored_by"),
        (
            *("id", "scope", "subject", "basis", "requester", "reason", "public_note", "asked_at", "decided_at"),
            *("declined_because", "restore_asked_at", "restore_reason", "restored_at"),
        ),
    ),
    "imports": Held(
        ImportRun, ("started_by", "undone_by"), ("id", "options", "state", "started_at", "finished_at", "undone_at")
    ),
    "front_pages": Held(FrontPage, ("changed_by",), ("id", "is_draft", "changed_at", "went_live_at", "note")),
    "bulk_jobs": Held(BulkJob, ("made_by", "undone_by"), ("id", "deed", "note", "query", "made_at", "undone_at")),
    "verdicts_on_copies": Held(PossibleDuplicate, ("judged_by",), ("article_id", "other_id", "verdict", "judged_at")),
    "merged_articles": Held(
        ArticleMerge, ("made_by", "undone_by"), ("article_id", "winner_id", "made_at", "undone_at")
    ),
    "merged_topics": Held(TagMerge, ("made_by", "undone_by"), ("name", "target__name", "made_at", "undone_at")),
    "verdicts_on_topics": Held(TagVerdict, ("made_by",), ("article_id", "tag__name", "accepted", "made_at")),
    "stories": Held(Story, ("decided_by",), ("id", "title", "state", "decided_at")),
}
# What `people` writes out and erases in ways of its own.
APART = {
    "articles.StaffSession.account": "written out with its times, ended",
    "articles.Deed.actor_number": "written out; stays as it is: the evidence",
    "auth.User_groups.user": "written out as roles, taken",
    "auth.User_user_permissions.user": "written out as rights, taken",
    "otp_totp.TOTPDevice.user": "that there is one is written out, its secret never; erased",
    "otp_static.StaticDevice.user": "the same",
}
