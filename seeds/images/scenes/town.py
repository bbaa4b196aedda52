"""Streets, stations and what hangs, stands or waits in them."""

from __future__ import annotations

import math

from canvas import CLOTH, INK, Canvas, blend

from scenes.parts import houses, mirror


def skyline(c: Canvas, wet: bool = True, lit: float = 0.3, beds: bool = False) -> None:
    """A city after sunset, in the street's water or above roof gardens."""
    p = c.colours
    c.wash(p.high, blend(p.far, p.low, 0.15), p.low, blend(p.low, p.light, 0.3), bottom=0.7)
    c.glow(0.55, 0.62, 0.7, p.light, 0.45)
    base = 0.66 if wet else 0.8
    for tone, tall, share in ((blend(p.far, p.low, 0.5), 0.42, 0.06), (p.far, 0.36, 0.14), (p.near, 0.28, lit)):
        houses(c, base, tone, share, (0.025, 0.075), tall)
    if wet:
        mirror(c, base, p.near, 0.3)
    if beds:
        c.box((0, 0.7, 1, 1), blend(p.near, p.mid, 0.3))
        c.box((0, 0.69, 1, 0.71), p.light, 0.5)
        for k in range(5):
            left = 0.03 + k * 0.195
            c.box((left, 0.82, left + 0.165, 0.97), blend("#7a4f33", p.near, 0.2 + 0.05 * (k % 2)))
            for x, y in c.scatter(60, (left, 0.74, left + 0.16, 0.84)):
                c.disc(
                    x, y, c.random.uniform(0.008, 0.022), blend("#4f8f4a", p.light, c.random.uniform(0, 0.45)), flat=0.7
                )


def _train(c: Canvas, y: float, size: float, body: str, lit: str, lean: float = 0) -> None:
    """Carriages from edge to edge, every window lit."""
    for k in range(9):
        left = -0.1 + k * 0.15
        drop = lean * left
        c.box((left, y - size + drop, left + 0.147, y + drop), body, corner=0.012)
        c.box((left, y - size * 0.3 + drop, left + 0.147, y - size * 0.22 + drop), c.colours.accent)
        for window in range(6):
            x = left + 0.011 + window * 0.0222
            glow = blend(lit, body, c.random.choice((0, 0, 0.15, 0.7)))
            c.box((x, y - size * 0.8 + drop, x + 0.0165, y - size * 0.42 + drop), glow, corner=0.006)
        for wheel in (0.025, 0.045, 0.1, 0.12):
            c.disc(left + wheel, y + drop + size * 0.06, size * 0.1, INK)


def station(c: Canvas) -> None:
    """A night train under the arched roof, just before it leaves."""
    p = c.colours
    c.wash(p.near, p.mid, blend(p.mid, p.low, 0.4))
    for k in range(9):
        size = 1.15 - k * 0.11
        c.arc(0.5, 0.72, size, (180, 360), blend(p.near, p.low, k * 0.075), 0.02 - k * 0.0012)
    for k in range(13):
        angle = math.radians(180 + k * 15)
        c.stroke(
            [
                (0.5 + math.cos(angle) * 1.15 * c.ratio, 0.72 + math.sin(angle) * 1.15),
                (0.5 + math.cos(angle) * 0.24 * c.ratio, 0.72 + math.sin(angle) * 0.24),
            ],
            blend(p.near, p.low, 0.35),
            0.004,
            0.8,
        )
    c.glow(0.5, 0.66, 0.36, p.light, 0.8)
    c.box((0, 0.84, 1, 1), blend(p.near, INK, 0.4))
    c.box((0, 0.84, 1, 0.852), p.light, 0.5)
    _train(c, 0.82, 0.26, blend(p.far, p.near, 0.55), p.light)
    for k in range(20):
        c.glow(0.03 + k * 0.05, 0.9, 0.05, p.accent, 0.28, 0.4)
    c.disc(0.84, 0.28, 0.085, p.near)
    c.disc(0.84, 0.28, 0.074, p.light)
    c.stroke([(0.84, 0.28), (0.84 - 0.045 * c.ratio, 0.275)], p.near, 0.009)
    c.stroke([(0.84, 0.28), (0.84 + 0.02 * c.ratio, 0.225)], p.near, 0.007)
    for x, high in ((0.14, 0.15), (0.175, 0.13), (0.63, 0.155)):
        c.disc(x, 0.955 - high, 0.02, INK)
        c.box((x - 0.013, 0.972 - high, x + 0.013, 0.985), INK, corner=0.02)
        c.box((x + 0.018, 0.93, x + 0.036, 0.985), p.accent, corner=0.008)


