"""Brings pictures in: the mirror, the origin, the proxy of the file, other copies; and remembers how each ended.

All memory is in rows: a kill loses at most the picture in hand, which is still waiting then. Each host is asked at a
steady pace by however many processes, and rests while it does not answer.
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from articles.fetch import Cause, Fetched, Limits, Unfetched, fetch
from articles.images.keeping import keep, place
from articles.images.variants import ARCHIVES, VARIANTS
from articles.images.verifying import Rejected
from articles.images.withholding import blocked, refuse
from articles.models import Image, ImageHost, record

MINUTE, HOUR = 60.0, 3600.0
NUMBERED = 100  # pictures that the audit names by their numbers
_VARIANTS = tuple((re.compile(pattern), others) for pattern, others in VARIANTS)


@dataclass(frozen=True, slots=True)
class Terms:
    """How hosts are treated; all times in seconds."""

    pace: float = 0.5  # between two requests to one host
    longest_wait: float = 20.0  # for a turn at a host; beyond it the picture comes again later
    again_after: tuple[float, ...] = (MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR)  # one more try each, then gone
    faults_before_rest: int = 5  # of a host in a row
    rest: float = 5 * MINUTE  # the first one; each further fault doubles it
    longest_rest: float = 6 * HOUR
    archives: tuple[str, ...] = ARCHIVES
    limits: Limits = field(default_factory=Limits)


TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one address of a picture ended. `wait`: seconds before it makes sense to ask again, or None."""

    cause: str
    reason: str
    wait: float | None = None


class _NotYet(Exception):
    """The host has no turn for us soon; the picture has lost no try."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


def due() -> QuerySet[Image]:
    """Waiting pictures whose next try has come; hosts take turns, so that a slow one does not hold up the others."""
    now = timezone.now()
    return in_turns(Image.objects.filter(Q(next_try_at=None) | Q(next_try_at__lte=now), state=Image.State.WAITING))


def begin_again(numbers: list[int]) -> None:
    """Let pictures that were given up, or wait for a later time, be tried as if for the first time."""
    states = Image.objects.filter(pk__in=numbers).exclude(state__in=(Image.State.STORED, Image.State.TAKEN_DOWN))
    with transaction.atomic():
        again = states.update(state=Image.State.WAITING, attempts=0, next_try_at=None)
        record("fetch", "image", images=len(numbers), waiting=again, numbers=numbers[:NUMBERED])


def hand_out(numbers: list[int]) -> None:
    """Say that these are in a queue: they come due again in an hour, should the queue be lost."""
    Image.objects.filter(pk__in=numbers, state=Image.State.WAITING).update(
        next_try_at=timezone.now() + datetime.timedelta(seconds=HOUR)
    )


def note_hosts() -> None:
    """Put the hosts of all pictures on the board, asked or not."""
    known = ImageHost.objects.values("name")
    names = Image.objects.exclude(host="").exclude(host__in=known).order_by().values_list("host", flat=True).distinct()
    now = timezone.now()
    ImageHost.objects.bulk_create((ImageHost(name=name, next_request_at=now) for name in names), ignore_conflicts=True)


def in_turns(images: QuerySet[Image]) -> QuerySet[Image]:
    """The first picture of each host, then the second of each, and so on."""
    turn = Window(RowNumber(), partition_by=F("host"), order_by=F("pk").asc())
    return images.annotate(turn=turn).order_by("turn", "host")


def fetch_all(numbers: list[int], folder: str = "", jobs: int = 1, terms: Terms = TERMS) -> Iterator[tuple[int, str]]:
    """Fetch pictures by their numbers, `jobs` at a time; yields each number and the state it ended in."""

    def one(number: int) -> tuple[int, str]:
        image = Image.objects.filter(pk=number).first()
        return number, fetch_image(image, folder, terms) if image else ""

    def one_of_many(number: int) -> tuple[int, str]:
        try:
            return one(number)
        finally:
            connection.close()

    if jobs == 1:
        yield from map(one, numbers)
        return
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(one_of_many, numbers)
        finally:
            pool.shutdown(cancel_futures=True)


def fetch_image(image: Image, folder: str = "", terms: Terms = TERMS) -> str:
    """Try every address of a picture in order until one gives it; returns the state it has then.

    A picture that is stored is asked for again, and kept whatever comes: only other bytes replace it. Nothing is
    asked where NEWSROOM_FETCH_IMAGES is false, but a mirror folder is still looked into.
    """
    if _refused(image) or (folder and not image.is_stored and place(image, folder) == Image.State.STORED):
        return image.state
    if not settings.FETCH_IMAGES:
        return image.state
    verdicts: list[Verdict] = []
    try:
        for name, address in rungs(image, terms.archives):
            verdict = _try(image, address, terms)
            if verdict is None:
                return image.state
            verdicts.append(Verdict(verdict.cause, f"{name}: {verdict.reason}", verdict.wait))
            if image.is_stored:  # asked for again in vain; other copies would not be newer
                break
    except _NotYet as later:
        _note(image, next_try_at=timezone.now() + datetime.timedelta(seconds=later.wait))
        return image.state
    _conclude(image, verdicts, terms)
    return image.state


def _refused(image: Image) -> bool:
    """Whether a take-down keeps this picture out by its address: nobody is even asked for it. One query."""
    if image.state == Image.State.TAKEN_DOWN:
        return True
    take_down = None if image.is_stored else blocked(origin_url=image.origin_url)
    if take_down:
        refuse(image, take_down)
    return take_down is not None


def rungs(image: Image, archives: tuple[str, ...] = ARCHIVES) -> list[tuple[str, str]]:
    """The addresses of a picture with their names, each once: origin, proxy, other copies, archives."""
    origin = image.origin_url
    ways = [("origin", origin), ("proxy", image.proxy_url)]
    for pattern, others in _VARIANTS:
        match = pattern.fullmatch(origin)
        if match:
            ways += [("copy", match.expand(other)) for other in others]
            break
    ways += [("archive", archive.format(address=origin)) for archive in archives]
    first = {}
    for name, address in ways:
        first.setdefault(address, name)
    return [(name, address) for address, name in first.items() if address]


def _try(image: Image, address: str, terms: Terms) -> Verdict | None:
    """Ask one address; None when the picture is stored now."""
    host = _host(address)
    resting = _await_turn(host, terms)
    if resting:
        return Verdict(Cause.LATER, f"{host} does not answer these days.", resting)
    same = image.is_stored and image.fetched_from == address
    proofs = {"etag": image.etag, "last_modified": image.last_modified} if same else {}
    try:
        answer = fetch(address, agent=f"{settings.SITE_NAME} (+{settings.SITE_URL})", limits=terms.limits, **proofs)
    except Unfetched as fault:
        if fault.cause == Cause.LATER:
            _note_fault(host, str(fault), fault.wait, terms)
        return Verdict(fault.cause, str(fault), fault.wait)
    ImageHost.objects.filter(name=host).update(faults=0, rests_until=None, last_success_at=timezone.now())
    return _take(image, address, answer)


def _take(image: Image, address: str, answer: Fetched) -> Verdict | None:
    if answer.content is not None:
        try:
            keep(image, answer.content)
        except Rejected as fault:
            return Verdict(fault.state, str(fault))
    now = timezone.now()
    facts = {"fetched_from": address, "etag": answer.etag, "last_modified": answer.last_modified}
    _note(image, attempts=0, next_try_at=None, tried_at=now, reason="", **facts)
    return None


def _conclude(image: Image, verdicts: list[Verdict], terms: Terms) -> None:
    """Every address has failed: come again while that may help, else the origin's word is the state."""
    reason = " ".join(verdict.reason for verdict in verdicts)
    later = [verdict for verdict in verdicts if verdict.cause == Cause.LATER]
    now = timezone.now()
    facts = {"reason": reason, "tried_at": now, "attempts": image.attempts + 1, "next_try_at": None}
    if image.is_stored:
        _note(image, **facts)
    elif Image.State.TAKEN_DOWN in {verdict.cause for verdict in verdicts}:  # the row says so already
        _note(image, tried_at=now)
    elif later and image.attempts < len(terms.again_after):
        wait = max([terms.again_after[image.attempts], *(verdict.wait or 0.0 for verdict in later)])
        facts["next_try_at"] = now + datetime.timedelta(seconds=wait)
        _note(image, state=Image.State.WAITING, **facts)
    else:
        first = verdicts[0].cause
        _note(image, state=Image.State.GONE if first == Cause.LATER else Image.State(first), **facts)


