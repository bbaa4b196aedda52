"""The sea, its shores and what sails there."""

from __future__ import annotations

import math

from canvas import INK, Canvas, blend

from scenes.parts import houses, lamp, mirror, sailing_boat, sun


def harbour(c: Canvas, boat: bool = False, sheds: bool = False) -> None:
    """Cranes and brick sheds above still water."""
    p = c.colours
    c.wash(p.high, blend(p.far, p.low, 0.1), p.low, blend(p.low, p.light, 0.4), bottom=0.68)
    sun(c, 0.22, 0.4, 0.05)
    houses(c, 0.62, blend(p.far, p.low, 0.35), 0.02, (0.02, 0.06), 0.16)
    for x, size in ((0.62, 0.4), (0.74, 0.33), (0.88, 0.44)):
        tone = blend(p.mid, p.near, size)
        for leg in (0, 0.045):
            c.box((x + leg, 0.62 - size * 0.6, x + leg + 0.007, 0.64), tone)
        c.box((x - 0.005, 0.62 - size * 0.62, x + 0.06, 0.62 - size * 0.54), tone)
        c.stroke([(x + 0.028, 0.62 - size * 0.58), (x - 0.1, 0.62 - size * 1.05)], tone, 0.012)
        c.stroke([(x + 0.028, 0.62 - size * 0.9), (x - 0.1, 0.62 - size * 1.05)], tone, 0.004)
        c.stroke([(x + 0.028, 0.62 - size * 0.9), (x + 0.028, 0.6 - size * 0.5)], tone, 0.008)
        c.stroke([(x - 0.1, 0.62 - size * 1.05), (x - 0.1, 0.62 - size * 0.5)], tone, 0.002)
    if sheds:
        for k in range(4):
            left, tone = 0.02 + k * 0.135, blend(p.near, p.accent, 0.34 + 0.07 * (k % 3))
            c.box((left, 0.36, left + 0.125, 0.65), tone)
            c.shape([(left, 0.36), (left + 0.0625, 0.29), (left + 0.125, 0.36)], blend(tone, INK, 0.25))
            for row in range(4):
                for column in range(4):
                    x, y = left + 0.013 + column * 0.028, 0.385 + row * 0.065
                    c.box(
                        (x, y, x + 0.015, y + 0.038),
                        p.light if c.random.random() < 0.2 else blend(tone, INK, 0.55),
                        0.9,
                        0.008,
                    )
    c.box((0, 0.64, 1, 0.66), p.near)
    mirror(c, 0.66, p.near, 0.34)
    if boat:
        c.glow(0.36, 0.8, 0.22, p.light, 0.35, 0.3)
        sailing_boat(c, 0.36, 0.79, 0.34, p.light, p.near)


def waves(c: Canvas, boat: str = "", light: float = 0.5, rough: float = 1, aurora: bool = False) -> None:
    """The sea in layers, with a boat or without."""
    p = c.colours
    c.wash(p.high, p.low, blend(p.low, p.light, 0.4), bottom=0.5)
    if aurora:
        c.stars(250, 0.4)
    sun(c, light, 0.33, 0.055)
    for _k in range(5):
        c.glow(c.random.random(), c.random.uniform(0.08, 0.3), 0.2, p.light, 0.28, 0.16)
    for row in range(9):
        share = row / 8
        y = 0.46 + 0.5 * share**1.25
        tone = blend(p.far, p.near, share)
        if row == 4 and boat == "sail":
            sailing_boat(c, 0.4, y - 0.03, 0.42, p.light, blend(p.near, INK, 0.4))
        if row == 3 and boat == "ferry":
            _ferry(c, 0.5, y + 0.025)
        line = c.ridge(y, (0.008 + 0.022 * share) * rough, tone, 3 + 2 * (1 - share))
        c.stroke([(x, top + 0.004) for x, top in line], p.light, 0.002 + 0.003 * share, 0.32)
        for _ in range(16):
            start = c.random.randrange(220)
            c.stroke([(x, top + 0.03 * (0.4 + share)) for x, top in line[start : start + 14]], p.light, 0.0025, 0.22)
    for k in range(50):
        half = 0.004 + 0.03 * c.random.random()
        x, y = c.random.gauss(light, 0.03 + k * 0.0014), 0.47 + k * 0.01
        c.stroke([(x - half, y), (x + half, y)], p.light, 0.0028, 0.5)


