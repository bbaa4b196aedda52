"""Makes a picture at the widths and in the formats that pages ask for, once, under names that tell all of it.

A name is made of the picture's sha256, so a page knows every address without asking the database, rows with the same
bytes share the files, and browsers may keep them for good.
"""

from __future__ import annotations

import contextlib
import io
import mimetypes
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

import PIL.Image
from django.conf import settings
from django.core.files.storage import default_storage
from PIL import ImageCms, ImageOps, features

from articles.images.files import deposit, discard
from articles.images.verifying import Rejected, in_eight_bits, opened
from articles.models import Image, Rendition

RECIPE = "1"  # a new one after any change below: renditions are then made anew under new names
WIDTHS = (360, 640, 960, 1280, 1920)
CARD_WIDTHS = (240, 480, 720, 1080)
CARD = (3, 2)
ENCODERS = {  # best first; the last is for browsers that know nothing newer
    "avif": ("AVIF", {"quality": 60, "speed": 8}),
    "webp": ("WEBP", {"quality": 78, "method": 4}),
    "jpg": ("JPEG", {"quality": 80, "optimize": True, "progressive": True}),
}
SHARES = ((16, 9), (4, 3), (1, 1))  # proportions that other sites and search engines ask for
SHARE_WIDTH = 1200
FEED_WIDTH = 1280  # of a picture where no browser chooses
SUFFIXES = tuple(suffix for suffix in ENCODERS if suffix == "jpg" or features.check(suffix))
NAME = re.compile(
    r"renditions/(?P<recipe>\w+)/(?P<folder>[0-9a-f]{2}/[0-9a-f]{30})/"
    r"(?:whole|card-\d{1,3}-\d{1,3}|share-\d{1,2}x\d-\d{1,3}-\d{1,3})-\d{1,4}\.\w+"
)
SRGB = ImageCms.createProfile("sRGB")
AT_ONCE = threading.BoundedSemaphore(2)  # renditions made for readers who wait, in one process


@dataclass(frozen=True, slots=True)
class Plan:
    """One rendition to be: where it is kept (without suffix) and how large it is."""

    stem: str
    width: int
    height: int
    ratio: tuple[int, int] | None = None  # of the part around the focal point; None: the whole picture
    suffixes: tuple[str, ...] = SUFFIXES


@dataclass(frozen=True, slots=True)
class Shown:
    """The one file that shows a picture where nobody can choose: its address, size (or None) and media type."""

    url: str
    width: int | None
    height: int | None
    kind: str


def whole(image: Image) -> list[Plan]:
    """The widths of a whole picture, narrowest first; none for what moves, which is shown as it is."""
    if not _can_be_made(image) or image.animated:
        return []
    widths = [width for width in WIDTHS if width <= image.width] or [image.width]
    return [
        Plan(_stem(image, f"whole-{width}"), width, max(1, round(width * image.height / image.width)))
        for width in widths
    ]


def cards(image: Image) -> list[Plan]:
    """The widths of the part of a picture around its focal point that a card shows, narrowest first."""
    if not _can_be_made(image):
        return []
    largest = _largest((image.width, image.height), CARD)[0]
    widths = [width for width in CARD_WIDTHS if width <= largest] or [largest]
    return [_part(image, "card", CARD, width) for width in widths]


def shares(image: Image) -> list[Plan]:
    """The part around the focal point in each of the proportions of SHARES, as JPEG, which everybody reads."""
    if not _can_be_made(image):
        return []
    size = (image.width, image.height)
    return [
        _part(image, f"share-{ratio[0]}x{ratio[1]}", ratio, min(SHARE_WIDTH, _largest(size, ratio)[0]), ("jpg",))
        for ratio in SHARES
    ]


def _part(image: Image, name: str, ratio: tuple[int, int], width: int, suffixes: tuple[str, ...] = SUFFIXES) -> Plan:
    stem = _stem(image, f"{name}-{_focus(image)}-{width}")
    return Plan(stem, width, max(1, round(width * ratio[1] / ratio[0])), ratio, suffixes)


