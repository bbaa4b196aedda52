"""Still lifes: tea and soup, jars and bread, a lamp, a book."""

from __future__ import annotations

import math

from canvas import CLOTH, INK, Canvas, blend


def _table(c: Canvas, top: float = 0.62) -> None:
    """Wall, window light and the table of a still life."""
    p = c.colours
    c.wash(blend(p.high, p.near, 0.15), p.high, blend(p.high, p.low, 0.5), bottom=top)
    for k in range(2):
        left = 0.5 + k * 0.2
        c.shape([(left, 0), (left + 0.15, 0), (left - 0.1, top), (left - 0.25, top)], p.light, 0.3)
    c.wash(blend(p.far, p.light, 0.25), p.far, blend(p.far, p.near, 0.35), top=top)
    for k in range(9):
        y = top + (k / 9) ** 1.5 * (1 - top)
        c.stroke([(0, y), (1, y + 0.004)], p.near, 0.002, 0.2)


def _pot(c: Canvas, x: float, y: float, size: float, tone: str) -> None:
    """A round teapot."""
    dark = blend(tone, INK, 0.35)
    c.glow(x, y + size * 0.72, size * 2, INK, 0.4, 0.25)
    c.arc(x - size * 1.05 * c.ratio, y, size * 0.5, (60, 300), dark, size * 0.13)
    spout = [(0.6, 0.36), (1.25, 0.1), (1.78, -0.46), (1.62, -0.6), (1.05, -0.2), (0.7, -0.25)]
    c.shape([(x + size * a * c.ratio, y + size * b) for a, b in spout], dark)
    c.disc(x, y, size, tone, 1, 0.8)
    c.disc(x - size * 0.3 * c.ratio, y - size * 0.25, size * 0.4, "#ffffff", 0.14, 0.6)
    c.disc(x, y - size * 0.72, size * 0.5, dark, 1, 0.25)
    c.disc(x, y - size * 0.9, size * 0.13, dark)


def _steam(c: Canvas, x: float, y: float, size: float) -> None:
    for k in range(30):
        c.glow(
            x + 0.014 * math.sin(k * 0.33),
            y - k * size / 30,
            size * (0.1 + k * 0.008),
            "#ffffff",
            0.12 * (1 - k / 32),
            1.4,
        )


def tea(c: Canvas, book: bool = False) -> None:
    """Tea in window light."""
    p = c.colours
    _table(c)
    if book:
        c.glow(0.27, 0.88, 0.4, INK, 0.35, 0.3)
        c.shape([(0.08, 0.8), (0.28, 0.77), (0.3, 0.93), (0.06, 0.96)], "#f7f1e0")
        c.shape([(0.28, 0.77), (0.48, 0.8), (0.52, 0.96), (0.3, 0.93)], "#efe6cf")
        for row in range(7):
            y = 0.81 + row * 0.017
            c.stroke([(0.105, y), (0.265, y - 0.016)], "#8a8672", 0.003, 0.6)
            c.stroke([(0.305, y - 0.016), (0.465, y + 0.002)], "#8a8672", 0.003, 0.6)
    _pot(c, 0.62, 0.56, 0.2, p.accent)
    for x, y in ((0.36, 0.66), (0.84, 0.76), (0.52, 0.84)):
        c.glow(x, y + 0.08, 0.18, INK, 0.35, 0.25)
        c.shape(
            [
                (x - 0.1 * c.ratio, y),
                (x + 0.1 * c.ratio, y),
                (x + 0.06 * c.ratio, y + 0.09),
                (x - 0.06 * c.ratio, y + 0.09),
            ],
            p.light,
        )
        c.disc(x, y, 0.1, p.light, 1, 0.28)
        c.disc(x, y + 0.003, 0.085, "#b5702c", 1, 0.26)
        _steam(c, x, y, 0.26)


