"""Background deeds: numbers in, one service called, what follows is chained here.

Every task is safe to run twice: what is done is told by rows in the database, never by the queue.
"""

from __future__ import annotations

import contextlib
import datetime
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence

import structlog
from celery import Task, shared_task
from django.conf import settings
from django.db import InterfaceError, transaction
from django.db import OperationalError as DatabaseGone
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from articles import archives, guarding, health, images, importing, likeness, proposing, search, websub
from articles.curation import bulk, takedown_effects
from articles.importing import inbox
from articles.ingest import LIMIT
from articles.ingest.apart import read_apart, read_watched
from articles.ingest.batch import Job, Reading
from articles.models import BulkJob, Image, ImportFile, ImportRun, record

LOG = structlog.get_logger(__name__)
BROKER_FAULTS = (OperationalError, OSError)
DATABASE_FAULTS = (DatabaseGone, InterfaceError)
DATABASE_PAUSE = 10  # seconds until a batch is tried again
LONGEST_TASK = 900  # seconds; half of what a broker waits before it gives a message to somebody else
TURN = 300  # seconds that long work has at a time; the rest goes with another message
FILES_APART = 5  # of a suspected batch, that are read and stored together
HANGING = 600  # seconds of a task in which each of them may hang
CHUNKS_AT_ONCE = 3  # of articles that are undone within a request
FILES_AT_ONCE = 1000  # recorded by one statement
PICTURES_A_TASK = 100
ARTICLES_AT_ONCE = 1000  # whose terms are learned between two looks at the clock
DAYS_AT_ONCE = 31
PICTURES_AT_ONCE = 5000  # handed out by one look at the clock
BULK_AT_ONCE = 500  # articles of a bulk job that are not worth a worker
BULK_SECONDS = 2  # of a request
BULK_TASK_SECONDS = 300
BULK_SILENCE = datetime.timedelta(minutes=5)


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


@shared_task(bind=True, time_limit=LONGEST_TASK, max_retries=None)
def import_files(self, run_id: int, file_ids: list[int], is_blameless: bool = False) -> None:
    """Import waiting files of a run. A file that kills its worker, or hangs in it, is reported, the others go on.

    A batch that was begun before has lost its worker: it is read apart, in a process whose end tells which file is to
    blame. When the database goes away meanwhile, the batch comes back after DATABASE_PAUSE; no file is to blame then
    (`is_blameless`).
    """
    is_worker = not (self.request.called_directly or self.request.is_eager)
    try:
        _import_files(run_id, file_ids, is_blameless, settings.FILE_SECONDS if is_worker else 0)
    except DATABASE_FAULTS as fault:
        if not settings.HAS_BROKER:
            raise
        raise self.retry(args=[run_id, file_ids, True], exc=fault, countdown=DATABASE_PAUSE) from fault


def _import_files(run_id: int, file_ids: list[int], is_blameless: bool, seconds: int) -> None:
    run = ImportRun.objects.get(pk=run_id)
    files = list(run.files.filter(pk__in=file_ids, result="").order_by("pk"))
    if not importing.is_wanted(run) or not files:
        return
    ImportFile.objects.filter(pk__in=[file.pk for file in files]).update(attempts=F("attempts") + 1)
    left: list[ImportFile] = []
    if any(file.attempts for file in files) and not is_blameless:
        left = _import_apart(run, files)
    else:
        _read_and_store(run, files, lambda jobs: read_watched(jobs, seconds))
    run.refresh_from_db(fields=["state", "counts"])
    if run.state != ImportRun.State.RUNNING:  # paused or cancelled while this batch was in hand
        importing.recount(run)
    elif left:
        import_files.delay(run_id, [file.pk for file in left])
    elif not run.files.filter(result="").exists():
        importing.finish_run(run)
        want_pictures(run)
        transaction.on_commit(find_alike.delay)


