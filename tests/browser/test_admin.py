"""The editors' admin in a real browser: it obeys the strict policy, works by hand, and fits a telephone."""

import pytest
from playwright.sync_api import expect

from articles.models import Article, Image, Tag
from tests import makers
from tests.admin.conftest import fill
from tests.browser.looking import fits, is_right
from tests.browser.steps import press, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "",
    "articles/article/",
    "articles/article/{article}/change/",
    "articles/article/add/",
    "articles/image/",
    "articles/image/{image}/change/",
    "articles/tag/",
    "articles/tag/{tag}/change/",
    "articles/source/{source}/change/",
    "articles/possibleduplicate/",
    "articles/importrun/",
    "articles/importrun/{importrun}/change/",
    "articles/importfile/?run={importrun}",
    "articles/original/{original}/change/",
)


@pytest.fixture
def chief(page, live_server):
    """Signed in."""
    return sign_in(page, live_server, "chief")


@pytest.fixture
def rows(db):
    """A newsroom with long titles, whose pictures wait for their bytes."""
    rows = fill(4)
    Article.objects.update(
        title="觀點：為什麼一座小城的公共圖書館值得全國關注？來自河谷地帶的三封長信與一份被遺忘的預算表"
    )
    Image.objects.update(state="waiting", file="")
    return rows


def test_every_page_fits_is_quiet_and_open_to_everybody(page, live_server, chief, rows, watch):
    names = {model: row.pk for model, row in rows.items()}
    for address in PAGES:
        page.set_viewport_size({"width": 390, "height": 900})
        page.goto(f"{live_server.url}/admin/{address.format(**names)}")
        fits(page, watch)
        page.set_viewport_size({"width": 1280, "height": 900})
        is_right(page, watch)


def test_an_editor_corrects_an_article_by_hand(page, live_server, chief, watch):
    article = makers.ArticleMaker(go_live_at=None)
    tag = Tag.objects.create(name="臺灣選舉", slug="x")
    page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
    page.fill("#id_title", "改過的標題")
    page.click("[data-do=source]")
    page.fill("#id_body", "<p>改過的正文<script>alert(1)</script></p>")
    page.click(".field-topics .select2-selection")
    page.keyboard.type("台湾")
    page.click(".select2-results__option:has-text('臺灣選舉')")
    page.click(".field-go_live_at .datetimeshortcuts:first-of-type a:has-text('Today') >> nth=0")
    page.click(".field-go_live_at .datetimeshortcuts a:has-text('Now') >> nth=0")
    page.click("#article_images-2-group .add-row a")
    page.wait_for_selector("#id_article_images-2-0-caption")
    page.click("#article_images-2-0 .inline-deletelink")
    press(page, "[name=_save] >> nth=0")
    page.wait_for_selector(".messagelist .success")
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.text, after.edited_by) == ("改過的標題", "改過的正文", chief)
    assert after.go_live_at is not None
    assert list(after.tagged.values_list("tag", "origin")) == [(tag.pk, "editor")]
    assert watch.complaints == []


def test_the_theme_can_be_chosen_and_a_list_narrowed_by_hand(page, live_server, chief, watch):
    makers.ArticleMaker(status="draft", title="草稿")
    makers.ArticleMaker(title="發表")
    page.goto(f"{live_server.url}/admin/articles/article/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for _ in range(2):
        page.click(".theme-toggle")
    assert page.evaluate("document.documentElement.dataset.theme") != "auto"
    page.emulate_media(color_scheme="light")
    themes = {before}
    for _ in range(3):
        page.click(".theme-toggle")
        themes.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(themes) == 2
    press(page, "#changelist-filter a:has-text('draft')")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list tbody tr")).to_contain_text("草稿")
    assert watch.complaints == []


def test_the_text_of_an_original_runs_nothing(page, live_server, chief, watch):
    original = fill(1)["original"]
    page.goto(f"{live_server.url}/admin/articles/original/{original.pk}/change/")
    press(page, "text=show the text as it came")
    expect(page.locator("pre")).to_have_text("text")
    assert watch.complaints == []
