"""Searching and reading in the other script, in a real browser."""

import pytest
from playwright.sync_api import expect

from articles import search
from tests.browser.looking import is_right
from tests.browser.steps import press, strike
from tests.makers import ArticleMaker, SourceMaker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive():
    source = SourceMaker(slug="dw", name="德國之聲", language="zh-Hant")
    articles = [ArticleMaker(source=source, title=f"圖書館的第{number}夜", text="燈光下的軟體") for number in range(25)]
    search.index([article.pk for article in articles])
    return articles


@pytest.mark.parametrize("width", [390, 1280])
def test_a_reader_searches_from_any_page_and_pages_on(page, live_server, watch, archive, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/archive/")
    page.get_by_role("searchbox").fill("图书馆")
    strike(page, "Enter")
    assert page.locator("mark").first.inner_text() == "圖書館"
    expect(page.locator("main article")).to_have_count(20)
    is_right(page, watch)
    press(page, page.get_by_role("link", name="More results"))
    expect(page.locator("main article")).to_have_count(5)
    assert not watch.complaints
    assert not watch.strangers


def test_searching_needs_no_script(browser, live_server, archive):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url)
        page.get_by_role("searchbox").fill("图书馆")
        strike(page, "Enter")
        assert page.locator("mark").first.inner_text() == "圖書館"


def test_the_chosen_script_stays_while_reading_and_goes_back(page, live_server, watch, archive):
    page.goto(f"{live_server.url}{archive[0].get_absolute_url()}")
    press(page, page.get_by_role("link", name="简体"))
    assert page.locator("h1").inner_text().startswith("图书馆")
    assert page.locator("h1").get_attribute("lang") == "zh-Hans"
    press(page, page.get_by_role("link", name="首页").first)
    assert "/zh-hans/" in page.url
    assert "图书馆的第" in page.locator("main").inner_text()
    press(page, page.get_by_role("link", name="原文", exact=True))
    assert page.url == f"{live_server.url}/"
    assert not watch.complaints
