"""The workflow in one table: who may move an article, from where, to where, and what must hold before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.curation.checks import checks_of
from articles.curation.roles import may_change
from articles.models import Article, Step, record

INBOX, DRAFT, REVIEW, PUBLISHED, WITHDRAWN = Article.Status
UNDO = "undo"  # the name of the move that takes another one back


@dataclass(frozen=True)
class Move:
    """One way through the workflow. `right` is asked besides the right to change the article as it stands."""

    name: str
    label: Promise
    origins: frozenset[str]
    target: str
    right: str
    checked: bool = False  # blocking checks refuse it
    explained: bool = False  # a note is demanded


def _move(name, label, origins, target, right, **more) -> Move:
    return Move(name, label, frozenset(origins), target, f"articles.{right}_article", **more)


MOVES = {
    one.name: one
    for one in (
        _move("begin", gettext_lazy("Begin editing"), [INBOX], DRAFT, "change"),
        _move("submit", gettext_lazy("Send to review"), [INBOX, DRAFT], REVIEW, "change"),
        _move("return", gettext_lazy("Back to draft"), [REVIEW], DRAFT, "review", explained=True),
        _move(
            "publish", gettext_lazy("Publish"), [INBOX, DRAFT, REVIEW, WITHDRAWN], PUBLISHED, "publish", checked=True
        ),
        _move("reject", gettext_lazy("Reject"), [INBOX, DRAFT, REVIEW], WITHDRAWN, "review", explained=True),
        _move("withdraw", gettext_lazy("Withdraw"), [PUBLISHED], WITHDRAWN, "publish", explained=True),
        _move("unpublish", gettext_lazy("Take back to draft"), [PUBLISHED], DRAFT, "publish", explained=True),
        _move("reopen", gettext_lazy("Reopen as draft"), [WITHDRAWN], DRAFT, "review"),
        _move("requeue", gettext_lazy("Back to the inbox"), [DRAFT, REVIEW, WITHDRAWN], INBOX, "review"),
    )
}


class Refused(Exception):
    """A move that does not take place; the message says why, for a person."""


def moves_for(user, article: Article) -> list[Move]:
    """The moves that this person may make with this article as it stands; no query beyond the person's rights."""
    return [one for one in MOVES.values() if article.status in one.origins and _may(user, article, one)]


def _may(user, article: Article, wanted: Move) -> bool:
    return may_change(user, article) and user.has_perm(wanted.right)


def move(article: Article, name: str, user, note: str = "") -> Step:
    """Move an article from the state in which `user` saw it; returns the record.

    One conditional update: of two people who move it at once, the second is refused. Raises Refused.
    """
    wanted = MOVES.get(name)
    origin = article.status
    if wanted is None or origin not in wanted.origins or not _may(user, article, wanted):
        raise Refused(_("This move is not yours to make, or not from this state."))
    if wanted.explained and not note.strip():
        raise Refused(_("Write a note that says why: “%(move)s” asks for one.") % {"move": wanted.label})
    blocking = [check for check in checks_of(article) if check.blocking] if wanted.checked else []
    if blocking:
        raise Refused(_("It cannot be published yet: %(why)s") % {"why": " ".join(str(c.message) for c in blocking)})
    with transaction.atomic():
        mine = Article.objects.filter(pk=article.pk, status=origin).update(
            status=wanted.target, updated_at=timezone.now()
        )
        if not mine:
            now = Article.objects.only("status").get(pk=article.pk)
            raise Refused(
                _("Somebody else was quicker: it is “%(status)s” now.") % {"status": now.get_status_display()}
            )
        step = Step.objects.create(
            article=article, move=name, origin=origin, target=wanted.target, made_by=user, note=note.strip()[:500]
        )
        record("move", article, by=user, note=note.strip(), move=name, origin=origin, target=wanted.target)
    article.status = wanted.target
    return step
