"""Maps, sound pictures and instruments."""

from __future__ import annotations

import math

from canvas import INK, Canvas, blend
from PIL import Image


def _heights(c: Canvas, across: int, down: int) -> list[list[float]]:
    """A smooth landscape as a grid of numbers around zero."""
    waves = [
        (c.random.uniform(-2.6, 2.6), c.random.uniform(-2.2, 2.2), c.random.uniform(0, 6.3), 0.75**k) for k in range(9)
    ]
    return [
        [
            sum(high * math.sin(a * x / across * 3 + b * y / down * 3 + late) for a, b, late, high in waves)
            for x in range(across + 1)
        ]
        for y in range(down + 1)
    ]


def _isoline(grid: list[list[float]], level: float) -> list[tuple]:
    """Short lines, in grid units, along which the landscape has this height."""
    lines = []
    for y in range(len(grid) - 1):
        for x in range(len(grid[0]) - 1):
            corners = [
                (x, y, grid[y][x]),
                (x + 1, y, grid[y][x + 1]),
                (x + 1, y + 1, grid[y + 1][x + 1]),
                (x, y + 1, grid[y + 1][x]),
            ]
            hits = []
            for (ax, ay, one), (bx, by, other) in zip(corners, corners[1:] + corners[:1], strict=True):
                if (one < level) != (other < level):
                    share = (level - one) / (other - one)
                    hits.append((ax + (bx - ax) * share, ay + (by - ay) * share))
            lines += [tuple(hits[k : k + 2]) for k in range(0, len(hits) - 1, 2)]
    return lines


def _flood(c: Canvas, grid: list[list[float]], level: float, tone: str) -> None:
    """Fill all land above a height, with a smooth shore."""
    small = Image.new("L", (len(grid[0]), len(grid)))
    small.putdata([max(0, min(255, round(128 + (high - level) * 60))) for row in grid for high in row])
    mask = small.resize((c.width, c.height), Image.Resampling.BICUBIC).point(lambda v: 255 if v > 128 else 0)
    c.image.paste(Image.new("RGB", mask.size, tone), (0, 0), mask)


def contours(c: Canvas, rivers: int = 0, islands: bool = False, dots: int = 0) -> None:
    """A map of height lines, with streams, islands or measuring points."""
    p = c.colours
    across, down = 150, 100
    grid = _heights(c, across, down)
    c.wash(p.high, p.low)
    sea = 0.9 if islands else -9
    if islands:
        c.wash(blend(p.far, p.light, 0.3), blend(p.far, p.mid, 0.25))
        for step in range(6):
            tone = blend("#f0dfb4", "#7f9a5a", step / 5) if step else "#fbf3dc"
            _flood(c, grid, sea + step * 0.45 - (0.12 if not step else 0), tone)
    for step in range(-12, 13):
        level, strong = step * 0.28, step % 4 == 0
        for (ax, ay), (bx, by) in _isoline(grid, level):
            tone = p.mid if not islands or level < sea else blend(p.accent, p.near, 0.3)
            c.stroke(
                [(ax / across, ay / down), (bx / across, by / down)],
                tone,
                0.0042 if strong else 0.0022,
                0.85 if strong else 0.5,
            )
    _rivers(c, rivers)
    for x, y in c.scatter(dots, (0.04, 0.05, 0.96, 0.95)):
        c.disc(x, y, 0.014, p.light)
        c.disc(x, y, 0.01, p.accent)
    if islands:
        route = [(0.08 + 0.84 * k / 60, 0.5 + 0.3 * math.sin(k * 0.17)) for k in range(61)]
        for k in range(0, 60, 2):
            c.stroke(route[k : k + 2], p.near, 0.008)
        for k in range(0, 61, 6):
            c.disc(*route[k], 0.014, p.light)
            c.disc(*route[k], 0.009, p.near)


