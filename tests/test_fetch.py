"""Bytes from a public address: a server of our own commits every fault there is."""

import io
import socket
import time

import pytest
from PIL import Image as Picture

from articles.fetch import Cause, Limits, Unfetched, fetch, kind_of
from tests.faulty_server import FaultyServer, picture


def here(server, **limits):
    """Limits of a test: short, and with this server's door open."""
    return Limits(**({"seconds": 10, "silence": 10, "loopback_port": server.port} | limits))


@pytest.fixture
def server():
    with FaultyServer() as running:
        yield running


def cause_of(address, limits=None, **options):
    with pytest.raises(Unfetched) as caught:
        fetch(address, limits=limits or Limits(), **options)
    return caught.value.cause


def test_a_picture_comes_with_what_a_later_look_needs(server):
    answer = fetch(server.address("/good/1.jpg"), limits=here(server))
    assert answer.content == picture("/good/1.jpg")
    assert answer.etag
    assert answer.last_modified


@pytest.mark.parametrize("proof", ["etag", "last_modified"])
def test_a_picture_that_has_not_changed_is_not_sent_again(server, proof):
    address = server.address("/good/1.jpg")
    answer = fetch(address, limits=here(server), **{proof: getattr(fetch(address, limits=here(server)), proof)})
    assert answer.content is None


def test_redirects_are_followed_up_to_five(server):
    assert fetch(server.address("/hops/5"), limits=here(server)).content == picture("/good/hop.jpg")
    assert cause_of(server.address("/hops/6"), here(server)) == Cause.GONE
    assert cause_of(server.address("/circle"), here(server)) == Cause.GONE


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/status/404", Cause.GONE),
        ("/status/410", Cause.GONE),
        ("/status/403", Cause.BLOCKED),
        ("/status/451", Cause.BLOCKED),
        ("/status/429", Cause.LATER),
        ("/status/503", Cause.LATER),
        ("/to-file", Cause.UNSAFE),
        ("/to-javascript", Cause.UNSAFE),
        ("/endless", Cause.TOO_LARGE),
        ("/says-10-gigabytes", Cause.TOO_LARGE),
        ("/html-as-jpeg", Cause.NOT_AN_IMAGE),
        ("/svg", Cause.NOT_AN_IMAGE),
        ("/empty", Cause.NOT_AN_IMAGE),
        ("/endless-html", Cause.NOT_AN_IMAGE),
        ("/closes", Cause.LATER),
        ("/says-more", Cause.LATER),
        ("/silent", Cause.LATER),
        ("/no-http", Cause.LATER),
        ("/slams", Cause.LATER),
    ],
)
def test_every_fault_ends_with_its_cause(server, path, cause):
    assert cause_of(server.address(path), here(server, silence=1 if path == "/silent" else 10, size=300_000)) == cause


def test_a_header_that_says_text_does_not_matter_when_the_bytes_are_a_picture(server):
    assert fetch(server.address("/picture-as-text"), limits=here(server)).content


@pytest.mark.parametrize("path", ["/drips", "/drips-header"])
def test_a_server_that_drips_is_cut_when_time_is_up(server, path):
    with pytest.raises(Unfetched) as caught:
        fetch(server.address(path), limits=here(server, seconds=1, silence=5))
    assert caught.value.cause == Cause.LATER
    assert "not complete" in str(caught.value)
    assert server.was_left_alone(path)


def test_a_name_that_nobody_answers_for_ends_when_time_is_up(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: time.sleep(3))
    assert cause_of("http://slow.test/", Limits(seconds=0.2)) == Cause.LATER


def test_an_address_that_says_when_to_come_back_is_believed(server):
    with pytest.raises(Unfetched) as caught:
        fetch(server.address("/status/503?retry=120"), limits=here(server))
    assert caught.value.wait == 120


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_is_not_public_is_never_connected_to(monkeypatch, address):
    resolve_to(monkeypatch, address)
    monkeypatch.setattr(socket.socket, "connect", lambda *args: pytest.fail("connected"))
    assert cause_of("http://news.test/p.jpg") == Cause.UNSAFE
    literal = f"[{address}]" if ":" in address else address
    monkeypatch.undo()
    assert cause_of(f"http://{literal}/p.jpg") == Cause.UNSAFE


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost", "0"])
def test_other_spellings_of_this_machine_are_refused(host):
    assert cause_of(f"http://{host}:9/p.jpg") == Cause.UNSAFE


@pytest.mark.parametrize("path", ["/to-private", "/to-loopback"])
def test_a_redirect_into_our_own_network_is_refused(server, path):
    with FaultyServer() as secret:
        server.secret = secret.address("/good/secret.jpg")
        with pytest.raises(Unfetched) as caught:
            fetch(server.address(path), limits=here(server))
        assert caught.value.cause == Cause.UNSAFE
        assert not secret.asked


def test_a_name_that_turns_private_on_the_second_look_is_refused_or_never_looked_at_again(server, monkeypatch):
    answers = iter(["127.0.0.1", "10.0.0.1", "10.0.0.1"])
    asked = []

    def resolve(host, port, **options):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    ask = socket.getaddrinfo
    literal = ask("127.0.0.1", server.port, type=socket.SOCK_STREAM)
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: literal if host == "127.0.0.1" else resolve(host, *rest)
    )
    assert fetch(server.address("/good/1.jpg", "rebinds.test"), limits=here(server)).content  # one look, pinned
    assert asked == ["rebinds.test"]
    assert (
        cause_of(server.address("/good/1.jpg", "rebinds.test"), here(server)) == Cause.UNSAFE
    )  # a request later: a new look


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://x.test/a", "data:image/png;base64,AA", "//x", ""])
def test_only_the_web_is_asked(address):
    assert cause_of(address) == Cause.UNSAFE


@pytest.mark.parametrize(
    "address", ["http://", "http://[::1", "http://x.test:99999/", "http://" + "a" * 300 + ".test/"]
)
def test_addresses_that_are_none_are_gone(address):
    assert cause_of(address) in (Cause.GONE, Cause.LATER)


def test_proxies_of_the_environment_are_not_asked(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert fetch(server.address("/good/1.jpg"), limits=here(server)).content


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp", "avif"])
def test_a_kind_is_told_by_bytes(kind):
    content = io.BytesIO()
    Picture.new("RGB", (8, 8)).save(content, kind)
    assert kind_of(content.getvalue()[:32]) == kind


def resolve_to(monkeypatch, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, *rest, **more: [(family, socket.SOCK_STREAM, 6, "", (address, port))]
    )
