"""An installation in trouble: a full disk, a crowd at one SQLite, servers that are killed while it imports."""

import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import requests
from kombu import Connection
from selectolax.lexbor import LexborHTMLParser

from tests.importing import archive
from tests.importing.test_background import ask
from tests.killable import PostgreSQL, RabbitMQ, Redis, let_time_pass, state
from tests.services import (
    ROOT,
    Installation,
    free_port,
    listens,
    missing,
    postgres_database,
    redis_server,
    wait_for,
)

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
        missing("nothing can be mounted here, so no disk can be filled")
    yield disk, lambda size: subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)
    subprocess.run(["umount", "--lazy", disk], check=False)


def test_a_full_disk_stops_the_import_in_words_and_blames_no_file(folder, clean, small_disk, tmp_path):
    disk, grow = small_disk
    place = Installation(tmp_path, NEWSROOM_DATA_DIR=str(disk))
    arguments = ("import_articles", folder, "--images", folder / "images", "--publish", "--jobs", "1")
    fill(disk)
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


def fill(disk):
    with open(disk / "filler", "wb") as filler:
        filler.write(bytes(max(0, shutil.disk_usage(disk).free - (1 << 20))))


def test_a_full_disk_under_a_worker_blames_no_file_and_it_goes_on_when_there_is_room(
    folder, clean, small_disk, tmp_path
):
    disk, grow = small_disk
    with redis_server(tmp_path) as broker:
        place = Installation(tmp_path, NEWSROOM_DATA_DIR=str(disk), CELERY_BROKER_URL=broker)
        fill(disk)
        arguments = ("import_articles", folder, "--images", folder / "images", "--publish", "--queue")

        def is_full():
            return "disk is full" in (tmp_path / "worker.log").read_text()

        command = place.start(*arguments)
        with place.worker():
            wait_for(lambda: is_full() or command.poll() is not None, 60, "the disk to be full")
            grow("100m")
            (disk / "filler").unlink()
            command.wait(timeout=300)
            assert not set(_results(place)) & {"failed"}
            place.manage(*arguments, code=1)
        assert is_full()
        assert state(place) == clean


def _results(place):
    told = "from articles.models import *; import json; print(json.dumps([f.result for f in ImportFile.objects.all()]))"
    return json.loads(place.manage("shell", "--verbosity", "0", "--command", told))


@contextlib.contextmanager
def serving(place):
    """The application server over an installation; yields its address."""
    port = free_port()
    environment = {**place.environment, "PORT": str(port), "NEWSROOM_DEBUG": "true", "WEB_CONCURRENCY": "2"}
    command = [sys.executable, "-m", "gunicorn", "newsroom.wsgi", "--config", "gunicorn.conf.py"]
    log = open(place.folder / "web.log", "ab")  # noqa: SIM115 - the process keeps it
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(lambda: listens(port), 60, "the application server")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


ENTER = """
import json
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from articles.models import Article
client = Client()
client.force_login(get_user_model().objects.create_superuser("chief"))
numbers = list(Article.objects.order_by("pk").values_list("pk", flat=True))
print(json.dumps([client.cookies[settings.SESSION_COOKIE_NAME].value, numbers]))
"""


def fields_of(page):
    """What a browser would send back unchanged of the form that can be saved."""
    found = {}
    form = next(one for one in LexborHTMLParser(page).css("form") if one.css_first('[name="_save"]'))
    for field in form.css("input[name], textarea[name], select[name]"):
        name, kind = field.attributes["name"], field.attributes.get("type", "")
        if field.tag == "select":
            values = [one.attributes.get("value", "") for one in field.css("option[selected]")]
        elif kind in ("checkbox", "radio"):
            values = [field.attributes.get("value") or "on"] if "checked" in field.attributes else []
        elif kind in ("submit", "button", "file"):
            values = []
        else:
            values = [field.text() if field.tag == "textarea" else field.attributes.get("value") or ""]
        if values:
            found.setdefault(name, []).extend(values)
    return found


class Editor:
    """Somebody at the desk, in a browser without scripts."""

    def __init__(self, site, session):
        self.site, self.session = site, requests.Session()
        self.session.cookies.set("sessionid", session)

    def save(self, number, title):
        """Open the form of an article, change its title, save; the status of the page that follows."""
        address = f"{self.site}/admin/articles/article/{number}/change/"
        page = self.session.get(address, timeout=60)
        assert page.status_code == 200, page.status_code
        fields = fields_of(page.text) | {"title": title, "_save": "yes"}
        answer = self.session.post(address, fields, headers={"Referer": address}, timeout=60, allow_redirects=False)
        return answer.status_code


