"""Keeps what is uploaded for an import in the data folder until it is of no more use."""

from __future__ import annotations

import datetime
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import archives
from articles.importing.runs import BAD
from articles.importing.steering import OPEN, State
from articles.ingest import LIMIT
from articles.models import ImportRun

MOST_FILES = 1000  # in one upload; an archive holds any number
MOST_BYTES = 2_000_000_000  # of one upload
LONGEST_NAME = 150  # bytes; file systems take 255
KEPT = datetime.timedelta(days=30)  # while somebody may still retry
KEPT_WHEN_DONE = datetime.timedelta(days=1)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


class Unacceptable(Exception):
    """What was uploaded cannot be imported; the message says why and what to do, to a person."""


def folder_of_uploads() -> Path:
    """Where uploads lie, each in a folder of its own."""
    return Path(settings.DATA_DIR) / "uploads"


def safe_name(name: str) -> str:
    """A file's own name without a path, without what file systems trip over, not hidden and not too long."""
    last = _UNSAFE.sub("_", PurePosixPath(name.replace("\\", "/")).name).lstrip(".").strip() or "file"
    stem, suffix = _divided(last)
    room = LONGEST_NAME - len(suffix.encode())
    return stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + suffix


def _divided(name: str) -> tuple[str, str]:
    stem, suffix = os.path.splitext(name)
    if stem.lower().endswith(".tar"):
        stem, suffix = stem[:-4], stem[-4:] + suffix
    return (stem, suffix) if len(suffix.encode()) <= 20 else (name, "")


def keep_upload(files: Iterable[UploadedFile]) -> tuple[list[str], list[str]]:
    """Keep uploaded files in a folder of their own; returns their places, and the names of those that are no articles.

    Raises Unacceptable, and keeps nothing then.
    """
    files = list(files)
    _check_size(files)
    wanted = [f for f in files if archives.is_archive_name(f.name) or archives.is_article_name(f.name)]
    if not wanted:
        raise Unacceptable(
            _("None of these files can hold an article: give article files (such as .md), a .zip or a .tar.gz.")
        )
    folder = _new_folder()
    try:
        places = [_keep(file, _free(folder, safe_name(file.name))) for file in wanted]
        for place in places:
            if archives.is_archive_name(place):
                _check_archive(place)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return places, [file.name for file in files if file not in wanted]


def keep_corrected(file: UploadedFile, path: str) -> str:
    """Keep one corrected file under the path that the faulty one was recorded by; returns the folder to import.

    Raises Unacceptable.
    """
    _check_size([file])
    parts = [safe_name(part) for part in PurePosixPath(path.replace("\\", "/")).parts if part.strip("./") != ""]
    parts = parts or [safe_name(file.name)]
    if archives.is_archive_name(file.name) or not archives.is_article_name(parts[-1]):
        raise Unacceptable(_("Give one article file here; upload an archive as an import of its own."))
    folder = _new_folder()
    inside = folder.joinpath(*parts)
    inside.parent.mkdir(parents=True, exist_ok=True)
    _keep(file, inside)
    return str(folder)


def _check_size(files: list[UploadedFile]) -> None:
    if len(files) > MOST_FILES:
        told = _("These are %(number)s files; at most %(most)s can be uploaded at once: pack them into a .zip.")
        raise Unacceptable(told % {"number": len(files), "most": MOST_FILES})
    size = sum(file.size for file in files)
    if size > MOST_BYTES:
        told = _(
            "These are %(size)s MB; at most %(most)s MB can be uploaded at once: divide them, or copy them to the"
            " server and run import_articles there."
        )
        raise Unacceptable(told % {"size": size // 1_000_000, "most": MOST_BYTES // 1_000_000})
    for file in files:
        if not archives.is_archive_name(file.name) and file.size > LIMIT:
            told = _("“%(name)s” has %(size)s MB, an article may have %(most)s MB: check whether it is one.")
            raise Unacceptable(told % {"name": file.name, "size": file.size // 1_000_000, "most": LIMIT // 1_000_000})


def _check_archive(place: str) -> None:
    """Look at an archive's table of contents; what can only be found by reading it through is told by the run."""
    name = os.path.basename(place)
    try:
        if place.lower().endswith(archives.ZIP_SUFFIXES):
            with archives.open_zip(place) as archive:
                members = archive.infolist()
            if len(members) > archives.MOST_MEMBERS:
                told = _("“%(name)s” holds %(number)s files, at most %(most)s are taken: divide it.")
                raise Unacceptable(told % {"name": name, "number": len(members), "most": archives.MOST_MEMBERS})
            if archives.unpacks_to_too_much(sum(info.file_size for info in members), place):
                told = _("“%(name)s” unpacks to more than %(ratio)s times its size: unpack it and look at it first.")
                raise Unacceptable(told % {"name": name, "ratio": archives.MOST_RATIO})
        else:
            with archives.open_tar(place) as archive:
                archive.next()
    except archives.BROKEN as error:
        told = _("“%(name)s” cannot be opened (%(error)s): pack it anew, or upload it again.")
        raise Unacceptable(told % {"name": name, "error": error}) from error


def _new_folder() -> Path:
    clear_uploads()
    now = timezone.now()
    folder = folder_of_uploads() / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    return folder


def _free(folder: Path, name: str) -> Path:
    """A name that no file of the folder has yet."""
    stem, suffix = _divided(name)
    place, number = folder / name, 1
    while place.exists():
        number += 1
        place = folder / f"{stem} ({number}){suffix}"
    return place


def _keep(file: UploadedFile, place: Path) -> str:
    if hasattr(file, "temporary_file_path"):  # a large one lies on this disk already
        os.replace(file.temporary_file_path(), place)
        return str(place)
    with open(place, "xb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    return str(place)


def clear_uploads() -> int:
    """Remove uploads that nobody can need any more; returns how many.

    One whose run is open is kept; one whose files all ended well goes after a day, any other after KEPT.
    """
    root = folder_of_uploads()
    now, cleared = timezone.now(), 0
    for place in list(root.iterdir()) if root.is_dir() else ():
        age = now - datetime.datetime.fromtimestamp(place.stat().st_mtime, datetime.UTC)
        if age <= KEPT_WHEN_DONE:
            continue
        if not place.is_dir():  # left by a process that was killed while it received
            place.unlink(missing_ok=True)
        elif _is_done_with(place.name, age):
            shutil.rmtree(place, ignore_errors=True)
            cleared += 1
    return cleared


def _is_done_with(upload: str, age: datetime.timedelta) -> bool:
    runs = ImportRun.objects.filter(options__upload=upload)
    if runs.filter(state__in=[*OPEN, State.RUNNING]).exists():
        return False
    real = runs.filter(dry_run=False).order_by("-pk").first()
    well = real is not None and real.state == State.FINISHED and not real.files.filter(result__in=BAD).exists()
    return well or age > KEPT
