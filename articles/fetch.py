"""Brings a picture's bytes from a public address, or tells one something, guarded in where it leads and how long.

Names are resolved once a request and pinned by requests-hardened, which refuses what is not public; redirects are
followed by hand, since requests would read a redirect's whole body and follow it without asking anew.
"""

from __future__ import annotations

import contextlib
import email.utils
import enum
import ipaddress
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

CHUNK = 65536
HEAD = 32  # bytes that tell every kind of picture we take
LONGEST_ADDRESS = 4000
LONGEST_WAIT = 86400.0  # seconds that a host may ask us to stay away
REDIRECTS = frozenset({301, 302, 303, 307, 308})
BLOCKED = frozenset({401, 403, 407, 451})
LATER = frozenset({408, 425, 429})
ACCEPT = "image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,*/*;q=0.1"


class Cause(enum.StrEnum):
    """Why there are no bytes."""

    GONE = "gone"
    BLOCKED = "blocked"
    TOO_LARGE = "too_large"
    NOT_AN_IMAGE = "not_an_image"
    UNSAFE = "unsafe"
    LATER = "later"  # the only one that time may heal


class Unfetched(Exception):
    """No bytes; the message is one sentence for a person. `wait`: seconds the host asks us to stay away, or None."""

    def __init__(self, cause: Cause, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a request may go. `loopback_port` is for tests: the one door of this machine that they may knock at."""

    seconds: float = 30.0  # in all: names, connections, redirects, bytes
    silence: float = 10.0  # for a connection, and between two bytes
    size: int = 20_000_000
    redirects: int = 5
    loopback_port: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture's bytes; None when the host says that the copy we named by `etag` or `last_modified` is still good."""

    content: bytes | None
    address: str  # after redirects
    etag: str = ""
    last_modified: str = ""


def kind_of(head: bytes) -> str:
    """jpeg, png, gif, webp or avif by the first HEAD bytes, else "". SVG is text, so it is none."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and (b"avif" in head[8:32] or b"avis" in head[8:32]):
        return "avif"
    return ""


def fetch(
    address: str,
    *,
    etag: str = "",
    last_modified: str = "",
    agent: str = "Newsroom",
    limits: Limits = Limits(),
) -> Fetched:
    """The picture at `address`, or the news that it has not changed; raises Unfetched.

    The work is done in a thread of its own: neither looking up a name nor a server that drips its header can be timed
    out from within. When time is up the connections are cut and the thread ends by itself.
    """
    return _done(_Errand(agent, limits, etag, last_modified), address)


def post(address: str, fields: dict[str, str], *, agent: str = "Newsroom", limits: Limits = Limits()) -> None:
    """Send a form to `address` and wait for a status that says yes; raises Unfetched. The answer's body is not read.

    Led on by a status that keeps the method (307, 308) the form goes on; by any other it is refused, because what
    arrived there would be no form.
    """
    _done(_Message(agent, limits, fields=fields), address)


def _done(errand: _Errand, address: str) -> Fetched | None:
    """What an errand brings home in its time."""
    worker = threading.Thread(target=errand.run, args=(address,), daemon=True, name="fetch")
    worker.start()
    worker.join(errand.limits.seconds)
    if worker.is_alive():
        errand.cut()
        raise Unfetched(Cause.LATER, f"The answer was not complete after {errand.limits.seconds:g} seconds.")
    if errand.fault is not None:
        raise errand.fault
    return errand.result


@dataclass
class _Errand:
    """One picture's way through its redirects."""

    agent: str
    limits: Limits
    etag: str = ""
    last_modified: str = ""
    result: Fetched | None = None
    fault: Exception | None = None
    _lines: list[socket.socket] = field(default_factory=list)
    _over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    goes_on = REDIRECTS  # statuses that lead to another address

    def run(self, address: str) -> None:
        """Leave a result or a fault."""
        try:
            with _session(self) as session:
                self.result = self._follow(session, address)
        except Exception as error:  # handed over to the thread of the caller, which raises it
            self.fault = error
        finally:
            self._hang_up()

    def hold(self, line: socket.socket) -> None:
        """Keep a second handle on a connection, by which it can be cut whatever TLS makes of the first."""
        with self._lock:
            if self._over:
                raise TimeoutError("time is up")
            self._lines.append(line.dup())

    def cut(self) -> None:
        """End every connection now and let none begin."""
        with self._lock:
            self._over = True
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        with self._lock:
            while self._lines:
                self._lines.pop().close()

    def _follow(self, session: HTTPSession, address: str) -> Fetched:
        for _ in range(self.limits.redirects + 1):
            _check(address)
            with _named_faults(), self._ask(session, address) as response:
                if response.status_code not in self.goes_on or not response.headers.get("Location"):
                    return self._receive(response, address)
                address = urljoin(address, response.headers["Location"].strip())
        raise Unfetched(Cause.GONE, f"The address leads on more than {self.limits.redirects} times.")

    def _ask(self, session: HTTPSession, address: str) -> requests.Response:
        headers = {"Accept": ACCEPT, "Accept-Encoding": "identity"}
        if self.etag:
            headers["If-None-Match"] = self.etag
        if self.last_modified:
            headers["If-Modified-Since"] = self.last_modified
        return session.get(
            address, headers=headers, stream=True, allow_redirects=False, timeout=(self.limits.silence,) * 2
        )

    def _receive(self, response: requests.Response, address: str) -> Fetched:
        etag, modified = (response.headers.get(name, "")[:255] for name in ("ETag", "Last-Modified"))
        if response.status_code == 304 and (self.etag or self.last_modified):
            return Fetched(None, address, etag or self.etag, modified or self.last_modified)
        _refuse_status(response)
        return Fetched(_body(response, self.limits.size), address, etag, modified)


@dataclass
class _Message(_Errand):
    """A form on its way; it brings nothing home."""

    fields: dict[str, str] = field(default_factory=dict)
    goes_on = frozenset({307, 308})

    def _ask(self, session: HTTPSession, address: str) -> requests.Response:
        return session.post(
            address, data=self.fields, stream=True, allow_redirects=False, timeout=(self.limits.silence,) * 2
        )

    def _receive(self, response: requests.Response, address: str) -> None:
        if response.status_code in REDIRECTS:
            raise Unfetched(Cause.BLOCKED, f"The host leads away from a form (status {response.status_code}).")
        if not 200 <= response.status_code < 300:
            _refuse_status(response)


def _check(address: str) -> None:
    """Refuse what is no address of the web."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Unfetched(Cause.GONE, f"The address cannot be read ({error}).") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise Unfetched(Cause.UNSAFE, f"The address leads to {parts.scheme or 'nowhere'}: only http and https do.")
    if not host or len(address) > LONGEST_ADDRESS:
        raise Unfetched(Cause.GONE, "The address names no host, or is too long.")


@contextlib.contextmanager
def _named_faults():
    """What the network's libraries raise, as Unfetched."""
    try:
        yield
    except Unfetched:
        raise
    except InvalidIPAddress as error:
        raise Unfetched(Cause.UNSAFE, f"The host's address {error} is not public.") from None
    except requests.exceptions.InvalidURL as error:
        raise Unfetched(Cause.GONE, f"The address cannot be asked for ({error}).") from None
    except requests.exceptions.SSLError as error:
        raise Unfetched(Cause.LATER, f"The host cannot prove who it is ({error}).") from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        raise Unfetched(Cause.LATER, "The host did not answer in time.") from None
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise Unfetched(Cause.LATER, f"The connection failed ({error}).") from None
    except ValueError as error:  # a host name that cannot be encoded
        raise Unfetched(Cause.GONE, f"The address cannot be asked for ({error}).") from None


def _refuse_status(response: requests.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    if status in BLOCKED:
        raise Unfetched(Cause.BLOCKED, f"The host refuses it (status {status}).")
    if status in LATER or status >= 500:
        wait = _wait(response.headers.get("Retry-After", ""))
        raise Unfetched(Cause.LATER, f"The host cannot give it now (status {status}).", wait)
    raise Unfetched(Cause.GONE, f"The host has it no more (status {status}).")


def _wait(text: str) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date; None when it says nothing."""
    if text.strip().isdecimal():
        return min(float(text), LONGEST_WAIT)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return min(max(moment.timestamp() - time.time(), 0.0), LONGEST_WAIT)


def _body(response: requests.Response, size: int) -> bytes:
    """The body, as soon as its first bytes promise a picture and as long as it stays within `size`."""
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > size:
        raise Unfetched(Cause.TOO_LARGE, f"The picture has {int(declared) / 1e6:.0f} MB; {size / 1e6:g} are allowed.")
    content, known = bytearray(), False
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > size:
            raise Unfetched(Cause.TOO_LARGE, f"The picture has more than the {size / 1e6:g} MB that are allowed.")
        if not known and len(content) >= HEAD:
            known = _promise(content)
    _promise(content)
    return bytes(content)


def _promise(content: bytearray) -> bool:
    if not kind_of(bytes(content[:HEAD])):
        raise Unfetched(Cause.NOT_AN_IMAGE, "What the host sends is no JPEG, PNG, GIF, WebP or AVIF.")
    return True


def _session(errand: _Errand) -> HTTPSession:
    session = HTTPSession(
        Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(errand.limits.silence, errand.limits.silence),
            user_agent_override=errand.agent,
        )
    )
    session.trust_env = False  # no proxies, no .netrc of whoever runs this
    for scheme in ("http", "https"):
        session.mount(f"{scheme}://", _Adapter(errand, is_https=scheme == "https"))
    return session


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Stricter than the library, which lets old site-local and reserved ranges pass."""
    private = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    return address.is_global and not private


class _Adapter(IPFilterAdapter):
    """The library's pinning, a second look at what it pinned, and connections that the errand can cut."""

    def __init__(self, errand: _Errand, *, is_https: bool) -> None:
        super().__init__(is_https_proto=is_https)
        self._errand = errand

    def get_connection_with_tls_context(self, request, *args, **kwargs):
        """A pool for one pinned address."""
        errand = self._errand
        self._allow_loopback = urlsplit(request.url).port == errand.limits.loopback_port is not None
        pool = super().get_connection_with_tls_context(request, *args, **kwargs)
        pinned = ipaddress.ip_address(pool.host.strip("[]"))
        if not _is_public(pinned) and not (self._allow_loopback and pinned.is_loopback):
            raise InvalidIPAddress(pinned)

        class Held(pool.ConnectionCls):
            """A connection that its errand holds."""

            def _new_conn(self):
                line = super()._new_conn()
                errand.hold(line)
                return line

        pool.ConnectionCls = Held
        return pool
