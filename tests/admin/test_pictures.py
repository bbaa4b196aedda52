"""The picture desk: words in the grid, replacements, files that go with their rows, the board of hosts."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from articles import curation, images, search
from articles.models import Article, Deed, Image, ImageHost, Revision
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


FIGURE = '<figure><img src="{src}" alt="{alt}"><figcaption>{caption} <cite>林攝</cite></figcaption></figure><p>正文</p>'


@pytest.fixture
def figures(place):
    """Two articles whose text has the picture with its caption."""
    other = makers.ArticleImageMaker(image=place.image, caption=place.caption)
    Image.objects.update(alt="舊的")
    place.image.refresh_from_db()
    for row in (place, other):
        row.article.body = FIGURE.format(src=place.image.origin_url, alt="舊的", caption=row.caption)
        row.article.save()
    search.rebuild()
    return [place.article, other.article]


def test_a_caption_of_the_grid_is_what_readers_see_and_find_in_every_article(desk, chief, client, place, figures):
    assert desk.post(GRID, grid([place], **{"form-0-caption": "港口的晚上"})).status_code == 302
    for article in figures:
        page = client.get(article.get_absolute_url()).content.decode()
        assert "港口的晚上" in page
        assert "舊說明" not in page
        assert "林攝" in page
        article.refresh_from_db()
        assert article.edited_by == chief
        assert article.text == figures[0].text
        assert [row.kind for row in article.revisions.order_by("pk")] == ["baseline", "bulk"]
    assert not search.check().any
    assert {found.pk for found in search.matching(Article.objects.all(), search.query_of("晚上"))} == {
        article.pk for article in figures
    }
    assert list(Deed.objects.exclude(kind="user").values_list("verb", "kind")) == [("change", "image")]


def test_an_alternative_text_of_the_grid_is_what_readers_see_and_marks_only_changed_texts(desk, client, place, figures):
    bare = makers.ArticleImageMaker(image=place.image, caption=place.caption).article
    assert desk.post(GRID, grid([place], **{"form-0-alt": "兩艘船"})).status_code == 302
    for article in figures:
        article.refresh_from_db()
        assert 'alt="兩艘船"' in client.get(article.get_absolute_url()).content.decode()
        assert article.edited_at
    bare.refresh_from_db()
    assert bare.edited_at is None
    assert bare.revisions.latest("pk").facts["pictures"][0][3] == "兩艘船"


def test_a_caption_of_hundreds_of_articles_costs_a_few_statements_for_each_hundred(
    chief, place, django_assert_max_num_queries
):
    makers.ArticleImageMaker.create_batch(
        30,
        image=place.image,
        caption="舊說明",
        article__body=FIGURE.format(src=place.image.origin_url, alt="", caption="舊說明"),
    )
    with django_assert_max_num_queries(40):
        curation.describe(place.image, chief, caption="新說明")
    assert set(place.image.places.values_list("caption", flat=True)) == {"新說明"}
    assert Revision.objects.filter(kind="bulk").count() == 31
    assert Article.objects.filter(body__contains="新說明").count() == 30


def test_a_page_of_pictures_that_stood_open_puts_nothing_back_that_others_have_written(desk, place):
    other = makers.ArticleImageMaker(caption="別的")
    seen = grid([other, place])
    seen |= {f"initial-{name}": value for name, value in seen.items() if name.startswith("form-")}
    seen |= {f"initial-form-{number}-decorative": "False" for number in (0, 1)}
    Image.objects.filter(pk=other.image_id).update(alt="他寫的", decorative=True)
    assert desk.post(GRID, seen | {"form-1-alt": "我寫的"}).status_code == 302
    assert dict(Image.objects.values_list("pk", "alt")) == {other.image_id: "他寫的", place.image_id: "我寫的"}
    assert Image.objects.get(pk=other.image_id).decorative
    refused = desk.post(GRID, seen | {"form-0-alt": "我也寫"})
    assert "It says now: “他寫的”." in refused.content.decode()
    assert Image.objects.get(pk=other.image_id).alt == "他寫的"
    form = next(one for one in refused.context["cl"].formset.forms if one.instance.pk == other.image_id)
    again = seen | {"form-0-alt": "我也寫", "initial-form-0-alt": form.data["initial-form-0-alt"]}
    assert desk.post(GRID, again).status_code == 302
    assert Image.objects.get(pk=other.image_id).alt == "我也寫"


def test_the_page_of_a_picture_that_stood_open_puts_nothing_back_either(desk, place):
    fields = form(desk.get(page_of(place.image)))
    seen = {f"initial-{name}": fields.get(name, "") for name in ("alt", "credit", "rights", "focal_x", "focal_y")}
    Image.objects.update(alt="他寫的", state="blocked")
    assert desk.post(page_of(place.image), fields | seen | {"credit": "林小安"}).status_code == 302
    place.image.refresh_from_db()
    assert (place.image.alt, place.image.credit, place.image.state) == ("他寫的", "林小安", "blocked")


def test_captions_are_written_by_those_who_may_change_published_articles(client, place):
    member = makers.UserMaker()
    member.user_permissions.set(_permissions("view_image", "change_image"))
    client.force_login(member)
    client.post(GRID, grid([place], **{"form-0-caption": "新說明", "form-0-alt": "兩艘船"}))
    place.refresh_from_db()
    assert (place.caption, place.image.alt) == ("舊說明", "兩艘船")


def test_a_deleted_picture_leaves_a_revision_of_its_articles_and_search_forgets_its_caption(desk, place, figures):
    lead = makers.ArticleMaker(lead_image=place.image)
    search.rebuild()
    assert desk.post(reverse("admin:articles_image_delete", args=[place.image_id]), {"post": "yes"}).status_code == 302
    for article in figures:
        before, after = article.revisions.order_by("pk")
        assert (len(before.facts["pictures"]), after.facts["pictures"]) == (1, [])
    assert [row.facts["lead_image_id"] for row in lead.revisions.order_by("pk")] == [place.image_id, None]
    assert not search.check().any


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
