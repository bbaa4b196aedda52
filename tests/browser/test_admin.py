"""The editors' admin in a real browser: it obeys the strict policy, works by hand, and fits a telephone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from articles.models import Article, Image, Tag
from tests import makers
from tests.admin.conftest import fill

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "article/",
    "article/{article}/change/",
    "article/add/",
    "image/",
    "image/{image}/change/",
    "tag/",
    "tag/{tag}/change/",
    "source/{source}/change/",
    "possibleduplicate/",
    "importrun/",
    "importrun/{importrun}/change/",
    "importfile/?run={importrun}",
    "original/{original}/change/",
)
# What the stock admin's own parts (select2, the corner of its tables) leave undone.
EXCUSED = ("select2-", '<th class="original"></th>')


@pytest.fixture
def chief(page, live_server):
    """Signed in, at the front of the admin."""
    user = makers.UserMaker(username="chief", is_superuser=True)
    user.set_password("chief")
    user.save()
    page.goto(f"{live_server.url}/admin/")
    page.fill("#id_username", "chief")
    page.fill("#id_password", "chief")
    page.click("[type=submit]")
    page.wait_for_selector("#user-tools")
    return user


@pytest.fixture
def rows(db):
    """A newsroom with long titles, whose pictures wait for their bytes."""
    rows = fill(4)
    Article.objects.update(
        title="觀點：為什麼一座小城的公共圖書館值得全國關注？來自河谷地帶的三封長信與一份被遺忘的預算表"
    )
    Image.objects.update(state="waiting", file="")
    return rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_complains_calls_strangers_or_runs_over_the_edge(page, live_server, chief, rows, watch, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    names = {model: row.pk for model, row in rows.items()}
    for address in ("", *(f"articles/{page_address.format(**names)}" for page_address in PAGES)):
        page.goto(f"{live_server.url}/admin/{address}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, address
        assert watch.complaints == [], address
    assert watch.strangers == []


@pytest.mark.parametrize("address", ["article/", "article/{article}/change/", "importrun/{importrun}/change/"])
def test_everybody_can_use_it(page, live_server, chief, rows, address):
    page.goto(f"{live_server.url}/admin/articles/{address.format(**{model: row.pk for model, row in rows.items()})}")
    found = Axe().run(page).response["violations"]
    bad = [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]]
    bad = [(rule, html) for rule, html in bad if not any(part in html for part in EXCUSED)]
    assert not bad, "\n".join(map(str, bad))


def test_an_editor_corrects_an_article_by_hand(page, live_server, chief, watch):
    article = makers.ArticleMaker(go_live_at=None)
    tag = Tag.objects.create(name="臺灣選舉", slug="x")
    page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
    page.fill("#id_title", "改過的標題")
    page.fill("#id_body", "<p>改過的正文<script>alert(1)</script></p>")
    page.click(".field-topics .select2-selection")
    page.keyboard.type("台湾")
    page.click(".select2-results__option:has-text('臺灣選舉')")
    page.click(".field-go_live_at .datetimeshortcuts:first-of-type a:has-text('Today') >> nth=0")
    page.click(".field-go_live_at .datetimeshortcuts a:has-text('Now') >> nth=0")
    page.click("#article_images-2-group .add-row a")
    page.wait_for_selector("#id_article_images-2-0-caption")
    page.click("#article_images-2-0 .inline-deletelink")
    page.click("[name=_save] >> nth=0")
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
    page.click("#changelist-filter a:has-text('draft')")
    assert page.locator("#result_list tbody tr").all_inner_texts()[0].startswith("草稿")
    assert page.locator("#result_list tbody tr").count() == 1
    assert watch.complaints == []


def test_the_text_of_an_original_runs_nothing(page, live_server, chief, watch):
    original = fill(1)["original"]
    page.goto(f"{live_server.url}/admin/articles/original/{original.pk}/change/")
    page.click("text=show the text as it came")
    assert page.locator("pre").inner_text() == "text"
    assert watch.complaints == []
