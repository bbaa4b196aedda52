"""Finds the files of an archive, whatever holds it: a folder, a zip, a tarball, one file or standard input."""

from __future__ import annotations

import lzma
import os
import stat
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

MEMBER = "!/"  # divides an archive's own place from the name of the file inside it
ZIP_SUFFIXES = (".zip",)
TAR_SUFFIXES = (".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz")

MOST_RATIO = 100  # how many times its own size an archive may unpack to; text and pictures stay far below
HARMLESS = 100_000_000  # bytes that any archive may unpack to
MOST_MEMBERS = 1_000_000  # of one archive, whatever they are; the largest known holds 105,000 articles
# A zip file's list of names is read into memory whole, at about ten times its size; 105,000 articles need 15 MB of it.
LONGEST_LIST = 50_000_000  # bytes
LONGEST_HEADER = 1_000_000  # bytes of a name or of notes in a tarball; tarfile reads them into memory whole, too
_HEADERS = b"xgXLK"  # their types: pax's, Solaris's, GNU's
_SIGNATURE, _SIGNATURE64 = b"PK\5\6", b"PK\6\6"
_END = struct.Struct("<4s8x2L2x")  # of a zip file: its signature, the length of the list, where that begins
_END64 = struct.Struct("<4s36xQ8x")
# What reading an archive that is damaged, or made to hurt, can end with.
BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, RecursionError, OverflowError, ValueError),
)

# What lies beside articles and is none: skipped without a word.
SKIPPED_FOLDERS = frozenset({"lists", "__macosx", "node_modules"})
SKIPPED_STEMS = frozenset({"readme", "license", "licence", "contributing", "changelog", "cname", "makefile"})
TEXT_SUFFIXES = frozenset({"", ".md", ".txt", ".rst", ".html"})
SKIPPED_SUFFIXES = frozenset(
    {
        *(".avif", ".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp"),
        *(".mp3", ".mp4", ".pdf", ".ttf", ".woff", ".woff2"),
        *(".csv", ".ini", ".json", ".jsonl", ".lock", ".toml", ".tsv", ".xml", ".yaml", ".yml"),
        *(".css", ".js", ".py", ".pyc", ".rb", ".sh"),
    }
)


class Refusal(Exception):
    """A file that cannot be read at all; `code` groups, the message tells a person what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Found:
    """One file of an archive; an archive's members must be loaded before the next one is asked for.

    `path` is its name below the archive's root, as it will be recorded; `location` says where the bytes are, for a
    later run; `load` returns them or raises Refusal. `name` is what the importer reads the folder of a source from.
    What `stands_alone` may be loaded whenever, by any thread.
    """

    path: str
    location: str
    load: Callable[[], bytes]
    queueable: bool = True
    stands_alone: bool = False

    @property
    def name(self) -> str:
        """The path with the folders above the root, so that importing `archive/dw` alone still tells the source."""
        return name_of(self.location) or self.path


def name_of(location: str) -> str:
    """The name the importer reads a source's folder from: the location, an archive being a folder of its files."""
    return location.replace(MEMBER, "/")


