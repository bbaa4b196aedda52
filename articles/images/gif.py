"""Takes words out of a GIF without touching its frames: Pillow would write every frame anew, with other colours."""

from __future__ import annotations

EXTENSION, PICTURE, END = 0x21, 0x2C, 0x3B
GRAPHIC, COMMENT, APPLICATION = 0xF9, 0xFE, 0xFF
PLAYING = (b"NETSCAPE2.0", b"ANIMEXTS1.0")  # how often it is played; any other application's data is not for readers


def _table(flags: int) -> int:
    """Bytes of a colour table that a flags byte announces."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks_end(raw: bytes, at: int) -> int:
    """Where a chain of sub-blocks that begins at `at` ends."""
    while raw[at]:
        at += raw[at] + 1
    return at + 1


def without_words(raw: bytes) -> bytes:
    """A GIF without comments, texts and foreign applications' data, to the byte as it came otherwise.

    Raises ValueError where the blocks do not follow the format (GIF89a specification, sections 18 to 27).
    """
    try:
        at = 13 + _table(raw[10])
        kept = [raw[:at]]
        while raw[at] != END:
            start = at
            if raw[at] == PICTURE:
                at = _blocks_end(raw, at + 10 + _table(raw[at + 9]) + 1)
                kept.append(raw[start:at])
            elif raw[at] == EXTENSION:
                label = raw[at + 1]
                at = _blocks_end(raw, at + 2)
                playing = label == APPLICATION and raw[start + 3 : start + 14] in PLAYING
                if label == GRAPHIC or playing:
                    kept.append(raw[start:at])
            else:
                raise ValueError(f"no block begins with {raw[at]:#x}")
    except IndexError:
        raise ValueError("it ends in the middle of a block") from None
    return b"".join((*kept, bytes([END])))
