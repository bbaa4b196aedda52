"""Tasks that follow an import: what is alike, and which stories are told."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Sequence

from django.conf import settings

from articles import likeness
from articles.models import ImportRun, record
from articles.tasks.offering import LONGEST_TASK, TURN, named_task

ARTICLES_AT_ONCE = 1000  # whose terms are learned between two looks at the clock
DAYS_AT_ONCE = 31


@named_task(bind=True, time_limit=LONGEST_TASK)
def find_alike(self, days: Sequence[str] = (), jobs: int = 1, meanwhile: Iterable = ()) -> int:
    """Learn what new and changed articles are about, and propose the stories that they tell; returns how many.

    A worker does so for five minutes at a time: `days` are those that the messages before have learned of. Who calls it
    directly can have several processes at it, and something else done (all of it) `meanwhile`.
    """
    if self.request.called_directly:
        made = likeness.learn_and_propose(jobs, meanwhile)
        for _ in meanwhile:
            pass
        _record_stories(made)
        return made
    end = time.monotonic() + TURN
    wanted = {datetime.date.fromisoformat(day) for day in days}
    while time.monotonic() < end and (numbers := likeness.unlearned(ARTICLES_AT_ONCE)):
        wanted |= set(likeness.days_of(likeness.learn(numbers)))
    made, left, is_learned = 0, sorted(wanted), not likeness.unlearned(1)
    while is_learned and left and time.monotonic() < end:
        made += likeness.propose_stories(left[:DAYS_AT_ONCE])
        left = left[DAYS_AT_ONCE:]
    _record_stories(made)
    if left or not is_learned:
        find_alike.delay([day.isoformat() for day in left])
    return made


@named_task()
def find_alike_left() -> bool:
    """Have articles learned that still wait when no import runs: their message was lost. Run by the clock; whether
    there were any.
    """
    is_importing = ImportRun.objects.filter(state=ImportRun.State.RUNNING).exists()
    if is_importing or not settings.HAS_BROKER or not likeness.unlearned(1):
        return False
    find_alike.delay()
    return True


def _record_stories(made: int) -> None:
    if made:
        record("run", "story", stories=made)
