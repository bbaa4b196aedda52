"""A web server on this machine that commits every fault a picture's host can commit."""

import contextlib
import hashlib
import http.server
import io
import itertools
import socket
import struct
import threading
import time
import zlib
from urllib.parse import parse_qs, urlsplit

from PIL import Image as Picture

MODIFIED = "Tue, 28 Jan 2025 06:17:04 GMT"
STEP = 0.05
ENDLESS = 10_000_000_000


def picture(path: str, size=(64, 48)) -> bytes:
    """A JPEG that differs from one path to the next and stays the same for each."""
    seed = hashlib.sha256(path.encode()).digest()
    image = Picture.frombytes("RGB", (4, 2), seed[:24]).resize(size)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=90)
    return content.getvalue()


def bomb() -> bytes:
    """A PNG of a few kB that unpacks to 400 million pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 2501 * 20_000, 9))
        + chunk(b"IEND", b"")
    )


class _Answers(http.server.BaseHTTPRequestHandler):
    """The first part of a path says what is to go wrong."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(parts.path)
        deed = parts.path.strip("/").split("/")[0].replace("-", "_")
        self.close_connection = True
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, deed)(parts)
            return
        self.server.left.add(parts.path)

    def give(self, content: bytes, kind="image/jpeg", length=None, status=200, **headers) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def lead(self, address: str) -> None:
        self.give(b"", status=302, Location=address)

    def good(self, parts) -> None:
        content = picture(parts.path)
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag or self.headers.get("If-Modified-Since") == MODIFIED:
            self.server.not_modified += 1
            self.send_response(304)
            self.end_headers()
            return
        self.give(content, ETag=etag, Last_Modified=MODIFIED)

    def same(self, parts) -> None:
        self.give(picture("/same"))

    def slow(self, parts) -> None:
        time.sleep(0.2)
        self.give(picture(parts.path))

    def status(self, parts) -> None:
        retry = parse_qs(parts.query).get("retry")
        self.give(b"", status=int(parts.path.split("/")[2]), **({"Retry_After": retry[0]} if retry else {}))

    def hops(self, parts) -> None:
        number = int(parts.path.split("/")[2])
        self.lead(f"/hops/{number - 1}" if number > 1 else "/good/hop.jpg")

    def circle(self, parts) -> None:
        self.lead(parts.path)

    def to_file(self, parts) -> None:
        self.lead("file:///etc/passwd")

    def to_javascript(self, parts) -> None:
        self.lead("javascript:alert(1)")

    def to_loopback(self, parts) -> None:
        self.lead(self.server.secret)

    def to_private(self, parts) -> None:
        self.lead("http://169.254.169.254/latest/meta-data")

    def endless(self, parts) -> None:
        self.stream(itertools.chain([picture("/endless")], itertools.repeat(b"\0" * 65536)))

    def endless_html(self, parts) -> None:
        self.stream(itertools.repeat(b"<p>" * 20000))

    def says_10_gigabytes(self, parts) -> None:
        self.give(picture("/"), length=ENDLESS)

    def html_as_jpeg(self, parts) -> None:
        self.give(b"<!doctype html><title>hot-linking is not allowed</title>" * 3)

    def picture_as_text(self, parts) -> None:
        self.give(picture(parts.path), kind="text/html")

    def svg(self, parts) -> None:
        self.give(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', kind="image/svg+xml")

    def empty(self, parts) -> None:
        self.give(b"")

    def bomb(self, parts) -> None:
        self.give(bomb(), kind="image/png")

    def truncated(self, parts) -> None:
        content = picture(parts.path)
        self.give(content[: len(content) // 2])

    def closes(self, parts) -> None:
        content = picture(parts.path)
        self.give(content[: len(content) // 2], length=len(content))

    def says_more(self, parts) -> None:
        content = picture(parts.path)
        self.give(content, length=len(content) + 1000)

    def silent(self, parts) -> None:
        self.server.patience.wait(3)

    def no_http(self, parts) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n" + b"x" * 70000)

    def slams(self, parts) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def drips(self, parts) -> None:
        self.drip(picture(parts.path))

    def drips_header(self, parts) -> None:
        self.drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 5000, head=False)

    def drip(self, content: bytes, *, head=True) -> None:
        if head:
            self.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n".encode())
        for byte in content * 50:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.patience.wait(STEP):
                return

    def stream(self, chunks) -> None:
        """A body without a length, as long as anybody listens (or 10 GB)."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nConnection: close\r\n\r\n")
        sent = 0
        for chunk in chunks:
            self.wfile.write(chunk)
            sent += len(chunk)
            if sent > ENDLESS or self.server.patience.is_set():
                return


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address) -> None:
        """Cut connections are what this server is for."""


class FaultyServer:
    """A running server; `asked` are the paths it was asked for."""

    def __enter__(self):
        self._server = _Server(("127.0.0.1", 0), _Answers)
        self._server.asked, self._server.left, self._server.secret = [], set(), "http://127.0.0.1:9/"
        self._server.not_modified = 0
        self._server.patience = threading.Event()
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc) -> None:
        self._server.patience.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def asked(self) -> list[str]:
        return self._server.asked

    @property
    def not_modified(self) -> int:
        """How often the answer was that nothing has changed."""
        return self._server.not_modified

    @property
    def secret(self) -> str:
        """Where /to-loopback leads."""
        return self._server.secret

    @secret.setter
    def secret(self, address: str) -> None:
        self._server.secret = address

    def address(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def was_left_alone(self, path: str, seconds: float = 5) -> bool:
        """Whether whoever asked for `path` has hung up before the end."""
        end = time.monotonic() + seconds
        while path not in self._server.left and time.monotonic() < end:
            time.sleep(0.02)
        return path in self._server.left