def kettle(c: Canvas) -> None:
    """A kettle about to boil."""
    p = c.colours
    _table(c, 0.78)
    for row in range(8):
        for column in range(14):
            tone = blend(p.high, p.light, 0.25 + 0.2 * c.random.random())
            c.box((column * 0.073, row * 0.097, column * 0.073 + 0.07, row * 0.097 + 0.092), tone, 0.75, 0.004)
    c.box((0.24, 0.74, 0.74, 0.8), "#2b2f36", corner=0.01)
    for k in range(15):
        x = 0.34 + k * 0.02
        c.shape([(x - 0.008, 0.745), (x, 0.7 - 0.012 * (k % 3)), (x + 0.008, 0.745)], "#5fa8ff", 0.8)
    _pot(c, 0.48, 0.5, 0.26, p.accent)
    c.arc(0.48, 0.32, 0.17, (190, 350), "#2b2f36", 0.03)
    _steam(c, 0.73, 0.33, 0.36)


def soup(c: Canvas) -> None:
    """A big pot and the bowls around it."""
    p = c.colours
    _table(c, 0.5)
    c.glow(0.5, 0.86, 0.7, INK, 0.4, 0.3)
    c.box((0.28, 0.42, 0.72, 0.86), blend(p.accent, INK, 0.15), corner=0.08)
    c.box((0.28, 0.42, 0.4, 0.86), "#ffffff", 0.08, 0.08)
    c.disc(0.5, 0.43, 0.22 / c.ratio, blend(p.accent, INK, 0.35), 1, 0.24)
    c.disc(0.5, 0.435, 0.205 / c.ratio, "#d99a3f", 1, 0.22)
    for x, y in c.scatter(46, (0.36, 0.39, 0.64, 0.475)):
        c.disc(
            x, y, c.random.uniform(0.008, 0.018), c.random.choice(("#e2653f", "#6b8f4a", "#f3d9a0", "#a8583a")), 1, 0.55
        )
    for x in (0.245, 0.72):
        c.box((x, 0.55, x + 0.035, 0.6), blend(p.accent, INK, 0.4), corner=0.02)
    for x, y in ((0.14, 0.74), (0.86, 0.72), (0.2, 0.9), (0.8, 0.91)):
        c.glow(x, y + 0.06, 0.2, INK, 0.35, 0.3)
        c.disc(x, y + 0.03, 0.115, blend(p.light, p.far, 0.3), 1, 0.6)
        c.disc(x, y, 0.125, p.light, 1, 0.4)
        c.disc(x, y + 0.004, 0.1, "#d99a3f", 1, 0.36)
    _steam(c, 0.44, 0.4, 0.4)
    _steam(c, 0.57, 0.4, 0.36)


def bread(c: Canvas) -> None:
    """Loaves on a market stall under a striped awning."""
    p = c.colours
    c.wash(p.high, p.low, bottom=0.5)
    for row in range(3):
        c.wash(
            blend("#a9764a", INK, 0.1 * row),
            blend("#7a5030", INK, 0.1 * row),
            top=0.4 + row * 0.2,
            bottom=0.6 + row * 0.2,
        )
        for k in range(7 - row):
            x, y = (k + 0.55 + 0.1 * c.random.random()) / (7 - row), 0.47 + row * 0.2
            size, tone = 0.075 + row * 0.018, blend("#d08a3f", "#7a431b", c.random.random())
            c.glow(x, y + size * 0.5, size * 1.5, INK, 0.5, 0.35)
            flat = c.random.choice((0.62, 0.75, 0.5))
            c.disc(x, y, size, tone, 1, flat)
            c.disc(x - 0.008, y - size * 0.14, size * 0.75, blend(tone, "#f3d29a", 0.35), 0.7, flat * 0.8)
            for cut in (-0.4, 0, 0.4):
                c.stroke(
                    [
                        (x + (cut - 0.12) * size * c.ratio, y + size * 0.25 * flat),
                        (x + (cut + 0.16) * size * c.ratio, y - size * 0.45 * flat),
                    ],
                    "#f7e3bd",
                    0.007,
                    0.85,
                )
    for k in range(16):
        left = k / 16
        c.box((left, 0, left + 1 / 16, 0.2), p.accent if k % 2 else p.light)
        c.disc(left + 1 / 32, 0.2, 1 / 32 / c.ratio, p.accent if k % 2 else p.light)
    c.fog(0.2, 0.4, INK, 0.1)