def viaduct(c: Canvas) -> None:
    """A train high above a misty valley at dawn."""
    p = c.colours
    c.wash(p.high, p.far, p.low)
    c.glow(0.7, 0.3, 0.45, p.light, 0.6)
    c.disc(0.7, 0.3, 0.055, p.light)
    for row in range(4):
        c.ridge(0.4 + row * 0.08, 0.06, blend(blend(p.low, p.far, 0.6), p.mid, row / 4), 1.3)
        c.fog(0.42 + row * 0.08, 0.66 + row * 0.08, p.low, 0.6)
    stone = blend(p.near, p.accent, 0.14)
    _train(c, 0.485, 0.075, blend(p.near, INK, 0.25), p.light)
    c.box((0, 0.49, 1, 0.53), stone)
    for k in range(9):
        left = -0.02 + k * 0.125
        c.box((left, 0.52, left + 0.026, 1), stone)
        c.box((left + 0.016, 0.52, left + 0.026, 1), INK, 0.2)
        bow = [
            (0.0495 * (1 - math.sin(k * math.pi / 40)), 0.525 + 0.085 * (1 - math.cos(k * math.pi / 40)))
            for k in range(21)
        ]
        c.shape([(left + 0.026, 0.525), *((left + 0.026 + gap, y) for gap, y in bow)], stone)
        c.shape([(left + 0.125, 0.525), *((left + 0.125 - gap, y) for gap, y in bow)], stone)
    c.fog(0.66, 1, p.low, 0.9)
    c.ridge(0.95, 0.035, p.near, 1.7)


def facade(c: Canvas, lit: float = 0.12, shop: str = "", wheat: bool = False) -> None:
    """The front of a house: windows, and at its foot a shop, or wheat on each balcony."""
    p = c.colours
    c.wash(blend(p.far, p.mid, 0.3), p.far, blend(p.far, p.near, 0.4))
    floors, across = (5, 6) if wheat else (3, 6)
    high = 0.9 / floors if wheat else 0.19
    for row in range(floors):
        for column in range(across):
            x, y = 0.045 + column * 0.16, 0.05 + row * high
            glow = p.light if c.random.random() < lit else blend(p.near, p.high, 0.5)
            c.box((x - 0.006, y - 0.012, x + 0.116, y + high * 0.74), blend(p.far, p.light, 0.45))
            c.box((x, y, x + 0.11, y + high * 0.7), glow)
            c.box((x, y, x + 0.11 * c.random.uniform(0.1, 0.4), y + high * 0.7), blend(glow, p.light, 0.4), 0.8)
            c.box((x + 0.053, y, x + 0.057, y + high * 0.7), blend(p.far, p.light, 0.45))
            if wheat:
                _wheat_box(c, x, y + high * 0.72)
    if shop:
        _shop(c, shop)
    c.glow(0, 0, 0.8, p.near, 0.4)


def _wheat_box(c: Canvas, x: float, y: float) -> None:
    """A balcony with standing wheat."""
    p = c.colours
    for stalk in range(34):
        left, tall = x - 0.012 + stalk * 0.004, c.random.uniform(0.05, 0.088)
        tone = blend("#e3b448", "#b8792b", c.random.random())
        c.stroke([(left, y), (left + 0.003, y - tall)], tone, 0.0026)
        c.disc(left + 0.003, y - tall, 0.0065, tone, 1, 1.7)
    c.box((x - 0.016, y - 0.02, x + 0.128, y + 0.03), blend(p.accent, p.near, 0.25), corner=0.006)
    for bar in range(12):
        c.box((x - 0.01 + bar * 0.0118, y - 0.016, x - 0.008 + bar * 0.0118, y + 0.026), p.light, 0.35)


