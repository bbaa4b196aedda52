"""The paper, pens and colours of the pictures; the scenes drawn with them are in scenes/."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random
from typing import NamedTuple

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

INK = "#0b0f1c"
CLOTH = ("#c9513b", "#e9b44c", "#2f7377", "#40566e", "#8f9f6b", "#d98e73", "#7a3b46")
RIM = 180  # what Image.radial_gradient has reached where it meets the middle of an edge
SCALE = 2  # drawn this many times larger, then reduced: smooth edges


class Palette(NamedTuple):
    """Seven colours that go together, from the top of the sky to the light of a lamp."""

    high: str
    low: str
    far: str
    mid: str
    near: str
    accent: str
    light: str


PALETTES = {
    name: Palette(*(f"#{colour}" for colour in colours.split()))
    for name, colours in {
        "dawn": "3b4a78 f6bd98 938bad 5d628e 2b3158 f26d5b ffe9c9",
        "day": "4f93c4 dcedf0 92bbc8 4d8a97 1d4c60 f08a4b fdf6e3",
        "dusk": "232a5c ee8570 74507f 40366a 1b1b40 ffb45e ffe3a8",
        "night": "0b1434 2c4676 20345d 152345 091026 f7c873 eaf0fc",
        "frost": "7ea7c6 eef3f4 b6cfdd 7f9fb8 38546f e07a5f ffffff",
        "tea": "bcd7c4 f8f3dc 9fbd92 69926a 2d5546 d9823b fffaea",
        "ochre": "e6ae6a fbe7c6 cc9560 98623f 553529 2f7377 fff4da",
        "storm": "36455a 9db0ba 566a7e 394b5e 1c2735 f2c14e e3ebee",
        "sea": "1a6580 9bd6d2 2f92a0 1c6c83 0c3a53 ff7f50 f6fcf4",
        "grow": "2c1042 96307f 62246f 3d1657 19082a 6fd08c ff9be6",
        "paper": "f6eedc efe2c8 a3b8a8 4f7f86 24424f c9513b fffaf0",
        "wood": "6e4227 c8905c a56c40 744628 3a2113 e9b44c fbe8c8",
        "polar": "061226 15485a 10303f 0b2031 050d1a 62e0a5 f9d99a",
        "rose": "efc2b8 fdf0e6 d99a94 a8616a 572c42 3f7d7a fffaf3",
        "field": "8fc1d4 f3efd3 c9c06a 8ea64c 3f6a45 d96c3f fff9dc",
    }.items()
}


def blend(one: str, other: str, share: float) -> str:
    """The colour that lies `share` of the way from one to the other."""
    pairs = zip(ImageColor.getrgb(one), ImageColor.getrgb(other), strict=True)
    return "#{:02x}{:02x}{:02x}".format(*(round(a + (b - a) * share) for a, b in pairs))


class Canvas:
    """A picture in the making: x and y run from 0 to 1, radii and widths are parts of its height."""

    def __init__(self, path: str, palette: Palette, size: tuple[int, int]) -> None:
        self.random = Random(path)  # noqa: S311 - the same path gives the same picture
        self.colours = palette
        self.width, self.height = size[0] * SCALE, size[1] * SCALE
        self.ratio = self.height / self.width  # times a part of the height: the same length as a part of the width
        self.image = Image.new("RGB", (self.width, self.height), palette.low)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def _points(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x * self.width, y * self.height) for x, y in points]

    def _ink(self, colour: str, alpha: float) -> tuple[int, ...]:
        return (*ImageColor.getrgb(colour), round(alpha * 255))

    def wash(self, *stops: str, top: float = 0, bottom: float = 1) -> None:
        """Fill the rows from top to bottom with even steps of colour."""
        column = Image.new("RGB", (1, len(stops)))
        column.putdata([ImageColor.getrgb(stop) for stop in stops])
        rows = max(2, round((bottom - top) * self.height))
        steps = Image.new("RGB", (1, rows))
        for row in range(rows):
            place = row / (rows - 1) * (len(stops) - 1)
            left = min(int(place), len(stops) - 2)
            steps.putpixel((0, row), ImageColor.getrgb(blend(stops[left], stops[left + 1], place - left)))
        self.image.paste(steps.resize((self.width, rows)), (0, round(top * self.height)))

    def shape(self, points: list[tuple[float, float]], colour: str, alpha: float = 1) -> None:
        """A filled polygon."""
        self.pen.polygon(self._points(points), self._ink(colour, alpha))

    def box(self, place: tuple[float, float, float, float], colour: str, alpha: float = 1, corner: float = 0) -> None:
        """A rectangle (left, top, right, bottom), its corners rounded."""
        (left, top), (right, bottom) = self._points([place[:2], place[2:]])
        if right - left >= 1 and bottom - top >= 1:
            self.pen.rounded_rectangle((left, top, right, bottom), corner * self.height, self._ink(colour, alpha))

    def disc(self, x: float, y: float, radius: float, colour: str, alpha: float = 1, flat: float = 1) -> None:
        """A circle, or with `flat` below 1 a lying ellipse."""
        middle, across = (x * self.width, y * self.height), radius * self.height
        self.pen.ellipse(
            (middle[0] - across, middle[1] - across * flat, middle[0] + across, middle[1] + across * flat),
            self._ink(colour, alpha),
        )

    def arc(self, x: float, y: float, radius: float, turn: tuple[float, float], colour: str, width: float) -> None:
        """A part of a circle between two angles in degrees, clockwise from three o'clock."""
        steps = max(8, int(abs(turn[1] - turn[0]) / 4))
        angles = [math.radians(turn[0] + (turn[1] - turn[0]) * step / steps) for step in range(steps + 1)]
        curve = [(x + math.cos(a) * radius * self.ratio, y + math.sin(a) * radius) for a in angles]
        self.stroke(curve, colour, width)

    def stroke(self, points: list[tuple[float, float]], colour: str, width: float, alpha: float = 1) -> None:
        """A line of even width."""
        thick = max(1, round(width * self.height))
        self.pen.line(self._points(points), self._ink(colour, alpha), thick, joint="curve")

    def glow(self, x: float, y: float, radius: float, colour: str, alpha: float = 1, flat: float = 1) -> None:
        """Light, or a shadow, that fades outwards."""
        across, along = max(2, round(radius * self.height * 2)), max(2, round(radius * flat * self.height * 2))
        fade = Image.radial_gradient("L").point(lambda v: round(max(0, 1 - v / RIM) ** 1.5 * alpha * 255))
        corner = (round(x * self.width - across / 2), round(y * self.height - along / 2))
        self.image.paste(Image.new("RGB", (across, along), colour), corner, fade.resize((across, along)))

    def fog(self, top: float, bottom: float, colour: str, alpha: float) -> None:
        """A veil that thickens downwards."""
        rows = max(2, round((bottom - top) * self.height))
        fade = Image.linear_gradient("L").resize((self.width, rows)).point(lambda v: round(v * alpha))
        self.image.paste(Image.new("RGB", fade.size, colour), (0, round(top * self.height)), fade)

    def curve(self, y: float, swing: float, waves: float = 1.2, steps: int = 240) -> list[tuple[float, float]]:
        """A line from left to right that wanders about y, smooth with few waves, jagged with many."""
        parts = [(waves * 2**k, self.random.uniform(0, math.tau), swing * 0.48**k) for k in range(6)]
        return [
            (
                step / steps,
                y + sum(high * math.sin(math.tau * often * step / steps + late) for often, late, high in parts),
            )
            for step in range(steps + 1)
        ]

    def ridge(self, y: float, swing: float, colour: str, waves: float = 1.2, alpha: float = 1) -> list:
        """Land or water below a wandering line; returns the line."""
        line = self.curve(y, swing, waves)
        self.shape([*line, (1, 1), (0, 1)], colour, alpha)
        return line

    def scatter(self, count: int, area: tuple[float, float, float, float]) -> list[tuple[float, float]]:
        """Points by chance within (left, top, right, bottom)."""
        left, top, right, bottom = area
        return [(self.random.uniform(left, right), self.random.uniform(top, bottom)) for _ in range(count)]

    def stars(self, count: int, bottom: float) -> None:
        """Small lights of unequal strength."""
        for x, y in self.scatter(count, (0, 0, 1, bottom)):
            self.disc(
                x, y, self.random.choice((0.0009, 0.0012, 0.0016, 0.0024)), "#ffffff", self.random.uniform(0.3, 1)
            )

    def save(self, target: Path, size: tuple[int, int]) -> None:
        """Reduce, add the grain of a print, and write in the format that the suffix names."""
        image = self.image.resize(size, Image.Resampling.LANCZOS)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix.lower() == ".png":
            image.quantize(64, method=Image.Quantize.MAXCOVERAGE).save(target, optimize=True)
            return
        cloud = Image.frombytes("L", (7, 5), self.random.randbytes(35)).resize(size, Image.Resampling.BICUBIC)
        dust = Image.frombytes("L", size, self.random.randbytes(size[0] * size[1])).filter(
            ImageFilter.GaussianBlur(0.9)
        )
        for layer, strength in ((cloud, 0.1), (dust, 0.035)):
            image = Image.blend(image, ImageChops.soft_light(image, Image.merge("RGB", (layer,) * 3)), strength * 2)
        image.save(target, "JPEG", quality=76, progressive=True, optimize=True)
