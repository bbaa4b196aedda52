"""Bulk jobs: a deed on a fixed set of articles, counted first, done in chunks that a kill cannot tear, undone once.

The truth is in the job's rows: whoever takes the next step, and however often, each article is changed once.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.curation.bulk_deeds import BULK_DEEDS, COLUMNS, NOTED, Left, Verdict, deed_of, hints_of
from articles.curation.topics import topic_for
from articles.curation.workflow import Refused
from articles.models import Article, BulkItem, BulkJob, Claim, record

RIGHT = "articles.add_bulkjob"
CHOSEN_AT_ONCE = 1000  # rows of an insert while the articles are fixed
COUNTED_AT_ONCE = 500  # articles of a transaction
CHANGED_AT_ONCE = 200
ATTEMPTS = 3  # at a chunk that collided with somebody else's insert
EXAMPLES = 8
State, Result = BulkJob.State, BulkItem.Result


def choose(articles: QuerySet[Article], deed: str, user, words: str = "", query: str = "") -> BulkJob:
    """Fix the articles of a deed, by number and as of now; they are counted by `advance`.

    `words` is what the deed asks for, `query` the filter that `articles` came from, for the record. One query, and one
    a thousand articles. Raises Refused.
    """
    if deed not in BULK_DEEDS or not user.has_perm(RIGHT):
        raise Refused(_("This deed is not yours to do."))
    given = BULK_DEEDS[deed].read(words, user)
    rows = articles.order_by("pk").values_list("pk", "status", "updated_at").iterator(chunk_size=CHOSEN_AT_ONCE)
    with transaction.atomic():
        job = BulkJob.objects.create(deed=deed, given=given, query=query, made_by=user)
        while chunk := list(itertools.islice(rows, CHOSEN_AT_ONCE)):
            BulkItem.objects.bulk_create(
                BulkItem(job=job, article_id=pk, origin=status, seen_at=updated_at) for pk, status, updated_at in chunk
            )
            job.total += len(chunk)
        if not job.total:
            raise Refused(_("No article was chosen."))
        job.save(update_fields=["total"])
    return job


def advance(job_id: int, seconds: float | None = None) -> BulkJob:
    """Take a job's next steps until nothing is left to do, or for so many seconds; returns the job as it is then.

    Each step is a transaction of its own with a fixed number of statements. Two that advance the same job take turns.
    """
    end = None if seconds is None else time.monotonic() + seconds
    while _step(job_id) and (end is None or time.monotonic() < end):
        pass
    return BulkJob.objects.get(pk=job_id)


def _step(job_id: int) -> bool:
    """One chunk; whether there may be more."""
    for attempt in itertools.count(1):
        try:
            with transaction.atomic():
                job = BulkJob.objects.select_for_update().get(pk=job_id)
                more = _work(job)
                job.heartbeat_at = timezone.now()
                job.save(update_fields=["state", "hints", "fault", "finished_at", "undone_at", "heartbeat_at"])
            return more
        except IntegrityError:  # somebody else has just put the same tag on one of them: look again
            if attempt == ATTEMPTS:
                raise
    return False


def _work(job: BulkJob) -> bool:
    work = {State.COUNTING: _count, State.RUNNING: _change, State.UNDOING: _undo}.get(job.state)
    if work is None:
        return False
    actor = get_user_model().objects.filter(pk=job.undone_by_id if job.undone_by_id else job.made_by_id).first()
    try:
        if actor is None or not actor.is_active or not actor.has_perm(RIGHT):
            raise Refused(_("Whoever asked for it may not do it any more."))
        deed_of(job).open(job)
        with transaction.atomic():
            return work(job, actor)
    except Refused as refused:
        job.state, job.fault = State.STOPPED, str(refused)[:300]
        return False


def _next(job: BulkJob, result: str, number: int) -> list[BulkItem]:
    """In the order of the index; whatever waits has no cause."""
    return list(job.items.filter(result=result, code="").order_by("code", "pk")[:number])


def _articles(items: list[BulkItem], *, locked: bool = False) -> dict[int, Article]:
    rows = Article.objects.filter(pk__in=[item.article_id for item in items]).only(*COLUMNS).order_by("pk")
    return {row.pk: row for row in (rows.select_for_update(of=("self",)) if locked else rows)}


def _judged(job: BulkJob, user, items: list[BulkItem], articles: dict[int, Article]) -> dict[int, Verdict]:
    """A verdict for each item, by its number."""
    others = Claim.objects.filter(article__in=articles, ends_at__gt=timezone.now()).exclude(user=user)
    taken = set(others.values_list("article", flat=True))
    verdicts, open_ones = {}, {}
    for item in items:
        article = articles.get(item.article_id)
        if article is None:
            verdicts[item.pk] = Verdict(Result.GONE)
        elif article.updated_at != item.seen_at:
            verdicts[item.pk] = Verdict(Result.OVERTAKEN)
        elif article.pk in taken:
            verdicts[item.pk] = Verdict(Result.CLAIMED)
        else:
            open_ones[article.pk] = item
    judged = deed_of(job).judge(job, user, [articles[pk] for pk in open_ones]) if open_ones else {}
    return verdicts | {open_ones[pk].pk: verdict for pk, verdict in judged.items()}


def _settle(verdicts: dict[int, Verdict]) -> None:
    """Write results, a statement a kind."""
    kinds = defaultdict(list)
    for pk, verdict in verdicts.items():
        kinds[verdict.result, verdict.code].append(pk)
    for (result, code), numbers in kinds.items():
        BulkItem.objects.filter(pk__in=numbers).update(result=result, code=code)


def _count(job: BulkJob, user) -> bool:
    items = _next(job, "", COUNTED_AT_ONCE)
    if not items:
        job.state = State.READY
        return False
    verdicts = _judged(job, user, items, _articles(items))
    _settle(verdicts)
    job.hints = dict(Counter(job.hints) + hints_of(verdicts.values()))
    return True


def _change(job: BulkJob, user) -> bool:
    items = _next(job, Result.READY, CHANGED_AT_ONCE)
    if not items:
        job.state, job.finished_at = State.FINISHED, timezone.now()
        record("finish", job, by=user, note=job.note, deed=job.deed, counts=_numbers(job))
        return False
    articles = _articles(items, locked=True)
    verdicts = _judged(job, user, items, articles)
    ready = [item for item in items if verdicts[item.pk].result == Result.READY]
    _settle({pk: verdict for pk, verdict in verdicts.items() if verdict.result != Result.READY})
    if ready:
        left = deed_of(job).change(job, user, [articles[item.article_id] for item in ready], timezone.now())
        _keep(ready, left)
    return True


def _numbers(job: BulkJob) -> dict[str, int]:
    """Articles of a job by result, for the audit; one query."""
    return dict(job.items.order_by().values_list("result").annotate(Count("pk")))


def _keep(items: list[BulkItem], left: dict[int, Left]) -> None:
    for item in items:
        item.result = Result.CHANGED
        item.mark, item.before = left[item.article_id].mark, left[item.article_id].before
    BulkItem.objects.bulk_update(items, ["result", "mark", "before"])


def _undo(job: BulkJob, user) -> bool:
    items = _next(job, Result.CHANGED, CHANGED_AT_ONCE)
    if not items:
        job.state, job.undone_at = State.UNDONE, timezone.now()
        record("undo", job, by=user, deed=job.deed, counts=_numbers(job))
        return False
    articles = _articles(items, locked=True)
    pairs = [(item, articles[item.article_id]) for item in items if item.article_id in articles]
    done = deed_of(job).undo(job, user, pairs, timezone.now()) if pairs else set()
    results = {True: Result.UNDONE, False: Result.KEPT}
    gone = {item.pk: Verdict(Result.GONE) for item in items if item.article_id not in articles}
    _settle({item.pk: Verdict(results[article.pk in done]) for item, article in pairs} | gone)
    return True


def is_mine(user, job: BulkJob) -> bool:
    """Whether this person may confirm, stop and undo a job: their own, or anybody's for those who change jobs."""
    return user.has_perm(RIGHT) and (job.made_by_id == user.pk or user.has_perm("articles.change_bulkjob"))


