"""Differences that a person can read: by sentence first, by character inside changed sentences, as Chinese needs it."""

from __future__ import annotations

import difflib
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from django.utils.translation import gettext_lazy as _
from selectolax.lexbor import LexborHTMLParser

from articles.ingest.text import fold
from articles.models import Image
from articles.models.revision import FACTS, WORDS

SAME, GONE, NEW = "same", "gone", "new"
ENDS = re.compile(
    r"(?<=[。！？；\n])(?![。！？”’」』）])|(?<=[。！？][”’」』）])|(?<=[.!?;])(?=\s)"
)  # between two sentences
ALIKE = 0.4  # below this, two sentences are shown as gone and new, not woven into each other
LONGEST_WOVEN = 1500  # characters; weaving costs their square
PICTURE_WORDS = (_("caption"), _("credit"), _("alternative text"))  # as they follow a picture's number in a revision
LONGEST_NAME = 60
AROUND = 1  # unchanged sentences that are shown around a change


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stayed (same), went (gone) or came (new); `skipped` characters are left out before it."""

    kind: str
    text: str
    skipped: int = 0


def sentences(text: str) -> list[str]:
    """The text in sentences and line ends; joined, they are the text again."""
    return [sentence for sentence in ENDS.split(text) if sentence]


def text_of(html: str) -> str:
    """The words of a body, a line a block."""
    body = LexborHTMLParser(f"<!doctype html><body>{html}").body
    lines = []
    for node in body.css("p, h2, h3, h4, li, dt, dd, pre, td, th, figcaption, img"):
        line = f"[{node.attributes.get('src') or ''}]" if node.tag == "img" else node.text(deep=True)
        blocks_within = len(node.css("p, li, td")) - (node.tag in {"p", "li", "td"})  # a node finds itself, too
        if line and line.strip() and not blocks_within:
            lines.append(" ".join(line.split()))
    return "\n".join(lines) or (body.text() or "").strip()


def compare(before: str, after: str) -> list[Piece]:
    """All of both texts as pieces in order; [] when they are equal."""
    if before == after:
        return []
    old, new = sentences(before), sentences(after)
    pieces: list[Piece] = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(Piece(SAME, "".join(old[a:b])))
        else:
            pieces += _woven("".join(old[a:b]), "".join(new[c:d]))
    return pieces


def _woven(before: str, after: str) -> Iterator[Piece]:
    """Two texts that replace each other: woven by character where they are alike."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if max(len(before), len(after)) > LONGEST_WOVEN or matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
        yield from (piece for piece in (Piece(GONE, before), Piece(NEW, after)) if piece.text)
        return
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            yield Piece(SAME, before[a:b])
            continue
        if b > a:
            yield Piece(GONE, before[a:b])
        if d > c:
            yield Piece(NEW, after[c:d])


def around_changes(pieces: list[Piece]) -> list[Piece]:
    """The same with long unchanged stretches cut down to the sentences beside a change."""
    shown: list[Piece] = []
    for number, piece in enumerate(pieces):
        parts = sentences(piece.text) if piece.kind == SAME else []
        if len(parts) <= 2 * AROUND + 1:
            shown.append(piece)
            continue
        head = parts[:AROUND] if number else []
        tail = parts[-AROUND:] if number < len(pieces) - 1 else []
        if head:
            shown.append(Piece(SAME, "".join(head)))
        shown.append(Piece(SAME, "".join(tail), skipped=sum(map(len, parts)) - sum(map(len, head + tail))))
    return shown


@dataclass(frozen=True)
class Row:
    """A stretch of two texts, side by side; `skipped` characters that both have are left out of the middle."""

    is_same: bool
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    skipped: int = 0


def side_by_side(left: str, right: str) -> list[Row]:
    """Two texts in rows: where they say the same (in either script, at any width), and where they differ."""
    left, right = (unicodedata.normalize("NFC", text) for text in (left, right))
    folded = fold(left), fold(right)  # one character for one: a place in them is a place in the texts
    old, new = sentences(folded[0]), sentences(folded[1])
    starts = [[0, *itertools.accumulate(map(len, parts))] for parts in (old, new)]
    rows = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        one, other = left[starts[0][a] : starts[0][b]], right[starts[1][c] : starts[1][d]]
        rows.append(_same_row(one, other) if op == "equal" else _changed_row(one, other))
    return rows


