"""Rooms: libraries, workshops, a compartment, a hall under glass."""

from __future__ import annotations

import math

from canvas import CLOTH, INK, Canvas, blend

from scenes.parts import sailing_boat


def books(c: Canvas, ladder: bool = True, porthole: bool = False) -> None:
    """A wall of books."""
    p = c.colours
    c.wash(blend(p.near, INK, 0.4), blend(p.near, INK, 0.6))
    tones = [
        p.accent,
        p.light,
        p.far,
        p.mid,
        "#2f6f73",
        "#c9513b",
        "#e0b15a",
        "#40566e",
        "#8f9f6b",
        "#e8dcc4",
        "#7a3b46",
    ]
    for row in range(5):
        floor, x = 0.2 * (row + 1) - 0.012, 0.006
        while x < 0.99:
            broad, high = c.random.uniform(0.008, 0.022), c.random.uniform(0.115, 0.172)
            tone = blend(c.random.choice(tones), INK, c.random.uniform(0, 0.25))
            c.box((x, floor - high, x + broad, floor), tone, corner=0.003)
            c.box((x + broad * 0.75, floor - high, x + broad, floor), INK, 0.2)
            for band in (0.14, 0.2, 0.82):
                c.box(
                    (x, floor - high * (1 - band), x + broad, floor - high * (1 - band) + 0.004),
                    p.light,
                    0.4 * c.random.random(),
                )
            x += broad + (0.0008 if c.random.random() < 0.94 else 0.02)
        c.box((0, floor, 1, floor + 0.014), blend(p.high, p.near, 0.3))
        c.box((0, floor + 0.014, 1, floor + 0.03), INK, 0.35)
    if porthole:
        c.glow(0.68, 0.42, 0.5, INK, 0.5)
        for radius, tone in ((0.27, "#8c6b2f"), (0.255, "#d9ad55"), (0.225, "#8c6b2f")):
            c.disc(0.68, 0.42, radius, tone)
        c.disc(0.68, 0.42, 0.215, "#bfe0e4")
        for k in range(24):
            y = 0.44 + k * 0.008
            half = math.sqrt(max(0, 0.212**2 - (y - 0.42) ** 2)) * c.ratio
            c.box((0.68 - half, y, 0.68 + half, y + 0.0085), blend("#2f92a0", "#0c3a53", k / 24))
    elif ladder:
        for x in (0.6, 0.68):
            c.stroke([(x, -0.02), (x + 0.045, 1.02)], blend(p.light, p.high, 0.5), 0.014)
        for rung in range(9):
            y = 0.06 + rung * 0.115
            c.stroke([(0.6 + 0.045 * y, y), (0.68 + 0.045 * y, y)], blend(p.light, p.high, 0.4), 0.01)
    c.glow(0.3, 0.2, 0.9, p.light, 0.22)
    c.glow(1, 1, 0.9, INK, 0.5)


def readingroom(c: Canvas) -> None:
    """Long tables and green lamps at night, tall windows and bookcases behind."""
    p = c.colours
    c.wash(blend(p.mid, p.near, 0.4), p.mid, blend(p.mid, p.low, 0.35), bottom=0.6)
    for k in range(6):
        _night_window(c, 0.045 + k * 0.16)
    for k in range(7):
        for shelf in range(6):
            floor = 0.2 + shelf * 0.062
            for book in range(5):
                left = k * 0.16 + 0.0045 + book * 0.0062
                tone = blend(c.random.choice((*CLOTH, p.light)), p.mid, 0.35)
                c.box((left, floor - c.random.uniform(0.034, 0.05), left + 0.005, floor), tone)
            c.box((k * 0.16 + 0.003, floor, k * 0.16 + 0.037, floor + 0.006), p.near)
    c.glow(0.5, 0.5, 1.1, p.accent, 0.22)
    c.wash(blend(p.near, p.mid, 0.4), p.near, top=0.58)
    for row in range(4):
        _reading_table(c, row, 0.6 + row * 0.075 + row * row * 0.012, 0.55 + row * 0.42)


