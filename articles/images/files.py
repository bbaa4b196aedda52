"""Files whose names belong to their content: written once, never changed, removed together."""

from __future__ import annotations

import contextlib
import time

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

DAY = 86400  # seconds; no file is written for so long


def deposit(name: str, content: bytes) -> None:
    """Write a file unless it is there. Of two processes that write it at once one wins: both have the same bytes."""
    if default_storage.exists(name):
        return
    saved = default_storage.save(name, ContentFile(content))
    if saved != name:
        default_storage.delete(saved)


def discard(folder: str, beginning: str = "") -> None:
    """Remove the files of a folder whose names begin so; a folder that is not there has none."""
    with contextlib.suppress(FileNotFoundError):
        for name in default_storage.listdir(folder)[1]:
            if name.startswith(beginning):
                default_storage.delete(f"{folder}/{name}")


def clear_halves(older: float = DAY) -> int:
    """Remove what killed processes left half written more than so many seconds ago; returns how many files.

    A bucket has none: it shows a file when it is whole.
    """
    clear = getattr(default_storage, "clear_halves", None)
    return clear(time.time() - older) if clear else 0
