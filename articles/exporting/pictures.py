"""Pictures on their way out: each once, as one file that everything can show, and a word for each that is missing."""

import dataclasses
import hashlib
import pathlib
from collections.abc import Callable

from django.core.files.storage import default_storage

from articles import images
from articles.images.renditions import Plan, draw
from articles.images.verifying import Rejected, opened
from articles.models import Image

WIDEST = 1280  # pixels; a page is not wider, and a book of a hundred articles can still be sent by mail
COVER = (2, 3)
COVER_WIDTHS = (1200, 800, 400)
KINDS = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A picture in the archive."""

    name: str
    kind: str  # media type
    width: int | None
    height: int | None


class Shelf:
    """The pictures of one archive. `put(name, content)` writes a file; one picture is in memory at a time."""

    def __init__(self, put: Callable[[str, bytes], None], folder: str) -> None:
        self._put = put
        self._folder = folder
        self._kept: dict[int, Kept | None] = {}
        self._names: dict[str, Kept] = {}
        self.missing: list[str] = []

    @property
    def kept(self) -> list[Kept]:
        """All that was put, in order."""
        return list(self._names.values())

    def add(self, image: Image) -> Kept | None:
        """Put a picture unless it is there; None, and a line in `missing`, when it cannot be had."""
        if image.pk not in self._kept:
            self._kept[image.pk] = self._added(image)
        return self._kept[image.pk]

    def _added(self, image: Image) -> Kept | None:
        if image.is_taken_down:
            self.missing.append("A picture was taken down.")
            return None
        if not image.is_stored:
            self.missing.append(f"{image.origin_url} ({image.reason or image.get_state_display()})")
            return None
        try:
            content, suffix, width, height = _plain(image)
        except (OSError, Rejected) as fault:
            self.missing.append(f"{image.origin_url} (its file {image.file.name} cannot be read: {fault})")
            return None
        name = f"{self._folder}/{hashlib.sha256(content).hexdigest()[:20]}.{suffix}"
        if name not in self._names:
            self._put(name, content)
            self._names[name] = Kept(name, KINDS[suffix], width, height)
        return self._names[name]

    def add_cover(self, image: Image) -> Kept | None:
        """Put the upright part of a picture around its focal point; None where that cannot be made."""
        try:
            with image.file.open() as file, opened(file.read()) as picture:
                most = min(picture.width, picture.height * COVER[0] // COVER[1])
                width = next((width for width in COVER_WIDTHS if width <= most), None)
                if width is None:
                    return None
                plan = Plan("cover", width, width * COVER[1] // COVER[0], COVER, ("jpg",))
                [(_, made)] = draw(picture, [plan], (image.focal_x, image.focal_y))
        except (OSError, Rejected):
            return None
        cover = Kept(f"{self._folder}/cover.jpg", KINDS["jpg"], plan.width, plan.height)
        self._put(cover.name, made["jpg"])
        return cover


def _plain(image: Image) -> tuple[bytes, str, int | None, int | None]:
    """The bytes of a picture where nobody chooses among formats, their suffix and size.

    What moves stays as it is; everything else is the JPEG that readers get, made here when it is not there yet.
    Raises OSError and Rejected.
    """
    plans = [plan for plan in images.whole(image) if plan.width <= WIDEST] or images.whole(image)[:1]
    suffix = pathlib.PurePosixPath(image.file.name).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    if not plans and suffix in KINDS:
        with image.file.open() as file:
            return file.read(), suffix, image.width, image.height
    plan = plans[-1] if plans else None
    if plan and default_storage.exists(f"{plan.stem}.jpg"):
        with default_storage.open(f"{plan.stem}.jpg") as file:
            return file.read(), "jpg", plan.width, plan.height
    with image.file.open() as file, opened(file.read()) as picture:
        plan = plan or Plan("still", *picture.size)
        [(_, made)] = draw(picture, [dataclasses.replace(plan, suffixes=("jpg",))], (image.focal_x, image.focal_y))
    return made["jpg"], "jpg", plan.width, plan.height
