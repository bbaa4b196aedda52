"""Keeps the signatures of texts, and pairs those that are much alike; within the caller's transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from articles.ingest import likeness
from articles.ingest.batch import text_hash
from articles.ingest.text import fold
from articles.likeness.terms import learn
from articles.models import Article, ArticleMerge, Band, PossibleDuplicate, Signature
from articles.models.rows import insert_rows, write_rows

PROMISING = 0.28  # estimated; below it the exact share is not looked at
ALIKE = 0.4  # of the wording; texts that have nothing to do with each other share 1 %
CROWD = 50  # articles that share a band: what so many have in common is boilerplate, or a pair of them is known
MOST_PAIRS = 5  # of an article that comes, the most alike
BATCH = 200  # articles a transaction where all are looked at
FOUND_BY_US = (PossibleDuplicate.Reason.TEXT, PossibleDuplicate.Reason.ALIKE)


def write_imported(rows: Iterable[tuple[int, str, bytes]], *, new: bool) -> dict[int, int]:
    """Keep (article, hash of its text, signature) and pair these articles with any that are alike.

    `new` says that nothing is kept of them yet. Returns a partner with the very same text for each article that has
    one. Four statements, three more where something is alike, two more when not `new`.
    """
    rows = list(rows)
    if not rows:
        return {}
    if not new:
        numbers = [pk for pk, _, _ in rows]
        Band.objects.filter(article__in=numbers).delete()
        Signature.objects.filter(article__in=numbers).delete()
        mine = Q(article__in=numbers) | Q(other__in=numbers)
        PossibleDuplicate.objects.filter(mine, reason__in=FOUND_BY_US, verdict=PossibleDuplicate.Verdict.OPEN).delete()
    insert_rows(Signature, ("article", "values", "has_terms"), ((pk, kept, False) for pk, _, kept in rows))
    bands = {pk: likeness.bands(kept) for pk, _, kept in rows}
    write_rows(Band._meta.db_table, ("key", "article_id"), [(key, pk) for pk, keys in bands.items() for key in keys])
    same = _of_same_text({pk: text for pk, text, _ in rows if text})
    found = dict.fromkeys(same, 100) | _much_alike({pk: kept for pk, _, kept in rows}, bands, set(same))
    _keep(found, set(same))
    partners: dict[int, int] = {}
    for one, other in sorted(same):
        partners.setdefault(one, other)
        partners.setdefault(other, one)
    return partners


def _of_same_text(hashes: dict[int, str]) -> set[tuple[int, int]]:
    """Pairs of which one is among these, and whose texts are equal; one statement."""
    alike = defaultdict(list)
    equal = Article.objects.filter(text_sha256__in=set(hashes.values())).order_by("pk")
    for text, pk in equal.values_list("text_sha256", "pk"):
        alike[text].append(pk)
    return {
        (min(pk, other), max(pk, other)) for pk, text in hashes.items() for other in alike[text][:CROWD] if other != pk
    }


def _much_alike(
    kept: dict[int, bytes], bands: dict[int, list[int]], known: set[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """Pairs of which one is among these with the share of wording that both have, per cent. One to three statements."""
    crowds = defaultdict(list)
    keys = {key for mine in bands.values() for key in mine}
    for key, pk in Band.objects.filter(key__in=keys).values_list("key", "article_id"):
        crowds[key].append(pk)
    pairs = {
        (min(pk, other), max(pk, other))
        for pk, mine in bands.items()
        for key in mine
        if len(crowds[key]) <= CROWD
        for other in crowds[key]
        if other != pk
    } - known
    others = {pk for pair in pairs for pk in pair} - kept.keys()
    if others:
        kept = kept | dict(Signature.objects.filter(pk__in=others).values_list("pk", "values"))
    about = {pair: likeness.estimate(*(kept.get(pk, b"") for pk in pair)) for pair in pairs}
    promising = _nearest({pair: share for pair, share in about.items() if share >= PROMISING}, bands.keys())
    if not promising:
        return {}
    texts = Article.objects.filter(pk__in={pk for pair in promising for pk in pair}).values_list("pk", "text")
    wording = {pk: likeness.shingles(fold(text)) for pk, text in texts.iterator(chunk_size=50)}
    shares = {(one, other): likeness.likeness(wording[one], wording[other]) for one, other in promising}
    return {pair: min(99, round(share * 100)) for pair, share in shares.items() if share >= ALIKE}


def _nearest(about: dict[tuple[int, int], float], new: Collection[int]) -> list[tuple[int, int]]:
    """Of each new article its most promising pairs: nobody wants to judge each with each of twenty copies."""
    taken: Counter[int] = Counter()
    chosen = []
    for pair in sorted(about, key=lambda pair: (-about[pair], pair)):
        if any(pk in new and taken[pk] < MOST_PAIRS for pk in pair):
            taken.update(pair)
            chosen.append(pair)
    return chosen


def _keep(found: dict[tuple[int, int], int], same: set[tuple[int, int]]) -> None:
    """Offer pairs to an editor, but for those that are known or already judged, and articles that are merged."""
    if not found:
        return
    numbers = {pk for pair in found for pk in pair}
    merged = set(ArticleMerge.objects.filter(article__in=numbers, undone_at=None).values_list("article_id", flat=True))
    PossibleDuplicate.objects.bulk_create(
        (
            PossibleDuplicate(
                article_id=one,
                other_id=other,
                likeness=share,
                reason=PossibleDuplicate.Reason.TEXT if (one, other) in same else PossibleDuplicate.Reason.ALIKE,
            )
            for (one, other), share in sorted(found.items())
            if not {one, other} & merged
        ),
        ignore_conflicts=True,
    )


def _rows_of(articles: Iterable[int]) -> list[tuple[int, str, bytes]]:
    rows = []
    for pk, text in Article.objects.filter(pk__in=articles).order_by("pk").values_list("pk", "text"):
        folded = fold(text)
        rows.append((pk, text_hash(folded), likeness.signature(folded)))
    return rows


def note(articles: Iterable[int]) -> None:
    """After a person's save: bring signatures, pairs and terms of articles up to date; a dozen statements."""
    rows = _rows_of(articles)
    known = {pk: bytes(kept) for pk, kept in Signature.objects.filter(pk__in=articles).values_list("pk", "values")}
    changed = [row for row in rows if known.get(row[0]) != row[2]]
    if changed:
        for pk, text, _ in changed:
            Article.objects.filter(pk=pk).update(text_sha256=text)
        write_imported(changed, new=False)
    learn([pk for pk, _, _ in rows])


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the signatures, in numbers."""

    missing: int = 0
    stale: int = 0
    without_terms: int = 0

    @property
    def any(self) -> bool:
        """Whether a pair, or an article on the same subject, could be missed."""
        return bool(self.missing or self.stale or self.without_terms)


def _faulty() -> Iterator[tuple[list[tuple[int, str, bytes]], int]]:
    """Batch by batch the rows that are missing or stale, and how many of them are missing."""
    last = 0
    while pks := list(Article.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = pks[-1]
        known = {pk: bytes(kept) for pk, kept in Signature.objects.filter(pk__in=pks).values_list("pk", "values")}
        rows = [row for row in _rows_of(pks) if known.get(row[0]) != row[2]]
        yield rows, sum(pk not in known for pk, _, _ in rows)


def check() -> Faults:
    """Compare every article's text with its signature; changes nothing."""
    missing = stale = 0
    for rows, absent in _faulty():
        missing, stale = missing + absent, stale + len(rows) - absent
    return Faults(missing, stale, Signature.objects.filter(has_terms=False).count())


def fill() -> int:
    """Make the signatures that are missing or stale, batch by batch, with their pairs; returns their number."""
    made = 0
    for rows, _ in _faulty():
        with transaction.atomic():
            write_imported(rows, new=False)
        made += len(rows)
    return made
