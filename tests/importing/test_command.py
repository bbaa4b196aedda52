"""The command: what it prints, what it returns, what it leaves."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile

import PIL.Image
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from articles import importing, likeness, tasks
from articles.ingest.links import address_key
from articles.models import Article, Block, Image, ImageHost, ImportFile, ImportRun, Original, block_key
from articles.models.search import TOKENS_TABLE
from tests import makers
from tests.importing import archive
from tests.services import ROOT, Installation

pytestmark = pytest.mark.django_db(transaction=True)


TOTALS = ("files", "created", "updated", "unchanged", "kept", "duplicate", "refused", "failed", "images_wanted")


def run(*args, code=0, **options):
    """Run the command in this process; returns its report."""
    out, err = io.StringIO(), io.StringIO()
    report = options.pop("report", None)
    options.setdefault("jobs", 1)
    ended = 0
    try:
        call_command("import_articles", *map(str, args), stdout=out, stderr=err, report=str(report or ""), **options)
    except SystemExit as error:
        ended = error.code
    assert ended == code, out.getvalue() + err.getvalue()
    return (json.loads(report.read_text(encoding="utf-8")) if report else None), out.getvalue(), err.getvalue()


@pytest.fixture
def folder(tmp_path):
    return archive.write(tmp_path / "archive", range(12))


def test_a_folder_is_imported_and_reported(folder, tmp_path):
    report, out, _ = run(folder, publish=True, report=tmp_path / "r.json")
    assert (report["files"], report["created"], report["refused"], report["dry_run"]) == (12, 12, 0, False)
    assert report["images_wanted"] == 12
    assert report["items"][0] == {
        "path": "articles/dw/1000000.md",
        "result": "created",
        "code": "",
        "reason": "",
        "article": Article.objects.get(address_key="dw.com/a-7000000").pk,
    }
    assert "12  created" in out
    assert Article.objects.published().count() == 12
    assert ImportRun.objects.get().counts["created"] == 12
    assert ImportRun.objects.get().state == "finished"


def test_who_waits_for_what_is_alike_is_told_that_all_is_stored(folder):
    told = "All files are stored"
    assert run(folder)[2].count(told) == 1
    assert told not in run(folder)[2]
    assert told not in run(folder, again=True, dry_run=True)[2]
    assert told not in run(folder, again=True, verbosity=0)[2]


def test_what_is_alike_is_looked_for_as_told_before_pictures_are_placed(folder, tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(tasks, "find_alike", lambda **how: done.append("alike"))
    monkeypatch.setattr(tasks, "place_all_images", lambda place: done.append("pictures") or [])
    (tmp_path / "images").mkdir()
    run(folder, images=str(tmp_path / "images"))
    assert done == ["alike", "pictures"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a matter of SQLite's index")
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_import_leaves_the_search_index_in_one_part(folder, jobs, monkeypatch):
    monkeypatch.setattr(importing.batches, "BATCH", 3)
    monkeypatch.setattr(sys.modules["articles.search.index"], "MANY_PARTS", 2)
    monkeypatch.setattr(likeness.learning, "BATCH", 3)
    run(folder, jobs=jobs)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT segid) FROM {TOKENS_TABLE}_idx")
        assert cursor.fetchone() == (1,)


def test_a_second_import_reads_nothing_and_changes_nothing(folder, tmp_path):
    run(folder)
    before = list(Article.objects.order_by("pk").values())
    report, _, _ = run(folder, report=tmp_path / "r.json")
    assert (report["unchanged"], report["files"], report["images_wanted"]) == (12, 12, 0)
    assert list(Article.objects.order_by("pk").values()) == before
    assert Original.objects.count() == 12


def test_the_hosts_of_pictures_are_known_even_when_none_is_placed(folder):
    run(folder, no_images=True)
    assert list(ImageHost.objects.values_list("name", flat=True)) == ["static.dw.com"]


def test_what_is_taken_down_is_told_as_such_and_no_file_is_to_be_mended(folder, tmp_path):
    take_down = makers.TakeDownMaker(state="in_force", decided_at=timezone.now(), begins_at=timezone.now())
    kept_out = f"https://www.dw.com/zh/x/a-{7000000 + 4}"
    value = address_key(kept_out)
    Block.objects.create(take_down=take_down, kind="address", value=value, key=block_key("address", value))
    _, out, _ = run(folder, code=1)
    assert "11  created" in out
    assert "1  refused (taken down here: these stay out)" in out
    assert f"1 × taken_down (refused), for example articles/dw/999996.md\n    Taken down ({take_down.reference})" in out
    assert "at fault" not in out
    assert "Mend the files" not in out
    (folder / "articles/dw/bad.md").write_text("no header", "utf-8")
    _, out, _ = run(folder, code=1)
    assert "1  refused (taken down here: these stay out)" in out
    assert "1  refused (the file is at fault)" in out
    assert "Mend the files" in out


@pytest.mark.parametrize(("status", "served"), [(0, True), (1, True), (2, False)])
def test_make_run_serves_what_there_is_when_a_sample_article_stays_out(tmp_path, status, served):
    """With a Python that only writes down what it is told to do, and ends the import with this status."""
    (tmp_path / "bin").mkdir()
    python, log = tmp_path / "bin/python", tmp_path / "log"
    python.write_text(f'#!/bin/sh\necho "$@" >> {log}\n[ "$2" = import_articles ] && exit {status}\nexit 0\n')
    python.chmod(0o755)
    (tmp_path / ".run").touch()
    done = subprocess.run(["make", "run", f"VENV={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is served, done.stderr
    assert ("runserver" in log.read_text()) is served
    assert ("stayed out" in done.stdout) is (status == 1)


def test_two_processes_read_as_one_does(folder, tmp_path):
    report, _, _ = run(folder, jobs=2, report=tmp_path / "r.json")
    assert report["created"] == 12
    assert [item["path"] for item in report["items"]] == sorted(item["path"] for item in report["items"])


def test_again_reads_everything_and_finds_it_unchanged(folder, tmp_path):
    run(folder)
    report, _, _ = run(folder, again=True, report=tmp_path / "r.json")
    assert (report["unchanged"], report["updated"]) == (12, 0)


def test_a_dry_run_predicts_the_real_one_and_keeps_nothing(folder, tmp_path):
    archive.write(folder, [3], epoch=1738999999000, title="新的標題")
    shutil.copy(folder / "articles/dw/999990.md", folder / "articles/dw/copy.md")
    (folder / "articles/dw/bad.md").write_text("no header", encoding="utf-8")
    (folder / "articles/rfa").mkdir()
    (folder / "articles/rfa/1.md").write_text(archive.dw(5, epoch=1600000000000), encoding="utf-8")
    dry, out, _ = run(folder, dry_run=True, report=tmp_path / "d.json", code=1)
    assert "nothing kept" in out
    assert not Article.objects.exists()
    assert not ImportRun.objects.exists()
    real, _, _ = run(folder, report=tmp_path / "r.json", code=1)
    assert dry["run"] is None
    assert [(i["path"], i["result"], i["reason"]) for i in dry["items"]] == [
        (i["path"], i["result"], i["reason"]) for i in real["items"]
    ]
    assert {k: dry[k] for k in TOTALS} == {k: real[k] for k in TOTALS}
    assert (real["created"], real["duplicate"], real["refused"]) == (12, 2, 1)


def test_faults_are_grouped_and_a_retry_takes_only_them(folder, tmp_path):
    for number in range(3):
        (folder / f"articles/dw/bad{number}.md").write_text("no header", encoding="utf-8")
    _, out, _ = run(folder, code=1)
    assert "3 × no_header (refused)" in out
    assert "--retry 1" in out.replace(f"--retry {ImportRun.objects.get().pk}", "--retry 1")
    (folder / "articles/dw/bad0.md").write_text(archive.dw(100), encoding="utf-8")
    report, _, _ = run(retry=ImportRun.objects.get().pk, report=tmp_path / "r.json", code=1)
    assert (report["files"], report["created"], report["refused"]) == (3, 1, 2)


def test_one_sources_folder_alone_is_known_by_its_name(folder):
    run(folder / "articles/dw")
    assert Original.objects.order_by("path").first().path == "dw/1000000.md"


def test_a_zip_file_and_standard_input_are_read(folder, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        for file in sorted((folder / "articles/dw").iterdir()):
            zipped.write(file, f"dw/{file.name}")
    report, _, _ = run(tmp_path / "a.zip", jobs=2, report=tmp_path / "r.json")
    assert (report["created"], report["items"][0]["path"]) == (12, "dw/1000000.md")

    class Input:
        buffer = io.BytesIO(archive.dw(50).encode())

    monkeypatch.setattr(sys, "stdin", Input)
    report, _, _ = run("-", report=tmp_path / "r.json")
    assert report["created"] == 1


def test_the_report_alone_goes_to_standard_output(folder, capsys):
    call_command("import_articles", str(folder), report="-", jobs=1, stderr=io.StringIO())
    assert json.loads(capsys.readouterr().out)["created"] == 12


def test_nothing_is_printed_with_verbosity_zero(folder):
    _, out, err = run(folder, verbosity=0)
    assert (out, err) == ("", "")


def picture(path, colour):
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", (64, 36), colour).save(path)


def test_pictures_are_placed_from_the_mirror_and_also_after_a_run_that_was_killed(folder, tmp_path, settings):
    mirror = folder / "images"
    picture(mirror / "static.dw.com/image/1_303.jpg", "red")
    (mirror / "static.dw.com/image/2_303.jpg").write_bytes(b"no picture")
    run(folder, images=str(mirror))
    assert Image.objects.get(origin_url__endswith="/1_303.jpg").state == "stored"
    assert Image.objects.get(origin_url__endswith="/2_303.jpg").state == "not_an_image"
    assert Image.objects.filter(state="waiting").count() == 10
    stored = Image.objects.get(state="stored")
    assert (stored.width, stored.height) == (64, 36)
    assert stored.file.read() == (mirror / "static.dw.com/image/1_303.jpg").read_bytes()
    picture(mirror / "static.dw.com/image/3_303.jpg", "red")
    run(folder, images=str(mirror))
    assert Image.objects.filter(state="stored").count() == 2
    assert len(list((settings.MEDIA_ROOT / "images").rglob("*.jpg"))) == 1


@pytest.mark.parametrize(
    ("args", "options", "words"),
    [
        ((), {}, "Name a file"),
        (("/nowhere/at/all",), {}, "nothing at"),
        ((".",), {"source": "nobody"}, "no source"),
        ((".",), {"jobs": 0}, "at least 1"),
        ((".",), {"images": "/nowhere"}, "no folder"),
        ((".",), {"queue": True}, "CELERY_BROKER_URL"),
        ((), {"retry": 99}, "no import 99"),
        ((), {"resume": 99}, "no import 99"),
    ],
)
def test_wrong_usage_is_said_in_one_line_and_leaves_with_two(args, options, words):
    with pytest.raises(CommandError, match=words) as caught:
        call_command("import_articles", *args, **options)
    assert caught.value.returncode == 2
    assert not ImportFile.objects.exists()


def test_a_database_that_is_not_migrated_is_said_and_not_a_traceback(tmp_path):
    environment = {"NEWSROOM_SECRET_KEY": "x", "NEWSROOM_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "manage.py", "import_articles", "seeds"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 2
    assert "run manage.py migrate first" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broker_that_is_away_costs_no_article_and_is_said(folder, tmp_path):
    installation = Installation(tmp_path, CELERY_BROKER_URL="redis://127.0.0.1:1/0")
    picture(folder / "images/static.dw.com/image/1_303.jpg", "red")
    out = installation.manage("import_articles", folder, "--images", folder / "images")
    assert "12  created" in out
    done = subprocess.run(
        installation.command("import_articles", str(folder), "--queue", "--again"),
        env=installation.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr
