"""Searching and reading in the other script, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from articles import search
from tests.makers import ArticleMaker, SourceMaker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive():
    source = SourceMaker(slug="dw", name="德國之聲", language="zh-Hant")
    articles = [ArticleMaker(source=source, title=f"圖書館的第{number}夜", text="燈光下的軟體") for number in range(25)]
    search.index([article.pk for article in articles])
    return articles


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_reader_searches_from_any_page_and_pages_on(page, live_server, watch, archive, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/archive/")
    page.get_by_role("searchbox").fill("图书馆")
    page.get_by_role("searchbox").press("Enter")
    assert page.locator("mark").first.inner_text() == "圖書館"
    assert page.locator("main article").count() == 20
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    faults = Axe().run(page).response["violations"]
    assert not faults, [(fault["id"], fault["nodes"][0]["html"]) for fault in faults]
    page.get_by_role("link", name="More results").click()
    assert page.locator("main article").count() == 5
    assert not watch.complaints
    assert not watch.strangers


def test_searching_needs_no_script(browser, live_server, archive):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url)
        page.get_by_role("searchbox").fill("图书馆")
        page.get_by_role("searchbox").press("Enter")
        assert page.locator("mark").first.inner_text() == "圖書館"


def test_the_chosen_script_stays_while_reading_and_goes_back(page, live_server, watch, archive):
    page.goto(f"{live_server.url}{archive[0].get_absolute_url()}")
    page.get_by_role("link", name="简体").click()
    assert page.locator("h1").inner_text().startswith("图书馆")
    assert page.locator("h1").get_attribute("lang") == "zh-Hans"
    page.get_by_role("link", name="首页").first.click()
    assert "/zh-hans/" in page.url
    assert "图书馆的第" in page.locator("main").inner_text()
    page.get_by_role("link", name="原文", exact=True).click()
    assert page.url == f"{live_server.url}/"
    assert not watch.complaints
