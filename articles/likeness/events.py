"""Proposes stories: reports of several sources that stand close in time and share rare words."""

from __future__ import annotations

import datetime
import itertools
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, Min
from django.db.models.functions import TruncDate

from articles.likeness.terms import Rarity, counted, rarity, weighed, words_in_common
from articles.models import (
    UNDATED,
    Article,
    Entry,
    PossibleDuplicate,
    Story,
    StoryArticle,
    slug_of,
)

APART = datetime.timedelta(days=4)  # between the first report of an event and the last
STRETCH = datetime.timedelta(days=31)  # looked at in one go
MOST_AT_ONCE = 5000  # reports that are looked at in one go, if they do not all stand within days: what bounds memory
SHARED = 6  # terms at least
CERTAIN = 0.08  # how near two reports are to each other (cosine of their terms), at least
LOOSE = 0.6  # of that, on the average, is enough between reports that others hold together
CROWD = 60  # reports of a few weeks that share a term: it is no single event's
SURE = 0.2  # nobody doubts reports that are so near
MOST_REPORTS = 30
WORDS_TOLD = 8


@dataclass
class _Report:
    """What is looked at of an article."""

    pk: int
    source: int
    at: datetime.datetime
    terms: array = field(default_factory=lambda: array("L"))  # numbers of its terms
    weights: array = field(default_factory=lambda: array("d"))  # of each term, as a vector of length 1


def days_of(articles: Collection[int]) -> list[datetime.date]:
    """Distinct days on which these articles are listed, in order; one statement for each 10,000."""
    numbers = list(articles)
    days: set[datetime.date] = set()
    for start in range(0, len(numbers), 10_000):
        listed = Article.objects.filter(pk__in=numbers[start : start + 10_000]).exclude(listed_at=UNDATED)
        days.update(at.date() for at in listed.values_list("listed_at", flat=True))
    return sorted(days)


def propose_stories(days: Iterable[datetime.date]) -> int:
    """Look for events that are told on or about these days; returns how many stories are proposed anew.

    What was proposed, confirmed or dismissed is known by its articles: nothing is proposed twice, and what fits a
    story that is there is suggested to it. A dozen statements for each month, and five for each story found.
    """
    made, rare = 0, rarity()
    for first, last in _stretches(days):
        reports = _reports(first - APART, last + APART, rare)
        edges = _edges(reports)
        for cluster in _clusters(reports, edges):
            if any(first <= reports[pk].at <= last for pk in cluster):  # of those around it only some are seen
                made += _propose([reports[pk] for pk in cluster], edges)
    return made


def _stretches(days: Iterable[datetime.date]) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
    """The days in stretches without long gaps, of a month and MOST_AT_ONCE articles at most; one statement."""
    days = sorted(set(days))
    counts = _per_day(days)
    stretch: list[datetime.date] = []
    number = 0
    for day in days:
        number += counts.get(day, 0)
        if stretch and (day - stretch[-1] > 2 * APART or day - stretch[0] >= STRETCH or number > MOST_AT_ONCE):
            yield _bounds(stretch)
            stretch, number = [], counts.get(day, 0)
        stretch.append(day)
    if stretch:
        yield _bounds(stretch)


def _per_day(days: list[datetime.date]) -> dict[datetime.date, int]:
    """How many articles are listed on each day between the first of these and the last."""
    if not days:
        return {}
    listed = Article.objects.filter(listed_at__range=_bounds([days[0], days[-1]])).order_by()
    daily = listed.annotate(day=TruncDate("listed_at", tzinfo=datetime.UTC)).values_list("day")
    return dict(daily.annotate(number=Count("pk")))


def _bounds(days: list[datetime.date]) -> tuple[datetime.datetime, datetime.datetime]:
    first, last = (datetime.datetime.combine(day, datetime.time(), datetime.UTC) for day in (days[0], days[-1]))
    return first, last + datetime.timedelta(days=1)


def _reports(first: datetime.datetime, last: datetime.datetime, rare: Rarity) -> dict[int, _Report]:
    """Articles of a time, in order, with the terms of their leads; one statement, about 4 kB of memory each."""
    articles = Article.objects.filter(listed_at__range=(first, last), stub=False).exclude(
        status=Article.Status.WITHDRAWN
    )
    rows = articles.order_by("listed_at", "pk").values_list("pk", "source_id", "listed_at", "entry__lead")
    reports = {}
    numbers: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    for pk, source, at, lead in rows.iterator(chunk_size=500):
        weights = weighed(counted(lead), rare) if lead else {}
        length = math.sqrt(sum(weight * weight for weight in weights.values()))
        terms = array("L", [numbers[term] for term in weights])
        reports[pk] = _Report(pk, source, at, terms, array("d", [weight / length for weight in weights.values()]))
    return reports


def _edges(reports: dict[int, _Report]) -> dict[tuple[int, int], float]:
    """Pairs of reports by different sources that are near in time and in their terms, with how near."""
    crowds: Counter[int] = Counter()
    for report in reports.values():
        crowds.update(report.terms)
    holders: defaultdict[int, list[tuple[_Report, float]]] = defaultdict(list)
    near: dict[tuple[int, int], float] = {}
    for report in reports.values():
        told = [pair for pair in zip(report.terms, report.weights, strict=True) if 1 < crowds[pair[0]] <= CROWD]
        for pk, value in _near(report, told, holders):
            near[min(pk, report.pk), max(pk, report.pk)] = value
        for term, weight in told:
            holders[term].append((report, weight))
    for pair in _repeating(near):
        near.pop(pair, None)
    return near