def _shop(c: Canvas, kind: str) -> None:
    """A lit shop window at street level with people or goods before it."""
    p = c.colours
    c.box((0, 0.62, 1, 1), blend(p.near, INK, 0.35))
    c.box((0.2, 0.66, 0.66, 0.9), p.light)
    c.glow(0.43, 0.8, 0.5, p.accent, 0.5)
    for k in range(12):
        c.box((0.18 + k * 0.042, 0.615, 0.222 + k * 0.042, 0.68), p.accent if k % 2 else p.light, corner=0.004)
    c.box((0.7, 0.67, 0.79, 0.92), blend(p.accent, INK, 0.35), corner=0.006)
    c.box((0.712, 0.69, 0.778, 0.8), p.light, 0.85)
    for k in range(9):
        x = 0.225 + k * 0.05
        if kind == "bread":
            for row in range(2):
                c.disc(x + 0.01, 0.79 + row * 0.075, 0.03, blend("#c47a35", "#7a451d", c.random.random()), 1, 0.6)
            c.box((0.2, 0.815, 0.66, 0.823), blend(p.near, INK, 0.2))
        elif kind == "soup" and k % 2 == 0:
            tone = c.random.choice(CLOTH)
            c.disc(x + 0.01, 0.755, 0.028, blend("#c99a78", "#5b3a2a", c.random.random()))
            c.box((x - 0.012, 0.785, x + 0.034, 0.9), tone, corner=0.03)
        elif kind == "noodle" and k % 3 == 0:
            c.glow(x + 0.02, 0.72, 0.09, "#ffffff", 0.6, 1.6)
            c.disc(x + 0.02, 0.86, 0.045, "#f7f3e8", 1, 0.6)
            c.disc(x + 0.02, 0.852, 0.036, "#e9c46a", 1, 0.4)
    c.box((0, 0.92, 1, 1), blend(p.near, INK, 0.55))
    c.glow(0.43, 0.96, 0.5, p.accent, 0.5, 0.25)
    if kind == "noodle":
        c.shape([(0.84, 0.95), (0.86, 0.7), (0.94, 0.7), (0.96, 0.95)], "#6b4429")
        c.box((0.855, 0.72, 0.945, 0.88), "#20302c")
        for row in range(3):
            c.stroke(
                [(0.868, 0.757 + row * 0.042), (0.868 + c.random.uniform(0.03, 0.06), 0.755 + row * 0.042)],
                "#e8ece4",
                0.006,
                0.8,
            )


def doors(c: Canvas) -> None:
    """A lane of doors, no two of one colour."""
    p = c.colours
    c.wash(p.low, blend(p.low, p.far, 0.35))
    for x, y in c.scatter(500, (0, 0, 1, 0.86)):
        c.box((x, y, x + 0.02, y + 0.014), blend(p.far, p.light, c.random.random()), 0.28)
    for k, tone in enumerate(("#2f7377", "#c9513b", "#e0a83f", "#40566e", "#6b8f5a", "#8a3f52")):
        left = 0.03 + k * 0.163
        c.box((left - 0.01, 0.2, left + 0.13, 0.88), blend(p.mid, p.light, 0.3))
        c.box((left, 0.225, left + 0.12, 0.88), tone)
        for column in (0.012, 0.064):
            for top, bottom in ((0.27, 0.5), (0.54, 0.83)):
                c.box((left + column, top, left + column + 0.044, bottom), INK, 0.14)
                c.box(
                    (left + column + 0.003, top + 0.008, left + column + 0.041, bottom - 0.006),
                    blend(tone, p.light, 0.12),
                )
        c.disc(left + 0.11, 0.56, 0.011, "#e9c46a")
        c.box((left + 0.04, 0.1, left + 0.082, 0.165), "#2a5d8f", corner=0.006)
        c.box((left + 0.046, 0.112, left + 0.076, 0.153), p.light, 0.9, 0.004)
        if k % 2:
            c.shape([(left + 0.09, 0.93), (left + 0.097, 0.86), (left + 0.128, 0.86), (left + 0.135, 0.93)], "#a8583a")
            for x, y in c.scatter(24, (left + 0.085, 0.74, left + 0.14, 0.86)):
                c.disc(x, y, 0.016, blend("#4f7f4a", p.light, 0.4 * c.random.random()))
    c.box((0, 0.92, 1, 1), blend(p.mid, p.near, 0.4))
    c.shape([(0, 0), (1, 0), (1, 0.12), (0.5, 0.34), (0, 0.72)], p.near, 0.16)


