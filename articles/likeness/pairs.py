"""Keeps the signatures of texts, and pairs those that are much alike; within the caller's transaction."""

from __future__ import annotations

import itertools
import operator
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Q

from articles.ingest import likeness
from articles.ingest.batch import text_hash
from articles.ingest.text import fold
from articles.models import Article, ArticleMerge, Band, PossibleDuplicate, Signature
from articles.models.rows import among, insert_rows, write_rows

PROMISING = 0.28  # estimated; below it the exact share is not looked at
ALIKE = 0.4  # of the wording; texts that have nothing to do with each other share 1 %
CROWD = 50  # articles that share a band: what so many have in common is boilerplate, or a pair of them is known
MOST_PAIRS = 5  # of an article that comes, the most alike
BATCH = 200  # articles a transaction where all are looked at
TEXTS = 100  # held at a time to be compared
AT_ONCE = 5000  # values that a statement asks for
FOUND_BY_US = (PossibleDuplicate.Reason.TEXT, PossibleDuplicate.Reason.ALIKE)


def keep_signatures(rows: Iterable[tuple[int, str, bytes]], *, new: bool) -> dict[int, int]:
    """Keep (article, hash of its text, signature) and pair these articles with any that have the very same text; the
    rest is learned later.

    `new` says that nothing is kept of them yet. Returns a partner for each article that has one. Two statements, three
    more where texts are the same, three more when not `new`.
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
    same = _of_same_text({pk: text for pk, text, _ in rows if text})
    _keep(dict.fromkeys(same, 100), PossibleDuplicate.Reason.TEXT)
    partners: dict[int, int] = {}
    for one, other in sorted(same):
        partners.setdefault(one, other)
        partners.setdefault(other, one)
    return partners


def pair(signatures: dict[int, bytes], rows: list[tuple[int, int]]) -> None:
    """Keep the bands (key, article) of new signatures, and pair their articles with any that are much alike.

    Three statements, six more where something may be alike.
    """
    Band.objects.filter(article__in=signatures).delete()
    write_rows(Band._meta.db_table, ("key", "article_id"), rows)
    _keep(_much_alike(signatures, rows), PossibleDuplicate.Reason.ALIKE)


def pair_again(articles: Iterable[int]) -> None:
    """Pair articles that were written anew outside of an import, which nothing that waits follows; their terms wait.

    Five statements, six more where something may be alike.
    """
    new = Signature.objects.filter(pk__in=articles, has_terms=False)
    kept = {pk: bytes(values) for pk, values in new.values_list("pk", "values")}
    if kept:
        pair(kept, sorted((key, pk) for pk, values in kept.items() for key in likeness.bands(values)))


def _of_same_text(hashes: dict[int, str]) -> set[tuple[int, int]]:
    """Pairs of which one is among these, and whose texts are equal; one statement."""
    alike = defaultdict(list)
    equal = Article.objects.filter(text_sha256__in=set(hashes.values())).order_by("pk")
    for text, pk in equal.values_list("text_sha256", "pk"):
        alike[text].append(pk)
    return {
        (min(pk, other), max(pk, other)) for pk, text in hashes.items() for other in alike[text][:CROWD] if other != pk
    }


def _much_alike(kept: dict[int, bytes], rows: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Pairs of which one is among these with the share of wording that both have, per cent."""
    crowds = _crowds(sorted({key for key, _ in rows}))
    pairs = {(min(pk, other), max(pk, other)) for key, pk in rows for other in crowds.get(key, ()) if other != pk}
    if not pairs:
        return {}
    known = PossibleDuplicate.objects.filter(Q(article__in=kept) | Q(other__in=kept))
    pairs -= set(known.values_list("article_id", "other_id"))
    others = sorted({pk for pair in pairs for pk in pair} - kept.keys())
    signatures = dict(kept)
    for start in range(0, len(others), AT_ONCE):
        beside = Signature.objects.filter(pk__in=others[start : start + AT_ONCE])
        signatures.update(beside.values_list("pk", "values"))
    about = {pair: likeness.estimate(*(signatures.get(pk, b"") for pk in pair)) for pair in pairs}
    shares = _shares(_nearest({pair: share for pair, share in about.items() if share >= PROMISING}, kept.keys()))
    return {pair: min(99, round(share * 100)) for pair, share in shares.items() if share >= ALIKE}


