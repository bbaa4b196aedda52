"""Who has a run in hand, and what is asked of it: begin, pause, go on, cancel; each is one conditional update."""

from __future__ import annotations

import datetime
import os
import platform

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from articles.importing.runs import finish_run, recount
from articles.models import ImportFile, ImportRun, record

SILENCE = datetime.timedelta(minutes=10)  # a run that says nothing for so long has died
GIVEN_UP = datetime.timedelta(days=1)  # after so long nobody waits for it any more
State, Wish = ImportRun.State, ImportRun.Wish
OPEN = (State.WAITING, State.STOPPED, State.INTERRUPTED)  # somebody can take it up
ENDED = (State.FINISHED, State.STOPPED, State.INTERRUPTED, State.CANCELLED)


def this_process() -> str:
    """Name of this process, by which others on this machine see whether it lives."""
    return f"{platform.node()}:{os.getpid()}"


def plan_run(options: dict, started_by=None, *, dry_run: bool = False) -> ImportRun:
    """Record a run that waits for a process to take it up."""
    with transaction.atomic():
        run = ImportRun.objects.create(options=options, started_by=started_by, dry_run=dry_run, state=State.WAITING)
        record("plan", run, by=started_by, dry_run=dry_run)
    return run


def start_run(options: dict, started_by=None) -> ImportRun:
    """Record a new run of this process; runs whose process has died are marked interrupted first."""
    mark_interrupted()
    with transaction.atomic():
        run = ImportRun.objects.create(
            options={**options, "process": this_process(), **_clock(0)}, started_by=started_by
        )
        record("start", run, by=started_by)
    return run


def _clock(done: int) -> dict:
    """From when on, and after how many files, a run's speed is measured: pauses are no part of it."""
    return {"taken_up_at": timezone.now().isoformat(), "done_before": done}


def take_up(run: ImportRun, *, queue: bool = False) -> bool:
    """Make this process (`queue`: Celery's workers) the one that works on an open run.

    False when another has it, or it is over.
    """
    mark_interrupted()
    done = run.files.exclude(result="").count()
    options = {**run.options, "process": this_process(), "queue": queue, **_clock(done)}
    taken = ImportRun.objects.filter(pk=run.pk, state__in=OPEN).update(
        state=State.RUNNING, wish=Wish.NONE, finished_at=None, heartbeat_at=timezone.now(), options=options
    )
    run.refresh_from_db()
    return bool(taken)


def ask(run: ImportRun, wish: str) -> bool:
    """Pause or cancel a run; False when it is too late for that.

    A run in a process of its own grants the wish between two batches; one that Celery's workers have, or nobody, at
    once: workers finish the batch in hand and take no other.
    """
    mark_interrupted()
    target = {Wish.PAUSE: State.STOPPED, Wish.CANCEL: State.CANCELLED}[wish]
    at_once = ImportRun.objects.filter(pk=run.pk)
    given = Q(state=State.RUNNING, options__queue=True)
    given |= Q(state__in=OPEN) if wish == Wish.CANCEL else Q(state=State.WAITING)
    granted = at_once.filter(given).update(state=target, wish=Wish.NONE, finished_at=timezone.now())
    if granted:
        recount(run)
    else:
        granted = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING).update(wish=wish)
    run.refresh_from_db()
    return bool(granted)


LOST = "lost"


def wish_of(run: ImportRun) -> str:
    """What is asked of a run that this process has taken up; LOST when it was taken away in the meantime.

    One tiny query, made between two batches.
    """
    facts = ImportRun.objects.filter(pk=run.pk).values_list("wish", "state", "options__process").get()
    wish, *hold = facts
    return wish if hold == [State.RUNNING, run.options.get("process")] else LOST


def is_wanted(run: ImportRun) -> bool:
    """Whether a worker may go on with a run; one that was thought dead is alive again by that."""
    if run.state == State.INTERRUPTED and run.options.get("queue"):
        revived = ImportRun.objects.filter(pk=run.pk, state=State.INTERRUPTED)
        if revived.update(state=State.RUNNING, finished_at=None, heartbeat_at=timezone.now()):
            run.state = State.RUNNING
    return run.state == State.RUNNING


def silent_runs() -> list[ImportRun]:
    """Runs that workers have, that wait for files and have not said a word for SILENCE (nor for GIVEN_UP); from now on
    they count as alive for as long again, so that nobody else takes them up by the clock. One query, one more a run.
    """
    now = timezone.now()
    runs = ImportRun.objects.filter(
        state__in=(State.RUNNING, State.INTERRUPTED),
        options__queue=True,
        heartbeat_at__lte=now - SILENCE,
        heartbeat_at__gt=now - GIVEN_UP,
    )
    waiting = runs.filter(Exists(ImportFile.objects.filter(run=OuterRef("pk"), result="")))
    mine = [run for run in waiting if runs.filter(pk=run.pk).update(heartbeat_at=now)]
    for run in mine:
        is_wanted(run)
    return mine


def mark_interrupted() -> int:
    """Give runs that died without a word their end; returns how many."""
    dead = [run for run in ImportRun.objects.filter(state=State.RUNNING) if not lives(run)]
    for run in dead:
        finish_run(run, State.INTERRUPTED)
    return len(dead)


def lives(run: ImportRun) -> bool:
    """Whether somebody works on a run: its process is there, as far as can be seen from here, and has not gone mute."""
    host, _, process = run.options.get("process", "").rpartition(":")
    if host == platform.node() and not run.options.get("queue") and not _is_there(process):
        return False
    return timezone.now() - run.heartbeat_at <= SILENCE


def _is_there(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OSError):
        return True
    return True
