"""Tasks of imports: files in batches, runs begun, gone on with and undone, the inbox."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import F

from articles import archives, images, importing
from articles.importing import inbox
from articles.ingest import LIMIT
from articles.ingest.apart import read_apart, read_watched
from articles.ingest.batch import Job, Reading
from articles.models import ImportFile, ImportRun
from articles.tasks.alike import find_alike
from articles.tasks.offering import DATABASE_FAULTS, LONGEST_TASK, TURN, named_task, spawn
from articles.tasks.pictures import fetch_due_images, place_all_images

DATABASE_PAUSE = 10  # seconds until a batch is tried again
FILES_APART = 5  # of a suspected batch, that are read and stored together
HANGING = 600  # seconds of a task in which each of them may hang
CHUNKS_AT_ONCE = 3  # of articles that are undone within a request
FILES_AT_ONCE = 1000  # recorded by one statement


@named_task(bind=True, time_limit=LONGEST_TASK, max_retries=None)
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


def launch_import(run: ImportRun) -> None:
    """Have a waiting, paused or stalled run carried on: by Celery's workers, or by a process of its own where there
    are none, since no request may last as long as an import. Raises BROKER_FAULTS; the run waits on then.
    """
    if settings.HAS_BROKER:
        begin_import.delay(run.pk)
    else:
        spawn("import_articles", "--resume", str(run.pk), "--verbosity", "0")


@named_task(time_limit=LONGEST_TASK)
def begin_import(run_id: int) -> None:
    """Take up a run: hand its files to the workers, or have one process carry it on when it is a dry run (which judges
    each file by those before it) and outlives this task. Given twice, the second finds the run taken.
    """
    run = ImportRun.objects.get(pk=run_id)
    if run.dry_run:
        spawn("import_articles", "--resume", str(run_id), "--jobs", "1", "--verbosity", "0")
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
        spawn("undo_import", str(run.pk), "--verbosity", "0")


@named_task(time_limit=LONGEST_TASK)
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


@named_task(time_limit=LONGEST_TASK)
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
            spawn("watch_inbox", str(settings.INBOX_DIR), "--once", "--verbosity", "0")
            return None
        time.sleep(watcher.settled)
        run = watcher.look()
        if run is not None:
            want_pictures(run)
            return run.pk
    return None


@named_task()
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