def _take(job: BulkJob, user) -> None:
    """The job as it is now; Refused unless it is this person's."""
    job.refresh_from_db()
    if not is_mine(user, job):
        raise Refused(_("This job is not yours."))


def _switch(job: BulkJob, origins: Iterable[str], **values) -> None:
    """One conditional update; Refused when somebody was quicker."""
    if not BulkJob.objects.filter(pk=job.pk, state__in=list(origins)).update(heartbeat_at=timezone.now(), **values):
        raise Refused(_("This job does not stand where you saw it any more."))


def confirm(job: BulkJob, user, note: str = "") -> None:
    """Let a counted job run; `note` is the reason in every record. Raises Refused."""
    _take(job, user)
    if job.hints.get(NOTED) and not note.strip():
        raise Refused(_("Write a reason: some of these moves ask for one."))
    with transaction.atomic():
        given = job.given
        if "tag" in given and given["tag"] is None:
            given = given | {"tag": topic_for(given["name"], user).pk}
        _switch(
            job, [State.READY], state=State.RUNNING, note=note.strip()[:300], given=given, confirmed_at=timezone.now()
        )
        name = given.get("name", "")
        record("start", job, by=user, note=note.strip(), deed=job.deed, given=name, articles=job.total)


def stop(job: BulkJob, user) -> None:
    """Stop after the chunk in hand; what is done stays done. Raises Refused."""
    _take(job, user)
    with transaction.atomic():
        _switch(job, BulkJob.ACTIVE, state=State.STOPPED, fault="")
        record("stop", job, by=user, deed=job.deed)


