"""Words for many pictures are written in the grid and saved with one button, which is always in view."""

import pytest
from playwright.sync_api import expect

from articles.models import Deed, Image
from tests import makers
from tests.browser.looking import is_right
from tests.browser.steps import press, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_words_are_saved_for_all_pictures_of_the_page_at_once(page, live_server, watch, width):
    sign_in(page, live_server, "editor")
    place = makers.ArticleImageMaker(caption="")
    images = [place.image, *makers.ImageMaker.create_batch(3)]
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/admin/articles/image/")
    for image in images[:2]:
        page.fill(f"textarea[aria-label='Alternative text, {image.pk}']", f"ein Bild {image.pk}")
    page.fill(f"textarea[aria-label='Caption, {place.image.pk}']", "am Kai")
    expect(page.locator(".list-save button")).to_be_in_viewport()
    is_right(page, watch)
    press(page, ".list-save button")
    expect(page.locator(".messagelist .success")).to_have_count(1)
    assert [Image.objects.get(pk=image.pk).alt for image in images] == [
        *(f"ein Bild {image.pk}" for image in images[:2]),
        "",
        "",
    ]
    place.refresh_from_db()
    assert place.caption == "am Kai"
    assert Deed.objects.filter(verb="change", kind="image").count() == 2
