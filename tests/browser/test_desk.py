"""The editors' desk by hand: triage by keyboard alone, two editors on one article, a merge undone."""

import pytest
from playwright.sync_api import expect

from articles.models import Article, Step, Tag, TaggedArticle
from tests import makers
from tests.browser.looking import are_right
from tests.browser.steps import press, sign_in, strike

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editor(page, live_server):
    return sign_in(page, live_server, "editor")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_the_desk_fit_are_quiet_and_open_to_everybody(page, live_server, editor, watch, width):
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
    are_right(page, live_server, watch, width, addresses)


def test_ten_articles_are_triaged_by_keyboard_alone(page, live_server, editor, watch):
    items = makers.ArticleMaker.create_batch(10, status="inbox")
    other = makers.ArticleMaker()
    page.goto(f"{live_server.url}/admin/articles/article/triage/")
    shown = lambda: page.inner_text("#triage-title")  # noqa: E731
    strike(page, "j")
    second = shown()
    strike(page, "k")
    assert shown() != second
    for key in "aaarr":
        strike(page, key)
    strike(page, "u")
    strike(page, "a")
    for words in ("廣告", "太短"):
        page.keyboard.press("x")
        page.keyboard.insert_text(words)
        strike(page, "Enter")
    page.keyboard.press("d")
    page.keyboard.insert_text(str(other.pk))
    strike(page, "Enter")
    page.keyboard.press("t")
    page.keyboard.insert_text("港口")
    strike(page, "Enter")
    strike(page, "a")
    page.keyboard.press("?")
    expect(page.locator(".triage-help[open]")).to_have_count(1)
    strike(page, "a")
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
    press(plain, "button:has-text('Publish')")
    expect(plain.locator(".success")).to_have_count(1)
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
    expect(other.locator(".others")).to_contain_text("editor")
    other.click("[data-do=source]")
    other.fill("#id_body", "<p>第一句。第三句。</p>")
    press(other, "[name=_save] >> nth=0")
    other.wait_for_selector(".success")
    page.fill("#id_title", "我的標題")
    press(page, "[name=_save] >> nth=0")
    page.wait_for_selector(".conflict")
    assert "zhou" in page.inner_text(".conflict")
    assert page.inner_text(".conflict ins") == "三"
    expect(page.locator("#id_title")).to_have_value("我的標題")
    press(page, "[name=_save] >> nth=0")
    page.wait_for_selector(".success")
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.text) == ("我的標題", "第一句。第三句。")
    assert watch.complaints == []
    context.close()


def test_two_editors_on_the_pictures_of_one_article(browser, page, live_server, editor, watch):
    origin = "https://pictures.example/harbour.jpg"
    body = f'<figure><img src="{origin}" alt=""><figcaption>舊圖說</figcaption></figure><p>正文。</p>'
    article = makers.ArticleMaker(body=body, title="標題", status="draft")
    place = makers.ArticleImageMaker(article=article, image=makers.ImageMaker(origin_url=origin), caption="舊圖說")
    address = f"{live_server.url}/admin/articles/article/{article.pk}/change/"
    context = browser.new_context()
    other = context.new_page()
    sign_in(other, live_server, "zhou")
    page.goto(address)
    other.goto(address)
    other.fill("[name=article_images-0-caption]", "他的圖說")
    other.fill("[name=article_images-0-alt]", "兩艘船")
    press(other, "[name=_save] >> nth=0")
    other.wait_for_selector(".success")
    page.fill("#id_title", "我的標題")
    page.fill("[name=article_images-0-credit]", "林攝")
    press(page, "[name=_save] >> nth=0")
    page.wait_for_selector(".conflict")
    told = page.inner_text(".conflict")
    for words in ("zhou", "harbour.jpg · caption:", "harbour.jpg · alternative text:"):
        assert words in told
    assert "他的" in page.locator(".conflict ins").all_inner_texts()
    for name, words in {"caption": "他的圖說", "alt": "兩艘船", "credit": "林攝"}.items():
        expect(page.locator(f"[name=article_images-0-{name}]")).to_have_value(words)
    press(page, "[name=_save] >> nth=0")
    page.wait_for_selector(".success")
    place.refresh_from_db()
    after = Article.objects.get(pk=article.pk)
    assert (after.title, place.caption, place.credit, place.image.alt) == ("我的標題", "他的圖說", "林攝", "兩艘船")
    assert "他的圖說" in after.body
    assert watch.complaints == []
    context.close()


def test_edit_publish_withdraw_and_restore_by_hand(page, live_server, editor, watch):
    article = makers.ArticleMaker(status="draft", title="舊的標題")
    home = f"{live_server.url}/admin/articles/article/{article.pk}"
    page.goto(f"{home}/change/")
    page.fill("#id_title", "新的標題")
    press(page, "[name=_move][value=publish]")
    page.wait_for_selector(".success")
    assert Article.objects.get(pk=article.pk).status == "published"
    press(page, "[name=_move][value=withdraw]")
    page.wait_for_selector(".error")
    page.fill("#id_move_note", "Fehler")
    press(page, "[name=_move][value=withdraw]")
    page.wait_for_selector(".success")
    page.goto(f"{home}/history/")
    page.check("[name=before] >> nth=1")
    page.check("[name=after] >> nth=0")
    press(page, "text=Compare")
    press(page, "button:has-text('Restore') >> nth=0")
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
    press(page, "text=Merge into another")
    page.fill("#id_target", "特朗普")
    press(page, "text=Show what would happen")
    assert "5,000" in page.inner_text("dl.report")
    page.set_default_timeout(120_000)
    press(page, "button:has-text('Merge')")
    press(page, "text=See or undo")
    assert target.uses.count() == 5000
    press(page, "text=Undo this merge")
    page.wait_for_selector(".success")
    assert (Tag.objects.get(name="川普").uses.count(), target.uses.count()) == (5000, 0)
    assert watch.complaints == []
