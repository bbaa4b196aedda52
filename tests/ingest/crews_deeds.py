"""What the tests of crews have done: named here, where another process finds it."""

import os


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


def niceness(one: int, known: None) -> int:
    return os.nice(0)
