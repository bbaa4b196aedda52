"""The article's form in a real browser: the editor of the body, what is typed unsaved, the preview, the original."""

import datetime
import re
import zlib

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from articles.ingest import read
from articles.models import Article, Image, Revision, Unsaved, contents_of
from tests import makers
from tests.browser.looking import WIDER, is_right
from tests.browser.steps import fill_in, press, save, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

PICTURE = "https://pictures.example/harbour.jpg"
EVERYTHING = (
    '<p>第一段，<strong>粗<em>斜</em></strong>和<a href="https://a.example/?a=1&amp;b=2" rel="noopener noreferrer">'
    '<em>連</em>結</a>&nbsp;。<br>下一行</p><h2 id="note-top">標題</h2>'
    f'<figure><img src="{PICTURE}" alt="" width="600" height="400"><figcaption>港口。 <cite>林攝</cite></figcaption>'
    "</figure><blockquote><p>引文</p><p>第二段</p></blockquote><ul><li>甲<ul><li>乙</li></ul></li><li><p>丙</p></li></ul>"
    '<ol start="3"><li>三</li></ol><dl><dt>詞</dt><dd>義</dd></dl><pre><code>a  b\n  &lt;c&gt;</code></pre><hr>'
    '<table><caption>表</caption><thead><tr><th scope="col">年</th><th scope="col">數</th></tr></thead>'
    '<tbody><tr><td rowspan="2">2020</td><td>1</td></tr><tr><td><strong>2</strong></td></tr></tbody>'
    '<tfoot><tr><td colspan="2">註</td></tr></tfoot></table>'
    "<p><ruby>漢<rt>hàn</rt></ruby>字 H<sub>2</sub>O x<sup>2</sup> <s>舊</s> <q>話</q></p>"
    '<figure><a href="https://video.example/1" rel="noopener noreferrer">影片</a></figure>'
    '<p id="note-back-1">正文<sup><a href="#note-1" rel="noopener noreferrer">[1]</a></sup></p>'
    '<p id="note-1"><a href="#note-back-1" rel="noopener noreferrer">[1]</a> 註釋</p>'
)


AT_THE_END_OF = """(text) => {
    const { selection } = document.querySelector("[data-editor]").bodyEditor.view.state;
    const { $from } = selection;
    const { content, textContent } = $from.parent;
    return selection.empty && textContent.includes(text) && $from.parentOffset === content.size;
}"""


@pytest.fixture
def editor(page, live_server):
    return sign_in(page, live_server, "editor")


@pytest.fixture
def opened(page, live_server, editor):
    """Opens an article with this body in the editor."""

    def open_article(body="<p>第一段。</p><p>第二段。</p>", **more):
        article = makers.ArticleMaker(body=body, **({"status": "draft"} | more))
        page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
        page.wait_for_selector(".editor-words:visible, textarea[name=body]:visible")
        return article

    yield open_article
    for one in page.context.pages:  # a page that goes away sends its last words, which the server hears out
        one.goto("about:blank")


def body_of(article):
    return Article.objects.values_list("body", flat=True).get(pk=article.pk)


def put_cursor(page, text):
    """Put the cursor at the end of the block that holds this text, and wait until the editor knows."""
    for _ in range(100):
        page.locator(".editor-words").get_by_text(text, exact=False).last.click()
        page.keyboard.press("End")
        page.wait_for_timeout(50)
        if page.evaluate(AT_THE_END_OF, text):
            return
    pytest.fail(f"the cursor does not go to {text}")


def wait_for_selection(page):
    """Browsers tell of a selection a moment after the key."""
    for _ in range(100):
        if not page.evaluate("document.querySelector('[data-editor]').bodyEditor.view.state.selection.empty"):
            return
        page.wait_for_timeout(20)


