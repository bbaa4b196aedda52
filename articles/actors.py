"""Who acts now: a person, a command or a task; services that are not told ask here when they record a deed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

PERSON, COMMAND, TASK, NOBODY = "person", "command", "task", "nobody"


@dataclass(frozen=True, slots=True)
class Actor:
    """A name that stays readable when its account is gone; `number` is a person's account."""

    kind: str = NOBODY
    name: str = ""
    number: int | None = None


_current: ContextVar[Callable[[], Actor]] = ContextVar("actor", default=Actor)


@contextlib.contextmanager
def acting(kind: str, name: str) -> Iterator[None]:
    """What is recorded inside was done by this command or task, unless a person is named."""
    with acting_as(lambda: Actor(kind, name)):
        yield


@contextlib.contextmanager
def acting_as(find: Callable[[], Actor]) -> Iterator[None]:
    """The same, found out only when something is recorded: most requests record nothing and need not ask."""
    token = _current.set(find)
    try:
        yield
    finally:
        _current.reset(token)


def current_actor() -> Actor:
    """Who acts now; nobody, when nobody said."""
    return _current.get()()


def person(user) -> Actor:
    """The actor of a user; nobody when nobody is signed in."""
    if user is None or not user.is_authenticated:
        return Actor()
    return Actor(PERSON, user.get_username(), user.pk)