def _ferry(c: Canvas, x: float, y: float) -> None:
    p, dark = c.colours, blend(c.colours.near, INK, 0.35)
    c.shape([(x - 0.25, y - 0.1), (x + 0.27, y - 0.11), (x + 0.22, y + 0.02), (x - 0.22, y + 0.02)], dark)
    c.stroke([(x - 0.245, y - 0.085), (x + 0.26, y - 0.093)], p.accent, 0.012)
    c.box((x - 0.19, y - 0.2, x + 0.17, y - 0.1), p.light)
    c.box((x - 0.12, y - 0.27, x + 0.12, y - 0.2), blend(p.light, p.far, 0.16))
    c.box((x - 0.04, y - 0.36, x + 0.015, y - 0.27), p.accent)
    c.box((x - 0.04, y - 0.34, x + 0.015, y - 0.325), p.light)
    for k in range(11):
        left = x - 0.178 + k * 0.031
        c.box((left, y - 0.178, left + 0.02, y - 0.125), blend(p.mid, INK, 0.3))
        for book in range(4):
            tone = c.random.choice((p.accent, "#e9b44c", "#7fb7a3", "#d9d2c0"))
            c.box((left + 0.002 + book * 0.0042, y - 0.158, left + 0.0055 + book * 0.0042, y - 0.127), tone)
    c.stroke([(x - 0.09, y - 0.27), (x - 0.09, y - 0.42)], dark, 0.006)
    for k in range(5):
        c.glow(x - 0.02 + k * 0.035, y - 0.4 - k * 0.025, 0.05 + k * 0.018, p.light, 0.3, 0.6)


def lighthouse(c: Canvas) -> None:
    """A tower on a rock, its beam across the evening."""
    p = c.colours
    c.wash(p.high, p.high, p.low, blend(p.low, p.light, 0.3), bottom=0.75)
    c.stars(160, 0.35)
    for end, alpha in ((0.1, 0.2), (0.24, 0.26), (0.17, 0.2)):
        c.shape([(0.66, 0.235), (-0.05, end - 0.16), (-0.05, end + 0.1)], p.light, alpha)
    c.shape([(0.66, 0.235), (1.05, 0.28), (1.05, 0.4)], p.light, 0.2)
    for row in range(6):
        c.ridge(0.66 + row * 0.06, 0.008 + row * 0.004, blend(p.far, p.near, row / 5), 4)
    c.shape(
        [(0.46, 1), (0.5, 0.84), (0.56, 0.77), (0.63, 0.735), (0.71, 0.74), (0.79, 0.8), (0.84, 0.88), (0.92, 1)],
        blend(p.near, INK, 0.45),
    )
    c.shape([(0.627, 0.75), (0.641, 0.28), (0.679, 0.28), (0.693, 0.75)], p.light)
    for top in (0.36, 0.5, 0.64):
        wide = 0.019 + (top - 0.28) * 0.03
        c.shape(
            [(0.66 - wide, top), (0.66 + wide, top), (0.662 + wide, top + 0.07), (0.658 - wide, top + 0.07)], "#c8443a"
        )
    c.shape([(0.66, 0.28), (0.679, 0.28), (0.693, 0.75), (0.665, 0.75)], INK, 0.16)
    c.box((0.634, 0.265, 0.686, 0.282), blend(p.near, INK, 0.3))
    c.box((0.645, 0.2, 0.675, 0.268), p.accent)
    lamp(c, 0.66, 0.235, 0.02)
    c.shape([(0.64, 0.2), (0.66, 0.15), (0.68, 0.2)], blend(p.near, INK, 0.3))
    c.box((0.735, 0.74, 0.79, 0.81), blend(p.light, p.far, 0.3))
    c.shape([(0.728, 0.745), (0.7625, 0.69), (0.797, 0.745)], p.near)
    c.box((0.755, 0.765, 0.77, 0.79), p.accent)


