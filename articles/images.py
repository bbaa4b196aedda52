"""Takes a picture's bytes in: verified by Pillow, stored once, its state told."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import PIL.Image
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone
from PIL import ImageOps

from articles.models import Image

LARGEST = 20_000_000  # bytes
MOST_PIXELS = 50_000_000  # a decompression bomb of 12 kB has 100 million
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}


class Rejected(Exception):
    """Bytes that are no picture we keep; `state` is what the picture becomes, the message says why."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


@dataclass(frozen=True, slots=True)
class Verified:
    """Facts of a picture that Pillow has decoded: pixels as shown, that is after its EXIF orientation."""

    suffix: str
    width: int
    height: int


def verify(raw: bytes) -> Verified:
    """Decode a picture whole; raises Rejected for anything that is none, is too large, or is broken."""
    if len(raw) > LARGEST:
        raise Rejected(Image.State.TOO_LARGE, f"The picture has {len(raw) / 1e6:.0f} MB; 20 are allowed.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            with PIL.Image.open(io.BytesIO(raw), formats=list(SUFFIXES)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Rejected(Image.State.TOO_LARGE, f"{picture.width} × {picture.height} pixels are too many.")
                suffix = SUFFIXES[picture.format]
                picture.load()
                width, height = ImageOps.exif_transpose(picture).size
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError) as error:
        raise Rejected(Image.State.UNSAFE, f"The picture unpacks to too many pixels ({error}).") from None
    except (PIL.UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Rejected(Image.State.NOT_AN_IMAGE, f"The bytes are no picture that can be shown ({error}).") from None
    return Verified(suffix, width, height)


def keep(image: Image, raw: bytes) -> None:
    """Store a picture's bytes and say so in its row; the same bytes are one file however many rows show them.

    Raises Rejected, after the row has told its state and reason.
    """
    try:
        facts = verify(raw)
    except Rejected as error:
        image.state, image.reason = error.state, str(error)
        image.save(update_fields=["state", "reason"])
        raise
    sha256 = hashlib.sha256(raw).hexdigest()
    name = f"images/{sha256[:2]}/{sha256}.{facts.suffix}"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(raw))
    image.sha256, image.file.name = sha256, name
    image.width, image.height = facts.width, facts.height
    image.state, image.reason, image.stored_at = Image.State.STORED, "", timezone.now()
    image.save(update_fields=["sha256", "file", "width", "height", "state", "reason", "stored_at"])


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
