"""Pictures as they come in: what Pillow finds, what is taken out, what is stored once and removed when."""

import importlib.util
import io

import PIL.Image
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import default_storage
from PIL import ImageDraw, PngImagePlugin

from articles import images
from articles.images import Rejected, verify
from articles.models import Image, Rendition
from newsroom import storage
from tests.faulty_server import bomb, picture
from tests.makers import ArticleImageMaker, ImageMaker

ORIENTATION, MAKER, PLACE = 0x0112, 0x010F, 0x8825


def drawn(kind="JPEG", size=(60, 40), mode="RGB", colour="#0a6464", **options) -> bytes:
    content = io.BytesIO()
    PIL.Image.new(mode, size, colour).save(content, kind, **options)
    return content.getvalue()


def opened(content) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(content))


def spied() -> PIL.Image.Exif:
    exif = PIL.Image.Exif()
    exif[MAKER] = "Spy Camera"
    exif.get_ifd(PLACE)[1] = "N"
    return exif


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        (b"", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
        (b"\xff\xd8\xff" + b"x" * 500, "not_an_image"),
        (picture("/a")[:300], "not_an_image"),
        (drawn("PNG", (400, 400))[:-40], "not_an_image"),
        (drawn("BMP"), "not_an_image"),
        (drawn("TIFF"), "not_an_image"),
        (b"\0" * (images.LARGEST + 1), "too_large"),
        (drawn("PNG", (8000, 7000), "1", colour=0), "too_large"),
        (bomb(), "unsafe"),
    ],
)
def test_what_is_no_picture_or_too_much_of_one_is_named(raw, state):
    with pytest.raises(Rejected) as caught:
        verify(raw)
    assert caught.value.state == state


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_plain_picture_is_stored_as_it_came(kind):
    raw = drawn(kind)
    found = verify(raw)
    assert (found.content, found.width, found.height, found.animated) == (raw, 60, 40, False)
    assert found.tone == "011"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_what_the_camera_knows_is_taken_out(kind):
    raw = drawn(kind, exif=spied())
    assert b"Spy Camera" in raw
    content = verify(raw).content
    assert b"Spy Camera" not in content
    assert not dict(opened(content).getexif())


def animated_gif(**options) -> bytes:
    """Three frames, played for ever, each for another time."""
    frames = [PIL.Image.new("P", (60, 40), number) for number in range(3)]
    for number, frame in enumerate(frames):
        frame.putpalette([number * 40, 80, 120] * 256)
    content = io.BytesIO()
    options = {"duration": [100, 200, 300], "loop": 0, **options}
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], **options)
    return content.getvalue()


def test_a_gif_loses_its_words_and_keeps_its_frames_to_the_byte():
    plain = verify(animated_gif()).content
    assert verify(animated_gif(comment=b"secret of Lin")).content == plain
    foreign = b"\x21\xff\x0bXMP DataXMP\x09<secret/>\x00"
    raw = animated_gif()
    assert verify(raw[:-1] + foreign + raw[-1:]).content == plain
    with opened(plain) as picture:
        assert (picture.n_frames, picture.info["loop"], picture.info["duration"]) == (3, 0, 100)


@pytest.mark.parametrize("cut", [40, 200, -1])
def test_a_gif_that_is_no_gif_inside_is_named(cut):
    with pytest.raises(Rejected) as caught:
        verify(animated_gif()[:cut])
    assert caught.value.state == "not_an_image"


def test_comments_and_texts_are_taken_out():
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Lin Xiaoan")
    words.add_itxt("XML:com.adobe.xmp", "<secret/>")
    assert b"Lin" not in verify(drawn("PNG", pnginfo=words)).content
    assert b"secret" not in verify(drawn("PNG", pnginfo=words)).content
    assert b"secret" not in verify(drawn("JPEG", comment=b"secret")).content
    assert b"secret" not in verify(drawn("WEBP", xmp=b"<secret/>")).content


def test_a_picture_taken_sideways_is_stored_upright():
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = 6
    found = verify(drawn(exif=exif))
    assert (found.width, found.height) == (40, 60)
    assert opened(found.content).size == (40, 60)
    assert opened(found.content).getexif().get(ORIENTATION, 1) == 1


def test_colours_for_presses_become_colours_for_screens():
    assert opened(verify(drawn(mode="CMYK", colour=(0, 255, 255, 0))).content).mode == "RGB"


def test_see_through_pictures_and_palettes_keep_what_they_have():
    palette = opened(drawn("PNG")).quantize(4)
    content = io.BytesIO()
    palette.save(content, "PNG", transparency=0)
    found = verify(content.getvalue())
    assert found.content == content.getvalue()
    assert found.tone == ""