def test_what_nobody_touches_is_saved_byte_for_byte(page, opened, watch):
    article = opened(EVERYTHING)
    makers.ArticleImageMaker(article=article, image=makers.ImageMaker(origin_url=PICTURE))
    page.reload()
    page.fill("#id_title", "新的標題")
    save(page)
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.body) == ("新的標題", EVERYTHING)
    assert watch.complaints == []


def test_a_change_leaves_every_other_block_byte_for_byte(page, opened, watch):
    article = opened(EVERYTHING)
    expect(page.locator("[data-told]:visible")).to_have_count(0)
    put_cursor(page, "第二段")
    page.keyboard.insert_text("，又一句")
    save(page)
    assert body_of(article) == EVERYTHING.replace("第二段</p>", "第二段，又一句</p>")
    assert watch.complaints == []


def test_words_undone_are_no_change(page, opened):
    article = opened(EVERYTHING)
    put_cursor(page, "引文")
    page.keyboard.insert_text("字")
    page.keyboard.press("Control+z")
    save(page)
    assert body_of(article) == EVERYTHING
    assert not Revision.objects.filter(article=article).exists()


def test_an_editor_pulls_a_sentence_out_and_puts_it_back(page, opened, watch):
    article = opened("<p>開頭</p><p>燈光仍然是一筆開銷</p><p>結尾</p>")
    put_cursor(page, "開銷")
    page.click("[data-do=pull-quote]")
    expect(page.locator("[data-do=pull-quote]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-do=quote]")).to_have_attribute("aria-pressed", "false")
    save(page)
    pulled = "<figure><blockquote><p>燈光仍然是一筆開銷</p></blockquote></figure>"
    assert body_of(article) == f"<p>開頭</p>{pulled}<p>結尾</p>"
    put_cursor(page, "開銷")
    page.click("[data-do=pull-quote]")
    save(page)
    assert body_of(article) == "<p>開頭</p><p>燈光仍然是一筆開銷</p><p>結尾</p>"
    assert watch.complaints == []


def test_an_editor_formats_by_hand(page, opened, watch):
    article = opened("<p>開頭</p><p>小標</p><p>看這裡</p><p>結尾</p>")
    put_cursor(page, "小標")
    page.select_option("select[data-do=block]", "h2")
    put_cursor(page, "看這裡")
    page.keyboard.press("Shift+Home")
    wait_for_selection(page)
    page.keyboard.press("Control+k")
    page.fill("dialog[open] [data-field=href]", "javascript:alert(1)")
    page.click("dialog[open] [data-answer=take]")
    expect(page.locator("dialog[open] [role=alert]")).to_be_visible()
    page.fill("dialog[open] [data-field=href]", "https://b.example/")
    page.keyboard.press("Enter")
    put_cursor(page, "結尾")
    page.keyboard.press("Control+b")
    page.keyboard.insert_text("很重")
    page.keyboard.press("Enter")
    page.click("[data-do=bullets]")
    page.keyboard.insert_text("一")
    page.keyboard.press("Enter")
    page.keyboard.insert_text("二")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.click("[data-do=table]")
    page.fill("dialog[open] [data-field=rows]", "2")
    page.fill("dialog[open] [data-field=columns]", "2")
    page.click("dialog[open] [data-answer=take]")
    for number, words in enumerate(("年", "數", "2020", "七")):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.insert_text(words)
    save(page)
    body = re.sub(r"</?strong>", "", body_of(article))
    assert body == (
        "<p>開頭</p><h2>小標</h2>"
        '<p><a href="https://b.example/" rel="noopener noreferrer">看這裡</a></p><p>結尾很重</p>'
        "<ul><li>一</li><li>二</li></ul>"
        '<table><thead><tr><th scope="col">年</th><th scope="col">數</th></tr></thead>'
        "<tbody><tr><td>2020</td><td>七</td></tr></tbody></table>"
    )
    assert "<strong>很重</strong>" in body_of(article)
    assert watch.complaints == []


