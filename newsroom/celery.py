"""The Celery application; without CELERY_BROKER_URL its tasks run in the calling process."""

import os
import time

import structlog
from celery import Celery, Task, signals
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep

from articles.actors import TASK, acting
from articles.ingest.batch import collect_rarely

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")


class NamedTask(Task):
    """What a task does is recorded under its name, unless a person is named; each line of its log has its number."""

    def __call__(self, *args, **kwargs):
        """Run it as the one who acts."""
        name = self.name.rpartition(".")[2]
        with structlog.contextvars.bound_contextvars(task=name, task_id=self.request.id), acting(TASK, name):
            return super().__call__(*args, **kwargs)


app = Celery("newsroom", task_cls=NamedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@bind_extra_task_metadata.connect
def note_which(task=None, **_) -> None:
    """The line that tells of a task's end names it."""
    structlog.contextvars.bind_contextvars(task=task.name.rpartition(".")[2])


@signals.setup_logging.connect
def leave_logging_alone(**_) -> None:
    """Django has configured it (newsroom.logs); Celery asks here before it would do so anew."""


@signals.before_task_publish.connect
def note_when(headers=None, **_) -> None:
    """Each message tells when it was sent, so that a worker sees how long it waited."""
    if headers is not None:
        headers["sent_at"] = time.time()


@signals.worker_process_init.connect
def collect_garbage_rarely(**_) -> None:
    """A worker reads and stores files by the thousand, which leave much that refers to itself."""
    collect_rarely()
