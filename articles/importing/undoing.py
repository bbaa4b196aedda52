"""Takes a run back: what it created goes, what it rewrote says again what it said before, what people touched stays.

Everything follows from the originals that the run brought. Without them, an article has no version left (it goes) or an
earlier one (which it is made from again); importing the same files once more works as the first time.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import images
from articles.importing.addresses import VERSION_FIELDS
from articles.importing.deciding import Standing, Version, version_of
from articles.importing.steering import ENDED, State, lives, mark_interrupted, this_process
from articles.importing.storing import lock_writers, rewrite
from articles.ingest.batch import Job, Reading, read_job
from articles.models import (
    Article,
    ArticleImage,
    ArticleMerge,
    Correction,
    FrontPage,
    Image,
    ImportFile,
    ImportRun,
    Original,
    Poster,
    Remainder,
    Result,
    Revision,
    Step,
    StoryArticle,
    TaggedArticle,
    Unsaved,
    keep_baseline,
    keep_revisions,
    plan_of,
    record,
)

CHUNK = 100  # articles a transaction
STAY_TOLD = 100  # articles of a preview that are told by name
COUNTS = ("removed", "put_back", "loosened", "kept", "pictures")
# Where a picture is shown, but for those that lead an article.
_SHOWN = tuple(shown.objects.filter(image=OuterRef("pk")).order_by() for shown in (ArticleImage, Poster))
MADE_BY_NOBODY = (Revision.Kind.BASELINE, Revision.Kind.IMPORT, Revision.Kind.POLICY)
Reason = Remainder.Reason


class NotUndoable(Exception):
    """The run cannot be undone now; the message says why, to a person."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an undo will do, in articles; `pictures` are those that no other article shows.

    `stays` are the first of those that stay: number, title, language, whether the text was edited. `is_whole` is false
    when only the first of the run's articles were looked at: then every number is of those alone.
    """

    removed: int
    put_back: int
    loosened: int
    kept: int
    pictures: int
    stays: tuple[tuple[int, str, str, bool], ...] = ()
    is_whole: bool = True


@dataclass(slots=True)
class Decision:
    """What becomes of one article: `verdict` is one of COUNTS but the last."""

    pk: int
    verdict: str
    reason: str = ""
    dropped: list[int] = field(default_factory=list)
    standing: Standing | None = None
    best: Version | None = None


def _articles_of(run: ImportRun) -> QuerySet[Article]:
    return Article.objects.filter(pk__in=Original.objects.filter(run=run).values("article"))


def _hands() -> Q:
    """Whether a person has done something about an article, besides editing its text; one statement here."""
    mine = {"article": OuterRef("pk")}
    deeds = (
        TaggedArticle.objects.filter(content_object=OuterRef("pk"), origin=TaggedArticle.Origin.EDITOR),
        Revision.objects.filter(**mine).exclude(kind__in=MADE_BY_NOBODY),
        Step.objects.filter(**mine),
        Correction.objects.filter(**mine),
        Unsaved.objects.filter(**mine),
        ArticleMerge.objects.filter(**mine),
        ArticleMerge.objects.filter(winner=OuterRef("pk")),
        StoryArticle.objects.filter(**mine, state=StoryArticle.State.IN, story__decided_by__isnull=False),
    )
    return reduce(or_, (Q(Exists(rows)) for rows in deeds), Q(pk__in=_pinned()))


def _pinned() -> set[int]:
    """Articles that an editor put on the front page: the one readers see, and the next; one statement."""
    shapes = FrontPage.objects.order_by("-is_draft", "-went_live_at").values_list("plan", flat=True)[:2]
    plans = map(plan_of, shapes)
    places = [place for plan in plans for place in (plan.lead, *plan.seconds, plan.breaking) if place]
    return {place.article for place in places if place.article}


def _rewritten(run: ImportRun) -> QuerySet[ImportFile]:
    """Files whose articles the run wrote anew."""
    return run.files.filter(result=Result.UPDATED, article__isnull=False)


def _read_anew(run: ImportRun) -> QuerySet[ImportFile]:
    """Those of them that brought no bytes: there is no earlier text to go back to."""
    brought = Original.objects.filter(run=run, article=OuterRef("article"))
    return _rewritten(run).filter(~Exists(brought))


def preview_undo(run: ImportRun, first: int = 0) -> Preview:
    """What an undo of the run would do now: with all of its articles, or with the first so many of them by number.

    At most five statements for all, which look at every article; eight for the first, whose time does not depend on
    the rest.
    """
    originals, anew, is_whole = Original.objects.filter(run=run), _read_anew(run), True
    if first:
        numbers = list(originals.order_by("article").values_list("article", flat=True).distinct()[: first + 1])
        files = list(_rewritten(run).order_by("pk").values_list("pk", flat=True)[: first + 1])
        is_whole = len(numbers) <= first and len(files) <= first
        originals = originals.filter(article__lte=numbers[:first][-1]) if numbers else originals
        anew = anew.filter(pk__in=files[:first])
    mine = Original.objects.filter(article=OuterRef("pk"))
    facts = Article.objects.filter(pk__in=originals.values("article")).annotate(
        alone=~Exists(mine.exclude(run=run)),
        shown=Exists(mine.filter(run=run, newest=True)),
        handled=_hands(),
    )
    edited, lone = Q(edited_at__isnull=False), Q(alone=True, edited_at__isnull=True)
    stays = (lone & Q(handled=True)) | (edited & Q(shown=True))
    counts = facts.aggregate(
        all=Count("pk"),
        removed=Count("pk", filter=lone & Q(handled=False)),
        kept=Count("pk", filter=stays),
        put_back=Count("pk", filter=Q(alone=False, shown=True, edited_at__isnull=True)),
    )
    removed = facts.filter(lone, handled=False).values_list("pk", flat=True)
    removed = list(removed) if first else removed  # PostgreSQL asks a subquery anew for every picture
    pictures = _left_alone(removed).count() if counts["removed"] else 0
    rows = facts.filter(stays).order_by("pk").values_list("pk", "title", "language", "edited_at")
    rows = rows[:STAY_TOLD] if counts["kept"] else ()
    told = tuple((pk, title, language, edited_at is not None) for pk, title, language, edited_at in rows)
    rest = counts["all"] - counts["removed"] - counts["kept"] - counts["put_back"]
    kept = counts["kept"] + anew.values("article").distinct().count()
    return Preview(counts["removed"], counts["put_back"], rest, kept, pictures, told, is_whole)


def _left_alone(removed: QuerySet | list[int]) -> QuerySet[Image]:
    """Pictures that only these articles show; no query."""
    here = (Q(pk__in=shown.objects.filter(article__in=removed).values("image")) for shown in (ArticleImage, Poster))
    elsewhere = [Exists(shown.exclude(article__in=removed)) for shown in _SHOWN]
    led = Article.objects.filter(lead_image=OuterRef("pk")).exclude(pk__in=removed)
    return Image.objects.filter(reduce(or_, here)).exclude(elsewhere[0] | elsewhere[1] | Exists(led))


def begin_undo(run: ImportRun, user=None) -> None:
    """Give a run that is over into the hands of `undo_chunks`; one that died over its undo too. Raises NotUndoable."""
    mark_interrupted()
    run.refresh_from_db()
    if run.dry_run:
        raise NotUndoable(_("A dry run kept nothing: there is nothing to undo."))
    hold = {"heartbeat_at": timezone.now(), "options": {**run.options, "process": this_process()}}
    if run.state == State.UNDOING and not (run.options.get("process") and lives(run)):
        stalled = ImportRun.objects.filter(pk=run.pk, state=State.UNDOING, heartbeat_at=run.heartbeat_at)
        taken = stalled.update(**hold)
    else:
        fresh = {**dict.fromkeys(COUNTS, 0), "cursor": 0}
        with transaction.atomic():
            over = ImportRun.objects.filter(pk=run.pk, state__in=ENDED)
            taken = over.update(state=State.UNDOING, undone_by=user, undone=fresh, **hold)
            if taken:
                _list_read_anew(run, fresh)
                record("undo", run, by=user)
    before = run.get_state_display()
    run.refresh_from_db()
    if not taken:
        told = _("Import %(number)s is %(state)s: only one that has ended can be undone, once.")
        raise NotUndoable(told % {"number": run.pk, "state": before})


def let_go(run: ImportRun) -> None:
    """Say that this process leaves an undo to another one, which can go on with it at once."""
    options = {**run.options, "process": ""}
    ImportRun.objects.filter(pk=run.pk, state=State.UNDOING).update(options=options, heartbeat_at=timezone.now())


def undo_chunks(run: ImportRun, keep_on: Callable[[], bool] = lambda: True) -> Iterator[dict]:
    """Undo a run that was begun to be undone, chunk by chunk; yields the counts so far after each commit.

    Killed or stopped anywhere, it is gone on with by `begin_undo` and this, from where it was.
    """
    while keep_on() and _undo_chunk(run):
        yield run.undone


def _undo_chunk(run: ImportRun) -> bool:
    """Undo the next articles; False when none is left, and the run is marked undone."""
    cursor = run.undone["cursor"]
    pks = list(_articles_of(run).filter(pk__gt=cursor).order_by("pk").values_list("pk", flat=True)[:CHUNK])
    readings = _read(decide_undo(run, pks))  # before the lock: this is what takes time
    with transaction.atomic():
        lock_writers()
        run.refresh_from_db()
        if run.state != State.UNDOING or run.undone["cursor"] != cursor:
            return run.state == State.UNDOING  # another process was quicker
        if not pks:
            _finish(run)
            return False
        decisions = decide_undo(run, pks)
        if {d.best.id for d in decisions if d.best} - set(readings):
            return True  # an import came in between: look again
        counts = _apply(run, decisions, readings)
        run.undone = {**run.undone, "cursor": pks[-1], **{name: run.undone[name] + counts[name] for name in COUNTS}}
        run.heartbeat_at = timezone.now()
        run.save(update_fields=["undone", "heartbeat_at"])
    return True


def decide_undo(run: ImportRun, pks: Sequence[int]) -> list[Decision]:
    """What becomes of these articles; three statements."""
    mine = dict(Original.objects.filter(article__in=pks, run=run).values_list("pk", "article_id"))
    versions: dict[int, list[Version]] = {pk: [] for pk in pks}
    rows = Original.objects.filter(article__in=pks).order_by("pk").values_list("article_id", *VERSION_FIELDS)
    for pk, *facts in rows:
        versions[pk].append(Version(**dict(zip(VERSION_FIELDS, facts, strict=True))))
    facts = Article.objects.filter(pk__in=pks).annotate(handled=_hands()).order_by("pk")
    return [
        _decide(pk, versions[pk], mine, edited is not None, handled)
        for pk, edited, handled in facts.values_list("pk", "edited_at", "handled")
    ]


def _decide(pk: int, versions: list[Version], mine: dict[int, int], edited: bool, handled: bool) -> Decision:
    newest = next((version for version in versions if version.newest), None)
    brought = [version for version in versions if version.id in mine]
    left = [version for version in versions if version.id not in mine]
    if edited:  # its text stands, with the original it was made from; what waits or lies beside it goes
        dropped = [version.id for version in brought if not version.newest]
        standing = Standing(pk, True, [v for v in versions if v.id not in dropped], tuple(versions))
        shown = newest is not None and newest.id in mine
        return Decision(pk, "kept" if shown else "loosened", Reason.EDITED if shown else "", dropped, standing)
    if not left:
        return Decision(pk, "kept", Reason.HANDLED) if handled else Decision(pk, "removed")
    best = max(left, key=lambda version: version.rank)
    dropped = [version.id for version in brought]
    standing = Standing(pk, False, [replace(v, newest=v.id == best.id) for v in left], tuple(versions))
    standing.settle()
    shown = newest is not None and newest.id in mine
    same = newest is not None and newest.sha256 == best.sha256
    if not shown or same:
        return Decision(pk, "put_back" if shown else "loosened", "", dropped, standing)
    return Decision(pk, "put_back", "", dropped, standing, best)


def _read(decisions: list[Decision]) -> dict[int, Reading]:
    """The earlier originals that articles are made from again, read under today's rules, by number."""
    articles = Article.objects.filter(pk__in=[d.pk for d in decisions if d.best]).select_related("source")
    known = {article.pk: article for article in articles.only("address_key", "canonical_url", "source__slug")}
    rows = Original.objects.filter(pk__in=[d.best.id for d in decisions if d.best])
    readings = {}
    for original in rows.only("article_id", "path", "sha256", "bytes").iterator(chunk_size=20):
        article = known[original.article_id]
        raw = zlib.decompress(original.bytes)
        reading = read_job(Job(original.path, original.path, raw, original.sha256, article.source.slug))
        if reading.document is not None:  # the article keeps its address, whatever today's rules make of the file's
            facts = {"address_key": article.address_key, "canonical_url": article.canonical_url}
            reading = replace(reading, document=replace(reading.document, **facts))
        readings[original.pk] = reading
    return readings


