"""The program as an operator runs it: the very commands of the Procfile, on PostgreSQL and Redis."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from articles import search
from tests.makers import ArticleMaker
from tests.services import ROOT, Installation, free_port, postgres_database, redis_server, wait_for


def procfile():
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


@contextlib.contextmanager
def running(name, place):
    """A line of the Procfile in a process group of its own; must end well when it is told to."""
    log = open(place.folder / f"{name}.log", "ab")  # noqa: SIM115 - the process keeps it
    command = ["sh", "-c", f"exec {procfile()[name]}"]
    process = subprocess.Popen(command, cwd=ROOT, env=place.environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
        process.terminate()
        assert process.wait(timeout=60) == 0, (place.folder / f"{name}.log").read_text()[-2000:]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        log.close()


def ask(address):
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_web_worker_and_beat_import_through_the_queue_and_serve(tmp_path):
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    with postgres_database() as database, contextlib.ExitStack() as stack:
        redis = stack.enter_context(redis_server(tmp_path))
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        settings = {"DATABASE_URL": database, "CELERY_BROKER_URL": redis, "PORT": str(port), "PATH": path}
        place = Installation(tmp_path, NEWSROOM_SITE_URL=site, WEB_CONCURRENCY="1", WORKER_PROCESSES="1", **settings)
        subprocess.run(
            ["sh", "-c", procfile()["release"]], cwd=ROOT, env=place.environment, check=True, capture_output=True
        )
        for name in ("web", "worker", "beat"):
            stack.enter_context(running(name, place))
        wait_for(lambda: ask(f"{site}/healthz")[0] == 200, 60, "the web process")
        assert ask(f"{site}/readyz") == (200, "ok\n")
        place.manage("import_articles", str(ROOT / "seeds"), "--queue", "--publish", "--no-images", "-v", "0")
        status, front = ask(f"{site}/")
        assert status == 200
        article = re.search(r'href="(/a/\d+/[^"]*)"', front)[1]
        assert ask(site + article)[0] == 200
        style = re.search(r'href="(/static/articles/[^"]*\.[0-9a-f]{12}\.css)"', front)[1]
        assert ask(site + style)[0] == 200
        wait_for(lambda: list(tmp_path.glob("beat-schedule*")), 30, "beat's record")


def test_readyz_says_that_the_broker_is_away(client, db, settings, monkeypatch):
    settings.HAS_BROKER = True
    monkeypatch.setattr("celery.current_app.conf.broker_url", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr("articles.health.BROKER_SECONDS", 1)
    answer = client.get("/readyz")
    assert (answer.status_code, "broker" in answer.content.decode()) == (503, True)
    assert client.get("/").status_code == 200


def test_readyz_says_that_the_disk_is_nearly_full(client, db, monkeypatch):
    monkeypatch.setattr("articles.health.LEAST_FREE", 1 << 80)
    answer = client.get("/readyz")
    assert (answer.status_code, "disk" in answer.content.decode()) == (503, True)


@pytest.mark.parametrize("behind", [False, True])
def test_readyz_says_that_the_search_index_is_behind(client, db, behind):
    article = ArticleMaker()
    if not behind:
        search.index([article.pk])
    assert client.get("/readyz").status_code == (503 if behind else 200)
