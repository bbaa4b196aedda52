"""The rescue ladder: which address is tried when, how each picture ends, and that a kill costs nothing."""

import datetime
import io
import signal
import sqlite3
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from articles import images, tasks
from articles.fetch import Limits
from articles.images import Terms
from articles.images.fetching import rungs
from articles.models import Image, ImageHost
from newsroom.storage import WholeFileStorage
from tests.faulty_server import FaultyServer, picture
from tests.fetching import FAULTS, addresses, of_seeds
from tests.makers import ImageMaker
from tests.services import ROOT, Installation, wait_for

pytestmark = pytest.mark.django_db
State = Image.State


@pytest.fixture(autouse=True)
def _fetching(settings):
    settings.FETCH_IMAGES = True


@pytest.fixture
def server():
    with FaultyServer() as running:
        yield running


def terms(server, **values):
    limits = Limits(seconds=20, silence=10, loopback_port=server.port)
    return Terms(**({"pace": 0.0, "archives": (), "limits": limits} | values))


def waiting(server, path, **facts):
    return ImageMaker(origin_url=server.address(path), host="127.0.0.1", **facts)


# --- The rungs ---


def test_the_mirror_comes_first_and_nobody_is_asked_then(server, tmp_path):
    mirror = tmp_path / "127.0.0.1" / "good"
    mirror.mkdir(parents=True)
    (mirror / "1.jpg").write_bytes(picture("/mirror"))
    image = waiting(server, "/good/1.jpg")
    assert images.fetch_image(image, str(tmp_path), terms(server)) == State.STORED
    assert not server.asked


def test_then_the_origin_then_the_proxy_then_other_copies(server):
    image = waiting(server, "/status/404", proxy_url=server.address("/status/403"))
    archive = server.address("/good/copy.jpg?of=") + "{address}"
    assert images.fetch_image(image, terms=terms(server, archives=(archive,))) == State.STORED
    assert server.asked == ["/status/404", "/status/403", "/good/copy.jpg"]
    image.refresh_from_db()
    assert image.fetched_from.startswith(server.address("/good/copy.jpg"))
    assert image.reason == ""


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("https://ichef.bbci.co.uk/news/640/cpsprodpb/a.jpg", "https://ichef.bbci.co.uk/news/1024/cpsprodpb/a.jpg"),
        ("https://ichef.bbci.co.uk/ace/ws/640/x/a.jpg", "https://ichef.bbci.co.uk/ace/ws/1024/x/a.jpg"),
        ("https://api.dw.com/image/1_303.jpg", "https://static.dw.com/image/1_303.jpg"),
        ("https://s.rfi.fr/media/display/ab/w:310/p.jpg", "https://s.rfi.fr/media/display/ab/w:980/p.jpg"),
        ("https://gdb.voanews.com/0A-1f_cx0_w408.jpg", "https://gdb.voanews.com/0A-1f.jpg"),
        ("https://static01.nyt.com/a-articleLarge.jpg", "https://static01.nyt.com/a-superJumbo.jpg"),
        ("https://x.example/up/a-1024x683.jpg", "https://x.example/up/a.jpg"),
        ("https://x.example/a", "https://web.archive.org/web/2id_/https://x.example/a"),
    ],
)
def test_other_addresses_of_the_same_picture_are_known(address, other):
    ways = [way for _, way in rungs(Image(origin_url=address))]
    assert ways[0] == address
    assert other in ways[1:]
    assert len(ways) == len(set(ways))


# --- The states ---


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("/good/1.jpg", State.STORED),
        ("/status/404", State.GONE),
        ("/circle", State.GONE),
        ("/status/403", State.BLOCKED),
        ("/says-10-gigabytes", State.TOO_LARGE),
        ("/html-as-jpeg", State.NOT_AN_IMAGE),
        ("/truncated/1.jpg", State.NOT_AN_IMAGE),
        ("/to-file", State.UNSAFE),
        ("/to-private", State.UNSAFE),
        ("/bomb", State.UNSAFE),
        ("/status/503", State.WAITING),
        ("/closes/1.jpg", State.WAITING),
    ],
)
def test_each_end_has_its_state_and_reason(server, path, state):
    image = waiting(server, path)
    images.fetch_image(image, terms=terms(server))
    image.refresh_from_db()
    assert image.state == state
    assert bool(image.reason) == (state != State.STORED)
    assert bool(image.next_try_at) == (state == State.WAITING)
    assert image.tried_at