def readable(name: str) -> str:
    """A file name as text that every database takes: bytes that are no UTF-8 are written as backslash escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def is_article_name(name: str) -> bool:
    """False for what lies beside articles: read-me files, licences, pictures, data, scripts, hidden files."""
    last = name.rpartition("/")[2].lower()
    stem, suffix = os.path.splitext(last)
    if last.startswith(".") or suffix in SKIPPED_SUFFIXES:
        return False
    return (stem if suffix in TEXT_SUFFIXES else last) not in SKIPPED_STEMS


def is_archive_name(name: str) -> bool:
    """True for names of zip files and tarballs."""
    return name.lower().endswith(ZIP_SUFFIXES + TAR_SUFFIXES)


def find(path: str, *, limit: int, without: frozenset[str] = frozenset(), below: str = "") -> Iterator[Found]:
    """Files of `path` in a stable order: a file, a folder (walked with its sub-folders), an archive, or `-`.

    `limit` is the largest file in bytes, `without` are real paths of folders to leave out, `below` stands before
    each recorded path. Raises FileNotFoundError when there is nothing at `path`; everything that goes wrong with a
    single file becomes a Found whose `load` raises Refusal, so that nothing is passed over in silence.
    """
    if path == "-":
        yield Found("standard-input.md", "", lambda: _limited(sys.stdin.buffer.read(limit + 1), limit), queueable=False)
        return
    root = os.path.abspath(path)
    if os.path.isdir(root):
        yield from _folder(root, below, limit, without, ())
    elif is_archive_name(root):
        yield from _archive(root, below, limit)
    else:
        os.lstat(root)
        yield _file(root, below + readable(os.path.basename(root)), limit)


def load_many(locations: list[str], limit: int) -> Iterator[tuple[str, bytes | Refusal]]:
    """Bytes, or the refusal, of each recorded location; an archive is opened once for all its members."""
    held: dict[str, set[str]] = {}
    for location in locations:
        holder, inside, _ = location.partition(MEMBER)
        if inside:
            held.setdefault(holder, set()).add(location)
        else:
            yield location, _attempt(lambda location=location: _read(location, limit))
    for holder, wanted in held.items():
        for found in _archive(holder, "", limit):
            if found.location in wanted:
                wanted.discard(found.location)
                yield found.location, _attempt(found.load)
        for location in wanted:
            yield location, Refusal("missing", "The file is not in its archive any more: put it back or import anew.")


def _attempt(load: Callable[[], bytes]) -> bytes | Refusal:
    try:
        return load()
    except Refusal as refusal:
        return refusal


def _refused(path: str, location: str, code: str, message: str) -> Found:
    def refuse() -> bytes:
        raise Refusal(code, message)

    return Found(path, location, refuse, queueable=False)


def _folder(
    folder: str, prefix: str, limit: int, without: frozenset[str], above: tuple[tuple[int, int], ...]
) -> Iterator[Found]:
    """Walk a folder sorted by name, depth first; a link that leads back into a folder above is refused by name."""
    try:
        status = os.stat(folder)
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        yield _refused(
            prefix, folder, "no_permission", f"The folder cannot be opened ({error.strerror}): allow reading."
        )
        return
    here = (*above, (status.st_dev, status.st_ino))
    for entry in entries:
        path = prefix + readable(entry.name)
        try:
            is_folder = entry.is_dir()
            node = os.stat(entry.path) if is_folder else None
        except OSError as error:
            yield _refused(
                path, entry.path, "unreadable_link", f"The link leads nowhere ({error.strerror}): remove it."
            )
            continue
        if is_folder:
            if entry.name.startswith(".") or entry.name.lower() in SKIPPED_FOLDERS:
                continue
            if os.path.realpath(entry.path) in without:
                continue
            if (node.st_dev, node.st_ino) in here:
                yield _refused(path, entry.path, "link_loop", "The link leads back into a folder above it: remove it.")
                continue
            yield from _folder(entry.path, path + "/", limit, without, here)
        elif is_archive_name(entry.name):
            yield from _archive(entry.path, path + MEMBER, limit)
        elif is_article_name(entry.name):
            yield _file(entry.path, path, limit)


def _file(place: str, path: str, limit: int) -> Found:
    is_queueable = readable(place) == place
    return Found(path, place, lambda: _read(place, limit), queueable=is_queueable, stands_alone=True)


def _read(place: str, limit: int) -> bytes:
    """Bytes of an ordinary file of at most `limit` bytes."""
    try:
        status = os.stat(place)
        if not stat.S_ISREG(status.st_mode):
            raise Refusal(
                "not_a_file", "This is no ordinary file (a pipe, socket or device): remove it from the folder."
            )
        if status.st_size > limit:
            raise _too_large(status.st_size, limit)
        with open(place, "rb") as stream:
            raw = stream.read(status.st_size + 1)  # a buffer of `limit` bytes would take twice as long as all the rest
            if len(raw) > status.st_size:  # it has grown, or the system does not know its size
                raw += stream.read(limit + 1 - len(raw))
            return _limited(raw, limit)
    except PermissionError:
        raise Refusal("no_permission", "The file may not be read by this user: allow reading (chmod a+r).") from None
    except FileNotFoundError:
        raise Refusal("missing", "The file is not there any more: put it back or leave it out.") from None
    except OSError as error:
        raise Refusal(
            "unreadable_file", f"The file cannot be read ({error.strerror or error}): check the disk."
        ) from None


def _too_large(size: int, limit: int) -> Refusal:
    return Refusal(
        "too_large",
        f"The file has {size / 1e6:.1f} MB, an article may have {limit / 1e6:.0f} MB: check whether this is one.",
    )


def _limited(raw: bytes, limit: int) -> bytes:
    if len(raw) > limit:
        raise _too_large(len(raw), limit)
    return raw


class _Header(tarfile.TarInfo):
    """A member's header; what stands before one (long names, notes) is refused when it is longer than any name."""

    @classmethod
    def frombuf(cls, buf: bytes, encoding: str, errors: str) -> tarfile.TarInfo:
        """As the library's."""
        header = super().frombuf(buf, encoding, errors)
        if header.type in _HEADERS and header.size > LONGEST_HEADER:
            raise tarfile.ReadError(f"a name or note of {header.size} bytes")
        return header


