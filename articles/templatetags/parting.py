"""A text that is too long for one page, in parts: each of at most so much, cut between paragraphs where there are any.

What a browser loads is compressed, so what counts is text: markup repeats itself and weighs little.
"""

import dataclasses
import html
import itertools
import re
from collections.abc import Iterator

MOST = 51_000  # bytes of text in a part, which are 17,000 Chinese characters and some 25 kB compressed
MARKUP = 8  # bytes of markup that weigh as much as one of text
PATIENCE = 1.2  # of what a part shall hold: from there a paragraph is cut too, where a sentence ends
TAG = re.compile(
    r"<!--.*?-->|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^'\">])*)>", re.DOTALL
)
SENTENCE_END = re.compile(r"(?:[。！？…]+|[.!?]+(?=[”’\"')\]]*\s))[」』”’》)）\]\"']*\s*")
UNENDING = re.compile(r".{1,2000}(?<=[，、；,;\s])|.{1,2000}", re.DOTALL)  # where no sentence ends for so long
START = re.compile(r'\sstart="(\d+)"')
ID = re.compile(r'\sid="([^"]*)"')
INNER = re.compile(r'(<a\b[^>]*?\shref=")#([^"]*)"')
VOID = frozenset(["area", "br", "col", "embed", "hr", "img", "input", "source", "track", "wbr"])
BLOCKS = frozenset(["p", "ul", "ol", "li", "blockquote", "figure", "table", "div", "section", "pre", "dl", "aside"])
WHOLE = frozenset(["a", "table", "figure", "picture", "pre", "code", "h2", "h3", "h4", "h5", "h6", "dl", "ruby", "sup"])


@dataclasses.dataclass
class _Open:
    """An element that is open where the reading stands, and how many items of it have begun."""

    name: str
    tag: str
    items: int = 0

    def again(self, *, is_inside: bool) -> str:
        """Its tag once more in the next part: what has a name has it once, a list goes on counting. `is_inside`: an
        item of the list goes on, too.
        """
        tag = ID.sub("", self.tag)
        if self.name != "ol" or not self.items:
            return tag
        begun = START.search(tag)
        number = self.items - is_inside + (int(begun[1]) if begun else 1)
        return START.sub("", tag).replace("<ol", f'<ol start="{number}"', 1)


class _Cutter:
    """Reads a body from its beginning to its end and ends a part where one may end and has enough."""

    def __init__(self, enough: float) -> None:
        self.enough, self.weight = enough, 0.0
        self.parts: list[str] = []
        self.written: list[str] = []
        self.open: list[_Open] = []

    def read(self, body: str) -> list[str]:
        """The parts."""
        at = 0
        for token in TAG.finditer(body):
            self._text(body[at : token.start()])
            self._tag(token)
            at = token.end()
        self._text(body[at:])
        self.parts.append("".join(self.written))
        return [part for part in self.parts if "<img" in part or TAG.sub("", part).strip()]

    def _may_end(self) -> bool:
        return not any(one.name in WHOLE for one in self.open)

    def _end(self) -> None:
        closing = "".join(f"</{one.name}>" for one in reversed(self.open))
        self.parts.append("".join(self.written) + closing)
        inner = [*(one.name for one in self.open[1:]), ""]
        self.written = [one.again(is_inside=name == "li") for one, name in zip(self.open, inner, strict=False)]
        self.weight = 0.0

    def _text(self, text: str) -> None:
        if not text:
            return
        is_long = self.weight + len(text.encode()) > self.enough * PATIENCE
        for piece in _sentences(text) if is_long and self._may_end() else [text]:
            if self.weight > self.enough * PATIENCE and piece.strip() and self._may_end():
                self._end()
            self.written.append(piece)
            self.weight += len(piece.encode())

    def _tag(self, token: re.Match) -> None:
        name = (token["name"] or "").lower()
        if name in BLOCKS and not token["end"] and self.weight >= self.enough * PATIENCE and self._may_end():
            self._end()
        self.written.append(token[0])
        self.weight += len(token[0].encode()) / MARKUP
        if not name or name in VOID:
            return
        if not token["end"]:
            if self.open and name == "li":
                self.open[-1].items += 1
            self.open.append(_Open(name, token[0]))
            return
        while self.open and self.open.pop().name != name:
            pass
        if name in BLOCKS and self.weight >= self.enough and self._may_end():
            self._end()


def _sentences(text: str) -> Iterator[str]:
    """All of a text, sentence by sentence."""
    ends = [end.end() for end in SENTENCE_END.finditer(text)]
    for start, end in itertools.pairwise([0, *ends, len(text)]):
        yield from UNENDING.findall(text[start:end])


def weight_of(body: str) -> float:
    """How much a body is to load, in bytes of text."""
    text = html.unescape(TAG.sub("", body)).encode("utf-8", "replace")
    return len(text) + (len(body.encode("utf-8", "replace")) - len(text)) / MARKUP


def parts_of(body: str, most: int = MOST) -> list[str]:
    """A body (as a parser wrote it: every element closed) in as few parts as may be, about as long as each other.

    No part ends with a heading; pictures, tables and code stay whole. A link to a place in another part leads there.
    """
    weight = weight_of(body)
    number = -(-int(weight) // most)
    if number < 2:
        return [body]
    parts = _Cutter(weight / number).read(body)
    where = places_of(parts)
    return [_led(part, number, where) for number, part in enumerate(parts, start=1)]


def address_in(place: str, here: int, where: dict[str, int]) -> str:
    """The address of a place of the text, for a page of the part `here`; `where` tells the part that a place is in."""
    there = where.get(place, here)
    if there == here:
        return f"#{place}"
    return f"?part={there}#{place}" if there > 1 else f"./#{place}"


def places_of(parts: list[str]) -> dict[str, int]:
    """The number of the part that each named place is in."""
    return {place: number for number, part in enumerate(parts, start=1) for place in ID.findall(part)}


def _led(part: str, here: int, where: dict[str, int]) -> str:
    return INNER.sub(lambda link: f'{link[1]}{address_in(link[2], here, where)}"', part)
