"""What readers' browsers do with our pages."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image as Picture

from articles.models import Image
from tests.makers import ArticleImageMaker, ArticleMaker, ImageMaker, ReferenceMaker, SourceMaker

pytestmark = pytest.mark.django_db(transaction=True)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
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
        "missing": "/nothing/",
    }


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_fits_is_quiet_and_asks_nobody_else(page, live_server, site, watch, width):
    page.set_viewport_size({"width": width, "height": 900})
    for name, address in site.items():
        page.goto(live_server.url + address)
        page.evaluate("() => document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), name
        complaints = [text for text in watch.complaints if name != "missing" or "404" not in text]
        assert (name, complaints, watch.strangers) == (name, [], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_accessible_in_both_colour_schemes(page, live_server, site, scheme, width):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("front", "article", "source", "tags", "archive", "month", "missing"):
        page.goto(live_server.url + site[name])
        found = Axe().run(page, options=RULES)
        assert not found.response["violations"], f"{name}: {found.generate_report()}"


def test_an_empty_site_is_accessible_too(page, live_server, watch):
    page.goto(live_server.url)
    assert not Axe().run(page, options=RULES).response["violations"]
    assert not watch.complaints


def test_the_keyboard_reaches_the_content_first(page, live_server, site):
    page.goto(live_server.url + site["article"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


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
    page.get_by_role("button", name="Pass on").click()
    page.get_by_text("Link copied").wait_for()
    assert site["article"] in page.evaluate("navigator.clipboard.readText()")
    assert not watch.complaints


def test_without_script_nothing_is_offered_that_needs_it(browser, live_server, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + site["article"])
    assert not page.locator(".tools").first.is_visible()
    page.locator(".provenance summary").click()
    assert page.get_by_text("Edited here").is_visible()
    context.close()