def open_tar(place: str) -> tarfile.TarFile:
    """A tarball whose headers cannot fill the memory. Raises one of BROKEN, at once or while it is read."""
    return tarfile.open(place, "r:*", tarinfo=_Header)


def open_zip(place: str) -> zipfile.ZipFile:
    """A zip file whose list of names fits into memory. Raises one of BROKEN, at once or while it is read."""
    with open(place, "rb") as stream:
        length = _length_of_list(stream)
    if length > LONGEST_LIST:
        raise zipfile.BadZipFile(f"its list of names has {length // 1_000_000} MB: divide it")
    return zipfile.ZipFile(place)


def _length_of_list(stream: BinaryIO) -> int:
    """Bytes of the list of names, as the end of a zip file tells it; 0 when it has no such end."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 2**16 - _END.size))
    tail = stream.read()
    plain = len(tail) - _END.size  # where the end begins when no comment follows it, as zipfile looks for it
    at = plain if plain >= 0 and tail.startswith(_SIGNATURE, plain) else tail.rfind(_SIGNATURE)
    if not 0 <= at <= plain:
        return 0
    length = _END.unpack_from(tail, at)[1]
    wide = tail.rfind(_SIGNATURE64, 0, at)
    return max(length % (2**32 - 1), _END64.unpack_from(tail, wide)[1] if 0 <= wide <= at - _END64.size else 0)


def _archive(place: str, prefix: str, limit: int) -> Iterator[Found]:
    """Members of a zip file or tarball; an archive that cannot be opened is one refused file."""
    zipped = place.lower().endswith(ZIP_SUFFIXES)
    try:
        yield from (_zip if zipped else _tar)(place, prefix, limit)
    except BROKEN as error:
        if isinstance(error, FileNotFoundError) and not prefix:
            raise
        yield _refused(
            (prefix.removesuffix(MEMBER) or readable(os.path.basename(place))),
            place,
            "broken_archive",
            f"The archive is damaged or no archive ({error}): pack it anew; what stood before the damage is imported.",
        )


def _unsafe(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in PurePosixPath(name.replace("\\", "/")).parts or name[1:2] == ":"


def _member(name: str, place: str, prefix: str) -> tuple[str, str, Found | None] | None:
    """Recorded path and location of a member, with a refusal when it cannot be taken; None for what is no article."""
    parts = PurePosixPath(name).parts
    path, location = prefix + name, f"{place}{MEMBER}{name}"
    if _unsafe(name):
        return (
            path,
            location,
            _refused(
                path, location, "unsafe_path", "The name leads out of the archive: rename the file and pack it anew."
            ),
        )
    if any(part.startswith(".") or part.lower() in SKIPPED_FOLDERS for part in parts[:-1]) or not parts:
        return None
    if is_archive_name(name):
        return (
            path,
            location,
            _refused(path, location, "nested_archive", "An archive inside an archive is not opened: unpack it first."),
        )
    return (path, location, None) if is_article_name(name) else None


def _bomb(place: str, prefix: str) -> Found:
    return _refused(
        (prefix.removesuffix(MEMBER) or readable(os.path.basename(place))),
        place,
        "archive_bomb",
        f"The archive unpacks to more than {MOST_RATIO} times its size: no articles do; unpack it and look at it.",
    )


def _crowd(place: str, prefix: str) -> Found:
    return _refused(
        (prefix.removesuffix(MEMBER) or readable(os.path.basename(place))),
        place,
        "too_many_files",
        f"The archive holds more than {MOST_MEMBERS:,} files, no archive of articles does: divide it.",
    )


def unpacks_to_too_much(unpacked: int, place: str) -> bool:
    """Whether an archive of this place unpacks to more bytes than articles can."""
    return unpacked > HARMLESS and unpacked > MOST_RATIO * os.path.getsize(place)


def _zip(place: str, prefix: str, limit: int) -> Iterator[Found]:
    with open_zip(place) as archive:
        if len(archive.infolist()) > MOST_MEMBERS:
            yield _crowd(place, prefix)
            return
        if unpacks_to_too_much(sum(info.file_size for info in archive.infolist()), place):
            yield _bomb(place, prefix)
            return
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if info.is_dir():
                continue
            name = info.filename
            if not info.flag_bits & 0x800:  # no UTF-8 flag: most packers of Chinese names write UTF-8 all the same
                try:
                    name = name.encode("cp437").decode("utf-8")
                except UnicodeError:
                    name = info.filename
            member = _member(name, place, prefix)
            if member is None:
                continue
            path, location, refused = member
            yield refused or Found(path, location, lambda info=info: _unzip(archive, info, limit))


def _unzip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    if info.flag_bits & 0x1:
        raise Refusal("encrypted", "The file is locked with a password: pack it anew without one.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refusal("not_a_file", "The archive holds a link here, not a file: pack the file itself.")
    if info.file_size > limit:
        raise _too_large(info.file_size, limit)
    try:
        with archive.open(info) as stream:
            return _limited(stream.read(limit + 1), limit)
    except BROKEN as error:
        raise Refusal("broken_archive", f"The file is damaged inside the archive ({error}): pack it anew.") from None


def _tar(place: str, prefix: str, limit: int) -> Iterator[Found]:
    members = unpacked = 0
    with open_tar(place) as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # or it would remember every one
            members += 1
            unpacked += info.size
            # What was read to get there counts, too: each name takes a block, and a file with holes less than its size.
            if unpacks_to_too_much(max(unpacked, archive.offset), place):
                yield _bomb(place, prefix)
                return
            if members > MOST_MEMBERS:
                yield _crowd(place, prefix)
                return
            if info.isdir():
                continue
            member = _member(readable(info.name.removeprefix("./")), place, prefix)
            if member is None:
                continue
            path, location, refused = member
            yield refused or _tar_member(archive, info, path, location, limit)
        archive.fileobj.seek(archive.offset)
        if 0 < len(archive.fileobj.read(tarfile.BLOCKSIZE)) < tarfile.BLOCKSIZE:  # tarfile stops there in silence
            raise tarfile.ReadError("it ends in the middle of a file")


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo, path: str, location: str, limit: int) -> Found:
    """A tarball is read from front to back: the bytes are taken when the member passes by."""
    if not info.isreg():
        return _refused(
            path, location, "not_a_file", "The archive holds a link here, not a file: pack the file itself."
        )
    if info.size > limit:
        error = _too_large(info.size, limit)
        return _refused(path, location, error.code, str(error))
    raw = archive.extractfile(info).read()
    return Found(path, location, lambda: raw)