def jars(c: Canvas) -> None:
    """Jars of sourdough on two shelves, each at its own height."""
    p = c.colours
    c.wash(p.high, p.low)
    c.glow(0.5, 0.4, 0.9, p.light, 0.5)
    for row in range(2):
        floor = 0.46 + row * 0.46
        c.box((0, floor, 1, floor + 0.035), "#8a5a34")
        c.box((0, floor + 0.035, 1, floor + 0.06), INK, 0.22)
        for k in range(8):
            x, broad, high = 0.035 + k * 0.121, c.random.uniform(0.078, 0.1), c.random.uniform(0.24, 0.31)
            top, level = floor - high, floor - high * c.random.uniform(0.35, 0.85)
            c.box((x, top, x + broad, floor), "#ffffff", 0.45, 0.03)
            c.box(
                (x + 0.004, level, x + broad - 0.004, floor - 0.006),
                blend("#f1e3c4", "#d3b07c", c.random.random()),
                1,
                0.024,
            )
            for a, b in c.scatter(14, (x + 0.012, level + 0.02, x + broad - 0.012, floor - 0.02)):
                c.disc(a, b, c.random.uniform(0.003, 0.009), "#fffaf0", 0.75)
            c.box((x + 0.008, top - 0.01, x + broad - 0.008, top + 0.03), c.random.choice(CLOTH), 1, 0.008)
            c.stroke([(x + 0.012, top + 0.05), (x + 0.012, floor - 0.04)], "#ffffff", 0.008, 0.7)
            c.box((x + broad * 0.26, floor - 0.13, x + broad * 0.74, floor - 0.065), "#fbf8ef", 1, 0.005)


def vats(c: Canvas) -> None:
    """Soy sauce vats in a yard, from above, some open to the sun."""
    p = c.colours
    c.wash(blend(p.low, p.far, 0.5), blend(p.far, p.mid, 0.3))
    for x, y in c.scatter(900, (0, 0, 1, 1)):
        c.disc(x, y, c.random.uniform(0.003, 0.012), blend(p.far, p.light, c.random.random()), 0.25)
    for row in range(4):
        for column in range(5):
            x, y = 0.1 + column * 0.205 + 0.1 * (row % 2), 0.13 + row * 0.27
            c.glow(x + 0.03, y + 0.04, 0.19, INK, 0.6)
            for step in range(8):
                c.disc(x - step * 0.0006, y - step * 0.001, 0.128 - step * 0.003, blend("#5b3524", "#a8683f", step / 7))
            if (row + column) % 3:
                c.disc(x, y, 0.1, "#1c0f0a")
                c.disc(x - 0.012, y - 0.02, 0.08, "#41231a")
                c.arc(x, y, 0.074, (200, 285), "#e8c9a0", 0.006)
            else:
                c.disc(x, y, 0.115, "#d9b477")
                for ring in range(1, 6):
                    c.arc(x, y, ring * 0.021, (0, 360), "#a9803f", 0.004)
                c.disc(x, y, 0.014, "#7a5628")