def lanterns(c: Canvas, near: bool = False) -> None:
    """Paper lanterns over a lane at night, or large ones near."""
    p = c.colours
    c.wash(blend(p.high, INK, 0.3), p.high, blend(p.high, p.low, 0.45))
    c.glow(0.5, 0.72, 0.6, p.accent, 0.5)
    if not near:
        for side in (0, 1):
            for k in range(7):
                far = 0.5 - 0.5 * 0.72**k if side == 0 else 0.5 + 0.5 * 0.72**k
                edge = 0.5 - 0.5 * 0.72 ** (k + 1) if side == 0 else 0.5 + 0.5 * 0.72 ** (k + 1)
                deep = 0.72**k
                c.shape(
                    [
                        (far, 0.72 - 0.6 * deep),
                        (edge, 0.72 - 0.43 * deep),
                        (edge, 0.72 + 0.2 * deep),
                        (far, 0.72 + 0.28 * deep),
                    ],
                    blend(p.near, p.low, 0.06 * k),
                )
                c.shape(
                    [
                        (far, 0.72 - 0.04 * deep),
                        (edge, 0.72 - 0.03 * deep),
                        (edge, 0.72 + 0.14 * deep),
                        (far, 0.72 + 0.19 * deep),
                    ],
                    p.accent,
                    0.35,
                )
        c.shape([(0.46, 0.73), (0.54, 0.73), (1, 1), (0, 1)], p.near, 0.7)
        c.glow(0.5, 0.88, 0.45, p.accent, 0.5, 0.35)
    rows = 3 if near else 9
    for row in range(rows):
        size = (0.12 + 0.02 * row) if near else 0.012 * 1.28**row
        y0 = (0.26 + row * 0.24) if near else 0.6 - 0.052 * row
        count = 5 if near else 6 + row % 2
        for k in range(count):
            x = (
                (k + 0.5 + 0.2 * (row % 2)) / count
                if near
                else 0.5 + (k / (count - 1) - 0.5) * min(1.1, 0.1 * 1.35**row)
            )
            y = y0 + (0.02 if near else size * 1.4) * math.sin(k * 2.2 + row)
            tone = blend(
                c.random.choice(("#e2503a", "#f0a03c", "#f7d98a", "#d9684a", "#f3b8a0")),
                p.light,
                0.15 * c.random.random(),
            )
            c.stroke([(x, y - size * 2.2), (x, y - size * 0.8)], p.near, size * 0.05)
            c.glow(x, y, size * 2.6, tone, 0.55)
            c.disc(x, y, size, tone, 1, 0.86)
            for rib in (0.35, 0.7):
                c.disc(x, y, size * rib, p.light, 0.2, 0.86 / rib)
            for end in (-0.86, 0.86):
                c.box(
                    (
                        x - size * 0.3 * c.ratio,
                        y + size * end - size * 0.06,
                        x + size * 0.3 * c.ratio,
                        y + size * end + size * 0.06,
                    ),
                    p.near,
                )
            c.stroke([(x, y + size * 0.9), (x, y + size * 1.45)], "#e2503a", size * 0.09)


