"""Reads kept originals anew under today's rules, and tells what that changes, field by field.

Whatever an editor has changed stays, as in every import; what is done carries today's version of the rules, so that a
run that was stopped is gone on with by starting it again.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import QuerySet

from articles import search
from articles.importing.addresses import at_home, meet
from articles.importing.deciding import Standing
from articles.importing.reading import read_batches
from articles.importing.runs import store_and_record
from articles.importing.steering import wish_of
from articles.importing.storing import Entry, Outcome, judge
from articles.importing.writing import LONGEST_ADDRESS, fields_of, keys_of
from articles.ingest import RULES_VERSION
from articles.ingest.batch import Job, Reading
from articles.models import (
    Article,
    ArticleImage,
    ImportRun,
    Original,
    Result,
    Tag,
    TagAlias,
    TaggedArticle,
    not_held,
    tag_key,
)

CHUNK = 100  # originals a transaction
# What a reading makes of an article besides numbers of versions, which differ whenever rules do.
COMPARED = (
    *("title", "standfirst", "excerpt", "byline", "language", "script", "canonical_url", "dateline_at", "copyright"),
    *("stub", "warnings", "embeds", "links", "body", "text"),
)
WRITTEN = (Result.UPDATED, Result.KEPT)


@dataclass(frozen=True, slots=True)
class Difference:
    """What today's rules make of one article otherwise: field -> (before, after)."""

    article: int
    path: str
    result: str
    fields: dict[str, tuple[object, object]]


@dataclass
class Telling:
    """One batch: how each original ended, and the articles that are, or would be, written otherwise."""

    outcomes: list[Outcome]
    differences: list[Difference] = field(default_factory=list)


def outdated(source: str = "") -> QuerySet[Original]:
    """Originals that were read under other rules than today's; of the articles of one source, when it is named.

    What is taken down is left alone: it is read anew when it is back.
    """
    rows = Original.objects.filter(not_held("article_id")).exclude(rules_version=RULES_VERSION)
    return rows.filter(article__source__slug=source) if source else rows


def reclean(
    run: ImportRun | None,
    source: str = "",
    limit: int | None = None,
    jobs: int = 1,
    keep_on: Callable[[], bool] = lambda: True,
) -> Iterator[Telling]:
    """Read outdated originals anew, at most `limit`, oldest first, and store what that changes; None for `run`: only
    tell what it would. Yields each batch after its commit. About 20 statements a batch of 100.
    """

    def going() -> bool:
        return keep_on() and not (run and wish_of(run))

    memory: dict[str, Standing] = {}
    moved: dict[int, str] = {}
    vector = run is not None and search.has_vectors()  # a dry run stores none
    for jobs_of, readings in read_batches(_batches(source, limit, going, vector=vector), jobs):
        entries = [Entry(job.path, job.sha256, "", one) for job, one in zip(jobs_of, readings, strict=True)]
        yield _store(run, entries) if run else _try(entries, memory, moved)


def _batches(
    source: str, limit: int | None, going: Callable[[], bool], *, vector: bool
) -> Iterator[tuple[list[Job], list[Job]]]:
    last, left = 0, limit
    while going() and (left is None or left > 0):
        size = CHUNK if left is None else min(CHUNK, left)
        rows = outdated(source).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        pks = list(rows[:size])
        if not pks:
            return
        last, left = pks[-1], left and left - len(pks)
        facts = Original.objects.filter(pk__in=pks).order_by("pk")
        jobs = [
            Job(path, path, zlib.decompress(raw), sha256, slug, vector)
            for path, raw, sha256, slug in facts.values_list("path", "bytes", "sha256", "article__source__slug")
        ]
        yield jobs, jobs


def _store(run: ImportRun, entries: list[Entry]) -> Telling:
    with transaction.atomic():
        entries, _ = at_home(entries)
        before = _differences(entries)
        changed = [pk for pk, one in before.items() if not one.fields.keys().isdisjoint(COMPARED)]
        # What differs is written, whichever field it is: an import alone asks about the words a reader sees.
        unedited = Article.objects.filter(pk__in=changed, edited_at__isnull=True)
        Original.objects.filter(article__in=unedited, newest=True).update(content_sha256="")
        outcomes = store_and_record(run, entries)
    return Telling(outcomes, _told(before, outcomes))


