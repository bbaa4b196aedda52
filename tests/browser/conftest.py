"""A real Chromium against a real server, for whatever only a browser can tell."""

import os
import pathlib
import threading
import time

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from playwright.sync_api import expect

from tests.services import wait_for

QUIET = 0.25  # seconds without a request
CHROMIUM = pathlib.Path(os.environ.get("NEWSROOM_CHROMIUM", "/usr/bin/chromium"))

# Playwright's loop runs in this thread; the tests themselves are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium: no download, no sandbox inside containers."""
    if not CHROMIUM.exists():
        missing = f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk, or set NEWSROOM_CHROMIUM"
        if os.environ.get("NEWSROOM_REQUIRE_SERVICES") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return browser_type_launch_args | {
        "executable_path": str(CHROMIUM),
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    }


class Watch:
    """What a page says and asks for while it is open."""

    def __init__(self, page, home: str) -> None:
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self._home = home
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def _hear(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _see(self, request) -> None:
        if not request.url.startswith((self._home, "data:")):
            self.strangers.append(request.url)


@pytest.fixture
def watch(page, live_server):
    """Collects console complaints and requests to other hosts."""
    return Watch(page, live_server.url)


class Hearing:
    """How many requests the server is at, and when it last heard of one."""

    def __init__(self) -> None:
        self.open, self.last, self._lock = 0, time.monotonic(), threading.Lock()

    def begin(self, **_) -> None:
        with self._lock:
            self.open, self.last = self.open + 1, time.monotonic()

    def end(self, **_) -> None:
        with self._lock:
            self.open, self.last = self.open - 1, time.monotonic()

    def is_over(self) -> bool:
        return self.open <= 0 and time.monotonic() - self.last > QUIET


@pytest.fixture(autouse=True)
def _one_at_a_time(monkeypatch):
    """The server's threads share the tests' one connection to a database in memory, on which no transaction can begin
    within another's.
    """
    lock, handle = threading.RLock(), WSGIHandler.__call__

    def answer(self, environ, start_response):
        with lock:
            return handle(self, environ, start_response)

    monkeypatch.setattr(WSGIHandler, "__call__", answer)


@pytest.fixture(autouse=True)
def _heard_out():
    """Pages that go away may still ask for something: the tables are emptied when nothing has come for a while."""
    hearing = Hearing()
    request_started.connect(hearing.begin)
    request_finished.connect(hearing.end)
    yield
    wait_for(hearing.is_over, 30, "the server to have nothing to do")
    request_started.disconnect(hearing.begin)
    request_finished.disconnect(hearing.end)