def radio(c: Canvas, place: float = 0.44, rain: bool = False) -> None:
    """A mast sending over village roofs."""
    p = c.colours
    c.wash(p.high, blend(p.high, p.low, 0.6), p.low)
    for _k in range(7):
        c.glow(
            c.random.random(),
            c.random.uniform(0.1, 0.45),
            c.random.uniform(0.2, 0.4),
            blend(p.low, p.high, 0.4),
            0.5,
            0.3,
        )
    c.glow(place, 0.22, 0.4, p.accent, 0.45)
    for ring in range(1, 8):
        for turn in ((-40, 40), (140, 220)):
            c.arc(place, 0.2, ring * 0.07, turn, blend(p.accent, p.low, ring * 0.09), 0.007)
    c.ridge(0.72, 0.05, blend(p.far, p.mid, 0.5), 1.1)
    for side in (-1, 1):
        c.stroke([(place + side * 0.055, 0.9), (place + side * 0.004, 0.2)], p.near, 0.01)
    for k in range(12):
        y, half = 0.24 + k * 0.055, 0.006 + k * 0.0042
        c.stroke([(place - half, y), (place + half + 0.004, y + 0.055)], p.near, 0.005)
        c.stroke([(place + half, y), (place - half - 0.004, y + 0.055)], p.near, 0.005)
    c.disc(place, 0.19, 0.016, p.accent)
    c.ridge(0.86, 0.02, p.near, 1)
    for k in range(8):
        x, y = 0.05 + k * 0.12 + 0.02 * c.random.random(), 0.9 + 0.03 * (k % 2)
        c.box((x, y - 0.08, x + 0.07, y), blend(p.mid, INK, 0.25))
        c.shape([(x - 0.01, y - 0.075), (x + 0.035, y - 0.14), (x + 0.08, y - 0.075)], blend(p.near, INK, 0.3))
        c.glow(x + 0.035, y - 0.04, 0.05, p.accent, 0.7)
        c.box((x + 0.024, y - 0.06, x + 0.046, y - 0.024), p.light)
    for x, top in (
        ((0.1, 0.42), (0.17, 0.52), (0.93, 0.5)) if rain else ((0.1, 0.42), (0.17, 0.52), (0.83, 0.38), (0.93, 0.5))
    ):
        _palm(c, x, top)
    for x, y in c.scatter(340 if rain else 0, (0, -0.1, 1.1, 1)):
        c.stroke([(x, y), (x - 0.018, y + 0.06)], "#ffffff", 0.0018, 0.3)


def _palm(c: Canvas, x: float, top: float) -> None:
    dark = blend(c.colours.near, INK, 0.45)
    c.stroke([(x + 0.03 - 0.03 * (k / 20) ** 0.6, 1 - (1 - top) * k / 20) for k in range(21)], dark, 0.014)
    for leaf in range(9):
        angle = math.radians(150 + leaf * 30)
        line = [(x + math.cos(angle) * k * 0.012, top + math.sin(angle) * k * 0.011 + k * k * 0.0019) for k in range(9)]
        c.stroke(line, dark, 0.011)
        for a, b in line[2:]:
            c.stroke([(a, b), (a + math.cos(angle) * 0.006, b + 0.03)], dark, 0.005)


