"""Says what an import would do, with nothing written: the same reading, the same decisions, the same words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from articles.archives import Found
from articles.importing.addresses import at_home, meet
from articles.importing.batches import Options, read_in_batches
from articles.importing.deciding import Standing
from articles.importing.screening import screened
from articles.importing.storing import Entry, Outcome, judge, known_outcome, same_text
from articles.importing.writing import LONGEST_ADDRESS, keys_of, wanted_by
from articles.ingest import Document
from articles.ingest.batch import Reading
from articles.models import Article, Image

CROWD = 50  # as many of one text are looked at
Place = tuple[int, int]  # (0, number) of a stored article, (1, turn) of one that would be made: in the order of numbers


def try_all(found: Iterable[Found], options: Options, keep_on=lambda: True) -> Iterator[list[Outcome]]:
    """What `import_all` would do, batch by batch; articles that would be made have no number.

    Remembers each address of the run (about 1 kB each), since a later file is judged by the earlier ones.
    """
    trial = Trial()
    for entries in read_in_batches(found, options, keep_on):
        yield trial.of_batch(entries)


class Trial:
    """The archive as it would stand after the batches so far."""

    def __init__(self) -> None:
        self.memory: dict[str, Standing] = {}
        self.moved: dict[int, str] = {}  # address keys of stored articles that would get another one, by number
        self.pictures: set[str] = set()
        self.texts: dict[str, str] = {}  # of what would be written, by address key
        self.keys: dict[str, set[str]] = defaultdict(set)  # the same the other way round
        self.places: dict[str, Place] = {}
        self.turn = 0

    def of_batch(self, entries: Sequence[Entry]) -> list[Outcome]:
        """How the files of a batch would end; eleven statements at most."""
        entries, moves = at_home(screened(entries), self.memory, self.moved)
        readings = [entry.reading for entry in entries if entry.reading is not None]
        keys = keys_of(readings)
        self._meet(keys, moves)
        stood = {key for key in keys if self.memory[key].exists}
        verdicts = iter(judge(readings, self.memory))
        winners = {key: self.memory[key].winner for key in keys if self.memory[key].winner}
        partners = self._partners(winners, stood)
        outcomes = []
        for entry in entries:
            if entry.reading is None:
                outcomes.append(known_outcome(entry))
                continue
            result, reason = next(verdicts)
            document = entry.reading.document
            key = document.address_key if document else None
            if key in partners and not reason:
                reason = same_text(partners[key])
            pk = self.memory[key].article_id if key else None
            outcomes.append(Outcome(entry.path, entry.sha256, result, pk, entry.reading.code, reason))
        if outcomes:
            wanted = self._wanted([reading.document for reading in winners.values()])
            outcomes[0] = replace(outcomes[0], images_wanted=wanted)
        for key in keys:
            self.memory[key] = replace(self.memory[key], winner=None)
        return outcomes

    def _meet(self, keys: Sequence[str], moves: dict[int, tuple[str, str]]) -> None:
        """Remember what stands at the addresses of a batch, and which articles go along to another one."""
        new = meet(self.memory, keys, moves)
        self.moved.update({pk: key for pk, (_, key) in moves.items()})
        known = {key: self.memory[key].article_id for key in [*new, *(key for _, key in moves.values())]}
        self.places.update({key: (0, pk) for key, pk in known.items() if pk is not None})

    def _partners(self, winners: dict[str, Reading], stood: set[str]) -> dict[str, str]:
        """For each address whose text another has: the first other, as `likeness` finds it after writing."""
        for key, reading in winners.items():
            self.keys[self.texts.get(key, "")].discard(key)
            self.texts[key] = reading.text_sha256
            self.keys[reading.text_sha256].add(key)
            if key not in self.places:
                self.turn += 1
                self.places[key] = (1, self.turn)
        alike = self._alike({reading.text_sha256 for reading in winners.values()} - {""})
        partners: dict[str, str] = {}
        for group in ([k for k in winners if k not in stood], [k for k in winners if k in stood]):
            pairs = {
                tuple(sorted(((self.places[key], key), other)))
                for key in group
                for other in alike[self.texts[key]][:CROWD]
                if other[1] != key
            }
            mine: dict[str, str] = {}
            for (_, one), (_, other) in sorted(pairs):
                mine.setdefault(one, other)
                mine.setdefault(other, one)
            partners |= mine
        return partners

    def _alike(self, texts: set[str]) -> dict[str, list[tuple[Place, str]]]:
        """Addresses by text, in the order of their articles' numbers; one statement."""
        alike = defaultdict(list)
        stored = Article.objects.filter(text_sha256__in=texts).values_list("text_sha256", "pk", "address_key")
        for text, pk, stored_key in stored:
            key = self.moved.get(pk, stored_key)
            if key not in self.texts:
                alike[text].append(((0, pk), key))
        for text in texts:
            alike[text] += [(self.places[key], key) for key in self.keys[text]]
        for found in alike.values():
            found.sort()
        return alike

    def _wanted(self, documents: list[Document]) -> int:
        """How many pictures nobody has wanted yet; they are wanted from now on."""
        new = {picture.src for document in documents for picture in wanted_by(document)} - self.pictures
        new = {address for address in new if len(address) <= LONGEST_ADDRESS}
        self.pictures |= new
        return len(new) - Image.objects.filter(origin_url__in=new).count()
