"""Bounded work for hostile HTML: what makes any HTML parser quadratic is cut before it is parsed."""

import re

from articles.ingest.rules.words import words

# Below this many tags no nesting can cost more than a moment; real articles hardly ever have more.
_MANY_TAGS = 2_000
_DEEPEST = 150
_MOST_OPEN_FORMATS = 12  # each is opened again in every following paragraph
_LONGEST_TAG = 8_192

_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_LONGEST_TAG},}}")
_DATA_ADDRESS = re.compile(r"""(["'])\s*data:[^"']*\1""")
_FORMATS = words("a b big code em font i nobr s small strike strong tt u")
_NOT_NESTING = words(
    "p li dt dd tr td th option optgroup tbody thead tfoot colgroup rp rt area base br col embed hr img input "
    "link meta param source track wbr"
)
_COMMENT = re.compile(r"<!--.*?-->|(<[^>]*>)", re.DOTALL)
_TOKEN = re.compile(
    r"<!--(?:.*?-->|.*)"
    r"|<(script|style|xmp|iframe|noembed|noframes|textarea|title)\b[^>]*>(?:.*?</\1\s*>|.*)"
    r"|<(/?)([a-zA-Z][^\s/>]*+)((?:[^>\"']++|\"[^\"]*+(?:\"|$)|'[^']*+(?:'|$))*+)(?:>|$)",
    re.DOTALL | re.IGNORECASE,
)


def bounded(html: str) -> str:
    """The same HTML, with no tag longer, no nesting deeper and no list of open formats longer than parsing can bear.

    Ordinary articles come back as they are; only tags are taken away, never text.
    """
    if _LONG_TAG.search(html):
        html = _LONG_TAG.sub(_shortened, html)
    if html.count("<") <= _MANY_TAGS:
        return html
    return _Depth().flattened(html)


def without_comments(written: str) -> str:
    """HTML that a parser has written, without its comments. What looks like one inside a tag (`<e<!-->`) is none."""
    return _COMMENT.sub(r"\1", written) if "<!--" in written else written


def _shortened(match: re.Match[str]) -> str:
    """A tag without its data: addresses, and without any attribute when it is too long even so."""
    tag = _DATA_ADDRESS.sub('""', match[0])
    return tag if len(tag) <= _LONGEST_TAG else re.match(r"<[^\s/]*", tag)[0]


class _Depth:
    """Counts what is open, and leaves out the tags that would open too much."""

    def __init__(self) -> None:
        self.open: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self.depth = 0
        self.formats = 0

    def flattened(self, html: str) -> str:
        return _TOKEN.sub(self._token, html)

    def _token(self, match: re.Match[str]) -> str:
        name = match[3]
        if name is None:
            return "" if match[1] else match[0] if len(match[0]) < _LONGEST_TAG else ""
        name = name.lower()
        if name in _NOT_NESTING:
            return match[0] if len(match[0]) <= _LONGEST_TAG else f"<{match[2]}{name}>"
        if match[2]:
            return self._end(name, match[0])
        return self._start(name, match[0])

    def _start(self, name: str, tag: str) -> str:
        is_format = name in _FORMATS
        if self.depth >= _DEEPEST or (is_format and self.formats >= _MOST_OPEN_FORMATS):
            self.left_out[name] = self.left_out.get(name, 0) + 1
            return ""
        self.open[name] = self.open.get(name, 0) + 1
        self.depth += 1
        self.formats += is_format
        return tag if len(tag) <= _LONGEST_TAG else f"<{name}>"

    def _end(self, name: str, tag: str) -> str:
        if self.left_out.get(name):
            self.left_out[name] -= 1
            return ""
        if not self.open.get(name):
            return ""
        self.open[name] -= 1
        self.depth -= 1
        self.formats -= name in _FORMATS
        return tag