def _import_apart(run: ImportRun, files: list[ImportFile]) -> list[ImportFile]:
    """Import files that may kill, a few at a time; returns those for which no time was left."""
    end = time.monotonic() + LONGEST_TASK - HANGING
    number = min(FILES_APART, HANGING // max(settings.FILE_SECONDS, 1))
    for start in range(0, len(files), number):
        if time.monotonic() > end:
            return files[start:]
        few = files[start : start + number]
        _read_and_store(run, few, lambda jobs: read_apart(jobs, settings.FILE_SECONDS))
    return []


def want_pictures(run: ImportRun) -> None:
    """What follows a finished import: its pictures, from the folder that it names, and from the network."""
    images.note_hosts()
    if run.options.get("no_images"):
        return
    if run.options.get("images"):
        transaction.on_commit(lambda: place_all_images(run.options["images"]))
    transaction.on_commit(fetch_due_images.delay)


def _read_and_store(run: ImportRun, files: list[ImportFile], read: Callable[[list[Job]], Iterable[Reading]]) -> None:
    options = importing.options_of(run)
    contents = dict(archives.load_many([file.location for file in files], LIMIT))
    loaded = [importing.Loaded(f.path, archives.name_of(f.location), f.location, contents[f.location]) for f in files]
    steps, jobs = importing.plan(loaded, options)
    entries = importing.fulfil(loaded, steps, importing.read_once(jobs, read))
    importing.store_and_complete(run, files, entries, options.publish)


@shared_task(time_limit=LONGEST_TASK)
def place_images(image_ids: list[int], folder: str) -> dict[str, int]:
    """Take waiting pictures from a mirror folder; returns how many are in which state then."""
    states: dict[str, int] = {}
    stored = []
    for image in Image.objects.filter(pk__in=image_ids, state=Image.State.WAITING):
        state = images.place(image, folder)
        states[state] = states.get(state, 0) + 1
        if state == Image.State.STORED:
            stored.append(image.pk)
    want_renditions(stored)
    return states


def place_all_images(folder: str) -> list[int]:
    """Hand every waiting picture that the mirror folder has to `place_images`; returns their numbers.

    The whole of what waits is looked at, so that pictures of a run that was killed are placed by the next one.
    """
    there = images.waiting().only("pk", "origin_url", "proxy_url").iterator(chunk_size=1000)
    numbers = [image.pk for image in there if images.mirrored(image, folder)]
    for start in range(0, len(numbers), PICTURES_A_TASK):
        place_images.delay(numbers[start : start + PICTURES_A_TASK], folder)
    return numbers


def launch_import(run: ImportRun) -> None:
    """Have a waiting, paused or stalled run carried on: by Celery's workers, or by a process of its own where there
    are none, since no request may last as long as an import. Raises BROKER_FAULTS; the run waits on then.
    """
    if settings.HAS_BROKER:
        begin_import.delay(run.pk)
    else:
        _spawn("import_articles", "--resume", str(run.pk), "--verbosity", "0")


@shared_task(time_limit=LONGEST_TASK)
def begin_import(run_id: int) -> None:
    """Take up a run: hand its files to the workers, or have one process carry it on when it is a dry run (which judges
    each file by those before it) and outlives this task. Given twice, the second finds the run taken.
    """
    run = ImportRun.objects.get(pk=run_id)
    if run.dry_run:
        _spawn("import_articles", "--resume", str(run_id), "--jobs", "1", "--verbosity", "0")
        return
    if not importing.take_up(run, queue=True):
        return
    try:
        importing.count_files(run)
        hand_over(run)
    except BaseException:
        importing.finish_run(run, ImportRun.State.INTERRUPTED)
        raise
    if not run.files.filter(result="").exists():  # nothing was left for the workers
        importing.finish_run(run)
        want_pictures(run)


def undo_import(run: ImportRun, user=None) -> None:
    """Undo a run: a small one here and now, a large one in the background.

    Raises importing.NotUndoable, and BROKER_FAULTS: then it is gone on with by calling this again.
    """
    importing.begin_undo(run, user)
    chunks = importing.undo_chunks(run)
    for _ in zip(range(CHUNKS_AT_ONCE), chunks, strict=False):
        pass
    if run.state != ImportRun.State.UNDOING:
        return
    importing.let_go(run)
    if settings.HAS_BROKER:
        go_on_undoing.delay(run.pk)
    else:
        _spawn("undo_import", str(run.pk), "--verbosity", "0")


@shared_task(time_limit=LONGEST_TASK)
def go_on_undoing(run_id: int) -> None:
    """Carry an undo on, for five minutes at a time; given twice, the second finds it taken."""
    run = ImportRun.objects.get(pk=run_id)
    end = time.monotonic() + TURN
    with contextlib.suppress(importing.NotUndoable):
        importing.begin_undo(run)
        for _ in importing.undo_chunks(run, lambda: time.monotonic() < end):
            pass
        if run.state == ImportRun.State.UNDOING:
            importing.let_go(run)
            go_on_undoing.delay(run_id)


@shared_task
def forget_sign_ins() -> int:
    """Delete failures to sign in that stop nobody any more; returns their number. Run by the clock."""
    return guarding.forget()


@shared_task
def clear_uploads() -> int:
    """Remove uploads that are of no more use, and pictures that were left half written; returns how many of both. Run
    by the clock.
    """
    return importing.clear_uploads() + images.clear_halves()


@shared_task
def settle_take_downs() -> int:
    """Carry out what has begun or ended by itself, and have the storage follow; returns how many. Run by the clock."""
    return takedown_effects.settle() + images.settle_files()


@shared_task(time_limit=LONGEST_TASK)
def watch_inbox() -> int | None:
    """Take in what was dropped into NEWSROOM_INBOX_DIR; returns the number of the run, if it was made here.

    Run by the clock. Where there are workers, a process that outlives this task takes it in, since a worker may have no
    reading processes and a file that kills must not kill it; while it is at it, others leave at once.
    """
    if settings.INBOX_DIR is None:
        return None
    watcher = inbox.Watcher(str(settings.INBOX_DIR))
    with contextlib.suppress(inbox.Occupied):
        watcher.look()
        if not watcher.seen:
            return None
        if settings.HAS_BROKER:
            _spawn("watch_inbox", str(settings.INBOX_DIR), "--once", "--verbosity", "0")
            return None
        time.sleep(watcher.settled)
        run = watcher.look()
        if run is not None:
            want_pictures(run)
            return run.pk
    return None


def _command(*words: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]


def _spawn(*command: str) -> None:
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


@shared_task
def go_on_with_silent_imports() -> int:
    """Hand out once more what workers have left of runs that went silent: a broker that was killed forgets the latest
    messages. Run by the clock; returns the number of runs. What is in hand meanwhile is done once all the same.
    """
    silent = importing.silent_runs() if settings.HAS_BROKER else []
    for run in silent:
        enqueue_files(run, importing.BATCH_OF_A_TASK)
    return len(silent)


def hand_over(run: ImportRun) -> None:
    """Record what is left of a run for Celery's workers and hand it to them; what only this process can read is
    imported here. Raises BROKER_FAULTS.
    """
    here, away = [], []
    for found in importing.left_of(run):
        (away if found.queueable else here).append(found)
        if len(away) == FILES_AT_ONCE:
            importing.wait_for_workers(run, away)
            away = []
    importing.wait_for_workers(run, away)
    for _ in importing.import_all(run, here, importing.options_of(run)):
        pass
    enqueue_files(run, importing.BATCH_OF_A_TASK)


def enqueue_files(run: ImportRun, batch: int) -> int:
    """Hand all waiting files of a run to the workers in batches; returns the number of batches."""
    ids, number = [], 0
    for pk in run.files.filter(result="").order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000):
        ids.append(pk)
        if len(ids) == batch:
            import_files.delay(run.pk, ids)
            ids, number = [], number + 1
    if ids:
        import_files.delay(run.pk, ids)
        number += 1
    return number


