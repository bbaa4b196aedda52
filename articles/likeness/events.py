"""Proposes stories: reports of several sources that stand close in time and share rare words."""

from __future__ import annotations

import collections
import datetime
import functools
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Min
from django.db.models.functions import TruncDate

from articles.ingest.subjects import Near, Rarity, Report, near_at_times
from articles.likeness.terms import rarity, words_in_common
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
MOST_AT_ONCE = 2500  # reports that are looked at in one go, if they do not all stand within days: what bounds memory
CERTAIN = 0.08  # how near two reports are to each other, at least
LOOSE = 0.6  # of that, on the average, is enough between reports that others hold together
SURE = 0.2  # nobody doubts reports that are so near
MOST_REPORTS = 30
WORDS_TOLD = 8


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
    story that is there is suggested to it. A dozen statements and a transaction for each month, and five statements for
    each story found.
    """
    proposing = Proposing(days)
    if not proposing.number:
        return 0
    rare, made = rarity(), 0
    for reports in proposing.reports():
        proposing.take(*compare([reports], rare))
        made += proposing.finish(rare)
    return made


class Proposing:
    """Days whose events are looked for: `reports` are for `compare`, one or some together, and `take` gets the answers
    in their order.

    `number` says how many times there are reports to compare. What was taken is proposed when it is finished.
    """

    def __init__(self, days: Iterable[datetime.date]) -> None:
        self._coming = list(_stretches(sorted(set(days))))
        self._handed: collections.deque[_Stretch] = collections.deque()
        self._taken: list[tuple[_Stretch, Near]] = []
        self.number = len(self._coming)

    def reports(self) -> Iterator[list[Report]]:
        """The reports of some days and about them, a month at most at a time; one statement each."""
        for first, last in self._coming:
            told = _reports(first - APART, last + APART)
            known = {one.pk: Report(one.pk, one.source, one.at, "") for one in told}  # leads are large
            self._handed.append(_Stretch(first, last, known))
            yield told

    def take(self, found: Near) -> None:
        """What was found among the next reports; of these, the rest is forgotten."""
        stretch = self._handed.popleft()
        known = {pk: stretch.reports[pk] for pk in {*found.ones, *found.others}}
        self._taken.append((_Stretch(stretch.first, stretch.last, known), found))

    def finish(self, rare: Rarity) -> int:
        """Propose what was taken and is not proposed yet; returns how many stories. A dozen statements and a
        transaction for each time, and five statements for each story.
        """
        taken, self._taken = self._taken, []
        return sum(_propose_of(stretch, found.pairs(), rare) for stretch, found in taken)


compare = functools.partial(near_at_times, apart=APART, least=CERTAIN * LOOSE)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days that are looked at in one go, first and end, with the reports of and about them."""

    first: datetime.datetime
    last: datetime.datetime
    reports: dict[int, Report]


def _propose_of(stretch: _Stretch, edges: dict[tuple[int, int], float], rare: Rarity) -> int:
    first, last, reports = stretch.first, stretch.last, stretch.reports
    for pair in _repeating(edges):
        edges.pop(pair, None)
    with transaction.atomic():
        return sum(
            _propose([reports[pk] for pk in cluster], edges, rare)
            for cluster in _clusters(reports, edges)
            if any(first <= reports[pk].at <= last for pk in cluster)  # of those around it only some are seen
        )


def _stretches(days: list[datetime.date]) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
    """The days in stretches without long gaps, of a month and MOST_AT_ONCE articles at most; one statement."""
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


def _reports(first: datetime.datetime, last: datetime.datetime) -> list[Report]:
    """Articles of a time, in its order, with their leads; one statement, about 3 kB of memory each."""
    articles = Article.objects.filter(listed_at__range=(first, last), stub=False).exclude(
        status=Article.Status.WITHDRAWN
    )
    rows = articles.order_by("listed_at", "pk").values_list("pk", "source_id", "listed_at", "entry__lead")
    return [Report(pk, source, at, lead or "") for pk, source, at, lead in rows.iterator(chunk_size=500)]


def _repeating(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Pairs of articles that repeat one another: those tell it once, not twice. One statement."""
    if not pairs:
        return set()
    numbers = {pk for pair in pairs for pk in pair}
    known = PossibleDuplicate.objects.filter(article__in=numbers, other__in=numbers)
    return set(known.exclude(verdict=PossibleDuplicate.Verdict.DIFFERENT).values_list("article_id", "other_id"))


def _clusters(reports: dict[int, Report], edges: dict[tuple[int, int], float]) -> list[list[int]]:
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


def _fit(reports: dict[int, Report], edges: dict[tuple[int, int], float], left: list[int], right: list[int]) -> bool:
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


def _propose(reports: list[Report], edges: dict[tuple[int, int], float], rare: Rarity) -> int:
    """Keep a group as a proposal, or suggest what is new in it to the story that it belongs to; 1 for a new one."""
    numbers = [report.pk for report in reports]
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
    _make(reports, edges, rare)
    return 1


def _suggest(story: Story, numbers: list[int], known: set[int]) -> None:
    missing = [pk for pk in numbers if pk not in known]
    if missing:
        StoryArticle.objects.bulk_create(
            (StoryArticle(story=story, article_id=pk) for pk in missing), ignore_conflicts=True
        )
        first = story.places.exclude(state=StoryArticle.State.OUT).aggregate(at=Min("article__listed_at"))["at"]
        Story.objects.filter(pk=story.pk).update(began_at=first)


def _make(reports: list[Report], edges: dict[tuple[int, int], float], rare: Rarity) -> None:
    reports = sorted(reports, key=lambda report: (report.at, report.pk))
    numbers = sorted(report.pk for report in reports)
    first = Article.objects.only("title", "language").get(pk=reports[0].pk)
    leads = Entry.objects.filter(article__in=numbers).order_by("pk").values_list("lead", flat=True)
    told = [edges[pair] for pair in itertools.combinations(numbers, 2) if pair in edges]
    story = Story.objects.create(
        title=first.title[:300],
        slug=free_slug(first.title, reports[0].at),
        language=first.language,
        reason=" · ".join(words_in_common(leads, rare)[:WORDS_TOLD])[:500],
        score=min(100, round(100 * sum(told) / len(told) / SURE)),
        began_at=reports[0].at,
    )
    StoryArticle.objects.bulk_create(StoryArticle(story=story, article_id=report.pk) for report in reports)


def free_slug(title: str, at: datetime.datetime) -> str:
    """A slug that no story has, out of the title and the day; one statement."""
    wanted = f"{slug_of(title)}-{at:%Y-%m-%d}"
    taken = set(Story.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    others = (f"{wanted}-{number}" for number in itertools.count(2))
    return next(slug for slug in itertools.chain([wanted], others) if slug not in taken)
