"""What every task shares: its name, how long it may take, and how it is handed out."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import structlog
from celery import Task, shared_task
from django.conf import settings
from django.db import InterfaceError
from django.db import OperationalError as DatabaseGone
from kombu.exceptions import OperationalError

LOG = structlog.get_logger("articles.tasks")
BROKER_FAULTS = (OperationalError, OSError)
DATABASE_FAULTS = (DatabaseGone, InterfaceError)
LONGEST_TASK = 900  # seconds; half of what a broker waits before it gives a message to somebody else
TURN = 300  # seconds that long work has at a time; the rest goes with another message


def named_task(**how) -> Callable[[Callable], Task]:
    """Make a Celery task of a function, under the name that messages in flight and the clock know: wherever it stands
    in this package, it is articles.tasks.<its name>. `how` are Celery's options.
    """

    def made(do: Callable) -> Task:
        return shared_task(name=f"articles.tasks.{do.__name__}", **how)(do)

    return made


def offer(task: Task, *args, **how) -> bool:
    """Hand a task to a worker; False when the broker does not answer, so that a person can be told.

    What is offered must have left a record that the clock, or the next one who asks, goes on from. Without a broker the
    task is done here and now.
    """
    try:
        task.delay(*args, **how)
    except BROKER_FAULTS as fault:
        if not settings.HAS_BROKER:  # the task's own
            raise
        LOG.warning("broker_away", task=task.name, fault=str(fault))
        return False
    return True


def _command(*words: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def spawn(*command: str) -> None:
    """Run a management command in a process of its own that outlives this one."""
    process = subprocess.Popen(
        _command(*command),
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Somebody must take note of its end: a process that nobody waits for still counts as there.
    threading.Thread(target=process.wait, daemon=True).start()
