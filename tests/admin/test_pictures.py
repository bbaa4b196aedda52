"""The picture desk: words in the grid, replacements, files that go with their rows, the board of hosts."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from articles import images
from articles.models import Image, ImageHost
from tests import makers
from tests.faulty_server import bomb, picture

GRID = reverse("admin:articles_image_changelist")
BOARD = reverse("admin:articles_imagehost_changelist")


def page_of(image):
    return reverse("admin:articles_image_change", args=[image.pk])


@pytest.fixture
def place(db):
    place = makers.ArticleImageMaker(caption="舊說明")
    images.keep(place.image, picture("/desk", (640, 480)))
    return place


def form(answer) -> dict:
    """What a browser would send back unchanged."""
    fields = {}
    for bound in answer.context["adminform"].form:
        value = bound.value()
        if value not in (None, False):
            fields[bound.html_name] = value
    return fields


def grid(rows, **changes) -> dict:
    fields = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows), "_save": "yes"}
    for number, place in enumerate(rows):
        image = place.image
        words = {"id": image.pk, "alt": image.alt, "credit": image.credit, "rights": image.rights}
        fields |= {f"form-{number}-{name}": value for name, value in (words | {"caption": place.caption}).items()}
    return fields | changes


def test_the_grid_shows_where_a_picture_is_used_its_state_and_its_reason(desk, place):
    lame = makers.ImageMaker(state="blocked", reason="The host refuses it (status 403).")
    page = desk.get(GRID).content.decode()
    assert place.article.title in page
    assert lame.reason in page
    assert re.search(rf'<textarea[^>]*aria-label="[^"]*, {place.image_id}"', page)
    assert "card-50-50" in page  # a small rendition, not the file itself


def test_words_of_many_pictures_are_written_at_once(desk, place):
    other = makers.ArticleImageMaker(caption="別的")
    rows = [other, place]
    changes = {"form-0-alt": "燈塔", "form-1-caption": "新說明", "form-1-credit": "林小安", "form-1-rights": "CC BY"}
    assert desk.post(GRID, grid(rows, **changes)).status_code == 302
    place.refresh_from_db()
    other.refresh_from_db()
    assert (place.caption, place.image.credit, place.image.rights) == ("新說明", "林小安", "CC BY")
    assert (other.caption, other.image.alt) == ("別的", "燈塔")


def test_captions_that_differ_are_not_written_over(desk, place):
    makers.ArticleImageMaker(image=place.image, caption="另一個說明")
    desk.post(GRID, grid([place], **{"form-0-caption": "都一樣"}))
    assert set(place.image.places.values_list("caption", flat=True)) == {"舊說明", "另一個說明"}


def test_a_replacement_is_verified_and_takes_the_place(desk, place, django_capture_on_commit_callbacks):
    before = place.image.file.name
    fields = form(desk.get(page_of(place.image)))
    for content in (b"<svg/>", bomb()):
        answer = desk.post(page_of(place.image), fields | {"replacement": SimpleUploadedFile("x.jpg", content)})
        assert answer.context["errors"]
    with django_capture_on_commit_callbacks(execute=True):
        upload = SimpleUploadedFile("x.jpg", picture("/other", (320, 200)))
        assert desk.post(page_of(place.image), fields | {"replacement": upload}).status_code == 302
    place.image.refresh_from_db()
    assert (place.image.width, place.image.height) == (320, 200)
    assert not default_storage.exists(before)


def test_the_focal_point_works_without_script_and_is_checked(desk, place):
    fields = form(desk.get(page_of(place.image)))
    desk.post(page_of(place.image), fields | {"focal_x": "0.8", "focal_y": "0.1"})
    place.image.refresh_from_db()
    assert (place.image.focal_x, place.image.focal_y) == (0.8, 0.1)
    assert desk.post(page_of(place.image), fields | {"focal_x": "1.8"}).context["errors"]


def test_a_deleted_picture_takes_its_files_along(desk, place, django_capture_on_commit_callbacks):
    images.prepare(place.image)
    file = place.image.file.name
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(GRID, {"action": "delete_selected", "_selected_action": place.image_id, "post": "yes"})
    assert not default_storage.exists(file)


def test_one_picture_is_asked_for_again_from_its_page(desk, settings, monkeypatch):
    settings.FETCH_IMAGES = True
    image = makers.ImageMaker(state="gone", attempts=6)

    def fetch_image(image, folder=""):
        images.keep(image, picture("/again"))
        return image.state

    monkeypatch.setattr(images, "fetch_image", fetch_image)
    answer = desk.post(page_of(image), form(desk.get(page_of(image))) | {"_fetch": "yes"}, follow=True)
    assert "it is stored" in answer.content.decode()
    assert answer.redirect_chain[0][0] == page_of(image)


def test_all_that_a_host_has_not_given_is_asked_for_again(desk, settings):
    settings.FETCH_IMAGES = True
    host = makers.ImageHostMaker(name="a.example", faults=9)
    gone, stored = (makers.ImageMaker(host="a.example", state=state, file="x.jpg") for state in ("gone", "stored"))
    makers.ImageMaker(host="a.example", state="blocked")
    other = makers.ImageMaker(state="gone")
    answer = desk.post(BOARD, {"action": "fetch_again", "_selected_action": host.pk}, follow=True)
    assert "2 pictures wait" in answer.content.decode()
    states = dict(Image.objects.values_list("pk", "state"))
    assert (states[gone.pk], states[stored.pk], states[other.pk]) == ("waiting", "stored", "gone")
    assert ImageHost.objects.get().faults == 0


def test_nothing_is_asked_for_where_the_setting_says_so(desk):
    host, image = makers.ImageHostMaker(name="a.example"), makers.ImageMaker(host="a.example", state="gone")
    answer = desk.post(BOARD, {"action": "fetch_again", "_selected_action": host.pk}, follow=True)
    assert "NEWSROOM_FETCH_IMAGES" in answer.content.decode()
    image.refresh_from_db()
    assert image.state == "gone"


def test_the_board_counts_by_state(desk):
    makers.ImageMaker.create_batch(3, host="a.example", state="blocked")
    images.note_hosts()
    page = desk.get(BOARD).content.decode()
    assert re.search(r'class="field-blocked"><a href="[^"]*host=a.example&amp;state__exact=blocked">3</a>', page)


def test_who_may_only_look_gets_no_fields_and_no_buttons(client, place):
    looker = makers.UserMaker()
    looker.user_permissions.set(_permissions("view_image", "view_imagehost"))
    client.force_login(looker)
    assert "<textarea" not in client.get(GRID).content.decode()
    assert "_fetch" not in client.get(page_of(place.image)).content.decode()
    host = makers.ImageHostMaker(name="pictures.example")
    client.post(BOARD, {"action": "fetch_again", "_selected_action": host.pk})
    client.post(GRID, {"action": "fetch_again", "_selected_action": place.image_id})
    place.image.refresh_from_db()
    assert place.image.state == "stored"


def _permissions(*names):
    return Permission.objects.filter(codename__in=names)
