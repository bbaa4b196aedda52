"""Records of imports: what is running, how each file ended, and what to do about those that ended badly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from articles import search
from articles.archives import Found
from articles.importing.storing import Entry, Outcome, lock_writers, store
from articles.models import ImportFile, ImportRun, Result, record
from articles.models.rows import insert_rows

RECORDS = 500  # rows a statement
GOOD = (Result.CREATED, Result.UPDATED, Result.UNCHANGED, Result.KEPT, Result.DUPLICATE)
BAD = (Result.REFUSED, Result.FAILED)


def store_and_record(run: ImportRun, entries: Sequence[Entry], publish: bool | None = None) -> list[Outcome]:
    """Store a batch and its records in one transaction: a file is either done and recorded, or neither."""

    def keep(outcomes: list[Outcome]) -> None:
        insert_rows(
            ImportFile,
            ("run", "path", "location", "attempts", "sha256", "result", "code", "reason", "article"),
            ((run.pk, o.path, o.location, 0, o.sha256, o.result, o.code, o.reason, o.article_id) for o in outcomes),
        )
        ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())

    return store(run, entries, publish, keep)


def store_and_complete(
    run: ImportRun, files: Sequence[ImportFile], entries: Sequence[Entry], publish: bool | None
) -> list[Outcome]:
    """Store a batch whose records wait already (`--queue`), one entry a record; the records get their results with it.

    A record that another worker completed in the meantime is left as it is.
    """
    with transaction.atomic():
        lock_writers()
        waits = set(ImportFile.objects.filter(pk__in=[f.pk for f in files], result="").values_list("pk", flat=True))
        pairs = [(file, entry) for file, entry in zip(files, entries, strict=True) if file.pk in waits]
        outcomes = store(run, [entry for _, entry in pairs], publish)
        done = [file for file, _ in pairs]
        for file, outcome in zip(done, outcomes, strict=True):
            file.sha256, file.result, file.code = outcome.sha256, outcome.result, outcome.code
            file.reason, file.article_id = outcome.reason, outcome.article_id
        ImportFile.objects.bulk_update(done, ["sha256", "result", "code", "reason", "article"])
        ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
    return outcomes


def wait_for_workers(run: ImportRun, found: Iterable[Found]) -> int:
    """Record the files of a run for workers to take; returns how many."""
    number = 0
    batch: list[ImportFile] = []
    for file in found:
        batch.append(ImportFile(run=run, path=file.path, location=file.location))
        if len(batch) == RECORDS:
            number += len(ImportFile.objects.bulk_create(batch))
            batch = []
    return number + len(ImportFile.objects.bulk_create(batch))


def counts_of(run: ImportRun) -> dict[str, int]:
    """Files of a run by result; every result is named, waiting ones are `waiting`. One statement."""
    counts = dict.fromkeys((result.value for result in Result), 0)
    rows = run.files.order_by().values_list("result").annotate(number=Count("pk"))
    counts.update({result or "waiting": number for result, number in rows})
    return counts


def finish_run(
    run: ImportRun, state: str = ImportRun.State.FINISHED, *, settles: bool = True, **more: int
) -> ImportRun:
    """Close a run; only the first who closes it does, and has search settled. `more` is added to its counts."""
    counts = {**counts_of(run), **more}
    with transaction.atomic():
        is_mine = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.RUNNING).update(
            state=state, finished_at=timezone.now(), heartbeat_at=timezone.now(), counts=counts
        )
        if is_mine:
            record("finish", run, by=run.started_by, state=state, counts=counts, dry_run=run.dry_run)
    if is_mine and settles and not run.dry_run:
        search.settle(counts.get(Result.CREATED, 0) if state == ImportRun.State.FINISHED else 0)
    run.refresh_from_db()
    if state == ImportRun.State.FINISHED and not run.dry_run:
        _mark_mended(run)
    return run


def recount(run: ImportRun) -> None:
    """Bring the counts of a run that is over up to date: a worker may have finished its batch after that."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run.pk)  # two workers count one after the other
        counts = {**run.counts, **counts_of(run)}
        ImportRun.objects.filter(pk=run.pk).update(counts=counts, heartbeat_at=timezone.now())


def _mark_mended(run: ImportRun) -> None:
    """Files that ended well now need no retry in the earlier run that this one mends, nor in the one before that."""
    well = run.files.filter(result__in=GOOD).values("path")
    earlier, seen = run.options.get("mends"), {run.pk}
    while earlier and earlier not in seen:
        seen.add(earlier)
        bad = ImportFile.objects.filter(run=earlier, result__in=BAD, mended_in__isnull=True)
        bad.filter(path__in=well).update(mended_in=run)
        options = ImportRun.objects.filter(pk=earlier).values_list("options", flat=True).first() or {}
        earlier = options.get("mends")


@dataclass(frozen=True, slots=True)
class Cause:
    """Files that ended badly for one cause, with one of them as an example."""

    result: str
    code: str
    number: int
    path: str
    reason: str


def causes_of(run: ImportRun) -> list[Cause]:
    """Why files were refused or failed, the most frequent cause first. Two statements."""
    rows = (
        run.files.order_by()
        .filter(result__in=BAD)
        .values("result", "code")
        .annotate(number=Count("pk"), first=Min("pk"))
        .order_by("-number")
    )
    rows = list(rows)
    examples = ImportFile.objects.in_bulk([row["first"] for row in rows])
    return [
        Cause(row["result"], row["code"], row["number"], examples[row["first"]].path, examples[row["first"]].reason)
        for row in rows
    ]


def bad_files(run: ImportRun) -> QuerySet[ImportFile]:
    """Files of a run that ended badly, were not mended since and can be found again, for a retry."""
    return run.files.filter(result__in=BAD, mended_in__isnull=True).exclude(location="").order_by("pk")