def oillamp(c: Canvas) -> None:
    """A table at night: a lamp, a radio, a notebook."""
    p = c.colours
    c.wash(blend(p.near, INK, 0.6), blend(p.near, INK, 0.3))
    c.wash("#4a2f1d", "#2b1a10", top=0.68)
    c.glow(0.62, 0.46, 0.85, "#ffb648", 0.75)
    c.box((0.16, 0.44, 0.44, 0.74), "#6b3f2a", corner=0.02)
    c.disc(0.245, 0.59, 0.1, "#2b1a10")
    for ring in range(5):
        c.arc(0.245, 0.59, 0.02 + ring * 0.018, (0, 360), "#a9764a", 0.005)
    c.box((0.32, 0.5, 0.425, 0.565), "#f3d9a0", corner=0.008)
    c.box((0.372, 0.5, 0.375, 0.565), "#c9513b")
    for x in (0.34, 0.4):
        c.disc(x, 0.65, 0.024, "#d9ad55")
    c.stroke([(0.42, 0.44), (0.5, 0.1)], "#c9c4b8", 0.005)
    c.shape([(0.565, 0.74), (0.58, 0.66), (0.66, 0.66), (0.675, 0.74)], "#8c6b2f")
    c.shape(
        [
            (0.592, 0.66),
            (0.578, 0.55),
            (0.6, 0.4),
            (0.604, 0.33),
            (0.636, 0.33),
            (0.64, 0.4),
            (0.662, 0.55),
            (0.648, 0.66),
        ],
        "#fff1c9",
        0.4,
    )
    c.glow(0.62, 0.56, 0.13, "#ffffff", 0.95, 1.3)
    c.shape([(0.606, 0.62), (0.62, 0.47), (0.634, 0.62)], "#ffd27a")
    c.shape([(0.7, 0.8), (0.9, 0.77), (0.96, 0.9), (0.73, 0.94)], "#f3e6c8")
    for row in range(5):
        c.stroke(
            [(0.722 + row * 0.006, 0.82 + row * 0.022), (0.895 + row * 0.008, 0.795 + row * 0.022)],
            "#6b5a3f",
            0.004,
            0.7,
        )
    c.stroke([(0.86, 0.93), (0.93, 0.74)], "#2f7377", 0.012)


def tools(c: Canvas) -> None:
    """A wall of things to borrow, each on its hook."""
    p = c.colours
    c.wash(p.high, blend(p.high, p.low, 0.7))
    for x in range(40):
        for y in range(26):
            c.disc(0.0125 + x / 40, 0.02 + y / 26, 0.004, p.near, 0.22)
    for k, (x, y) in enumerate([(0.1 + a * 0.2, 0.25 + b * 0.5) for b in range(2) for a in range(5)]):
        c.glow(x + 0.01, y + 0.03, 0.19, p.near, 0.35)
        _tool(c, k, x, y, CLOTH[k % len(CLOTH)])
        c.box((x - 0.03, y + 0.185, x + 0.03, y + 0.225), "#fbf8ef", corner=0.006)
        c.stroke([(x - 0.02, y + 0.205), (x + 0.016, y + 0.205)], p.near, 0.004, 0.6)


