"""Files whose names belong to their content: written once, never changed, removed together."""

from __future__ import annotations

import contextlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


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
