"""Several processes for what one alone would take long for; knows no Django, so that they start soon."""

from __future__ import annotations

import collections
import concurrent.futures
import itertools
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

if sys.platform != "win32":
    from multiprocessing import forkserver

from articles.ingest.batch import begin_reader, give_memory_back

METHOD = "spawn" if sys.platform == "win32" else "forkserver"
WORTH_A_START = 2  # inputs that a process has to do at least
IN_HAND = 2  # inputs for each process: it has something to do while the one that wants the answers writes
_known: Any = None  # in a process of a crew: what all of its work is done with


def get_ready() -> None:
    """Begin to start the process that all of a pool are forked from, which reads its tables while the caller does
    something else.
    """
    _context()
    if METHOD == "forkserver":
        forkserver.ensure_running()


def processes(
    jobs: int, initializer: Callable = begin_reader, initargs: tuple = ()
) -> concurrent.futures.ProcessPoolExecutor:
    """A pool of so many processes, which are forked from one that has read every table of `articles.ingest`."""
    return concurrent.futures.ProcessPoolExecutor(
        jobs, mp_context=_context(), initializer=initializer, initargs=initargs
    )


def _context() -> multiprocessing.context.BaseContext:
    context = multiprocessing.get_context(METHOD)
    if METHOD == "forkserver":
        context.set_forkserver_preload(["articles.ingest.warm"])
    return context


def each(do: Callable[[Any, Any], Any], inputs: Iterable, known: Any, jobs: int, meanwhile: Iterable = ()) -> Iterator:
    """`do(one, known)` for each of the inputs, in order, by `jobs` processes, or by the caller's own (0 or 1).

    Steps of `meanwhile`, an iterator, are taken while there is an answer to wait for; what is left of them is left to
    the caller.

    What is `known` is handed to each process once. Two inputs for each process are in hand at a time, and one more; of
    so few that processes are not worth their start, all are done here. So is what a process that died was to do, and
    all that follows.
    """
    inputs = iter(inputs)
    few = list(itertools.islice(inputs, WORTH_A_START * jobs))
    if jobs < 2 or len(few) < WORTH_A_START * jobs:
        yield from (do(one, known) for one in itertools.chain(few, inputs))
        return
    inputs, steps = itertools.chain(few, inputs), iter(meanwhile)
    del few  # they may be large, and each is let go when it is done
    give_memory_back()  # before others need it
    waiting: collections.deque[tuple[Any, concurrent.futures.Future | None]] = collections.deque()
    with processes(jobs, _begin, (known,)) as pool:
        for one in inputs:
            waiting.append((one, _handed(pool, do, one)))
            if len(waiting) > IN_HAND * jobs:
                yield _done(do, known, *waiting.popleft(), steps)
        while waiting:
            yield _done(do, known, *waiting.popleft(), steps)


def do_its_own(task: tuple[Callable, Any], known: Any) -> Any:
    """For inputs of several kinds, each with what is to be done with it: `do(one, known)` of a (do, one)."""
    do, one = task
    return do(one, known)


def _begin(known: Any) -> None:
    global _known  # noqa: PLW0603 - set once, by a process that has nothing else to do
    begin_reader()
    _known = known


def _do(do: Callable, one: Any) -> Any:
    return do(one, _known)


def _handed(pool: concurrent.futures.ProcessPoolExecutor, do: Callable, one: Any) -> concurrent.futures.Future | None:
    try:
        return pool.submit(_do, do, one)
    except BrokenProcessPool:
        return None


def _done(do: Callable, known: Any, one: Any, future: concurrent.futures.Future | None, steps: Iterator) -> Any:
    while future is not None and not future.done() and next(steps, steps) is not steps:
        pass
    try:
        return do(one, known) if future is None else future.result()
    except BrokenProcessPool:
        return do(one, known)