def _same_row(left: str, right: str) -> Row:
    """The first and the last sentence of a long stretch stand for it."""
    parts = sentences(left)
    if len(parts) <= 2 * AROUND + 1:
        return Row(True, (Piece(SAME, left.rstrip("\n")),), (Piece(SAME, right.rstrip("\n")),))
    head, tail = len("".join(parts[:AROUND])), len("".join(parts[-AROUND:]))
    skipped = len(left) - head - tail
    cut = [(Piece(SAME, text[:head]), Piece(SAME, text[-tail:].rstrip("\n"), skipped)) for text in (left, right)]
    return Row(True, *cut, skipped)


def _changed_row(left: str, right: str) -> Row:
    left, right = left.rstrip("\n"), right.rstrip("\n")
    one, other, at, to = [], [], 0, 0
    for piece in _woven(fold(left), fold(right)):
        length = len(piece.text)
        if piece.kind != NEW:
            one.append(Piece(piece.kind, left[at : at + length]))
            at += length
        if piece.kind != GONE:
            other.append(Piece(piece.kind, right[to : to + length]))
            to += length
    return Row(False, tuple(one), tuple(other))


def changed_fields(before, after) -> list[tuple[str, list[Piece]]]:
    """Fields in which two revisions (or contents) differ, each with its pieces around the changes."""
    changed = []
    for name in WORDS:
        old, new = before.words[name], after.words[name]
        if old == new:
            continue
        told = (text_of(old), text_of(new)) if name == "body" else (old, new)
        pieces = compare(*told) or compare(old, new)  # only the markup has changed: shown as such
        changed.append((name, around_changes(pieces)))
    for name in (*FACTS, "tags"):
        old, new = _told(before.facts.get(name)), _told(after.facts.get(name))
        if old != new:
            changed.append((name, [piece for piece in (Piece(GONE, old), Piece(NEW, new)) if piece.text]))
    pictures = _changed_pictures(before.facts.get("pictures") or [], after.facts.get("pictures") or [])
    return [*changed, ("pictures", pictures)] if pictures else changed


def _changed_pictures(before: list, after: list) -> list[Piece]:
    """Pictures that came and went, and changed words of those that stayed, a line each; a query where any differ."""
    old, new = ({row[0]: tuple(row[1:]) for row in rows} for rows in (before, after))
    if [*map(tuple, before)] == [*map(tuple, after)]:
        return []
    names = names_of(old.keys() | new.keys())
    pieces = []
    for pk in dict.fromkeys((*old, *new)):
        if pk in old and pk in new:
            # What a revision of an older version does not know is not compared.
            pairs = zip(PICTURE_WORDS, old[pk], new[pk], strict=False)
            for label, one, other in ((label, one, other) for label, one, other in pairs if one != other):
                pieces += [Piece(SAME, f"{names[pk]} · {label}: "), *compare(one, other), Piece(SAME, "\n")]
        else:
            words = " · ".join(filter(None, (names[pk], *(old.get(pk) or new[pk]))))
            pieces.append(Piece(GONE if pk in old else NEW, f"{words}\n"))
    orders = [[names[pk] for pk in rows if pk in old and pk in new] for rows in (old, new)]
    if orders[0] != orders[1]:
        pieces += [Piece(kind, " · ".join(order) + "\n") for kind, order in zip((GONE, NEW), orders, strict=True)]
    return pieces


def names_of(images: Iterable[int]) -> dict[int, str]:
    """What pictures are called for people, by number: the name of their file where it came from; a query."""
    ids = set(images)
    found = dict(Image.objects.filter(pk__in=ids).values_list("pk", "origin_url"))
    names = {pk: unquote(found.get(pk, "").partition("?")[0]).rstrip("/").rpartition("/")[2] for pk in ids}
    return {pk: name[:LONGEST_NAME] or f"#{pk}" for pk, name in names.items()}


def _told(value: object) -> str:
    """A fact as text: a list one entry a line."""
    if isinstance(value, list | tuple):
        return "\n".join(" · ".join(map(str, one)) if isinstance(one, list | tuple) else str(one) for one in value)
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    return "" if value is None else str(value)
