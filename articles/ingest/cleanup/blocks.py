"""Blocks: what an article is made of once its source's markup is gone, and how they are written as HTML."""

import html
import re
from dataclasses import dataclass, field

_MARKUP = re.compile(r"<[^>]*>")
_NOT_LETTERS = re.compile(r"[\W_]+")
_HEADINGS = ("h2", "h3", "h4")


@dataclass(slots=True)
class Block:
    """One block. `inner` is its inline HTML; a container has children instead, a figure a picture or a card."""

    kind: str  # p h2 h3 h4 pre hr, ul ol li dl dt dd blockquote, table and its parts, figure, caption, credit
    inner: str = ""
    children: "list[Block]" = field(default_factory=list)
    attributes: str = ""  # written as they are: ' colspan="2"'; a figure's are its caption's
    anchor: str = ""  # id that a link of this body points to
    src: str = ""  # of a picture
    proxy: str = ""
    alt: str = ""
    width: int | None = None
    height: int | None = None
    card: str = ""  # address that a card opens
    provider: str = ""
    title: str = ""
    poster: str = ""
    caption: str = ""  # inline HTML
    credit: str = ""  # plain text
    twin_of: "Block | None" = None  # on what is not shown: the same picture, shown before

    @property
    def text(self) -> str:
        """The block's own text, line feeds for breaks."""
        return plain(self.inner)


def plain(inline: str) -> str:
    """The text of inline HTML; breaks become line feeds."""
    if "<" in inline:
        inline = _MARKUP.sub("", inline.replace("<br>", "\n"))
    return html.unescape(inline) if "&" in inline else inline


def escaped(text: str) -> str:
    """Text as it stands in HTML, in content and in double-quoted attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def text_of(blocks: list[Block]) -> str:
    """Plain text, a line a block, without captions and cards."""
    lines: list[str] = []
    _collect(blocks, lines)
    return "\n".join(lines)


def _collect(blocks: list[Block], lines: list[str]) -> None:
    for block in blocks:
        if block.kind == "tr":
            cells = ("\n".join(filter(None, [cell.text, text_of(cell.children)])) for cell in block.children)
            lines.append("\t".join(cells))
        elif block.kind != "figure":
            if block.inner:
                lines.append(block.text)
            _collect(block.children, lines)


def captions_of(blocks: list[Block]) -> str:
    """What stands below pictures and players: captions, credits, and the captions that name a card."""
    lines: list[str] = []
    for block in blocks:
        if block.kind == "figure":
            lines += [plain(block.caption), block.credit]
        elif block.children:
            lines.append(captions_of(block.children))
    return "\n".join(lines)


def write(blocks: list[Block]) -> str:
    """The blocks as HTML."""
    return "".join([_written(block) for block in blocks])


def _written(block: Block) -> str:
    kind = block.kind
    if kind == "figure":
        return _figure(block)
    if kind == "hr":
        return "<hr>"
    anchor = f' id="{block.anchor}"' if block.anchor else ""
    content = block.inner + (_cell(block.children) if kind in ("li", "td", "th", "dd", "dt") else write(block.children))
    return f"<{kind}{anchor}{block.attributes}>{content}</{kind}>"


def _cell(children: list[Block]) -> str:
    """The content of a list item or cell: a single paragraph needs no tags of its own."""
    is_bare = bool(children) and children[0].kind == "p" and not children[0].attributes
    if is_bare and all(child.kind in ("ul", "ol") for child in children[1:]):
        return children[0].inner + write(children[1:])
    return write(children)


def says_the_same(alt: str, caption: str, credit: str) -> bool:
    """Whether an alternative text is all in the caption or the credit, too: who listens needs it once."""
    return _NOT_LETTERS.sub("", alt) in _NOT_LETTERS.sub("", caption + credit)


def _figure(block: Block) -> str:
    if block.card:
        return _card(block)
    size = f' width="{block.width}" height="{block.height}"' if block.width and block.height else ""
    alt = "" if says_the_same(block.alt, plain(block.caption), block.credit) else block.alt
    credit = f"<cite>{escaped(block.credit)}</cite>" if block.credit else ""
    gap = "" if block.caption[-1:] in "。！？”』」）" else " "
    caption = gap.join(filter(None, [block.caption, credit]))
    caption = f"<figcaption{block.attributes}>{caption}</figcaption>" if caption else ""
    return f'<figure><img src="{escaped(block.src)}" alt="{escaped(alt)}"{size}>{caption}</figure>'


def _card(block: Block) -> str:
    """A link card: one link in a figure, named by the player's title, else its caption, else who provides it."""
    caption = plain(block.caption)
    label = block.title or caption or block.provider
    below = f"<figcaption{block.attributes}>{block.caption}</figcaption>" if caption and caption != label else ""
    return f'<figure><a href="{escaped(block.card)}">{escaped(label)}</a>{below}</figure>'