def _apply(run: ImportRun, decisions: list[Decision], readings: dict[int, Reading]) -> dict[str, int]:
    for decision in decisions:
        if decision.best and readings[decision.best.id].document is None:
            decision.verdict, decision.reason, decision.dropped = "kept", Reason.UNREADABLE, []
            decision.standing = decision.best = None
    removed = [d.pk for d in decisions if d.verdict == "removed"]
    back = [d for d in decisions if d.best]
    touched = [*removed, *(d.pk for d in back)]
    seen = {
        image
        for shown in (ArticleImage, Poster)
        for image in shown.objects.filter(article__in=touched).values_list("image", flat=True)
    }
    Article.objects.filter(pk__in=removed).delete()
    _put_back(run, [d for d in decisions if d.standing], readings)
    unused = Image.objects.filter(
        *(~Exists(shown) for shown in _SHOWN),
        ~Exists(Article.objects.filter(lead_image=OuterRef("pk"))),
        pk__in=seen,
    )
    pictures = images.remove(unused) if seen else 0
    Remainder.objects.bulk_create(
        (Remainder(run=run, article_id=d.pk, reason=d.reason) for d in decisions if d.reason), ignore_conflicts=True
    )
    counts = {name: sum(d.verdict == name for d in decisions) for name in COUNTS}
    return counts | {"pictures": pictures}