def _tool(c: Canvas, kind: int, x: float, y: float, tone: str) -> None:
    """Ten silhouettes: drill, kettle pot, telescope, saw, tent, ball, guitar, iron, lamp, scales."""
    r = c.ratio
    if kind in (0, 7):
        c.box((x - 0.06, y - 0.09, x + 0.04, y - 0.01), tone, corner=0.03)
        c.shape(
            [(x - 0.05, y - 0.02), (x - 0.015, y - 0.02), (x - 0.025, y + 0.12), (x - 0.06, y + 0.12)],
            blend(tone, INK, 0.3),
        )
        c.stroke([(x + 0.04, y - 0.05), (x + 0.085, y - 0.05)], "#5b6470", 0.016)
    elif kind in (1, 5):
        c.disc(x, y + 0.02, 0.12, tone, 1, 0.85)
        c.box((x - 0.075, y - 0.055, x + 0.075, y - 0.035), blend(tone, INK, 0.35))
        c.arc(x, y - 0.07, 0.05, (180, 360), blend(tone, INK, 0.4), 0.014)
    elif kind in (2, 8):
        c.stroke([(x - 0.07, y + 0.02), (x + 0.06, y - 0.1)], tone, 0.055)
        c.stroke([(x + 0.04, y - 0.085), (x + 0.075, y - 0.115)], blend(tone, INK, 0.35), 0.075)
        for leg in (-0.05, 0, 0.05):
            c.stroke([(x, y - 0.03), (x + leg, y + 0.14)], "#5b4630", 0.012)
    elif kind in (3, 9):
        c.shape([(x - 0.08, y + 0.02), (x + 0.05, y - 0.09), (x + 0.06, y - 0.04), (x - 0.06, y + 0.06)], "#c9ccd0")
        c.disc(x + 0.065, y - 0.07, 0.055, tone)
        c.disc(x + 0.065, y - 0.07, 0.022, blend(c.colours.high, c.colours.low, 0.3))
    elif kind == 4:
        c.shape([(x - 0.085, y + 0.11), (x, y - 0.11), (x + 0.085, y + 0.11)], tone)
        c.shape([(x - 0.02, y + 0.11), (x, y - 0.11), (x + 0.03, y + 0.11)], blend(tone, INK, 0.4))
    else:
        c.stroke([(x + 0.01, y - 0.15), (x, y + 0.02)], "#5b4630", 0.024)
        c.disc(x, y + 0.08, 0.085, tone)
        c.disc(x + 0.004, y + 0.0, 0.06, tone)
        c.disc(x, y + 0.05, 0.026, blend(tone, INK, 0.6))
        c.box((x - 0.002 * r, y - 0.17, x + 0.022, y - 0.14), "#3a2a1c")


def orrery(c: Canvas) -> None:
    """A hand-made solar system on a school shelf."""
    p = c.colours
    c.wash("#24463c", "#2f5a4c")
    for _ in range(40):
        x, y = c.random.random(), c.random.random()
        c.glow(x, y, 0.16, "#4a7a68", 0.3, 0.3)
    c.box((0, 0.86, 1, 1), "#8a5a34")
    c.box((0, 0.86, 1, 0.875), "#c58f5a")
    c.stroke([(0.5, 0.86), (0.5, 0.46)], "#d9ad55", 0.02)
    c.shape([(0.42, 0.88), (0.46, 0.82), (0.54, 0.82), (0.58, 0.88)], "#6b4429")
    for ring in range(1, 7):
        c.arc(0.5, 0.46, ring * 0.075 + 0.02, (0, 360), p.light, 0.0022)
    c.glow(0.5, 0.46, 0.26, "#ffd27a", 0.8)
    c.disc(0.5, 0.46, 0.06, "#f4b942")
    for ring, (size, tone) in enumerate(
        (
            (0.014, "#c9b8a0"),
            (0.02, "#e8c07a"),
            (0.024, "#4f9bc4"),
            (0.018, "#c9513b"),
            (0.046, "#d98e53"),
            (0.036, "#e6cf94"),
        ),
        1,
    ):
        angle = ring * 1.9
        x, y = 0.5 + math.cos(angle) * (ring * 0.075 + 0.02) * c.ratio, 0.46 + math.sin(angle) * (ring * 0.075 + 0.02)
        c.stroke([(0.5, 0.46), (x, y)], "#d9ad55", 0.004, 0.5)
        c.disc(x, y, size, tone)
        c.disc(x - size * 0.2, y - size * 0.3, size * 0.45, "#ffffff", 0.3)
    for k, x in enumerate((0.08, 0.2, 0.82, 0.92)):
        c.box((x - 0.035, 0.7 - 0.03 * k, x + 0.035, 0.86), blend(CLOTH[k], p.light, 0.1), corner=0.012)


