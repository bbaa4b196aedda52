"""An installation in trouble: a full disk, a crowd at one SQLite, servers that are killed while it imports."""

import contextlib
import json
import os
import shutil
import subprocess
import time

import pytest

from tests.importing import archive
from tests.killable import PostgreSQL, Redis, state
from tests.services import ROOT, Installation, free_port

FILES = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return archive.write_all(tmp_path_factory.mktemp("archive"), FILES)


@pytest.fixture(scope="module")
def clean(folder, tmp_path_factory):
    """The state after one clean run."""
    place = Installation(tmp_path_factory.mktemp("clean"))
    place.manage("import_articles", folder, "--images", folder / "images", "--publish", code=1)
    return state(place)


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own, and a way to make it larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here, so no disk can be filled")
    yield disk, lambda size: subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)
    subprocess.run(["umount", "--lazy", disk], check=False)


def test_a_full_disk_stops_the_import_in_words_and_blames_no_file(folder, clean, small_disk, tmp_path):
    disk, grow = small_disk
    place = Installation(tmp_path, NEWSROOM_DATA_DIR=str(disk))
    arguments = ("import_articles", folder, "--images", folder / "images", "--publish", "--jobs", "1")
    with open(disk / "filler", "wb") as filler:
        filler.write(bytes(max(0, shutil.disk_usage(disk).free - (1 << 20))))
    process = place.start(*arguments)
    assert process.wait(timeout=300) == 1
    told = place.log()
    assert "database or disk is full" in told
    assert "run the same command again" in told
    assert "Traceback" not in told
    grow("100m")
    assert not set(_results(place)) & {"failed"}
    place.manage(*arguments, code=1)
    assert state(place) == clean


def _results(place):
    told = "from articles.models import *; import json; print(json.dumps([f.result for f in ImportFile.objects.all()]))"
    return json.loads(place.manage("shell", "--verbosity", "0", "--command", told))


def test_four_writers_and_twenty_readers_share_one_sqlite(folder, clean, tmp_path):
    place = Installation(tmp_path)
    seeds = archive.write(tmp_path / "seeds", range(900, 912))
    place.manage("import_articles", seeds, "--publish", "--no-images", "--verbosity", "0")
    environment = {**place.environment, "CROWD_ARCHIVE": str(folder), "NEWSROOM_DEBUG": "true"}
    with open(ROOT / "tests/importing/crowd.py", encoding="utf-8") as script:
        done = subprocess.run(
            place.command("shell", "--verbosity", "0"),
            stdin=script,
            env=environment,
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
            timeout=600,
        )
    found = json.loads(done.stdout)
    assert found["faults"] == []
    # The import has files at fault among its own, and says so with its status.
    assert [end for end in found["ends"] if end] in ([], [256])
    assert found["articles"] == len(clean["articles"]) + 12


def test_a_broker_and_a_database_that_are_killed_cost_an_import_nothing(folder, clean, tmp_path):
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(Redis(tmp_path / "redis"))
        database = stack.enter_context(PostgreSQL())
        place = Installation(tmp_path / "site", DATABASE_URL=database.address, CELERY_BROKER_URL=broker.address)
        arguments = ("import_articles", folder, "--images", folder / "images", "--publish", "--queue")
        stack.enter_context(place.worker())
        for server in (broker, database):
            command = place.start(*arguments, "--again")
            time.sleep(2.5)
            server.kill()
            time.sleep(0.5)
            server.start()
            os.killpg(command.pid, 9)
            command.wait()
        place.manage(*arguments, code=1)
        assert state(place) == clean


def test_a_broker_that_is_away_is_said_before_anything_is_begun_and_readers_are_served(folder, tmp_path):
    broker = f"redis://127.0.0.1:{free_port()}/0"
    place = Installation(tmp_path, CELERY_BROKER_URL=broker, NEWSROOM_DEBUG="true")
    process = place.start("import_articles", folder, "--queue")
    assert process.wait(timeout=300) == 1
    told = place.log()
    assert "The broker at CELERY_BROKER_URL does not answer" in told
    assert "--resume 1" in told
    assert "Traceback" not in told
    assert set(_results(place)) == {""}  # no file is half done
    script = "from django.test import Client; print(Client(SERVER_NAME='127.0.0.1').get('/').status_code)"
    assert place.manage("shell", "--verbosity", "0", "--command", script).strip() == "200"
