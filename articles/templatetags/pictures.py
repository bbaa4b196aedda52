"""How pictures stand on pages: a size and format for every browser, and the room kept before they come."""

import dataclasses

from django import template
from django.core.files.storage import default_storage

from articles import images
from articles.images.renditions import SUFFIXES, Plan
from articles.models import Image

register = template.Library()

TALL = 0.8  # height to width from which a picture stays in the column of the text
TALLEST = 768  # pixels of the page
NARROW = 640  # pixels below which a picture is not blown up to the width of the text
KINDS = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}
# How wide a picture is shown, for the browser's choice; the columns are those of pages.css and parts.css.
SIZES = {
    "story": "(min-width: 62rem) 56rem, 100vw",
    "still": "(min-width: 42rem) 40rem, calc(100vw - 2rem)",
    "card-lead": "(min-width: 64rem) 48rem, calc(100vw - 2rem)",
    "card-second": "(min-width: 40rem) 24rem, 6.5rem",
    "card-row": "(min-width: 48rem) 10.5rem, 6.5rem",
}
WHOLE = ("story", "still")


@dataclasses.dataclass(frozen=True)
class Choice:
    """What `_picture.html` shows: the addresses of one picture."""

    sources: list[tuple[str, str]]  # (type, srcset), best first
    src: str
    srcset: str
    sizes: str
    width: int | None
    height: int | None
    classes: str  # its placeholder's colour, and whether it keeps its own size


def choice_of(image: Image, shape: str) -> Choice:
    """A stored picture for a place on a page: "story" and "still" show all of it (a style cuts the latter to the shape
    of films), cards the part around its focal point.

    Asks neither the database nor the storage. Where there are no renditions the picture itself is shown.
    """
    plans = []
    if images.can_be_shown(image):
        plans = images.whole(image) if shape in WHOLE else images.cards(image)
    width, height, sizes, classes = (
        image.width,
        image.height,
        SIZES[shape],
        [f"tone-{image.tone}"] if image.tone else [],
    )
    if shape not in WHOLE and plans:
        width, height = plans[-1].width, plans[-1].height
    elif shape == "story" and width and height and (height > width * TALL or width < NARROW):
        # Its size is said as it is shown: a style could only say so once the picture has come, and the text would jump.
        width, height = max(1, round(width * min(1, TALLEST / height))), min(height, TALLEST)
        sizes = f"min({width}px, 100vw)"
        classes.append("own-size")
    if not plans:
        return Choice([], image.file.url, "", "", width, height, " ".join(classes))
    *newer, plain = SUFFIXES
    return Choice(
        sources=[(KINDS[suffix], _srcset(plans, suffix)) for suffix in newer],
        src=default_storage.url(f"{plans[len(plans) // 2].stem}.{plain}"),
        srcset=_srcset(plans, plain),
        sizes=sizes,
        width=width,
        height=height,
        classes=" ".join(classes),
    )


def _srcset(plans: list[Plan], suffix: str) -> str:
    return ", ".join(f"{default_storage.url(f'{plan.stem}.{suffix}')} {plan.width}w" for plan in plans)


@register.inclusion_tag("articles/_picture.html")
def picture(image: Image, shape: str, alt: str = "", *, eager: bool = False) -> dict:
    """A stored picture; `eager` when it is in view at once."""
    shown = shape if shape in SIZES else "card-row"
    return {"choice": choice_of(image, shown), "alt": alt, "eager": eager}
