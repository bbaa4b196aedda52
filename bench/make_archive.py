"""Writes an archive of any size out of the seeds: the same markup, other words, addresses and times.

Bodies get the lengths of real ones (1 to 5 times a seed's paragraphs; the samples are shorter than most news).
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLAUSES = re.compile(r"[\u4e00-\u9fff，、：；]{8,}")
PIECES = re.compile(r"[，、：；]")
EPOCH = re.compile(r"<!--(\d{13})-->")
PARAGRAPH = re.compile(r"<p>[^<]{60,}(?:<a [^>]*>[^<]*</a>[^<]*)*</p>")
HEADER = re.compile(r"^(\[.*)\]\((.*)\)$", re.MULTILINE)
MATTER_TITLE = re.compile(r'^title: "(.*)"$', re.MULTILINE)
MATTER_FROM = re.compile(r"^from: (\S+)$", re.MULTILINE)


def models(folder: Path) -> list[tuple[str, str]]:
    """Folder and text of every article below `folder`, to be varied."""
    files = sorted(path for path in folder.rglob("*.md") if path.name != "README.md")
    return [(path.parent.relative_to(folder).as_posix(), path.read_text("utf-8", "replace")) for path in files]


def shuffled(match: re.Match, chance: random.Random) -> str:
    """The clauses of a sentence in another order."""
    parts = [part for part in PIECES.split(match[0]) if part]
    chance.shuffle(parts)
    return "，".join(parts)


def addressed(url: str, number: int) -> str:
    """Another address of the same kind: its last number, or its end, becomes this one."""
    url = url.partition("?")[0]
    found = list(re.finditer(r"\d{4,}", url))
    if found:
        last = found[-1]
        return f"{url[: last.start()]}{80000000 + number}{url[last.end() :]}"
    return f"{url.rstrip('/')}-{number}/"


def varied(text: str, number: int, lengths: tuple[int, ...]) -> str:
    """One article as another one."""
    chance = random.Random(number)
    times = chance.choice(lengths)
    text = PARAGRAPH.sub(lambda match: match[0] * times, text)
    text = CLAUSES.sub(lambda match: shuffled(match, chance), text)
    text = EPOCH.sub(lambda match: f"<!--{int(match[1]) - number * 61000}-->", text)
    text = HEADER.sub(lambda match: f"{match[1]}（{number}）]({addressed(match[2], number)})", text, count=1)
    text = MATTER_TITLE.sub(lambda match: f'title: "{match[1]}（{number}）"', text, count=1)
    return MATTER_FROM.sub(lambda match: f"from: {addressed(match[1], number)}", text, count=1)


def make(folder: Path, number: int, like: Path | None = None) -> None:
    """Write so many files below `folder`: the seeds varied, or the articles below `like` (at their own lengths)."""
    lengths = (1,) if like else (1, 2, 2, 3, 3, 4, 5)
    for count, (place, text) in zip(range(number), itertools.cycle(models(like or ROOT / "seeds")), strict=False):
        target = folder / place / f"{2000000 - count}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(varied(text, count, lengths), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("number", type=int)
    parser.add_argument("--like", type=Path, help="vary the articles of this folder instead of the seeds")
    arguments = parser.parse_args()
    make(arguments.folder, arguments.number, arguments.like)
