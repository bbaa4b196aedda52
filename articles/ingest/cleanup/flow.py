"""The stream: a well-formed body, tag by tag, into blocks.

The HTML parser has done the hard part: in what it writes, every tag is closed and no `>` stands inside a tag, so the
body is read as one flat stream. What is open is a list, never the call stack, so depth costs nothing. Attributes are
looked at only where a table needs them.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from articles.ingest import links
from articles.ingest.cleanup.blocks import Block, escaped, plain
from articles.ingest.cleanup.inline import tidy
from articles.ingest.cleanup.media import last_of_set, picture_of, player_of, sign_of
from articles.ingest.cleanup.settle import settled, shaped, told_twice
from articles.ingest.cleanup.tree import ROLE, STILL_OF, letters
from articles.ingest.document import Embed
from articles.ingest.rules.pictures import FIGURE_LABELS
from articles.ingest.rules.words import words
from articles.ingest.sanitize import LANGUAGE
from articles.ingest.text import has_dirt, one_line, without_dirt

_SPLIT = re.compile(r"<([^>]*)>").split
_ATTRIBUTE = re.compile(r'([^\s="]+)="([^"]*)"')
_ATTRIBUTE_NAME = re.compile(r' ([a-z][\w:\-]*)="')
_HREF = re.compile(r' href="([^"]*)"')
_KEPT = words("href src alt colspan rowspan scope start lang " + ROLE + " " + STILL_OF)  # read, if not kept everywhere
_MARKED = re.compile(f"{ROLE}|data-cfemail|/cdn-cgi/l/email-protection#")
_LANGUAGE = re.compile(rf' lang="((?!und\b|zh"){LANGUAGE})"')  # that it is Chinese, its characters say
_START_TAG = re.compile(r"<(?!(?:p|a|strong|em|b|i|br|img|li|ul|h[23]|figure)[ >])([a-z][^\s>]*)")  # but of the most
_NOT_IN_ID = re.compile(r"[^\w\-]+")

_KEPT_FOR = re.compile(r' data-[\w-]+="[a-z]+-embed-(https?://[^"\s]+)"')
_FIGURE_LABEL = re.compile(FIGURE_LABELS)
_VOID = words("area base br col embed hr img input link meta param source track wbr")
_INLINE = {
    "a": "a", "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "sub": "sub", "sup": "sup",
    "code": "code", "kbd": "code", "samp": "code", "tt": "code", "s": "s", "del": "s", "strike": "s", "q": "q",
    "ruby": "ruby", "rt": "rt", "rp": "rp",
}  # fmt: skip
_LEAVES = {
    "p": "p", "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4", "pre": "pre",
    "summary": "p", "legend": "p", "caption": "caption",
}  # fmt: skip
_CONTAINERS = words("ul ol li dl dt dd blockquote table thead tbody tfoot tr td th figure")
_OUTER = ("ul", "ol", "dl", "blockquote", "table", "figure")
_BREAKS = words(
    "div section article main header footer aside nav address center details fieldset hgroup form body html "
    "search dialog menu dir listing picture"
)
_SKIPPED = words("audio video iframe")  # what they hold is for players that fail
_CELLS = {"td": ("colspan", "rowspan"), "th": ("colspan", "rowspan", "scope"), "ol": ("start",)}
_NAMING_LANGUAGE = words("p h2 h3 h4 blockquote li caption em q")
_SAFE_VALUE = re.compile(r"-?\d{1,3}|col|row|colgroup|rowgroup")
_FEW_PARTS = 50  # tags and texts; a paragraph that has begun with more is looked at no closer
_DEEPEST = 40  # containers in containers; beyond this they are transparent


@dataclass(slots=True)
class Flowed:
    """The blocks of a body and what was met on the way."""

    blocks: list[Block]
    embeds: list[Embed]
    removed: Counter = field(default_factory=Counter)
    unread: int = 0  # letters within what is for players that fail, or tells of pictures that are not here
    missing: int = 0  # figures whose picture is not in the file


def attributes_of(tag: str) -> dict[str, str]:
    """The attributes of a start tag as the parser writes it, unescaped."""
    return {name: html.unescape(value) if "&" in value else value for name, value in _ATTRIBUTE.findall(tag)}


def _language_of(tag: str) -> str:
    """The language that a start tag names, as an attribute to be written; "" when it names none that is one."""
    match = _LANGUAGE.search(tag) if " lang=" in tag else None
    return match[0] if match else ""


class Flow:
    """Reads one body; `base` is the article's address, for what is relative."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.containers: list[tuple[str, list[Block]]] = [("", [])]
        self.open: list[tuple[str, str]] = []  # (tag, what its end does)
        self.formats: list[tuple[str, str]] = []  # open inline elements: (name, start tag)
        self.buffer: list[str] = []
        self.kind = "p"
        self.breaks = 0
        self.quiet = 0  # position in `open` + 1 of an element whose content is not read
        self.is_dirty = False
        self.anchor = ""
        self.language = ""  # of the block that is being written, as an attribute
        self.wanted: set[str] = set()  # ids that links of this body point to
        self.anchors: dict[str, str] = {}
        self.fallback = ""  # address that a <picture>'s sources offer
        self.embeds: list[Embed] = []
        self.pictures: dict[str, Block] = {}
        self.has_twins = False
        self.missing = 0
        self.removed: Counter = Counter()
        self.unread = 0

    def read(self, body: str) -> Flowed:
        """The whole body into blocks."""
        if 'href="#' in body:
            self.wanted = {html.unescape(name) for name in re.findall(r'href="#([^"]+)"', body)}
        if "&nbsp;" in body:
            body = body.replace("&nbsp;", " ")
        self.is_dirty = has_dirt(body) or not unicodedata.is_normalized("NFC", body)
        self.removed.update("attr:" + name for name in _ATTRIBUTE_NAME.findall(body) if name not in _KEPT)
        self.removed.update("tag:" + name for name in _START_TAG.findall(body) if name not in _READ)
        parts = _SPLIT(body)
        parts += ("", "", "")
        last, position = len(parts) - 3, 0
        while position < last:
            text, tag = parts[position], parts[position + 1]
            position += 2
            if text:
                self._text(text)
            if not tag:
                continue
            if tag[0] == "/":
                self._end()
            elif tag[0] == "p" and parts[position + 1] == "/p" and self._is_plain_paragraph(tag):
                self._paragraph(parts[position])
                position += 2
            else:
                self._start(tag)
        self._flush()
        while len(self.containers) > 1:
            self._close_container()
        return Flowed(
            shaped("", self._settled(self.containers[0][1])), self.embeds, self.removed, self.unread, self.missing
        )

    # --- text and inline -------------------------------------------------------------------------------------------

    def _text(self, text: str) -> None:
        if self.quiet:
            self.unread += letters(text)
            return
        if self.is_dirty:
            text = unicodedata.normalize("NFC", without_dirt(text))
        if self.breaks and not text.isspace():
            self.breaks = 0
        self.buffer.append(text)

    def _is_plain_paragraph(self, tag: str) -> bool:
        """Whether this start tag of an element without elements in it begins a paragraph like most."""
        if self.quiet or self.formats or self.kind != "p":
            return False
        return tag == "p" or (tag[1] == " " and not self.wanted and _MARKED.search(tag) is None and " lang=" not in tag)

    def _paragraph(self, text: str) -> None:
        """A plain paragraph, the short way: what `_start`, `_text` and `_end` come to."""
        self._flush()
        if self.is_dirty:
            text = unicodedata.normalize("NFC", without_dirt(text))
        if not text or text.isspace():
            return
        self.breaks = 0
        inline = tidy(text)
        if plain(inline).strip():
            self._add(Block("p", inline))

    def _open_format(self, name: str, start: str) -> None:
        self.formats.append((name, start))
        self.buffer.append(start)

    def _close_format(self, name: str) -> None:
        for position in range(len(self.formats) - 1, -1, -1):
            if self.formats[position][0] == name:
                later = self.formats[position + 1 :]
                self.buffer += [f"</{other}>" for other, _ in reversed(later)]
                self.buffer.append(f"</{name}>")
                self.buffer += [start for _, start in later]
                del self.formats[position]
                return

    def _break(self) -> None:
        if self.kind == "pre":
            self.buffer.append("\n")
            return
        self.breaks += 1
        if self.breaks > 1:
            self.breaks = 1
            self._flush()
        else:
            self.buffer.append("<br>")

    # --- blocks ----------------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        """End the paragraph that is being written; formats that are open go on in the next."""
        if not self.buffer:
            return
        inline = "".join(self.buffer)
        if self.formats:
            inline += "".join(f"</{name}>" for name, _ in reversed(self.formats))
        self.buffer = [start for _, start in self.formats]
        if self.kind == "pre":
            inline = inline.strip("\n").rstrip()
            if plain(inline).strip():
                self._add(Block("pre", inline))
            return
        if inline.isspace():
            return
        inline = tidy(inline)
        if inline and plain(inline).strip():
            self._add(Block(self.kind, inline, attributes=self.language))

    def _add(self, block: Block) -> None:
        if self.anchor and block.kind in ("p", "h2", "h3", "h4"):
            block.anchor, self.anchor = self.anchor, ""
        self.containers[-1][1].append(block)

    def _open_container(self, name: str, tag: str) -> bool:
        if len(self.containers) > (_DEEPEST if name in _OUTER else _DEEPEST + len(_OUTER)):
            return False
        told = name in _CELLS or (name in _NAMING_LANGUAGE and " lang=" in tag)
        self.containers.append((name + "\0" + tag if told else name, []))
        return True

    def _settled(self, children: list[Block]) -> list[Block]:
        children = settled(children)
        if not self.has_twins:
            return children
        for twin in children:
            if twin.twin_of is not None:
                self.unread += told_twice(twin, twin.twin_of)
        return [child for child in children if child.twin_of is None]

    def _close_container(self) -> None:
        self._flush()
        name, children = self.containers.pop()
        name, _, tag = name.partition("\0")
        children = shaped(name, self._settled(children))
        if name == "figure":
            self.containers[-1][1].extend(self._of_figure(children))
            return
        if name == "li":
            for child in children:
                child.kind = "p" if child.kind in ("h2", "h3", "h4") else child.kind
        if children or name in ("td", "th"):
            block = Block(name, children=children)
            if tag and " " in tag:
                values = attributes_of(tag)
                wanted = [(key, values.get(key, "")) for key in _CELLS.get(name, ())]
                block.attributes = "".join(f' {key}="{v}"' for key, v in wanted if _SAFE_VALUE.fullmatch(v))
                if name in _NAMING_LANGUAGE:
                    block.attributes = _language_of(tag)
            if self.anchor and name == "li":
                block.anchor, self.anchor = self.anchor, ""
            self.containers[-1][1].append(block)

    def _of_figure(self, children: list[Block]) -> list[Block]:
        """What a figure holds, but for the word that says it is one; nothing where only that and a caption are left."""
        told = [child for child in children if child.kind != "p" or not _FIGURE_LABEL.fullmatch(child.text)]
        if len(told) == len(children):
            return children
        if told and all(child.kind in ("caption", "credit") for child in told):
            self.missing += 1
            told = []
        self.unread += sum(letters(child.text) for child in children) - sum(letters(child.text) for child in told)
        return told

    # --- tags ------------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        if not self.open:
            return
        tag, deed = self.open.pop()
        if self.quiet:
            if len(self.open) < self.quiet:
                self.quiet = 0
            return
        if deed == "format":
            self._close_format(_INLINE[tag])
        elif deed == "leaf":
            self._flush()
            self.kind, self.language = "p", ""
        elif deed == "break":
            self._flush()
        elif deed == "container":
            self._close_container()
            self.kind = "p"
        elif deed.startswith("kind:"):
            self._flush()
            self.kind, self.language = deed[5:], ""

    def _start(self, tag: str) -> None:
        name = tag.partition(" ")[0]
        if self.quiet:
            if name not in _VOID:
                self.open.append((name, ""))
            return
        if name in _VOID:
            self._void(name, tag)
            return
        self.open.append((name, self._deed(name, tag)))

    def _deed(self, name: str, tag: str) -> str:
        """Begin an element; what its end will have to do."""
        if " " in tag:
            if self.wanted:
                self._note_anchor(tag)
            if ROLE in tag:
                return self._begin_role(attributes_of(tag).get(ROLE, ""), tag)
            if "-embed-http" in tag:
                self._post(tag)
            if "data-cfemail" in tag or "/cdn-cgi/l/email-protection#" in tag:
                return self._hidden_address(attributes_of(tag))
        begin = _BEGINNINGS.get(name)
        return begin(self, name, tag) if begin is not None else ""

    def _begin_player(self, name: str, tag: str) -> str:
        self._player(name, attributes_of(tag))
        self.quiet = len(self.open) + 1
        return ""

    def _begin_block(self, name: str, tag: str) -> str:
        if self.kind == "pre":
            self.buffer.append("\n")
            return ""
        self._flush()
        if self.kind in ("caption", "credit") and name != "table":
            return "break"
        if name in _LEAVES:
            self.kind = _LEAVES[name]
            self.language = _language_of(tag) if self.kind in _NAMING_LANGUAGE else ""
            return "leaf"
        if name in _CONTAINERS and self._open_container(name, tag):
            self.kind = "p"
            return "container"
        return "break"

    def _begin_inline(self, name: str, tag: str) -> str:
        written = _INLINE[name]
        if self.kind == "pre" and written not in {"code", "a"}:
            return ""
        if any(written == other for other, _ in self.formats):
            return ""
        if name == "a":
            start = self._link_start(tag)
            if not start:
                return ""
            self._open_format("a", start)
        else:
            self._open_format(written, f"<{written}{_language_of(tag) if written in _NAMING_LANGUAGE else ''}>")
        return "format"

    def _link_start(self, tag: str) -> str:
        match = _HREF.search(tag)
        if match is None:
            return ""
        address = html.unescape(match[1])
        if address.startswith("#"):
            return f'<a href="#note-{self._id(address[1:])}">' if address[1:] in self.wanted else ""
        url = links.clean_link(address, self.base)
        if not url:
            self.removed["attr:href"] += 1
        return f'<a href="{escaped(url)}">' if url else ""

    def _begin_role(self, role: str, tag: str) -> str:
        self._flush()
        before, self.kind = self.kind, role if role in ("caption", "credit") else "p"
        self.language = _language_of(tag) if role == "caption" else ""
        return "kind:" + before

    def _begin_small(self, _name: str, tag: str) -> str:
        """Small print right under a picture is its caption."""
        here = self.containers[-1][1]
        under_picture = bool(here) and here[-1].kind == "figure" and not here[-1].caption and self.kind == "p"
        if under_picture and not plain("".join(self.buffer)).strip():
            return self._begin_role("caption", tag)
        return ""

    @staticmethod
    def _id(name: str) -> str:
        return _NOT_IN_ID.sub("-", name)[:80]

    def _note_anchor(self, tag: str) -> None:
        for key in ("id", "name"):
            match = re.search(rf' {key}="([^"]*)"', tag)
            if match and html.unescape(match[1]) in self.wanted:
                if self.anchor:
                    self.anchors[self._id(html.unescape(match[1]))] = self.anchor
                else:
                    self.anchor = "note-" + self._id(html.unescape(match[1]))

    def _hidden_address(self, values: dict[str, str]) -> str:
        code = values.get("data-cfemail") or values.get("href", "").rpartition("#")[2]
        try:
            numbers = bytes.fromhex(code)
            text = bytes(number ^ numbers[0] for number in numbers[1:]).decode()
        except (ValueError, IndexError):
            return ""
        self._text(escaped(one_line(text)))
        self.quiet = len(self.open) + 1
        return ""

    def _void(self, name: str, tag: str) -> None:
        if name == "br":
            self._break()
        elif name == "img":
            self._picture(attributes_of(tag))
        elif name == "hr":
            self._flush()
            self._add(Block("hr"))
        elif name == "source" and "srcset" in tag:
            self.fallback = last_of_set(attributes_of(tag).get("srcset", ""))
        elif name == "embed":
            self._player("embed", attributes_of(tag))

    # --- pictures and players --------------------------------------------------------------------------------------

    def _picture(self, values: dict[str, str]) -> None:
        fallback, self.fallback = self.fallback, ""
        sign = sign_of(values)
        if sign:
            self._text(escaped(sign))
            return
        block = picture_of(values, fallback, self.base)
        if block is None:
            self.removed["rule:ornament"] += 1
            return
        if block.src in self.pictures:
            self.removed["rule:twin picture"] += 1
            self._hold_place(self.pictures[block.src])
            return
        self.pictures[block.src] = block
        self._flush()
        self._add(block)

    def _hold_place(self, shown: Block) -> None:
        """Let what is told of a picture that was shown before find it, not become a paragraph of the text."""
        here = self.containers[-1][1]
        is_in_text = len(self.buffer) > _FEW_PARTS or bool(plain("".join(self.buffer)).strip())
        if not is_in_text and not (here and here[-1].kind == "figure"):
            self._add(Block("figure", twin_of=shown))
            self.has_twins = True

    def _post(self, tag: str) -> None:
        """The card of what another site shows, by the name of the place that was kept for it."""
        match = _KEPT_FOR.search(tag)
        if match:
            self._player("embed", {"src": html.unescape(match[1])})

    def _player(self, name: str, values: dict[str, str]) -> None:
        block = player_of(values, self.base)
        if block is None:
            self.removed["tag:" + name] += 1
        elif all(block.card != embed.url for embed in self.embeds):
            self.embeds.append(Embed(url=block.card, provider=block.provider, title=block.title, poster=block.poster))
            self._flush()
            self._add(block)


# Which method begins which element; one that is not named is seen through.
_BEGINNINGS: dict[str, Callable[[Flow, str, str], str]] = {
    **dict.fromkeys(_INLINE, Flow._begin_inline),
    **dict.fromkeys((*_LEAVES, *_CONTAINERS, *_BREAKS), Flow._begin_block),
    **dict.fromkeys(_SKIPPED, Flow._begin_player),
    "small": Flow._begin_small,
}
# Elements that stay what they are, by one name or another, or are counted where they are looked at.
_READ = frozenset((*_INLINE, *_LEAVES, *_CONTAINERS, *_SKIPPED, "figcaption", "br", "hr", "img", "embed", "source"))