def _near(
    report: _Report, told: list[tuple[int, float]], holders: dict[int, list[tuple[_Report, float]]]
) -> Iterator[tuple[int, float]]:
    """Which of the reports before this one are near to it, and how near."""
    shared: Counter[int] = Counter()
    sums: defaultdict[int, float] = defaultdict(float)
    for term, weight in told:
        for other, others_weight in holders.get(term, ()):
            if other.source != report.source and report.at - other.at <= APART:
                shared[other.pk] += 1
                sums[other.pk] += weight * others_weight
    for pk, number in shared.items():
        if number >= SHARED and sums[pk] >= CERTAIN * LOOSE:
            yield pk, sums[pk]


def _repeating(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Pairs of articles that repeat one another: those tell it once, not twice. One statement."""
    if not pairs:
        return set()
    numbers = {pk for pair in pairs for pk in pair}
    known = PossibleDuplicate.objects.filter(article__in=numbers, other__in=numbers)
    return set(known.exclude(verdict=PossibleDuplicate.Verdict.DIFFERENT).values_list("article_id", "other_id"))


def _clusters(reports: dict[int, _Report], edges: dict[tuple[int, int], float]) -> list[list[int]]:
    """Groups of reports that hold together, from the nearest pair on; each report stands in one at most."""
    group: dict[int, list[int]] = {}
    for one, other in sorted((p for p in edges if edges[p] >= CERTAIN), key=lambda pair: (-edges[pair], pair)):
        left, right = group.get(one, [one]), group.get(other, [other])
        if left is right or not _fit(reports, edges, left, right):
            continue
        joined = left + right
        for pk in joined:
            group[pk] = joined
    distinct = {id(members): members for members in group.values()}
    return [sorted(members) for members in distinct.values()]


def _fit(reports: dict[int, _Report], edges: dict[tuple[int, int], float], left: list[int], right: list[int]) -> bool:
    times = [reports[pk].at for pk in left + right]
    if max(times) - min(times) > APART or len(times) > MOST_REPORTS:
        return False
    across = [
        edges.get((min(one, other), max(one, other)), 0.0)
        for one in left
        for other in right
        if reports[one].source != reports[other].source
    ]
    return sum(across) / len(across) >= CERTAIN * LOOSE


def _propose(reports: list[_Report], edges: dict[tuple[int, int], float]) -> int:
    """Keep a group as a proposal, or suggest what is new in it to the story that it belongs to; 1 for a new one."""
    numbers = [report.pk for report in reports]
    with transaction.atomic():
        places = StoryArticle.objects.filter(article__in=numbers).select_related("story").order_by("story")
        held = defaultdict(set)
        stories: dict[int, Story] = {}
        for place in places:
            stories[place.story_id] = place.story
            held[place.story_id].add((place.article_id, place.state))
        for pk, story in stories.items():
            here = {article for article, state in held[pk] if state != StoryArticle.State.OUT}
            if story.state == Story.State.DISMISSED:
                if len(held[pk]) > 1:
                    return 0
            elif here:
                _suggest(story, numbers, {article for article, _ in held[pk]})
                return 0
        _make(reports, edges)
    return 1


def _suggest(story: Story, numbers: list[int], known: set[int]) -> None:
    missing = [pk for pk in numbers if pk not in known]
    if missing:
        StoryArticle.objects.bulk_create(
            (StoryArticle(story=story, article_id=pk) for pk in missing), ignore_conflicts=True
        )
        first = story.places.exclude(state=StoryArticle.State.OUT).aggregate(at=Min("article__listed_at"))["at"]
        Story.objects.filter(pk=story.pk).update(began_at=first)


def _make(reports: list[_Report], edges: dict[tuple[int, int], float]) -> None:
    reports = sorted(reports, key=lambda report: (report.at, report.pk))
    numbers = {report.pk for report in reports}
    first = Article.objects.only("title", "language").get(pk=reports[0].pk)
    leads = Entry.objects.filter(article__in=numbers).order_by("pk").values_list("lead", flat=True)
    near = [value for pair, value in edges.items() if numbers.issuperset(pair)]
    story = Story.objects.create(
        title=first.title[:300],
        slug=free_slug(first.title, reports[0].at),
        language=first.language,
        reason=" · ".join(words_in_common(leads)[:WORDS_TOLD])[:500],
        score=min(100, round(100 * sum(near) / len(near) / SURE)),
        began_at=reports[0].at,
    )
    StoryArticle.objects.bulk_create(StoryArticle(story=story, article_id=report.pk) for report in reports)


def free_slug(title: str, at: datetime.datetime) -> str:
    """A slug that no story has, out of the title and the day; one statement."""
    wanted = f"{slug_of(title)}-{at:%Y-%m-%d}"
    taken = set(Story.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    others = (f"{wanted}-{number}" for number in itertools.count(2))
    return next(slug for slug in itertools.chain([wanted], others) if slug not in taken)
