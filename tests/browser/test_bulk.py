"""Bulk deeds, kept filters and the whole of triage in a real browser."""

import pytest
from playwright.sync_api import expect

from articles.curation import bulk
from articles.models import Article, BulkJob, SavedFilter, Tag, TaggedArticle
from tests import makers
from tests.browser.looking import is_right
from tests.browser.steps import press, sign_in, strike

pytestmark = pytest.mark.django_db(transaction=True)
LIST, TRIAGE = "/admin/articles/article/", "/admin/articles/article/triage/"


@pytest.fixture
def editor(page, live_server):
    return sign_in(page, live_server, "editor")


def choose(page, deed, label):
    page.select_option("#bulk-deed", deed)
    page.check("[name=select_across]")
    press(page, "button:has-text('Show what would happen')")
    page.wait_for_selector(label)


def test_a_filtered_list_is_tagged_as_a_whole_and_undone(page, live_server, editor, watch):
    source = makers.SourceMaker()
    wanted = makers.ArticleMaker.create_batch(70, source=source, status="draft")
    makers.ArticleMaker.create_batch(3, status="review")
    page.goto(f"{live_server.url}{LIST}?status__exact=draft")
    choose(page, "tag", "#id_given")
    page.fill("#id_given", "港口")
    press(page, "button:has-text('Show what would happen')")
    page.wait_for_selector("#bulk-results")
    assert not Tag.objects.exists()
    press(page, "button:has-text('70 articles')")
    page.wait_for_selector("button:has-text('Undo 70 changes')")
    assert set(TaggedArticle.objects.values_list("content_object", flat=True)) == {one.pk for one in wanted}
    press(page, "button:has-text('Undo 70 changes')")
    page.wait_for_selector("text=Undone by")
    assert not TaggedArticle.objects.exists()
    assert watch.complaints == []


def test_a_long_job_goes_on_by_itself_while_its_page_is_open(page, live_server, editor, watch, monkeypatch):
    monkeypatch.setattr("articles.tasks.bulk.BULK_SECONDS", 0)
    monkeypatch.setattr(bulk, "COUNTED_AT_ONCE", 4)
    monkeypatch.setattr(bulk, "CHANGED_AT_ONCE", 3)
    makers.ArticleMaker.create_batch(12, status="review")
    page.goto(f"{live_server.url}{LIST}")
    choose(page, "publish", "button:has-text('12 articles')")
    press(page, "button:has-text('12 articles')")
    page.wait_for_selector("button:has-text('Undo 12 changes')")
    assert Article.objects.filter(status="published").count() == 12
    assert watch.complaints == []


def test_without_script_a_long_job_goes_on_with_a_button(browser, page, live_server, editor, monkeypatch):
    monkeypatch.setattr("articles.tasks.bulk.BULK_SECONDS", 0)
    monkeypatch.setattr(bulk, "COUNTED_AT_ONCE", 2)
    makers.ArticleMaker.create_batch(3, status="review")
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{live_server.url}{LIST}")
    choose(plain, "publish", "button:has-text('Go on')")
    for _ in range(2):
        press(plain, "button:has-text('Go on')")
    press(plain, "button:has-text('3 articles')")
    plain.wait_for_selector("button:has-text('Go on')")
    press(plain, "button:has-text('Go on')")
    plain.wait_for_selector("button:has-text('Undo 3 changes')")
    assert Article.objects.filter(status="published").count() == 3
    context.close()


def test_ticked_items_of_the_inbox_are_rejected_together(page, live_server, editor, watch):
    items = makers.ArticleMaker.create_batch(4, status="inbox")
    page.goto(live_server.url + TRIAGE)
    page.click("summary:has-text('Several at once')")
    for item in items[:2]:
        page.check(f"[name=_selected_action][value='{item.pk}']")
    page.select_option("#bulk-deed", "withdraw")
    press(page, "button:has-text('Show what would happen')")
    page.fill("#id_note", "廣告")
    press(page, "button:has-text('2 articles')")
    page.wait_for_selector("button:has-text('Undo 2 changes')")
    assert set(Article.objects.filter(status="withdrawn")) == set(items[:2])
    assert watch.complaints == []


