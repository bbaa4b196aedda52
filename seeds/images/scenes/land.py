"""Hills, mountains, woods, fields and the night above them."""

from __future__ import annotations

import math

from canvas import INK, Canvas, blend

from scenes.parts import lamp, sun


def hills(c: Canvas, light: float = 0.7, rows: int = 6, tall: float = 1, water: bool = False) -> None:
    """Ridges behind ridges in the mist."""
    p = c.colours
    c.wash(p.high, blend(p.far, p.low, 0.2), p.low, p.low)
    sun(c, light, 0.34)
    for row in range(rows):
        share = row / (rows - 1)
        tone = blend(blend(p.low, p.far, 0.55), p.near, share**1.2)
        y = 0.44 + 0.44 * share
        c.ridge(y, (0.075 - 0.03 * share) * tall, tone, 1.1 + share * 0.8)
        c.fog(y - 0.02, min(1, y + 0.24), p.low, 0.34 * (1 - share))
    if water:
        bends = [(0.5 + 0.16 * math.sin(k * 0.11), 0.66 + k * 0.0058, 0.006 + (k / 60) ** 1.8 * 0.2) for k in range(61)]
        left, right = [(x - half, y) for x, y, half in bends], [(x + half, y) for x, y, half in bends]
        c.shape(left + right[::-1], blend(p.light, p.low, 0.4))
        for x, y, half in bends[8:]:
            c.stroke([(x - half * 0.6, y), (x + half * c.random.uniform(-0.3, 0.7), y)], p.light, 0.0025, 0.7)


def terraces(c: Canvas, frost: bool = False) -> None:
    """Rows of tea along the slopes."""
    p = c.colours
    c.wash(p.high, p.low, p.low)
    sun(c, 0.26, 0.24, 0.05)
    c.ridge(0.36, 0.06, blend(p.low, p.far, 0.6), 1.3)
    c.fog(0.3, 0.55, p.low, 0.7)
    for hill, (y, tone) in enumerate(((0.46, p.far), (0.6, p.mid), (0.78, p.near))):
        line = c.ridge(y, 0.06, tone, 0.7 + hill * 0.2)
        for row in range(1, 15):
            drop = row * (0.014 + 0.009 * hill) + row * row * 0.0012
            stripe = [(x, top + drop + 0.012 * math.sin(x * 9 + hill)) for x, top in line]
            c.stroke(stripe, blend(tone, p.light, 0.55 if frost else 0.2), 0.005 + 0.002 * hill, 0.75)
            c.stroke([(x, top + 0.008 + 0.003 * hill) for x, top in stripe], INK, 0.004 + 0.002 * hill, 0.16)
        c.fog(y - 0.02, y + 0.13, p.low, 0.24 * (2 - hill))


def starlight(c: Canvas, ground: str = "town") -> None:
    """The Milky Way above a dark place."""
    p = c.colours
    c.wash(INK, p.high, p.low, blend(p.low, p.accent, 0.4))
    for step in range(70):
        x = step / 69
        y = 0.08 + 0.55 * x + 0.03 * math.sin(x * 11)
        c.glow(x, y, c.random.uniform(0.07, 0.2), blend(p.light, "#b48cd8", c.random.random() * 0.7), 0.12)
        if step % 3 == 0:
            c.glow(x, y + 0.02, c.random.uniform(0.03, 0.07), INK, 0.3)
    c.stars(900, 0.85)
    for x, y in c.scatter(700, (0, -0.12, 1, 0.12)):
        c.disc(x, y + 0.08 + 0.55 * x, c.random.uniform(0.0006, 0.0014), "#ffffff", 0.7)
    c.ridge(0.78, 0.06, blend(p.near, p.mid, 0.6), 1.4)
    c.ridge(0.88, 0.02, p.near, 0.8)
    if ground == "town":
        for k in range(9):
            left, high = 0.1 + k * 0.09, 0.05 + 0.04 * c.random.random()
            c.box((left, 0.9 - high, left + 0.07, 1), INK)
            c.shape([(left - 0.004, 0.9 - high), (left + 0.035, 0.87 - high), (left + 0.074, 0.9 - high)], INK)
            if k % 3 == 1:
                c.box((left + 0.02, 0.92 - high, left + 0.034, 0.95 - high), "#c4493a")
    elif ground == "telescope":
        c.stroke([(0.3, 0.93), (0.34, 0.72)], INK, 0.012)
        c.stroke([(0.385, 0.93), (0.34, 0.72)], INK, 0.012)
        c.stroke([(0.29, 0.78), (0.42, 0.58)], INK, 0.055)
        c.disc(0.24, 0.79, 0.03, INK)
        c.shape([(0.225, 0.96), (0.228, 0.82), (0.25, 0.81), (0.262, 0.96)], INK)
    else:
        c.box((0.2, 0.885, 0.8, 0.895), INK)
        for k in range(13):
            x = 0.2 + k * 0.05
            lamp(c, x, 0.82 - 0.03 * abs(math.sin(k * 1.57)), 0.005)
            c.disc(x, 0.86, 0.015, INK)
            c.box((x - 0.01, 0.87, x + 0.01, 0.93), INK, corner=0.01)


