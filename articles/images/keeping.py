"""Takes a picture's bytes in: stored once however many rows show them, and removed with the last of those."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from articles.images.files import deposit, discard
from articles.images.renditions import forget
from articles.images.verifying import LARGEST, Rejected, verify
from articles.images.withholding import blocked, blocked_by_look, refuse
from articles.models import Image

FACTS = ["sha256", "file", "width", "height", "tone", "animated", "prepared", "state", "reason", "stored_at"]


def keep(image: Image, raw: bytes) -> None:
    """Store a picture's bytes and say so in its row; other bytes than before replace them.

    Raises Rejected, after the row has told its state and reason; a row that has a file keeps it.
    """
    try:
        facts = verify(raw)
    except Rejected as error:
        if not image.is_stored:
            image.state = error.state
        image.reason = str(error)
        image.save(update_fields=["state", "reason"])
        raise
    before = image.sha256
    sha256 = hashlib.sha256(facts.content).hexdigest()
    _refuse_taken_down(image, sha256, facts.content)
    name = f"images/{sha256[:2]}/{sha256}.{facts.suffix}"
    deposit(name, facts.content)
    if before != sha256:
        image.prepared = ""
    image.sha256, image.file.name = sha256, name
    image.width, image.height, image.tone, image.animated = facts.width, facts.height, facts.tone, facts.animated
    image.state, image.reason, image.stored_at = Image.State.STORED, "", timezone.now()
    with transaction.atomic():
        image.save(update_fields=FACTS)
        if before and before != sha256:
            image.renditions.all().delete()
            transaction.on_commit(lambda: _clear(before))


def _refuse_taken_down(image: Image, sha256: str, content: bytes) -> None:
    """Raise Rejected for what a take-down keeps out by its bytes, its address or its look; the row then tells so.

    Three queries; the row is asked for anew, since the taking down may have overtaken the fetching.
    """
    take_down = blocked(origin_url=image.origin_url, sha256=sha256) or blocked_by_look(content)
    is_held = Image.objects.filter(pk=image.pk, state=Image.State.TAKEN_DOWN).exists()
    if take_down is None and not is_held:
        return
    if is_held:
        image.state, image.file.name = Image.State.TAKEN_DOWN, ""
    elif not image.is_stored:
        refuse(image, take_down)
    raise Rejected(Image.State.TAKEN_DOWN, f"Taken down: {take_down.reference}." if take_down else "Taken down.")


def remove(images: QuerySet[Image]) -> int:
    """Delete pictures, their places in articles, and each file that no other picture shows; returns their number."""
    with transaction.atomic():
        shas = set(images.exclude(sha256="").values_list("sha256", flat=True))
        number = images.count()
        images.delete()
        transaction.on_commit(lambda: [_clear(sha256) for sha256 in shas])
    return number


def _clear(sha256: str) -> None:
    """Remove the files of bytes that no row names any more."""
    if Image.objects.filter(sha256=sha256).exists():
        return
    discard(f"images/{sha256[:2]}", sha256)
    forget(sha256)


def mirrored(image: Image, folder: str) -> str:
    """The file of a picture in a mirror folder (`folder/<host>/<path>`), or empty.

    Looks under the origin's address, then under the proxy's, with the path as written and percent-decoded.
    """
    root = os.path.realpath(folder)
    for address in filter(None, (image.origin_url, image.proxy_url)):
        parts = urlsplit(address)
        for path in dict.fromkeys((unquote(parts.path), parts.path)):
            place = os.path.realpath(os.path.join(root, parts.hostname or "", path.lstrip("/").replace("\x00", "")))
            if place.startswith(root + os.sep) and os.path.isfile(place):
                return place
    return ""


def place(image: Image, folder: str) -> str:
    """Take a waiting picture from a mirror folder, if it is there; returns the state it has then."""
    found = mirrored(image, folder)
    if found:
        try:
            size = os.path.getsize(found)
            raw = Path(found).read_bytes() if size <= LARGEST else b"\0" * (LARGEST + 1)
        except OSError as error:
            image.reason = f"The mirror's file cannot be read ({error.strerror}): allow reading."
            image.save(update_fields=["reason"])
            return image.state
        with contextlib.suppress(Rejected):  # told by the picture's state
            keep(image, raw)
    return image.state


def waiting() -> QuerySet[Image]:
    """Pictures whose bytes are still to come, oldest first."""
    return Image.objects.filter(state=Image.State.WAITING).order_by("pk")