@shared_task(time_limit=LONGEST_TASK)
def fetch_image(image_id: int, folder: str = "", again: bool = False) -> None:
    """Bring one waiting picture in (`again`: a stored one too); renditions follow, or its row says when it is tried."""
    image = Image.objects.filter(pk=image_id).first()
    if image is None or not (again or image.state == Image.State.WAITING):
        return
    if images.fetch_image(image, folder) == Image.State.STORED:
        want_renditions([image_id])


@shared_task
def fetch_due_images() -> int:
    """Hand each waiting picture whose time has come to `fetch_image`; returns their number.

    Run by the clock (CELERY_BEAT_SCHEDULE), so that tries come again whatever was killed.
    """
    if not (settings.FETCH_IMAGES and settings.HAS_BROKER):
        return 0
    numbers = list(images.due().values_list("pk", flat=True)[:PICTURES_AT_ONCE])
    images.hand_out(numbers)
    for number in numbers:
        fetch_image.delay(number)
    return len(numbers)


def want_renditions(image_ids: list[int]) -> bool:
    """Have renditions made ahead, unless our own server makes each when it is first asked for.

    False when the broker does not answer: `make_missing_renditions` finds them then.
    """
    if not image_ids or settings.RENDITIONS_ON_DEMAND:
        return True
    if offer(make_renditions, image_ids):
        return True
    Image.objects.filter(pk__in=image_ids).update(prepared="")
    return False


