"""Imports from the admin: uploaded, tried, begun, steered, retried, corrected, undone; by chiefs alone."""

import io
import os
import tarfile
import time
import zipfile

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import archives, curation, importing, tasks
from articles.admin import steering
from articles.importing import uploading
from articles.models import Article, ImportFile, ImportRun, Original
from tests import makers
from tests.importing import archive

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"admin:articles_{name}", args=args)


def file(name, text):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


@pytest.fixture
def data(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    settings.FILE_UPLOAD_TEMP_DIR = None
    return settings.DATA_DIR


@pytest.fixture
def here(monkeypatch):
    """Commands run in this process instead of one of their own."""

    def run(name, *args):
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            try:
                call_command(name, *args, *(["--jobs", "1"] if name == "import_articles" else []), stdout=nowhere)
            except SystemExit as error:
                return error.code
        return 0

    monkeypatch.setattr(tasks.imports, "spawn", run)


@pytest.fixture
def chief(client, db):
    user = makers.UserMaker()
    user.groups.add(Group.objects.get(name="chief"))
    client.force_login(user)
    return client


def upload(client, *files, **more):
    return client.post(at("importrun_upload"), {"files": files, "source": "", "publish": "", **more}, follow=True)


def test_files_are_tried_first_then_imported_and_the_dry_run_told_the_truth(chief, data, here):
    files = [file("1.md", archive.dw(1)), file("2.md", archive.dw(2)), file("bad.md", "no header")]
    page = upload(chief, *files, publish="publish").content.decode()
    tried = ImportRun.objects.get()
    assert (tried.dry_run, tried.state, tried.started_by.groups.get().name) == (True, "finished", "chief")
    assert not Article.objects.exists()
    assert "Import for real" in page
    assert "no_header" in page
    page = chief.post(at("importrun_steer", tried.pk), {"deed": "real"}, follow=True).content.decode()
    real = ImportRun.objects.exclude(pk=tried.pk).get()
    assert (real.state, real.counts, real.options["tried"]) == ("finished", tried.counts, tried.pk)
    told = [list(run.files.order_by("pk").values_list("path", "result", "code", "reason")) for run in (tried, real)]
    assert told[0] == told[1]
    assert Article.objects.published().count() == 2
    assert f"#{tried.pk}" in page


def test_an_archive_is_recorded_as_the_command_records_it(chief, data, here):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as zipped:
        zipped.writestr("dw/1.md", archive.dw(1))
    upload(chief, file("a.zip", held.getvalue()), deed="real")
    assert Original.objects.get().path == "dw/1.md"
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tarred:
        raw = archive.dw(2).encode()
        info = tarfile.TarInfo("dw/2.md")
        info.size = len(raw)
        tarred.addfile(info, io.BytesIO(raw))
    upload(chief, file("b.tar.gz", held.getvalue()), deed="real")
    assert set(Original.objects.values_list("path", flat=True)) == {"dw/1.md", "dw/2.md"}


def test_a_corrected_file_takes_the_place_of_the_faulty_one_and_the_rest_is_retried(chief, data, here):
    upload(chief, file("bad.md", "no header"), file("worse.md", "nothing"), deed="real")
    run = ImportRun.objects.get()
    bad = run.files.get(path="bad.md")
    page = chief.get(at("importfile_change", bad.pk)).content.decode()
    assert at("importfile_correct", bad.pk) in page
    assert "bad.md" in chief.get(at("importfile_correct", bad.pk)).content.decode()
    answer = chief.post(at("importfile_correct", bad.pk), {"file": file("other (1).md", archive.dw(7)), "source": ""})
    mending = ImportRun.objects.exclude(pk=run.pk).get()
    assert answer["Location"] == at("importrun_change", mending.pk)
    assert mending.files.get().path == "bad.md"
    bad.refresh_from_db()
    assert bad.mended_in == mending
    assert "1 mended" in chief.get(at("importrun_change", run.pk)).content.decode()
    page = chief.post(at("importrun_steer", run.pk), {"deed": "retry"}, follow=True).content.decode()
    assert "1 file of import" in page
    again = ImportRun.objects.first()
    assert list(again.files.values_list("path", "result")) == [("worse.md", "refused")]


def test_ticked_files_are_retried_and_those_that_ended_well_are_not(chief, data, here):
    upload(chief, file("1.md", archive.dw(1)), *(file(f"bad{n}.md", "nothing") for n in range(3)), deed="real")
    run = ImportRun.objects.get()
    ticked = list(run.files.filter(path__in=["1.md", "bad0.md", "bad1.md"]).values_list("pk", flat=True))
    chief.post(at("importfile_changelist"), {"action": "retry_ticked", "_selected_action": ticked})
    again = ImportRun.objects.first()
    assert sorted(again.files.values_list("path", flat=True)) == ["bad0.md", "bad1.md"]
    chief.post(at("importfile_retry", run.files.get(path="bad2.md").pk))
    assert ImportRun.objects.first().files.get().path == "bad2.md"


def test_a_run_is_undone_after_its_counts_were_shown_and_can_be_had_again(chief, data, here):
    upload(chief, file("1.md", archive.dw(1)), file("2.md", archive.dw(2)), deed="real")
    run = ImportRun.objects.get()
    assert ">2<" in chief.get(at("importrun_undo", run.pk)).content.decode()
    assert Article.objects.count() == 2
    page = chief.post(at("importrun_undo", run.pk), follow=True).content.decode()
    assert not Article.objects.exists()
    run.refresh_from_db()
    assert (run.state, run.undone_by.groups.get().name) == ("undone", "chief")
    assert "Import the same files again" in page
    chief.post(at("importrun_steer", run.pk), {"deed": "real"})
    assert (Article.objects.count(), ImportRun.objects.first().counts["created"]) == (2, 2)


def test_the_undo_of_a_large_run_is_told_of_its_first_articles_until_all_are_asked_for(chief, data, here, monkeypatch):
    upload(chief, *(file(f"{number}.md", archive.dw(number)) for number in range(1, 5)), deed="real")
    run = ImportRun.objects.get()
    edited = Article.objects.order_by("pk").first()
    curation.save_edited(edited, makers.UserMaker())
    monkeypatch.setattr(steering, "COUNTED_AT_ONCE", 3)
    page = chief.get(at("importrun_undo", run.pk)).content.decode()
    assert "This import had 4 files. The numbers below are those of its first 3 articles alone." in page
    assert "<dd>2</dd>" in page
    assert f'<a href="{at("article_change", edited.pk)}" lang="{edited.language or "zh"}">{edited.title}</a>' in page
    page = chief.get(f"{at('importrun_undo', run.pk)}?all").content.decode()
    assert "articles alone" not in page
    assert "<dd>3</dd>" in page


def test_a_large_undo_goes_on_in_a_process_of_its_own(chief, data, here, monkeypatch):
    monkeypatch.setattr(importing.undoing, "CHUNK", 2)
    upload(chief, *(file(f"{n}.md", archive.dw(n)) for n in range(9)), deed="real")
    run = ImportRun.objects.get()
    chief.post(at("importrun_undo", run.pk))
    run.refresh_from_db()
    assert (run.state, run.undone["removed"]) == ("undone", 9)


def test_pause_cancel_and_going_on(chief, data, here, tmp_path, monkeypatch):
    monkeypatch.setattr(importing.batches, "BATCH", 4)
    folder = archive.write(tmp_path / "archive", range(12))
    run = importing.plan_run({"paths": [str(folder)]})
    assert importing.take_up(run)
    batches = importing.carry_on(run)
    assert len(next(batches)) == 4
    chief.post(at("importrun_steer", run.pk), {"deed": "pause"})
    assert "pausing" in chief.get(at("importrun_progress", run.pk)).content.decode()
    list(batches)
    run.refresh_from_db()
    assert (run.state, run.counts["created"]) == ("stopped", 4)
    page = chief.get(at("importrun_change", run.pk)).content.decode()
    assert "paused" in page
    assert "Go on" in page
    chief.post(at("importrun_steer", run.pk), {"deed": "resume"})
    run.refresh_from_db()
    assert (run.state, run.counts["created"], run.files.count()) == ("finished", 12, 12)
    page = chief.post(at("importrun_steer", run.pk), {"deed": "cancel"}, follow=True).content.decode()
    assert "Too late" in page
    other = importing.plan_run({"paths": [str(folder)]})
    chief.post(at("importrun_steer", other.pk), {"deed": "cancel"})
    other.refresh_from_db()
    assert other.state == "cancelled"
    assert not importing.take_up(other)


def test_a_run_whose_process_died_is_seen_as_stalled_and_gone_on_with(chief, data, here, tmp_path):
    folder = archive.write(tmp_path / "archive", range(3))
    host = importing.steering.this_process().rpartition(":")[0]
    run = ImportRun.objects.create(options={"paths": [str(folder)], "process": f"{host}:999999999"})
    page = chief.get(at("importrun_change", run.pk)).content.decode()
    assert "stalled" in page
    chief.post(at("importrun_steer", run.pk), {"deed": "resume"})
    run.refresh_from_db()
    assert (run.state, run.counts["created"]) == ("finished", 3)


def test_a_run_that_was_taken_away_stops_and_writes_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(importing.batches, "BATCH", 2)
    run = importing.plan_run({"paths": [str(archive.write(tmp_path / "a", range(6)))]})
    importing.take_up(run)
    batches = importing.carry_on(run)
    next(batches)
    ImportRun.objects.update(options={**run.options, "process": "elsewhere:1"})
    assert list(batches) == []
    assert ImportRun.objects.get().state == "running"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("photo.jpg", b"x")], "None of these files"),
        ([("a.zip", b"no zip")], "cannot be opened"),
        ([("a.tar.gz", b"no tar")], "cannot be opened"),
        ([("large.md", b"x" * 10_000_001)], "an article may have 10 MB"),
    ],
)
def test_what_cannot_be_imported_is_told_at_once_and_not_kept(chief, data, files, words):
    page = upload(chief, *(file(*one) for one in files))
    assert words in page.content.decode()
    assert not ImportRun.objects.exists()
    assert not list(uploading.folder_of_uploads().glob("*/*"))


