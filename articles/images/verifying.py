"""Says by Pillow what bytes are, and takes out what no reader should get: camera data, places, comments."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import PIL.Image
from PIL import ImageOps

from articles.fetch import HEAD, kind_of
from articles.images.gif import without_words
from articles.models import Image

LARGEST = 20_000_000  # bytes
MOST_PIXELS = 50_000_000  # a decompression bomb of 12 kB has 100 million
MOST_FRAMES = 500
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}
PRIVATE = ("exif", "xmp", "photoshop", "comment", "XML:com.adobe.xmp", "Raw profile type exif")  # of Pillow's info
ORIENTATION = 0x0112
TONES = 4  # steps of each colour that a placeholder tells apart
PRINTED = frozenset({"CMYK", "YCCK", "LAB"})  # for presses: screens disagree on how to show it
FAULTS = (PIL.UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError)


class Rejected(Exception):
    """Bytes that are no picture we keep; `state` is what the picture becomes, the message says why."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


@dataclass(frozen=True, slots=True)
class Verified:
    """A picture that Pillow has decoded whole; width and height as shown, upright."""

    content: bytes  # to be stored: as it came, or written anew without its metadata
    suffix: str
    width: int
    height: int
    tone: str  # average colour, a digit from 0 to 3 for each of red, green and blue; empty where it is see-through
    animated: bool


def verify(raw: bytes) -> Verified:
    """Decode a picture and make it fit to be shown; raises Rejected for what is none, too large, broken or a bomb."""
    if len(raw) > LARGEST:
        raise Rejected(
            Image.State.TOO_LARGE, f"The picture has {len(raw) / 1e6:.0f} MB; {LARGEST / 1e6:.0f} are allowed."
        )
    if not kind_of(raw[:HEAD]):
        raise Rejected(Image.State.NOT_AN_IMAGE, "The bytes are no JPEG, PNG, GIF, WebP or AVIF.")
    with _named_faults(), PIL.Image.open(io.BytesIO(raw), formats=list(SUFFIXES)) as picture:
        _refuse_size(picture)
        kind, animated = picture.format, getattr(picture, "n_frames", 1) > 1
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        if kind == "GIF":
            content = without_words(raw)
        else:
            content = raw if _is_clean(picture) else _rewritten(picture, upright, kind, animated)
        return Verified(content, SUFFIXES[kind], *upright.size, _tone(upright), animated)


@contextlib.contextmanager
def opened(raw: bytes) -> Iterator[PIL.Image.Image]:
    """The first frame of a stored picture, for renditions; raises Rejected as `verify` does."""
    with _named_faults(), PIL.Image.open(io.BytesIO(raw), formats=list(SUFFIXES)) as picture:
        _refuse_size(picture)
        yield picture


@contextlib.contextmanager
def _named_faults() -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
            yield
    except (PIL.Image.DecompressionBombWarning, PIL.Image.DecompressionBombError, MemoryError) as error:
        raise Rejected(Image.State.UNSAFE, f"The picture unpacks to too many pixels ({error}).") from None
    except FAULTS as error:
        raise Rejected(Image.State.NOT_AN_IMAGE, f"The picture is broken ({error}).") from None


def _refuse_size(picture: PIL.Image.Image) -> None:
    """Before anything is unpacked."""
    if picture.width * picture.height > MOST_PIXELS:
        raise Rejected(Image.State.TOO_LARGE, f"{picture.width} × {picture.height} pixels are too many.")
    frames = getattr(picture, "n_frames", 1)
    if frames > MOST_FRAMES:
        raise Rejected(Image.State.TOO_LARGE, f"{frames} frames are too many.")


def _is_clean(picture: PIL.Image.Image) -> bool:
    """Whether the bytes may be stored as they came."""
    return picture.mode not in PRINTED and not (set(picture.info) & {*PRIVATE, *_words(picture)})


def _words(picture: PIL.Image.Image) -> set[str]:
    return set(getattr(picture, "text", {}) or {}) if picture.format == "PNG" else set()


def _rewritten(picture: PIL.Image.Image, upright: PIL.Image.Image, kind: str, animated: bool) -> bytes:
    """The same picture without its metadata: colours keep their profile, frames their number."""
    profile = picture.info.get("icc_profile") if picture.mode not in PRINTED else None
    options: dict = {"icc_profile": profile} if profile else {}
    if kind == "JPEG":
        turned = picture.getexif().get(ORIENTATION, 1) != 1
        keeps = not turned and picture.mode not in PRINTED
        options |= {"quality": "keep"} if keeps else {"quality": 92, "optimize": True}
        upright = picture if keeps else upright.convert("RGB") if upright.mode in PRINTED else upright
    elif kind in ("WEBP", "AVIF"):
        options |= {"quality": 92}
    if animated:
        picture.seek(0)
        upright, options = picture, options | {"save_all": True}
    for name in PRIVATE:
        upright.info.pop(name, None)
    if hasattr(upright, "text"):
        upright.text.clear()
    written = io.BytesIO()
    upright.save(written, kind, exif=b"", **({"xmp": b""} if kind in ("WEBP", "AVIF") else {}), **options)
    return written.getvalue()


def _tone(picture: PIL.Image.Image) -> str:
    """A colour to stand in its place until it has come."""
    if picture.has_transparency_data:
        return ""
    dot = in_eight_bits(picture).convert("RGB").resize((1, 1), PIL.Image.Resampling.BOX, reducing_gap=1.0)
    return "".join(str(value * TONES // 256) for value in dot.getpixel((0, 0)))


def in_eight_bits(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Grey of 16 bits as grey of 8: Pillow's own conversion would cut everything above 255 to white."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return picture