def tank(c: Canvas) -> None:
    """A test basin from above: light on tiles, a model boat and its wake."""
    p = c.colours
    c.wash("#2b95a8", "#5fc0c6", "#2f8ea6")
    for k in range(15):
        c.box((k * 0.07, 0, k * 0.07 + 0.0016, 1), "#ffffff", 0.22)
        c.box((0, k * 0.1, 1, k * 0.1 + 0.0024), "#ffffff", 0.22)
    for k in range(46):
        x, y = c.random.random(), c.random.random()
        line = [(x + j * 0.012, y + 0.022 * math.sin(j * 0.8 + k)) for j in range(14)]
        c.stroke(line, "#e9fbf6", 0.005, 0.28)
    for side in (-1, 1):
        for k in range(6):
            c.stroke(
                [(0.62, 0.48 + side * 0.02), (0.1 + k * 0.05, 0.48 + side * (0.42 - k * 0.05))], "#ffffff", 0.007, 0.3
            )
    c.glow(0.6, 0.58, 0.3, "#0c3a53", 0.5, 0.4)
    c.shape([(0.44, 0.44), (0.64, 0.43), (0.78, 0.48), (0.64, 0.53), (0.44, 0.52)], "#20303c")
    c.shape([(0.46, 0.455), (0.64, 0.45), (0.74, 0.48), (0.64, 0.512), (0.46, 0.505)], p.accent)
    c.box((0.47, 0.463, 0.54, 0.497), "#26406b")
    c.shape([(0.6, 0.48), (0.52, 0.22), (0.64, 0.46)], p.light)
    c.box((0, 0.9, 1, 1), "#d9d4c6")
    c.box((0, 0.9, 1, 0.915), "#9a9484")


def marsh(c: Canvas, birds: int = 240, walk: bool = False) -> None:
    """Tidal creeks and grasses, birds in a cloud above."""
    p = c.colours
    c.wash(p.high, blend(p.high, p.low, 0.6), p.low, bottom=0.6)
    c.glow(0.3, 0.44, 0.6, p.light, 0.8)
    c.disc(0.3, 0.44, 0.055, p.light)
    c.ridge(0.56, 0.012, blend(p.low, p.far, 0.6), 2)
    c.wash(blend(p.low, p.far, 0.35), p.far, p.mid, top=0.585)
    for row in range(7):
        y, tone = 0.6 + row * 0.06, blend("#8f9f5a", "#7a4f3a", 0.3 * (row % 3) + 0.1)
        for k in range(5):
            x, half = (k + c.random.random()) / 5, c.random.uniform(0.06, 0.16)
            c.disc(x, y, half / c.ratio, blend(tone, p.near, 0.06 * row), 1, 0.05)
            c.disc(x + half * 0.5, y + 0.012, half * 0.7 / c.ratio, blend(tone, p.near, 0.06 * row + 0.05), 1, 0.05)
        for x, top in c.scatter(90, (0, y - 0.01, 1, y + 0.03)):
            c.stroke(
                [(x, top), (x + c.random.uniform(-0.006, 0.006), top - 0.02 - 0.006 * row)],
                blend(tone, p.near, c.random.random() * 0.6),
                0.0026,
                0.9,
            )
    if walk:
        for k in range(26):
            y, half = 0.62 + (k / 26) ** 1.6 * 0.4, 0.008 + (k / 26) ** 1.6 * 0.2
            middle = 0.62 - (k / 26) * 0.18
            c.box((middle - half, y, middle + half, y + 0.004 + k * 0.0008), blend("#c9a77a", "#6f4a2c", 0.4 * (k % 2)))
    for _ in range(birds):
        angle, reach = c.random.uniform(0, math.tau), c.random.gauss(0, 0.5)
        x, y = (
            0.62 + math.cos(angle) * reach * 0.34,
            0.25 + math.sin(angle) * reach * 0.2 + 0.1 * (x0 := math.cos(angle) * reach),
        )
        size = c.random.uniform(0.006, 0.015) * (1 + 0.1 * x0)
        lift = c.random.uniform(-0.5, 1)
        c.stroke(
            [(x - size * c.ratio * 1.4, y - size * lift), (x, y), (x + size * c.ratio * 1.4, y - size * lift)],
            p.near,
            0.0035,
            0.9,
        )
