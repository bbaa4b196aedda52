"""The front page shaped by hand, seen by readers, and undone; with a script and without one, by everybody."""

import datetime

import factory
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.curation import front
from articles.models import Plan
from articles.models.front import Breaking, Kind, Layout, Part, Pin
from tests import makers
from tests.browser.looking import are_right
from tests.browser.steps import press, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
SHAPE = "/admin/articles/frontpage/shape/"


@pytest.fixture
def editor(page, live_server):
    return sign_in(page, live_server, "editor")


def in_an_hour(hours=1):
    return (timezone.localtime() + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


def filled():
    """Articles of two sources, one of them short, and a topic; none of this day of an earlier year."""
    yesterday = timezone.now() - datetime.timedelta(days=1)
    days = factory.Iterator([yesterday - datetime.timedelta(days=back) for back in range(13)])
    articles = makers.ArticleMaker.create_batch(9, source=makers.SourceMaker(name="港口報"), published_at=days)
    makers.ArticleMaker.create_batch(4, source=makers.SourceMaker(name="山報"), published_at=days)
    topic = makers.TagMaker(name="島嶼")
    for article in articles[5:]:
        article.tags.add(topic)
    return articles


def shape(page, live_server, articles):
    """Pin a lead, add a section, set a line with an end; put it live."""
    page.goto(live_server.url + SHAPE)
    page.fill("#id_q", str(articles[6].pk))
    press(page, "button:has-text('Find')")
    press(page, "button:has-text('As lead')")
    page.select_option("#id_new_kind", "topic")
    page.fill("#id_new", "岛屿")
    press(page, "button:has-text('Add') >> nth=0")
    press(page, "button[aria-label='島嶼: down']")
    page.fill("#id_line", "台湾东部发生地震")
    page.fill("#id_line_ends", in_an_hour())
    page.fill("#id_note", "Erdbeben")


def headings(page):
    return [words.strip() for words in page.locator(".section-title").all_inner_texts()]


def seen_by_readers(page, live_server, articles):
    page.goto(f"{live_server.url}/")
    assert page.inner_text(".card-lead .card-title") == articles[6].title
    assert page.inner_text(".breaking-words") == "台湾东部发生地震"
    assert headings(page) == ["Latest", "島嶼", "By source"]


def undone(page, live_server, articles):
    page.goto(live_server.url + SHAPE)
    press(page, "button:has-text('Undo')")
    page.wait_for_selector(".success")
    page.goto(f"{live_server.url}/")
    assert page.inner_text(".card-lead .card-title") == articles[0].title
    expect(page.locator(".breaking")).to_have_count(0)
    assert headings(page) == ["Latest", "Topics of the newest articles", "By source"]


def test_an_editor_shapes_the_front_page_looks_at_it_puts_it_live_and_undoes_it(page, live_server, editor, watch):
    articles = filled()
    shape(page, live_server, articles)
    with page.expect_popup() as opened:
        page.click("button:has-text('Save and look at it')")
    assert opened.value.inner_text(".breaking-words") == "台湾东部发生地震"
    expect(opened.value.locator(".preview-note")).to_have_count(1)
    opened.value.close()
    page.uncheck("input[name=topics]")
    press(page, "button:has-text('Save and put it live')")
    page.wait_for_selector(".success")
    seen_by_readers(page, live_server, articles)
    undone(page, live_server, articles)
    assert watch.complaints == []


def test_the_front_page_is_shaped_on_a_phone_without_a_script(browser, live_server, editor, page):
    articles = filled()
    context = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state(), viewport={"width": 390, "height": 844}
    )
    plain = context.new_page()
    shape(plain, live_server, articles)
    plain.uncheck("input[name=topics]")
    press(plain, "button:has-text('Save and put it live')")
    plain.wait_for_selector(".success")
    seen_by_readers(plain, live_server, articles)
    undone(plain, live_server, articles)
    context.close()


def everything(articles, user):
    """A shape with every layout, a pin that readers cannot see, and a line."""
    source = str(articles[0].source_id)
    parts = tuple(Part(Kind.SOURCE, source, title="很長的標題" * 6, layout=layout) for layout in Layout.values)
    hidden = makers.ArticleMaker(status="draft")
    line = Breaking("很長的一行突發新聞，" * 6, articles[1].pk)
    plan = Plan(Pin(articles[3].pk), (Pin(articles[4].pk), Pin(hidden.pk)), (*parts, *Plan().parts), breaking=line)
    front.go_live(front.save_draft(plan, None, user), user)
    front.save_draft(plan, None, user)


@pytest.mark.parametrize("width", [390, 1280])
def test_its_pages_fit_are_quiet_and_open_to_everybody(page, live_server, editor, watch, width):
    articles = filled()
    everything(articles, editor)
    makers.CorrectionMaker(article=articles[0])
    makers.CorrectionMaker(
        article=articles[0], withdrawn_at=timezone.now(), withdrawn_because="falsch", text="zurückgezogen" * 9
    )
    addresses = (
        "/",
        "/zh-hans/",
        articles[0].get_absolute_url(),
        f"/a/{articles[0].pk}/changes/",
        f"{SHAPE}?q=倉庫",
        f"/admin/articles/frontpage/{front.live_front().pk}/change/",
        f"/admin/articles/article/{articles[0].pk}/corrections/",
    )
    are_right(page, live_server, watch, width, addresses)


def test_what_is_about_to_be_opened_is_fetched_when_the_button_goes_down(page, live_server, watch):
    filled()
    ahead = []
    page.on("request", lambda request: ahead.append((request.url, request.headers.get("sec-purpose"))))
    with page.expect_response("**/speculation-rules.json"):
        page.goto(f"{live_server.url}/")
    place = page.locator(".card-lead .card-title a").bounding_box()
    page.mouse.move(place["x"] + 20, place["y"] + 10)
    with page.expect_request(lambda request: "prefetch" in request.headers.get("sec-purpose", "")):
        page.mouse.down()
    assert next(address for address, purpose in ahead if purpose).startswith(f"{live_server.url}/a/")
    assert (watch.complaints, watch.strangers) == ([], [])