def _night_window(c: Canvas, left: float) -> None:
    """A tall arched window with the lights of a town."""
    p = c.colours
    for widen, tone in ((0.008, p.low), (0, "#1b3566")):
        c.disc(left + 0.055, 0.17, 0.098 + widen * 1.8, tone)
        c.box((left - widen, 0.17, left + 0.11 + widen, 0.53), tone)
    c.glow(left + 0.055, 0.5, 0.2, "#5a6fb0", 0.5)
    for x, y in c.scatter(34, (left + 0.005, 0.2, left + 0.105, 0.52)):
        c.disc(x, y, c.random.uniform(0.001, 0.0042), c.random.choice((p.light, p.accent)), c.random.uniform(0.3, 0.9))
    for bar in (0.036, 0.072):
        c.box((left + bar - 0.0014, 0.08, left + bar + 0.0014, 0.53), p.low)
    for y in (0.17, 0.29, 0.41, 0.525):
        c.box((left, y, left + 0.11, y + 0.006), p.low)


def _reading_table(c: Canvas, row: int, y: float, size: float) -> None:
    """One long table: readers behind it, lamps and books on it."""
    p = c.colours
    seats = 8 - row
    for k in range(seats):
        x = (k + 0.62) / seats - 0.02 * (row % 2)
        if c.random.random() < 0.74:
            c.box(
                (x - 0.026 * size, y - 0.062 * size, x + 0.026 * size, y + 0.03),
                c.random.choice(CLOTH),
                1,
                0.026 * size,
            )
            c.disc(x, y - 0.082 * size, 0.026 * size, blend("#d9a982", "#7a4e36", c.random.random()))
            c.disc(
                x,
                y - 0.094 * size,
                0.025 * size,
                c.random.choice(("#2b1d18", "#4a2f20", "#8a8178", "#1c1a1c")),
                1,
                0.72,
            )
    c.box((-0.1, y, 1.1, y + 0.045 * size), blend(p.low, p.accent, 0.3))
    c.box((-0.1, y + 0.045 * size, 1.1, y + 0.075 * size), blend(p.near, p.mid, 0.3))
    for k in range(seats):
        x = (k + 0.62) / seats - 0.02 * (row % 2)
        c.shape(
            [
                (x - 0.024 * size, y + 0.03 * size),
                (x, y + 0.024 * size),
                (x, y + 0.006 * size),
                (x - 0.019 * size, y + 0.01 * size),
            ],
            "#fbf5e4",
        )
        c.shape(
            [
                (x + 0.024 * size, y + 0.03 * size),
                (x, y + 0.024 * size),
                (x, y + 0.006 * size),
                (x + 0.019 * size, y + 0.01 * size),
            ],
            "#efe5cc",
        )
        lamp = x + 0.5 / seats
        c.glow(lamp, y + 0.012 * size, 0.17 * size, p.light, 0.6, 0.42)
        c.box((lamp - 0.0022 * size, y - 0.06 * size, lamp + 0.0022 * size, y + 0.015 * size), "#e0b65a")
        c.box((lamp - 0.012 * size, y + 0.01 * size, lamp + 0.012 * size, y + 0.018 * size), "#e0b65a", 1, 0.004)
        top, foot = y - 0.092 * size, y - 0.05 * size
        shade = [
            (lamp + side * wide * size, at)
            for side, wide, at in ((-1, 0.03, foot), (-1, 0.018, top), (1, 0.018, top), (1, 0.03, foot))
        ]
        c.shape(shade, "#2f8a66")
        c.box((lamp - 0.03 * size, foot - 0.006 * size, lamp + 0.03 * size, foot), p.light)