def test_moving_pictures_are_known_and_keep_moving_without_their_metadata():
    frames = [PIL.Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    content = io.BytesIO()
    frames[0].save(content, "WEBP", save_all=True, append_images=frames[1:], exif=spied())
    found = verify(content.getvalue())
    assert found.animated
    assert opened(found.content).n_frames == 3
    assert b"Spy Camera" not in found.content


def test_grey_of_sixteen_bits_is_not_cut_to_white():
    content = io.BytesIO()
    PIL.Image.new("I;16", (60, 40), 20_000).save(content, "PNG")
    assert verify(content.getvalue()).tone == "111"


# --- Stored ---

pytestmark = pytest.mark.django_db


def files(folder="images") -> list[str]:
    found = []
    folders, names = default_storage.listdir(folder) if default_storage.exists(folder) else ([], [])
    for name in folders:
        found += files(f"{folder}/{name}")
    return found + [f"{folder}/{name}" for name in names]


def stored(size=(1300, 900), **facts) -> Image:
    image = ImageMaker(**facts)
    images.keep(image, drawn(size=size))
    return image


def test_the_same_bytes_are_one_file_and_go_with_their_last_row(django_capture_on_commit_callbacks):
    first, second = stored(), stored()
    assert first.file.name == second.file.name
    images.prepare(first)
    images.prepare(second)
    assert len(files()) == 1
    made = files("renditions")
    assert made
    with django_capture_on_commit_callbacks(execute=True):
        images.remove(Image.objects.filter(pk=first.pk))
    assert (len(files()), files("renditions")) == (1, made)
    with django_capture_on_commit_callbacks(execute=True):
        images.remove(Image.objects.filter(pk=second.pk))
    assert files() + files("renditions") == []
    assert not Rendition.objects.exists()


def test_other_bytes_replace_a_picture_and_its_files(django_capture_on_commit_callbacks):
    image = stored()
    images.prepare(image)
    before = files() + files("renditions")
    with django_capture_on_commit_callbacks(execute=True):
        images.keep(image, drawn(colour="red"))
    assert not set(before) & {*files(), *files("renditions")}
    assert (image.width, image.tone, image.prepared) == (60, "300", "")


def test_bytes_that_are_none_do_not_take_a_stored_picture_away():
    image = stored()
    with pytest.raises(Rejected):
        images.keep(image, b"<html>")
    image.refresh_from_db()
    assert image.is_stored
    assert image.reason


# --- Renditions ---


def test_renditions_are_made_once_found_again_and_named_without_asking(django_assert_num_queries):
    image = stored()
    assert images.prepare(image) == 4 + 4 + 3
    with django_assert_num_queries(0):
        plans = [*images.whole(image), *images.cards(image)]
    assert [plan.width for plan in plans] == [360, 640, 960, 1280, 240, 480, 720, 1080]
    for plan in plans:
        for suffix, kind in (("avif", "AVIF"), ("webp", "WEBP"), ("jpg", "JPEG")):
            with default_storage.open(f"{plan.stem}.{suffix}") as file:
                found = PIL.Image.open(file)
                assert (found.format, found.size) == (kind, (plan.width, plan.height))
    before = {name: default_storage.get_modified_time(name) for name in files("renditions")}
    assert images.prepare(image) == 0
    assert before == {name: default_storage.get_modified_time(name) for name in files("renditions")}
    assert Rendition.objects.count() == len(plans) + 3


def test_a_picture_is_shared_in_three_proportions_and_named_without_asking(client, django_assert_num_queries):
    image = stored((1600, 1000))
    with django_assert_num_queries(0):
        shared, whole = images.shared(image), images.shown(image)
    assert [(file.width, file.height) for file in shared] == [(1200, 675), (1200, 900), (1000, 1000)]
    assert (whole.width, whole.height) == (1280, 800)
    for file in [*shared, whole]:
        answer = client.get(file.url)
        made = PIL.Image.open(io.BytesIO(b"".join(answer.streaming_content)))
        assert (answer["Content-Type"], made.format, made.size) == (file.kind, "JPEG", (file.width, file.height))


def test_pictures_prepared_before_they_were_shared_are_shared_as_they_are(settings):
    settings.RENDITIONS_ON_DEMAND = False
    image = stored()
    assert images.shared(image)[0].url == images.shown(image).url == image.file.url
    image.prepared = "1:50-50"
    assert images.can_be_shown(image)
    assert [file.url for file in images.shared(image)] == [image.file.url]
    assert images.shown(image).url != image.file.url
    images.prepare(image)
    assert len(images.shared(image)) == 3


def test_a_picture_is_never_made_larger():
    assert [plan.width for plan in images.whole(stored((300, 200)))] == [300]
    assert [plan.width for plan in images.cards(stored((100, 1000)))] == [100]
    assert images.prepare(stored((1, 1))) == 5


def test_a_card_shows_what_the_focal_point_says():
    content = io.BytesIO()
    wide = PIL.Image.new("RGB", (3000, 600), "red")
    ImageDraw.Draw(wide).rectangle((2000, 0, 3000, 600), "blue")
    wide.save(content, "PNG")
    image = ImageMaker()
    images.keep(image, content.getvalue())

    def middle():
        images.prepare(image)
        with default_storage.open(f"{images.cards(image)[0].stem}.jpg") as file:
            return PIL.Image.open(file).convert("RGB").getpixel((120, 80))

    assert middle()[0] > 200
    image.focal_x = 0.9
    assert middle()[2] > 200
    assert Rendition.objects.filter(stem__contains="/card-").count() == len(images.cards(image))
    assert not [name for name in files("renditions") if "card-50-50" in name]


@pytest.mark.parametrize("kind", ["moving", "cmyk", "grey", "see-through", "sideways"])
def test_every_kind_of_picture_gets_its_renditions(kind):
    content = io.BytesIO()
    if kind == "moving":
        frames = [PIL.Image.new("RGB", (500, 500), colour) for colour in ("red", "green")]
        frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    elif kind == "cmyk":
        PIL.Image.new("CMYK", (500, 500)).save(content, "JPEG")
    elif kind == "grey":
        PIL.Image.new("I;16", (500, 500), 40_000).save(content, "PNG")
    elif kind == "see-through":
        PIL.Image.new("RGBA", (500, 500), (0, 0, 0, 0)).save(content, "PNG")
    else:
        exif = PIL.Image.Exif()
        exif[ORIENTATION] = 8
        PIL.Image.new("RGB", (500, 900)).save(content, "JPEG", exif=exif)
    image = ImageMaker()
    images.keep(image, content.getvalue())
    assert images.prepare(image) >= 2
    assert bool(images.whole(image)) == (kind != "moving")
    with default_storage.open(f"{images.cards(image)[0].stem}.jpg") as file:
        grey = PIL.Image.open(file).convert("L").getpixel((9, 9))
    assert {"grey": 150 < grey < 162, "see-through": grey > 250}.get(kind, True)


def test_a_rendition_is_made_for_the_first_reader_who_asks(client):
    image = stored()
    name = f"{images.cards(image)[0].stem}.webp"
    assert not files("renditions")
    answer = client.get(f"/media/{name}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert Rendition.objects.get().stem == name.rsplit(".", 1)[0]
    b"".join(answer.streaming_content)


@pytest.mark.parametrize(
    "name", ["whole-999.jpg", "whole-960.exe", "card-10-10-240.jpg", "../../x.jpg", "whole-960.png"]
)
def test_nothing_but_what_pages_name_is_made(client, name):
    image = stored()
    folder = images.whole(image)[0].stem.rsplit("/", 1)[0]
    assert client.get(f"/media/{folder}/{name}").status_code == 404
    assert client.get(f"/media/renditions/1/aa/{'0' * 30}/whole-960.jpg").status_code == 404


def test_a_page_names_no_rendition_that_nobody_will_make(settings, client):
    settings.RENDITIONS_ON_DEMAND = False
    place = ArticleImageMaker(image=stored())
    place.article.body = f'<figure><img src="{place.image.origin_url}"></figure>'
    place.article.save()
    page = client.get(place.article.get_absolute_url()).content.decode()
    assert "renditions" not in page
    assert place.image.file.url in page
    images.prepare(place.image)
    page = client.get(place.article.get_absolute_url()).content.decode()
    assert '<source type="image/avif"' in page
    assert 'width="1300" height="900"' in page
    assert 'class="tone-011"' in page


def test_any_storage_of_django_will_do(settings, client, django_capture_on_commit_callbacks):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    image = stored()
    assert images.prepare(image) == 11
    assert client.get(f"/media/{images.cards(image)[0].stem}.avif").status_code == 200
    assert client.get(image.file.url).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        images.remove(Image.objects.all())
    assert files() + files("renditions") == []


def test_a_bucket_is_a_setting(monkeypatch):
    monkeypatch.setenv("NEWSROOM_S3_BUCKET", "pictures")
    with pytest.raises(ImproperlyConfigured, match="NEWSROOM_MEDIA_URL"):
        storage.pictures("/media/")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="requirements-s3"):
        storage.pictures("https://pictures.example/")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setenv("NEWSROOM_S3_ENDPOINT", "https://s3.example/")
    options = storage.pictures("https://pictures.example/p/")["OPTIONS"]
    assert (options["bucket_name"], options["endpoint_url"]) == ("pictures", "https://s3.example")
    assert options["custom_domain"] == "pictures.example/p"