def peaks(c: Canvas, camp: bool = False, ice: bool = True, aurora: bool = False) -> None:
    """Mountains with a light and a shaded side, a glacier below."""
    p = c.colours
    snow = "#a9c6d2" if aurora else p.light
    c.wash(p.high, p.low, blend(p.low, p.light, 0.1 if aurora else 0.5), bottom=0.8)
    if aurora:
        c.stars(500, 0.6)
        _northern_lights(c)
    for row, (y, tall) in enumerate(((0.56, 0.26), (0.68, 0.36), (0.8, 0.24))):
        tone = blend(p.far, p.mid if row < 2 else p.near, row / 2)
        for k in range(5 - row):
            x = (k + c.random.uniform(0.2, 0.8)) / (5 - row)
            high = tall * c.random.uniform(0.7, 1.1)
            half = high * c.random.uniform(0.45, 0.7)
            cut = [(x + half * 0.04 * math.sin(j * 2.1), y - high + high * j / 6) for j in range(7)]
            c.shape([(x - half, y + 0.02), (x, y - high), *cut, (x + half * 0.1, y + 0.02)], blend(tone, snow, 0.62))
            c.shape([(x, y - high), *cut, (x + half * 0.1, y + 0.02), (x + half, y + 0.02)], tone)
        c.ridge(y, 0.02, blend(tone, snow, 0.25), 2)
        c.fog(y - 0.1, y + 0.08, p.low, 0.5)
    if ice:
        _glacier(c)
    else:
        c.ridge(0.82, 0.03, p.near, 1)
        c.ridge(0.93, 0.02, blend(p.near, INK, 0.35), 1)
        _houses_snow(c)
    if camp:
        for x, y, size in ((0.42, 0.85, 0.07), (0.55, 0.88, 0.09), (0.33, 0.91, 0.1)):
            c.glow(x, y + 0.01, size * 1.3, p.near, 0.4, 0.3)
            c.shape([(x - size * 0.6, y), (x, y - size), (x + size * 0.6, y)], p.accent)
            c.shape([(x, y - size), (x + size * 0.6, y), (x + size * 0.12, y)], blend(p.accent, INK, 0.3))


def _glacier(c: Canvas) -> None:
    """A tongue of ice winding down to the front, dark bands of rubble along its flow."""
    p = c.colours
    steps = [k / 60 for k in range(61)]
    spine = [(0.56 - 0.1 * math.sin(t * 3.4), 0.66 + 0.38 * t**1.3, 0.03 + 0.36 * t**1.5) for t in steps]
    c.shape(
        [(x - half, y) for x, y, half in spine] + [(x + half, y) for x, y, half in spine[::-1]],
        blend(p.light, p.far, 0.12),
    )
    for k in range(-9, 10):
        share = k / 10
        tone = blend(p.mid, p.near, 0.4) if k in (-3, 4) else blend(p.far, "#4fa3c7", 0.5)
        band = [(x + half * share + 0.004 * math.sin(y * 60 + k), y) for x, y, half in spine]
        for start in range(0, 57, 4):
            c.stroke(band[start : start + 5], tone, 0.0012 + 0.00012 * start, 0.75 if k in (-3, 4) else 0.45)
    for x, y, half in spine[14:]:
        for _ in range(4):
            left = x + c.random.uniform(-0.9, 0.8) * half
            c.stroke([(left, y), (left + half * 0.12, y + 0.006)], "#3f8fb8", 0.0035, 0.6)


