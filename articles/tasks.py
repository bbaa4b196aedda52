"""Background deeds: numbers in, one service called, what follows is chained here.

Every task is safe to run twice: what is done is told by rows in the database, never by the queue.
"""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from articles import archives, images, importing, search
from articles.ingest import LIMIT
from articles.ingest.batch import read_jobs
from articles.models import Image, ImportFile, ImportRun

BROKER_FAULTS = (OperationalError, OSError)
MOST_ATTEMPTS = 2
PICTURES_A_TASK = 100
ARTICLES_A_TASK = 200
PICTURES_AT_ONCE = 5000  # handed out by one look at the clock


@shared_task(time_limit=900)
def import_files(run_id: int, file_ids: list[int]) -> None:
    """Import waiting files of a run. A file that kills its worker twice is reported, and the others go on."""
    run = ImportRun.objects.get(pk=run_id)
    files = list(run.files.filter(pk__in=file_ids, result="").order_by("pk"))
    if run.state != ImportRun.State.RUNNING or not files:
        return
    if any(file.attempts for file in files) and len(files) > 1:  # a worker died over this batch: find the culprit
        for file in files:
            import_files.delay(run_id, [file.pk])
        return
    if len(files) == 1 and files[0].attempts >= MOST_ATTEMPTS:
        importing.give_up(files[0])
    else:
        ImportFile.objects.filter(pk__in=[file.pk for file in files]).update(attempts=F("attempts") + 1)
        _read_and_store(run, files)
    if not run.files.filter(result="").exists():
        importing.finish_run(run)
        images.note_hosts()
        if run.options.get("images"):
            transaction.on_commit(lambda: place_all_images(run.options["images"]))
        if not run.options.get("no_images"):
            transaction.on_commit(fetch_due_images.delay)


def _read_and_store(run: ImportRun, files: list[ImportFile]) -> None:
    options = importing.Options(
        again=run.options.get("again", False),
        publish=run.options.get("publish"),
        default_source=run.options.get("source", ""),
    )
    contents = dict(archives.load_many([file.location for file in files], LIMIT))
    loaded = [importing.Loaded(f.path, archives.name_of(f.location), f.location, contents[f.location]) for f in files]
    steps, jobs = importing.plan(loaded, options)
    entries = importing.fulfil(loaded, steps, read_jobs(jobs))
    importing.store_and_complete(run, files, entries, options.publish)


@shared_task(time_limit=900)
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


@shared_task(time_limit=900)
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


def want_renditions(image_ids: list[int]) -> None:
    """Have renditions made ahead, unless our own server makes each when it is first asked for."""
    if image_ids and not settings.RENDITIONS_ON_DEMAND:
        make_renditions.delay(image_ids)


@shared_task(time_limit=900)
def make_renditions(image_ids: list[int]) -> int:
    """Make the renditions of stored pictures that have none yet; returns how many files' worth were made."""
    made = 0
    for image in Image.objects.filter(pk__in=image_ids, state=Image.State.STORED):
        made += images.prepare(image)
    return made


@shared_task(time_limit=900)
def index_articles(article_ids: list[int]) -> None:
    """Write the search entries of articles anew."""
    search.index(article_ids)


def index_articles_in_parts(article_ids: list[int]) -> None:
    """The same for any number of articles, in parts that a worker does in a second or two."""
    for start in range(0, len(article_ids), ARTICLES_A_TASK):
        index_articles.delay(article_ids[start : start + ARTICLES_A_TASK])