def hall(c: Canvas) -> None:
    """A bright hall in which the small boat hangs."""
    p = c.colours
    c.wash(blend(p.light, p.far, 0.12), p.light, blend(p.light, p.far, 0.3))
    for k in range(5):
        left = 0.05 + k * 0.19
        c.disc(left + 0.07, 0.27, 0.07 / c.ratio, blend(p.high, p.light, 0.45))
        c.box((left, 0.27, left + 0.14, 0.74), blend(p.high, p.light, 0.45))
        c.box((left + 0.068, 0.15, left + 0.072, 0.74), p.light)
        for y in (0.27, 0.42, 0.57):
            c.box((left, y, left + 0.14, y + 0.006), p.light)
        c.shape([(left, 0.78), (left + 0.14, 0.78), (left + 0.3, 1), (left + 0.1, 1)], "#ffffff", 0.5)
    c.box((0, 0.74, 1, 0.78), blend(p.far, p.light, 0.4))
    c.glow(0.5, 0.88, 0.4, p.near, 0.35, 0.2)
    for x in (0.43, 0.57):
        c.stroke([(x, 0), (x, 0.72)], p.near, 0.0016, 0.6)
    sailing_boat(c, 0.5, 0.74, 0.58, blend(p.accent, p.light, 0.25), p.near)
    for x, size in ((0.2, 0.19), (0.245, 0.13), (0.76, 0.2), (0.81, 0.18)):
        tone = blend(p.near, c.random.choice((p.accent, p.mid, "#e9b44c")), 0.5)
        c.glow(x, 0.92, size * 0.4, p.near, 0.4, 0.2)
        c.disc(x, 0.91 - size, size * 0.13, blend("#c99a78", p.near, 0.2))
        c.box((x - 0.018, 0.91 - size * 0.84, x + 0.018, 0.91), tone, corner=0.025)


def racks(c: Canvas) -> None:
    """Four shelves of greens seen from the front, each under its own violet tube."""
    p = c.colours
    c.wash(p.near, p.high, p.near)
    for row in range(4):
        floor = 0.22 + row * 0.25
        c.wash(blend(p.low, p.light, 0.25), p.low, p.high, top=floor - 0.2, bottom=floor)
        c.box((0, floor - 0.215, 1, floor - 0.195), p.light)
        for layer in range(3):
            for k in range(34):
                x, high = (k + c.random.random()) / 34, c.random.uniform(0.02, 0.115 - 0.03 * layer)
                tone = blend(blend("#2f8f5a", p.accent, c.random.random()), p.low, 0.32 - 0.13 * layer)
                for leaf in range(5):
                    lean = (leaf - 2) * 0.009
                    c.stroke([(x, floor), (x + lean * 0.5, floor - high * 0.6), (x + lean, floor - high)], tone, 0.005)
                    c.disc(x + lean, floor - high, c.random.uniform(0.01, 0.019), tone, 1, 0.7)
        c.box((0, floor, 1, floor + 0.03), blend(p.near, p.light, 0.22))
        for k in range(9):
            c.box((k * 0.125 + 0.03, floor + 0.006, k * 0.125 + 0.055, floor + 0.022), "#f7f3e8", 0.9, 0.003)
    for x in (0.02, 0.345, 0.67, 0.985):
        c.box((x, 0, x + 0.013, 1), blend(p.near, p.light, 0.12))
    c.glow(0.3, 0.4, 0.7, p.light, 0.3)


def greenhouse(c: Canvas, aisle: float = 0.5) -> None:
    """Shelves of seedlings in violet light, running to a point."""
    p = c.colours
    c.wash(p.near, p.high, p.near)
    c.glow(aisle, 0.45, 0.9, p.low, 0.9)
    for depth in range(13, 0, -1):
        far = 1 / (1 + depth * 0.42)
        for side in (-1, 1):
            inner, outer = aisle + side * 0.13 * far * 1.9, aisle + side * 0.66 * far * 1.9
            for shelf in range(5):
                y = 0.45 + (shelf - 2.05) * 0.3 * far * 1.55
                left, right = sorted((inner, outer))
                glow = 0.06 * far * 1.6
                c.box((left, y - 0.22 * far, right, y), blend(p.low, p.near, 0.35 + depth * 0.02), 0.5)
                c.box((left, y - 0.225 * far, right, y - 0.21 * far), p.light, 0.9)
                c.box((left, y, right, y + 0.018 * far), blend(p.near, p.light, 0.3))
                for _k in range(46):
                    x = left + (right - left) * c.random.random()
                    tone = blend(blend("#2f8f5a", p.accent, c.random.random()), p.low, 0.1 + 0.03 * depth)
                    c.disc(x, y - glow * c.random.uniform(0.1, 1.1), glow * c.random.uniform(0.16, 0.34), tone, 1, 0.7)
    c.shape([(aisle - 0.02, 0.5), (aisle + 0.02, 0.5), (aisle + 0.3, 1), (aisle - 0.3, 1)], p.near, 0.55)
    c.glow(aisle, 0.46, 0.2, p.light, 0.9)