def test_four_writers_and_twenty_readers_share_one_sqlite_through_the_application_server(folder, clean, tmp_path):
    """The writers: an import, an editor who saves, another who does, and one with transactions that read first."""
    place = Installation(tmp_path)
    seeds = archive.write(tmp_path / "seeds", range(900, 912))
    place.manage("import_articles", seeds, "--publish", "--no-images", "--verbosity", "0")
    session, numbers = json.loads(place.manage("shell", "--verbosity", "0", "--command", ENTER))
    with serving(place) as site, concurrent.futures.ThreadPoolExecutor(24) as crowd:
        editors = [Editor(site, session) for _ in range(2)]

        def shell():
            with open(ROOT / "tests/importing/crowd.py", encoding="utf-8") as script:
                command = place.command("shell", "--verbosity", "0")
                return subprocess.run(
                    command, stdin=script, env=place.environment, cwd=ROOT, capture_output=True, check=False, text=True
                )

        def edit(which):
            return [editors[which].save(numbers[which], f"第 {which} 人的第 {turn} 次") for turn in range(4)]

        def read(number):
            pages = ("/", f"/a/{numbers[2 + number % 9]}/", "/search/?q=倉庫", "/feed.xml")
            return [requests.get(site + page, timeout=60).status_code for page in pages * 2]

        importing = place.start("import_articles", folder, "--jobs", "1", "--no-images")
        writing = crowd.submit(shell)
        edits = [crowd.submit(edit, which) for which in range(2)]
        reads = [crowd.submit(read, number) for number in range(20)]
        assert [one.result() for one in reads] == [[200] * 8] * 20
        assert [one.result() for one in edits] == [[302] * 4] * 2
        written = writing.result()
        assert written.returncode == 0, written.stderr
        assert importing.wait(timeout=600) == 1  # it has files at fault among its own
    told = "from articles.models import Article; print(Article.objects.count())"
    assert int(place.manage("shell", "--verbosity", "0", "--command", told)) == len(clean["articles"]) + 12
    assert "database is locked" not in (tmp_path / "web.log").read_text() + place.log()


def test_a_run_whose_broker_and_database_are_killed_goes_on_by_itself_to_its_end(folder, clean, tmp_path):
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(Redis(tmp_path / "redis"))
        database = stack.enter_context(PostgreSQL())
        place = Installation(tmp_path / "site", DATABASE_URL=database.address, CELERY_BROKER_URL=broker.address)
        arguments = ("import_articles", folder, "--images", folder / "images", "--publish", "--queue")
        stack.enter_context(place.worker())
        for number, server in enumerate((broker, database), 1):
            command = place.start(*arguments, "--again")
            wait_for(lambda number=number: ask(place, _DONE.format(number))[0], 60, "the first batch of run {number}")
            server.kill()
            time.sleep(0.5)
            server.start()
            os.killpg(command.pid, 9)  # whoever gave it is not needed any more
            command.wait()

            def is_over(number=number):
                let_time_pass(place)
                return ask(place, f"SELECT state FROM articles_importrun WHERE id = {number}") == ("finished",)

            wait_for(is_over, 60, f"run {number} to end by itself: {place.log()}")
            assert ask(place, _LEFT.format(number)) == (0,)
        place.manage(*arguments, code=1)  # waits for the pictures
        assert state(place) == clean


_DONE = "SELECT count(*) FROM articles_importfile WHERE run_id = {} AND result <> ''"
_LEFT = "SELECT count(*) FROM articles_importfile WHERE run_id = {} AND result = ''"


def consumers(broker):
    """How many workers wait for messages of the queue."""
    with Connection(broker.address) as connection, contextlib.suppress(connection.channel_errors):
        return connection.default_channel.queue_declare("celery", passive=True).consumer_count
    return 0


def test_two_workers_share_a_run_through_rabbitmq_and_one_that_is_killed_is_replaced_by_the_other(
    folder, clean, tmp_path
):
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(RabbitMQ(tmp_path / "rabbit"))
        address = stack.enter_context(postgres_database())
        place = Installation(tmp_path, DATABASE_URL=address, CELERY_BROKER_URL=broker.address)
        one = stack.enter_context(place.worker("--concurrency", "1", name="one"))
        stack.enter_context(place.worker("--concurrency", "1", name="two"))
        logs = [tmp_path / f"{name}.log" for name in ("one", "two")]
        wait_for(lambda: consumers(broker) == 2, 60, "both workers")
        arguments = ("import_articles", folder, "--images", folder / "images", "--publish", "--queue")
        place.manage("import_articles", archive.write(tmp_path / "first", range(500, 800)), "--queue", "--no-images")
        for log in logs:
            wait_for(lambda log=log: log.read_text().count("task_succeeded") > 1, 30, f"{log.stem} to have had a share")
        command = place.start(*arguments)
        wait_for(lambda: ask(place, "SELECT count(*) FROM articles_importfile WHERE run_id = 2")[0], 60, "the run")
        os.killpg(one.pid, signal.SIGKILL)
        assert command.wait(timeout=600) == 1, place.log()
        made = state(place)["articles"]
        assert all(article in made for article in clean["articles"])
        assert len(made) == len(clean["articles"]) + 300


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