def _try(entries: list[Entry], memory: dict[str, Standing], moved: dict[int, str]) -> Telling:
    entries, moves = at_home(entries, memory, moved)
    readings = [entry.reading for entry in entries]
    keys = keys_of(readings)
    meet(memory, keys, moves)
    moved.update({pk: key for pk, (_, key) in moves.items()})
    before = _differences(entries)
    for key in keys:
        standing = memory[key]
        one = before.get(standing.article_id)
        if one and not one.fields.keys().isdisjoint(COMPARED) and not standing.edited:
            standing.versions = [replace(v, content_sha256="") if v.newest else v for v in standing.versions]
    outcomes = []
    for entry, (result, reason) in zip(entries, judge(readings, memory), strict=True):
        document = entry.reading.document
        pk = memory[document.address_key].article_id if document else None
        outcomes.append(Outcome(entry.path, entry.sha256, result, pk, entry.reading.code, reason))
    for key in keys:
        memory[key] = replace(memory[key], winner=None)
    return Telling(outcomes, _told(before, outcomes))


def _told(before: dict[int, Difference], outcomes: Sequence[Outcome]) -> list[Difference]:
    ends = {o.article_id: o.result for o in outcomes if o.result in WRITTEN}
    return [replace(one, result=ends[pk]) for pk, one in before.items() if pk in ends and one.fields]


def _differences(entries: Sequence[Entry]) -> dict[int, Difference]:
    """What differs between articles and today's reading of the original each was made from, by number; six queries."""
    readings = {entry.sha256: entry.reading for entry in entries if entry.reading.document is not None}
    newest = dict(Original.objects.filter(sha256__in=readings, newest=True).values_list("article_id", "sha256"))
    pictures: dict[int, list] = {pk: [] for pk in newest}
    places = ArticleImage.objects.filter(article__in=newest).order_by("position")
    for pk, address in places.values_list("article", "image__origin_url"):
        pictures[pk].append(address)
    tags = _tags(newest, [readings[sha256] for sha256 in newest.values()])
    differences = {}
    for article in Article.objects.filter(pk__in=newest).only(*COMPARED, "source"):
        reading = readings[newest[article.pk]]
        told = fields_of(reading, article.source_id)
        pairs = {name: (getattr(article, name), told[name]) for name in COMPARED}
        shown = [picture.src for picture in reading.document.images if len(picture.src) <= LONGEST_ADDRESS]
        pairs["pictures"] = (pictures[article.pk], list(dict.fromkeys(shown)))
        pairs["tags"] = tags(article.pk, reading)
        changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        differences[article.pk] = Difference(article.pk, reading.path, "", changed)
    return differences


def _tags(articles: Iterable[int], readings: Sequence[Reading]) -> Callable[[int, Reading], tuple[list, list]]:
    """Tells the names of an article's imported tags, before and after; aliases lead to their target. Three queries."""
    keys = {tag_key(name) for reading in readings for name in reading.document.tags}
    names = dict(TagAlias.objects.filter(key__in=keys).values_list("key", "tag__name"))
    names.update(Tag.objects.filter(key__in=keys).values_list("key", "name"))
    held = defaultdict(dict)
    uses = TaggedArticle.objects.filter(content_object__in=articles).values_list(
        "content_object", "tag__name", "origin"
    )
    for pk, name, origin in uses:
        held[pk][name] = origin

    def of(pk: int, reading: Reading) -> tuple[list, list]:
        mine = held[pk]
        wanted = {names.get(tag_key(name), name.strip()[:200]) for name in reading.document.tags if tag_key(name)}
        edited = {name for name, origin in mine.items() if origin == TaggedArticle.Origin.EDITOR}
        return sorted(mine.keys() - edited), sorted(wanted - edited)

    return of


def count_fields(differences: Sequence[Difference]) -> Counter:
    """How many articles change in which field."""
    return Counter(name for one in differences for name in one.fields)
