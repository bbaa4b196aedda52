"""What the tests of crews have done: named here, where another process finds it."""

import os
import time


def times(one: int, known: int) -> int:
    return one * known


def process(one: int, known: None) -> int:
    return os.getpid()


def dies_elsewhere(one: int, known: int) -> int:
    if one == 11 and os.getpid() != known:
        os._exit(9)
    return one


def fails(one: int, known: None) -> float:
    return one / 0


def slowly(one: int, known: None) -> int:
    time.sleep(0.05)
    return one


def niceness(one: int, known: None) -> int:
    return os.nice(0)