def _rivers(c: Canvas, count: int) -> None:
    """One river down the map and the streams that join it."""
    if not count:
        return
    trunk = [(0.5 + 0.1 * math.sin(k * 0.07) + 0.012 * math.sin(k * 0.31), k / 118 - 0.01) for k in range(121)]
    for k in range(0, 118, 2):
        c.stroke(trunk[k : k + 4], "#2c7fb0", 0.004 + 0.00011 * k)
    for k in range(count):
        end = trunk[18 + round(k * 92 / count)]
        side = -1 if k % 2 else 1
        start = (end[0] + side * c.random.uniform(0.25, 0.55), end[1] - c.random.uniform(0.12, 0.4))
        bend = c.random.uniform(0, 6)
        line = []
        for step in range(61):
            t = step / 60
            wander = 0.03 * (1 - t) * math.sin(t * 9 + bend) + 0.008 * math.sin(t * 31 + bend) * (1 - t)
            line.append((start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t**1.4 + wander))
        for step in range(0, 58, 2):
            c.stroke(line[step : step + 4], "#2c7fb0", 0.002 + 0.00007 * step)


def soundmap(c: Canvas) -> None:
    """A town in squares, machines in cold and living things in warm colours, streets between."""
    p = c.colours
    c.wash(p.high, p.low)
    for row in range(9):
        for column in range(14):
            x, y = 0.03 + column * 0.0675, 0.04 + row * 0.1035
            warm = math.sin(column * 0.55 + row * 0.4) + 0.7 * math.sin(row * 1.1 - column * 0.3)
            tone = (
                blend(p.accent, "#f1b24a", c.random.random() * 0.7)
                if warm > 0.3
                else blend("#3f7fa0", p.mid, c.random.random())
            )
            if abs(warm) < 0.22:
                tone = blend(p.far, p.light, 0.5)
            c.box((x, y, x + 0.06, y + 0.09), blend(tone, p.light, 0.25 + 0.2 * c.random.random()), corner=0.01)
            if c.random.random() < 0.1:
                c.arc(x + 0.03, y + 0.045, 0.028, (0, 360), p.near, 0.006)
            for k in range(c.random.randrange(1, 5)):
                c.box(
                    (x + 0.008 + k * 0.012, y + 0.075 - 0.05 * c.random.random(), x + 0.014 + k * 0.012, y + 0.08),
                    p.near,
                    0.6,
                )


def ripples(c: Canvas) -> None:
    """Sounds spreading over a plan of streets."""
    p = c.colours
    c.wash(p.high, p.low)
    for k in range(13):
        c.stroke([(k * 0.085, 0), (k * 0.085 + 0.1, 1)], blend(p.low, p.far, 0.6), 0.012)
        c.stroke([(0, k * 0.09), (1, k * 0.09 - 0.12)], blend(p.low, p.far, 0.6), 0.012)
    for x, y, rings, tone in (
        (0.3, 0.42, 12, p.accent),
        (0.72, 0.62, 15, p.mid),
        (0.56, 0.2, 7, "#e0a83f"),
        (0.15, 0.82, 7, "#2c7fb0"),
    ):
        for ring in range(rings, 0, -1):
            c.disc(x, y, ring * 0.034, tone, 0.07)
            c.arc(x, y, ring * 0.034, (0, 360), tone, 0.0035)
        c.disc(x, y, 0.016, tone)


def spectrum(c: Canvas) -> None:
    """The picture of a sound: time from left to right, pitch upwards, whales as bright bows."""
    p = c.colours
    c.wash(blend(p.near, INK, 0.6), p.near, blend(p.mid, p.near, 0.4))
    for x, y in c.scatter(2600, (0, 0, 1, 1)):
        c.box((x, y, x + c.random.uniform(0.003, 0.02), y + 0.004), p.far, 0.28 * (0.3 + y))
    for call, start in enumerate((0.08, 0.36, 0.66)):
        for voice in range(6):
            line = []
            for step in range(60):
                t = step / 59
                y = (
                    0.82
                    - voice * 0.1
                    - 0.09 * math.sin(t * math.pi) * (1 + voice * 0.16)
                    + 0.02 * math.sin(t * 19 + call)
                )
                line.append((start + t * 0.23, y))
            strength = 0.75**voice
            for x, y in line[::3]:
                c.glow(x, y, 0.035, p.light, 0.3 * strength)
            c.stroke(line, blend(p.light, "#ffd27a", 0.3), 0.009 * strength + 0.002, 0.9 * strength)
    for k in range(11):
        c.box((k / 10, 0, k / 10 + 0.0008, 1), p.light, 0.16)
    for k in range(7):
        c.box((0, k / 6, 1, k / 6 + 0.0014), p.light, 0.12)


