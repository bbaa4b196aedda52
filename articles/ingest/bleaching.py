"""bleach's Cleaner, to the letter, at a fraction of its time.

What is as regular as `cleanup` writes it (every element closed, nothing where a browser would move it) is read by
`regular`, whose tokens go through bleach's own filter and serializer: each of 248 real bodies is. Everything else is
parsed by bleach, with the same tokenizer, parser, filter and serializer, but no notes are taken of where in the
text a tag began or which characters are parse errors, since nobody reads those.
"""

import re
from collections.abc import Iterator

import bleach.sanitizer
from bleach import html5lib_shim
from bleach._vendor.html5lib._inputstream import HTMLUnicodeInputStream

from articles.ingest.rules.words import words

_ALL = -1  # of a text, in one piece

_TAG = re.compile(r'<(/?)([a-z]+[1-6]?)((?: [a-z]+="[^"<>]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
# Characters that parsers replace or leave out, and the line feed that they drop at the beginning of a <pre>.
_REPLACED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_DROPPED = re.compile(r"<pre[^>]*>\n")

# What may stand in what, so that no parser moves, closes or opens anything by itself.
_VOID = frozenset(("br", "hr", "img"))
_PHRASES = words("a strong em s sub sup code cite q")
_IN_PHRASE = _PHRASES | {"br", "img"}
_IN_FLOW = _IN_PHRASE | words("p h2 h3 h4 pre blockquote figure ul ol dl table hr")
_CHILDREN: dict[str, frozenset[str]] = {
    "": _IN_FLOW,
    **dict.fromkeys(_PHRASES, _IN_PHRASE),
    **dict.fromkeys(("p", "h2", "h3", "h4", "pre"), _IN_PHRASE),
    **dict.fromkeys(("blockquote", "li", "dt", "dd"), _IN_FLOW),
    **dict.fromkeys(("td", "th", "figcaption", "caption"), _IN_FLOW - {"table"}),
    "figure": _IN_FLOW | {"figcaption"},
    "ul": frozenset(("li",)),
    "ol": frozenset(("li",)),
    "dl": frozenset(("dt", "dd")),
    "table": frozenset(("caption", "thead", "tbody", "tfoot")),
    **dict.fromkeys(("thead", "tbody", "tfoot"), frozenset(("tr",))),
    "tr": frozenset(("td", "th")),
}
_WITHOUT_TEXT = words("ul ol dl table thead tbody tfoot tr")


class _NotesWanted(Exception):
    """The tokenizer met a tag so broken that it wants to read its text again."""


class _Text(HTMLUnicodeInputStream):
    """A text of which only the characters are known."""

    _defaultChunkSize = _ALL  # noqa: N815 - html5lib's name

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.reportCharacterErrors = None

    def position(self) -> tuple[int, int]:
        """Lines are not counted."""
        return (0, 0)

    def start_tag(self) -> None:
        """Where a tag begins is not noted."""

    def get_tag(self) -> str:
        """Asked for only when a tag is broken."""
        raise _NotesWanted


class _Tokenizer(html5lib_shim.BleachHTMLTokenizer):
    def __init__(self, stream: str, **options) -> None:
        super().__init__(stream="", **options)
        self.stream = _Text(stream)


class _Parser(html5lib_shim.BleachHTMLParser):
    def _parse(self, stream, innerHTML=False, container="div", scripting=True, **kwargs) -> None:  # noqa: N803
        self.innerHTMLMode = innerHTML
        self.container = container
        self.scripting = scripting
        self.tokenizer = _Tokenizer(stream, consume_entities=self.consume_entities, parser=self, **kwargs)
        self.reset()
        self.mainLoop()


class _Walker(html5lib_shim.getTreeWalker("etree")):
    """html5lib's, which on the way up looks for each element among all its siblings; here its place is kept."""

    def __init__(self, tree) -> None:
        super().__init__(tree)
        self._places: list[int | None] = []  # of the elements that were gone into

    def getFirstChild(self, node):  # noqa: N802 (html5lib's name, as those below)
        """A text or an element, None when there is none."""
        return self._noted(node, super().getFirstChild(node))

    def getNextSibling(self, node):  # noqa: N802
        """The same; behind the text of an element stands its first child."""
        following = super().getNextSibling(node)
        return self._noted(node, following) if isinstance(node, tuple) and node[3] == "text" else following

    def getParentNode(self, node):  # noqa: N802
        """The element that holds it."""
        if not isinstance(node, tuple) or node[3] == "text":
            return super().getParentNode(node)
        ancestors, place = node[2], self._places.pop()
        parent = ancestors.pop()
        return (parent, place, ancestors, None) if ancestors else parent

    def _noted(self, node, child):
        if child is not None and child[3] is None:
            self._places.append(node[1] if isinstance(node, tuple) else None)
        return child


def regular(text: str) -> list[dict] | None:
    """The tokens that bleach's parser and walker make of a text; None of one that is not regular enough to be sure."""
    parts = _TAG.split(text)
    if len(parts) // 4 != text.count("<") or _REPLACED.search(text) or ("<pre" in text and _DROPPED.search(text)):
        return None
    tokens: list[dict] = []
    open_ = [""]
    for at in range(0, len(parts) - 1, 4):
        data, end, name, written = parts[at : at + 4]
        inside = open_[-1]
        if data:
            if inside in _WITHOUT_TEXT:
                return None
            tokens.append({"type": "Characters", "data": data})
        if end:
            if name != inside or written:
                return None
            open_.pop()
            tokens.append({"type": "EndTag", "name": name, "namespace": None})
            continue
        values = _values(written) if written else {}
        if name not in _CHILDREN[inside] or (name in _PHRASES and name in open_) or values is None:
            return None
        kind = "EmptyTag" if name in _VOID else "StartTag"
        tokens.append({"type": kind, "name": name, "namespace": None, "data": values})
        if name not in _VOID:
            open_.append(name)
    tokens.append({"type": "Characters", "data": parts[-1]})
    return tokens if len(open_) == 1 else None


def _values(written: str) -> dict[tuple[None, str], str] | None:
    """The attributes of a start tag as the walker tells them; None when one is there twice."""
    found = _ATTRIBUTE.findall(written)
    values = {(None, key): value for key, value in found}
    return values if len(values) == len(found) else None


class Cleaner(bleach.sanitizer.Cleaner):
    """Cleans as bleach's own does, to the letter; whatever HTML is too broken for it goes to bleach's own."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self._careful = bleach.sanitizer.Cleaner(**options)
        self.walker = self._careful.walker = _Walker
        self.parser = _Parser(tags=self.tags, strip=self.strip, consume_entities=False, namespaceHTMLElements=False)

    def clean(self, text: str) -> str:
        """The text with what the options allow."""
        tokens = regular(text)
        if tokens is not None:
            return self.serializer.render(self._filtered(iter(tokens)))
        try:
            return super().clean(text)
        except _NotesWanted:
            return self._careful.clean(text)

    def _filtered(self, tokens: Iterator[dict]) -> bleach.sanitizer.BleachSanitizerFilter:
        return bleach.sanitizer.BleachSanitizerFilter(
            source=tokens,
            allowed_tags=self.tags,
            attributes=self.attributes,
            strip_disallowed_tags=self.strip,
            strip_html_comments=self.strip_comments,
            css_sanitizer=self.css_sanitizer,
            allowed_protocols=self.protocols,
        )
