"""The front page of the desk: what needs this person, how imports and pictures stand, and which days are covered."""

from __future__ import annotations

import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from articles import importing
from articles.admin import coverage
from articles.admin.causes import cause_of
from articles.curation import filters, overview
from articles.models import Image

# What may wait: its words, the model whose list shows it ("" for triage), and what narrows that list.
NEEDS = {
    "inbox": (_("in the inbox"), "", {}),
    "reviews": (_("to be reviewed"), "article", {"status__exact": "review"}),
    "drafts": (_("drafts of mine"), "article", {"status__exact": "draft", "editor": "{user}"}),
    "in_review": (_("of mine in review"), "article", {"status__exact": "review", "editor": "{user}"}),
    "changed": (_("changed by their source"), "article", {"source_changed__exact": "1"}),
    "pairs": (_("possible duplicates"), "possibleduplicate", {"verdict__exact": ""}),
    "stories": (_("stories proposed"), "story", {"state__exact": "proposed"}),
    "scheduled": (_("scheduled"), "article", {"term": "scheduled"}),
    "files": (
        _("files failed in the latest import"),
        "importfile",
        {"run": "{run}", "result__in": "refused,failed", "mended_in__isnull": "True"},
    ),
    "pictures": (_("pictures that did not come"), "image", {"has": "failed"}),
    "alt": (_("pictures without alternative text"), "image", {"has": "no_alt"}),
}
BAR, GAP, HEIGHT = 8, 2, 48  # of charts, in units of their drawing
SOURCES_IN_CHARTS = 8


def panel(request: HttpRequest) -> dict:
    """All of the page; some twenty queries, whatever the size of the archive."""
    user = request.user
    found = {"needs": needs(user), "now": timezone.now()}
    if user.has_perm("articles.view_importrun"):
        importing.mark_interrupted()
        found |= {"live_imports": overview.live_imports(), "failures": failures(), "shows_imports": True}
    if user.has_perm("articles.view_article"):
        spans = overview.spans()
        found |= {
            "claims": overview.claims(),
            "scheduled_today": overview.scheduled_today(),
            "expiring_today": overview.expiring_today(),
            "published": published(),
            "arrivals": arrivals(spans, request.GET.get("charts", "")),
            "coverage": coverage.of_year(request, spans),
        }
    if user.has_perm("articles.view_image"):
        found["pictures"] = pictures()
    return {"dashboard": found}


def needs(user) -> list[dict]:
    """What waits for a person, with a link to the list that shows it; two queries."""
    run = overview.latest_import()
    waiting = overview.waiting_for(user, run)
    numbers = overview.counted(user, waiting)
    return [
        {
            "name": name,
            "label": NEEDS[name][0],
            "number": min(number, filters.COUNTED),
            "more": number > filters.COUNTED,
            "address": _address(
                NEEDS[name][1], {key: value.format(user=user.pk, run=run) for key, value in NEEDS[name][2].items()}
            ),
        }
        for name, number in numbers.items()
    ]


def failures() -> list[dict]:
    """Causes of failures in words, with what to do and a link to the files; two queries."""
    return [
        row
        | {
            "cause": cause_of(row["code"]),
            "left": row["number"] - row["mended"],
            "address": _address("importfile", {name: row[name] for name in ("run", "result", "code")}),
        }
        for row in overview.recent_failures()
    ]


def pictures() -> list[dict]:
    """Each state with its number, its share as the width of a bar of 100, and a link; one query."""
    numbers = overview.pictures_by_state()
    most = max(numbers.values(), default=0)
    return [
        {
            "label": Image.State(state).label,
            "number": number,
            "share": 100 * number // most if most else 0,
            "address": _address("image", {"state__exact": state}),
        }
        for state, number in numbers.items()
        if number
    ]


def published() -> dict:
    """Articles that readers could first see, day by day; two queries."""
    return chart(overview.published_by_day())


def arrivals(spans: list[overview.Span], asked: str) -> dict:
    """A chart for each source with articles in a month, those with the most first, all of one height; one query.

    `asked` is the page: there are SOURCES_IN_CHARTS on each.
    """
    latest = max((span.last for span in spans if span.last and span.last <= timezone.localdate()), default=None)
    end = overview.chart_end(latest)
    days = [end - overview.SPAN + datetime.timedelta(days=number) for number in range(overview.SPAN.days + 1)]
    found = overview.articles_by_day([span.source for span in spans if span.last], days[0], end)
    names = {span.source.pk: span.source for span in spans}
    present = sorted((pk for pk in found if found[pk]), key=lambda pk: (-found[pk].total(), names[pk].name))
    pages = max(1, -(-len(present) // SOURCES_IN_CHARTS))
    page = min(max(coverage.number_in(asked, 1), 1), pages)
    most = max((max(found[pk].values()) for pk in present), default=0)
    return {
        "page": page,
        "pages": range(1, pages + 1),
        "charts": [
            chart({day: found[pk][day] for day in days}, most)
            | {
                "source": names[pk],
                "address": _address(
                    "article", {"source__id__exact": pk, "day": f"{days[0].isoformat()}..{days[-1].isoformat()}"}
                ),
            }
            for pk in present[(page - 1) * SOURCES_IN_CHARTS : page * SOURCES_IN_CHARTS]
        ],
    }


def chart(numbers: dict[datetime.date, int], most: int = 0) -> dict:
    """Bars of a number a day as one SVG path, and what a table of them says; `most` is the number of a full bar."""
    most = most or max(numbers.values(), default=0)
    bars = []
    for at, number in enumerate(numbers.values()):
        height = max(1, round(HEIGHT * number / most)) if number else 0
        if height:
            bars.append(f"M{at * (BAR + GAP)} {HEIGHT}v-{height}h{BAR}v{height}z")
    days = list(numbers)
    return {
        "path": "".join(bars),
        "width": len(days) * (BAR + GAP) - GAP,
        "height": HEIGHT,
        "first": days[0],
        "last": days[-1],
        "most": most,
        "total": sum(numbers.values()),
        "rows": [(day, number) for day, number in numbers.items() if number],
    }


def _address(model: str, query: dict) -> str:
    if not model:
        return reverse("admin:articles_article_triage")
    return f"{reverse(f'admin:articles_{model}_changelist')}?{urlencode(query)}"