def test_a_picture_that_may_come_is_tried_again_later_and_later_and_then_given_up(server):
    image, own = waiting(server, "/status/500"), terms(server, again_after=(60, 600), faults_before_rest=99)
    waits = []
    for _ in range(3):
        assert image.state == State.WAITING
        images.fetch_image(image, terms=own)
        waits.append(image.next_try_at and (image.next_try_at - image.tried_at).total_seconds())
    assert waits == [60, 600, None]
    assert (image.state, image.attempts) == (State.GONE, 3)


def test_a_host_that_says_when_to_come_back_is_believed(server):
    image = waiting(server, "/status/429?retry=4000")
    images.fetch_image(image, terms=terms(server))
    assert (image.next_try_at - image.tried_at).total_seconds() == 4000
    assert ImageHost.objects.get().rests_until > timezone.now() + datetime.timedelta(seconds=3900)


def test_a_host_that_fails_again_and_again_rests_and_is_not_asked(server):
    own = terms(server, faults_before_rest=3)
    for number in range(5):
        images.fetch_image(waiting(server, f"/status/500?{number}"), terms=own)
    assert len(server.asked) == 3
    assert "does not answer" in Image.objects.latest("pk").reason
    ImageHost.objects.update(rests_until=timezone.now())
    images.fetch_image(waiting(server, "/good/1.jpg"), terms=own)
    host = ImageHost.objects.get()
    assert (host.faults, host.rests_until, bool(host.last_success_at)) == (0, None, True)


