"""Writes an archive of any size out of the seeds: the same markup, other words, addresses and times.

A clause becomes the halves of two others of the same length and script from anywhere in the models, so that two files
made from one model have little wording in common, as in a real archive. Bodies get about the sizes and the markup of
real ones: 1 to 32 times the paragraphs of a model, which are shorter, with links, spans and boxes as often as there. An
average file out of the seeds has 19 kB, 3,000 Chinese characters, 140 tags, 133 attributes, 54 paragraphs, 19 links, 40
boxes and 10 spans; the average of 248 real ones is 22 kB, 3,000, 141, 157, 43, 15, 35 and 10.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from articles.ingest.text import script  # noqa: E402

CLAUSES = re.compile(r"[\u4e00-\u9fff，、：；]{8,}")
PIECES = re.compile(r"[，、：；]")
PIECES_AND_MARKS = re.compile(r"([，、：；])")
LATIN = re.compile(r"(?<=[>\n])[A-Z“][\x20-\x3b\x3f-\x7e’“”—]{60,}")  # of a text, never of a tag
LENGTHS = (1, 3, 7, 11, 16, 22, 32)
BOX = '<div class="sc-{0:x} article__text-block paragraph--{1}" data-component="text-block-of-the-body">'
SPAN = '<span style="font-size:1.0625rem;font-weight:{1}">'
LINK = '<a href="https://example.org/archive/{1}/{0}/story.html?utm_source=feed&amp;utm_medium=rss" target="_blank">'
LINKED, SPANNED, BOXED = 0.35, 0.3, 0.7  # of the paragraphs
LINES = re.compile(r"[\u4e00-\u9fff，、：；。]{12,}")
EPOCH = re.compile(r"<!--(\d{13})-->")
APART = 1_800_000  # milliseconds between two files: 105,000 real ones stand in six years
PARAGRAPH = re.compile(r"<p>[^<]{60,}(?:<a [^>]*>[^<]*</a>[^<]*)*</p>")
HEADER = re.compile(r"^(\[.*)\]\((.*)\)$", re.MULTILINE)
MATTER_TITLE = re.compile(r'^title: "(.*)"$', re.MULTILINE)
MATTER_FROM = re.compile(r"^from: (\S+)$", re.MULTILINE)


def models(folder: Path) -> list[tuple[str, str]]:
    """Folder and text of every article below `folder`, to be varied."""
    files = sorted(path for path in folder.rglob("*.md") if path.name != "README.md")
    return [(path.parent.relative_to(folder).as_posix(), path.read_text("utf-8", "replace")) for path in files]


class Wording:
    """The clauses of all models, by script and length, to choose from."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.clauses: dict[tuple[str, int], list[str]] = defaultdict(list)
        for text in texts:
            kind = script(text)
            for run in CLAUSES.findall(text):
                for clause in PIECES.split(run):
                    self.clauses[kind, len(clause)].append(clause)

    def varied(self, text: str, chance: random.Random) -> str:
        """The text with other clauses, and Latin sentences with their words in another order."""
        kind = script(text)

        def clauses(match: re.Match) -> str:
            parts = PIECES_AND_MARKS.split(match[0])
            for at in range(0, len(parts), 2):
                like = self.clauses.get((kind, len(parts[at]))) or [parts[at]]
                half = len(parts[at]) // 2
                parts[at] = chance.choice(like)[:half] + chance.choice(like)[half:]
            return "".join(parts)

        def words(match: re.Match) -> str:
            parts = match[0].split(" ")
            chance.shuffle(parts)
            return " ".join(parts)

        return LATIN.sub(words, CLAUSES.sub(clauses, text))


def addressed(url: str, number: int) -> str:
    """Another address of the same kind: its last number, or its end, becomes this one."""
    url = url.partition("?")[0]
    found = list(re.finditer(r"\d{4,}", url))
    if found:
        last = found[-1]
        return f"{url[: last.start()]}{80000000 + number}{url[last.end() :]}"
    return f"{url.rstrip('/')}-{number}/"


def dressed(paragraph: str, chance: random.Random) -> str:
    """A paragraph with a link, a span and a box around it as often as real ones have them."""
    number, part = chance.randrange(1 << 24), chance.randrange(90)

    def within(tag: str, end: str) -> None:
        nonlocal paragraph
        written = tag.format(number, part)
        paragraph = LINES.sub(lambda match: f"{match[0][:4]}{written}{match[0][4:8]}{end}{match[0][8:]}", paragraph, 1)

    if chance.random() < LINKED:
        within(LINK, "</a>")
    elif chance.random() < SPANNED:
        within(SPAN, "</span>")
    return BOX.format(number, part) + paragraph + "</div>" if chance.random() < BOXED else paragraph


def varied(text: str, number: int, lengths: tuple[int, ...], wording: Wording) -> str:
    """One article as another one."""
    chance = random.Random(number)
    times = chance.choice(lengths)
    text = PARAGRAPH.sub(lambda match: "".join(dressed(match[0], chance) for _ in range(times)), text)
    text = wording.varied(text, chance)
    text = EPOCH.sub(lambda match: f"<!--{int(match[1]) - number * APART}-->", text)
    text = HEADER.sub(lambda match: f"{match[1]}（{number}）]({addressed(match[2], number)})", text, count=1)
    text = MATTER_TITLE.sub(lambda match: f'title: "{match[1]}（{number}）"', text, count=1)
    return MATTER_FROM.sub(lambda match: f"from: {addressed(match[1], number)}", text, count=1)


def make(folder: Path, number: int, like: Path | None = None) -> None:
    """Write so many files below `folder`: the seeds varied, or the articles below `like` (at their own lengths)."""
    lengths = (1,) if like else LENGTHS
    from_these = models(like or ROOT / "seeds")
    wording = Wording(text for _, text in from_these)
    for count, (place, text) in zip(range(number), itertools.cycle(from_these), strict=False):
        target = folder / place / f"{2000000 - count}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(varied(text, count, lengths, wording), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("number", type=int)
    parser.add_argument("--like", type=Path, help="vary the articles of this folder instead of the seeds")
    arguments = parser.parse_args()
    make(arguments.folder, arguments.number, arguments.like)