def _northern_lights(c: Canvas) -> None:
    """Curtains of rays, brightest at their lower hem."""
    p = c.colours
    for curtain in range(3):
        hem = c.curve(0.34 - curtain * 0.06, 0.05, 0.8, 700)
        shade = 0.0
        for x, y in hem:
            shade = 0.93 * shade + 0.07 * c.random.random() * 2
            tall = 0.12 + 0.22 * shade
            for part in range(8):
                tone = blend(p.accent, "#8f6fe6", part / 8)
                c.stroke(
                    [(x, y - tall * part / 8), (x + 0.004, y - tall * (part + 1) / 8)],
                    tone,
                    0.004,
                    0.3 * shade * (1 - part / 8) ** 1.4,
                )


def _houses_snow(c: Canvas) -> None:
    """Small wooden houses with lit windows and white roofs, scattered over a slope."""
    p = c.colours
    for x, y in sorted(c.scatter(26, (0.02, 0.8, 0.96, 0.95)), key=lambda point: point[1]):
        size = 0.03 + (y - 0.78) * 0.2
        broad = size * c.ratio * 1.25
        wall = c.random.choice(("#7c3b36", "#8a6a3f", "#35506b", "#5b4a58"))
        c.box((x, y - size, x + broad, y), blend(wall, p.near, 0.35))
        c.shape(
            [(x - broad * 0.1, y - size), (x + broad / 2, y - size * 1.65), (x + broad * 1.1, y - size)],
            blend(p.light, p.far, 0.15),
        )
        c.glow(x + broad / 2, y - size / 2, size * 1.4, p.accent, 0.35)
        for column in (0.22, 0.6):
            c.box((x + broad * column, y - size * 0.72, x + broad * (column + 0.2), y - size * 0.3), p.light)


def snowtown(c: Canvas) -> None:
    """A town below mountains on the darkest noon."""
    p = c.colours
    c.wash(p.high, blend(p.high, p.low, 0.6), p.low, p.accent, bottom=0.62)
    c.stars(220, 0.3)
    c.ridge(0.5, 0.09, blend(p.far, p.low, 0.3), 1.6)
    c.fog(0.42, 0.66, p.low, 0.45)
    c.ridge(0.64, 0.05, blend(p.light, p.far, 0.62), 1.2)
    c.ridge(0.76, 0.03, blend(p.light, p.far, 0.5), 0.9)
    _houses_snow(c)
    for x, y in c.scatter(420, (0, 0, 1, 1)):
        c.disc(x, y, c.random.uniform(0.0012, 0.004), "#ffffff", c.random.uniform(0.25, 0.8))


def forest(c: Canvas) -> None:
    """Tall spruces in morning mist."""
    p = c.colours
    c.wash(p.high, p.low, p.light)
    c.glow(0.62, 0.36, 0.6, p.light, 0.8)
    for row in range(5):
        tone = blend(p.low, p.near, 0.2 + row * 0.2)
        for k in range(16 - row * 2):
            x = (k + c.random.random()) / (16 - row * 2)
            high = c.random.uniform(0.5, 0.8) * (0.55 + row * 0.17)
            foot = 0.72 + row * 0.09
            c.box((x - 0.003, foot - high, x + 0.003, foot + 0.05), tone)
            for layer in range(13):
                y = foot - high + layer * high / 14
                half = (0.006 + layer * 0.0046) * (0.6 + row * 0.16)
                c.shape([(x, y - high * 0.07), (x - half, y + high * 0.07), (x + half, y + high * 0.07)], tone)
        c.fog(0.35 + row * 0.09, 0.78 + row * 0.09, p.low, 0.5 - row * 0.11)
    for k in range(5):
        c.shape([(0.6 + k * 0.03, 0), (0.63 + k * 0.03, 0), (0.3 + k * 0.13, 1), (0.18 + k * 0.13, 1)], p.light, 0.09)


