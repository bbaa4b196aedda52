"""A real Chromium against a real server, for whatever only a browser can tell."""

import os
import pathlib

import pytest

CHROMIUM = pathlib.Path(os.environ.get("NEWSROOM_CHROMIUM", "/usr/bin/chromium"))

# Playwright's loop runs in this thread; the tests themselves are not asynchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


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
