"""Pictures in a real browser: nothing jumps, nobody else is asked, each format and size is one of ours."""

import io

import pytest
from django.urls import reverse
from PIL import Image as Picture

from articles import images
from tests.browser.steps import save, sign_in
from tests.makers import ArticleImageMaker, ArticleMaker, ImageMaker

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [(1600, 900), (900, 1350), (1200, 800), (640, 640), (300, 200)]
SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts.push(entry.value);
    }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.fixture
def story():
    """An article full of pictures, with one that is gone and one that moves."""
    article = ArticleMaker()
    body = []
    for number, size in enumerate(SIZES):
        content = io.BytesIO()
        Picture.effect_mandelbrot(size, (-2.0, -1.5, 1.0, 1.5), 20 + number).convert("RGB").save(content, "JPEG")
        body.append(_figure(article, number, content.getvalue()))
    frames = [Picture.new("RGB", (320, 200), colour) for colour in ("red", "green")]
    content = io.BytesIO()
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    body.append(_figure(article, len(SIZES), content.getvalue()))
    gone = ArticleImageMaker(article=article, image=ImageMaker(state="gone"), position=99).image
    body.append(f'<figure><img src="{gone.origin_url}" alt="碼頭"><figcaption>消失的圖片</figcaption></figure>')
    article.body = "".join(f"{figure}<p>{'冬天的碼頭風大得讓人睜不開眼。' * 12}</p>" for figure in body)
    article.lead_image = article.article_images.order_by("position").first().image
    article.save()
    return article


def _figure(article, position, content) -> str:
    place = ArticleImageMaker(article=article, position=position, image=ImageMaker())
    images.keep(place.image, content)
    return f'<figure><img src="{place.image.origin_url}"><figcaption>說明 {position}</figcaption></figure>'


def scroll_through(page):
    height = page.evaluate("document.documentElement.scrollHeight")
    for place in range(0, height, 400):
        page.evaluate(f"window.scrollTo(0, {place})")
        page.wait_for_timeout(30)
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_picture_rich_article_loads_without_a_jump_and_without_a_stranger(page, live_server, story, watch, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(f"({SHIFTS})()")
    page.goto(live_server.url + story.get_absolute_url())
    scroll_through(page)
    assert page.evaluate("window.shifts.reduce((sum, value) => sum + value, 0)") == 0
    assert (watch.complaints, watch.strangers) == ([], [])
    assert page.evaluate("[...document.querySelectorAll('.prose img')].every(image => image.naturalWidth > 0)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    chosen = page.evaluate("[...document.querySelectorAll('.prose picture img')].map(image => image.currentSrc)")
    assert len(chosen) == len(SIZES)
    assert all("/renditions/" in address and address.endswith(".avif") for address in chosen)
    assert "消失的圖片" in page.locator("figure:has(.missing)").inner_text()


def test_only_the_first_picture_hurries_and_the_rest_wait_for_the_reader(page, live_server, story):
    asked = []
    page.on("request", lambda request: "/media/" in request.url and asked.append(request.url))
    page.set_viewport_size({"width": 390, "height": 600})
    page.goto(live_server.url + story.get_absolute_url())
    page.wait_for_load_state("networkidle")
    ways = page.evaluate("[...document.querySelectorAll('.prose img')].map(i => [i.fetchPriority, i.loading])")
    assert ways[0] == ["high", "auto"] or ways[0] == ["high", "eager"]
    assert {tuple(way) for way in ways[1:]} == {("auto", "lazy")}
    assert len(asked) < len(ways)


def test_a_narrow_screen_gets_a_narrow_picture(page, live_server, story):
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(live_server.url + story.get_absolute_url())
    page.wait_for_load_state("networkidle")
    first = page.evaluate("document.querySelector('.prose picture img').currentSrc")
    assert first.endswith(("whole-360.avif", "whole-640.avif"))


def test_the_focal_point_is_set_by_a_click(page, live_server, story, watch):
    sign_in(page, live_server, "chief")
    page.goto(live_server.url + reverse("admin:articles_image_change", args=[story.lead_image_id]))
    box = page.locator("[data-focus] img").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25)
    save(page)
    story.lead_image.refresh_from_db()
    assert abs(story.lead_image.focal_x - 0.75) < 0.02
    assert abs(story.lead_image.focal_y - 0.25) < 0.02
    assert not watch.complaints
