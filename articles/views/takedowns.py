"""What readers are told of take-downs: a tombstone in the place of what is gone, and the public list of all of them."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import re

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import ExtractYear
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from articles.curation.takedowns import held_by
from articles.exporting import instant
from articles.models import UNDATED, TakeDown

PAGE = 50
LARGEST_NUMBER = 2**63 - 1
PLACE = re.compile(r"(-?[0-9]{1,18})-([0-9]{1,18})")
State = TakeDown.State


def tombstone_of(number: int) -> TakeDown | None:
    """The take-down in the place of an article that readers may not see; None when there is none. One query."""
    return held_by(number) if number <= LARGEST_NUMBER else None


def tombstone(request: HttpRequest, take_down: TakeDown) -> HttpResponse:
    """That something was here, since when it is gone and why; nothing of what it was."""
    context = {"take_down": take_down}
    response = render(request, "articles/tombstone.html", context, status=take_down.status_code)
    return _never_kept(response, take_down)


def tombstone_json(take_down: TakeDown) -> JsonResponse:
    """The same for programs."""
    return _never_kept(JsonResponse(told(take_down), status=take_down.status_code), take_down)


def tombstone_line(take_down: TakeDown) -> HttpResponse:
    """The same in the place of a picture."""
    line = f"Taken down: {take_down.reference}\n"
    return _never_kept(HttpResponse(line, content_type="text/plain", status=take_down.status_code), take_down)


def _never_kept(response: HttpResponse, take_down: TakeDown) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    if take_down.is_legal:  # RFC 7725, section 4: who blocks, which here is the site itself
        response["Link"] = f'<{settings.SITE_URL}/>; rel="blocked-by"'
    return response


def told(take_down: TakeDown) -> dict:
    """What a program in the place of the thing itself is told."""
    return {
        "error": "This was taken down.",
        "status": take_down.status_code,
        "reference": take_down.reference,
        "basis": take_down.basis,
        "since": instant(take_down.begins_at),
        "until": instant(take_down.ends_at),
        "note": take_down.public_note,
        "transparency": settings.SITE_URL + reverse("transparency"),
    }


@dataclasses.dataclass(frozen=True)
class Year:
    """How many were taken down in a year, how many of those by law, and how many have returned or were declined."""

    number: int
    taken: int
    legal: int
    returned: int
    declined: int


def _years() -> list[Year]:
    """Counts of each year, latest first; two queries."""
    over = Q(state__in=(State.ENDED, State.RESTORED))
    legal = Q(basis__in=TakeDown.LEGAL_BASES)
    begun = TakeDown.objects.told().order_by().values(year=ExtractYear("begins_at"))
    taken = begun.annotate(taken=Count("pk"), legal=Count("pk", filter=legal), returned=Count("pk", filter=over))
    refused = TakeDown.objects.filter(state=State.DECLINED).values(year=ExtractYear("decided_at"))
    declined = collections.Counter(dict(refused.annotate(number=Count("pk")).values_list("year", "number")))
    rows = {row["year"]: row for row in taken}
    return [
        Year(
            year,
            *(rows.get(year, {}).get(name, 0) for name in ("taken", "legal", "returned")),
            declined[year],
        )
        for year in sorted({*rows, *declined}, reverse=True)
    ]


def _page(before: str | None) -> tuple[list[TakeDown], str]:
    """A page of what the public is told, and the place where the next one begins; one query, however deep."""
    found = TakeDown.objects.told()
    if before:
        begun_at, number = _place(before)
        found = found.filter(Q(begins_at__lt=begun_at) | Q(pk__lt=number), begins_at__lte=begun_at)
    rows = list(found.defer("reason", "requester", "subject", "effects", "copies")[: PAGE + 1])
    shown = rows[:PAGE]
    if len(rows) <= PAGE:
        return shown, ""
    last = shown[-1]
    return shown, f"{(last.begins_at - UNDATED) // datetime.timedelta(microseconds=1)}-{last.pk}"


def _place(token: str) -> tuple[datetime.datetime, int]:
    match = PLACE.fullmatch(token)
    if not match:
        raise Http404
    try:
        return UNDATED + datetime.timedelta(microseconds=int(match[1])), int(match[2])
    except OverflowError as error:
        raise Http404 from error


@require_safe
def transparency(request: HttpRequest) -> HttpResponse:
    """Every take-down, latest first, with counts by year; four queries with validation."""
    rows, older = _page(request.GET.get("before"))
    years = [] if request.GET.get("before") else _years()
    return render(request, "articles/transparency.html", {"take_downs": rows, "older": older, "years": years})


@require_safe
def transparency_json(request: HttpRequest) -> JsonResponse:
    """The same for programs; four queries with validation."""
    rows, older = _page(request.GET.get("before"))
    address = settings.SITE_URL + request.path
    with translation.override(settings.LANGUAGE_CODE):
        content = {
            "take_downs": [_entry(row) for row in rows],
            "years": [dataclasses.asdict(year) for year in _years()],
            "next": f"{address}?before={older}" if older else None,
        }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


def _entry(take_down: TakeDown) -> dict:
    return {
        "reference": take_down.reference,
        "status": take_down.status_code,
        "basis": take_down.basis,
        "requested_by": take_down.requester_kind,
        "scope": take_down.scope,
        "source": take_down.source_name,
        "since": instant(take_down.begins_at),
        "until": instant(take_down.ends_at),
        "state": State.ENDED if take_down.state == State.IN_FORCE and not take_down.holds else take_down.state,
        "returned": instant(_returned_at(take_down)),
        "note": take_down.public_note,
    }


def _returned_at(take_down: TakeDown) -> datetime.datetime | None:
    """When it was over: by two people's word, or by itself."""
    ended = take_down.ends_at if take_down.ends_at and take_down.ends_at <= timezone.now() else None
    return take_down.restored_at or ended
