"""Runs that somebody else carries on: Celery's workers, or a process of its own; paused, gone on with, undone there."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import psycopg
import pytest

from tests.importing import archive
from tests.services import ROOT, Installation, postgres_database, redis_server, wait_for

PLUG = (
    "import zlib, os, sys\n_compress = zlib.compress\n"
    "def compress(raw, *rest):\n"
    "    if b'POISON' in raw: os._exit(9)\n"
    "    return _compress(raw, *rest)\n"
    "zlib.compress = compress\n"
)
BEGIN = (
    "import json, sys; from articles import importing, tasks; from articles.models import *;"
    "run = importing.plan_run(json.loads(sys.argv[-1]), dry_run={dry}); tasks.launch_import(run); print(run.pk)"
)


def tell(installation, code, *args):
    """Run a piece of Python inside the program; returns what it prints, read as JSON."""
    head = f"import sys, django; sys.argv = {['x', *args]!r}; django.setup()"
    script = "\n".join([head, *(line.strip() for line in code.split(";"))])
    environment = {**installation.environment, "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def begin(installation, folder, *, dry_run=False, **options):
    return tell(installation, BEGIN.format(dry=dry_run), json.dumps({"paths": [str(folder)], **options}))


def ask(installation, sql):
    """The first row of a question to the database itself, which costs no start of the program; None before there is
    one.
    """
    address = installation.environment.get("DATABASE_URL")
    if address:
        with psycopg.connect(address.replace("postgres://", "postgresql://")) as connection:
            return connection.execute(sql).fetchone()
    with contextlib.closing(sqlite3.connect(installation.folder / "newsroom.sqlite3", timeout=20)) as connection:
        return connection.execute(sql).fetchone()


def facts(installation, number):
    """State, counts, undone, articles, files of a run; None before it has begun."""
    row = ask(
        installation,
        "SELECT state, counts, undone, (SELECT count(*) FROM articles_article), (SELECT count(*) FROM"
        f" articles_importfile WHERE run_id = {number}) FROM articles_importrun WHERE id = {number}",
    )
    return row and [row[0], *(json.loads(one) if isinstance(one, str) else one for one in row[1:3]), *row[3:]]


def has_articles(installation, number=1):
    found = facts(installation, number)
    return bool(found and found[3])


def wait_until(installation, number, *states):
    found = []

    def there():
        found[:] = facts(installation, number)
        return found[0] in states

    wait_for(there, 120, f"run {number} to be {states}, is {found}: {installation.log()}")
    return found


def poisoned(tmp_path, number):
    folder = archive.write(tmp_path / "archive", range(number))
    (folder / "articles/dw/999996.md").write_text(archive.dw(4, title="POISON"), "utf-8")
    plug = tmp_path / "plug"
    plug.mkdir()
    (plug / "sitecustomize.py").write_text(PLUG, "utf-8")
    return folder, str(plug)


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_workers_try_import_and_undo_what_was_begun_elsewhere(tmp_path, database):
    with redis_server(tmp_path) as broker:
        if database == "sqlite":
            _try_import_and_undo(tmp_path, CELERY_BROKER_URL=broker)
        else:
            with postgres_database() as address:
                _try_import_and_undo(tmp_path, CELERY_BROKER_URL=broker, DATABASE_URL=address)


def _try_import_and_undo(tmp_path, **environment):
    installation = Installation(tmp_path / "site", **environment)
    folder = archive.write(tmp_path / "archive", range(420))
    (folder / "articles/dw/bad.md").write_text("no header", "utf-8")
    with installation.worker():
        state, tried, _, articles, _ = wait_until(installation, begin(installation, folder, dry_run=True), "finished")
        assert (tried["created"], tried["refused"], articles) == (420, 1, 0)
        real = begin(installation, folder)
        state, counts, _, articles, files = wait_until(installation, real, "finished", "interrupted")
        assert (state, articles, files) == ("finished", 420, 421)
        assert {name: counts[name] for name in ("created", "refused")} == {"created": 420, "refused": 1}
        undo = f"from articles import tasks; from articles.models import *; r = ImportRun.objects.get(pk={real});"
        undo += "tasks.undo_import(r);"
        tell(installation, undo + "print(1)")
        state, _, undone, articles, _ = wait_until(installation, real, "undone")
        assert (articles, undone["removed"]) == (0, 420)


def test_a_queued_run_is_paused_and_gone_on_with_and_nothing_is_done_twice(tmp_path):
    with redis_server(tmp_path) as broker:
        installation = Installation(tmp_path / "site", CELERY_BROKER_URL=broker)
        folder = archive.write(tmp_path / "archive", range(400), paragraphs=40)
        steer = "from articles import importing; from articles.models import *; r = ImportRun.objects.get(pk={run});"
        with installation.worker():
            run = begin(installation, folder)
            wait_for(lambda: has_articles(installation, run), 60, "the first batch")
            tell(installation, steer.format(run=run) + "importing.ask(r, 'pause'); print(1)")
            state = facts(installation, run)[0]
            assert state in ("stopped", "finished")

            def is_quiet():  # the batches in hand are ended and counted, whatever the machine is busy with
                before = facts(installation, run)
                time.sleep(1)
                return before == facts(installation, run) and before[1]["created"] == before[3]

            wait_for(is_quiet, 60, "the batches in hand")
            articles = facts(installation, run)[3]
            assert state == "finished" or articles < 400, "a paused run went on to its end"
            time.sleep(2)
            assert facts(installation, run)[3] == articles, "a paused run goes on"
            if state == "stopped":
                tell(
                    installation, steer.format(run=run) + "from articles import tasks; tasks.launch_import(r); print(1)"
                )
            state, counts, _, articles, files = wait_until(installation, run, "finished")
            assert (counts["created"], articles, files) == (400, 400, 400)


def test_a_file_that_kills_celery_workers_is_reported_after_two_tries_and_the_run_goes_on(tmp_path):
    folder, plug = poisoned(tmp_path, 60)
    with redis_server(tmp_path) as broker:
        installation = Installation(tmp_path / "site", CELERY_BROKER_URL=broker, PYTHONPATH=plug)
        with installation.worker():
            out = installation.manage("import_articles", folder, "--queue", code=1)
            dry = begin(installation, folder, dry_run=True, again=True)  # by one worker alone
            state, counts, *_ = wait_until(installation, dry, "finished", "interrupted")
            assert (state, counts["unchanged"], counts["failed"]) == ("finished", 59, 1)
        assert "59  created" in out
        assert "reader_killed (failed)" in out
        assert "killed its worker 2 times" in out


def test_without_a_broker_a_process_of_its_own_does_it_and_outlives_a_poisoned_file(tmp_path):
    folder, plug = poisoned(tmp_path, 30)
    installation = Installation(tmp_path / "site", PYTHONPATH=plug)
    run = begin(installation, folder)  # by a process that has ended now
    state, counts, _, articles, files = wait_until(installation, run, "finished", "interrupted")
    assert (state, counts["created"], counts["failed"], articles, files) == ("finished", 29, 1, 29, 30)
    out = installation.manage("import_articles", folder, "--jobs", "1", "--again", "--dry-run", code=1)
    assert ("29  unchanged" in out, "reader_killed (failed)" in out) == (True, True)
    out = installation.manage("import_articles", folder, "--jobs", "1", "--again", code=1)
    assert ("29  unchanged" in out, "reader_killed (failed)" in out) == (True, True)
    assert "failed 1" in installation.manage("watch_inbox", folder / "articles/dw", "--once", "--settle", "0.1")


def test_ctrl_c_pauses_a_run_and_resume_ends_it_with_one_report(tmp_path):
    installation = Installation(tmp_path / "site")
    folder = archive.write(tmp_path / "archive", range(500), paragraphs=30)
    process = installation.start("import_articles", folder, "--jobs", "2")
    wait_for(lambda: has_articles(installation), 60, "the first batch")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=600) == 130, installation.log()
    assert "--resume 1" in installation.log()
    state, counts, _, articles, files = facts(installation, 1)
    assert (state, counts["created"], articles) == ("stopped", files, files)
    assert 0 < files < 500
    installation.manage("import_articles", "--resume", "1", "--report", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert (report["run"], report["files"], report["created"], len(report["items"])) == (1, 500, 500, 500)
    assert len({item["path"] for item in report["items"]}) == 500


def test_a_killed_run_is_gone_on_with_in_the_same_record(tmp_path):
    installation = Installation(tmp_path / "site")
    folder = archive.write(tmp_path / "archive", range(400), paragraphs=30)
    process = installation.start("import_articles", folder, "--jobs", "2")
    wait_for(lambda: has_articles(installation), 60, "the first batch")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    installation.manage("import_articles", "--resume", "1")
    state, counts, _, articles, files = facts(installation, 1)
    assert (state, counts["created"], articles, files) == ("finished", 400, 400, 400)