def pipes(c: Canvas) -> None:
    """Warm and cold water pipes along a wall of machines."""
    p = c.colours
    c.wash(blend(p.near, INK, 0.3), p.near, blend(p.near, p.mid, 0.5))
    for k in range(9):
        left = 0.02 + k * 0.11
        c.box((left, 0.06, left + 0.095, 0.62), blend(p.near, INK, 0.45), corner=0.01)
        for row in range(17):
            c.box((left + 0.008, 0.085 + row * 0.031, left + 0.087, 0.105 + row * 0.031), blend(p.mid, INK, 0.5))
            for x in range(6):
                tone = c.random.choice((p.accent, p.light, "#62e0a5", blend(p.mid, INK, 0.3), blend(p.mid, INK, 0.3)))
                c.disc(left + 0.014 + x * 0.009, 0.095 + row * 0.031, 0.004, tone)
    for y, tone, thick in ((0.7, "#e2653f", 0.07), (0.82, "#3f8fc0", 0.07), (0.93, "#d9ad55", 0.035)):
        for step in range(14):
            share = step / 13
            c.box(
                (0, y + thick * (share - 0.5), 1, y + thick * (share - 0.5) + thick / 12),
                blend(tone, p.light if share < 0.35 else INK, abs(share - 0.35) * 0.8),
            )
        for x in (0.18, 0.5, 0.82):
            c.box((x, y - thick * 0.62, x + 0.022, y + thick * 0.62), blend(tone, INK, 0.35), corner=0.006)
    c.disc(0.36, 0.7, 0.085, "#f3ead6")
    c.arc(0.36, 0.7, 0.068, (140, 400), "#3a4654", 0.008)
    c.stroke([(0.36, 0.7), (0.385, 0.655)], "#c9513b", 0.01)
    c.glow(0.5, 0, 0.9, p.light, 0.2)


def compartment(c: Canvas) -> None:
    """A made bed by the window of a night train."""
    p = c.colours
    c.wash("#7c5233", "#a06d44", "#6b4429")
    for x in range(26):
        c.box((x * 0.04, 0, x * 0.04 + 0.0012, 1), INK, 0.16)
    c.box((0.3, 0.08, 0.92, 0.6), "#2a1a10", corner=0.06)
    c.box((0.315, 0.105, 0.905, 0.575), p.high, corner=0.05)
    for k in range(12):
        c.box((0.33, 0.13 + k * 0.025, 0.89, 0.157 + k * 0.025), blend(p.high, p.low, k / 11))
    for x, y in c.scatter(60, (0.34, 0.13, 0.88, 0.3)):
        c.disc(x, y, 0.0016, "#ffffff", 0.8)
    for row, tone in enumerate((p.far, p.mid, p.near)):
        line = [(x, y) for x, y in c.curve(0.4 + row * 0.05, 0.03, 2) if 0.33 <= x <= 0.89]
        c.shape([*line, (0.89, 0.56), (0.33, 0.56)], tone)
    for x, y in c.scatter(12, (0.36, 0.45, 0.86, 0.53)):
        c.glow(x, y, 0.02, p.accent, 0.9)
    c.shape([(0.26, 0), (0.36, 0), (0.33, 0.36), (0.27, 0.64)], "#7a2f35")
    c.shape([(0.29, 0), (0.32, 0), (0.3, 0.4), (0.28, 0.6)], INK, 0.16)
    c.shape([(0, 0.72), (1, 0.68), (1, 1), (0, 1)], "#e9e2d2")
    c.shape([(0.34, 0.71), (1, 0.685), (1, 1), (0.24, 1)], "#35506b")
    for k in range(5):
        c.stroke([(0.38 + k * 0.14, 0.71), (0.3 + k * 0.16, 1)], INK, 0.01, 0.14)
    c.shape([(0.34, 0.71), (0.42, 0.706), (0.33, 1), (0.24, 1)], "#f7f3e8")
    c.box((0.03, 0.6, 0.27, 0.78), "#fbf8ef", corner=0.06)
    c.stroke([(0.06, 0.74), (0.24, 0.73)], "#c9c0ac", 0.008, 0.7)
    c.stroke([(0.1, 0.12), (0.1, 0.3)], "#d9ad55", 0.01)
    c.shape([(0.07, 0.36), (0.085, 0.28), (0.115, 0.28), (0.13, 0.36)], "#f7c873")
    c.glow(0.1, 0.4, 0.5, "#ffd98a", 0.55)


