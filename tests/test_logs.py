"""What the log tells of requests, tasks and commands, and what it never tells."""

import io
import json
import logging
import logging.config
import subprocess
import sys

import pytest
import structlog
from celery import shared_task
from django.test import Client

from newsroom import logs
from tests.makers import ArticleMaker, UserMaker
from tests.services import ROOT, Installation


@pytest.fixture
def lines(monkeypatch):
    """The lines that are written, as dictionaries."""
    monkeypatch.setenv("NEWSROOM_LOG_LEVEL", "info")
    stream = io.StringIO()
    configuration = logs.configuration(is_debug=False)
    configuration["handlers"]["stderr"]["stream"] = stream
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logging.config.dictConfig(configuration)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    structlog.contextvars.clear_contextvars()


def test_a_request_leaves_one_line_with_its_number_and_without_what_was_asked(client, db, lines):
    client.get(
        "/search/?q=秘密", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="203.0.113.10", HTTP_USER_AGENT="Tell/1"
    )
    (line,) = lines()
    assert (line["event"], line["request"], line["code"]) == ("request_finished", "GET /search/", 200)
    assert line["level"] == "info"
    assert len(line["request_id"]) == 32
    assert line["milliseconds"] > 0
    told = json.dumps(line, ensure_ascii=False)
    for secret in ("秘密", "%E7%A7%98", "203.0.113", "Tell/1"):
        assert secret not in told


def test_the_key_of_a_preview_is_not_told(client, db, lines):
    client.get("/preview/the-key/")
    assert [line["request"] for line in lines()] == ["GET /preview/<str:token>/"]


def test_who_is_signed_in_is_told_by_number_and_asked_for_by_nobody(db, lines, django_assert_num_queries):
    client, user = Client(), UserMaker()
    client.force_login(user)
    client.get("/admin/")
    assert lines()[-1]["user_id"] == user.pk
    client.get("/robots.txt")
    assert "user_id" not in lines()[-1]


def test_what_machines_ask_every_few_seconds_is_not_told_while_all_is_well(client, db, lines, monkeypatch):
    client.get("/healthz")
    client.get("/readyz")
    assert lines() == []
    monkeypatch.setattr("articles.health.LEAST_FREE", 1 << 80)
    client.get("/readyz")
    assert [line["code"] for line in lines()] == [503]


def test_a_broken_page_is_told_with_its_traceback_and_a_number_that_its_reader_can_name(db, lines, monkeypatch):
    ArticleMaker(status="published")

    def fail(*_, **__):
        password = "correct horse"  # noqa: F841 - it must not be told
        raise RuntimeError("out of ink")

    monkeypatch.setattr("articles.views.machines.static", fail)
    answer = Client(raise_request_exception=False).get("/favicon.ico?q=word")
    (line,) = [line for line in lines() if line["level"] == "error"]
    assert answer.headers["X-Request-ID"] == line["request_id"]
    assert line["request"] == "GET /favicon.ico"
    assert "RuntimeError: out of ink" in line["exception"]
    assert "correct horse" not in json.dumps(line).replace('password = \\"correct horse\\"', "")


def test_a_line_told_in_one_go_is_the_one_that_structlog_would_write(lines):
    with structlog.contextvars.bound_contextvars(request_id="one"):
        structlog.get_logger("newsroom.requests").warning("request_finished", code=200, request="GET /搜尋/")
        logs.tell("newsroom.requests", logging.WARNING, "request_finished", code=200, request="GET /搜尋/")
    theirs, ours = lines()
    assert theirs.pop("timestamp")[:19] <= ours.pop("timestamp")[:19]
    assert ours == theirs
    assert ours["request_id"] == "one"


def test_a_line_below_the_level_that_is_wanted_is_not_told(lines):
    logs.tell("newsroom.requests", logging.DEBUG, "request_finished")
    assert lines() == []


@pytest.mark.parametrize(("proxies", "is_taken"), [(0, False), (1, True)])
def test_a_number_is_taken_from_a_proxy_of_ours_only(client, db, lines, settings, proxies, is_taken):
    settings.TRUSTED_PROXIES = proxies
    client.get("/robots.txt", HTTP_X_REQUEST_ID="abcdef-0123")
    client.get("/robots.txt", HTTP_X_REQUEST_ID='x" or worse')
    assert [line["request_id"] == "abcdef-0123" for line in lines()] == [is_taken, False]


def test_a_task_has_its_number_in_every_line(lines):
    @shared_task(name="tests.tell")
    def tell():
        logging.getLogger("articles.tasks").info("told %s", "something")

    with structlog.contextvars.bound_contextvars(request_id="of-a-page"):
        tell.delay()
    (line,) = lines()
    assert (line["event"], line["task"], line["request_id"]) == ("told something", "tell", "of-a-page")
    assert len(line["task_id"]) == 36


def test_a_command_has_its_number_in_every_line(tmp_path):
    place = Installation(tmp_path)
    script = "import logging; logging.getLogger('articles').warning('從命令')"
    done = subprocess.run(
        place.command("shell", "--verbosity", "0", "--command", script),
        env=place.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    line = json.loads(done.stderr.splitlines()[-1])
    assert (line["event"], line["command"], line["level"]) == ("從命令", "shell", "warning")
    assert len(line["command_id"]) == 32


def test_a_developer_gets_lines_for_people(monkeypatch, capsys):
    script = (
        "import logging.config\nfrom newsroom import logs\nlogging.config.dictConfig(logs.configuration(True))\n"
        "logging.getLogger('articles').warning('out of ink')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "out of ink" in done.stderr
    assert not done.stderr.startswith("{")
