"""Tables of characters: what each folds into, and which belong to one script only.

OpenCC and Unicode tell all of it, and half a second of every process that starts is what asking them costs: so the
answers stand in `characters.json`, where they also stay the same whatever Unicode a Python knows. A test asks again.

    python -m articles.ingest.characters       asks, and writes the file
"""

from __future__ import annotations

import functools
import json
import unicodedata
from pathlib import Path

FILE = Path(__file__).with_suffix(".json")
# Forms that belong together for searching and tagging, beyond Traditional and Simplified.
VARIANTS = dict(zip("著瞭藉覆乾徵於", "着了借复干征于", strict=True))
FOLDED_RANGES = ((0x20, 0x3400), (0x3400, 0xA000), (0xF900, 0xFB00), (0xFE10, 0x10000))  # what NFC leaves of others
CHINESE = (0x4E00, 0xA000)


@functools.cache
def _tables() -> dict[str, str]:
    return json.loads(FILE.read_text(encoding="ascii"))


@functools.cache
def folding() -> tuple[int, ...]:
    """Character to folded character, one to one, for the first 65,536; a dense table is translated by twice as fast as
    one of only those that change.
    """
    table = list(range(0x10000))
    for code in (0, *range(0xD800, 0xE000)):
        table[code] = ord(" ")
    told = _tables()
    for character, folded in zip(told["folded"], told["into"], strict=True):
        table[ord(character)] = ord(folded)
    return tuple(table)


def only_simplified() -> str:
    """Characters that only Simplified text has."""
    return _tables()["only_simplified"]


def only_traditional() -> str:
    """Characters that only Traditional text has."""
    return _tables()["only_traditional"]


def asked() -> dict[str, str]:
    """The tables as OpenCC and this Python's Unicode tell them; half a second."""
    characters = [chr(code) for begin, end in FOLDED_RANGES for code in range(begin, end)]
    simplified = dict(zip(characters, _converted("t2s", characters), strict=True))
    into = {character: _folded(character, simplified) for character in characters}
    changed = [character for character in characters if into[character] != character]
    chinese = [chr(code) for code in range(*CHINESE)]
    traditional = dict(zip(chinese, _converted("s2t", chinese), strict=True))
    only_traditional_ = {character for character in chinese if simplified[character] != character}
    other = {character for character in chinese if traditional[character] != character}
    return {
        "folded": "".join(changed),
        "into": "".join(into[character] for character in changed),
        "only_simplified": "".join(sorted(other - only_traditional_ - set(traditional.values()))),
        "only_traditional": "".join(sorted(only_traditional_)),
    }


def _converted(way: str, characters: list[str]) -> list[str]:
    import opencc  # noqa: PLC0415 - only who asks anew needs it here

    return opencc.OpenCC(way).convert("\n".join(characters)).split("\n")


def _folded(character: str, simplified: dict[str, str]) -> str:
    for _ in range(3):
        character = _folded_once(character, simplified)
    return character


def _folded_once(character: str, simplified: dict[str, str]) -> str:
    compatible = unicodedata.normalize("NFKC", character)
    character = compatible if len(compatible) == 1 else character
    lowered = character.casefold()
    character = lowered if len(lowered) == 1 else character
    base = unicodedata.normalize("NFD", character)[0]
    if base.isascii() and base.isalpha():
        character = base
    simple = simplified.get(character, character)
    character = simple if len(simple) == 1 else character
    return VARIANTS.get(character, character)


if __name__ == "__main__":
    FILE.write_text(json.dumps(asked(), indent=0) + "\n", encoding="ascii")