def umbrellas(c: Canvas, box: bool = False, rain: bool = True) -> None:
    """Umbrellas from above in the rain, or upright in a box by a door."""
    p = c.colours
    if box:
        c.wash(p.low, blend(p.low, p.far, 0.5))
        c.wash(blend(p.far, p.near, 0.2), blend(p.far, p.near, 0.5), top=0.8)
        for k in range(9):
            x, lean = 0.36 + k * 0.035, (k - 4) * 0.022
            tone = CLOTH[k % len(CLOTH)]
            c.shape([(x - 0.012, 0.72), (x + lean - 0.027, 0.3), (x + lean + 0.027, 0.3), (x + 0.012, 0.72)], tone)
            c.shape([(x, 0.72), (x + lean, 0.3), (x + lean + 0.027, 0.3), (x + 0.012, 0.72)], INK, 0.16)
            c.stroke([(x + lean, 0.31), (x + lean * 1.35, 0.16)], "#5b3a24", 0.012)
            c.arc(x + lean * 1.35 + 0.018 * c.ratio, 0.16, 0.018, (180, 360), "#5b3a24", 0.012)
        c.glow(0.5, 0.92, 0.45, INK, 0.5, 0.2)
        c.box((0.3, 0.58, 0.7, 0.9), "#3f6f8f", corner=0.012)
        for y in (0.66, 0.74, 0.82):
            c.box((0.3, y, 0.7, y + 0.006), INK, 0.2)
        c.shape([(0.3, 0.58), (0.7, 0.58), (0.7, 0.9)], INK, 0.08)
        return
    c.wash(blend(p.near, p.high, 0.5), p.mid, blend(p.mid, p.far, 0.6))
    for x, y in c.scatter(60, (0, 0, 1, 1)):
        c.glow(x, y, c.random.uniform(0.03, 0.1), c.random.choice((p.accent, p.light)), 0.22, 0.3)
    rows, columns = (0.1, 0.34, 0.58, 0.82, 1.02), (0.08, 0.29, 0.5, 0.71, 0.92)
    spots = [(x + c.random.uniform(-0.06, 0.06), y + c.random.uniform(-0.06, 0.06)) for y in rows for x in columns]
    for k, (x, y) in enumerate(spots):
        if c.random.random() < 0.2:
            continue
        size = c.random.uniform(0.1, 0.15)
        tone, turn = c.random.choice(CLOTH), c.random.uniform(0, 1)
        c.glow(x + 0.015, y + 0.05, size * 1.3, INK, 0.55)
        rim = [
            (x + math.cos(turn + j * math.tau / 8) * size * c.ratio, y + math.sin(turn + j * math.tau / 8) * size)
            for j in range(9)
        ]
        for j in range(8):
            c.shape(
                [(x, y - size * 0.12), rim[j], rim[j + 1]],
                blend(tone, p.light if 3 < j < 7 else INK, 0.1 + 0.06 * (j % 2) + 0.002 * k),
            )
        c.disc(x, y - size * 0.12, 0.008, p.light)
    if rain:
        for x, y in c.scatter(260, (0, 0, 1, 1)):
            c.stroke([(x, y), (x - 0.006, y + 0.035)], "#ffffff", 0.0016, 0.4)


def bicycles(c: Canvas, count: int = 3, hill: bool = False) -> None:
    """Bicycles against a wall, or on the crest of a hill."""
    p = c.colours
    if hill:
        c.wash(p.high, p.low, p.light)
        c.glow(0.74, 0.34, 0.5, p.light, 0.8)
        c.disc(0.74, 0.34, 0.09, p.light)
        for row in range(3):
            c.ridge(0.5 + row * 0.09, 0.05, blend(p.low, p.mid, 0.25 + row * 0.22), 1.4)
        c.shape([(0, 0.86), (0.35, 0.8), (0.7, 0.79), (1, 0.83), (1, 1), (0, 1)], p.near)
    else:
        c.wash(p.low, blend(p.low, p.far, 0.3), bottom=0.8)
        for row in range(16):
            for k in range(17):
                c.box(
                    (
                        k * 0.062 - 0.031 * (row % 2),
                        row * 0.05,
                        k * 0.062 + 0.058 - 0.031 * (row % 2),
                        row * 0.05 + 0.045,
                    ),
                    blend(p.far, p.accent, 0.5 * c.random.random()),
                    0.5,
                    0.003,
                )
        c.wash(blend(p.mid, p.near, 0.3), p.near, top=0.8)
    size = 0.11 if hill else 0.145
    for k in range(count):
        x, y = (0.2 + k * 0.25, 0.7) if hill else (0.19 + k * 0.31, 0.74)
        tone = p.near if hill else CLOTH[(k * 2) % len(CLOTH)]
        _bicycle(c, x, y, size, tone, rider=hill)


