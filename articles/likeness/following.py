"""What follows an import where no worker does it: all that is new is learned and told of, by several processes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from articles.ingest import crew
from articles.ingest.subjects import Learned, Report, learned_of
from articles.likeness.events import Proposing, compare, days_of
from articles.likeness.learning import Learning, parts_of
from articles.likeness.terms import rarity
from articles.models import Signature

TOGETHER = 500  # reports at least that a process gets to compare, where fewer stand close in time


def learn_and_propose(jobs: int = 1, meanwhile: Iterable = ()) -> int:
    """Learn all articles that are still to be learned, and propose the stories that are told on their days; returns how
    many. Steps of `meanwhile` are taken while other processes count.

    The same as `learn` and then `propose_stories`, for as many statements; but what one process has to write of those
    that are learned others use to compare reports. A pair of reports takes 24 bytes until all is learned.
    """
    new = array("q", Signature.objects.filter(has_terms=False).order_by("pk").values_list("pk", flat=True).iterator())
    if not new:
        return 0
    rare = rarity()
    learning, proposing = Learning(parts_of(new)), Proposing(days_of(new))
    for answer in crew.each(crew.do_its_own, _tasks(learning, proposing, len(new)), rare, jobs, meanwhile):
        if isinstance(answer, Learned):
            learning.take(answer)
            if len(learning.done) == len(new):  # while others go on comparing
                learning.finish()
        else:
            for found in answer:
                proposing.take(found)
    return proposing.finish(rare)


def _tasks(learning: Learning, proposing: Proposing, number: int) -> Iterator[tuple]:
    """Both kinds, the reports of different times spread evenly over the articles that are learned, so that neither
    processes nor their writer wait.
    """
    reports = proposing.reports()
    some: list[list[Report]] = []
    compared = handed = 0

    def until(wanted: float) -> Iterator[tuple]:
        nonlocal some, compared
        while compared < wanted:
            some.append(next(reports))
            compared += 1
            if sum(map(len, some)) >= TOGETHER:
                yield compare, some
                some = []

    for leads in learning.leads():
        yield learned_of, leads
        handed += len(leads)
        yield from until(handed / number * proposing.number)
    yield from until(proposing.number)
    if some:
        yield compare, some