def cat(c: Canvas) -> None:
    """A ship's cat before a round window."""
    p = c.colours
    c.wash("#7a4f30", "#94643e", "#5f3c24")
    for x in range(18):
        c.box((x * 0.058, 0, x * 0.058 + 0.002, 1), INK, 0.22)
    for radius, tone in ((0.4, "#8c6b2f"), (0.375, "#d9ad55"), (0.335, "#8c6b2f"), (0.32, p.low)):
        c.disc(0.56, 0.42, radius, tone)
    for k in range(30):
        y = 0.46 + k * 0.0095
        half = math.sqrt(max(0, 0.318**2 - (y - 0.42) ** 2)) * c.ratio
        c.box((0.56 - half, y, 0.56 + half, y + 0.0105), blend(p.far, p.near, k / 30))
    c.box((0, 0.8, 1, 1), "#4a2d1a")
    c.box((0, 0.8, 1, 0.815), "#b07c4c")
    for k in range(6):
        c.box((0.04 + k * 0.034, 0.6 + 0.02 * (k % 3), 0.068 + k * 0.034, 0.8), CLOTH[k], corner=0.004)
    dark, x, y = "#22262e", 0.56, 0.81
    c.glow(x, y, 0.3, INK, 0.5, 0.2)
    c.disc(x, y - 0.14, 0.165, dark, 1, 0.9)
    c.shape([(x - 0.08, y), (x - 0.065, y - 0.3), (x + 0.05, y - 0.3), (x + 0.09, y)], dark)
    c.disc(x - 0.008, y - 0.36, 0.1, dark, 1, 0.88)
    c.shape([(x - 0.062, y - 0.39), (x - 0.058, y - 0.51), (x - 0.015, y - 0.44)], dark)
    c.shape([(x + 0.045, y - 0.39), (x + 0.042, y - 0.51), (x, y - 0.44)], dark)
    c.arc(x + 0.13, y - 0.06, 0.1, (-60, 150), dark, 0.045)
    for eye in (-0.03, 0.014):
        c.disc(x + eye, y - 0.365, 0.016, "#e9c46a", 1, 0.9)
        c.box((x + eye - 0.0014, y - 0.38, x + eye + 0.0014, y - 0.352), INK)