def _focus(image: Image) -> str:
    return f"{round(image.focal_x * 100)}-{round(image.focal_y * 100)}"


def _largest(size: tuple[int, int], ratio: tuple[int, int]) -> tuple[int, int]:
    """Width and height of the largest part of these proportions."""
    across, down = ratio
    return min(size[0], max(1, size[1] * across // down)), min(size[1], max(1, size[0] * down // across))


def _can_be_made(image: Image) -> bool:
    return bool(image.is_stored and image.sha256 and image.width and image.height)


def _stem(image: Image, plan: str) -> str:
    return f"{_folder(image.sha256)}/{plan}"


def _folder(sha256: str) -> str:
    """Half of the hash tells all pictures apart, and a page names it some hundred times."""
    return f"renditions/{RECIPE}/{sha256[:2]}/{sha256[2:32]}"


def mark(image: Image) -> str:
    """What `image.prepared` says when all its renditions are there."""
    return f"{RECIPE}+{_focus(image)}"


def _older_mark(image: Image) -> str:
    """The same of a picture that was prepared before there were SHARES."""
    return f"{RECIPE}:{_focus(image)}"


def can_be_shown(image: Image) -> bool:
    """Whether a page may name the renditions: they are there, or our own server makes each when it is asked for."""
    return image.prepared in (mark(image), _older_mark(image)) or settings.RENDITIONS_ON_DEMAND


def shown(image: Image) -> Shown:
    """A stored picture whole, for feeds; asks neither the database nor the storage, as all of what names pictures."""
    plans = [plan for plan in whole(image) if plan.width <= FEED_WIDTH] or whole(image)
    if not plans or not can_be_shown(image):
        return _as_it_is(image)
    return _file(plans[-1])


def shared(image: Image) -> list[Shown]:
    """A stored picture in the proportions of SHARES; alone and as it is where those cannot be named."""
    plans = shares(image) if image.prepared == mark(image) or settings.RENDITIONS_ON_DEMAND else []
    return [_file(plan) for plan in plans] or [_as_it_is(image)]


def _file(plan: Plan) -> Shown:
    return Shown(default_storage.url(f"{plan.stem}.{SUFFIXES[-1]}"), plan.width, plan.height, "image/jpeg")


def _as_it_is(image: Image) -> Shown:
    kind = mimetypes.guess_type(image.file.name)[0] or "image/jpeg"
    return Shown(image.file.url, image.width, image.height, kind)


def prepare(image: Image) -> int:
    """Make every rendition that is missing; returns how many. The picture is decoded once; raises Rejected."""
    plans = [*whole(image), *cards(image), *shares(image)]
    made = make(image, plans) if plans else 0
    _drop_others(image, [plan.stem for plan in plans])
    if image.prepared != mark(image):
        image.prepared = mark(image)
        image.save(update_fields=["prepared"])
    return made


def _drop_others(image: Image, stems: list[str]) -> None:
    """Remove renditions of a focal point or a recipe that holds no longer, unless another row still has them."""
    old = image.renditions.exclude(stem__in=stems)
    dropped = list(old.values_list("stem", "suffixes"))
    old.delete()
    used = set(Rendition.objects.filter(stem__in=[stem for stem, _ in dropped]).values_list("stem", flat=True))
    for stem, suffixes in dropped:
        for suffix in suffixes.split() if stem not in used else ():
            default_storage.delete(f"{stem}.{suffix}")


def make(image: Image, plans: Iterable[Plan]) -> int:
    """Make these renditions of a stored picture where their files are missing; returns how many were.

    Two statements. A name says what is in the file, so a file that is there is never made again.
    """
    missing = [plan for plan in plans if not default_storage.exists(f"{plan.stem}.{SUFFIXES[-1]}")]
    rows = []
    if missing:
        with image.file.open() as file, opened(file.read()) as picture:
            for plan, made in draw(picture, missing, (image.focal_x, image.focal_y)):
                rows.append(_row(image, plan, sum(map(len, made.values()))))
                for suffix in plan.suffixes:  # the last one tells that all are there
                    deposit(f"{plan.stem}.{suffix}", made[suffix])
    known = set(image.renditions.values_list("stem", flat=True))
    found = [_row(image, plan, 0) for plan in plans if plan not in missing and plan.stem not in known]
    Rendition.objects.bulk_create([*rows, *found], ignore_conflicts=True)
    return len(missing)


def draw(picture: PIL.Image.Image, plans: list[Plan], focus: tuple[float, float]):
    """Yield each plan with its bytes by suffix: each of the same part from the next larger one, decoded once."""
    drawn: dict[tuple[int, int] | None, PIL.Image.Image] = {}
    picture.draft("RGB", _needed(picture, plans))
    base = _for_screens(picture)
    for plan in sorted(plans, key=lambda plan: -plan.width):
        size = (plan.width, plan.height)
        source = drawn.get(plan.ratio)
        if source is None:
            source = _cropped(base, focus, plan.ratio) if plan.ratio else base
        drawn[plan.ratio] = source.resize(size, PIL.Image.Resampling.LANCZOS, reducing_gap=3.0)
        yield plan, {suffix: _encoded(drawn[plan.ratio], suffix) for suffix in plan.suffixes}


def _needed(picture: PIL.Image.Image, plans: list[Plan]) -> tuple[int, int]:
    """Pixels below which a JPEG need not be decoded."""
    share = max(plan.width / _largest(picture.size, plan.ratio or picture.size)[0] for plan in plans)
    return int(picture.width * share), int(picture.height * share)


def _for_screens(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Upright, in 8 bits, in sRGB, see-through where it was."""
    upright = in_eight_bits(ImageOps.exif_transpose(picture))
    profile = picture.info.get("icc_profile")
    if profile and upright.mode in ("RGB", "CMYK"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):  # a broken profile says nothing
            upright = ImageCms.profileToProfile(upright, io.BytesIO(profile), SRGB, outputMode="RGB")
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def _cropped(picture: PIL.Image.Image, focus: tuple[float, float], ratio: tuple[int, int]) -> PIL.Image.Image:
    """The largest part of these proportions with the focal point as near its middle as the edges allow."""
    width, height = _largest(picture.size, ratio)
    left = min(max(round(focus[0] * picture.width - width / 2), 0), picture.width - width)
    top = min(max(round(focus[1] * picture.height - height / 2), 0), picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def _encoded(picture: PIL.Image.Image, suffix: str) -> bytes:
    kind, options = ENCODERS[suffix]
    if kind == "JPEG" and picture.mode == "RGBA":
        paper = PIL.Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture.getchannel("A"))
        picture = paper
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def _row(image: Image, plan: Plan, size: int) -> Rendition:
    suffixes = " ".join(plan.suffixes)
    return Rendition(image=image, stem=plan.stem, suffixes=suffixes, width=plan.width, height=plan.height, size=size)


def make_on_demand(name: str) -> bool:
    """Make the rendition that a reader asks for by its file's name; false when no stored picture has it."""
    match = NAME.fullmatch(name)
    if match is None or match["recipe"] != RECIPE:
        return False
    stem, beginning = name.rsplit(".", 1)[0], match["folder"].replace("/", "")
    for image in Image.objects.filter(sha256__range=(beginning, beginning + "g"), state=Image.State.STORED):
        plans = [plan for plan in (*whole(image), *cards(image), *shares(image)) if plan.stem == stem]
        if plans:
            with AT_ONCE, contextlib.suppress(Rejected, OSError):
                make(image, plans)
                if Image.objects.filter(pk=image.pk, state=Image.State.STORED).exists():
                    return True
                forget(image.sha256)  # it was taken down in the meantime
    return False


def forget(sha256: str) -> None:
    """Remove every rendition of these bytes."""
    discard(_folder(sha256))
