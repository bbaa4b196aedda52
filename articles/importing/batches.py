"""Takes files from finding to stored, batch by batch, with memory that stays flat."""

from __future__ import annotations

import concurrent.futures
import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from articles import search
from articles.archives import Found, Refusal
from articles.importing.reading import read_batches
from articles.importing.runs import store_and_record
from articles.importing.storing import Entry, Outcome, recall
from articles.ingest.batch import Job, Reading, collecting_rarely
from articles.models import ImportRun

BATCH = 100  # files a transaction: large enough to be cheap, small enough that a kill loses a second
FETCHERS, SHARE = 4, 25  # threads that fetch files, and how many each takes at a time
BATCH_OF_A_TASK = 50  # files a Celery task: fewer, since a worker that dies has the whole of it read again


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file whose bytes were asked for, and their hash."""

    path: str
    name: str
    location: str
    content: bytes | Refusal
    sha256: str = field(init=False, default="")  # taken by whoever loads: half of what a known file costs

    def __post_init__(self) -> None:
        if isinstance(self.content, bytes):
            object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())


@dataclass(frozen=True, slots=True)
class Options:
    """How a run reads: `again` reads known bytes too, `publish` is True, False (inbox) or None (the source's word),
    `jobs` is the number of reading processes (0: the caller's own reads, and dies of a file that kills); a run that
    only tries `stores` nothing.
    """

    again: bool = False
    publish: bool | None = None
    default_source: str = ""
    jobs: int = 0
    stores: bool = True


def load(found: Found) -> Loaded:
    """The bytes of a file, or why there are none."""
    try:
        return Loaded(found.path, found.name, found.location, found.load())
    except Refusal as refusal:
        return Loaded(found.path, found.name, found.location, refusal)


def plan(files: Sequence[Loaded], options: Options) -> tuple[list[Entry | Job], list[Job]]:
    """What each file of a batch needs: nothing (its bytes are known), a refusal, or reading; and the reading jobs."""
    known = {} if options.again else recall([(file.path, file.sha256) for file in files if file.sha256])
    vector = options.stores and search.has_vectors()
    steps: list[Entry | Job] = []
    for file in files:
        if isinstance(file.content, Refusal):
            refused = Reading(file.path, "", 0, code=file.content.code, reason=str(file.content))
            steps.append(Entry(file.path, "", file.location, refused))
        elif (file.path, file.sha256) in known:
            article_id, copy = known[file.path, file.sha256]
            steps.append(Entry(file.path, file.sha256, file.location, None, article_id, copy))
        else:
            steps.append(Job(file.path, file.name, file.content, file.sha256, options.default_source, vector))
    return steps, [step for step in steps if isinstance(step, Job)]


def fulfil(files: Sequence[Loaded], steps: Sequence[Entry | Job], readings: Sequence[Reading]) -> list[Entry]:
    """The entries to store: what was planned, with the readings in their places."""
    left = iter(readings)
    return [
        Entry(step.path, step.sha256, file.location, next(left)) if isinstance(step, Job) else step
        for file, step in zip(files, steps, strict=True)
    ]


def read_in_batches(found: Iterable[Found], options: Options, keep_on=lambda: True) -> Iterator[list[Entry]]:
    """Entries of all files, in batches and in order. Stops taking new files when `keep_on()` says False."""

    def batches() -> Iterator[tuple[object, list[Job]]]:
        for files in _loaded(found, options.jobs, keep_on):
            steps, jobs = plan(files, options)
            yield (files, steps), jobs

    for (files, steps), readings in read_batches(batches(), options.jobs):
        yield fulfil(files, steps, readings)


def _loaded(found: Iterable[Found], jobs: int, keep_on: Callable[[], bool]) -> Iterator[tuple[Loaded, ...]]:
    """The bytes of all files by batches; where several processes read, a thread fetches and hashes the next batch
    meanwhile, which then asks no database (`found` does not either once it has been made). Some more fetch with it what
    stands alone: a disk answers many that ask at once as soon as one.
    """
    found = iter(found)
    if jobs < 2:
        while keep_on() and (files := tuple(map(load, itertools.islice(found, BATCH)))):
            yield files
        return
    with (
        concurrent.futures.ThreadPoolExecutor(FETCHERS, "fetcher") as fetchers,
        concurrent.futures.ThreadPoolExecutor(1, "loader") as loader,
    ):
        coming = loader.submit(_fetch, found, fetchers)
        while keep_on() and (files := coming.result()):
            coming = loader.submit(_fetch, found, fetchers)
            yield files


def _fetch(found: Iterator[Found], fetchers: concurrent.futures.Executor) -> tuple[Loaded, ...]:
    """The next batch."""
    loaded: list[Loaded] = []
    for stand_alone, files in itertools.groupby(itertools.islice(found, BATCH), lambda one: one.stands_alone):
        if stand_alone:
            alone = list(files)
            shares = (alone[start : start + SHARE] for start in range(0, len(alone), SHARE))
            loaded += itertools.chain.from_iterable(fetchers.map(_load_all, shares))
        else:
            loaded += map(load, files)
    return tuple(loaded)


def _load_all(found: Iterable[Found]) -> list[Loaded]:
    return list(map(load, found))


def import_all(
    run: ImportRun, found: Iterable[Found], options: Options, keep_on=lambda: True
) -> Iterator[list[Outcome]]:
    """Read and store all files in this process and its readers; yields how each batch ended, after its commit."""
    with collecting_rarely():
        for entries in read_in_batches(found, options, keep_on):
            yield store_and_record(run, entries, options.publish)
