"""Reads files where one that kills or hangs takes only its reader along; knows no Django, so that a reader starts soon.

A process that is watched over (a worker, a reader of a pool) reads with `read_watched`: a file that takes too long ends
it, whatever it hangs in. Files over which such a process died are read with `read_apart`, whose reader's end tells
without doubt which file it died over.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from articles.ingest.batch import Job, Reading, collect_rarely, read_job

TRIES = 2  # of a file over which its reader dies: the first time it may have been struck by somebody
ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "articles.ingest.apart")


class NoReader(Exception):
    """The process that reads could not begin; no file is to blame."""


def read_watched(jobs: Sequence[Job], seconds: int) -> list[Reading]:
    """Read a batch, in order; this process ends by SIGALRM when a file takes longer than `seconds` (0: never)."""
    return list(_watched(jobs, seconds))


def _watched(jobs: Sequence[Job], seconds: int) -> Iterator[Reading]:
    if not seconds:
        yield from map(read_job, jobs)
        return
    # The system rings and C answers, tells where the process stood and ends it: neither needs what may hang.
    faulthandler.register(signal.SIGALRM, file=sys.__stderr__, chain=True)
    for job in jobs:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            reading = read_job(job)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        yield reading


def read_apart(jobs: Sequence[Job], seconds: int) -> Iterator[Reading]:
    """Read files, in order, in a process beside this one that is replaced when it dies.

    A file that it dies over is tried once more; one that it hangs in for `seconds` (0: as long as it likes) is not.
    Raises NoReader.
    """
    left, tries = list(jobs), 0
    while left:
        began = time.monotonic()
        for reading in _readings(left, seconds):
            left, tries = left[1:], 0
            yield reading
            began = time.monotonic()
        if not left:
            return
        tries += 1
        if seconds and time.monotonic() - began >= seconds:
            yield _hung(left.pop(0), seconds)
            tries = 0
        elif tries == TRIES:
            yield _killed(left.pop(0))
            tries = 0


def _readings(jobs: Sequence[Job], seconds: int) -> Iterator[Reading]:
    """Readings until the last file, or the end of the process."""
    with subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(pickle.dumps((list(jobs), seconds)))
                process.stdin.close()
            try:
                pickle.load(process.stdout)  # noqa: S301 - it has begun
            except EOFError as error:
                raise NoReader(f"{' '.join(COMMAND)} ended with {process.wait()} before the first file.") from error
            with contextlib.suppress(EOFError, pickle.UnpicklingError):  # cut off in the middle
                for _ in jobs:
                    yield pickle.load(process.stdout)  # noqa: S301 - what a process of our own has written
        finally:
            process.kill()


def _hung(job: Job, seconds: int) -> Reading:
    told = f"Reading this file took longer than {seconds} seconds: look at the file, and report it."
    return Reading(job.path, job.sha256, len(job.raw), code="reader_hangs", reason=told, broken=True)


def _killed(job: Job) -> Reading:
    told = f"Reading this file killed its process {TRIES} times: look at the file, and report it."
    return Reading(job.path, job.sha256, len(job.raw), code="reader_killed", reason=told, broken=True)


def main() -> None:
    """Read what the process above sends, and send each reading when it is there."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not come between
    jobs, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301 - what a process of our own has written
    pickle.dump(True, out)
    out.flush()
    collect_rarely()
    with contextlib.suppress(BrokenPipeError):  # who asked is gone
        for reading in _watched(jobs, seconds):
            pickle.dump(reading, out)
            out.flush()


if __name__ == "__main__":
    main()