def ledger(c: Canvas) -> None:
    """The back of an account book: a line a day, now long, now short."""
    p = c.colours
    c.wash("#d9c59a", "#e8d8b2", "#d3bc8c")
    for x, y in c.scatter(120, (0, 0, 1, 1)):
        c.glow(x, y, c.random.uniform(0.02, 0.16), "#a9803f", 0.12)
    for k in range(52):
        y = 0.06 + k * 0.0172
        reach = 0.34 + 0.2 * math.sin(k * 0.42) + 0.05 * c.random.random()
        c.stroke(
            [(0.12, y), (0.12 + reach / 2, y + 0.002 * c.random.uniform(-1, 1)), (0.12 + reach, y + 0.003)],
            "#3a2f28",
            c.random.uniform(0.0028, 0.0052),
            0.8,
        )
        if k % 14 == 4:
            c.disc(0.09, y, 0.009, p.accent)
    c.box((0.82, 0, 0.822, 1), p.accent, 0.6)
    c.box((0.07, 0, 0.071, 1), p.accent, 0.6)
    c.stroke([(0.72, 0.95), (0.95, 0.3)], "#3a2113", 0.022)
    c.shape([(0.72, 0.95), (0.733, 0.89), (0.742, 0.9)], "#1c120c")
    c.glow(1, 1, 0.7, "#5b3f1c", 0.4)


def bookcover(c: Canvas) -> None:
    """A book standing on a desk, tides on its cover."""
    _table_top = 0.74
    c.wash("#cfd9d6", "#eef0ea", bottom=_table_top)
    c.wash("#b98a5c", "#8a5f39", top=_table_top)
    c.glow(0.52, 0.86, 0.42, INK, 0.5, 0.2)
    c.shape([(0.24, 0.12), (0.3, 0.09), (0.3, 0.83), (0.24, 0.86)], "#0c2f40")
    c.box((0.28, 0.09, 0.76, 0.84), "#f3ead6")
    for k in range(13):
        line = [(0.28 + 0.48 * j / 40, 0.46 + k * 0.03 + 0.02 * math.sin(j * 0.33 + k * 0.7)) for j in range(41)]
        c.shape([*line, (0.76, 0.84), (0.28, 0.84)], blend("#9bcfd0", "#0c3a53", k / 12))
    c.disc(0.62, 0.3, 0.07, "#c9513b")
    for k, wide in enumerate((0.2, 0.14)):
        c.box((0.33, 0.2 + k * 0.045, 0.33 + wide, 0.212 + k * 0.045), "#24424f", 0.7)
    c.shape([(0.76, 0.09), (0.78, 0.1), (0.78, 0.83), (0.76, 0.84)], "#d9cfb8")


def cards(c: Canvas) -> None:
    """Hundreds of cards laid out on a floor, in all colours of cardboard."""
    p = c.colours
    c.wash("#5f4029", "#7a5436")
    for row in range(9):
        for column in range(12):
            x, y = (
                0.02 + column * 0.081 + c.random.uniform(-0.004, 0.004),
                0.025 + row * 0.108 + c.random.uniform(-0.006, 0.006),
            )
            tone = blend(
                c.random.choice(("#e8d8b2", "#d3b98a", "#f3ead6", "#c9a77a", "#dcd3c0", "#b8c4b4")),
                p.light,
                0.2 * c.random.random(),
            )
            tilt = c.random.uniform(-0.005, 0.005)
            c.shape(
                [
                    (x + 0.003, y + 0.012),
                    (x + 0.075, y + 0.012 + tilt),
                    (x + 0.075, y + 0.1 + tilt),
                    (x + 0.003, y + 0.1),
                ],
                INK,
                0.3,
            )
            c.shape([(x, y), (x + 0.072, y + tilt), (x + 0.072, y + 0.09 + tilt), (x, y + 0.09)], tone)
            for line in range(c.random.randrange(1, 4)):
                c.stroke(
                    [
                        (x + 0.01, y + 0.024 + line * 0.022),
                        (x + c.random.uniform(0.03, 0.062), y + 0.024 + line * 0.022 + tilt),
                    ],
                    c.random.choice(("#2b2a28", "#2b2a28", "#a83a2c")),
                    0.0075,
                    0.85,
                )