def wheat(c: Canvas) -> None:
    """Ears of wheat before a low sun."""
    p = c.colours
    c.wash(p.high, p.low, blend(p.low, p.light, 0.5), bottom=0.9)
    c.glow(0.62, 0.46, 0.7, p.light, 0.9)
    c.disc(0.62, 0.46, 0.1, p.light)
    for row in range(4):
        for _k in range(64 - row * 12):
            x, top = c.random.uniform(-0.02, 1.02), 0.5 + row * 0.09 - 0.12 * c.random.random() - 0.06 * row
            size, lean = 0.012 + row * 0.0085, c.random.uniform(-0.03, 0.05)
            tone = blend("#edc766", "#8f5d22", 0.2 + 0.2 * row + 0.2 * c.random.random())
            c.stroke([(x, 1.02), (x + lean * 0.4, 0.8), (x + lean, top)], tone, size * 0.2)
            for grain in range(11):
                y, full = top - size * 0.62 * grain, 0.35 + 0.65 * math.sin(math.pi * (grain + 1) / 12.5)
                for side in (-1, 1):
                    at = x + lean + side * size * 0.36 * full * c.ratio
                    c.stroke([(at, y), (at + side * size * full * c.ratio, y - size * 2.4)], tone, size * 0.06, 0.7)
                    c.disc(
                        at,
                        y + side * size * 0.16,
                        size * 0.36 * full,
                        blend(tone, "#fff0c0", 0.12 * (grain % 2)),
                        1,
                        1.35,
                    )


def rooster(c: Canvas) -> None:
    """An iron rooster turning above a roof."""
    p = c.colours
    c.wash(p.high, p.low, p.light)
    for _k in range(6):
        c.glow(c.random.random(), c.random.uniform(0.15, 0.6), c.random.uniform(0.2, 0.35), p.light, 0.6, 0.3)
    c.ridge(0.78, 0.05, blend(p.low, p.far, 0.7), 1.2)
    c.ridge(0.86, 0.04, p.mid, 1.4)
    dark = "#4a2a20"
    c.shape([(0.1, 1), (0.5, 0.76), (0.9, 1)], "#8a4f3a")
    for k in range(7):
        c.stroke([(0.5, 0.77 + k * 0.035), (0.5 - 0.05 - k * 0.055, 0.79 + k * 0.035)], INK, 0.004, 0.3)
        c.stroke([(0.5, 0.77 + k * 0.035), (0.5 + 0.05 + k * 0.055, 0.79 + k * 0.035)], INK, 0.004, 0.3)
    c.stroke([(0.5, 0.78), (0.5, 0.44)], dark, 0.014)
    c.stroke([(0.32, 0.58), (0.68, 0.58)], dark, 0.012)
    c.shape([(0.68, 0.55), (0.72, 0.58), (0.68, 0.61)], p.accent)
    c.shape([(0.3, 0.55), (0.34, 0.58), (0.3, 0.61)], dark)
    body = [
        (0.385, 0.2),
        (0.41, 0.34),
        (0.46, 0.43),
        (0.54, 0.44),
        (0.6, 0.37),
        (0.615, 0.26),
        (0.645, 0.235),
        (0.615, 0.215),
        (0.6, 0.17),
        (0.57, 0.2),
        (0.565, 0.28),
        (0.53, 0.32),
        (0.49, 0.32),
        (0.46, 0.24),
        (0.44, 0.14),
        (0.41, 0.12),
        (0.37, 0.13),
    ]
    c.shape(body, dark)
    c.shape([(0.4, 0.13), (0.36, 0.2), (0.37, 0.32), (0.44, 0.4), (0.47, 0.33), (0.43, 0.24)], p.accent)
    for x in (0.578, 0.592, 0.606):
        c.disc(x, 0.165, 0.02, p.accent)
    c.disc(0.598, 0.215, 0.008, p.light)


