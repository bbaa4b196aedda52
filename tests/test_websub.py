"""Hubs learn which feeds have changed: once a burst, again when they fail, and nobody else ever waits for them."""

import contextlib
import datetime
import http.server
import threading
from urllib.parse import parse_qs

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles import tasks, websub
from articles.fetch import Limits
from articles.models import Article, Correction, Ping
from tests.makers import ArticleMaker, SourceMaker, TagMaker
from tests.services import free_port

pytestmark = pytest.mark.django_db
HUB = "https://hub.example/"
MINUTE = datetime.timedelta(minutes=1)


class Hub(http.server.ThreadingHTTPServer):
    """Answers each form with the next of `answers` (a status and headers), then with 204."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Form)
        self.forms, self.answers, self.silence = [], [], threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Form(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        self.server.forms.append((self.path, form))
        status, headers = self.server.answers.pop(0) if self.server.answers else (204, {})
        if status == "silence":
            self.server.silence.wait(10)
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        self.server.forms.append((self.path, None))
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def hub(settings, monkeypatch):
    with Hub() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.WEBSUB_HUBS = [server.address]
        limits = Limits(seconds=10, silence=3, loopback_port=server.server_address[1])
        monkeypatch.setattr(websub, "LIMITS", limits)
        yield server
        server.silence.set()
        server.shutdown()


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as running:
        yield running


def wanted():
    return set(Ping.objects.filter(next_try_at__isnull=False).values_list("feed", flat=True))


def tell_all():
    return [websub.tell(number) for number in websub.due()]


def changed(hub):
    """A ping that waits: one article came since the first look."""
    websub.look()
    ArticleMaker()
    websub.look()
    ping = Ping.objects.order_by("pk").first()
    Ping.objects.exclude(pk=ping.pk).delete()
    return ping


def test_a_published_article_changes_the_feeds_of_site_source_and_topics(settings, hub):
    topic, other = TagMaker(name="島嶼", slug="島嶼"), TagMaker()
    ArticleMaker().tags.add(other)
    assert websub.look() == 0
    source = SourceMaker(slug="dw")
    for _ in range(3):
        ArticleMaker(source=source).tags.add(topic)
    ArticleMaker(status="draft", source=SourceMaker(slug="rfi"))
    assert websub.look() == 9
    shelves = ("/", "/source/dw/", "/tag/%E5%B3%B6%E5%B6%BC/")
    files = ("feed.xml", "rss.xml", "feed.json")
    assert wanted() == {settings.SITE_URL + shelf + file for shelf in shelves for file in files}
    assert websub.look() == 0
    assert tell_all() == [True] * 9
    assert sorted(form["hub.url"] for _, form in hub.forms) == sorted(Ping.objects.values_list("feed", flat=True))
    assert {form["hub.mode"] for _, form in hub.forms} == {"publish"}
    assert not wanted()
    assert tell_all() == []


@pytest.mark.parametrize(
    ("change", "tells"),
    [
        (lambda article: article.save(), True),
        (lambda article: Correction.objects.create(article=article, text="更正"), True),
        (lambda article: Article.objects.filter(pk=article.pk).update(status="withdrawn"), False),
        (lambda article: ArticleMaker(status="review"), False),
    ],
    ids=["edited", "corrected", "withdrawn", "not published"],
)
def test_a_hub_hears_of_what_subscribers_can_be_sent(hub, clock, change, tells):
    article = ArticleMaker()
    websub.look()
    clock.shift(MINUTE)
    change(article)
    assert bool(websub.look()) is tells


def test_an_article_that_goes_live_by_the_clock_is_told(hub, clock):
    ArticleMaker(go_live_at=timezone.now() + MINUTE)
    websub.look()
    assert websub.look() == 0
    clock.shift(MINUTE * 2)
    assert websub.look() == 6


def test_an_article_that_moves_up_because_another_left_is_no_news(hub, clock, monkeypatch):
    monkeypatch.setattr(websub, "WINDOW", 2)
    articles = []
    for _ in range(3):
        clock.shift(MINUTE)
        articles.append(ArticleMaker())
    websub.look()
    articles[2].status = "withdrawn"
    articles[2].save()
    assert websub.look() == 0
    clock.shift(MINUTE)
    ArticleMaker()
    assert websub.look() == 6


@pytest.mark.parametrize("number", [1, 20])
def test_a_look_costs_the_same_whatever_the_rows(hub, django_assert_num_queries, number):
    websub.look()
    for _ in range(number):
        ArticleMaker().tags.add(TagMaker())
    with django_assert_num_queries(11):  # with those of the transaction
        assert websub.look() == 3 + 6 * number


@pytest.mark.parametrize(
    ("answer", "waits"),
    [((503, {}), 1), ((429, {"Retry-After": "600"}), 10), (("silence", {}), 1), ((500, {"Retry-After": "-1"}), 1)],
)
def test_a_hub_that_cannot_now_is_asked_again_later(hub, clock, answer, waits):
    ping = changed(hub)
    hub.answers = [answer]
    assert tell_all() == [False]
    ping.refresh_from_db()
    assert ping.next_try_at - timezone.now() == MINUTE * waits
    assert ping.reason
    assert tell_all() == []
    clock.shift(MINUTE * waits)
    assert tell_all() == [True]
    ping.refresh_from_db()
    assert (ping.attempts, ping.reason, ping.told_at) == (0, "", timezone.now())


def test_a_hub_that_never_can_is_given_up_until_the_feed_changes_again(hub, clock):
    ping = changed(hub)
    hub.answers = [(503, {})] * 20
    waits = []
    while numbers := list(Ping.objects.exclude(next_try_at=None).values_list("next_try_at", flat=True)):
        waits.append(numbers[0] - timezone.now())
        clock.shift(waits[-1])
        assert tell_all() == [False]
    assert len(waits) == len(websub.AGAIN) + 1
    assert waits[1:] == sorted(waits[1:])
    hub.answers = []
    ArticleMaker(source=SourceMaker())
    websub.look()
    assert ping.feed in wanted()
    assert True in tell_all()


@pytest.mark.parametrize("answer", [(400, {}), (403, {}), (404, {}), (302, {"Location": "/else"})])
def test_a_hub_that_refuses_is_not_asked_again(hub, answer):
    ping = changed(hub)
    hub.answers = [answer]
    assert tell_all() == [False]
    ping.refresh_from_db()
    assert (ping.next_try_at, ping.told_at) == (None, None)
    assert str(answer[0]) in ping.reason
    assert len(hub.forms) == 1


def test_a_form_follows_a_hub_that_has_moved_and_never_into_our_own_network(hub):
    changed(hub)
    hub.answers = [(307, {"Location": "/new"})]
    assert tell_all() == [True]
    assert [path for path, _ in hub.forms] == ["/", "/new"]
    assert hub.forms[1][1]["hub.mode"] == "publish"
    ping = Ping.objects.get()
    Ping.objects.update(next_try_at=timezone.now())
    other = f"http://127.0.0.1:{free_port()}/"
    hub.answers = [(307, {"Location": other})]
    assert tell_all() == [False]
    ping.refresh_from_db()
    assert "not public" in ping.reason
    assert ping.next_try_at is None


def test_a_hub_in_our_own_network_is_refused(settings):
    settings.WEBSUB_HUBS = ["http://127.0.0.1:9/"]
    ping = changed(None)
    assert tell_all() == [False]
    ping.refresh_from_db()
    assert "not public" in ping.reason


def test_a_ping_is_told_by_one_worker_and_again_when_that_one_dies(hub, clock, monkeypatch):
    ping = changed(hub)

    def die(*args, **named):
        raise SystemExit

    with monkeypatch.context() as patched, contextlib.suppress(SystemExit):
        patched.setattr(websub, "post", die)
        websub.tell(ping.pk)
    assert websub.tell(ping.pk) is None
    clock.shift(websub.LEASE)
    assert websub.tell(ping.pk) is True


def test_a_feed_that_changes_while_its_hub_is_told_is_told_again(hub, clock, monkeypatch):
    ping = changed(hub)
    post = websub.post

    def slow(*args, **named):
        clock.shift(MINUTE)
        ArticleMaker()
        websub.look()
        post(*args, **named)

    with monkeypatch.context() as patched:
        patched.setattr(websub, "post", slow)
        assert websub.tell(ping.pk) is True
    assert ping.feed in wanted()


def test_without_a_broker_no_task_waits_for_a_hub_and_a_command_tells_it(settings, hub, capsys):
    websub.look()
    ArticleMaker()
    assert tasks.tell_hubs() == 0
    assert not hub.forms
    call_command("tell_hubs")
    assert "6 told" in capsys.readouterr().out
    ArticleMaker()
    hub.answers = [(503, {})]
    with pytest.raises(CommandError, match="could not be told"):
        call_command("tell_hubs")
    settings.WEBSUB_HUBS = []
    with pytest.raises(CommandError, match="no hub"):
        call_command("tell_hubs")


def test_with_a_broker_the_clock_tells_them(settings, hub):
    settings.HAS_BROKER = True
    tasks.tell_hubs()
    ArticleMaker()
    assert tasks.tell_hubs() == 6
    assert len(hub.forms) == 6


def test_feeds_name_the_hubs_that_are_told_of_them(client, settings):
    settings.WEBSUB_HUBS = [HUB]
    article = ArticleMaker()
    for prefix in ("/", article.source.get_absolute_url()):
        atom, rss, as_json = (client.get(prefix + file) for file in ("feed.xml", "rss.xml", "feed.json"))
        assert f'<link href="{HUB}" rel="hub"' in atom.content.decode()
        assert f'<atom:link href="{HUB}" rel="hub"' in rss.content.decode()
        assert as_json.json()["hubs"] == [{"type": "WebSub", "url": HUB}]
        for answer, file in ((atom, "feed.xml"), (rss, "rss.xml"), (as_json, "feed.json")):
            own = settings.SITE_URL + prefix + file
            assert answer["Link"] == f'<{HUB}>; rel="hub", <{own}>; rel="self"'
            assert own in answer.content.decode()
    later = client.get("/feed.xml?utm_source=x")
    assert f'<{settings.SITE_URL}/feed.xml>; rel="self"' in later["Link"]


def test_a_feed_of_a_search_is_told_to_nobody(client, settings):
    settings.WEBSUB_HUBS = [HUB]
    answer = client.get("/search/feed.xml?q=島嶼")
    assert HUB not in answer.content.decode()
    assert not answer.has_header("Link")
