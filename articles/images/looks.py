"""What a picture looks like, in 128 bits: nearly the same after scaling, re-encoding and small retouching.

Each bit says whether a spot of the picture, made tiny and grey, is brighter than the next (a difference hash, across
and down). Pictures that are nearly plain have no look: too many would be alike.
"""

from __future__ import annotations

import PIL.Image

from articles.images.verifying import Rejected, in_eight_bits, opened

SPOTS = 8  # a side
CLEAR = 4  # steps of grey from which a difference between neighbours counts
LEAST = 64  # clear differences of 128, below which a picture says too little
NEAR = 10  # bits; of 76 seeds, halved, darkened and made WebP, 75 stay within 9; different ones are 18 apart at least


def look_of(raw: bytes) -> str:
    """The look of a picture as 32 hexadecimal digits; empty for a plain one, and for what cannot be decoded.

    Costs a decoding, which JPEG does at an eighth of its size.
    """
    try:
        with opened(raw) as picture:
            picture.draft("L", (SPOTS * 8, SPOTS * 8))
            return _look(in_eight_bits(picture).convert("L"))
    except (Rejected, OSError, ValueError):
        return ""


def _look(grey: PIL.Image.Image) -> str:
    across = grey.resize((SPOTS + 1, SPOTS), PIL.Image.Resampling.BOX).tobytes()
    down = grey.resize((SPOTS, SPOTS + 1), PIL.Image.Resampling.BOX).tobytes()
    steps = [
        across[row * (SPOTS + 1) + place + 1] - across[row * (SPOTS + 1) + place]
        for row in range(SPOTS)
        for place in range(SPOTS)
    ]
    steps += [down[place + SPOTS] - down[place] for place in range(SPOTS * SPOTS)]
    if sum(abs(step) >= CLEAR for step in steps) < LEAST:
        return ""
    return f"{sum((step > 0) << bit for bit, step in enumerate(steps)):032x}"


def are_near(one: str, other: str) -> bool:
    """Whether two looks are of one picture; never, where one has none."""
    return bool(one and other) and (int(one, 16) ^ int(other, 16)).bit_count() <= NEAR
