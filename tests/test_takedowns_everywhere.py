"""Taking down, tried by asking every outlet there is: what was told before is told nowhere after, and again at the end.

An outlet is an address that anybody can ask for without signing in, or an export. Each is asked for by its pattern, by
a link, or because it answered before.
"""

import datetime
import io

import PIL.Image
import pytest
import time_machine
from django.utils import timezone

from articles import images
from articles.curation import takedowns
from articles.images import Rejected
from articles.models import Article, Image, Story, TakeDown
from articles.views import keeping
from tests import makers
from tests.faulty_server import picture
from tests.takedowns import PICTURE_PATH, Outlets, demand, furnish, member

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
ORIGINALS = "export: originals"  # an archive is given back as it came, addresses of pictures included
OF_PICTURES = {"picture", "picture's origin"}
LEAST = {  # outlets that tell it while it is published; fewer would be a crawl that does not look
    "title": 50,
    "title, simplified": 7,
    "words": 30,
    "words, simplified": 7,
    "caption": 18,
    "note": 20,
    "picture": 40,
    "picture's origin": 3,
    "page": 45,
}


@pytest.fixture
def now(django_capture_on_commit_callbacks):
    """Do something, and what follows its commit."""

    def done(deed, *arguments, **named):
        with django_capture_on_commit_callbacks(execute=True):
            return deed(*arguments, **named)

    return done


@pytest.fixture
def place(tmp_path, now):
    return now(furnish, tmp_path)


@pytest.fixture
def shelf(settings):
    """Whole pages are kept in memory, as in production; what is kept hangs on what is committed."""
    settings.KEPT_PAGES = 300
    keeping.shelf.clear()
    yield keeping.shelf
    keeping.shelf.clear()


def files_of(place) -> list:
    """Whatever lies in the storage of the secret picture."""
    found = place.folder.glob(f"media/**/*{place.image.sha256[2:32]}*")
    return [path for each in found for path in (each, *each.rglob("*")) if path.is_file()]


def restored(take_down, place, now) -> None:
    takedowns.ask_back(take_down, place.chiefs[0], "vorbei")
    now(takedowns.give_back, take_down, place.chiefs[1])


def are_as_before(after: Outlets, before: Outlets) -> None:
    """Everything that was asked for before answers the same, and the same of it tells each secret."""
    statuses = after.statuses()
    assert {outlet: statuses[outlet] for outlet in before.answers} == before.statuses()
    for name, outlets in before.told().items():
        assert after.told()[name] & set(before.answers) == outlets, name


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_down_is_told_by_no_outlet_and_by_all_again_when_it_returns(shelf, tmp_path):
    place = furnish(tmp_path)
    before = Outlets(place).crawl()
    told = before.told()
    assert not {name: len(told[name]) for name, least in LEAST.items() if len(told[name]) < least}
    are_as_before(Outlets(place).crawl(before.answers), before)
    assert files_of(place)
    assert len(shelf.kept) > 60

    take_down = takedowns.take(demand(article_number=place.article.pk), place.chiefs[0])
    after = Outlets(place).crawl(before.answers)
    assert not {name: outlets for name, outlets in after.told().items() if outlets}
    assert max(after.statuses().values()) == 451
    assert sum(status == 451 for status in after.statuses().values()) > 9
    assert not files_of(place)

    takedowns.ask_back(take_down, place.chiefs[0], "vorbei")
    takedowns.give_back(take_down, place.chiefs[1])
    are_as_before(Outlets(place).crawl(before.answers), before)


@pytest.mark.parametrize("scope", ["picture", "pictures"])
def test_of_a_picture_that_is_taken_down_no_outlet_knows_and_the_words_stay(place, now, scope):
    makers.ArticleImageMaker(article=place.linking, image=place.image, position=50)
    Article.objects.filter(pk=place.linking.pk).update(lead_image=place.image)
    before = Outlets(place).crawl()
    facts = {"image_number": place.image.pk} if scope == "picture" else {"article_number": place.article.pk}

    take_down = now(takedowns.take, demand(scope=scope, **facts), place.chiefs[0])
    after = Outlets(place).crawl(before.answers)
    for name, outlets in after.told().items():
        if name in OF_PICTURES:
            assert outlets <= {ORIGINALS}, name
        elif name != "caption":
            assert outlets >= before.told()[name], name
    assert max(after.statuses().values()) == 451
    assert {outlet for outlet, status in after.statuses().items() if status == 451} == {
        outlet for outlet in before.answers if outlet.startswith("/media/") and place.image.sha256[2:32] in outlet
    }

    restored(take_down, place, now)
    are_as_before(Outlets(place).crawl(before.answers), before)


@pytest.mark.parametrize("everywhere", [False, True])
def test_a_picture_that_another_article_shows_goes_along_only_when_that_is_said(place, now, everywhere):
    makers.ArticleImageMaker(article=place.linking, image=place.image, position=50)
    Article.objects.filter(pk=place.linking.pk).update(lead_image=place.image)
    now(takedowns.take, demand(article_number=place.article.pk, everywhere=everywhere), place.chiefs[0])
    told = Outlets(place).crawl().told()
    page = place.linking.get_absolute_url()
    assert not {name for name, outlets in told.items() if outlets} - OF_PICTURES
    assert any(outlet.startswith(f"/a/{place.linking.pk}/") for outlet in told["picture"]) is not everywhere, page
    if everywhere:
        assert not told["picture"] | told["picture's origin"]