def test_a_host_is_asked_at_its_pace_however_many_ask(server, monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    for number in range(3):
        images.fetch_image(waiting(server, f"/good/{number}.jpg"), terms=terms(server, pace=5.0))
    assert slept[0] < 0.1
    assert 4 < slept[1] <= 5
    assert 8 < slept[2] <= 10


def test_a_picture_whose_turn_is_far_away_waits_without_losing_a_try(server):
    ImageHost.objects.create(name="127.0.0.1", next_request_at=timezone.now() + datetime.timedelta(hours=1))
    image = waiting(server, "/good/1.jpg")
    images.fetch_image(image, terms=terms(server))
    assert (image.state, image.attempts, server.asked) == (State.WAITING, 0, [])
    assert image.next_try_at > timezone.now() + datetime.timedelta(minutes=59)
    assert not images.due().exists()


# --- Again ---


def test_a_stored_picture_is_asked_for_with_proof_and_stays_what_it_is(server):
    image = waiting(server, "/good/1.jpg")
    images.fetch_image(image, terms=terms(server))
    file = image.file.name
    images.fetch_image(image, terms=terms(server))
    assert (image.state, image.file.name, server.not_modified) == (State.STORED, file, 1)


@pytest.mark.parametrize("fault", ["/status/404", "/status/500", "/html-as-jpeg"])
def test_a_stored_picture_stays_when_its_origin_dies(server, fault):
    image = waiting(server, "/good/1.jpg")
    images.fetch_image(image, terms=terms(server))
    image.origin_url = server.address(fault)
    image.save()
    images.fetch_image(image, terms=terms(server))
    image.refresh_from_db()
    assert image.is_stored
    assert image.reason


# --- Doors ---


def test_nothing_is_fetched_where_the_setting_says_so(server, settings):
    settings.FETCH_IMAGES = False
    image = waiting(server, "/good/1.jpg")
    assert images.fetch_image(image, terms=terms(server)) == State.WAITING
    assert not server.asked
    with pytest.raises(CommandError, match="NEWSROOM_FETCH_IMAGES"):
        call_command("fetch_images")
    settings.HAS_BROKER = True
    assert tasks.fetch_due_images() == 0


def test_the_command_takes_what_is_due_of_a_host_or_a_state_and_no_more(monkeypatch):
    asked = []

    def fetch_all(numbers, folder, jobs):
        asked.append(list(numbers))
        return [(number, "stored") for number in numbers]

    monkeypatch.setattr(images, "fetch_all", fetch_all)
    one, two = ImageMaker(host="a.example"), ImageMaker(host="a.example")
    three, later = ImageMaker(host="b.example"), ImageMaker(next_try_at=timezone.now() + datetime.timedelta(hours=1))
    gone = ImageMaker(host="b.example", state=State.GONE, attempts=6)
    out = io.StringIO()
    call_command("fetch_images", stdout=out)
    call_command("fetch_images", host="a.example", stdout=out)
    call_command("fetch_images", limit=2, stdout=out)
    call_command("fetch_images", state="gone", stdout=out)
    call_command("fetch_images", state="waiting", host=later.host, stdout=out)
    assert asked == [[one.pk, three.pk, two.pk], [one.pk, two.pk], [one.pk, three.pk], [gone.pk], [later.pk]]
    assert "3  stored" in out.getvalue()
    gone.refresh_from_db()
    assert (gone.state, gone.attempts) == (State.WAITING, 0)


def test_tasks_hand_out_each_picture_once_an_hour_and_make_renditions_of_what_came(server, settings, monkeypatch):
    settings.HAS_BROKER, settings.RENDITIONS_ON_DEMAND = True, False
    fetch, own = images.fetch_image, terms(server)
    monkeypatch.setattr(images, "fetch_image", lambda image, folder="": fetch(image, folder, own))
    good, lame = waiting(server, "/good/1.jpg"), waiting(server, "/status/404")
    assert tasks.fetch_due_images() == 2
    assert tasks.fetch_due_images() == 0
    good.refresh_from_db()
    lame.refresh_from_db()
    assert (good.state, lame.state) == (State.STORED, State.GONE)
    assert good.prepared


# --- A run over everything, killed twice ---


def rows(folder) -> list[tuple[str, str, str]]:
    with sqlite3.connect(folder / "newsroom.sqlite3", timeout=20) as database:
        return database.execute("SELECT origin_url, state, file FROM articles_image ORDER BY id").fetchall()


def ended(folder) -> int:
    return sum(state != "waiting" for _, state, _ in rows(folder))


def test_the_seeds_and_five_hundred_faulty_addresses_end_right_though_the_run_is_killed_twice(server, tmp_path):
    here = Installation(tmp_path, NEWSROOM_FETCH_IMAGES="true")
    script = [sys.executable, str(ROOT / "tests" / "fetching.py")]
    options = {"env": here.environment, "cwd": ROOT}
    subprocess.run([*script, "make", str(server.port)], check=True, **options)
    for goal in (60, 220):
        run = subprocess.Popen([*script, "run", str(server.port)], **options)
        wait_for(lambda goal=goal: ended(tmp_path) >= goal, 60, f"{goal} pictures")
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert ended(tmp_path) < 500
    subprocess.run([*script, "run", str(server.port)], check=True, timeout=600, **options)
    found = rows(tmp_path)
    expected = {url: FAULTS["/".join(urlsplit(url).path.split("/")[1:-1])] for url in addresses(500, server.port)}
    expected |= dict.fromkeys(of_seeds(), "stored")
    assert {url: state for url, state, _ in found} == expected
    assert len(found) == 500 + len(of_seeds())
    media = tmp_path / "media"
    halves = set((media / "images").rglob("*.part"))  # of a file that was being written when the run was killed
    assert len(halves) <= 2 * 8
    assert WholeFileStorage(location=media).clear_halves(before=time.time() + 1) == len(halves)
    kept = {path.relative_to(media).as_posix() for path in (media / "images").rglob("*") if path.is_file()}
    assert kept == {file for _, state, file in found if state == "stored"}
    assert len({(tmp_path / "media" / name).read_bytes() for name in kept}) == len(kept)