def test_too_many_too_much_and_what_unpacks_to_too_much_is_told(chief, data, monkeypatch):
    monkeypatch.setattr(uploading, "MOST_FILES", 2)
    assert "at most 2" in upload(chief, *(file(f"{n}.md", "x") for n in range(3))).content.decode()
    monkeypatch.setattr(uploading, "MOST_BYTES", 2_000_000)
    assert "at most 2 MB" in upload(chief, file("1.md", "x" * 3_000_000)).content.decode()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as zipped:
        for number in range(11):
            zipped.writestr(f"{number}.md", b"\0" * 10_000_000)
    assert "100 times" in upload(chief, file("bomb.zip", held.getvalue())).content.decode()


def test_an_archive_of_too_many_files_is_told_at_once_or_by_its_run(chief, data, here, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 2)
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as held, tarfile.open(fileobj=tarred, mode="w:gz") as packed:
        for number in range(3):
            held.writestr(f"dw/{number}.md", archive.dw(number))
            packed.addfile(tarfile.TarInfo(f"dw/{number}.md"))
    assert "holds 3 files, at most 2 are taken" in upload(chief, file("a.zip", zipped.getvalue())).content.decode()
    assert not ImportRun.objects.exists()
    upload(chief, file("b.tar.gz", tarred.getvalue()), deed="real")  # one must read it through to count
    assert ImportRun.objects.get().files.get(code="too_many_files").result == "refused"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.md", "boot.md"),
        (".hidden.md", "hidden.md"),
        ("a\x00b\n.md", "a_b_.md"),
        ("港" * 200 + ".md", "港" * 49 + ".md"),
        ("x" * 300 + ".tar.gz", "x" * 143 + ".tar.gz"),
        ("...", "file"),
    ],
)
def test_names_of_uploads_are_made_safe(name, safe):
    assert uploading.safe_name(name) == safe


