"""The map of days and sources on the front page: a calendar of a year for each source, in which a gap is seen."""

from __future__ import annotations

import collections
import dataclasses
import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.http import urlencode

from articles.curation import overview

SHOWN_AT_ONCE = 6  # calendars on a page
GAPS_NAMED = 6  # of each source, the longest
PITCH, SIZE = 12, 10  # of the days, in units of the drawing
LEVELS = 4
DAY = datetime.timedelta(days=1)
CELL = '<a href="{}" tabindex="-1"><path class="{}" d="M{} {}h10v10h-10z"><title>{}</title></path></a>'


def of_year(request: HttpRequest, spans: list[overview.Span]) -> dict:
    """The calendars of the year that the address asks for, or of the latest that has articles; one query.

    `?year=2024&sources=2` shows the second page of sources; those with the most articles stand first.
    """
    spans = [span for span in spans if span.first]
    if not spans:
        return {}
    today = timezone.localdate()
    first, last = min(span.first for span in spans).year, max(*(span.last for span in spans), today).year
    latest = max((span.latest.year for span in spans if span.latest), default=last)
    year = min(max(number_in(request.GET.get("year", ""), latest), first), last)
    start, end = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    spans = [dataclasses.replace(span, last=max(span.last, today)) for span in spans]  # silence until today is a gap
    present = [span for span in spans if span.first <= end and span.last >= start]
    found = overview.articles_by_day([span.source for span in present], start, end)
    present.sort(key=lambda span: (-found[span.source.pk].total(), span.source.name))
    pages = max(1, -(-len(present) // SHOWN_AT_ONCE))
    page = min(max(number_in(request.GET.get("sources", ""), 1), 1), pages)
    shown = present[(page - 1) * SHOWN_AT_ONCE : page * SHOWN_AT_ONCE]
    return {
        "year": year,
        "years": range(last, first - 1, -1),
        "earlier": year - 1 if year > first else None,
        "later": year + 1 if year < last else None,
        "calendars": [calendar_of(span, found[span.source.pk], start, end) for span in shown],
        "months": [start.replace(month=month) for month in range(1, 13)],
        "table": [table_row(span, found[span.source.pk], year) for span in present],
        "sources": [span.source for span in sorted(spans, key=lambda span: span.source.name)],
        "page": page,
        "pages": range(1, pages + 1),
        "list": reverse("admin:articles_article_changelist"),
        "first": first,
        "last": last,
    }


def calendar_of(span: overview.Span, numbers: collections.Counter, start: datetime.date, end: datetime.date) -> dict:
    """One source's year: its days as links in a drawing, its months' places, and its longest gaps; no query."""
    missing = gaps(numbers, max(span.first, start), min(span.last, end))
    return {
        "source": span.source,
        "total": numbers.total(),
        "covered": len(numbers),
        "missing": sum((last - first).days + 1 for first, last in missing),
        "gaps": [
            {"first": first, "last": last, "days": (last - first).days + 1, "address": _days(span, first, last)}
            for first, last in sorted(missing, key=lambda gap: (gap[0] - gap[1], gap[0]))[:GAPS_NAMED]
        ],
        "cells": cells(span, numbers, start, end),
        "months": [(PITCH * _week(start.replace(month=month)), start.replace(month=month)) for month in range(1, 13)],
        "width": PITCH * (_week(end) + 1),
        "ground": ground(start, end),
    }


def cells(span: overview.Span, numbers: collections.Counter, start: datetime.date, end: datetime.date) -> str:
    """The days of a year: a column a week, a row a weekday, stronger the more articles came.

    Each is a link, from the source's first day here to today, or to its last where that is dated ahead.
    """
    most = max(numbers.values(), default=1)
    home = f"articles/article/?source__id__exact={span.source.pk}&day="  # relative, since there are thousands
    rows = []
    for number in range((end - start).days + 1):
        day = start + number * DAY
        if not span.first <= day <= span.last:
            continue
        count, name = numbers[day], day.isoformat()
        level = f"day day-{1 + (LEVELS - 1) * (count - 1) // max(most - 1, 1)}" if count else "day gap"
        rows.append((home + name, level, PITCH * _week(day), PITCH * day.weekday(), f"{name}: {count}"))
    return format_html_join("", CELL, rows)


def ground(start: datetime.date, end: datetime.date) -> str:
    """All days of a year as one SVG path, behind those that are links."""
    days = (start + number * DAY for number in range((end - start).days + 1))
    return "".join(f"M{PITCH * _week(day)} {PITCH * day.weekday()}h{SIZE}v{SIZE}h-{SIZE}z" for day in days)


def gaps(
    numbers: collections.Counter, first: datetime.date, last: datetime.date
) -> list[tuple[datetime.date, datetime.date]]:
    """Stretches of days without an article between two days, as their first and last day."""
    found, day, begun = [], first, None
    while day <= last:
        if day not in numbers:
            begun = begun or day
        elif begun:
            found.append((begun, day - DAY))
            begun = None
        day += DAY
    return [*found, (begun, last)] if begun else found


def table_row(span: overview.Span, numbers: collections.Counter, year: int) -> dict:
    """The same in numbers: a source's articles of each month, with links to them."""
    months = collections.Counter()
    for day, number in numbers.items():
        months[day.month] += number
    ends = [datetime.date(year + month // 12, month % 12 + 1, 1) - DAY for month in range(1, 13)]
    return {
        "source": span.source,
        "total": numbers.total(),
        "months": [(months[end.month], _days(span, end.replace(day=1), end)) for end in ends],
    }


def _days(span: overview.Span, first: datetime.date, last: datetime.date) -> str:
    days = first.isoformat() if first == last else f"{first.isoformat()}..{last.isoformat()}"
    query = urlencode({"source__id__exact": span.source.pk, "day": days})
    return f"{reverse('admin:articles_article_changelist')}?{query}"


def _week(day: datetime.date) -> int:
    """The column of a day: weeks begin on Monday, the first may be short."""
    return (day.timetuple().tm_yday - 1 + day.replace(month=1, day=1).weekday()) // 7


def number_in(given: str, otherwise: int) -> int:
    """A small number as an address gives it."""
    return int(given) if given.isdecimal() and len(given) < 6 else otherwise
