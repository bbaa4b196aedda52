"""How fast an import goes, and how long the rest of it will take, in words."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import ImportRun

LEAST = datetime.timedelta(seconds=1)  # of which nothing can be told yet
State = ImportRun.State


@dataclass(frozen=True)
class Pace:
    """What is known; `left` is empty when the run is over, or when nobody knows how many files there are."""

    speed: str
    left: str = ""


def pace_of(run: ImportRun, done: int, total: int | None) -> Pace | None:
    """The speed since the run was taken up last, up to its last sign of life; None before that. No query."""
    options = run.options
    if run.state not in (State.RUNNING, State.FINISHED) or "taken_up_at" not in options:
        return None
    spent = (run.finished_at or run.heartbeat_at) - datetime.datetime.fromisoformat(options["taken_up_at"])
    files = done - options["done_before"]
    if files <= 0 or spent < LEAST:
        return None
    rate = files / spent.total_seconds()
    left = (total - done) / rate if total and run.state == State.RUNNING and total > done else None
    return Pace(_speed(rate), "" if left is None else _left(left))


def _speed(rate: float) -> str:
    """Files a second, or a minute when it is slow."""
    if rate >= 1:
        return _("%(number)s files a second") % {"number": formats.number_format(rate, 0 if rate >= 10 else 1)}
    return _("%(number)s files a minute") % {"number": formats.number_format(rate * 60, 0)}


def _left(seconds: float) -> str:
    """So long that it is worth saying, and no more exact than it is."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than a minute left")
    if minutes < 90:
        return ngettext("about %d minute left", "about %d minutes left", minutes) % minutes
    hours = round(seconds / 3600)
    return ngettext("about %d hour left", "about %d hours left", hours) % hours
