"""Between the form of the front page's desk and a plan: what was typed, and what a button does to it."""

from __future__ import annotations

import datetime
from dataclasses import replace

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.admin.desk import is_number
from articles.models import Plan
from articles.models.front import MOST_IN_A_SECTION, SECONDS, Breaking, Kind, Layout, Part, Pin, moment_of

USUAL = 4  # articles of a section whose number was not typed well


def plan_typed(posted: QueryDict) -> tuple[Plan, list[str]]:
    """The plan that the form says, and a sentence for each thing that could not be understood and was left out."""
    complaints: list[str] = []

    def time_of(words: str) -> str:
        if not words:
            return ""
        try:
            moment = datetime.datetime.fromisoformat(words)
            return (moment if moment.tzinfo else timezone.make_aware(moment)).isoformat()
        except ValueError:
            complaints.append(_("“%(words)s” is no time.") % {"words": words[:40]})
            return ""

    untils = posted.getlist("second-until")
    seconds = [
        Pin(number, time_of(untils[place] if place < len(untils) else ""))
        for place, words in enumerate(posted.getlist("second"))
        if (number := _number(words))
    ]
    lead = _number(posted.get("lead", ""))
    line = " ".join(posted.get("line", "").split())
    plan = Plan(
        lead=Pin(lead, time_of(posted.get("lead-until", ""))) if lead else None,
        seconds=tuple(seconds),
        parts=_parts(posted),
        topics="topics" in posted,
        breaking=Breaking(
            line,
            _number(posted.get("line-article", "")) or None,
            time_of(posted.get("line-begins", "")),
            time_of(posted.get("line-ends", "")),
        )
        if line
        else None,
    )
    return plan, complaints


def _number(words: str) -> int:
    """The number of a row; 0 for anything else."""
    return int(words) if is_number(words) else 0


def _parts(posted: QueryDict) -> tuple[Part, ...]:
    """The parts in the order of the numbers that were typed: what was given a taken number stands there instead."""
    names = ("kind", "name", "title", "count", "layout", "place")
    rows = zip(*(posted.getlist(f"part-{name}") for name in names), strict=False)
    shown = set(posted.getlist("part-shown"))
    parts = []
    for place, (kind, name, title, count, layout, wanted) in enumerate(rows, start=1):
        if kind not in Kind.values or not name:
            continue
        part = Part(
            kind,
            name,
            " ".join(title.split()),
            min(max(_number(count) or USUAL, 1), MOST_IN_A_SECTION),
            layout if layout in Layout.values else Layout.FEATURE,
            str(place) in shown,
        )
        order = _number(wanted) or place
        parts.append(((order, (order > place) - (order < place), place), part))
    return tuple(part for _, part in sorted(parts, key=lambda row: row[0]))


def done(plan: Plan, deed: str) -> Plan:
    """The plan after a button: `up`, `down` or `remove` of a `second` or `part` at a place, `remove-lead`, or an
    article's number as `lead`, `second` or `line`. A button that means nothing here changes nothing.
    """
    verb, _sep, rest = deed.partition("-")
    number = _number(rest)
    if verb in ("lead", "second", "line") and number:
        return _placed(plan, verb, number)
    if deed == "remove-lead":
        return replace(plan, lead=None)
    kind, _sep, place = rest.partition("-")
    if kind == "second":
        return replace(plan, seconds=_moved(plan.seconds, verb, _number(place)))
    if kind == "part":
        return replace(plan, parts=_moved(plan.parts, verb, _number(place)))
    return plan


def _placed(plan: Plan, place: str, number: int) -> Plan:
    if place == "line":
        return replace(plan, breaking=replace(plan.breaking, article=number) if plan.breaking else None)
    seconds = tuple(pin for pin in plan.seconds if pin.article != number)
    if place == "lead":
        return replace(plan, lead=Pin(number), seconds=seconds)
    lead = None if plan.lead and plan.lead.article == number else plan.lead
    return replace(plan, lead=lead, seconds=(Pin(number), *seconds)[:SECONDS])


def _moved(rows: tuple, verb: str, place: int) -> tuple:
    """`rows` with the one at `place` (from 1) moved or removed; an automatic part is never removed."""
    rows, at = list(rows), place - 1
    if not 0 <= at < len(rows):
        return tuple(rows)
    if verb == "remove" and getattr(rows[at], "kind", "") != Kind.AUTOMATIC:
        del rows[at]
    other = {"up": at - 1, "down": at + 1}.get(verb, -1)
    if 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
    return tuple(rows)


def typed_time(words: str) -> str:
    """An instant of a plan as the form's control wants it, in the newsroom's zone."""
    return timezone.localtime(moment_of(words)).strftime("%Y-%m-%dT%H:%M") if words else ""