def _put_back(run: ImportRun, decisions: list[Decision], readings: dict[int, Reading]) -> None:
    """Take the run's originals away, and write the articles that were made from them as they were before."""
    dropped = [pk for d in decisions for pk in d.dropped]
    if not dropped:
        return
    back = [d for d in decisions if d.best]
    keep_baseline([d.pk for d in back])
    Original.objects.filter(pk__in=dropped).delete()
    for decision in back:
        _win(decision, readings[decision.best.id])
    rewrite(run, {d.pk: d.standing for d in decisions})
    keep_revisions([d.pk for d in back], run.undone_by, f"Import {run.pk} undone", Revision.Kind.IMPORT)
    waits = Original.objects.filter(article=OuterRef("pk"), waiting=True)
    edited = Article.objects.filter(~Exists(waits), pk__in=[d.pk for d in decisions if d.standing.edited])
    edited.filter(source_changed=True).update(source_changed=False)


def _win(decision: Decision, reading: Reading) -> None:
    """Let an article be made from this reading of its best version, whose facts are those of today's rules."""
    facts, standing = version_of(reading), decision.standing
    standing.winner = reading
    standing.versions = [
        replace(facts, path_sha256=v.path_sha256, newest=v.newest, waiting=v.waiting, id=v.id)
        if v.sha256 == facts.sha256
        else v
        for v in standing.versions
    ]


def _list_read_anew(run: ImportRun, fresh: dict) -> None:
    """List what the run wrote anew under newer rules, while its originals are there to tell."""
    anew = list(_read_anew(run).order_by("article").values_list("article", flat=True).distinct())
    rows = [Remainder(run=run, article_id=pk, reason=Reason.RULES) for pk in anew]
    Remainder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    ImportRun.objects.filter(pk=run.pk).update(undone={**fresh, "kept": len(rows)})


def _finish(run: ImportRun) -> None:
    """Mark a run undone; files that it had mended wait for mending again."""
    run.state, run.undone_at = State.UNDONE, timezone.now()
    run.save(update_fields=["state", "undone_at"])
    ImportFile.objects.filter(mended_in=run).update(mended_in=None)
    record("finish", run, by=run.undone_by, state=State.UNDONE, counts={**run.undone, "cursor": 0})
