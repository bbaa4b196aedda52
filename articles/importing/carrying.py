"""Carries a recorded run on to its end: finds what is left of its files, and takes them in, or only tries."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from django.utils import timezone

from articles import archives
from articles.importing.batches import Options, import_all
from articles.importing.predicting import try_all
from articles.importing.runs import bad_files, finish_run
from articles.importing.steering import wish_of
from articles.importing.storing import Outcome
from articles.ingest import LIMIT
from articles.ingest.rules.sources import SOURCE_OF_FOLDER
from articles.models import ImportFile, ImportRun
from articles.models.rows import insert_rows

STANDARD_INPUT = "-"


def found_of(options: dict) -> Iterator[archives.Found]:
    """The files that the recorded options of a run name, in a stable order. Two statements for what another run has
    left, before this returns; none while they are walked through.
    """
    again = [] if options.get("retry") is None else _found_again(options["retry"], options.get("files"))
    return itertools.chain(again, _found_at(options))


def _found_at(options: dict) -> Iterator[archives.Found]:
    without = frozenset({os.path.realpath(options["images"])} if options.get("images") else ())
    for path in options.get("paths", ()):
        yield from archives.find(path, limit=LIMIT, without=without, below=folder_of_source(path))


def _found_again(run_id: int, only: list[int] | None) -> Iterator[archives.Found]:
    """Files that ended badly in another run, from where they were then; `only` those of these numbers."""

    def once_more(location: str) -> bytes:
        content = next(iter(archives.load_many([location], LIMIT)))[1]
        if isinstance(content, archives.Refusal):
            raise content
        return content

    files = bad_files(ImportRun.objects.get(pk=run_id))
    if only is not None:
        files = files.filter(pk__in=only)
    places = list(files.values_list("path", "location"))
    return (archives.Found(path, location, partial(once_more, location)) for path, location in places)


def folder_of_source(path: str) -> str:
    """A folder (or a file's folder) that is itself one source's keeps its name in recorded paths: without it, dw/1.md
    and rfa/1.md, imported one after the other, would be one path.
    """
    if path == STANDARD_INPUT or archives.is_archive_name(path):
        return ""
    place = os.path.abspath(path)
    folder = os.path.basename(place if os.path.isdir(place) else os.path.dirname(place))
    return f"{folder}/" if folder in SOURCE_OF_FOLDER else ""


def left_of(run: ImportRun) -> Iterator[archives.Found]:
    """Files of a run that have no record in it yet; remembers the recorded paths (about 0.2 kB each).

    Asks the database before it returns, and no more then: a thread may walk.
    """
    recorded = Counter(run.files.order_by().values_list("path", flat=True).iterator(chunk_size=5000))
    return _without(recorded, found_of(run.options))


def _without(recorded: Counter, found: Iterable[archives.Found]) -> Iterator[archives.Found]:
    for one in found:
        if recorded[one.path] > 0:
            recorded[one.path] -= 1
        else:
            yield one


def count_files(run: ImportRun) -> int:
    """How many files a run has in all; counted once (an archive is read through for that) and kept in its record.

    Raises FileNotFoundError when there is nothing at one of its paths.
    """
    if run.total is None:
        run.total = sum(1 for _ in found_of(run.options))
    if run.pk:
        ImportRun.objects.filter(pk=run.pk).update(total=run.total)
    return run.total


def options_of(run: ImportRun, jobs: int = 1) -> Options:
    """How a run reads, as its record says."""
    known = run.options
    again, source = known.get("again", False), known.get("source", "")
    return Options(again, known.get("publish"), source, jobs, stores=not run.dry_run)


def carry_on(
    run: ImportRun, jobs: int = 1, keep_on: Callable[[], bool] = lambda: True, *, settles: bool = True
) -> Iterator[list[Outcome]]:
    """Take in what is left of a run that this process has taken up, and close it; yields how each batch ended.

    Pauses and cancels (`ask`) are granted between two batches, as is `keep_on()`, which pauses. What raises leaves the
    run interrupted, with every batch before that recorded. Unless it `settles`, the caller of a run that ends finished
    has search settled.
    """
    asked = ""

    def going() -> bool:
        nonlocal asked
        asked = asked or wish_of(run) or ("" if keep_on() else ImportRun.Wish.PAUSE)
        return not asked

    wanted = 0 if run.dry_run else run.counts.get("images_wanted", 0)
    batches = _tried(run, jobs, going) if run.dry_run else import_all(run, left_of(run), options_of(run, jobs), going)
    try:
        for outcomes in batches:
            wanted += sum(outcome.images_wanted for outcome in outcomes)
            yield outcomes
    except BaseException:
        finish_run(run, ImportRun.State.INTERRUPTED, images_wanted=wanted)
        raise
    ends = {"": ImportRun.State.FINISHED, "pause": ImportRun.State.STOPPED, "cancel": ImportRun.State.CANCELLED}
    if asked in ends:
        finish_run(run, ends[asked], settles=settles or bool(asked), images_wanted=wanted)


def _tried(run: ImportRun, jobs: int, going: Callable[[], bool]) -> Iterator[list[Outcome]]:
    """A dry run whose report is kept as the records of a run; begun anew when it was interrupted, since it judges each
    file by those before it.
    """
    run.files.all().delete()
    run.counts = {}
    for outcomes in try_all(found_of(run.options), options_of(run, jobs), going):
        insert_rows(
            ImportFile,
            ("run", "path", "location", "attempts", "sha256", "result", "code", "reason", "article"),
            ((run.pk, o.path, o.location, 0, o.sha256, o.result, o.code, o.reason, o.article_id) for o in outcomes),
        )
        beat(run)
        yield outcomes


def beat(run: ImportRun) -> None:
    """Say that a run is alive."""
    ImportRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
