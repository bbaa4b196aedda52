"""Reads files in parallel processes while one process writes; a file that kills its reader, or hangs, is isolated."""

from __future__ import annotations

import collections
import concurrent.futures
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from django.conf import settings

from articles.importing.twins import Twins
from articles.ingest.apart import read_apart, read_watched
from articles.ingest.batch import Job, Reading, read_jobs
from articles.ingest.crew import processes

AHEAD = 2  # batches in hand besides the one that is stored: enough to keep readers busy, and memory flat
SHARE = 20  # files a process takes at a time


@dataclass(frozen=True, slots=True)
class Share:
    """Files that one process reads."""

    jobs: list[Job]
    pool: concurrent.futures.ProcessPoolExecutor
    future: concurrent.futures.Future | None


class Readers:
    """A pool of reading processes that is replaced when one of them dies."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.pool = processes(jobs)

    def submit(self, batch: list[Job]) -> list[Share]:
        """A batch divided among the processes."""
        return [self._share(batch[start : start + SHARE]) for start in range(0, len(batch), SHARE)]

    def _share(self, jobs: list[Job]) -> Share:
        pool = self.pool
        try:
            return Share(jobs, pool, pool.submit(read_watched, jobs, settings.FILE_SECONDS))
        except BrokenProcessPool:  # it died a moment ago
            return Share(jobs, pool, None)

    def collect(self, shares: list[Share]) -> list[Reading]:
        """Readings of a batch, in order."""
        return [reading for share in shares for reading in self._readings(share)]

    def _readings(self, share: Share) -> list[Reading]:
        """Readings of a share; file by file, in a process of their own, when its pool died."""
        if share.future is not None:
            try:
                return share.future.result()
            except BrokenProcessPool:
                pass
        if share.pool is self.pool:
            self.pool.shutdown(wait=False, cancel_futures=True)
            self.pool = processes(self.jobs)
        return list(read_apart(share.jobs, settings.FILE_SECONDS))


def read_batches(batches: Iterable[tuple[object, list[Job]]], jobs: int) -> Iterator[tuple[object, list[Reading]]]:
    """Readings of each batch, in the order of the batches, by `jobs` processes.

    What stands beside each batch is handed through. The same bytes are read once for all batches in hand. When a
    process dies over its share of a batch, or a file takes longer than FILE_SECONDS, the share is read once more, file
    by file, and the one at fault is reported. A single process reads a batch when it is asked for and none ahead, so
    that memory is that of one batch. No process (0) reads in the caller's own, which a file can kill: for who is
    watched over by somebody else.
    """
    twins = Twins()
    different = ((beside, twins.first_of(batch)) for beside, batch in batches)
    for beside, readings in _read_in_order(different, jobs):
        yield beside, twins.all_of(readings)


def _read_in_order(batches: Iterable[tuple[object, list[Job]]], jobs: int) -> Iterator[tuple[object, list[Reading]]]:
    if not jobs:
        for beside, batch in batches:
            yield beside, read_jobs(batch)
        return
    ahead = AHEAD if jobs > 1 else 0
    waiting: collections.deque = collections.deque()
    readers = Readers(jobs)
    try:
        for beside, batch in batches:
            waiting.append((beside, readers.submit(batch)))
            if len(waiting) > ahead:
                first, shares = waiting.popleft()
                yield first, readers.collect(shares)
        while waiting:
            first, shares = waiting.popleft()
            yield first, readers.collect(shares)
    finally:
        readers.pool.shutdown(wait=True, cancel_futures=True)


def read_once(batch: list[Job], read: Callable[[list[Job]], Iterable[Reading]]) -> list[Reading]:
    """Readings of one batch, in order, by `read`, which gets each bytes once."""
    twins = Twins()
    return twins.all_of(list(read(twins.first_of(batch))))