def test_a_footnote_leads_there_and_back(page, opened):
    article = opened("<p>正文</p><p>後文</p>")
    put_cursor(page, "正文")
    page.click("[data-do=note]")
    page.fill("dialog[open] [data-field=words]", "出處")
    page.click("dialog[open] [data-answer=take]")
    page.keyboard.insert_text("。")
    save(page)
    link = '<a href="#note-{}" rel="noopener noreferrer">{}</a>'
    assert body_of(article) == (
        f'<p id="note-back-1">正文{link.format("1", "<sup>[1]</sup>")}。</p><p>後文</p>'
        f'<p id="note-1">{link.format("back-1", "[1]")} 出處</p>'
    )


def test_a_caption_written_in_the_text_is_the_pictures_caption_too(page, live_server, opened, watch):
    article = opened(f'<figure><img src="{PICTURE}" alt=""></figure><p>正文</p>')
    place = makers.ArticleImageMaker(article=article, image=makers.ImageMaker(origin_url=PICTURE))
    page.reload()
    page.click(".editor-picture")
    page.click("[data-do=caption]")
    page.keyboard.insert_text("港口的早晨")
    page.click(".editor-picture")
    page.click("[data-do=alt]")
    page.fill("dialog[open] [data-field=alt]", "兩艘船")
    page.click("dialog[open] [data-answer=take]")
    save(page)
    figure = f'<figure><img src="{PICTURE}" alt="兩艘船"><figcaption>{{}}</figcaption></figure><p>正文</p>'
    assert body_of(article) == figure.format("港口的早晨")
    place.refresh_from_db()
    assert place.caption == "港口的早晨"
    page.fill("[name=article_images-0-caption]", "港口的晚上")
    page.fill("[name=article_images-0-alt]", "一片海")
    save(page)
    assert body_of(article) == figure.format("港口的晚上")
    assert Image.objects.get().alt == "一片海"
    assert watch.complaints == []


def test_a_picture_of_the_article_is_put_into_the_text_and_leads(page, opened):
    article = opened("<p>正文</p>")
    image = makers.ImageMaker(origin_url=PICTURE)
    makers.ArticleImageMaker(article=article, image=image, caption="圖說")
    page.reload()
    put_cursor(page, "正文")
    page.click("[data-do=picture]")
    page.click("dialog[open] [data-pick]")
    page.check(f"[name=lead_image][value='{image.pk}']")
    save(page)
    after = Article.objects.get(pk=article.pk)
    assert after.body == f'<p>正文</p><figure><img src="{PICTURE}" alt=""><figcaption>圖說</figcaption></figure>'
    assert after.lead_image == image


HOSTILE = (
    "<p onclick='x()' style='color:red'>好的<script>alert(1)</script><b style='font-weight:normal'>字</b></p>"
    "<a href='javascript:alert(1)'>壞鏈</a><iframe src='https://evil.example'></iframe><style>p{display:none}</style>"
    "<img src=x onerror=alert(1)><img src='https://evil.example/spy.gif'><svg onload=alert(1)><text>圖</text></svg>"
    "<h1>大題</h1><form action='https://evil.example'><input value=1></form><div>塊</div>"
)