def weatherbox(c: Canvas) -> None:
    """A louvred box made of school desks, on a slope above tea rows."""
    p = c.colours
    c.wash(p.high, p.low, p.light)
    for row in range(4):
        tone = blend(p.low, p.mid, 0.3 + row * 0.2)
        line = c.ridge(0.4 + row * 0.13, 0.05, tone, 1)
        for k in range(1, 7):
            c.stroke([(x, y + k * 0.02) for x, y in line], blend(tone, p.near, 0.4), 0.005, 0.5)
        c.fog(0.36 + row * 0.13, 0.56 + row * 0.13, p.low, 0.35 - row * 0.09)
    for x in (0.55, 0.72):
        c.stroke([(x, 0.96), (x + 0.01, 0.6)], "#f3ead6", 0.018)
    c.box((0.53, 0.28, 0.75, 0.62), "#fbf8ef", corner=0.008)
    for k in range(9):
        y = 0.32 + k * 0.031
        c.box((0.545, y, 0.735, y + 0.02), "#d5cdb8")
        c.box((0.545, y + 0.015, 0.735, y + 0.02), INK, 0.25)
    c.shape([(0.51, 0.28), (0.64, 0.2), (0.77, 0.28)], "#b5623c")
    for x, tone, high in ((0.34, "#c9513b", 0.23), (0.42, "#40566e", 0.2)):
        c.glow(x, 0.93, 0.1, INK, 0.4, 0.25)
        c.disc(x, 0.91 - high, 0.036, "#3a2a20")
        c.box((x - 0.026, 0.945 - high, x + 0.026, 0.85), tone, corner=0.02)
        c.box((x - 0.02, 0.83, x + 0.02, 0.92), "#2b3a48", corner=0.008)
    c.box((0.435, 0.765, 0.475, 0.82), "#f7f3e8", corner=0.004)


def stream(c: Canvas) -> None:
    """A creek brought back to daylight between grasses and houses."""
    p = c.colours
    c.wash(p.high, p.low, bottom=0.45)
    c.glow(0.55, 0.3, 0.5, p.light, 0.7)
    for k in range(9):
        x, top = k * 0.12 - 0.02, 0.2 + 0.1 * c.random.random()
        tone = blend(p.low, c.random.choice(("#c98f6a", "#a8616a", "#8fa3b0", "#d9b98a")), 0.65)
        c.box((x, top, x + 0.113, 0.5), tone)
        for a in range(3):
            for b in range(3):
                c.box(
                    (x + 0.016 + a * 0.032, top + 0.035 + b * 0.07, x + 0.034 + a * 0.032, top + 0.075 + b * 0.07),
                    blend(p.near, p.light, 0.6 * (c.random.random() < 0.3)),
                    0.75,
                )
    c.wash("#8fae62", "#5f8a4c", "#3f6a45", top=0.47)
    water = [
        (0.5 + 0.09 * math.sin(t * 0.3) * (1 + t / 30), 0.47 + (t / 40) ** 1.5 * 0.55, 0.012 + (t / 40) ** 1.5 * 0.16)
        for t in range(41)
    ]
    c.shape([(x - half, y) for x, y, half in water] + [(x + half, y) for x, y, half in water[::-1]], "#6fb3c4")
    for x, y, half in water[2:]:
        for _ in range(2):
            shift = c.random.uniform(-0.7, 0.5) * half
            c.stroke([(x + shift, y), (x + shift + half * 0.4, y)], "#eefaf6", 0.004, 0.7)
    for x, y, half in water[4:]:
        for side in (-1, 1):
            for _ in range(7):
                left = x + side * (half + c.random.uniform(0, 0.05))
                high = c.random.uniform(0.03, 0.09) * (0.4 + y * 0.9)
                c.stroke(
                    [(left, y + 0.01), (left + c.random.uniform(-0.012, 0.012), y - high)],
                    c.random.choice(("#3f6a45", "#7fae5a", "#c9b458", "#2d5546")),
                    0.005,
                )
    for x, y in ((0.62, 0.6), (0.36, 0.72), (0.7, 0.8)):
        c.stroke([(x, y), (x + 0.022, y - 0.012)], p.accent, 0.006)
        c.disc(x + 0.006, y - 0.012, 0.012, "#e9fbf6", 0.7, 0.4)
