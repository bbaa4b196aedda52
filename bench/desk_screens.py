"""Pictures of the desk for docs/desk.md: the sample articles on an ordinary morning of a newsroom of four.

    python bench/desk_screens.py               all of them
    python bench/desk_screens.py triage pairs  those whose name begins so

Needs Chromium (NEWSROOM_CHROMIUM, else /usr/bin/chromium). Everything is made in a folder that is thrown away.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django
from PIL import Image as Picture
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.sample_site import ROOT, served

OUT = ROOT / "docs" / "desk"
LIGHTEST = 80_000  # bytes that a picture may have
PASSWORD = "a-morning-in-the-newsroom"
STAFF = {"lin": "chief", "weber": "editor", "okafor": "editor", "sato": "reporter"}
ALIKE = "articles/rfa/1040194.md"  # told again, with small changes, by another source
AGAIN = "1040777_山区教师用废品做教具走红.md"
BROKEN = {
    "1040801_no-header.md": "山区的冬天来得早，站台上只有一盏灯。\n",
    "1040802_empty.md": "",
    "1040803_address.md": "[站台上的一盏灯](ftp://voachinese.com/a)\n------\n<p>站台上只有一盏灯。</p>\n",
}


@dataclass(frozen=True)
class Shot:
    """One picture: where, as whom, how wide, and what is done before it is taken."""

    name: str
    address: str
    who: str = "weber"
    width: int = 1280
    height: int = 900
    scheme: str = "light"
    before: Callable[[Page], None] | None = None


def _set_up(folder: Path, address: str):
    """Django in this process, on the data of the one that serves; returns the room that makes the morning."""
    os.environ.update(
        NEWSROOM_DATA_DIR=str(folder),
        NEWSROOM_SECRET_KEY="only-to-look-at-pages",
        NEWSROOM_DEBUG="false",
        NEWSROOM_SITE_URL=address,
        NEWSROOM_FETCH_IMAGES="false",
        NEWSROOM_LOG_LEVEL="error",
        DJANGO_SETTINGS_MODULE="newsroom.settings",
        DJANGO_ALLOW_ASYNC_UNSAFE="true",  # Playwright's loop runs in this thread
    )
    django.setup()
    return importlib.import_module("bench.desk_morning")  # which reads settings, so not before


def _signed_in(browser, address: str, who: str) -> list[dict]:
    """Cookies of a member of staff: everybody signs in once, before the morning begins."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/admin/login/")
    page.fill("[name=username]", who)
    page.fill("[name=password]", PASSWORD)
    _press(page, "[type=submit]")
    cookies = context.cookies()
    context.close()
    return cookies


def _preview_of_many(page: Page) -> None:
    """Ask for a tag on a whole filtered list, and stop at the counts."""
    page.select_option("#bulk-deed", "tag")
    page.check("[name=select_across]")
    _press(page, "button:has-text('Show what would happen')")
    page.fill("#id_given", "手艺")
    _press(page, "button:has-text('Show what would happen')")
    page.wait_for_selector("#bulk-results")


def _press(page: Page, what: str) -> None:
    with page.expect_navigation():
        page.click(what)


def _to_the_editor(page: Page) -> None:
    page.wait_for_selector(".ProseMirror")
    _scroll_to(page, ".ProseMirror", 220)


def _beside_the_original(page: Page) -> None:
    page.wait_for_selector(".ProseMirror")
    page.click("[data-original] > summary")
    page.wait_for_selector(".original-room")
    _scroll_to(page, "[data-original]", 20)


def _to_the_map(page: Page) -> None:
    _scroll_to(page, ".front-coverage", 20)


def _scroll_to(page: Page, what: str, above: int) -> None:
    page.evaluate(
        "([what, above]) => scrollBy(0, document.querySelector(what).getBoundingClientRect().top - above)",
        [what, above],
    )


def shots_of(pages: dict[str, str]) -> list[Shot]:
    """The tour, in its order."""
    return [
        Shot("dashboard", "/admin/", who="lin", height=1250),
        Shot("coverage", "/admin/", who="lin", height=760, before=_to_the_map),
        Shot("dashboard-phone", "/admin/", who="lin", width=390, height=1100, scheme="dark"),
        Shot("triage", pages["triage"]),
        Shot("triage-phone", pages["triage"], width=390, height=1100),
        Shot("editor", pages["editor"], before=_to_the_editor),
        Shot("original", pages["editor"], height=1000, before=_beside_the_original),
        Shot("bulk", pages["bulk"], before=_preview_of_many),
        Shot("pairs", pages["pair"], height=1000),
        Shot("tag-merge", pages["merge"], height=640),
        Shot("import-run", pages["run"], who="lin", height=650),
        Shot("audit", pages["audit"], who="lin", scheme="dark"),
        Shot("history", pages["history"], height=900),
        Shot("take-along", pages["download"], height=860),
    ]


def _taken(page: Page, address: str, shot: Shot) -> Picture.Image:
    page.set_viewport_size({"width": shot.width, "height": shot.height})
    page.goto(address + shot.address)
    if shot.before:
        shot.before(page)
    page.wait_for_load_state("networkidle", timeout=120_000)
    page.mouse.move(0, 0)
    return Picture.open(io.BytesIO(page.screenshot())).convert("RGB")


def _write(picture: Picture.Image, file: Path) -> None:
    """As good as the weight allows."""
    for quality in range(80, 20, -5):
        picture.save(file, "WEBP", quality=quality, method=6)
        if file.stat().st_size <= LIGHTEST:
            return
    raise SystemExit(f"{file.name} cannot be made light enough")


def main(wanted: list[str]) -> None:
    """Take them, and say how much they weigh."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, served(Path(place)) as address, sync_playwright() as play:
        morning = _set_up(Path(place), address)
        chromium = os.environ.get("NEWSROOM_CHROMIUM", "/usr/bin/chromium")
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        staff = morning.people(STAFF, PASSWORD)
        cookies = {who: _signed_in(browser, address, who) for who in ("lin", "weber")}
        pages = morning.begin(Path(place), staff, {AGAIN: (ALIKE, "rfa.org", "voachinese.com")}, BROKEN)
        for shot in shots_of(pages):
            if wanted and not shot.name.startswith(tuple(wanted)):
                continue
            context = browser.new_context(color_scheme=shot.scheme, locale="en-GB")
            context.add_cookies(cookies[shot.who])
            file = OUT / f"{shot.name}.webp"
            _write(_taken(context.new_page(), address, shot), file)
            print(f"{file.relative_to(ROOT)} {file.stat().st_size / 1000:.0f} kB", flush=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
