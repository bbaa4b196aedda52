"""One key takes the first proposed tag, in triage and beside the form; and an article is looked at before it is one."""

import pytest
from playwright.sync_api import expect

from articles.models import Article, Tag, TagVerdict
from tests import makers
from tests.browser.looking import is_right
from tests.browser.steps import press, sign_in, strike

pytestmark = pytest.mark.django_db(transaction=True)
ALT = "Alt+Enter"


@pytest.fixture
def editor(page, live_server):
    return sign_in(page, live_server, "editor")


def named(status):
    """Two tags, and an article in whose title both are named."""
    for name in ("歌劇院", "圖書船"):
        makers.TagMaker(name=name)
    return makers.ArticleMaker(status=status, title="歌劇院旁的圖書船")


def test_in_triage_enter_takes_the_first_proposal_and_then_the_next(page, live_server, editor, watch):
    article = named("inbox")
    page.goto(f"{live_server.url}/admin/articles/article/triage/")
    first = page.inner_text(".proposals li >> nth=0").split()[0]
    strike(page, "Enter")
    assert article.tags.get().name == first
    strike(page, "Enter")
    assert article.tags.count() == 2
    assert TagVerdict.objects.filter(accepted=True, made_by=editor).count() == 2
    page.keyboard.press("Enter")  # nothing is left to take
    page.keyboard.press("?")
    expect(page.locator(".triage-help")).to_contain_text("accept the first proposed tag")
    assert watch.complaints == []


def test_enter_does_what_has_the_focus_and_no_more(page, live_server, editor):
    article = named("inbox")
    page.goto(f"{live_server.url}/admin/articles/article/triage/")
    page.focus(".triage-help summary")
    page.keyboard.press("Enter")
    expect(page.locator(".triage-help[open]")).to_have_count(1)
    assert not article.tags.exists()


def test_in_the_form_alt_and_enter_take_the_first_proposal_and_save_what_was_typed(page, live_server, editor, watch):
    article = named("draft")
    page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
    page.fill("#id_standfirst", "Am Kai.")
    strike(page, ALT)
    expect(page.locator(".messagelist .success")).not_to_have_count(0)
    after = Article.objects.get(pk=article.pk)
    assert (after.standfirst, after.tags.count()) == ("Am Kai.", 1)
    assert watch.complaints == []


def test_a_new_article_is_seen_as_readers_would_see_it_before_it_is_saved(page, live_server, editor, watch):
    source = makers.SourceMaker(name="港口日報")
    page.goto(f"{live_server.url}/admin/articles/article/add/")
    page.fill("#id_title", "還沒有的文章")
    page.click("[data-do=source]")
    page.fill("#id_body", "<p>第一段。</p><script>alert(1)</script>")
    page.click(".field-source .select2-selection")
    page.keyboard.type("港口")
    page.click(f".select2-results__option:has-text('{source.name}')")
    page.click("[data-preview-open]")
    shown = page.frame_locator(".live-preview iframe")
    expect(shown.locator("h1")).to_have_text("還沒有的文章")
    expect(shown.locator(".kicker")).to_have_text("港口日報")
    expect(shown.locator(".prose")).to_contain_text("第一段。")
    page.fill("#id_title", "另一個名字")
    page.dispatch_event("#id_title", "change")
    expect(shown.locator("h1")).to_have_text("另一個名字")
    page.click("[data-preview-close]")
    is_right(page, watch)
    assert not Article.objects.exists()
    press(page, "[name=_continue]")
    assert Article.objects.get().title == "另一個名字"
    assert Tag.objects.count() == 0