def go_on(job: BulkJob, user) -> None:
    """Let a stopped job go on where it was. Raises Refused."""
    _take(job, user)
    state = State.UNDOING if job.undone_by_id else State.RUNNING if job.confirmed_at else State.COUNTING
    with transaction.atomic():
        _switch(job, [State.STOPPED], state=state, fault="")
        record("go_on", job, by=user, deed=job.deed)


def undo(job: BulkJob, user) -> None:
    """Begin to take back what a job has changed, where it still stands; what others changed since stays. Refused."""
    _take(job, user)
    if not job.items.filter(result=Result.CHANGED).exists():
        raise Refused(_("There is nothing to undo."))
    _switch(job, [State.FINISHED, State.STOPPED], state=State.UNDOING, undone_by=user, fault="")


@dataclass(frozen=True)
class Group:
    """Articles of a job that fare alike: how many, and the first and the last of them."""

    result: str
    code: str
    number: int
    examples: list[Article]

    @property
    def label(self) -> str:
        """The result in words."""
        return str(Result(self.result).label) if self.result else _("not looked at yet")


def groups_of(job: BulkJob) -> list[Group]:
    """Counts of a job by result and cause, in the order of the results; two queries."""
    kinds = job.items.order_by().values_list("result", "code")
    rows = [
        (*row[:3], {pk for pk in row[3:] if pk}) for row in kinds.annotate(Count("pk"), Min("article"), Max("article"))
    ]
    titles = Article.objects.only("title", "language").in_bulk({pk for *_rest, ends in rows for pk in ends})
    order = ["", *Result.values]
    groups = [
        Group(result, code, number, [titles[pk] for pk in sorted(ends) if pk in titles])
        for result, code, number, ends in rows
    ]
    return sorted(groups, key=lambda group: (order.index(group.result), -group.number))


def examples_of(job: BulkJob, result: str) -> list[BulkItem]:
    """The first articles of a result, with titles and sources; one query."""
    heavy = [f"article__{name}" for name in (*Article.HEAVY_FIELDS, *Article.LATE_FIELDS)]
    items = job.items.filter(result=result, code="").select_related("article__source").defer(*heavy)
    return list(items.order_by("code", "pk")[:EXAMPLES])


STEPS: dict[str, Callable] = {"confirm": confirm, "stop": stop, "go_on": go_on, "undo": undo}