def circuit(c: Canvas) -> None:
    """Copper paths on a green board, a soldering point glowing."""
    p = c.colours
    c.wash("#0f3d36", "#14594b", "#0d332d")
    for k in range(64):
        x, y = c.random.randrange(1, 40) / 40, c.random.randrange(1, 26) / 26
        line = [(x, y)]
        for _ in range(c.random.randrange(2, 6)):
            dx, dy = c.random.choice(((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1)))
            reach = c.random.randrange(1, 5)
            x, y = x + dx * reach / 40, y + dy * reach / 26
            line.append((x, y))
        c.stroke(line, blend("#d9a441", "#7fae7a", 0.2 + 0.5 * (k % 3) / 3), 0.007, 0.85)
        for end in (line[0], line[-1]):
            c.disc(*end, 0.012, "#e9c46a")
            c.disc(*end, 0.005, "#0d332d")
    for x, y, wide, high in (
        (0.16, 0.2, 0.16, 0.2),
        (0.58, 0.56, 0.2, 0.24),
        (0.7, 0.14, 0.1, 0.16),
        (0.2, 0.66, 0.12, 0.14),
    ):
        for pin in range(9):
            left = x + wide * (pin + 0.5) / 9
            c.box((left - 0.003, y - 0.03, left + 0.003, y + high + 0.03), "#d8d8d0")
        c.box((x, y, x + wide, y + high), "#1b1f26", corner=0.01)
        c.disc(x + 0.018, y + 0.03, 0.01, "#3a424d")
    for x, y in ((0.42, 0.3), (0.48, 0.3), (0.42, 0.82), (0.86, 0.44)):
        c.disc(x, y, 0.045, "#20262e")
        c.disc(x, y, 0.037, p.accent)
    c.glow(0.5, 0.45, 0.24, "#ffdf9e", 0.9)
    c.stroke([(0.505, 0.44), (0.68, 0.08)], "#c0c4c8", 0.016)
    c.stroke([(0.63, 0.18), (0.76, -0.1)], "#c9513b", 0.055)


def lens(c: Canvas) -> None:
    """The rings of a lighthouse lens, or of a mirror being ground."""
    p = c.colours
    c.wash(blend(p.near, INK, 0.4), p.near, blend(p.mid, p.near, 0.5))
    c.glow(0.5, 0.5, 0.8, p.accent, 0.55)
    for ring in range(15, 0, -1):
        radius = ring * 0.031
        tone = blend(blend(p.far, p.light, 0.2 + 0.5 * (ring % 2)), p.accent, 0.5 * (1 - ring / 15))
        c.disc(0.5, 0.5, radius, tone, 0.85)
        c.arc(0.5, 0.5, radius, (0, 360), blend(p.near, INK, 0.2), 0.0035)
        c.arc(0.5, 0.5, radius - 0.008, (200, 260), "#ffffff", 0.005)
        c.arc(0.5, 0.5, radius - 0.008, (20, 60), blend("#9be0ff", p.light, 0.4), 0.004)
    for k in range(12):
        angle = k * math.tau / 12
        c.stroke(
            [
                (0.5 + math.cos(angle) * 0.07 * c.ratio, 0.5 + math.sin(angle) * 0.07),
                (0.5 + math.cos(angle) * 0.48 * c.ratio, 0.5 + math.sin(angle) * 0.48),
            ],
            "#8c6b2f",
            0.007,
        )
    c.arc(0.5, 0.5, 0.48, (0, 360), "#d9ad55", 0.03)
    c.glow(0.5, 0.5, 0.2, "#fff7da", 1)