def test_files_of_one_name_are_all_kept(chief, data, here):
    upload(chief, file("1.md", archive.dw(1)), file("1.md", archive.dw(2)), deed="real")
    assert set(Original.objects.values_list("path", flat=True)) == {"1.md", "1 (2).md"}


def test_uploads_go_when_nobody_can_need_them_any_more(chief, data, here):
    upload(chief, file("1.md", archive.dw(1)), deed="real")
    upload(chief, file("bad.md", "nothing"), deed="real")
    well, badly = [uploading.folder_of_uploads() / run.options["upload"] for run in ImportRun.objects.order_by("pk")]
    importing.clear_uploads()
    assert well.exists()
    for days, left in ((2, [badly]), (40, [])):
        for place in uploading.folder_of_uploads().iterdir():
            os.utime(place, (time.time() - days * 86400,) * 2)
        importing.clear_uploads()
        assert list(uploading.folder_of_uploads().iterdir()) == left
    waiting = importing.plan_run({"upload": badly.name, "paths": []})
    badly.mkdir()
    os.utime(badly, (time.time() - 40 * 86400,) * 2)
    assert importing.clear_uploads() == 0
    waiting.delete()
    assert importing.clear_uploads() == 1


@pytest.mark.parametrize("role", ["", "reporter", "editor", "chief"])
def test_only_chiefs_steer(client, db, data, role, monkeypatch):
    monkeypatch.setattr(tasks.imports, "spawn", lambda *args: None)
    user = makers.UserMaker()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    run = ImportRun.objects.create(state="stopped", options={"paths": []})
    bad = ImportFile.objects.create(run=run, path="a.md", location="/nowhere", result="refused")
    answers = [
        client.get(at("importrun_upload")),
        client.post(at("importrun_upload"), {"files": [file("a.md", "x")]}),
        client.get(at("importrun_undo", run.pk)),
        client.post(at("importrun_undo", run.pk)),
        client.get(at("importfile_correct", bad.pk)),
        client.post(at("importfile_retry", bad.pk)),
        client.post(at("importrun_steer", run.pk), {"deed": "resume"}),
    ]
    assert {answer.status_code == 403 for answer in answers} == {role != "chief"}
    page = client.get(at("importfile_change", bad.pk)).content.decode()
    assert (at("importfile_correct", bad.pk) in page) == (role == "chief")
    if role != "chief":
        assert ImportRun.objects.get().state == "stopped"
        page = client.get(at("importrun_change", run.pk))
        assert page.status_code == (200 if role else 403)
        assert b'name="deed"' not in page.content


