"""Reads files in parallel processes while one process writes; a file that kills its reader is isolated."""

from __future__ import annotations

import collections
import concurrent.futures
import multiprocessing
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool

from articles.ingest.batch import Job, Reading, begin_reader, read_jobs

AHEAD = 2  # batches in hand a process: enough to keep it busy, few enough to keep memory flat


def _pool(jobs: int) -> concurrent.futures.ProcessPoolExecutor:
    method = "spawn" if sys.platform == "win32" else "forkserver"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["articles.ingest.batch"])
    return concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context, initializer=begin_reader)


class Readers:
    """A pool of reading processes that is replaced when one of them dies."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.pool = _pool(jobs)

    def submit(self, batch: list[Job]) -> tuple[concurrent.futures.Future | None, object]:
        """The future of a batch (None when there is nothing to read, or the pool died a moment ago), and its pool."""
        pool = self.pool
        try:
            return (pool.submit(read_jobs, batch) if batch else None), pool
        except BrokenProcessPool:
            return None, pool

    def collect(self, batch: list[Job], future: concurrent.futures.Future | None, pool: object) -> list[Reading]:
        """Readings of a batch; file by file, in processes of their own, when its pool died."""
        if not batch:
            return []
        if future is not None:
            try:
                return future.result()
            except BrokenProcessPool:
                pass
        if pool is self.pool:
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.pool = _pool(self.jobs)
        return [_read_alone(job) for job in batch]


def read_batches(batches: Iterable[tuple[object, list[Job]]], jobs: int) -> Iterator[tuple[object, list[Reading]]]:
    """Readings of each batch, in the order of the batches; `jobs` processes, at most `2 * jobs` batches in hand.

    What stands beside each batch is handed through. One process reads in the caller's own. When a process dies over
    a batch, its files are read one by one, each in a process of its own, and the one that kills is reported.
    """
    if jobs <= 1:
        for beside, batch in batches:
            yield beside, read_jobs(batch)
        return
    waiting: collections.deque = collections.deque()
    readers = Readers(jobs)
    try:
        for beside, batch in batches:
            waiting.append((beside, batch, readers.submit(batch)))
            if len(waiting) >= AHEAD * jobs:
                first, oldest, given = waiting.popleft()
                yield first, readers.collect(oldest, *given)
        while waiting:
            first, oldest, given = waiting.popleft()
            yield first, readers.collect(oldest, *given)
    finally:
        readers.pool.shutdown(wait=True, cancel_futures=True)


def _read_alone(job: Job) -> Reading:
    """Read one file in a process of its own."""
    with _pool(1) as pool:
        try:
            return pool.submit(read_jobs, [job]).result()[0]
        except BrokenProcessPool:
            return Reading(
                job.path,
                job.sha256,
                len(job.raw),
                code="reader_killed",
                reason="Reading this file killed its process: look at the file, and report it.",
                broken=True,
            )
