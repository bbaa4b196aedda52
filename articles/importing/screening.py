"""Keeps out of imports what is taken down: by its address, its bytes, its text, or a text that is nearly its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from django.db.models import Q

from articles.ingest import likeness
from articles.ingest.batch import Reading
from articles.models import Block, TakeDown, block_key

TAKEN_DOWN = "taken_down"
NEARLY = 0.6  # of the wording, estimated within 0.06: some sentences changed, cut or added make no other text
Kind = Block.Kind
Fielded = TypeVar("Fielded")


def screened(entries: Sequence[Fielded]) -> list[Fielded]:
    """The entries of a batch, with a refusal in the place of each reading that a take-down keeps out.

    One statement when nothing is taken down, two otherwise, whatever the numbers.
    """
    blocks = TakeDown.objects.begun().filter(blocks__isnull=False)
    readings = [entry.reading for entry in entries if entry.reading is not None and entry.reading.document is not None]
    if not readings or not blocks.exists():
        return list(entries)
    refusals = _refusals(readings)
    return [replace(entry, reading=refusals.get(id(entry.reading), entry.reading)) for entry in entries]


def _refusals(readings: Iterable[Reading]) -> dict[int, Reading]:
    """Refusals by identity of the reading that each stands for."""
    wanted = {id(reading): _facts(reading) for reading in readings}
    keys = {key for facts in wanted.values() for key in facts}
    blocks = Block.objects.filter(Q(key__in=keys) | Q(kind=Kind.BEGINNING), take_down__in=TakeDown.objects.begun())
    by_key, beginnings = defaultdict(list), []
    for block in blocks.select_related("take_down").order_by("pk"):
        (beginnings if block.kind == Kind.BEGINNING else by_key[block.key]).append(block)
    refusals = {}
    for reading in readings:
        found = _found(reading, wanted[id(reading)], by_key, beginnings)
        if found is not None:
            refusals[id(reading)] = refused(reading, found)
    return refusals


def _facts(reading: Reading) -> dict[int, str]:
    """Keys under which a block of this reading would be found, each with what kind it is."""
    values = {Kind.ADDRESS: reading.document.address_key, Kind.BYTES: reading.sha256, Kind.TEXT: reading.text_sha256}
    facts = {block_key(kind, value): str(kind) for kind, value in values.items() if value}
    return facts | dict.fromkeys(likeness.bands(reading.signature), str(Kind.LIKENESS))


def _found(reading: Reading, facts: dict[int, str], by_key: dict[int, list], beginnings: list[Block]) -> Block | None:
    """The first block that really is of this reading."""
    address = reading.document.address_key or ""
    known = (reading.document.canonical_url or "").partition("://")[2].removeprefix("www.")
    for block in beginnings:
        if address.startswith(block.value) or known.startswith(block.value):
            return block
    values = {address, reading.sha256, reading.text_sha256}
    for key, kind in facts.items():
        for block in by_key.get(key, ()):
            if block.kind != kind:
                continue
            if kind != Kind.LIKENESS and block.value in values:
                return block
            if kind == Kind.LIKENESS and _is_near(reading.signature, block.value):
                return block
    return None


def _is_near(signature: bytes, kept: str) -> bool:
    return likeness.estimate(signature, bytes.fromhex(kept)) >= NEARLY


REASONS = {
    Kind.ADDRESS: "its address",
    Kind.BEGINNING: "the beginning of its address",
    Kind.BYTES: "its bytes",
    Kind.TEXT: "its text",
    Kind.LIKENESS: "a text that is nearly the same",
}


def refused(reading: Reading, block: Block) -> Reading:
    """The reading as a refusal that names the take-down."""
    until = f" until {block.take_down.ends_at:%Y-%m-%d %H:%M} UTC" if block.take_down.ends_at else ""
    reason = f"Taken down ({block.take_down.reference}){until}, known by {REASONS[block.kind]}: it stays out."
    return Reading(reading.path, reading.sha256, reading.size, code=TAKEN_DOWN, reason=reason)