@pytest.mark.django_db(transaction=True)
def test_one_that_is_planned_begins_and_ends_by_the_clock_alone(shelf, tmp_path):
    place = furnish(tmp_path)
    begins = timezone.now() + HOUR
    with time_machine.travel(timezone.now(), tick=False) as clock:
        before = Outlets(place).crawl()
        facts = {"article_number": place.article.pk, "begins_at": begins, "ends_at": begins + HOUR}
        takedowns.take(demand(**facts), place.chiefs[0])
        clock.move_to(begins - datetime.timedelta(seconds=1))
        are_as_before(Outlets(place).crawl(before.answers), before)

        clock.move_to(begins)
        after = Outlets(place).crawl(before.answers)
        assert not {name: outlets for name, outlets in after.told().items() if outlets}
        assert TakeDown.objects.get().applied_at, "the first reader has seen to it"
        assert not files_of(place)

        clock.move_to(begins + HOUR)
        Outlets(place).crawl()
        are_as_before(Outlets(place).crawl(before.answers), before)
        assert TakeDown.objects.get().state == TakeDown.State.ENDED
        assert shelf.kept


def test_the_first_who_asks_for_a_picture_is_as_late_as_the_first_who_asks_for_a_page(place, client, now):
    begins = timezone.now() + HOUR
    address = place.image.file.url
    now(takedowns.take, demand(article_number=place.article.pk, begins_at=begins), place.chiefs[0])
    assert client.get(address).status_code == 200
    with time_machine.travel(begins, tick=False):
        assert client.get(address).status_code == 451, "though its file still lies there"
        assert files_of(place)


def test_a_story_that_bears_its_title_gets_another_reports_and_has_it_back_in_the_end(place, now, client):
    story = Story.objects.get()
    named = (story.title, story.slug)
    take_down = now(takedowns.take, demand(article_number=place.article.pk), place.chiefs[0])
    story.refresh_from_db()
    assert story.title == place.linking.title
    assert place.article.slug not in story.slug
    assert client.get(f"/story/{named[1]}/").status_code == 404, "the old address would tell the title"
    assert client.get(story.get_absolute_url()).status_code == 200
    restored(take_down, place, now)
    story.refresh_from_db()
    assert (story.title, story.slug) == named


# --- Pictures that come in again ---


def jpeg(path="/secret", **saving) -> bytes:
    return picture(path, size=(800, 600)) if not saving else _saved(picture(path, size=(800, 600)), **saving)


def _saved(raw: bytes, *, scale=1.0, dark=1.0, kind="JPEG") -> bytes:
    with PIL.Image.open(io.BytesIO(raw)) as opened:
        changed = opened.resize((int(opened.width * scale), int(opened.height * scale)))
        changed = changed.point(lambda level: int(level * dark))
    out = io.BytesIO()
    changed.save(out, kind)
    return out.getvalue()


ALIKE = {
    "the same bytes": {},
    "half the size": {"scale": 0.5},
    "a little darker": {"dark": 0.9},
    "another format": {"kind": "WEBP"},
    "all of that": {"scale": 0.5, "dark": 0.9, "kind": "WEBP"},
}


@pytest.fixture
def withheld(now):
    """A picture that was taken down, by two chiefs who can bring it back."""
    image = makers.ImageMaker(origin_url=f"https://pictures.example/{PICTURE_PATH}")
    images.keep(image, jpeg())
    chiefs = [member("chief-1", "chief"), member("chief-2", "chief")]
    return now(takedowns.take, demand(scope="picture", image_number=image.pk), chiefs[0]), image, chiefs


@pytest.mark.parametrize("way", ALIKE)
def test_a_picture_that_looks_like_one_taken_down_is_kept_out_by_name_until_that_is_over(withheld, now, way):
    take_down, image, chiefs = withheld
    again = makers.ImageMaker()
    with pytest.raises(Rejected, match=take_down.reference):
        images.keep(again, jpeg(**ALIKE[way]))
    again.refresh_from_db()
    assert (again.state, again.file.name) == (Image.State.TAKEN_DOWN, "")
    assert take_down.reference in again.reason
    takedowns.ask_back(take_down, chiefs[0], "vorbei")
    now(takedowns.give_back, take_down, chiefs[1])
    again.refresh_from_db()
    assert again.state == Image.State.WAITING, "it is tried again"
    images.keep(again, jpeg(**ALIKE[way]))
    assert again.is_stored
    image.refresh_from_db()
    assert image.is_stored


def test_a_picture_that_looks_otherwise_comes_in(withheld):
    for number in range(5):
        other = makers.ImageMaker()
        images.keep(other, jpeg(f"/other/{number}"))
        assert other.is_stored


def test_nobody_is_asked_for_a_picture_whose_address_is_taken_down(withheld, monkeypatch):
    take_down, image, _chiefs = withheld
    monkeypatch.setattr("articles.images.fetching.fetch", lambda *_, **__: pytest.fail("somebody is asked"))
    again = makers.ImageMaker(origin_url=image.origin_url + "?")
    Image.objects.filter(pk=image.pk).update(origin_url="https://pictures.example/moved.jpg")
    again.origin_url = f"https://pictures.example/{PICTURE_PATH}"
    again.save()
    assert images.fetch_image(again) == Image.State.TAKEN_DOWN
    again.refresh_from_db()
    assert take_down.reference in again.reason