@shared_task(time_limit=LONGEST_TASK)
def make_renditions(image_ids: list[int]) -> int:
    """Make the renditions of stored pictures that have none yet; returns how many files' worth were made."""
    made = 0
    for image in Image.objects.filter(pk__in=image_ids, state=Image.State.STORED):
        try:
            made += images.prepare(image)
        except (images.Rejected, OSError) as fault:  # the others are not to wait for it
            LOG.warning("no_renditions", image=image.pk, fault=str(fault))
    return made


@shared_task
def make_missing_renditions() -> int:
    """Hand out stored pictures whose renditions nobody was asked for; returns their number. Run by the clock."""
    if settings.RENDITIONS_ON_DEMAND or not settings.HAS_BROKER:
        return 0
    missing = Image.objects.filter(state=Image.State.STORED, prepared="").order_by("pk")
    numbers = list(missing.values_list("pk", flat=True)[:PICTURES_AT_ONCE])
    for start in range(0, len(numbers), PICTURES_A_TASK):
        make_renditions.delay(numbers[start : start + PICTURES_A_TASK])
    return len(numbers)


@shared_task(bind=True, time_limit=LONGEST_TASK)
def find_alike(self, days: Sequence[str] = (), jobs: int = 1) -> int:
    """Learn what new and changed articles are about, and propose the stories that they tell; returns how many.

    A worker does so for five minutes at a time: `days` are those that the messages before have learned of. Who calls it
    directly can have several processes at it.
    """
    if self.request.called_directly:
        made = likeness.propose_stories(likeness.days_of(likeness.learn(jobs=jobs)), jobs)
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


@shared_task
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


@shared_task(time_limit=LONGEST_TASK)
def index_articles(article_ids: list[int]) -> None:
    """Write the search entries of articles anew: what workers of the first release were asked for may wait still."""
    search.index(article_ids)


@shared_task(time_limit=LONGEST_TASK)
def index_waiting() -> None:
    """Write the search entries that wait since a change to many articles. Asked for by the change, run by the clock."""
    if search.index_waiting(TURN):
        index_waiting.delay()


@shared_task
def tell_hubs() -> int:
    """Look which feeds have changed, and hand each ping that is due to `tell_hub`; returns their number.

    Run by the clock. Without a broker `manage.py tell_hubs` does the same from a timer of the system.
    """
    if not (settings.WEBSUB_HUBS and settings.HAS_BROKER):
        return 0
    websub.look()
    numbers = websub.due()
    for number in numbers:
        tell_hub.delay(number)
    return len(numbers)


@shared_task(time_limit=60)
def tell_hub(number: int) -> None:
    """Tell a hub that a feed has changed; its row says how that ended and when it is tried again."""
    websub.tell(number)


def go_on_with_bulk_job(job: BulkJob) -> bool:
    """Hand a large job to a worker; a small one, or any where there is no worker, gets two seconds here and now.

    What is left then is done by the job's page, which asks again. False when no worker could be asked: the job's page
    and the clock go on with it all the same.
    """
    is_large = settings.HAS_BROKER and job.total > BULK_AT_ONCE
    if not is_large and not (bulk.advance(job.pk, BULK_SECONDS).is_active and settings.HAS_BROKER):
        return True
    if offer(bulk_job, job.pk):
        return True
    if is_large:
        bulk.advance(job.pk, BULK_SECONDS)
    return False


@shared_task(time_limit=LONGEST_TASK)
def bulk_job(job_id: int) -> None:
    """Take a bulk job on, for five minutes at a time, so that others have their turn."""
    if bulk.advance(job_id, BULK_TASK_SECONDS).is_active:
        bulk_job.delay(job_id)


@shared_task
def go_on_with_silent_bulk_jobs() -> int:
    """Hand out bulk jobs whose worker has died; run by the clock. Returns their number."""
    silent = BulkJob.objects.filter(state__in=BulkJob.ACTIVE, heartbeat_at__lt=timezone.now() - BULK_SILENCE)
    numbers = list(silent.values_list("pk", flat=True)) if settings.HAS_BROKER else []
    for number in numbers:
        bulk_job.delay(number)
    return len(numbers)


@shared_task(bind=True)
def feel_pulse(self) -> None:
    """Say that this machine has a worker, and since when this message lay in the queue. Run by the clock."""
    sent_at = self.request.get("sent_at")
    if sent_at:
        health.feel_pulse(self.request.hostname, datetime.datetime.fromtimestamp(sent_at, datetime.UTC))


@shared_task(time_limit=LONGEST_TASK)
def learn_topics() -> int:
    """Learn anew what speaks for each tag; returns the number of signs. Run by the clock, once a day."""
    return proposing.learn()
