"""The program as an operator runs it: the very commands of the Procfile, on PostgreSQL and Redis."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from articles import search
from articles.models import Article
from tests.makers import ArticleMaker, OriginalMaker, RevisionMaker
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


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_machines_inside_may_ask_by_any_name_and_the_name_is_not_told(client, db, settings, address):
    settings.METRICS_TOKEN = "a-token-that-nobody-guesses"
    settings.ALLOWED_HOSTS = ["news.example"]
    sent = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    for host in ("10.0.0.5:8000", "evil.example", "no host at all"):
        answer = client.get(address, headers={"Host": host, **sent})
        assert answer.status_code == 200
        assert host not in f"{answer.content}{answer.headers}"
        assert client.get("/", headers={"Host": host}).status_code == 400


class Away:
    """A database that does not answer."""

    def __call__(self, *_):
        raise OperationalError("connection refused")


def test_readyz_and_metrics_say_that_the_database_is_away_and_wait_for_it_once(client, db, settings):
    settings.METRICS_TOKEN = "a-token-that-nobody-guesses"
    with connection.execute_wrapper(Away()):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.content) == (503, b"the database does not answer\n")
        told = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
        assert client.get("/healthz").status_code == 200
    assert told.status_code == 200
    assert "newsroom_ready 0.0" in told.content.decode()
    assert "newsroom_articles" not in told.content.decode()


def test_readyz_says_within_seconds_that_postgresql_is_away(tmp_path):
    script = (
        "import time; from django.test import Client; began = time.monotonic();"
        " answer = Client(SERVER_NAME='127.0.0.1').get('/readyz');"
        " print(answer.status_code, answer.content.decode().strip(), time.monotonic() - began < 10)"
    )
    address = f"postgres://newsroom@127.0.0.1:{free_port()}/newsroom"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Installation, "set_up", lambda _: None)  # nothing to migrate
        place = Installation(tmp_path, DATABASE_URL=address, NEWSROOM_DEBUG="true")
    assert place.manage("shell", "--verbosity", "0", "--no-imports", "--command", script).strip() == (
        "503 the database does not answer True"
    )


def test_readyz_says_that_migrations_are_missing(client, db):
    [last] = MigrationLoader(connection).graph.leaf_nodes("articles")
    MigrationRecorder(connection).record_unapplied(*last)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"migrations are missing: run manage.py migrate\n")


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


@pytest.mark.parametrize("left", [OriginalMaker, RevisionMaker])
def test_readyz_says_that_an_entry_of_what_was_changed_last_is_stale(client, db, left):
    article = ArticleMaker()
    left(article=article)
    search.index([article.pk])
    assert client.get("/readyz").status_code == 200
    Article.objects.update(title="另一個題目")
    assert client.get("/readyz").content == b"the search index is behind: run manage.py rebuild_search\n"


def commands_of(name):
    """What compose.yaml's services, and the image, run."""
    if name == "web":
        last = (ROOT / "Dockerfile").read_text().strip().rpartition("CMD ")[2]
        return " ".join(json.loads(last))
    command = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"][name]["command"]
    return command.removeprefix('sh -c "').removesuffix('"')


@pytest.mark.parametrize("name", ["web", "worker", "beat", "release"])
def test_containers_run_the_commands_of_the_procfile(name):
    given = procfile()[name].replace("${NEWSROOM_DATA_DIR:-var}", "/data")
    assert commands_of(name).replace("'", '"') == given


def test_containers_get_every_setting_and_are_watched_over():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name in ("web", "worker", "beat", "release"):
        assert services[name]["env_file"] == [{"path": ".env", "required": False}]
    for name in ("worker", "beat"):
        assert services[name]["healthcheck"]["test"][0] == "CMD-SHELL"
    healthy = (ROOT / "Dockerfile").read_text()
    assert "HEALTHCHECK" in healthy
