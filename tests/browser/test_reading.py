"""What readers' browsers do with our pages."""

import datetime
import io
import zlib

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.views.defaults import permission_denied
from PIL import Image as Picture
from playwright.sync_api import expect

from articles import search
from articles.models import Article, Correction, Image, Plan, front_preview_address, preview_address
from articles.models.front import Breaking, Kind, Layout, Part, Pin
from tests.browser.looking import ALL, is_right
from tests.makers import (
    ArticleImageMaker,
    ArticleMaker,
    FrontPageMaker,
    HoldMaker,
    ImageMaker,
    OriginalMaker,
    ReferenceMaker,
    SourceMaker,
    StoryMaker,
    StoryPlaceMaker,
)

pytestmark = pytest.mark.django_db(transaction=True)
RULES = ALL | {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LONG = "十九個小島的圖書船：一艘舊渡輪怎樣把書送到每一個碼頭，又怎樣把讀者帶回來，以及一位退休船長為什麼決定再開三年"
ADDRESS = "https://a-very-long-host-name.example/" + "x" * 200
BODY = """<figure><img src="https://pictures.example/here.jpg" alt="倉庫"><figcaption>說明 <cite>林小安</cite>
</figcaption></figure><p>冬天的碼頭風大得讓人睜不開眼。<a href="https://elsewhere.example/x">市府</a>的說法。</p><h2>一盞燈</h2>
<figure><img src="https://pictures.example/away.jpg" alt="燈"><figcaption>夜裡</figcaption></figure>
<blockquote><p>「缺的是願意輪班的人。」</p></blockquote><ul><li>第一項</li></ul><p><a href="{0}">{0}</a></p>
<table><tr><th>年份</th><th>產量</th><th>志工</th><th>成本</th><th>電費</th><th>備註</th><th>其他</th></tr><tr><td>2022</td>
<td>1204</td><td>31</td><td>88000</td><td>12300</td><td>只種萵苣</td><td>無</td></tr></table><pre>{1}</pre>
<p><img src="//third.example/pixel.gif"></p>""".format(ADDRESS, "code " * 60)


def stored_picture(name):
    content = io.BytesIO()
    Picture.new("RGB", (1200, 800), "teal").save(content, "JPEG")
    image = ImageMaker(
        origin_url=f"https://pictures.example/{name}.jpg", state=Image.State.STORED, width=1200, height=800
    )
    image.file.save(f"{name}.jpg", ContentFile(content.getvalue()))
    return image


@pytest.fixture
def site():
    """A few articles with everything a page can carry; returns the addresses of the pages to look at."""
    source = SourceMaker(name="德国之声", slug="dw", language="zh-Hans", home_url="https://dw.example/")
    video = {
        "url": "https://www.youtube.com/watch?v=a",
        "provider": "YouTube",
        "title": "一天",
        "poster": "https://y.example/p.jpg",
    }
    whole = ArticleMaker(title=LONG, source=source, standfirst="導語", body=BODY, embeds=[video], copyright="© 2025 DW")
    here = stored_picture("here")
    whole.lead_image = here
    whole.save()
    ArticleImageMaker(article=whole, image=here)
    ArticleImageMaker(article=whole, image=ImageMaker(origin_url="https://pictures.example/away.jpg"))
    whole.tags.add("AI", *[f"城市農場與島嶼交通 {number}" for number in range(15)])
    for number in range(14):
        other = ArticleMaker(source=source if number % 2 else SourceMaker(), lead_image=here if number % 3 else None)
        ReferenceMaker(article=whole, key=other.address_key)
        other.tags.add("AI")
    ArticleMaker(
        title="The Valley That Mapped Its Wells", language="en", source=SourceMaker(name="ChinaFile", language="en")
    )
    undated = {"published_at": None, "published_on": None, "published_precision": ""}
    ArticleMaker(source=source, **undated)
    for number, text in enumerate(("第一句沒有變。守塔人叫阿嬤。", "第一句沒有變。守塔人叫林小安。")):
        raw = f"[燈塔](https://www.dw.com/zh/a-1)\n------\n\n<p>{text}</p>".encode()
        OriginalMaker(
            article=whole, path=f"articles/dw/1_{number}.md", content_sha256=str(number), newest=not number,
            archived_at=whole.published_at + datetime.timedelta(days=number), bytes=zlib.compress(raw),
        )  # fmt: skip
    Correction.objects.create(article=whole, text="島有十九個，不是十八個。")
    story = StoryMaker()
    for told in Article.objects.exclude(published_at=None).order_by("pk")[:3]:
        StoryPlaceMaker(story=story, article=told)
    search.index(list(Article.objects.values_list("pk", flat=True)))
    held = HoldMaker(
        article_number=ArticleMaker(source=source).pk, take_down__public_note="依法院裁定。",
        take_down__source_name=source.name, take_down__ends_at=timezone.now() + datetime.timedelta(days=9),
    )  # fmt: skip
    parted = ArticleMaker(
        source=source, body="".join(f"<h2>第 {n} 節</h2><p>{'冬天的碼頭風大。' * 1000}</p>" for n in range(5))
    )
    parts = [Part(Kind.SOURCE, str(source.pk), layout=layout) for layout in Layout]
    plan = Plan(Pin(whole.pk), parts=(*parts, *Plan().parts), breaking=Breaking("地震之後的消息", whole.pk))
    shape = FrontPageMaker(plan=plan.written())
    day = whole.published_on
    return {
        "front": "/",
        "article": whole.get_absolute_url(),
        "source": source.get_absolute_url(),
        "sources": reverse("sources"),
        "tag": whole.tags.get(name="AI").get_absolute_url(),
        "tags": reverse("tags"),
        "archive": reverse("archive"),
        "year": reverse("year", args=[day.year]),
        "month": reverse("month", args=[day.year, day.month]),
        "day": reverse("day", args=[day.year, day.month, day.day]),
        "source, deep": source.get_absolute_url() + "?before=99999999999999999-1",
        "topics by name": reverse("topics_by_name"),
        "undated": reverse("undated"),
        "on this day": reverse("on_this_day_of", args=[day.month, day.day]),
        "on a day of nothing": reverse("on_this_day_of", args=[day.month % 12 + 1, 29 - day.day // 2]),
        "changes": reverse("changes", args=[whole.pk]),
        "search": reverse("search"),
        "found": reverse("search") + "?q=圖書",
        "not found": reverse("search") + "?q=沒有這個",
        "programs": reverse("api"),
        "stories": reverse("stories"),
        "story": story.get_absolute_url(),
        "in the other script": f"/zh-hans{whole.get_absolute_url()}",
        "transparency": reverse("transparency"),
        "part of a long article": f"{parted.get_absolute_url()}?part=2",
        "preview": preview_address(ArticleMaker(status="draft", body=BODY).pk),
        "shaped front": front_preview_address(shape.pk, shape.saves),
        "refused": "/refused/",
        "broken": "/broken/",
        "taken down": f"/a/{held.article_number}/",
        "missing": "/nothing/",
    }


COMPLAINED_OF = ("missing", "taken down")  # browsers tell the console of any status that is no success


def faults(page, live_server):
    """The pages of a refusal and of a fault of our own, at addresses of their own."""

    def answers(content):
        return lambda route: route.fulfill(body=content, content_type="text/html")

    refused = permission_denied(RequestFactory().get("/"), PermissionDenied("Ask a chief & wait."))
    page.route(f"{live_server.url}/refused/", answers(refused.content.decode()))
    page.route(f"{live_server.url}/broken/", answers(render_to_string("500.html")))


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_is_quiet_asks_nobody_else_and_is_open_to_everybody(page, live_server, site, watch, width):
    page.set_viewport_size({"width": width, "height": 900})
    faults(page, live_server)
    for name, address in site.items():
        page.goto(live_server.url + address)
        page.evaluate("() => document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), name
        if name in COMPLAINED_OF:
            watch.complaints[:] = [
                text for text in watch.complaints if "the server responded with a status" not in text
            ]
        is_right(page, watch, RULES, dark=RULES)


def test_an_empty_site_is_accessible_too(page, live_server, watch):
    page.goto(live_server.url)
    is_right(page, watch, RULES)


def test_the_keyboard_reaches_the_content_first(page, live_server, site):
    page.goto(live_server.url + site["article"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_a_big_title_ends_its_lines_where_phrases_do(page, live_server):
    lead = ArticleMaker(title="整夜不關燈的圖書館 瓦倫港試行「不打烊」一週", lead_image=stored_picture("here"))
    ArticleMaker.create_batch(3, source=lead.source)
    lines = """(selector) => {
        const walk = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT);
        const range = document.createRange(), lines = {};
        for (let text = walk.nextNode(); text; text = walk.nextNode()) [...text.data].forEach((character, place) => {
            range.setStart(text, place); range.setEnd(text, place + 1);
            const top = Math.round(range.getBoundingClientRect().top);
            lines[top] = (lines[top] ?? "") + character;
        });
        return Object.values(lines).map((line) => line.trim()).filter(Boolean);
    }"""
    for address, selector in (("/", ".card-lead .card-title a"), (lead.get_absolute_url(), ".story-title")):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.url + address)
            assert page.evaluate(lines, selector) == ["整夜不關燈的圖書館", "瓦倫港試行「不打烊」一週"], (
                address,
                width,
            )


def test_numbers_of_contents_stand_in_their_box(page, live_server):
    body = "".join(f"<h2>第 {n} 節</h2><p>{'冬天的碼頭風大。' * 60}</p>" for n in range(12))
    article = ArticleMaker(body=body)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(live_server.url + article.get_absolute_url())
    room = page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.contents ol')).paddingInlineStart)"
        " / parseFloat(getComputedStyle(document.querySelector('.contents ol')).fontSize)"
    )
    assert room >= 1.8  # two digits, a full stop and the gap behind it


def test_chinese_is_set_in_fonts_of_its_own_script(page, live_server, site):
    page.goto(live_server.url + site["article"])
    family = page.evaluate("getComputedStyle(document.querySelector('.story-title')).fontFamily")
    assert "Songti TC" in family
    page.goto(live_server.url + site["source"])
    assert "Songti SC" in page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")


def test_choices_of_a_reader_stay_and_a_link_is_copied(page, live_server, site, watch):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(live_server.url + site["article"])
    size = "parseFloat(getComputedStyle(document.querySelector('.prose')).fontSize)"
    paper = "getComputedStyle(document.body).backgroundColor"
    usual, light = page.evaluate(size), page.evaluate(paper)
    page.get_by_label("Size of text").select_option("largest")
    page.get_by_label("Colours").select_option("dark")
    page.reload()
    assert page.evaluate(size) > usual
    assert page.evaluate(paper) != light
    assert page.get_by_label("Size of text").input_value() == "largest"
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied").wait_for()
    assert site["article"] in page.evaluate("navigator.clipboard.readText()")
    assert not watch.complaints


def test_a_device_that_can_share_offers_both_and_one_that_cannot_only_the_link(page, live_server, site):
    share, copy = (page.get_by_role("button", name=name) for name in ("Pass on", "Copy link"))
    define = "Object.defineProperty(Navigator.prototype, 'share', {{ value: {}, configurable: true }})"
    page.add_init_script(define.format("undefined"))
    page.goto(live_server.url + site["article"])
    expect(copy).to_be_visible()
    expect(share).to_be_hidden()
    page.add_init_script(define.format("(what) => { window.shared = what; return Promise.resolve(); }"))
    page.reload()
    expect(copy).to_be_visible()
    share.click()
    assert page.evaluate("window.shared.url").endswith(site["article"])
    assert page.evaluate("window.shared.title") == LONG


def test_without_script_nothing_is_offered_that_needs_it(browser, live_server, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + site["article"])
    assert not page.locator(".tools").first.is_visible()
    page.locator(".provenance summary").click()
    expect(page.get_by_text("Edited here")).to_be_visible()
    context.close()
