"""Parts that several scenes share."""

from __future__ import annotations

import math

from canvas import INK, Canvas, blend
from PIL import Image


def sailing_boat(c: Canvas, x: float, y: float, size: float, sail: str, hull: str) -> None:
    """The small sailing robot: a blade of a sail, a hull like a leaf, two panels."""
    s, r = size, size * c.ratio
    c.shape([(x - r * 0.05, y - s), (x + r * 0.34, y - s * 0.06), (x - r * 0.07, y - s * 0.06)], sail)
    c.shape(
        [(x - r * 0.05, y - s), (x + r * 0.14, y - s * 0.06), (x - r * 0.07, y - s * 0.06)], blend(sail, hull, 0.16)
    )
    for share in (0.25, 0.45, 0.65, 0.85):
        c.stroke(
            [(x - r * 0.06, y - s * (1 - share)), (x - r * 0.05 + r * 0.37 * share, y - s * (1 - share * 0.97))],
            hull,
            s * 0.008,
            0.5,
        )
    c.stroke([(x - r * 0.06, y - s * 1.04), (x - r * 0.07, y)], hull, s * 0.02)
    line = [(-0.42, -0.05), (0.5, -0.07), (0.38, 0.06), (-0.3, 0.08)]
    c.shape([(x + a * r, y + b * s) for a, b in line], hull)
    c.stroke([(x - r * 0.4, y - s * 0.01), (x + r * 0.46, y - s * 0.03)], c.colours.accent, s * 0.022)
    c.box((x - r * 0.32, y - s * 0.1, x - r * 0.13, y - s * 0.05), blend(hull, "#4477aa", 0.5))


def lamp(c: Canvas, x: float, y: float, size: float) -> None:
    """A small warm light."""
    c.glow(x, y, size * 5, c.colours.accent, 0.7)
    c.disc(x, y, size, c.colours.light)


def mirror(c: Canvas, y: float, tint: str, alpha: float) -> None:
    """Everything above y, upside down below it, broken by ripples."""
    line = round(y * c.height)
    depth = c.height - line
    above = c.image.crop((0, max(0, line - depth), c.width, line)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if above.height < depth:
        above = above.resize((c.width, depth))
    for row in range(0, depth, 2):
        swing = math.sin(row * 0.11) + 0.7 * math.sin(row * 0.043 + 1) + 0.4 * math.sin(row * 0.23)
        strip = above.crop((0, row, c.width, row + 2))
        c.image.paste(strip, (round(swing * (1 + row / depth * 11)), line + row))
    c.box((0, y, 1, 1), tint, alpha)
    for x, top in c.scatter(90, (0, y + 0.01, 1, 1)):
        c.stroke([(x, top), (x + c.random.uniform(0.01, 0.06), top)], c.colours.light, 0.0016, 0.22)


def sun(c: Canvas, x: float, y: float, radius: float = 0.07) -> None:
    """Sun or moon in its own light."""
    c.glow(x, y, radius * 5, c.colours.light, 0.55)
    c.disc(x, y, radius, c.colours.light, 0.95)


def houses(c: Canvas, y: float, tone: str, lit: float, width: tuple[float, float], tall: float) -> None:
    """A row of buildings to the lower edge, some windows lit."""
    x = -0.02
    while x < 1.02:
        broad, high = c.random.uniform(*width), c.random.uniform(0.25, 1) ** 1.5 * tall
        top = y - high
        c.box((x, top, x + broad * 0.96, 1), blend(tone, INK, c.random.uniform(0, 0.22)))
        if c.random.random() < 0.3:
            c.box((x + broad * 0.4, top - 0.03, x + broad * 0.44, top), tone)
        across, step = max(2, int(broad / 0.012)), 0.026
        for row in range(int(high / step) + 2):
            for column in range(across):
                if c.random.random() < lit:
                    left, up = x + broad * (column + 0.25) / across, top + 0.016 + row * step
                    glow = c.random.choice((c.colours.light, c.colours.accent, blend(c.colours.accent, tone, 0.45)))
                    c.box((left, up, left + 0.0055, up + 0.013), glow, 0.9)
        x += broad