def test_deeds_are_never_done_by_a_mere_address(chief, data):
    run = makers.ImportRunMaker(state="stopped")
    bad = makers.ImportFileMaker(run=run, result="failed", location="/x")
    assert chief.get(at("importrun_steer", run.pk), {"deed": "cancel"}).status_code == 405
    assert chief.get(at("importfile_retry", bad.pk)).status_code == 405


def test_a_runs_page_asks_as_much_for_thirty_causes_as_for_three(chief):
    asked = []
    for number in (3, 30):
        run = makers.ImportRunMaker(undone={"removed": 1})
        for one in range(number):
            makers.ImportFileMaker(run=run, result="failed", code=f"cause_{one}")
            run.remainders.create(article=makers.ArticleMaker(), reason="edited")
        with CaptureQueriesContext(connection) as caught:
            assert chief.get(at("importrun_change", run.pk)).status_code == 200
        asked.append(len(caught))
    assert asked[0] == asked[1]


def test_a_broker_that_is_away_leaves_the_run_waiting_and_is_said(chief, data, monkeypatch):
    def away(run):
        raise OSError("no broker")

    monkeypatch.setattr(tasks, "launch_import", away)
    page = upload(chief, file("1.md", archive.dw(1)), deed="real").content.decode()
    assert "could not begin (no broker)" in page
    assert "Start" in page
    assert ImportRun.objects.get().state == "waiting"
