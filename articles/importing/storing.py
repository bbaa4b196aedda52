"""Stores a batch of files: one transaction, a number of statements that does not grow with the files.

One writer at a time: SQLite's immediate transactions see to it there, an advisory lock does on PostgreSQL. Two
workers with the same file at once therefore make one article; readers and editors are not held up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from articles import likeness, search
from articles.importing import writing
from articles.importing.addresses import VERSION_FIELDS, at_home, standings
from articles.importing.deciding import SAME_BYTES, Standing, decide, path_hash
from articles.importing.screening import screened
from articles.importing.sources import Sources
from articles.ingest import RULES_VERSION, archive_id_of
from articles.ingest.batch import Reading
from articles.models import (
    Article,
    ImportRun,
    Original,
    Result,
    Revision,
    keep_baseline,
    keep_revisions,
    lock_writers,
    not_held,
)
from articles.models.rows import insert_rows

TOO_LARGE = "54"  # of SQLSTATE: "program limit exceeded"
CODE = "not_stored"
LONGEST_REASON = 1900  # characters
FACTS = tuple(name for name in VERSION_FIELDS if name != "id")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a batch: read anew, or known by its bytes."""

    path: str
    sha256: str = ""
    location: str = ""
    reading: Reading | None = None
    article_id: int | None = None  # of the article that has these bytes, when they need not be read
    copy: bool = False  # the bytes are known, at another path


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file ended."""

    path: str
    sha256: str
    result: str
    article_id: int | None = None
    code: str = ""
    reason: str = ""
    location: str = ""
    images_wanted: int = 0


def known_outcome(entry: Entry) -> Outcome:
    """The end of a file whose bytes are known."""
    if entry.copy:
        return Outcome(entry.path, entry.sha256, Result.DUPLICATE, entry.article_id, reason=SAME_BYTES)
    return Outcome(entry.path, entry.sha256, Result.UNCHANGED, entry.article_id)


def recall(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, bool]]:
    """For (path, sha256) pairs whose bytes are known under today's rules: the article, and whether the path is new.

    One statement, answered from an index alone.
    """
    at: dict[str, dict[str, int]] = {}
    shas = {sha for _, sha in keys}
    # Bytes of what is taken down are read like new ones, so that they are refused with its reference.
    rows = Original.objects.filter(not_held("article_id"), sha256__in=shas, rules_version=RULES_VERSION)
    for sha, path, article in rows.values_list("sha256", "path_sha256", "article_id"):
        at.setdefault(sha, {})[path] = article
    known = {}
    for path, sha in keys:
        paths = at.get(sha)
        if paths:
            hashed = path_hash(path)
            known[path, sha] = (paths.get(hashed) or next(iter(paths.values())), hashed not in paths)
    return known


def store(
    run: ImportRun,
    entries: Sequence[Entry],
    publish: bool | None = None,
    then: Callable[[list[Outcome]], object] = lambda outcomes: None,
) -> list[Outcome]:
    """Store a batch; returns how each file ended, in order. `publish`: True, False (inbox), None (the source's word).

    `then` gets the outcomes in the same transaction. Whatever goes wrong with a file costs only itself: the batch is
    then stored file by file, and that one is `failed` with the class of the fault. Raises OperationalError or
    InterfaceError when the database itself cannot go on (it went away, its disk is full): no file is to blame for that.

    The batch as a whole needs no savepoint where this is the outermost transaction; with one, SQLite would copy every
    page before it changes it.
    """
    try:
        with transaction.atomic():
            outcomes = _store(run, entries, publish)
            then(outcomes)
            return outcomes
    except Exception as fault:  # the edge: what it is becomes a record
        if _is_of_the_database(fault):
            raise
    with transaction.atomic():
        outcomes = [_alone(run, entry, publish) for entry in entries]
        then(outcomes)
        return outcomes


def _alone(run: ImportRun, entry: Entry, publish: bool | None) -> Outcome:
    try:
        with transaction.atomic():
            return _store(run, [entry], publish)[0]
    except Exception as fault:  # the edge: what it is becomes a record
        if _is_of_the_database(fault):
            raise
        return _failed(entry, fault)


def _is_of_the_database(fault: Exception) -> bool:
    """Whether the database cannot go on; a value that is too large for PostgreSQL (class 54) is a file's fault."""
    if not isinstance(fault, (OperationalError, InterfaceError)):
        return False
    return not (getattr(fault.__cause__, "sqlstate", None) or "").startswith(TOO_LARGE)


def _failed(entry: Entry, fault: Exception) -> Outcome:
    reason = f"The article could not be stored ({type(fault).__name__}: {fault})"
    reason = reason[:LONGEST_REASON].encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")
    reason += ". Please report it with this file."
    return Outcome(entry.path, entry.sha256, Result.FAILED, None, CODE, reason, entry.location)


def judge(readings: Sequence[Reading], found: dict[str, Standing]) -> list[tuple[str, str]]:
    """Result and reason of each reading, in order; brings the standings up to date. Touches no database."""
    verdicts = []
    for reading in readings:
        if reading.document is None:
            verdicts.append((Result.FAILED if reading.broken else Result.REFUSED, reading.reason))
        else:
            verdicts.append(decide(found[reading.document.address_key], reading))
    return verdicts


def _store(run: ImportRun, entries: Sequence[Entry], publish: bool | None) -> list[Outcome]:
    lock_writers()
    copies = [entry for entry in entries if entry.copy]
    if not any(entry.reading for entry in entries):  # as in most batches of an archive that is known already
        _write_copies(run, copies)
        return [known_outcome(entry) for entry in entries]
    entries, moves = at_home(screened(entries))
    for pk, (_, key) in moves.items():
        Article.objects.filter(pk=pk).update(address_key=key)
    readings = [entry.reading for entry in entries if entry.reading is not None]
    found = standings(writing.keys_of(readings))
    verdicts = iter(judge(readings, found))
    wanted, partners = _write(run, found, publish)
    _write_versions(run, readings, found)
    _write_copies(run, copies)
    told = dict(Article.objects.filter(pk__in=set(partners.values())).values_list("pk", "address_key"))
    outcomes = []
    for entry in entries:
        if entry.reading is None:
            outcomes.append(known_outcome(entry))
            continue
        result, reason = next(verdicts)
        document = entry.reading.document
        pk = found[document.address_key].article_id if document else None
        if pk in partners and not reason:
            reason = same_text(told[partners[pk]])
        location = entry.location if document is None else ""
        images = wanted.pop(pk, 0)
        outcomes.append(Outcome(entry.path, entry.sha256, result, pk, entry.reading.code, reason, location, images))
    return outcomes


def same_text(address_key: str) -> str:
    """The reason of an article whose text another one has too."""
    return f"The same text as {address_key}, under another address: possibly a duplicate."


def status_by(publish: bool | None):
    """The status that new articles of a source get."""

    def status(source) -> str:
        wanted = source.publish_on_import if publish is None else publish
        return Article.Status.PUBLISHED if wanted else Article.Status.INBOX

    return status


def _write(run: ImportRun, found: dict[str, Standing], publish: bool | None) -> tuple[dict, dict]:
    """Write the articles that won; returns the pictures each is the first to want and partners with the same text."""
    new = [s for s in found.values() if s.winner and s.article_id is None]
    changed = [s for s in found.values() if s.winner and s.article_id is not None]
    sources = Sources() if new or changed else None
    pictures = writing.Pictures(s.winner.document for s in (*new, *changed))
    created = {}
    if new:
        winners = [(s.winner, s.earliest) for s in new]
        created = writing.create_articles(winners, sources, pictures, status_by(publish))
        for standing in new:
            standing.article_id = created[standing.winner.document.address_key].pk
    rewritten = {}
    sent = [s.article_id for s in changed if s.winner.sha256 not in {v.sha256 for v in s.stored}]
    if changed:
        if sent:  # what better rules read otherwise can be read again from the original: only new words are kept
            keep_baseline(sent)
        changes = [(s.article_id, s.winner, s.earliest) for s in changed]
        rewritten = writing.update_articles(changes, sources, pictures)
    _correct_dates([s for s in found.values() if s.stored and not s.winner and not s.edited])
    kept = [s.article_id for s in found.values() if any(v.waiting for v in s.versions) and s.edited]
    if kept:
        Article.objects.filter(pk__in=kept).update(source_changed=True)
    documents = {s.article_id: s.winner.document for s in (*new, *changed)}
    if not documents:
        return {}, {}
    writing.write_tags(documents)
    writing.write_references(documents)
    images = writing.write_images(documents, pictures)
    if sent:
        keep_revisions(sent, run.started_by, f"Import {run.pk}", Revision.Kind.IMPORT)
    _index(new, created, new=True)
    _index(changed, rewritten, new=False)
    return images, _compare(new, new=True) | _compare(changed, new=False)


def _compare(standings_: list[Standing], *, new: bool) -> dict[int, int]:
    """Keep what tells that articles are alike; returns a partner with the same text for each that has one."""
    rows = [(s.article_id, s.winner.text_sha256, s.winner.signature) for s in standings_]
    return likeness.keep_signatures(rows, new=new)


def rewrite(run: ImportRun, found: dict[object, Standing]) -> None:
    """Write standings that were decided on elsewhere: articles whose winner is an original of their own, and versions.

    The caller keeps the revisions, and has taken away the originals that are in `stored` and not in `versions`.
    """
    _write(run, found, None)
    _write_versions(run, [standing.winner for standing in found.values() if standing.winner], found)
    likeness.pair_again([standing.article_id for standing in found.values() if standing.winner])


def _index(standings_: list[Standing], articles: dict[str, Article], *, new: bool) -> None:
    """Let search know articles as they are written now, tags and pictures included."""
    rows = [(articles[s.winner.document.address_key], s.winner.words) for s in standings_]
    search.write_imported([(article.pk, article.listed_at, words) for article, words in rows], new=new)


def _correct_dates(standings_: list[Standing]) -> None:
    """An older version that comes later moves the date of publication back, whatever became of its text."""
    moved = {}
    for standing in standings_:
        before = min((v.dated for v in standing.stored if v.dated), default=None)
        earliest = standing.earliest
        if (earliest.dated if earliest else None) != before:
            moved[standing.article_id] = earliest
    for article in Article.objects.filter(pk__in=moved).select_related("source").only("pk", "source"):
        facts = writing.publication(moved[article.pk], article.source)
        Article.objects.filter(pk=article.pk).update(**facts)
    if moved:
        search.index(moved)


def _write_versions(run: ImportRun, readings: Sequence[Reading], found: dict[str, Standing]) -> None:
    """Keep the bytes of every file that became, or belongs to, an article; bring known originals up to date."""
    by_key = {(r.sha256, path_hash(r.path)): r for r in readings if r.document is not None}
    fresh, changed = [], []
    for standing in found.values():
        before = {version.id: version for version in standing.stored}
        for version in standing.versions:
            if version.id is None:
                reading = by_key[version.sha256, version.path_sha256]
                fresh.append((standing.article_id, reading, version))
            elif before[version.id] != version:
                changed.append(version)
    demoted = [v.id for v in changed if not v.newest]
    if demoted:
        Original.objects.filter(pk__in=demoted, newest=True).update(newest=False)
    for version in changed:
        facts = {name: getattr(version, name) for name in FACTS}
        Original.objects.filter(pk=version.id).update(**facts)
    now = timezone.now()
    insert_rows(
        Original,
        ("article", "run", "path", "size", "rules_version", "imported_at", "bytes", *FACTS),
        (
            (pk, run.pk, one.path, one.size, RULES_VERSION, now, one.compressed, *(getattr(version, f) for f in FACTS))
            for pk, one, version in fresh
        ),
    )
    copied = [one for one in found.values() if sum(v.sha256 == one.newest.sha256 for v in one.versions) > 1]
    _number_by_chosen([standing.article_id for standing in copied])
    shas = {r.sha256 for r in readings if r.document is not None} - {version.sha256 for _, _, version in fresh}
    if shas:
        Original.objects.filter(sha256__in=shas).exclude(rules_version=RULES_VERSION).update(
            rules_version=RULES_VERSION
        )


def _number_by_chosen(articles: Sequence[int]) -> None:
    """Of several files with the bytes of an article, the one that is called newest gives it the archive's number.

    No statement for no article.
    """
    rows = Original.objects.filter(article__in=articles, newest=True) if articles else Original.objects.none()
    for pk, path, before in rows.values_list("article_id", "path", "article__archive_id"):
        if before != archive_id_of(path):
            Article.objects.filter(pk=pk).update(archive_id=archive_id_of(path))


def _write_copies(run: ImportRun, copies: list[Entry]) -> None:
    """Known bytes at new paths: each path keeps its own row, so that the archive can be written back whole."""
    if not copies:
        return
    known = Original.objects.filter(sha256__in={e.sha256 for e in copies}).order_by("newest")
    like = {original.sha256: original for original in known}
    rows = {}
    for entry in copies:
        first = like[entry.sha256]
        hashed = path_hash(entry.path)
        facts = {name: getattr(first, name) for name in VERSION_FIELDS if name not in ("id", "newest", "waiting")}
        facts["path_sha256"] = hashed
        rows[hashed, entry.sha256] = Original(
            article_id=first.article_id,
            run=run,
            path=entry.path,
            size=first.size,
            rules_version=first.rules_version,
            bytes=first.bytes,
            **facts,
        )
    Original.objects.bulk_create(rows.values(), ignore_conflicts=True)
    for article_id, sha in {(original.article_id, original.sha256) for original in like.values() if original.newest}:
        mine = Original.objects.filter(article=article_id, sha256=sha)
        chosen = mine.order_by("path_sha256").values_list("pk", flat=True)[0]  # as Standing.settle does
        mine.filter(newest=True).exclude(pk=chosen).update(newest=False)
        mine.filter(pk=chosen).update(newest=True)
    _number_by_chosen([original.article_id for original in like.values() if original.newest])