def _note(image: Image, **facts) -> None:
    for name, value in facts.items():
        setattr(image, name, value)
    image.save(update_fields=list(facts))


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "")[:255]
    except ValueError:
        return ""


def _await_turn(name: str, terms: Terms) -> float:
    """Wait for this host's turn; returns 0, or the seconds that the host rests. Raises _NotYet for a long queue.

    A turn is taken by one conditional update, so any number of processes keeps the pace together.
    """
    while True:
        now = timezone.now()
        host, _ = ImageHost.objects.get_or_create(name=name, defaults={"next_request_at": now})
        if host.rests_until and host.rests_until > now:
            return (host.rests_until - now).total_seconds()
        turn = max(now, host.next_request_at)
        wait = (turn - now).total_seconds()
        if wait > terms.longest_wait:
            raise _NotYet(wait)
        mine = ImageHost.objects.filter(pk=host.pk, next_request_at=host.next_request_at)
        if mine.update(next_request_at=turn + datetime.timedelta(seconds=terms.pace)):
            time.sleep(wait)
            return 0.0


def _note_fault(name: str, reason: str, wait: float | None, terms: Terms) -> None:
    """One more fault in a row; from the fifth on, or when it asks for it, the host rests."""
    now = timezone.now()
    hosts = ImageHost.objects.filter(name=name)
    hosts.update(faults=F("faults") + 1, last_fault_at=now, last_fault=reason)
    over = hosts.values_list("faults", flat=True)[0] - terms.faults_before_rest
    rest = min(terms.rest * 2 ** min(over, 20), terms.longest_rest) if over >= 0 else 0.0
    rest = max(rest, wait or 0.0)
    if rest:
        hosts.update(rests_until=now + datetime.timedelta(seconds=rest))
