"""An import by hand, on a real server without a broker: uploaded with failures, tried, imported, mended, undone."""

import json
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request
import zipfile

import pytest
from playwright.sync_api import expect

from articles.models import ImportRun, Remainder
from tests import makers
from tests.browser.looking import are_right
from tests.browser.steps import fill_in, press, sign_in
from tests.importing import archive
from tests.services import Installation, free_port, wait_for


@pytest.fixture
def newsroom(tmp_path):
    """A server of the test's own, with its demo accounts: (address, chief's password)."""
    installation = Installation(tmp_path / "site", NEWSROOM_DEBUG="true")
    told = installation.manage("make_demo_accounts")
    password = re.search(r"chief, password: (\S+)", told).group(1)
    port = free_port()
    server = installation.start("runserver", f"127.0.0.1:{port}", "--noreload")
    address = f"http://127.0.0.1:{port}"

    def answers():
        try:
            return urllib.request.urlopen(f"{address}/healthz", timeout=2).status == 200
        except (urllib.error.URLError, OSError):
            return False

    try:
        wait_for(answers, 60, "the server: " + installation.log())
        yield address, password
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture
def files(tmp_path) -> list[pathlib.Path]:
    """Two articles, a zip of thirty, one file without a header and one that is empty."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.md").write_text(archive.dw(number), "utf-8")
    with zipfile.ZipFile(folder / "dw.zip", "w") as zipped:
        for number in range(100, 130):
            zipped.writestr(f"dw/{number}.md", archive.dw(number))
    (folder / "bad.md").write_text("no header", "utf-8")
    (folder / "empty.md").write_bytes(b"")
    return sorted(folder.iterdir())


def test_an_upload_with_failures_is_tried_imported_mended_and_undone(page, newsroom, files, tmp_path):
    address, password = newsroom
    complaints = []
    page.on("console", lambda message: message.type in ("error", "warning") and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(90_000)
    page.goto(f"{address}/admin/")
    fill_in(page, "chief", password)
    page.goto(f"{address}/admin/articles/importrun/")
    press(page, "text=Import files")
    page.set_input_files("#id_files", [str(file) for file in files])
    press(page, "text=Try it first")
    page.wait_for_selector("text=Import for real")  # the page has followed the run to its end by itself
    assert "34 of 34 files" in page.inner_text(".run-standing")
    assert _counts(page) == {"Created": "32", "Refused": "2", "Pictures wanted": "30"}
    expect(page.locator(".causes tbody tr")).to_have_count(2)
    assert _found(address) == 0
    press(page, "text=Import for real")
    page.wait_for_selector("text=Undo this import")
    assert _counts(page) == {"Created": "32", "Refused": "2", "Pictures wanted": "30"}
    first = page.url
    press(page, ".causes a:has-text('bad.md')")
    press(page, "text=Upload a corrected file")
    corrected = tmp_path / "corrected by hand.md"
    corrected.write_text(archive.dw(7), "utf-8")
    page.set_input_files("#id_file", str(corrected))
    press(page, "text=Import the corrected file")
    page.wait_for_selector("text=Undo this import")
    assert _counts(page)["Created"] == "1"
    page.goto(first)
    expect(page.locator(".causes .note")).to_have_text(["1 mended"])
    press(page, "text=Retry 1 file")
    page.wait_for_selector(".run-state-finished")
    assert _counts(page) == {"Refused": "1"}
    page.goto(first)
    press(page, "text=Undo this import")
    assert page.inner_text("dl.report dd >> nth=0") == "32"
    press(page, "button:has-text('Undo this import')")
    page.wait_for_selector(".run-state-undone")
    expect(page.locator("h3").first).to_have_text("Undone")
    press(page, "text=Import the same files again")
    page.wait_for_selector("text=Undo this import")
    assert _counts(page)["Created"] == "32"
    assert complaints == []


def _counts(page) -> dict[str, str]:
    names, numbers = (page.locator(f".run-counts {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(names, numbers, strict=True))


def _found(address: str) -> int:
    with urllib.request.urlopen(f"{address}/search.json?q={urllib.parse.quote('碼頭')}", timeout=10) as answer:
        return json.load(answer)["total"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_imports_fit_are_quiet_and_open_to_everybody(page, live_server, watch, width):
    sign_in(page, live_server, "editor")
    running = makers.ImportRunMaker(state="running", total=3000, options={"process": "elsewhere:1", "queue": True})
    undone = makers.ImportRunMaker(state="undone", undone={"removed": 3, "put_back": 1, "loosened": 0, "kept": 1})
    over = makers.ImportRunMaker(state="finished", options={"paths": ["/archive/" + "很長的名字" * 30]})
    tried = makers.ImportRunMaker(state="finished", dry_run=True)
    for run in (running, over, tried):
        makers.ImportFileMaker(run=run, result="created")
        for cause in ("no_header", "broken_archive"):
            makers.ImportFileMaker(
                run=run, result="refused", code=cause, location="/x", path="articles/" + "長" * 80, reason="說明。" * 30
            )
    bad = over.files.filter(result="refused").first()
    Remainder.objects.create(run=undone, article=makers.ArticleMaker(title="很長的標題" * 20), reason="edited")
    home = "/admin/articles/importrun"
    addresses = (
        *(f"{home}/{run.pk}/change/" for run in ImportRun.objects.all()),
        f"{home}/",
        f"{home}/upload/",
        f"{home}/{over.pk}/undo/",
        f"/admin/articles/importfile/{bad.pk}/change/",
        f"/admin/articles/importfile/{bad.pk}/correct/",
    )
    are_right(page, live_server, watch, width, addresses)


@pytest.mark.django_db(transaction=True)
def test_a_run_can_be_followed_and_steered_without_script(browser, page, live_server):
    sign_in(page, live_server, "editor")
    run = makers.ImportRunMaker(state="running", total=10, options={"process": "elsewhere:1", "queue": True})
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{live_server.url}/admin/articles/importrun/{run.pk}/change/")
    assert "0 of 10 files" in plain.inner_text(".run-standing")
    makers.ImportFileMaker.create_batch(4, run=run, result="created")
    press(plain, "text=Show where it stands now")
    assert "4 of 10 files" in plain.inner_text(".run-standing")
    press(plain, "button:has-text('Pause')")
    assert "paused" in plain.inner_text(".run-standing")
    context.close()


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_run_follows_it_by_itself(page, live_server, watch):
    sign_in(page, live_server, "editor")
    run = makers.ImportRunMaker(state="running", total=10, options={"process": "elsewhere:1", "queue": True})
    page.goto(f"{live_server.url}/admin/articles/importrun/{run.pk}/change/")
    expect(page.locator("text=Show where it stands now")).to_have_count(0)
    makers.ImportFileMaker.create_batch(4, run=run, result="created")
    page.wait_for_selector(".run-told:has-text('4 of 10 files')")
    assert page.get_attribute("progress", "value") == "40"
    ImportRun.objects.filter(pk=run.pk).update(state="finished")
    page.wait_for_selector(".run-state-finished")
    page.wait_for_selector("text=Undo this import")
    assert watch.complaints == []