def _bicycle(c: Canvas, x: float, y: float, size: float, tone: str, rider: bool) -> None:
    def at(a: float, b: float) -> tuple[float, float]:
        return (x + a * size * c.ratio, y + b * size)

    for wheel in (-0.95, 0.95):
        middle = at(wheel, 0)
        c.arc(*middle, size * 0.68, (0, 360), INK, size * 0.07)
        for spoke in range(9):
            angle = spoke * math.tau / 9
            c.stroke([middle, at(wheel + 0.64 * math.cos(angle), 0.64 * math.sin(angle))], INK, size * 0.012, 0.45)
    frame = [(-0.95, 0), (-0.15, 0.05), (0.6, -0.85), (-0.4, -0.85), (-0.95, 0)]
    c.stroke([at(*point) for point in frame], tone, size * 0.08)
    c.stroke([at(-0.15, 0.05), at(-0.46, -1.05)], tone, size * 0.08)
    c.stroke([at(0.95, 0), at(0.55, -1.1), at(0.85, -1.18)], tone, size * 0.08)
    c.stroke([at(-0.68, -1.08), at(-0.22, -1.08)], INK, size * 0.12)
    if rider:
        c.stroke([at(-0.45, -1.15), at(-0.05, -0.5), at(-0.15, 0.1)], tone, size * 0.17)
        c.stroke([at(-0.45, -1.2), at(-0.05, -1.95)], tone, size * 0.34)
        c.stroke([at(-0.02, -1.8), at(0.75, -1.2)], tone, size * 0.12)
        c.disc(*at(0.12, -2.35), size * 0.26, tone)


def clock(c: Canvas) -> None:
    """A large street clock, its works showing."""
    p = c.colours
    c.wash(p.high, p.low, blend(p.low, p.light, 0.5))
    for row in range(3):
        tone = blend(p.low, p.far, 0.35 + row * 0.25)
        for k in range(9):
            x, top = k * 0.12 - 0.03 * row, 0.62 + row * 0.1 - 0.07 * c.random.random()
            c.box((x, top, x + 0.1, 1), tone)
            c.shape([(x - 0.006, top), (x + 0.05, top - 0.05), (x + 0.106, top)], blend(p.accent, tone, 0.45))
    c.glow(0.56, 0.52, 0.6, p.near, 0.4)
    c.box((0.545, 0.8, 0.575, 1), p.near)
    for radius, tone in ((0.4, p.near), (0.375, "#d9ad55"), (0.36, p.near), (0.345, p.light)):
        c.disc(0.56, 0.45, radius, tone)
    for gear, (x, y, size) in enumerate(((0.5, 0.5, 0.1), (0.605, 0.52, 0.07), (0.585, 0.36, 0.055))):
        tone = blend("#d9ad55", p.light, 0.35)
        for tooth in range(18):
            angle = tooth * math.tau / 18 + gear * 0.12
            c.disc(x + math.cos(angle) * size * c.ratio, y + math.sin(angle) * size, size * 0.12, tone)
        c.disc(x, y, size, tone)
        c.disc(x, y, size * 0.62, p.light)
        c.disc(x, y, size * 0.16, tone)
    for mark in range(60):
        angle = mark * math.tau / 60
        inner, thick = (0.275, 0.014) if mark % 5 == 0 else (0.315, 0.005)
        c.stroke(
            [
                (0.56 + math.cos(angle) * inner * c.ratio, 0.45 + math.sin(angle) * inner),
                (0.56 + math.cos(angle) * 0.33 * c.ratio, 0.45 + math.sin(angle) * 0.33),
            ],
            p.near,
            thick,
        )
    for angle, reach, thick in ((-0.55, 0.19, 0.024), (1.9, 0.29, 0.016)):
        c.stroke(
            [
                (0.56 - math.cos(angle) * 0.05 * c.ratio, 0.45 - math.sin(angle) * 0.05),
                (0.56 + math.cos(angle) * reach * c.ratio, 0.45 + math.sin(angle) * reach),
            ],
            INK,
            thick,
        )
    c.disc(0.56, 0.45, 0.022, p.accent)
