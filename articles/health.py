"""How the newsroom stands, for those who keep it running: asked by /readyz, /metrics and the desk's page of it."""

from __future__ import annotations

import datetime
import shutil
from dataclasses import dataclass

from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.utils import timezone
from kombu.exceptions import ChannelError, OperationalError

from articles import search
from articles.models import Article, Deed, Image, ImportFile, ImportRun, Original, Pulse, Revision

NEWEST = 100  # articles that are looked at: an index that is behind lacks those
COMPARED = 3  # of those that were imported last, and of those that were edited last: word for word
BROKER_SECONDS = 2
LEAST_FREE = 256 << 20  # bytes
BROKER_FAULTS = (OperationalError, OSError)
PULSE = 60  # seconds between two messages of beat
LATE = datetime.timedelta(seconds=3 * PULSE)  # without a pulse for so long, nobody works
FORGOTTEN = datetime.timedelta(days=1)  # a machine without one for so long is no worker any more
DATABASE_AWAY = "the database does not answer"
Status, State, Picture = Article.Status, ImportRun.State, Image.State
UNFINISHED = (State.WAITING, State.RUNNING, State.STOPPED, State.INTERRUPTED, State.UNDOING)


def wanting() -> list[str]:
    """A line for each thing that this process needs and has not, for an operator; nothing when all is there.

    Asked: the database, its migrations, the search entries of the newest articles and of those changed last, the broker
    where one is set (two seconds at most), and the space on the disk. Eight queries and Django's one of migrations.
    """
    return [*_wanting_in_database(), *_wanting_of_broker(), *_wanting_on_disk()]


def _wanting_in_database() -> list[str]:
    try:
        if missing_migrations():
            return ["migrations are missing: run manage.py migrate"]
        if is_search_behind():
            return ["the search index is behind: run manage.py rebuild_search"]
    except DatabaseFault:
        return [DATABASE_AWAY]
    return []


def _wanting_of_broker() -> list[str]:
    if not settings.HAS_BROKER:
        return []
    try:
        messages_waiting()
    except BROKER_FAULTS:
        return ["the broker does not answer: see CELERY_BROKER_URL"]
    return []


def _wanting_on_disk() -> list[str]:
    free = disk().free
    return [f"the disk is nearly full: {free >> 20} MB are left for NEWSROOM_DATA_DIR"] if free < LEAST_FREE else []


def missing_migrations() -> int:
    """How many migrations of this release the database lacks; Django's one query."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_search_behind() -> bool:
    """Whether one of the newest articles cannot be found, or one of those changed last not as it reads now.

    Eight queries. Whatever changes an article brings an original or leaves a revision.
    """
    newest = Article.objects.not_taken_down().order_by("-pk").values_list("pk", flat=True)[:NEWEST]
    if Article.objects.filter(pk__in=list(newest), entry__isnull=True).exists():
        return True
    changed = {
        pk
        for model in (Original, Revision)
        for pk in model.objects.order_by("-pk").values_list("article_id", flat=True)[:COMPARED]
    }
    return search.check_some(changed).any


def disk():
    """Bytes of the disk under the data folder: total, used, free."""
    return shutil.disk_usage(settings.DATA_DIR)


def articles_by_state() -> dict[str, int]:
    """How many articles are in each state; one query, answered from an index."""
    rows = Article.objects.order_by().values_list("status").annotate(number=Count("pk"))
    return dict.fromkeys(Status.values, 0) | dict(rows)


def pictures_by_state() -> dict[str, int]:
    """The same of pictures; one query."""
    rows = Image.objects.order_by().values_list("state").annotate(number=Count("pk"))
    return dict.fromkeys(Picture.values, 0) | dict(rows)


def imports_by_state() -> dict[str, int]:
    """How many imports are not over, by state; one query."""
    rows = ImportRun.objects.filter(state__in=UNFINISHED).order_by().values_list("state").annotate(number=Count("pk"))
    return dict.fromkeys((state.value for state in UNFINISHED), 0) | dict(rows)


def files_waiting() -> int:
    """Files that running imports have handed to workers and that nobody has finished; one query."""
    runs = ImportRun.objects.filter(state=State.RUNNING).values("pk")
    return ImportFile.objects.filter(run__in=runs, result="").count()


def latest_import() -> ImportRun | None:
    """The latest import that was no dry run; one query."""
    return ImportRun.objects.filter(dry_run=False).order_by("-pk").first()


def latest_backup() -> datetime.datetime | None:
    """When the latest backup was made, as the audit tells; one query."""
    backups = Deed.objects.filter(verb="back_up").order_by("-made_at", "-id")
    return backups.values_list("made_at", flat=True).first()


def messages_waiting() -> int:
    """Messages in the queue that no worker has taken; raises BROKER_FAULTS after two seconds."""
    with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
        try:
            told = broker.default_channel.queue_declare(current_app.conf.task_default_queue, passive=True)
        except (*broker.channel_errors, ChannelError):  # nothing was ever put into it, or all was taken
            return 0
        return told.message_count


@dataclass(frozen=True, slots=True)
class Beat:
    """What the pulse tells: the machines with workers, since when, and how long the latest message waited."""

    machines: tuple[Pulse, ...]
    felt_at: datetime.datetime | None
    waited: float | None

    @property
    def is_late(self) -> bool:
        """Whether beat, or every worker, is away."""
        return self.felt_at is None or timezone.now() - self.felt_at > LATE


def pulse() -> Beat:
    """The pulse of the workers; one query."""
    rows = tuple(Pulse.objects.filter(felt_at__gt=timezone.now() - FORGOTTEN).order_by("-felt_at")[:50])
    return Beat(rows, rows[0].felt_at, rows[0].waited) if rows else Beat((), None, None)


def feel_pulse(machine: str, sent_at: datetime.datetime) -> None:
    """Keep the sign of life that a worker gives; a message that comes late says no less. Two statements."""
    now = timezone.now()
    Pulse.objects.update_or_create(machine=machine[:255], defaults={"sent_at": sent_at, "felt_at": now})
    Pulse.objects.filter(felt_at__lte=now - FORGOTTEN).delete()
