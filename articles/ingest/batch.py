"""Reads files in batches inside a worker process; knows no Django, so that a process starts quickly."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import hashlib
import json
import multiprocessing
import os
import signal
import sys
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from articles.ingest import Document, Unreadable, likeness, read
from articles.ingest.text import fold
from articles.ingest.vectors import with_vector
from articles.ingest.words import Runs, Words, prepare, runs_of

COMPRESSION = 3  # level 6 saves 5 % more space and takes 1.6 times as long
THRESHOLDS = (30_000, 20, 100)  # new objects before garbage is looked for; the rest as Python has it, or rarer
MMAP_THRESHOLD, ARENA_MAX = -3, -8  # as malloc.h names them
LARGE = 128 * 1024  # bytes
NICER = 5  # steps that readers stand behind the one that writes, whom all wait for, and behind who serves the site
COMPARABLE = 50  # characters; the same text shorter than this says nothing about two articles


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read: where it will be recorded, the name the source is read from, and its bytes.

    `vector` asks for its words as PostgreSQL keeps them, too.
    """

    path: str
    name: str
    raw: bytes
    sha256: str
    default_source: str = ""
    vector: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """One file read: a document with its compressed bytes, or a code and a reason why there is none."""

    path: str
    sha256: str
    size: int
    document: Document | None = None
    compressed: bytes = b""
    content_sha256: str = ""  # equal when two documents would make the same article, whatever their times and names
    text_sha256: str = ""  # of the folded text without spaces; empty when too short to compare
    code: str = ""
    reason: str = ""
    broken: bool = False  # the fault is ours (failed), not the file's (refused)
    words: Words | None = None  # for the search index, but for the topics
    signature: bytes = b""  # tells texts that are much alike; empty when too short to compare


def begin_reader() -> None:
    """Set a reading process up: Ctrl-C is for the one that writes, which it gives way to, and with which it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(os, "nice"):
        os.nice(NICER)
    collect_rarely()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def collect_rarely() -> None:
    """Look for garbage that refers to itself once in some twenty files, and never among what is there already.

    bleach leaves a thousand such objects a file; looking for them as often as Python does takes a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def hold_little() -> None:
    """Have the C library of GNU take what is large from the system, to give it back when it is freed, and keep one
    store for all threads: messages of readers leave holes of megabytes in each otherwise. For as long as this lives.
    """
    set_ = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if set_ is not None:
        set_(MMAP_THRESHOLD, LARGE)
        set_(ARENA_MAX, 1)


def give_memory_back() -> None:
    """Have the C library give the system what this process has freed; GNU's keeps it, by the ten megabytes."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


@contextlib.contextmanager
def collecting_rarely() -> Iterator[None]:
    """As `collect_rarely`, for as long as somebody writes what many readers send; then as it was before."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def content_hash(document: Document) -> str:
    """Hash of what an article is made from, without its times and names."""
    parts = (
        document.title,
        document.html,
        document.byline,
        document.standfirst,
        document.tags,
        document.copyright,
        [(p.src, p.caption, p.credit, p.alt) for p in document.images],
        [(e.url, e.title, e.poster) if e.poster else (e.url, e.title) for e in document.embeds],
    )
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def text_hash(folded: str) -> str:
    """Hash of a folded text, equal in both scripts and whatever its spacing; empty when too short to compare."""
    bare = "".join(folded.split())
    return hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest() if len(bare) >= COMPARABLE else ""


def words_of(document: Document, folded: str, runs: Runs | None = None) -> Words:
    """What search knows of a document with this folded text (and its runs, when known), but for its topics."""
    captions: dict[str, str] = {}
    for picture in document.images:
        captions.setdefault(picture.src, picture.caption)
    return prepare(document.title, document.standfirst, document.byline[:500], captions.values(), folded, runs)


def read_job(job: Job) -> Reading:
    """Read one file. Whatever goes wrong with it becomes its own record and costs no other file."""
    try:
        return _read_job(job)
    except Unreadable as error:
        return Reading(job.path, job.sha256, len(job.raw), code=error.code, reason=str(error))
    except Exception as error:  # the edge of a task: the fault becomes a record with its class
        reason = f"Reading stopped with {type(error).__name__}: {error}. Please report it with this file."
        return Reading(job.path, job.sha256, len(job.raw), code="reader_fault", reason=reason[:2000], broken=True)


def _read_job(job: Job) -> Reading:
    document = read(job.raw, job.name, job.default_source)
    folded = fold(document.text)
    runs = runs_of(folded)
    words = words_of(document, folded, runs)
    return Reading(
        job.path,
        job.sha256,
        len(job.raw),
        document,
        zlib.compress(job.raw, COMPRESSION),
        content_hash(document),
        text_hash(folded),
        words=with_vector(words, document.tags) if job.vector else words,
        signature=likeness.signature(folded, runs),
    )


def read_jobs(jobs: list[Job]) -> list[Reading]:
    """Read a batch, in order."""
    return [read_job(job) for job in jobs]
