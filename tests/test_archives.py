"""Finding files: every kind of holder, every kind of fault."""

import gc
import io
import os
import random
import socket
import stat
import struct
import tarfile
import tracemalloc
import warnings
import zipfile

import pytest

from articles import archives

LIMIT = 1000


def outcome(found):
    """Path and bytes, or path and the code of the refusal."""
    try:
        return found.path, found.load()
    except archives.Refusal as refusal:
        return found.path, refusal.code if str(refusal).endswith(".") else "a reason that is no sentence"


def found_in(path, **options):
    return dict(outcome(found) for found in archives.find(str(path), limit=LIMIT, **options))


def write(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_folder_is_walked_in_a_stable_order_and_what_is_no_article_is_skipped(tmp_path):
    for name in (
        "b/2.md",
        "a/10.md",
        "a/9_標題 | 有空格 .md",
        "README.md",
        "lists/dw.md",
        ".git/x.md",
        "a/p.jpg",
        "LICENSE",
    ):
        write(tmp_path / name)
    assert list(found_in(tmp_path)) == ["a/10.md", "a/9_標題 | 有空格 .md", "b/2.md"]


def test_a_folder_left_out_is_not_walked(tmp_path):
    write(tmp_path / "images/x.md")
    write(tmp_path / "1.md")
    assert list(found_in(tmp_path, without=frozenset({str(tmp_path / "images")}))) == ["1.md"]


def test_a_single_file_is_known_by_its_name_and_the_folder_given(tmp_path):
    write(tmp_path / "dw/1.md", b"text")
    assert found_in(tmp_path / "dw/1.md", below="dw/") == {"dw/1.md": b"text"}


def test_nothing_there_is_said_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(archives.find(str(tmp_path / "none.md"), limit=LIMIT))
    with pytest.raises(FileNotFoundError):
        list(archives.find(str(tmp_path / "none.zip"), limit=LIMIT))


def test_faulty_files_are_named_and_cost_no_other(tmp_path):
    write(tmp_path / "1.md", b"good")
    write(tmp_path / "2-large.md", b"x" * (LIMIT + 1))
    (tmp_path / "3-loop").symlink_to(tmp_path)
    (tmp_path / "4-self.md").symlink_to(tmp_path / "4-self.md")
    (tmp_path / "5-gone.md").symlink_to(tmp_path / "nowhere.md")
    os.mkfifo(tmp_path / "6-pipe.md")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(str(tmp_path / "7-socket.md"))
    write(tmp_path / "8.md", b"good too")
    assert found_in(tmp_path) == {
        "1.md": b"good",
        "2-large.md": "too_large",
        "3-loop": "link_loop",
        "4-self.md": "unreadable_link",
        "5-gone.md": "missing",
        "6-pipe.md": "not_a_file",
        "7-socket.md": "not_a_file",
        "8.md": b"good too",
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without rights")
def test_a_file_without_read_permission_is_refused_by_name(tmp_path):
    write(tmp_path / "1.md", b"secret")
    (tmp_path / "1.md").chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    found = list(archives.find(str(tmp_path), limit=LIMIT))
    os.seteuid(65534)
    try:
        assert [outcome(one) for one in found] == [("1.md", "no_permission")]
    finally:
        os.seteuid(0)


def test_a_linked_folder_that_leads_elsewhere_is_walked(tmp_path):
    write(tmp_path / "elsewhere/1.md", b"text")
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/linked").symlink_to(tmp_path / "elsewhere")
    assert found_in(tmp_path / "archive") == {"linked/1.md": b"text"}


def test_a_name_that_is_no_utf8_is_written_with_escapes_and_read_all_the_same(tmp_path):
    with open(os.fsencode(tmp_path) + b"/\xff\xfe.md", "wb") as stream:
        stream.write(b"text")
    assert found_in(tmp_path) == {"\\xff\\xfe.md": b"text"}


@pytest.fixture
def zipped(tmp_path):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("dw/2.md", b"two")
        archive.writestr("dw/1.md", b"one")
        archive.writestr("../out.md", b"evil")
        archive.writestr("/etc/passwd.md", b"evil")
        archive.writestr("inner.zip", b"PK")
        archive.writestr("large.md", b"x" * (LIMIT + 1))
        archive.writestr("README.md", b"read me")
        link = zipfile.ZipInfo("link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, b"/etc/passwd")
    return path


ZIPPED = {
    "dw/1.md": b"one",
    "dw/2.md": b"two",
    "../out.md": "unsafe_path",
    "/etc/passwd.md": "unsafe_path",
    "inner.zip": "nested_archive",
    "large.md": "too_large",
    "link.md": "not_a_file",
}


def test_a_zip_file_is_read_and_its_tricks_are_refused_by_name(zipped):
    assert found_in(zipped) == ZIPPED


def test_a_zip_file_inside_a_folder_is_read_under_its_own_name(zipped):
    found = found_in(zipped.parent)
    assert found["archive.zip!/dw/1.md"] == b"one"
    assert found["archive.zip!/../out.md"] == "unsafe_path"


def test_a_file_that_only_claims_to_be_a_zip_is_refused(tmp_path):
    write(tmp_path / "x.zip", b"no zip at all")
    write(tmp_path / "y.tar.gz", b"no tarball")
    write(tmp_path / "z.md", b"text")
    assert found_in(tmp_path) == {"x.zip": "broken_archive", "y.tar.gz": "broken_archive", "z.md": b"text"}


def test_a_truncated_tarball_gives_what_stands_before_the_damage(tmp_path):
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name in ("1.md", "2.md"):
            info = tarfile.TarInfo(name)
            info.size = 900
            archive.addfile(info, io.BytesIO(b"x" * 900))
    write(tmp_path / "cut.tar", whole.getvalue()[:2000])
    assert found_in(tmp_path / "cut.tar") == {"1.md": b"x" * 900, "cut.tar": "broken_archive"}


def test_a_tarball_is_read_and_its_links_are_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("./rfa/1.md")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"one"))
        link = tarfile.TarInfo("rfa/2.md")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert found_in(tmp_path / "a.tar.gz") == {"rfa/1.md": b"one", "rfa/2.md": "not_a_file"}


def test_recorded_locations_lead_back_to_the_same_bytes(zipped, tmp_path):
    write(tmp_path / "plain.md", b"plain")
    found = [one for one in archives.find(str(tmp_path), limit=LIMIT) if one.path != "gone"]
    locations = [one.location for one in found]
    again = dict(archives.load_many([*locations, str(tmp_path / "gone.md")], LIMIT))
    assert again[str(tmp_path / "plain.md")] == b"plain"
    assert again[f"{zipped}!/dw/1.md"] == b"one"
    assert again[f"{zipped}!/large.md"].code == "too_large"
    assert again[str(tmp_path / "gone.md")].code == "missing"
    assert set(again) == {*locations, str(tmp_path / "gone.md")}


def test_an_archive_that_unpacks_to_far_more_than_articles_can_is_refused_before_it_is_read(tmp_path):
    zeros = b"\0" * 10_000_000
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        for number in range(11):
            zipped.writestr(f"{number}.md", zeros)
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz", compresslevel=1) as tarred:
        for number in range(11):
            info = tarfile.TarInfo(f"{number}.md")
            info.size = len(zeros)
            tarred.addfile(info, io.BytesIO(zeros))
    for name in ("a.zip", "b.tar.gz"):
        *_, last = archives.find(str(tmp_path / name), limit=20_000_000)
        with pytest.raises(archives.Refusal, match="100 times its size") as caught:
            last.load()
        assert caught.value.code == "archive_bomb"


def _empty_members(folder, number):
    """A zip file and a tarball of as many empty files."""
    with zipfile.ZipFile(folder / "a.zip", "w") as zipped:
        for each in range(number):
            zipped.writestr(f"dw/{each}.md", b"")
    with tarfile.open(folder / "b.tar.gz", "w:gz", compresslevel=1) as tarred:
        for each in range(number):
            tarred.addfile(tarfile.TarInfo(f"dw/{each}.md"))
    return [str(folder / name) for name in ("a.zip", "b.tar.gz")]


def test_an_archive_of_more_files_than_any_holds_is_refused(tmp_path, monkeypatch):
    places = _empty_members(tmp_path, 11)
    for place in places:
        assert {type(outcome(found)[1]) for found in archives.find(place, limit=LIMIT)} == {bytes}
    monkeypatch.setattr(archives, "MOST_MEMBERS", 10)
    for place in places:
        found = list(archives.find(place, limit=LIMIT))
        assert len(found) <= 11
        with pytest.raises(archives.Refusal, match="more than 10 files") as caught:
            found[-1].load()
        assert caught.value.code == "too_many_files"


def test_the_largest_archives_known_are_far_below_the_most_files():
    assert archives.MOST_MEMBERS > 9 * 105_000


def test_names_without_content_are_unpacked_bytes_too(tmp_path, monkeypatch):
    _, tarball = _empty_members(tmp_path, 900)
    monkeypatch.setattr(archives, "HARMLESS", 100_000)
    monkeypatch.setattr(archives, "MOST_RATIO", 20)
    assert os.path.getsize(tarball) * 20 < 900 * tarfile.BLOCKSIZE
    ends = [outcome(found)[1] for found in archives.find(tarball, limit=LIMIT)]
    assert ends[-1] == "archive_bomb"
    assert len(ends) < 900


def _tarred(path, *headers, mode="w:gz", **options):
    """A tarball of these headers, each a pair of a type and what follows it, and an article at its end."""
    with tarfile.open(path, mode, **options) as archive:
        for kind, content in headers:
            info = tarfile.TarInfo("x")
            info.type, info.size = kind, len(content)
            archive.fileobj.write(info.tobuf(tarfile.USTAR_FORMAT))
            archive.fileobj.write(content + b"\0" * (-len(content) % tarfile.BLOCKSIZE))
        info = tarfile.TarInfo("1.md")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"one"))


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_a_tarballs_names_and_notes_cannot_fill_the_memory(tmp_path, kind):
    _tarred(tmp_path / "a.tar.gz", (tarfile.REGTYPE, b""), (kind, b"\0" * 30_000_000), compresslevel=1)
    assert os.path.getsize(tmp_path / "a.tar.gz") < 200_000
    tracemalloc.start()
    found = found_in(tmp_path / "a.tar.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found["a.tar.gz"] == "broken_archive"
    assert peak < 10_000_000


def test_a_tarballs_endless_notes_are_a_fault_of_that_archive_alone(tmp_path):
    note = b"13 comment=x\n"
    _tarred(tmp_path / "a.tar.gz", *[(tarfile.XHDTYPE, note)] * 3000)
    write(tmp_path / "b.md", b"text")
    assert found_in(tmp_path) == {"a.tar.gz": "broken_archive", "b.md": b"text"}


def test_many_members_are_not_remembered(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        for number in range(300):
            archive.addfile(tarfile.TarInfo(f"dw/{number}.md"))
    del archive
    found = archives.find(str(tmp_path / "a.tar.gz"), limit=LIMIT)
    for _ in range(250):
        next(found)
    gc.collect()
    assert sum(type(one) is tarfile.TarInfo for one in gc.get_objects()) < 5  # isinstance would wake lazy objects


@pytest.mark.parametrize("wide", [False, True])
def test_a_zip_files_list_of_names_cannot_fill_the_memory(tmp_path, wide):
    size = archives.LONGEST_LIST + 1
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 2**32 - 1 if wide else size, 0, 0)
    if wide:
        end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, 0)
        end = end64 + struct.pack("<4sLQL", b"PK\6\7", 0, size, 1) + end
    with open(tmp_path / "a.zip", "wb") as stream:
        stream.truncate(size)
        stream.seek(size)
        stream.write(end)
    tracemalloc.start()
    found = found_in(tmp_path / "a.zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == {"a.zip": "broken_archive"}
    assert peak < 5_000_000


def test_a_zip_file_with_two_files_of_one_name_gives_both(tmp_path):
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.md", b"one")
        archive.writestr("1.md", b"other")
    found = [(one.path, one.load()) for one in archives.find(str(tmp_path / "a.zip"), limit=LIMIT)]
    assert found == [("1.md", b"one"), ("1.md", b"other")]


def test_a_locked_file_in_a_zip_is_refused_by_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.md", b"one")
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    for sign, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        raw[raw.find(sign) + place] |= 1
    (tmp_path / "a.zip").write_bytes(raw)
    assert found_in(tmp_path / "a.zip") == {"1.md": "encrypted"}


def test_damage_of_any_kind_costs_the_archive_and_never_the_run(tmp_path):
    """Bytes changed, lost and put in, at random places (the same ones each time)."""
    chance, seeds = random.Random(8), {}
    for name in ("a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2"):
        if name.endswith("zip"):
            with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("名/1.md", b"one" * 90)
        else:
            _tarred(tmp_path / name, (tarfile.XHDTYPE, b"13 comment=x\n"), mode=f"w:{name[6:]}")
        seeds[name] = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
    ends = set()
    for _ in range(600):
        name = chance.choice(list(seeds))
        raw = bytearray(seeds[name])
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.choice((0, 1, 1, 9))] = chance.randbytes(chance.choice((0, 1, 1, 1, 6)))
        write(tmp_path / name, bytes(raw))
        ends |= {end if isinstance(end, str) else "read" for end in found_in(tmp_path / name).values()}
    assert {"broken_archive", "read"} <= ends


def test_a_file_that_grew_since_it_was_looked_at_is_read_to_its_end_and_never_beyond_the_limit(tmp_path, monkeypatch):
    place = tmp_path / "1.md"
    place.write_bytes(b"x" * 1000)
    status = os.stat(place)
    monkeypatch.setattr(archives.os, "stat", lambda path: status)
    (found,) = archives.find(str(place), limit=3000)
    place.write_bytes(b"y" * 3000)
    assert found.load() == b"y" * 3000
    place.write_bytes(b"z" * 3001)
    with pytest.raises(archives.Refusal, match="MB"):
        found.load()