def test_what_is_pasted_is_stored_clean(page, opened, watch):
    article = opened("<p>正文</p>")
    put_cursor(page, "正文")
    page.evaluate(
        """(html) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            document.querySelector(".editor-words").dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        HOSTILE,
    )
    expect(page.locator("[data-told=strangers]")).to_be_visible()
    save(page)
    body = body_of(article)
    for words in ("正文", "好的", "字", "壞鏈", "大題", "塊"):
        assert words in body
    for trap in ("script", "onclick", "style", "iframe", "javascript", "img", "svg", "form", "evil", "h1", "alert"):
        assert trap not in body
    assert watch.complaints == []
    assert watch.strangers == []


def test_html_typed_as_source_is_stored_clean_and_goes_back_into_the_editor(page, opened, watch):
    article = opened("<p>正文</p>")
    page.click("[data-do=source]")
    page.fill("#id_body", "<p>新的<iframe src='https://evil.example'></iframe></p><script>x</script><p>字</p>")
    page.click("[data-do=source]")
    expect(
        page.locator("[data-told=kept]")
    ).to_be_visible()  # what the policy will not let through is not shown as text
    expect(page.locator(".editor-words > p").last).to_have_text("字")
    page.click("[data-do=source]")
    save(page)
    assert body_of(article) == "<p>新的</p><p>字</p>"
    assert watch.complaints == []


def test_a_block_that_the_editor_cannot_write_is_kept_as_it_is(page, opened, watch):
    odd = "<table><tbody><tr><td>一</td></tr></tbody><thead><tr><td>二</td></tr></thead></table>"
    article = opened(f"<p>正文</p>{odd}<p>結尾</p>")
    expect(page.locator("[data-told=kept]")).to_be_visible()
    put_cursor(page, "正文")
    page.keyboard.insert_text("改")
    save(page)
    assert body_of(article) == f"<p>正文改</p>{odd}<p>結尾</p>"


def test_words_outside_any_block_open_as_source_with_a_message_and_stay(page, opened):
    article = opened("裸字<p>正文</p>")
    expect(page.locator("[data-told=lossy]")).to_be_visible()
    expect(page.locator("#id_body")).to_have_value("裸字<p>正文</p>")
    page.fill("#id_title", "新的標題")
    save(page)
    assert body_of(article) == "裸字<p>正文</p>"


def test_every_seed_goes_through_the_editor_without_a_loss(page, opened, seed_bodies):
    opened()
    page.evaluate(
        """async () => {
            const [{ Markup }, { schemaOf }] = [await import("desk/markup"), await import("desk/schema")];
            window.through = (html) => {
                const markup = new Markup(schemaOf(new Map()));
                const { doc, kept, exact } = markup.read(html);
                return [exact, kept, markup.write(doc)];
            };
        }"""
    )
    for name, body in seed_bodies.items():
        exact, kept, written = page.evaluate("(html) => through(html)", body)
        assert (name, exact, kept) == (name, True, 0)
        assert written == body


@pytest.fixture
def seed_bodies(pytestconfig):
    """Cleaned bodies of the seeds by file name."""
    files = sorted((pytestconfig.rootpath / "seeds").rglob("*.md"))
    bodies = {}
    for file in files:
        if file.name != "README.md":
            bodies[file.name] = read(file.read_bytes(), str(file.relative_to(pytestconfig.rootpath / "seeds"))).html
    assert len(bodies) > 20
    return bodies


def wait_until_kept(page):
    page.wait_for_selector(".writing-kept:not(:empty)")


def test_what_was_typed_outlives_the_page_and_is_restored_when_asked(page, live_server, opened, watch):
    article = opened("<p>第一句。第二句。</p>", title="標題")
    before = contents_of([article.pk])
    page.fill("#id_title", "沒存的標題")
    put_cursor(page, "第二句")
    page.keyboard.insert_text("第三句。")
    wait_until_kept(page)
    assert contents_of([article.pk]) == before
    assert not Revision.objects.exists()
    page.goto("about:blank")  # the page is gone without a save
    page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
    expect(page.locator("#id_title")).to_have_value("標題")
    offer = page.locator(".desk-panel.conflict")
    for words in ("沒存的", "第三句。"):
        expect(offer.get_by_text(words, exact=True).and_(offer.locator("ins"))).to_be_visible()
    press(page, "text=Restore what you had typed")
    expect(page.locator("#id_title")).to_have_value("沒存的標題")
    expect(page.locator(".editor-words")).to_contain_text("第三句。")
    assert Article.objects.get(pk=article.pk).title == "標題"
    save(page)
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.text) == ("沒存的標題", "第一句。第二句。第三句。")
    assert not [row for row in Unsaved.objects.all() if "第四句" in str(row.values)]
    page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
    expect(page.locator(".desk-panel.conflict")).to_have_count(0)
    assert watch.complaints == []


def test_what_was_typed_is_thrown_away_when_asked(page, live_server, opened):
    article = opened(title="標題")
    page.fill("#id_title", "沒存的標題")
    wait_until_kept(page)
    page.goto("about:blank")
    page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
    press(page, "text=Throw away")
    page.wait_for_selector(".success")
    expect(page.locator(".desk-panel.conflict")).to_have_count(0)
    assert not Unsaved.objects.exists()


def test_a_sign_in_that_ended_loses_nothing(page, context, live_server, opened, editor):
    article = opened(title="標題")
    context.clear_cookies(name="sessionid")
    page.fill("#id_title", "寫了很久的標題")
    page.click("[name=_continue]")
    page.wait_for_selector(".writing-problem:visible")
    expect(page.locator("#id_title")).to_have_value("寫了很久的標題")
    again = context.new_page()
    again.goto(f"{live_server.url}/admin/")
    fill_in(again, "editor", "editor")
    again.wait_for_selector("#user-tools")
    save(page)
    assert Article.objects.get(pk=article.pk).title == "寫了很久的標題"


def test_a_crash_while_the_server_was_away_loses_nothing(page, context, live_server, opened):
    article = opened(title="標題")
    page.route("**/unsaved/", lambda route: route.abort())
    page.fill("#id_title", "離線的標題")
    page.wait_for_selector(".writing-problem:visible")
    page.on("dialog", lambda dialog: dialog.accept())
    page.close()
    fresh = context.new_page()
    fresh.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
    fresh.wait_for_selector("text=Restore what you had typed")
    press(fresh, "text=Restore what you had typed")
    expect(fresh.locator("#id_title")).to_have_value("離線的標題")


def test_the_live_preview_shows_unsaved_words_in_the_readers_template(page, opened, watch):
    article = opened("<p>正文。</p>")
    page.click("[data-preview-open]")
    frame = page.frame_locator(".live-preview iframe")
    frame.locator("text=正文。").wait_for()
    put_cursor(page, "正文")
    page.keyboard.insert_text("還沒存的一句。")
    frame.locator("text=還沒存的一句。").wait_for(timeout=15_000)
    expect(frame.locator("main")).to_have_count(1)
    page.click(".live-preview [data-width='1280']")
    assert page.evaluate("document.querySelector('.live-preview iframe').contentWindow.innerWidth") == 1280
    page.click(".live-preview [data-width='390']")
    assert page.evaluate("document.querySelector('.live-preview iframe').contentWindow.innerWidth") == 390
    assert body_of(article) == "<p>正文。</p>"
    assert not Revision.objects.exists()
    assert watch.complaints == []


def test_the_original_is_shown_beside_the_form_and_runs_nothing(page, live_server, opened, watch):
    article = opened(removed={"tag:script": 2, "attr:class": 7, "rule:share bar": 1}, warnings=["text_lost"])
    raw = (
        "[題](https://a.example/1)\n------\n<p>原文<script>alert(1)</script><img src='https://evil.example/x.gif'></p>"
    )
    makers.OriginalMaker(article=article, bytes=zlib.compress(raw.encode()))
    page.click("[data-original] summary")
    room = page.locator(".original-room")
    room.locator(".as-it-came").wait_for()
    told = room.inner_text()
    for words in ("script", "class", "share bar", "text_lost", "原文", "evil.example/x.gif"):
        assert words in told
    expect(room.locator("img, script")).to_have_count(0)
    assert watch.complaints == []
    assert watch.strangers == []


def test_edit_preview_schedule_publish_correct_and_restore(page, context, live_server, opened, watch):
    article = opened("<p>第一句。</p>", title="舊的標題", go_live_at=None)
    home = f"{live_server.url}/admin/articles/article/{article.pk}"
    public = f"{live_server.url}{article.get_absolute_url()}"
    put_cursor(page, "第一句")
    page.keyboard.insert_text("第二句。")
    page.click("[data-preview-open]")
    page.frame_locator(".live-preview iframe").locator("text=第二句。").wait_for(timeout=15_000)
    page.click("[data-preview-close]")
    later = timezone.now() + datetime.timedelta(days=2)
    page.fill("#id_go_live_at_0", f"{later:%Y-%m-%d}")
    page.fill("#id_go_live_at_1", "08:00:00")
    press(page, "[name=_move][value=publish]")
    page.wait_for_selector(".success")
    expect(page.locator("#workflow-title")).to_contain_text("scheduled for")
    assert page.request.get(public).status == 404
    page.fill("#id_go_live_at_0", "")
    page.fill("#id_go_live_at_1", "")
    save(page)
    reader = context.browser.new_context().new_page()
    reader.goto(public)
    expect(reader.locator("main")).to_contain_text("第二句。")
    page.goto(f"{home}/corrections/")
    page.fill("textarea[name=text]", "日期寫錯了，已改正。")
    press(page, "#content-main button[type=submit]")
    page.wait_for_selector(".success")
    reader.reload()
    expect(reader.locator("main")).to_contain_text("日期寫錯了")
    page.goto(f"{home}/history/")
    first = Revision.objects.filter(article=article).earliest("pk")
    page.check(f"[name=before][value='{first.pk}']")
    page.check(f"[name=after][value='{Revision.objects.filter(article=article).latest('pk').pk}']")
    press(page, "text=Compare")
    press(page, "button:has-text('Restore') >> nth=0")
    page.wait_for_selector(".success")
    assert body_of(article) == "<p>第一句。</p>"
    assert Article.objects.get(pk=article.pk).status == "published"
    assert watch.complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_form_fits_and_is_open_to_everybody(page, live_server, opened, watch, width):
    page.set_viewport_size({"width": width, "height": 900})
    article = opened(EVERYTHING + "<table><thead><tr><td>甲</td></tr></thead><tbody></tbody></table>", stub=True)
    makers.ArticleImageMaker(article=article, image=makers.ImageMaker(origin_url=PICTURE))
    Unsaved.objects.create(
        page="a" * 32, user=makers.UserMaker._meta.model.objects.get(username="editor"), article=article,
        values={"title": ["別的標題"], "version": [""]}, typed_at=timezone.now(),
    )  # fmt: skip
    page.reload()
    page.locator(".editor-words td").first.click()
    page.click("[data-original] summary")
    page.click("[data-preview-open]")
    assert page.evaluate(WIDER) == 0
    page.click("[data-preview-close]")
    is_right(page, watch)
    page.goto(f"{live_server.url}/admin/articles/article/{article.pk}/original/")
    is_right(page, watch)


def test_the_bar_is_walked_with_arrows_and_left_with_tab(page, opened):
    opened()
    page.focus("select[data-do=block]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.do") == "strong"
    page.focus("[data-do=strong]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.do") == "em"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.do") == "source"
    page.keyboard.press("Tab")
    assert "editor-words" in page.evaluate("document.activeElement.className")


def test_without_script_the_source_is_written_by_hand(browser, page, live_server, editor):
    article = makers.ArticleMaker(status="draft")
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{live_server.url}/admin/articles/article/{article.pk}/change/")
    expect(plain.locator(".editor-bar:visible")).to_have_count(0)
    plain.fill("#id_body", "<p>手寫</p>")
    save(plain)
    assert body_of(article) == "<p>手寫</p>"
    plain.click("[data-original] summary")
    press(plain, "text=Show the original")
    expect(plain.locator(".original-room")).to_have_count(1)
    context.close()
