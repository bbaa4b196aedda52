"""Writes the search entries that wait since a change to many articles, batch by batch, each in its own transaction."""

from __future__ import annotations

import time

from django.db import connection, transaction

from articles.models import WaitingEntry
from articles.search.index import BATCH, index


def index_waiting(seconds: float | None = None) -> bool:
    """Write entries until none waits, or for so many seconds; whether some still wait.

    Several may be at it: each takes rows that no other has taken (on SQLite they take turns).
    """
    end = None if seconds is None else time.monotonic() + seconds
    while _batch():
        if end is not None and time.monotonic() >= end:
            return WaitingEntry.objects.exists()
    return False


def _batch() -> bool:
    free = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        rows = WaitingEntry.objects.select_for_update(of=("self",), skip_locked=free).order_by("pk")[:BATCH]
        taken = dict(rows.values_list("pk", "article_id"))
        if taken:
            index(sorted(set(taken.values())))
            WaitingEntry.objects.filter(pk__in=taken).delete()
    return bool(taken)
