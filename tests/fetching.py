"""Run by a test in a process of its own, so that it can be killed: names pictures, good and bad, and fetches them."""

import itertools
import os
import pathlib
import socket
import sys

import django

MIRROR = pathlib.Path(__file__).resolve().parent.parent / "seeds" / "images"
NAMES = "pictures.test"
FAULTS = {
    "good": "stored",
    "same": "stored",
    "slow": "stored",
    "picture-as-text": "stored",
    "status/404": "gone",
    "circle": "gone",
    "closes": "gone",
    "slams": "gone",
    "status/500": "gone",
    "status/403": "blocked",
    "says-10-gigabytes": "too_large",
    "endless": "too_large",
    "html-as-jpeg": "not_an_image",
    "svg": "not_an_image",
    "empty": "not_an_image",
    "truncated": "not_an_image",
    "bomb": "unsafe",
    "to-file": "unsafe",
    "to-private": "unsafe",
    "to-loopback": "unsafe",
    "private": "unsafe",  # the name itself leads into our own network
    "drips": "gone",
}
DRIPPING = 3  # each costs the whole of its time


def addresses(number: int, port: int) -> list[str]:
    """So many addresses over many hosts, every fault among them."""
    found, names = [], list(FAULTS)
    for one in range(number):
        fault = names[one % len(names)]
        if fault == "drips" and one >= DRIPPING * len(names):
            fault = "good"
        host = f"private.{NAMES}" if fault == "private" else f"h{one % 30}.{NAMES}"
        found.append(f"http://{host}:{port}/{fault}/{one}")
    return found


def of_seeds() -> list[str]:
    """The addresses of the sample archive's pictures, whose files lie in its mirror."""
    kinds = (".jpg", ".jpeg", ".png")
    files = sorted(path for path in MIRROR.rglob("*") if path.suffix.lower() in kinds and path.is_file())
    return [f"https://{path.relative_to(MIRROR).as_posix()}" for path in files]


def _resolve(ask):
    def resolve(host, *rest, **more):
        if host == f"private.{NAMES}":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80))]
        return ask("127.0.0.1" if str(host).endswith(NAMES) else host, *rest, **more)

    return resolve


def main(deed: str, port: int) -> None:
    """Make the rows, or fetch until nothing waits."""
    from articles import images  # noqa: PLC0415 - Django is set up by now
    from articles.fetch import Limits  # noqa: PLC0415
    from articles.models import Image  # noqa: PLC0415

    if deed == "make":
        pairs = itertools.zip_longest(addresses(500, port), of_seeds())  # the two among each other
        urls = [url for pair in pairs for url in pair if url]
        rows = [Image(origin_url=url, host=url.split("/")[2].split(":")[0]) for url in urls]
        Image.objects.bulk_create(rows)
        return
    limits = Limits(seconds=8, silence=8, size=300_000, loopback_port=port)
    terms = images.Terms(pace=0.0, archives=(), again_after=(0.0,), faults_before_rest=9999, limits=limits)
    while numbers := list(images.due().values_list("pk", flat=True)):
        for _ in images.fetch_all(numbers, str(MIRROR), jobs=8, terms=terms):
            pass


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    socket.getaddrinfo = _resolve(socket.getaddrinfo)
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
