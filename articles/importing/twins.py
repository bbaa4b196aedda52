"""Has the same bytes read once, however many files of the batches in hand have them: cleaning is what costs."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from articles.ingest import renamed, source_by_name
from articles.ingest.batch import Job, Reading

Key = tuple[str, str]


def key_of(job: Job) -> Key:
    """Equal for files of which one reading fits all, but for their names."""
    return job.sha256, source_by_name(job.name, job.default_source)


@dataclass(slots=True)
class _Batch:
    """One batch in hand: its keys, those that an earlier batch reads, and those that a later one has asked it for."""

    jobs: Sequence[Job]
    keys: set[Key] = field(default_factory=set)
    elsewhere: dict[Key, _Batch] = field(default_factory=dict)
    wanted: dict[Key, Reading | None] = field(default_factory=dict)


class Twins:
    """Remembers the keys of the batches in hand, and no reading but those that a later one of them needs.

    Batches come back in the order in which they went. What has come back is stored before the next batch is looked
    at, and known by its bytes then.
    """

    def __init__(self) -> None:
        self.in_hand: collections.deque[_Batch] = collections.deque()

    def first_of(self, jobs: Sequence[Job]) -> list[Job]:
        """Those of a batch that must be read: the first of each key that no batch in hand has."""
        batch = _Batch(jobs)
        first = []
        for job in jobs:
            key = key_of(job)
            if key in batch.keys:
                continue
            batch.keys.add(key)
            holder = next((other for other in self.in_hand if key in other.keys), None)
            if holder is None:
                first.append(job)
            else:
                batch.elsewhere[key] = holder
                holder.wanted[key] = None
        self.in_hand.append(batch)
        return first

    def all_of(self, readings: Sequence[Reading]) -> list[Reading]:
        """The readings of the whole batch whose turn it is, from those of `first_of`."""
        batch = self.in_hand.popleft()
        known: dict[Key, Reading] = {key: holder.wanted[key] for key, holder in batch.elsewhere.items()}
        fresh = iter(readings)
        told = []
        for job in batch.jobs:
            key = key_of(job)
            if key not in known:
                known[key] = next(fresh)
            told.append(_named(known[key], job))
        batch.wanted = {key: known[key] for key in batch.wanted}
        batch.jobs, batch.elsewhere = (), {}  # a later batch that holds this one would hold all before it as well
        return told


def _named(reading: Reading, job: Job) -> Reading:
    """The same reading of a file of another name."""
    if reading.path == job.path and (reading.document is None or reading.document.name == job.name):
        return reading
    document = reading.document and renamed(reading.document, job.name)
    return replace(reading, path=job.path, document=document)