def test_a_filter_of_triage_is_kept_counted_and_opens_it(page, live_server, editor, watch):
    makers.ArticleMaker.create_batch(3, status="inbox")
    makers.ArticleMaker.create_batch(2, status="inbox", stub=True)
    page.goto(live_server.url + TRIAGE)
    page.click("summary:has-text('Filter and order')")
    page.check("[name=has][value=stub]")
    press(page, "button:has-text('Show')")
    page.wait_for_selector("summary:has-text('Keep this filter')")
    page.click("summary:has-text('Keep this filter')")
    page.fill(".saved-filters [name=name]", "kurze")
    page.check(".saved-filters [name=shared]")
    page.check(".saved-filters [name=first]")
    press(page, ".saved-filters button")
    page.wait_for_selector(".saved-filters a[aria-current]:has-text('kurze')")
    page.goto(live_server.url + TRIAGE)
    assert "has=stub" in page.url
    assert page.inner_text(".saved-filters a[aria-current] .count") == "2"
    expect(page.locator(".triage-list ol li")).to_have_count(2)
    assert SavedFilter.objects.get().is_shared
    press(page, "text=whole inbox >> nth=0")
    assert "all=1" in page.url
    expect(page.locator(".triage-list ol li")).to_have_count(5)
    assert watch.complaints == []


def test_j_goes_beyond_the_page_of_the_list_and_k_comes_back(page, live_server, editor, watch):
    makers.ArticleMaker.create_batch(32, status="inbox")
    page.goto(live_server.url + TRIAGE)
    press(page, ".triage-list ol li:last-child a")
    page.wait_for_selector(".triage-list li:last-child a[aria-current]")
    last = page.inner_text("#triage-title")
    strike(page, "j")
    expect(page.locator(".triage-list ol li")).to_have_count(2)
    strike(page, "k")
    assert page.inner_text("#triage-title") == last
    assert watch.complaints == []


def test_the_list_shows_the_item_that_is_open_and_a_tick_takes_no_key_away(page, live_server, editor, watch):
    page.set_viewport_size({"width": 1280, "height": 700})
    items = makers.ArticleMaker.create_batch(30, status="inbox")
    page.goto(f"{live_server.url}{TRIAGE}?all=1&item={items[24].pk}")
    current = page.locator(".triage-list a[aria-current]")
    inside = current.bounding_box()["y"] + current.bounding_box()["height"] <= 700
    assert inside
    page.locator(".triage-list .tick input").nth(20).check()
    strike(page, "j")
    assert page.inner_text("#triage-title") == items[25].title
    assert watch.complaints == []


def test_u_takes_back_a_tag_then_the_move_before_it(page, live_server, editor, watch):
    first, second = makers.ArticleMaker.create_batch(2, status="inbox")
    page.goto(live_server.url + TRIAGE)
    strike(page, "a")
    page.keyboard.press("t")
    page.keyboard.insert_text("新的主題")
    strike(page, "Enter")
    assert second.tags.names().get() == "新的主題"
    strike(page, "u")
    assert not Tag.objects.exists()
    assert Article.objects.get(pk=first.pk).status == "published"
    strike(page, "u")
    assert Article.objects.get(pk=first.pk).status == "inbox"
    assert watch.complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_bulk_jobs_and_filters_fit_and_are_open_to_everybody(page, live_server, editor, watch, width):
    page.set_viewport_size({"width": width, "height": 900})
    articles = makers.ArticleMaker.create_batch(3, status="review", title="很長的標題" * 20)
    makers.ArticleMaker(status="inbox", title="很長的標題" * 20)
    saved = makers.SavedFilterMaker(name="很長的名字" * 12)
    makers.SavedFilterMaker(desk="triage", query="has=stub")
    jobs = [bulk.choose(Article.objects.all(), deed, editor, words) for deed, words in (("publish", ""), ("tag", "x"))]
    bulk.advance(jobs[0].pk)
    Article.objects.filter(pk=articles[0].pk).update(text="")
    addresses = [
        f"{LIST}?has=no_topic",
        f"{TRIAGE}?has=no_topic",
        "/admin/articles/bulkjob/",
        f"/admin/articles/bulkjob/{jobs[0].pk}/change/",
        f"/admin/articles/bulkitem/?job={jobs[0].pk}",
        "/admin/articles/savedfilter/",
        f"/admin/articles/savedfilter/{saved.pk}/change/",
    ]
    for address in addresses:
        page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        is_right(page, watch)
    assert BulkJob.objects.count() == 2
