"""Many articles moved through the workflow, by its own table, checks and records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from articles.curation.bulk_deeds.kind import BulkDeed, Left, Result, Verdict
from articles.curation.checks import checks_of_all
from articles.curation.roles import may_change
from articles.curation.workflow import MOVES, UNDO, Move, Refused
from articles.models import Article, Claim, Step

NOTED = "note"  # in a job's hints: how many of its moves demand a note
PUBLISHED = Article.Status.PUBLISHED


def move_between(origin: str, target: str) -> Move | None:
    """The move of the workflow that leads from one state to another; there is one at most."""
    return next((one for one in MOVES.values() if one.target == target and origin in one.origins), None)


def _by_state(articles: Iterable[Article]) -> dict[str, list[Article]]:
    groups = defaultdict(list)
    for article in articles:
        groups[article.status].append(article)
    return groups


@dataclass(frozen=True)
class MoveDeed(BulkDeed):
    """To one state, from wherever a move leads there."""

    target: str = ""

    def judge(self, job, user, articles):
        """Each by its state; what would be published by its checks, too. Five queries when publishing, else none."""
        verdicts = {}
        moving: dict[int, Move] = {}
        for article in articles:
            move = move_between(article.status, self.target)
            if article.status == self.target:
                verdicts[article.pk] = Verdict(Result.ALREADY)
            elif move is None:
                verdicts[article.pk] = Verdict(Result.FORBIDDEN, "state")
            elif not (may_change(user, article) and user.has_perm(move.right)):
                verdicts[article.pk] = Verdict(Result.FORBIDDEN, "right")
            else:
                moving[article.pk] = move
        checked = checks_of_all(pk for pk, move in moving.items() if move.checked) if self.target == PUBLISHED else {}
        for pk, move in moving.items():
            checks = checked.get(pk, [])
            blocking = [check.code for check in checks if check.blocking]
            hints = [check.code for check in checks] + [NOTED] * move.explained
            verdicts[pk] = Verdict(Result.BLOCKED, blocking[0]) if blocking else Verdict(Result.READY, hints=hints)
        return verdicts

    def change(self, job, user, articles, now):
        """One conditional update and a record for each state they come from."""
        steps = []
        for origin, group in _by_state(articles).items():
            _set_status(group, origin, self.target, now)
            move = move_between(origin, self.target).name
            steps += [
                Step(article=one, move=move, origin=origin, target=self.target, made_by=user, note=job.note)
                for one in group
            ]
        Step.objects.bulk_create(steps)
        Claim.objects.filter(article__in=articles, user=user).delete()
        entering = {one.pk for one in articles if self.target == PUBLISHED and one.entered_at is None}
        return {
            step.article_id: Left(step.pk, {"entered": False} if step.article_id in entering else None)
            for step in steps
        }

    def undo(self, job, user, pairs, now):
        """Back to where each came from, unless it has been moved since."""
        steps = Step.objects.filter(article__in=[article for _item, article in pairs]).order_by()
        latest = dict(steps.values_list("article").annotate(Max("pk")))
        back = defaultdict(list)
        for item, article in pairs:
            move = move_between(item.origin, self.target)
            may = move and may_change(user, article) and user.has_perm(move.right)
            if may and article.status == self.target and latest.get(article.pk) == item.mark:
                back[item.origin, bool(item.before)].append(article)
        records = []
        for (origin, unenter), group in back.items():
            _set_status(group, self.target, origin, now, **({"entered_at": None} if unenter else {}))
            records += [Step(article=a, move=UNDO, origin=self.target, target=origin, made_by=user) for a in group]
        Step.objects.bulk_create(records)
        return {step.article_id for step in records}


def _set_status(articles: list[Article], origin: str, target: str, now, **more) -> None:
    mine = Article.objects.filter(pk__in=[one.pk for one in articles], status=origin)
    if mine.update(status=target, updated_at=now, **more) != len(articles):
        raise Refused(_("Somebody else was quicker."))  # cannot be, since the rows are locked; then nothing is done