def _crowds(keys: list[int]) -> dict[int, list[int]]:
    """The articles of each band that several share, and no crowd; one statement, whose values are given as one."""
    are_these, given = among(keys)
    shared = f"SELECT key FROM articles_band WHERE key {are_these} GROUP BY key HAVING count(*) BETWEEN 2 AND %s"  # noqa: S608
    crowds = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, article_id FROM articles_band WHERE key IN ({shared})",  # noqa: S608
            [given, CROWD],
        )
        for key, pk in cursor.fetchall():
            crowds[key].append(pk)
    return crowds


def _shares(pairs: list[tuple[int, int]]) -> dict[tuple[int, int], float]:
    """The share of wording that each pair has in common. One statement for each 100 texts, of which 1 MB is held."""
    shares: dict[tuple[int, int], float] = {}
    pairs = sorted(pairs)
    for start in range(0, len(pairs), TEXTS // 2):
        few = pairs[start : start + TEXTS // 2]
        texts = dict(Article.objects.filter(pk__in={pk for pair in few for pk in pair}).values_list("pk", "text"))
        for one, mine in itertools.groupby(few, key=operator.itemgetter(0)):
            wording = likeness.shingles(fold(texts[one]))
            for pair in mine:
                shares[pair] = likeness.likeness(wording, likeness.shingles(fold(texts[pair[1]])))
    return shares


def _nearest(about: dict[tuple[int, int], float], new: Collection[int]) -> list[tuple[int, int]]:
    """Of each new article its most promising pairs: nobody wants to judge each with each of twenty copies."""
    taken: Counter[int] = Counter()
    chosen = []
    for pair in sorted(about, key=lambda pair: (-about[pair], pair)):
        if any(pk in new and taken[pk] < MOST_PAIRS for pk in pair):
            taken.update(pair)
            chosen.append(pair)
    return chosen


def _keep(found: dict[tuple[int, int], int], reason: PossibleDuplicate.Reason) -> None:
    """Offer pairs to an editor, but for those that are known or already judged, and articles that are merged."""
    if not found:
        return
    numbers = {pk for pair in found for pk in pair}
    merged = set(ArticleMerge.objects.filter(article__in=numbers, undone_at=None).values_list("article_id", flat=True))
    PossibleDuplicate.objects.bulk_create(
        (
            PossibleDuplicate(article_id=one, other_id=other, likeness=share, reason=reason)
            for (one, other), share in sorted(found.items())
            if not {one, other} & merged
        ),
        ignore_conflicts=True,
    )


def rows_of(articles: Iterable[int]) -> list[tuple[int, str, bytes]]:
    """(Article, hash of its text, signature) as they should be; one statement."""
    rows = []
    for pk, text in Article.objects.filter(pk__in=articles).order_by("pk").values_list("pk", "text"):
        folded = fold(text)
        rows.append((pk, text_hash(folded), likeness.signature(folded)))
    return rows


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
        rows = [row for row in rows_of(pks) if known.get(row[0]) != row[2]]
        yield rows, sum(pk not in known for pk, _, _ in rows)


def check() -> Faults:
    """Compare every article's text with its signature; changes nothing."""
    missing = stale = 0
    for rows, absent in _faulty():
        missing, stale = missing + absent, stale + len(rows) - absent
    return Faults(missing, stale, Signature.objects.filter(has_terms=False).count())


def fill() -> int:
    """Make the signatures that are missing or stale, batch by batch; returns their number. `learn` follows."""
    made = 0
    for rows, _ in _faulty():
        with transaction.atomic():
            keep_signatures(rows, new=False)
        made += len(rows)
    return made
