"""SIGKILL anywhere, then once more: the end is that of one clean run. Real processes, a real broker and worker."""

import contextlib
import os
import random
import signal
import sqlite3
import time

import pytest

from tests.importing import archive
from tests.killable import give_back_unacknowledged, state
from tests.services import Installation, missing, postgres_database, redis_server, wait_for

FILES = 240


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An archive with two versions of some articles, copies, stubs and faults, and a mirror of some pictures."""
    return archive.write_all(tmp_path_factory.mktemp("archive"), FILES)


@pytest.fixture(scope="module")
def clean(folder, tmp_path_factory):
    """The state after one clean run."""
    installation = Installation(tmp_path_factory.mktemp("clean"))
    installation.manage("import_articles", folder, "--images", folder / "images", "--publish", code=1)
    return state(installation)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    if request.param == "sqlite":
        yield {}
    else:
        with postgres_database() as address:
            yield {"DATABASE_URL": address}


def test_a_killed_command_run_again_ends_as_a_clean_run(folder, clean, tmp_path, database):
    installation = Installation(tmp_path, **database)
    chance = random.Random(20250128)
    arguments = ("import_articles", folder, "--images", folder / "images", "--publish", "--jobs", "2")
    for _ in range(3):
        process = installation.start(*arguments)
        time.sleep(0.6 + chance.random() * 0.9)
        process.kill()
        process.wait()
        wait_for(lambda group=process.pid: not _group_lives(group), 20, "the readers to end with their writer")
    installation.manage(*arguments, code=1)
    assert state(installation) == clean


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_two_commands_on_the_same_folder_at_once_make_each_article_once(folder, clean, tmp_path, database):
    installation = Installation(tmp_path, **database)
    arguments = ("import_articles", folder, "--images", folder / "images", "--publish", "--jobs", "1")
    both = [installation.start(*arguments) for _ in range(2)]
    assert [process.wait(timeout=600) for process in both] == [1, 1], installation.log()
    assert state(installation) == clean


def test_a_real_worker_imports_what_the_command_queues(folder, clean, tmp_path, database):
    with redis_server(tmp_path) as broker:
        installation = Installation(tmp_path, CELERY_BROKER_URL=broker, **database)
        with installation.worker():
            out = installation.manage(
                "import_articles", folder, "--images", folder / "images", "--publish", "--queue", code=1
            )
        assert f"{FILES + FILES // 40}  created" in out
        assert state(installation) == clean


def test_killed_workers_lose_nothing_and_do_nothing_twice(folder, clean, tmp_path, database):
    with redis_server(tmp_path) as broker:
        installation = Installation(tmp_path, CELERY_BROKER_URL=broker, **database)
        command = installation.start("import_articles", folder, "--images", folder / "images", "--publish", "--queue")
        try:
            for _ in range(2):
                with installation.worker() as worker:
                    time.sleep(3.5)
                    os.killpg(worker.pid, signal.SIGKILL)
            give_back_unacknowledged(broker)
            with installation.worker():
                wait_for(lambda: command.poll() is not None, 120, "the import to end: " + installation.log())
                assert state(installation) == clean  # while somebody is there to learn what is alike
        finally:
            command.kill()


def test_no_file_is_blamed_when_workers_are_killed_again_and_again(tmp_path):
    folder = archive.write(tmp_path / "archive", range(120), paragraphs=120)
    with redis_server(tmp_path) as broker:
        installation = Installation(tmp_path, CELERY_BROKER_URL=broker)
        command = installation.start("import_articles", folder, "--queue", "--no-images")

        def tried(times):
            with contextlib.closing(sqlite3.connect(tmp_path / "newsroom.sqlite3", timeout=20)) as connection:
                wanted = f"SELECT count(*) FROM articles_importfile WHERE attempts = {times} AND result = ''"
                return connection.execute(wanted).fetchone()[0]

        try:
            for kill in range(3):
                with installation.worker() as worker:
                    wait_for(lambda times=kill + 1: tried(times), 60, "files in hand once more")
                    os.killpg(worker.pid, signal.SIGKILL)
                give_back_unacknowledged(broker)
            with installation.worker():
                wait_for(lambda: command.poll() is not None, 120, "the import to end: " + installation.log())
        finally:
            command.kill()
        assert command.returncode == 0, installation.log()


def test_a_file_that_kills_its_worker_is_reported_and_the_run_goes_on(tmp_path, monkeypatch):
    if not hasattr(signal, "SIGKILL"):
        missing("this system has no SIGKILL")
    folder = archive.write(tmp_path / "archive", range(8))
    poison = folder / "articles/dw/999996.md"
    poison.write_text(archive.dw(4, title="POISON"), "utf-8")
    plug = tmp_path / "plug"
    plug.mkdir()
    (plug / "sitecustomize.py").write_text(
        "import zlib, os, sys\n_compress = zlib.compress\n"
        "def compress(raw, *rest):\n"
        "    if b'POISON' in raw: os._exit(9)\n"
        "    return _compress(raw, *rest)\n"
        "zlib.compress = compress\n",
        "utf-8",
    )
    installation = Installation(tmp_path, PYTHONPATH=str(plug))
    out = installation.manage("import_articles", folder, "--jobs", "2", code=1)
    assert "7  created" in out
    assert "reader_killed (failed)" in out
    assert "999996.md" in out
