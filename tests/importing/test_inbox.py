"""A drop folder: whole files only, never deleted, a note beside each, and no file lost or taken twice."""

import os
import signal
import tarfile
import threading
import time
import zipfile

import pytest
from django.core.management import CommandError, call_command

from articles import importing, tasks
from articles.importing import inbox
from articles.models import Article, ImportFile, ImportRun, Original
from tests.importing import archive
from tests.services import Installation, postgres_database, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def drop(tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


def looks(folder, settled=0.05, **options):
    """Two looks, far enough apart; returns the run of the second."""
    watcher = inbox.Watcher(str(folder), importing.Options(**options), settled)
    assert watcher.look() is None
    time.sleep(settled * 1.2)
    return watcher.look()


def left(folder):
    """What lies where, but for the date."""
    places = [place.relative_to(folder) for place in folder.rglob("*") if place.is_file() and place.name[0] != "."]
    return sorted("/".join(part for part in place.parts if not part.startswith("20")) for place in places)


def note(folder, name):
    return next(folder.rglob(f"{name}.txt")).read_text("utf-8")


def test_what_is_dropped_is_imported_and_moved_with_a_note(drop):
    (drop / "1.md").write_text(archive.dw(1), "utf-8")
    (drop / "rfa").mkdir()
    (drop / "rfa" / "2.md").write_text(archive.dw(2), "utf-8")
    (drop / "bad.md").write_text("no header", "utf-8")
    (drop / "photo.jpg").write_bytes(b"x")
    run = looks(drop, publish=True)
    assert (run.state, run.counts["created"], run.counts["refused"]) == ("finished", 2, 1)
    assert left(drop) == [
        *("done/1.md", "done/1.md.txt", "done/rfa/2.md", "done/rfa/2.md.txt"),
        *("refused/bad.md", "refused/bad.md.txt", "refused/photo.jpg", "refused/photo.jpg.txt"),
    ]
    assert set(Original.objects.values_list("path", flat=True)) == {"1.md", "rfa/2.md"}
    article = Article.objects.get(address_key="dw.com/a-7000001")
    assert f"1.md: created, article {article.pk}" in note(drop, "1.md")
    assert "no_header" in note(drop, "bad.md")
    assert "drop it into the folder again" in note(drop, "bad.md")
    assert "No article" in note(drop, "photo.jpg")


def test_an_archive_is_moved_whole_and_its_note_names_what_was_refused(drop):
    with zipfile.ZipFile(drop / "a.zip", "w") as zipped:
        zipped.writestr("dw/1.md", archive.dw(1))
        zipped.writestr("dw/bad.md", "no header")
    with tarfile.open(drop / "b.tar.gz", "w:gz") as tarred:
        (drop.parent / "2.md").write_text(archive.dw(2), "utf-8")
        tarred.add(drop.parent / "2.md", "dw/2.md")
    run = looks(drop)
    assert (run.counts["created"], run.counts["refused"]) == (2, 1)
    assert left(drop) == ["done/b.tar.gz", "done/b.tar.gz.txt", "refused/a.zip", "refused/a.zip.txt"]
    assert "1 × created" in note(drop, "a.zip")
    assert "dw/bad.md: refused (no_header)" in note(drop, "a.zip")
    bad = ImportFile.objects.get(result="refused")
    assert os.path.exists(bad.location.split("!/")[0]), "a retry finds the archive where it lies now"


def test_what_is_still_written_is_left_alone(drop):
    for name in ("1.md.part", "2.md.tmp", ".3.md", "4.md~", "5.md.crdownload"):
        (drop / name).write_text(archive.dw(1), "utf-8")
    with zipfile.ZipFile(drop / "half.zip", "w") as zipped:
        zipped.writestr("dw/1.md", archive.dw(1) * 50)
    whole = (drop / "half.zip").read_bytes()
    (drop / "half.zip").write_bytes(whole[: len(whole) // 2])
    growing = drop / "growing.md"
    watcher = inbox.Watcher(str(drop), settled=0.05)
    for part in range(3):
        with open(growing, "a", encoding="utf-8") as stream:
            stream.write(archive.dw(2)[part * 100 : (part + 1) * 100])
        assert watcher.look() is None
        time.sleep(0.06)
    assert not ImportRun.objects.exists()
    (drop / "half.zip").write_bytes(whole)
    growing.write_text(archive.dw(2), "utf-8")
    assert looks(drop).counts["created"] == 2
    assert left(drop)[:3] == ["1.md.part", "2.md.tmp", "4.md~"]


def test_an_archive_that_stays_broken_is_refused_in_the_end(drop):
    (drop / "half.zip").write_bytes(b"PK no more")
    os.utime(drop / "half.zip", (time.time() - inbox.GIVEN_UP - 60,) * 2)
    run = looks(drop)
    assert run.counts["refused"] == 1
    assert "broken_archive" in note(drop, "half.zip")


def test_no_file_is_ever_written_over(drop):
    for number in range(3):
        (drop / "1.md").write_text(archive.dw(number), "utf-8")
        looks(drop)
    assert [name for name in left(drop) if not name.endswith(".txt")] == ["done/1 (2).md", "done/1 (3).md", "done/1.md"]
    texts = {place.read_text("utf-8") for place in drop.rglob("1*.md")}
    assert texts == {archive.dw(number) for number in range(3)}


def test_a_second_watcher_leaves_the_folder_to_the_first(drop):
    (drop / "1.md").write_text(archive.dw(1), "utf-8")
    with inbox.occupied(str(drop)), pytest.raises(inbox.Occupied):
        inbox.Watcher(str(drop)).look()
    assert looks(drop).counts["created"] == 1


def test_a_file_that_was_imported_but_not_yet_moved_is_not_imported_twice(drop, monkeypatch):
    (drop / "1.md").write_text(archive.dw(1), "utf-8")

    def killed(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(inbox, "_move", killed)
    with pytest.raises(KeyboardInterrupt):
        looks(drop)
    assert left(drop) == ["1.md"]
    assert ImportRun.objects.get().state == "interrupted"
    monkeypatch.undo()
    assert looks(drop).counts["unchanged"] == 1
    assert left(drop) == ["done/1.md", "done/1.md.txt"]
    assert (Article.objects.count(), Original.objects.count()) == (1, 1)


def test_the_clock_takes_what_is_there(drop, settings, monkeypatch):
    quick = inbox.Watcher
    monkeypatch.setattr(inbox, "Watcher", lambda folder: quick(folder, settled=0.05))
    settings.INBOX_DIR = None
    assert tasks.watch_inbox() is None
    settings.INBOX_DIR = drop
    assert tasks.watch_inbox() is None
    (drop / "1.md").write_text(archive.dw(1), "utf-8")
    assert ImportRun.objects.get(pk=tasks.watch_inbox()).counts["created"] == 1


def test_the_command_takes_what_is_there_once(drop, capsys):
    (drop / "1.md").write_text(archive.dw(1), "utf-8")
    call_command("watch_inbox", str(drop), once=True, settle=0.05, publish=True)
    assert "created 1" in capsys.readouterr().out
    assert Article.objects.published().count() == 1
    with pytest.raises(CommandError, match="NEWSROOM_INBOX_DIR"):
        call_command("watch_inbox")
    with pytest.raises(CommandError, match="no source"):
        call_command("watch_inbox", str(drop), source="nobody")


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_two_watchers_that_are_killed_lose_nothing_and_take_nothing_twice(tmp_path, database):
    if database == "sqlite":
        _kill_watchers(tmp_path, {})
    else:
        with postgres_database() as address:
            _kill_watchers(tmp_path, {"DATABASE_URL": address})


def _kill_watchers(tmp_path, environment):
    installation = Installation(tmp_path / "site", **environment)
    folder = tmp_path / "drop"
    folder.mkdir()
    arguments = ("watch_inbox", folder, "--every", "0.2", "--settle", "0.2")

    def feed():
        for number in range(150):
            part = folder / f"{number}.md.part"
            part.write_text(archive.dw(number), "utf-8")
            part.rename(folder / f"{number}.md")
            time.sleep(0.02)

    feeder = threading.Thread(target=feed)
    feeder.start()
    for _ in range(2):
        watchers = [installation.start(*arguments) for _ in range(2)]
        time.sleep(3)
        for watcher in watchers:
            os.killpg(watcher.pid, signal.SIGKILL)
            watcher.wait()
    feeder.join()
    last = installation.start(*arguments)
    try:
        wait_for(lambda: not list(folder.glob("*.md")), 90, "the folder to be empty: " + installation.log())
    finally:
        last.terminate()
        last.wait(timeout=600)
    done = sorted(int(place.stem) for place in (folder / "done").rglob("*.md"))
    assert done == list(range(150))
    out = installation.manage("export_articles", "--format", "jsonl", "--all", "-")
    assert len(out.splitlines()) == 150
