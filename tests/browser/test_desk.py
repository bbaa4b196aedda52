"""The editors' desk by hand: triage by keyboard alone, two editors on one article, a merge undone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from articles.models import Article, Step, Tag, TaggedArticle
from tests import makers
from tests.browser.test_admin import EXCUSED

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page, live_server, name):
    user = makers.UserMaker(username=name, is_superuser=True)
    user.set_password(name)
    user.save()
    page.goto(f"{live_server.url}/admin/")
    page.fill("#id_username", name)
    page.fill("#id_password", name)
    page.click("[type=submit]")
    page.wait_for_selector("#user-tools")
    return user


@pytest.fixture
def editor(page, live_server):
    return sign_in(page, live_server, "editor")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_the_desk_fit_are_quiet_and_open_to_everybody(page, live_server, editor, watch, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    item = makers.ArticleMaker(status="inbox", stub=True, title="很長的標題" * 20)
    tag, other = makers.TagMaker(), makers.TagMaker()
    merge = makers.TagMergeMaker()
    home = f"/admin/articles/article/{item.pk}"
    old, new = makers.RevisionMaker(article=item), makers.RevisionMaker(article=item, title="新的標題")
    addresses = (
        "/admin/articles/article/triage/",
        f"{home}/change/",
        f"{home}/history/",
        f"{home}/compare/?before={old.pk}&after={new.pk}",
        f"/admin/articles/tag/{tag.pk}/merge/",
        f"/admin/articles/tag/{tag.pk}/merge/?target={other.name}",
        f"/admin/articles/tagmerge/{merge.pk}/change/",
        "/admin/articles/tag/unused/",
    )
    for address in addresses:
        page.goto(live_server.url + address)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (address, wider, watch.complaints) == (address, 0, [])
    assert watch.strangers == []
    for address in addresses:  # axe itself sets styles, of which the policy complains
        page.goto(live_server.url + address)
        found = Axe().run(page).response["violations"]
        bad = [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]]
        assert not [one for one in bad if not any(part in one[1] for part in EXCUSED)], address


def test_ten_articles_are_triaged_by_keyboard_alone(page, live_server, editor, watch):
    items = makers.ArticleMaker.create_batch(10, status="inbox")
    other = makers.ArticleMaker()
    page.goto(f"{live_server.url}/admin/articles/article/triage/")
    shown = lambda: page.inner_text("#triage-title")  # noqa: E731
    press = page.keyboard.press
    with page.expect_navigation():
        press("j")
    second = shown()
    with page.expect_navigation():
        press("k")
    assert shown() != second
    for key in "aaarr":
        with page.expect_navigation():
            press(key)
    with page.expect_navigation():
        press("u")
    with page.expect_navigation():
        press("a")
    for words in ("廣告", "太短"):
        press("x")
        page.keyboard.insert_text(words)
        with page.expect_navigation():
            press("Enter")
    press("d")
    page.keyboard.insert_text(str(other.pk))
    with page.expect_navigation():
        press("Enter")
    press("t")
    page.keyboard.insert_text("港口")
    with page.expect_navigation():
        press("Enter")
    with page.expect_navigation():
        press("a")
    press("?")
    assert page.locator(".triage-help[open]").count() == 1
    with page.expect_navigation():
        press("a")
    states = sorted(Article.objects.filter(pk__in=[item.pk for item in items]).values_list("status", flat=True))
    assert states == ["published"] * 6 + ["review"] + ["withdrawn"] * 3
    assert Step.objects.exclude(made_by=editor).count() == 0
    assert Tag.objects.get().name == "港口"
    assert watch.complaints == []


def test_triage_works_without_script(browser, live_server, editor, page):
    item = makers.ArticleMaker(status="inbox")
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{live_server.url}/admin/articles/article/triage/")
    plain.click("button:has-text('Publish')")
    assert plain.locator(".success").count() == 1
    assert Article.objects.get(pk=item.pk).status == "published"
    context.close()


def test_two_editors_on_one_article(browser, page, live_server, editor, watch):
    article = makers.ArticleMaker(body="<p>第一句。第二句。</p>", title="標題", status="draft")
    address = f"{live_server.url}/admin/articles/article/{article.pk}/change/"
    context = browser.new_context()
    other = context.new_page()
    sign_in(other, live_server, "zhou")
    page.goto(address)
    other.goto(address)
    assert "editor" in other.inner_text(".others")
    other.fill("#id_body", "<p>第一句。第三句。</p>")
    other.click("[name=_save] >> nth=0")
    other.wait_for_selector(".success")
    page.fill("#id_title", "我的標題")
    page.click("[name=_save] >> nth=0")
    page.wait_for_selector(".conflict")
    assert "zhou" in page.inner_text(".conflict")
    assert page.inner_text(".conflict ins") == "三"
    assert page.input_value("#id_title") == "我的標題"
    page.click("[name=_save] >> nth=0")
    page.wait_for_selector(".success")
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.text) == ("我的標題", "第一句。第三句。")
    assert watch.complaints == []
    context.close()


def test_edit_publish_withdraw_and_restore_by_hand(page, live_server, editor, watch):
    article = makers.ArticleMaker(status="draft", title="舊的標題")
    home = f"{live_server.url}/admin/articles/article/{article.pk}"
    page.goto(f"{home}/change/")
    page.fill("#id_title", "新的標題")
    page.click("[name=_move][value=publish]")
    page.wait_for_selector(".success")
    assert Article.objects.get(pk=article.pk).status == "published"
    page.click("[name=_move][value=withdraw]")
    page.wait_for_selector(".error")
    page.fill("#id_move_note", "Fehler")
    page.click("[name=_move][value=withdraw]")
    page.wait_for_selector(".success")
    page.goto(f"{home}/history/")
    page.check("[name=before] >> nth=1")
    page.check("[name=after] >> nth=0")
    page.click("text=Compare")
    page.click("button:has-text('Restore') >> nth=0")
    page.wait_for_selector(".success")
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.status) == ("舊的標題", "withdrawn")
    assert watch.complaints == []


def test_a_tag_on_five_thousand_articles_is_merged_and_undone(page, live_server, editor, watch):
    source = makers.SourceMaker()
    Article.objects.bulk_create(Article(source=source, title=str(n), slug="x", status="draft") for n in range(5000))
    tag, target = makers.TagMaker(name="川普"), makers.TagMaker(name="特朗普", slug="other")
    TaggedArticle.objects.bulk_create(
        TaggedArticle(tag=tag, content_object_id=pk) for pk in Article.objects.values_list("pk", flat=True)
    )
    page.goto(f"{live_server.url}/admin/articles/tag/{tag.pk}/change/")
    page.click("text=Merge into another")
    page.fill("#id_target", "特朗普")
    page.click("text=Show what would happen")
    assert "5,000" in page.inner_text("dl.report")
    page.set_default_timeout(120_000)
    page.click("button:has-text('Merge')")
    page.click("text=See or undo")
    assert target.uses.count() == 5000
    page.click("text=Undo this merge")
    page.wait_for_selector(".success")
    assert (Tag.objects.get(name="川普").uses.count(), target.uses.count()) == (5000, 0)
    assert watch.complaints == []
