"""The pair desk and the story desk by hand: by keyboard, without script, at both widths and in both schemes."""

import pytest
from playwright.sync_api import expect

from articles.models import Article, PossibleDuplicate, Story
from tests import makers
from tests.browser.looking import are_right
from tests.browser.steps import press, sign_in, strike

pytestmark = pytest.mark.django_db(transaction=True)
BODIES = ("<p>冬天的碼頭風大。</p><p>燈光仍然是一筆開銷。</p>", "<p>冬天的码头风大。</p><p>灯光仍然是一笔大开销。</p>")


@pytest.fixture
def pairs():
    """Two pairs that wait, the more alike first."""
    made = []
    for likeness in (90, 60):
        articles = [makers.ArticleMaker(body=body, title="很長的標題" * 8) for body in BODIES]
        made.append(
            PossibleDuplicate.objects.create(article=articles[0], other=articles[1], reason="alike", likeness=likeness)
        )
    return made


def of(pair):
    return f"/admin/articles/possibleduplicate/{pair.pk}/change/"


def test_pairs_are_judged_by_keyboard_alone(page, live_server, pairs):
    sign_in(page, live_server, "editor")
    page.goto(live_server.url + of(pairs[0]))
    expect(page.locator(".pair-table ins")).to_have_text(["大"])  # the other script is no difference
    strike(page, "j")
    page.wait_for_url(f"**{of(pairs[1])}")
    strike(page, "k")
    page.wait_for_url(f"**{of(pairs[0])}")
    strike(page, "l")
    page.wait_for_url(f"**{of(pairs[1])}")
    assert Article.objects.get(pk=pairs[0].other_id).status == "withdrawn"
    strike(page, "n")
    page.wait_for_url("**/possibleduplicate/")
    page.goto(live_server.url + of(pairs[1]))
    strike(page, "u")
    page.wait_for_selector(".messagelist")
    assert set(PossibleDuplicate.objects.values_list("verdict", flat=True)) == {"same", ""}
    strike(page, "u")
    page.wait_for_url(f"**{of(pairs[0])}")
    assert Article.objects.get(pk=pairs[0].other_id).status == "published"


def test_pairs_are_judged_without_script(browser, live_server, pairs):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server, "editor")
    page.goto(live_server.url + of(pairs[0]))
    press(page, page.get_by_role("button", name="Keep this, merge the left one into it"))
    assert Article.objects.get(pk=pairs[0].article_id).status == "withdrawn"
    assert page.url.endswith(of(pairs[1]))
    page.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_desks_and_pages_fit_and_are_open_to_everybody(page, live_server, pairs, watch, width):
    sign_in(page, live_server, "editor")
    place = makers.StoryPlaceMaker(article__text="船行了452天。")
    makers.StoryPlaceMaker(story=place.story)
    merge = makers.ArticleMergeMaker()
    addresses = (
        of(pairs[0]),
        f"/admin/articles/story/{place.story_id}/change/",
        f"/admin/articles/articlemerge/{merge.pk}/change/",
        Story.objects.get().get_absolute_url(),
        "/stories/",
        place.article.get_absolute_url(),
    )
    are_right(page, live_server, watch, width, addresses)