def busplants(c: Canvas) -> None:
    """The last bus, its back seats taken by plants."""
    p = c.colours
    c.wash("#1d2c3d", "#243848", "#16222e")
    c.box((0.04, 0.08, 0.96, 0.56), p.high, corner=0.04)
    for x, y in c.scatter(70, (0.06, 0.12, 0.94, 0.52)):
        c.glow(x, y, c.random.uniform(0.02, 0.07), c.random.choice((p.accent, p.light, "#e2653f", "#7fc4c0")), 0.6)
    for x in (0.34, 0.65):
        c.box((x, 0.08, x + 0.016, 0.56), "#16222e")
    c.box((0, 0.03, 1, 0.045), "#d9ad55")
    for k in range(9):
        c.arc(0.08 + k * 0.11, 0.1, 0.035, (0, 360), "#e6dcc2", 0.009)
    for k in range(4):
        left = 0.03 + k * 0.245
        c.box((left, 0.52, left + 0.215, 1.05), blend("#2f7377", INK, 0.1 + 0.08 * (k % 2)), corner=0.05)
        c.box((left + 0.015, 0.55, left + 0.2, 0.8), blend("#2f7377", p.light, 0.14), corner=0.04)
        x, y = left + 0.107, 0.86
        c.shape(
            [(x - 0.05, y - 0.1), (x + 0.05, y - 0.1), (x + 0.036, y + 0.06), (x - 0.036, y + 0.06)],
            ("#b5623c", "#e8dcc4", "#c9513b", "#8a5a34")[k],
        )
        for leaf in range(22):
            angle = math.radians(-170 + leaf * 7.6 + c.random.uniform(-4, 4))
            reach = c.random.uniform(0.14, 0.36 - 0.05 * (k % 2))
            tip = (x + math.cos(angle) * reach * c.ratio, y - 0.1 + math.sin(angle) * reach)
            tone = blend(("#3f7f4a", "#5b9a56", "#2f6b52", "#7fae5a")[k], p.light, 0.25 * c.random.random())
            side = reach * 0.11
            middle = (x + math.cos(angle) * reach * 0.6 * c.ratio, y - 0.1 + math.sin(angle) * reach * 0.6)
            c.shape(
                [
                    (x, y - 0.1),
                    (middle[0] + math.sin(angle) * side, middle[1] - math.cos(angle) * side),
                    tip,
                    (middle[0] - math.sin(angle) * side, middle[1] + math.cos(angle) * side),
                ],
                tone,
            )
    c.glow(0.5, 0, 0.9, p.accent, 0.28)


def cello(c: Canvas) -> None:
    """A new cello by the workshop window."""
    c.wash("#d9c3a0", "#efe1c6", "#c9a878")
    c.box((0.08, 0.06, 0.44, 0.7), "#bcd7dc")
    for row in range(3):
        line = [(x, y) for x, y in c.curve(0.4 + row * 0.1, 0.06, 1.5) if 0.08 <= x <= 0.44]
        c.shape([*line, (0.44, 0.7), (0.08, 0.7)], blend("#9fbfae", "#3f6a55", row / 2))
    for x in (0.255,):
        c.box((x, 0.06, x + 0.012, 0.7), "#f7f1e2")
    c.box((0.08, 0.36, 0.44, 0.375), "#f7f1e2")
    c.shape([(0.44, 0.06), (0.9, 0.3), (1, 0.9), (0.44, 0.7)], "#fff7de", 0.25)
    c.box((0, 0.86, 1, 1), "#7a5030")
    c.glow(0.66, 0.9, 0.3, INK, 0.5, 0.2)
    body = [
        (0.66 + side * wide * c.ratio, y)
        for side, steps in ((1, 1), (-1, -1))
        for y, wide in (
            (0.36, 0.03),
            (0.38, 0.1),
            (0.43, 0.14),
            (0.49, 0.135),
            (0.55, 0.1),
            (0.6, 0.1),
            (0.65, 0.15),
            (0.73, 0.19),
            (0.81, 0.185),
            (0.87, 0.13),
            (0.89, 0.04),
        )[::steps]
    ]
    c.shape(body, "#8a3f1c")
    c.shape([(0.66 + (x - 0.66) * 0.9, 0.63 + (y - 0.63) * 0.93) for x, y in body], "#b5602a")
    c.shape([(0.655 + (x - 0.66) * 0.55, 0.61 + (y - 0.63) * 0.8) for x, y in body], "#cf8142", 0.55)
    for side in (-1, 1):
        c.stroke(
            [(0.66 + side * (0.055 + 0.012 * math.sin(k * 0.8)) * c.ratio, 0.6 + k * 0.014) for k in range(9)],
            "#2b140a",
            0.009,
        )
    c.box((0.652, 0.1, 0.668, 0.56), "#2b1a10")
    c.arc(0.66, 0.085, 0.026, (0, 320), "#6b3417", 0.018)
    c.shape([(0.648, 0.88), (0.654, 0.74), (0.666, 0.74), (0.672, 0.88)], "#2b1a10")
    c.box((0.645, 0.665, 0.675, 0.68), "#e6cf94")
    for k in range(4):
        c.stroke([(0.6545 + k * 0.0036, 0.12), (0.655 + k * 0.0034, 0.76)], "#e8e4da", 0.0016, 0.9)
    c.stroke([(0.66, 0.89), (0.66, 0.95)], "#c0c4c8", 0.008)
    c.stroke([(0.86, 0.24), (0.78, 0.93)], "#6b3417", 0.012)


