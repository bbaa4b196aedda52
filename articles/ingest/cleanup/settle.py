"""What belongs together in one container: captions and credits go to their pictures, empty parts go."""

import re
from collections.abc import Callable

from articles.ingest.cleanup.blocks import Block, plain
from articles.ingest.cleanup.tree import letters
from articles.ingest.rules import pictures

_CREDIT_LABELS = re.compile(pictures.CREDIT_LABELS, re.IGNORECASE)
_ONLY_CREDIT = re.compile(rf"(?:{pictures.CREDIT_LABELS})[^。！？]{{1,80}}。?", re.IGNORECASE)
_CREDIT_IN_CAPTION = re.compile(pictures.CREDIT_IN_CAPTION, re.IGNORECASE)
_ALL_BOLD = re.compile(r"<strong>((?:(?!</?strong>).)*)</strong>", re.DOTALL)
_CAPTION_LABELS = re.compile(pictures.CAPTION_LABELS, re.IGNORECASE)


# Parts and the containers they may stand in; anywhere else they are dissolved, a list item gets a list.
_PARTS: dict[str, tuple[str, ...]] = {
    "li": ("ul", "ol"),
    "dt": ("dl",),
    "dd": ("dl",),
    "tr": ("table", "thead", "tbody", "tfoot"),
    "td": ("tr",),
    "th": ("tr",),
    "thead": ("table",),
    "tbody": ("table",),
    "tfoot": ("table",),
}
# What a stray block in a container is wrapped in.
_WRAPPERS = {"ul": "li", "ol": "li", "dl": "dd", "tr": "td", "thead": "tr", "tbody": "tr", "tfoot": "tr"}


def settled(blocks: list[Block]) -> list[Block]:
    """The blocks of one container, each caption and credit told to the figure before it, else to the one after."""
    if all(block.kind not in ("caption", "credit") for block in blocks):
        return blocks
    kept: list[Block] = []
    for block in blocks:
        before = kept[-1] if kept else None
        if block.kind in ("caption", "credit"):
            if before is not None and before.kind == "figure":
                _tell(before, block)
            else:
                kept.append(block)
            continue
        if block.kind == "figure":
            while kept and kept[-1].kind in ("caption", "credit"):
                _tell(block, kept.pop())
        kept.append(block)
    return kept


def shaped(parent: str, children: list[Block]) -> list[Block]:
    """The children that a container may have: items in lists, cells in rows, nothing stray."""
    shape: list[Block] = []
    wrapper = _WRAPPERS.get(parent)
    for child in children:
        homes = _PARTS.get(child.kind)
        if homes is not None and parent not in homes:
            if child.kind == "li":
                if not shape or shape[-1].kind != "ul" or shape[-1].attributes:
                    shape.append(Block("ul"))
                shape[-1].children.append(child)
            else:
                shape += shaped(parent, child.children)
        elif homes is None and wrapper is not None and child.kind != "caption":
            shape.append(Block(wrapper, children=shaped(wrapper, [child])))
        else:
            shape.append(child)
    return shape


def _tell(figure: Block, block: Block) -> None:
    if block.kind == "credit":
        credit = _CREDIT_LABELS.sub("", plain(block.inner)).strip()
        figure.credit = " ".join(filter(None, [figure.credit, credit]))
        return
    caption = _CAPTION_LABELS.sub("", block.inner).strip()
    bold = _ALL_BOLD.fullmatch(caption)
    caption = bold[1] if bold else caption
    if not figure.credit and "<a " not in caption and _ONLY_CREDIT.fullmatch(plain(caption)):
        figure.credit, caption = _CREDIT_LABELS.sub("", plain(caption)).strip(), ""
    if "Credit" in caption or "©" in caption:
        caption = _credit_apart(figure, caption)
    if plain(caption) != plain(figure.caption):
        figure.attributes = "" if figure.caption else block.attributes
        figure.caption = " ".join(filter(None, [figure.caption, caption]))


def _credit_apart(figure: Block, caption: str) -> str:
    """Tell a figure the credit that its caption ends with; returns the rest, or all where markup spans both."""
    match = _CREDIT_IN_CAPTION.search(caption)
    if match is None or "<" in caption[match.end() :]:
        return caption
    credit = plain(caption[match.end() :]).strip()
    if match[0].lstrip()[:1] in ("（", "("):
        credit = credit.rstrip("）)")
    figure.credit = " ".join(filter(None, [figure.credit, credit]))
    return caption[: match.start()]


def told_twice(twin: Block, shown: Block) -> int:
    """Give a picture what its second place alone tells of it; returns how many letters of that are told twice now."""
    if twin.caption and not shown.caption:
        shown.caption, shown.attributes, twin.caption = twin.caption, twin.attributes, ""
    if twin.credit and not shown.credit:
        shown.credit, twin.credit = twin.credit, ""
    return letters(plain(twin.caption)) + letters(twin.credit)


def orphaned(blocks: list[Block], take_out: Callable[[str], None], parent: str = "") -> list[Block]:
    """Captions whose picture is gone become paragraphs, credits without a picture go; a table keeps its caption.

    `take_out` is told the text of what goes.
    """
    kept = []
    for block in blocks:
        if block.kind == "credit" or (block.kind == "caption" and parent == "table" and kept):
            take_out(block.text)
            continue
        if block.kind == "caption" and parent != "table":
            block.kind = "p"
        if block.children:
            block.children = orphaned(block.children, take_out, block.kind)
        kept.append(block)
    return kept
