"""What stands at each address, and which articles go along when better rules give known bytes another one.

Without that, such bytes would make a second article, or be refused by the database for the sake of the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from articles.importing.deciding import Standing, Version
from articles.ingest import RULES_VERSION, Document
from articles.models import Article, Original

VERSION_FIELDS = (
    "sha256",
    "path_sha256",
    "fullness",
    "archived_at",
    "published_at",
    "published_precision",
    "published_from",
    "text_length",
    "content_sha256",
    "newest",
    "waiting",
    "id",
)
Fielded = TypeVar("Fielded")


def standings(keys: Sequence[str]) -> dict[str, Standing]:
    """What is known of each address key; two statements."""
    found = {key: Standing() for key in keys}
    by_pk = {}
    for pk, key, edited in Article.objects.filter(address_key__in=keys).values_list("pk", "address_key", "edited_at"):
        found[key].article_id = pk
        found[key].edited = edited is not None
        by_pk[pk] = found[key]
    rows = Original.objects.filter(article__in=by_pk).order_by("pk").values_list("article_id", *VERSION_FIELDS)
    for pk, *facts in rows:
        by_pk[pk].versions.append(Version(**dict(zip(VERSION_FIELDS, facts, strict=True))))
    for standing in by_pk.values():
        standing.stored = tuple(standing.versions)
    return found


@dataclass(slots=True)
class Holder:
    """An article that has bytes, or the address, of a file that today's rules give another address key."""

    pk: int
    key: str
    canonical_url: str | None
    edited: bool
    is_read: bool = False  # the bytes that it was made from are among those of the batch
    by_newest: str = ""  # their key, when it is another
    by_older: str = ""  # the key of other bytes of it
    by_address: str = ""  # the key of its own canonical address


@dataclass(slots=True)
class Holders:
    """The holders of a batch by number, and which of them have which bytes."""

    by_pk: dict[int, Holder] = field(default_factory=dict)
    of_bytes: dict[str, list[Holder]] = field(default_factory=lambda: defaultdict(list))

    def meet(self, pk: int, key: str, canonical_url: str | None, edited_at) -> Holder:
        """The one holder of this number."""
        return self.by_pk.setdefault(pk, Holder(pk, key, canonical_url, edited_at is not None))


def at_home(
    entries: Sequence[Fielded],
    memory: Mapping[str, Standing] | None = None,
    moved: Mapping[int, str] | None = None,
) -> tuple[list[Fielded], dict[int, tuple[str, str]]]:
    """The entries of a batch, and the articles that go along with their bytes: number -> the key before, and after.

    Edited articles go along as others do. An article that cannot (another one has that address) stays where it is, and
    the bytes it has stay with it. `memory` and `moved` are what a dry run has found so far, by key and by number. Two
    statements, up to two more when a key has changed.
    """
    documents = {e.reading.sha256: e.reading.document for e in entries if e.reading and e.reading.document}
    holders = _holders(documents, moved or {})
    moves = _moves(holders, memory or {})
    homes = {}
    for sha, mine in holders.of_bytes.items():
        document = documents[sha]
        keys = {holder.pk: moves[holder.pk][1] if holder.pk in moves else holder.key for holder in mine}
        if document.address_key not in keys.values():
            first = min(mine, key=lambda holder: holder.pk)
            address = first.canonical_url or document.canonical_url
            homes[sha] = replace(document, address_key=keys[first.pk], canonical_url=address)
    return [_rehoused(entry, homes) for entry in entries], moves


def _rehoused(entry: Fielded, homes: Mapping[str, Document]) -> Fielded:
    if entry.reading is None or entry.reading.document is None or entry.reading.sha256 not in homes:
        return entry
    return replace(entry, reading=replace(entry.reading, document=homes[entry.reading.sha256]))


def _holders(documents: Mapping[str, Document], moved: Mapping[int, str]) -> Holders:
    """Who has these bytes or these addresses; of holders by address alone, only those whose key is another."""
    holders = Holders()
    facts = ("article_id", "article__address_key", "article__canonical_url", "article__edited_at")
    rows = Original.objects.filter(sha256__in=documents).order_by("pk").values_list("sha256", "newest", *facts)
    for sha, newest, pk, key, *rest in rows:
        holder, wanted = holders.meet(pk, moved.get(pk, key), *rest), documents[sha].address_key
        holders.of_bytes[sha].append(holder)
        holder.is_read = holder.is_read or newest
        if wanted != holder.key:
            holder.by_newest = wanted if newest else holder.by_newest
            holder.by_older = holder.by_older or wanted
    keys = {document.canonical_url: document.address_key for document in documents.values()}
    rows = Article.objects.filter(canonical_url__in=keys, address_key__isnull=False)
    for pk, key, address, edited_at in rows.values_list("pk", "address_key", "canonical_url", "edited_at"):
        if moved.get(pk, key) != keys[address]:
            holders.meet(pk, moved.get(pk, key), address, edited_at).by_address = keys[address]
    return holders


def _moves(holders: Holders, memory: Mapping[str, Standing]) -> dict[int, tuple[str, str]]:
    """Which holders get another key: the one who has the very address first, then who is edited, then the oldest."""
    odd = [h for h in holders.by_pk.values() if h.by_newest or h.by_older or h.by_address]
    if not odd:
        return {}
    # Older bytes speak for an article only until those it was made from have been read under today's rules.
    doubtful = [h.pk for h in odd if not (h.is_read or h.by_address)]
    read = Original.objects.filter(article__in=doubtful, newest=True, rules_version=RULES_VERSION)
    settled = {h.pk for h in odd if h.is_read} | set(read.values_list("article_id", flat=True) if doubtful else ())
    claims: dict[str, list[Holder]] = defaultdict(list)
    for holder in odd:
        wanted = holder.by_newest or holder.by_address or ("" if holder.pk in settled else holder.by_older)
        if wanted and wanted != holder.key:
            claims[wanted].append(holder)
    taken = _taken(claims, memory)
    moves = {}
    for key, claimants in claims.items():
        if key not in taken:
            first = min(claimants, key=lambda h: (h.by_address != key, not h.edited, h.pk))
            moves[first.pk] = (first.key, key)
    return moves


def _taken(keys: Collection[str], memory: Mapping[str, Standing]) -> set[str]:
    """Those of these keys that an article has, here or by what a dry run has found; one statement."""
    asked = [key for key in keys if key not in memory]
    here = set(Article.objects.filter(address_key__in=asked).values_list("address_key", flat=True))
    return here | {key for key in keys if key in memory and memory[key].exists}


def meet(memory: dict[str, Standing], keys: Sequence[str], moves: Mapping[int, tuple[str, str]]) -> list[str]:
    """For who keeps nothing: remember what stands at each address of a batch, articles that go along included.

    Returns the keys that were not known before. Two statements.
    """
    before = {new: old for old, new in moves.values()}
    new = [key for key in keys if key not in memory]
    asked = [before.get(key, key) for key in [*new, *(key for key in before if key not in new)]]
    found = standings([key for key in asked if key not in memory])
    for key in new:
        if key not in before:
            memory[key] = found[key]
    for key, old in before.items():
        memory[key] = memory[old] if old in memory else found[old]
    memory.update({old: Standing() for old in before.values() if old not in before})
    return new