def drawers(c: Canvas) -> None:
    """A wall of small drawers, one of them open and glowing."""
    p = c.colours
    c.wash(p.near, blend(p.near, INK, 0.3))
    for row in range(7):
        for column in range(11):
            x, y = 0.012 + column * 0.0895, 0.014 + row * 0.141
            tone = blend(p.mid, p.low, 0.25 + 0.5 * c.random.random())
            c.box((x, y, x + 0.0825, y + 0.128), blend(tone, INK, 0.35), corner=0.008)
            c.box((x + 0.002, y + 0.003, x + 0.08, y + 0.12), tone, corner=0.008)
            c.box((x + 0.024, y + 0.03, x + 0.058, y + 0.055), p.light, 0.9, 0.004)
            c.disc(x + 0.041, y + 0.085, 0.012, INK, 0.4)
            c.disc(x + 0.041, y + 0.08, 0.012, p.accent)
    c.glow(0.59, 0.5, 0.5, p.accent, 0.75)
    c.box((0.549, 0.437, 0.6315, 0.52), "#2b1608", corner=0.006)
    c.box((0.54, 0.49, 0.64, 0.62), p.low, corner=0.01)
    c.box((0.572, 0.52, 0.608, 0.548), p.light, corner=0.004)
    c.disc(0.59, 0.58, 0.014, p.accent)
    for ring in range(1, 6):
        c.arc(0.59, 0.47, 0.05 + ring * 0.035, (210, 330), p.light, 0.006)


def sailloft(c: Canvas) -> None:
    """A sail spread over the floor, its seams, a long window behind."""
    p = c.colours
    c.wash("#c9b598", "#e6d6ba", bottom=0.5)
    for k in range(5):
        left = 0.05 + k * 0.19
        c.box((left, 0.08, left + 0.15, 0.4), p.high)
        c.box((left, 0.26, left + 0.15, 0.4), p.far)
        c.box((left + 0.073, 0.08, left + 0.079, 0.4), "#f7f1e2")
    c.wash("#a9764a", "#6f4a2c", top=0.5)
    for k in range(12):
        c.stroke([(0.5 + (k - 6) * 0.06, 0.5), (0.5 + (k - 6) * 0.24, 1)], INK, 0.003, 0.3)
    c.glow(0.5, 0.84, 0.6, INK, 0.4, 0.25)
    edge = [(0.06, 0.9), (0.42, 0.56), (0.95, 0.62), (0.9, 0.95)]
    c.shape(edge, "#f6f0e2")
    for k in range(1, 9):
        share = k / 9
        left = (0.06 + 0.36 * share, 0.9 - 0.34 * share)
        right = (0.9 + 0.05 * share, 0.95 - 0.33 * share)
        fold = [
            (left[0] + (right[0] - left[0]) * j / 12, left[1] + (right[1] - left[1]) * j / 12 + 0.006 * math.sin(j + k))
            for j in range(13)
        ]
        c.stroke(fold, "#b09a74", 0.004)
        c.stroke([(x, y + 0.008) for x, y in fold], "#8a744f", 0.012, 0.1)
    c.shape([(0.06, 0.9), (0.2, 0.77), (0.4, 0.93)], p.accent, 0.85)
    c.disc(0.72, 0.46, 0.045, "#c99a78")
    c.disc(0.722, 0.435, 0.036, "#efece4", 1, 0.6)
    c.shape([(0.67, 0.68), (0.69, 0.51), (0.75, 0.51), (0.78, 0.68)], "#40566e")
    c.stroke([(0.69, 0.55), (0.64, 0.66)], "#40566e", 0.035)
