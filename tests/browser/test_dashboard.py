"""The front page of the desk in a real browser: it fits, is quiet, is open to everybody, and its map is clicked."""

import datetime

import pytest
from playwright.sync_api import expect

from tests import makers
from tests.admin.conftest import fill
from tests.browser.looking import is_right
from tests.browser.steps import press
from tests.browser.test_desk import editor  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_front_page_fits_is_quiet_and_open_to_everybody(page, live_server, editor, watch, width):  # noqa: F811
    fill(3)
    makers.ImportRunMaker(state="running", total=4)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/admin/")
    for summary in page.locator("summary").all():
        summary.click()
    is_right(page, watch)


def test_a_click_into_the_map_opens_that_day(page, live_server, editor, watch):  # noqa: F811
    source = makers.SourceMaker(timezone="UTC")
    for day in (1, 6):
        at = datetime.datetime(2024, 5, day, 12, tzinfo=datetime.UTC)
        makers.ArticleMaker(source=source, published_at=at, title=f"五月{day}日")
    page.goto(f"{live_server.url}/admin/")
    press(page, page.locator(".front-year a:has(.day-1)").last)
    page.wait_for_selector("#result_list")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    assert "五月6日" in page.locator("#result_list").inner_text()
    page.go_back()
    press(page, page.locator(".front-year a:has(.gap)").first)
    assert page.url.endswith("day=2024-05-02")
    expect(page.locator("#result_list tbody tr")).to_have_count(0)
    assert watch.complaints == []
