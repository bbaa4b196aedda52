"""Runs that somebody else carries on: Celery's workers, or a process of its own; paused, gone on with, undone there."""

import concurrent.futures
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
import redis

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


@pytest.fixture(params=["sqlite", "postgres"])
def servers(request, tmp_path):
    """A Redis, and each of the two databases in turn."""
    with contextlib.ExitStack() as stack:
        found = {"CELERY_BROKER_URL": stack.enter_context(redis_server(tmp_path))}
        if request.param == "postgres":
            found["DATABASE_URL"] = stack.enter_context(postgres_database())
        yield found


def test_workers_try_import_and_undo_what_was_begun_elsewhere(tmp_path, servers):
    installation = Installation(tmp_path / "site", **servers)
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


def is_quiet(servers):
    """Whether no message waits and none is in hand: from then on nothing can be done, however busy the machine is."""
    broker = redis.Redis.from_url(servers["CELERY_BROKER_URL"])
    for _ in range(5):  # one that is handed over is in neither place for a moment
        if broker.llen("celery") or broker.hlen("unacked"):
            return False
        time.sleep(0.02)
    return True


# Waits inside the program for the first batch, so that the wish comes while most of the run is still to be done.
ASK = (
    "import time; from articles import importing; from articles.models import *;"
    "begun = lambda: ImportFile.objects.filter(run={run}).exclude(result='').exists();"
    "[time.sleep(0.05) for _ in iter(begun, True)];"
    "importing.ask(ImportRun.objects.get(pk={run}), '{wish}'); print(1)"
)


def test_a_queued_run_is_paused_gone_on_with_and_cancelled_and_nothing_is_done_twice(tmp_path, servers):
    installation = Installation(tmp_path / "site", **servers)
    folder = archive.write(tmp_path / "archive", range(400), paragraphs=120)
    with installation.worker(), concurrent.futures.ThreadPoolExecutor(1) as beside:
        asked = beside.submit(tell, installation, ASK.format(run=1, wish="pause"))
        run = begin(installation, folder)
        asked.result()
        assert facts(installation, run)[0] == "stopped"
        wait_for(lambda: is_quiet(servers), 60, "the batches in hand")
        articles = facts(installation, run)[3]
        assert articles < 400, "a paused run went on to its end"
        time.sleep(2)
        assert facts(installation, run)[3] == articles, "a paused run goes on"
        launch = f"from articles import tasks; from articles.models import *; r = ImportRun.objects.get(pk={run});"
        tell(installation, launch + "tasks.launch_import(r); print(1)")
        _, counts, _, articles, files = wait_until(installation, run, "finished")
        assert (counts["created"], articles, files) == (400, 400, 400)
        asked = beside.submit(tell, installation, ASK.format(run=2, wish="cancel"))
        again = begin(installation, folder, again=True)
        asked.result()
        assert facts(installation, again)[0] == "cancelled"
        done = f"SELECT count(*) FROM articles_importfile WHERE run_id = {again} AND result <> ''"
        wait_for(lambda: is_quiet(servers), 60, "the batches in hand")
        assert ask(installation, done)[0] < 400, "a cancelled run went on to its end"
        assert facts(installation, again)[3] == 400


def test_a_file_that_kills_celery_workers_is_reported_and_the_run_goes_on(tmp_path, servers):
    folder, plug = poisoned(tmp_path, 60)
    installation = Installation(tmp_path / "site", PYTHONPATH=plug, **servers)
    with installation.worker():
        out = installation.manage("import_articles", folder, "--queue", code=1)
        dry = begin(installation, folder, dry_run=True, again=True)
        state, counts, *_ = wait_until(installation, dry, "finished", "interrupted")
        assert (state, counts["unchanged"], counts["failed"]) == ("finished", 59, 1)
    assert "59  created" in out
    assert "reader_killed (failed)" in out
    assert "killed its process 2 times" in out


def hanging(tmp_path, number):
    """An archive with a file in which reading never ends."""
    folder, plug = poisoned(tmp_path, number)
    (tmp_path / "plug/sitecustomize.py").write_text(PLUG.replace("os._exit(9)", "[None for _ in iter(int, 1)]"))
    return folder, {"PYTHONPATH": plug, "NEWSROOM_FILE_SECONDS": "2"}


def test_a_file_that_hangs_is_reported_and_the_run_goes_on(tmp_path):
    folder, environment = hanging(tmp_path, 30)
    installation = Installation(tmp_path / "site", **environment)
    out = installation.manage("import_articles", folder, "--jobs", "2", code=1)
    assert ("29  created" in out, "reader_hangs (failed)" in out) == (True, True)


def test_a_file_that_hangs_in_a_celery_worker_is_reported_and_the_run_goes_on(tmp_path):
    folder, environment = hanging(tmp_path, 60)
    with redis_server(tmp_path) as broker:
        installation = Installation(tmp_path / "site", CELERY_BROKER_URL=broker, **environment)
        with installation.worker():
            out = installation.manage("import_articles", folder, "--queue", code=1)
    assert ("59  created" in out, "reader_hangs (failed)" in out) == (True, True)
    assert "took longer than 2 seconds" in out


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
