"""Takes in what is dropped into a folder: whole files only, one watcher at a time, nothing ever deleted.

A file is moved away only after its record is written, so that a kill at any moment leaves it where it was: the next
look takes it once more and finds its bytes known.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils import timezone

from articles import archives
from articles.importing.batches import Options, import_all
from articles.importing.runs import BAD, finish_run
from articles.importing.steering import start_run, wish_of
from articles.importing.storing import Outcome
from articles.ingest import LIMIT
from articles.models import ImportFile, ImportRun, Result

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

DONE, REFUSED = "done", "refused"
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", "~")
LOCK = ".newsroom-watch.lock"
SETTLED = 5.0  # seconds without a change, at two looks, after which a file counts as whole
GIVEN_UP = 600.0  # seconds after which an archive that cannot be read to its end is taken as it is, and refused
LISTED = 50  # files of an archive that a note names
Look = tuple[int, int, int]  # of a file: inode, size, time of change


class Occupied(Exception):
    """Another watcher is at work in this folder."""


@dataclass
class Watcher:
    """Looks into a folder again and again; remembers what it saw, since a file is whole when it no longer changes."""

    folder: str
    options: Options = field(default_factory=lambda: Options(jobs=1))
    settled: float = SETTLED
    seen: dict[str, tuple[Look, float]] = field(default_factory=dict)

    def look(self, keep_on: Callable[[], bool] = lambda: True) -> ImportRun | None:
        """Take in what is whole, in one run; None when there is nothing. Raises Occupied, and OSError."""
        with occupied(self.folder):
            whole = self._whole()
            return take_in(self.folder, whole, self.options, keep_on) if whole else None

    def _whole(self) -> list[str]:
        now = time.monotonic()
        looks = dict(_looks(self.folder))
        self.seen = {
            path: self.seen[path] if path in self.seen and self.seen[path][0] == look else (look, now)
            for path, look in looks.items()
        }
        settled = [path for path, (_, since) in self.seen.items() if now - since >= self.settled]
        return [path for path in settled if _is_whole(os.path.join(self.folder, path), looks[path])]


@contextlib.contextmanager
def occupied(folder: str) -> Iterator[None]:
    """Hold the folder; the system lets go of it when this process dies, however it does. Raises Occupied."""
    if fcntl is None:
        raise OSError("This system has no file locks: let one of another kind watch the folder.")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, LOCK), "ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Occupied from error
        yield


def _looks(folder: str, below: str = "") -> Iterator[tuple[str, Look]]:
    """Files that were dropped, by path below the folder, in order."""
    with os.scandir(os.path.join(folder, below)) as scan:
        entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        path = os.path.join(below, entry.name)
        if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
            continue
        if entry.is_dir(follow_symlinks=False):
            if below or entry.name not in (DONE, REFUSED):
                yield from _looks(folder, path)
            continue
        with contextlib.suppress(FileNotFoundError):  # taken back this very moment
            status = entry.stat(follow_symlinks=False)
            yield path, (status.st_ino, status.st_size, status.st_mtime_ns)


def _is_whole(place: str, look: Look) -> bool:
    """Whether an archive can be read to its end; anything else is whole when it has settled."""
    if not archives.is_archive_name(place) or not stat.S_ISREG(os.lstat(place).st_mode):
        return True
    if time.time() - look[2] / 1e9 > GIVEN_UP:
        return True
    try:
        if place.lower().endswith(archives.ZIP_SUFFIXES):
            with archives.open_zip(place):
                return True
        with archives.open_tar(place) as archive:
            while archive.next() is not None:
                archive.members.clear()  # or it would remember every one
        return True
    except archives.BROKEN:
        return False


def take_in(folder: str, paths: list[str], options: Options, keep_on: Callable[[], bool]) -> ImportRun:
    """Import dropped files in one run, and move each away, with a note beside it, when its record is written."""

    def going() -> bool:
        return keep_on() and not wish_of(run)

    run = start_run({"inbox": os.path.abspath(folder), "source": options.default_source, "publish": options.publish})
    wanted = 0
    try:
        single = [path for path in paths if not archives.is_archive_name(path)]
        articles = {archives.readable(path): path for path in single if archives.is_article_name(path)}
        found = [one for path in articles.values() for one in _found(folder, path)]
        for outcomes in import_all(run, found, options, going):
            wanted += sum(outcome.images_wanted for outcome in outcomes)
            for outcome in outcomes:
                _move(folder, articles[outcome.path], run, [outcome])
        for path in paths:
            if not going():
                break
            if archives.is_archive_name(path):
                wanted += _take_archive(run, folder, path, options)
            elif path in single and not archives.is_article_name(path):
                _move(folder, path, run, [])
    except BaseException:
        finish_run(run, ImportRun.State.INTERRUPTED, images_wanted=wanted)
        raise
    return finish_run(run, ImportRun.State.FINISHED, images_wanted=wanted)


def _found(folder: str, path: str) -> list[archives.Found]:
    below = os.path.dirname(path)
    place = os.path.join(folder, path)
    with contextlib.suppress(FileNotFoundError):  # somebody took it back
        return list(archives.find(place, limit=LIMIT, below=archives.readable(below + "/" if below else "")))
    return []


def _take_archive(run: ImportRun, folder: str, path: str, options: Options) -> int:
    """Import all of an archive, whatever is asked meanwhile: half of one cannot be moved away."""
    place = os.path.join(folder, path)
    told: list[Outcome] = []
    counts: Counter = Counter()
    wanted = 0
    for outcomes in import_all(run, archives.find(place, limit=LIMIT), options):
        counts.update(outcome.result for outcome in outcomes)
        told += [outcome for outcome in outcomes if outcome.result in BAD]
        wanted += sum(outcome.images_wanted for outcome in outcomes)
    _move(folder, path, run, told, counts)
    return wanted


def _move(folder: str, path: str, run: ImportRun, outcomes: list[Outcome], counts: Counter | None = None) -> None:
    """Move a file to done/<date>/ or refused/<date>/, never over another, and write beside it what became of it."""
    bad = [outcome for outcome in outcomes if outcome.result in BAD]
    nothing = not outcomes and not counts
    target = os.path.join(folder, REFUSED if bad or nothing else DONE, f"{timezone.localdate():%Y-%m-%d}", path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    target, before = _free(target), os.path.join(folder, path)
    with contextlib.suppress(FileNotFoundError):  # somebody took it back
        os.rename(before, target)
        _write_note(f"{target}.txt", _note(run, outcomes, counts, nothing))
    before, now = os.path.abspath(before), os.path.abspath(target)
    for outcome in bad:  # so that a retry finds it
        if outcome.location.startswith(before):
            place = now + outcome.location[len(before) :]
            ImportFile.objects.filter(run=run, path=outcome.path, location=outcome.location).update(location=place)


def _free(place: str) -> str:
    """A name that is free with its note."""
    stem, suffix = os.path.splitext(place)
    candidate, number = place, 1
    while os.path.lexists(candidate) or os.path.lexists(f"{candidate}.txt"):
        number += 1
        candidate = f"{stem} ({number}){suffix}"
    return candidate


def _note(run: ImportRun, outcomes: list[Outcome], counts: Counter | None, nothing: bool) -> str:
    lines = [f"Import {run.pk}, {timezone.localtime():%Y-%m-%d %H:%M:%S}"]
    if nothing:
        lines.append("No article: files of this kind are not imported. Take it out of the folder.")
    if counts is not None:
        lines += [f"{number} × {Result(result).value}" for result, number in sorted(counts.items())]
    for outcome in outcomes[:LISTED]:
        article = f", article {outcome.article_id}" if outcome.article_id else ""
        code = f" ({outcome.code})" if outcome.code else ""
        lines.append(f"{outcome.path}: {Result(outcome.result).value}{code}{article}")
        if outcome.reason:
            lines.append(f"    {outcome.reason}")
    if len(outcomes) > LISTED:
        lines.append(f"… and {len(outcomes) - LISTED} more; all are listed in the admin, at import {run.pk}.")
    if any(outcome.result in BAD for outcome in outcomes):
        lines.append("Mend what is named here, and drop it into the folder again.")
    return "\n".join(lines) + "\n"


def _write_note(place: str, text: str) -> None:
    part = f"{place}.part"
    with open(part, "w", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(text)
    os.replace(part, place)
