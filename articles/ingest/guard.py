"""Bounded work for hostile HTML: what makes any HTML parser quadratic is cut before it is parsed."""

import re
from collections import Counter

from articles.ingest.rules.words import words

# Below this many tags no nesting can cost more than a moment; real articles hardly ever have more.
_MANY_TAGS = 2_000
_DEEPEST = 150
_MOST_OPEN_FORMATS = 12  # each is opened again in every following paragraph
_LONGEST_TAG = 8_192

_SHORT_TAG = 512  # characters; a shorter one cannot hold more attributes than parsers can compare with each other
_MOST_ATTRIBUTES = 250

# Longer names are no element's, and parsers write them letter by letter, each time anew.
_LONGEST_NAME = 64
_LONG_NAME = re.compile(rf"<[a-zA-Z][^ \t\n\r\f/>]{{{_LONGEST_NAME}}}")

_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{_SHORT_TAG},}}")
_DATA_ADDRESS = re.compile(r"""(["'])\s*data:[^"']*\1""")
_FORMATS = words("a b big code em font i nobr s small strike strong tt u")
_NOT_NESTING = words(
    "p tr td th tbody thead tfoot colgroup area base br col embed hr img input link meta param source track wbr"
)
_ITEMS = {"li": ("li",), "dd": ("dd", "dt"), "dt": ("dd", "dt")}  # each closes the one before
_LEAVES_PARAGRAPHS = words("area br embed img input param source track wbr")  # those after which a paragraph goes on
# Strokes of drawings; they hold no text, and written `<path/>` they would count as open for good.
_STROKES = words("animate circle ellipse line path polygon polyline rect stop use")
# Elements whose end closes all that was opened within them, and those of them through which no other's end reaches.
_CLOSING = words(
    "address applet article aside blockquote button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer h1 h2 h3 h4 h5 h6 header hgroup li listing main marquee menu nav object ol pre search section "
    "select summary table template ul"
)
# Those within a drawing or a formula that hold HTML: no end tag reaches out of them, nor closes them with what is open.
_INTEGRATION = words("annotation-xml desc foreignobject mi mn mo ms mtext")
# What stands for a drawing that a parser may have left, and for one of those that hold HTML where a paragraph began in
# it: no tag closes them.
_DOUBTFUL, _HELD = "?drawing", "?holding"
_INTEGRATION |= {_HELD}
_WALLS = words("applet caption marquee math object select svg table template") | _INTEGRATION | {_DOUBTFUL}
_SPECIAL = _CLOSING | words("form noscript math svg") | _INTEGRATION | {_DOUBTFUL}
# Elements of HTML whose start ends every drawing and formula that it stands in (HTML, 13.2.6.5), as do </br> and </p>;
# a font only when it has one of these attributes.
_BREAKING_OUT = words(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta "
    "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var"
)
_OF_FONTS = words("color face size")

# Tags as browsers tell them: a quotation mark opens a value only behind an equals sign that has a name before it.
_BLANK = r"[ \t\n\r\f]"
_ONE = (
    rf"[^ \t\n\r\f/>][^ \t\n\r\f/>=]*+(?:{_BLANK}*+={_BLANK}*+"
    r"(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\r\f>\"'][^ \t\n\r\f>]*+|(?=>)|\Z))?+"
)
_ATTRIBUTE = re.compile(_ONE)
_ATTRIBUTES = rf"(?:(?:{_BLANK}|/)++|{_ONE})*+"
_RAW = "script|style|xmp|iframe|noembed|noframes|textarea|title"
_NO_TAG = r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/(?![a-zA-Z]))[^>]*+(?:>|\Z)"  # comments and what is taken for them
_RAW_ELEMENT = rf"(<({_RAW})(?=[ \t\n\r\f/>]){_ATTRIBUTES}(?:>|\Z))(?:.*?</\2(?=[ \t\n\r\f/>])[^>]*+(?:>|\Z)|.*)"
_TAG = rf"<(/?)([a-zA-Z][^ \t\n\r\f/>]*+)({_ATTRIBUTES})(>|\Z)"
_FLAGS = re.DOTALL | re.IGNORECASE
_TOKEN = re.compile(f"{_NO_TAG}|{_RAW_ELEMENT}|{_TAG}", _FLAGS)
_COMMENT = re.compile(r"<!--.*?-->|(<[^>]*>)", re.DOTALL)

_NOSCRIPT = re.compile(
    rf"{_NO_TAG}|{_RAW_ELEMENT}|(<noscript(?=[ \t\n\r\f/>]){_ATTRIBUTES}>)(.*?)(?=</noscript[ \t\n\r\f/>])|{_TAG}",
    _FLAGS,
)
_NAME = "[nN][oO][sS][cC][rR][iI][pP][tT]"  # said so, it is looked for only where a tag begins
_NOSCRIPT_CONTENT = re.compile(rf"<{_NAME}[^>]*>(.*?)</{_NAME}", re.DOTALL)
_NOSCRIPT_END = "</noscript"
# Content that cannot reach beyond its element: whole tags with whole values, no comments, no raw text.
_WHOLE = re.compile(
    rf"(?:[^<]|<(?!(?:{_RAW}|plaintext)\b)/?[a-zA-Z](?:[^<>\"']|=\"[^\"<>]*\"|='[^'<>]*')*+>)*+", _FLAGS
)

PATTERNS = (
    _LONG_NAME,
    _LONG_TAG,
    _ATTRIBUTE,
    _DATA_ADDRESS,
    _TOKEN,
    _COMMENT,
    _NOSCRIPT,
    _NOSCRIPT_CONTENT,
    _WHOLE,
)  # what the guard rests on
BOUNDS = (_MANY_TAGS, _DEEPEST, _MOST_OPEN_FORMATS, _LONGEST_TAG, _SHORT_TAG, _MOST_ATTRIBUTES, _LONGEST_NAME)
TOO_DEEP, TOO_LONG = "rule:nested too deep", "rule:tag too long"


def bounded(html: str, removed: Counter | None = None, lowered: str | None = None) -> str:
    """The same HTML, with no tag longer, no nesting deeper, no lists of attributes and of open formats longer than
    parsing can bear.

    Ordinary articles come back as they are, but for what reaches out of a noscript. Only tags are taken away, and
    elements with raw text; `removed` counts them: "tag:script" and the like, TOO_DEEP, TOO_LONG. A frame stays.
    `lowered` is the HTML in lower case, where that is known.
    """
    removed = Counter() if removed is None else removed
    html = _whole_without_scripts(html, html.lower() if lowered is None else lowered)
    if _LONG_TAG.search(html):
        html = _LONG_TAG.sub(lambda match: _shortened(match, removed), html)
    if _LONG_NAME.search(html):
        html = _TOKEN.sub(_with_short_name, html)
    if html.count("<") <= _MANY_TAGS:
        return html
    return _Depth(removed).flattened(html)


def without_comments(written: str) -> str:
    """HTML that a parser has written, without its comments. What looks like one inside a tag (`<e<!-->`) is none."""
    return _COMMENT.sub(r"\1", written) if "<!--" in written else written


def _whole_without_scripts(html: str, lowered: str) -> str:
    """Each noscript closed within itself: to browsers that run scripts it is raw text, whose first end tag ends it; to
    a parser without scripts, an attribute or a comment that is left open in it would take along all that follows.
    """
    if _NOSCRIPT_END not in lowered or all(map(_WHOLE.fullmatch, _NOSCRIPT_CONTENT.findall(html))):
        return html
    end = [match.end() for match in re.finditer(f"</{_NAME}", html)][-1] + 1
    return _NOSCRIPT.sub(_closed_within, html[:end]) + html[end:]


def _closed_within(match: re.Match[str]) -> str:
    return match[3] + _TOKEN.sub(_if_whole, match[4]) if match[3] else match[0]


def _if_whole(match: re.Match[str]) -> str:
    """A token of a noscript; nothing of one that has no end there, of comments, and of raw text."""
    return match[0] if match[4] is not None and match[6] else ""


def _shortened(match: re.Match[str], removed: Counter) -> str:
    """A tag without its data: addresses, and without any attribute when it is too long even so."""
    tag = _DATA_ADDRESS.sub('""', match[0])
    if not _is_too_long(tag):
        return match[0] if len(match[0]) <= _LONGEST_TAG else tag
    removed[TOO_LONG] += 1
    return re.match(r"<[^\s/]*", tag)[0]


def _with_short_name(match: re.Match[str]) -> str:
    if match[4] is None or len(match[4]) <= _LONGEST_NAME:
        return match[0]
    return f"<{match[3]}{match[4][:_LONGEST_NAME]}{match[5]}{match[6]}"


def _is_too_long(tag: str) -> bool:
    if len(tag) <= _SHORT_TAG:
        return False
    return len(tag) > _LONGEST_TAG or len(_ATTRIBUTE.findall(tag)) > _MOST_ATTRIBUTES


class _Depth:
    """Follows what is open as a parser would, and leaves out the tags that would open too much.

    Where the two differ, more is held to be open here than there.
    """

    def __init__(self, removed: Counter) -> None:
        self.removed = removed
        self.open: list[str] = []  # all but formats and what cannot nest
        self.formats: Counter = Counter()
        self.has_drawn = False  # anywhere yet: most texts never do, and are not looked through for drawings
        self.left_out: Counter = Counter()
        self.paragraph: int | None = None  # length of `open` where a paragraph began that surely is open still

    def flattened(self, html: str) -> str:
        return _TOKEN.sub(self._token, html)

    def _token(self, match: re.Match[str]) -> str:
        name = match[4]
        if name is None:
            return self._raw(match[2].lower(), match[1]) if match[2] else ""
        name = name.lower()
        if name in _STROKES:
            return ""
        tag = self._without_attributes(name, match[3]) if _is_too_long(match[0]) else match[0]
        if name in _NOT_NESTING and self._breaks_out(name, match[3], ""):
            del self.open[self._outside() :]
        if name in _NOT_NESTING and (match[3] or name == "p" or not self._draws()):
            self._pass_by(name, match[3])
        elif match[3]:
            return tag if self._end(name) else ""
        elif not self._start(name, match[5] if tag == match[0] else ""):
            return ""
        return tag

    def _raw(self, name: str, start: str) -> str:
        """A frame without what it holds, which no browser shows; other raw text goes whole."""
        if name == "iframe":
            start = self._without_attributes(name, "") if _is_too_long(start) else start
            return f"{start}</iframe>"
        self.removed["tag:" + name] += 1
        return ""

    def _without_attributes(self, name: str, end: str) -> str:
        self.removed[TOO_LONG] += 1
        return f"<{end}{name}>"

    def _pass_by(self, name: str, end: str) -> None:
        """What cannot nest in itself; a paragraph's begin and end close what was opened in the one before."""
        if name in _LEAVES_PARAGRAPHS:
            return
        if name == "p" and self.paragraph is not None:
            del self.open[self.paragraph :]
        if end:
            self._doubt()
        elif name == "p" and self.has_drawn:
            self.open = [_HELD if other in _INTEGRATION else other for other in self.open]
        self.paragraph = len(self.open) if name == "p" and not end else None

    def _draws(self) -> bool:
        """Whether a drawing or a formula may be open: in those, everything nests."""
        return self.has_drawn and (self._surely_draws() or _DOUBTFUL in self.open)

    def _surely_draws(self) -> bool:
        return self.has_drawn and ("svg" in self.open or "math" in self.open)

    def _breaks_out(self, name: str, end: str, attributes: str) -> bool:
        """Whether this tag is no part of a drawing that it stands in, but ends it."""
        if name == "font" and not end:
            return any(re.split(r"[\s=]", one)[0].lower() in _OF_FONTS for one in _ATTRIBUTE.findall(attributes))
        return name in _BREAKING_OUT and (not end or name in ("br", "p"))

    def _outside(self) -> int:
        """How many stay open when a tag ends the drawings and formulas that it stands in: those up to the first of them
        behind the last element of HTML, or the last that holds some.
        """
        outside = len(self.open)
        for place in range(outside - 1, -1, -1) if self._surely_draws() else ():
            if self.open[place] in _INTEGRATION:
                break
            if self.open[place] in ("svg", "math"):
                outside = place
        return outside

    def _start(self, name: str, attributes: str) -> bool:
        if name == "a" and self.formats["a"] and not self._draws():
            return True  # a link ends the one before, but in drawings
        if name in _ITEMS:
            self._close_item(_ITEMS[name])
        is_format = name in _FORMATS and not (name == "a" and self._surely_draws())  # there, a link is no format
        outside = self._outside() if self._breaks_out(name, "", attributes) else len(self.open)
        depth = outside + self.formats.total()
        if depth >= _DEEPEST or (is_format and self.formats.total() >= _MOST_OPEN_FORMATS):
            self.left_out[name] += 1
            self.removed[TOO_DEEP] += 1
            return False
        del self.open[outside:]
        if is_format:
            self.formats[name] += 1
            return True
        if name in _SPECIAL:
            self.paragraph = None
        self.open.append(name)
        self.has_drawn = self.has_drawn or name in ("svg", "math")
        return True

    def _close_item(self, names: tuple[str, ...]) -> None:
        """The item before, when nothing but text, blocks and inline elements was opened since."""
        for place in range(len(self.open) - 1, -1, -1):
            other = self.open[place]
            if other in names:
                del self.open[place:]
                return
            if other in _SPECIAL and other not in ("address", "div"):
                return

    def _end(self, name: str) -> bool:
        if self.left_out[name]:
            self.left_out[name] -= 1
            return False
        drawn = self._place_of(name) if name == "a" and self.has_drawn else None  # a link of a drawing
        if name in _FORMATS and drawn is None:
            self.formats[name] -= bool(self.formats[name])
            self._doubt()
            return True
        if name in _SPECIAL:
            self.paragraph = None
        place = self._place_of(name) if drawn is None else drawn
        if place is None:
            self._doubt()
        else:
            del self.open[place : place + 1 if name == "form" else None]
        return True

    def _doubt(self) -> None:
        """After an end tag that may close what a drawing stands in, and the drawing with it."""
        if self._surely_draws():
            self.open = [_DOUBTFUL if other in ("svg", "math") else other for other in self.open]

    def _place_of(self, name: str) -> int | None:
        """Where the element is open that this end tag closes; None when a parser would pass the tag over."""
        for place in range(len(self.open) - 1, (self.paragraph or 0) - 1, -1):
            other = self.open[place]
            if other == name:
                is_held = name in _INTEGRATION and (place < len(self.open) - 1 or self.formats.total())
                return None if is_held else place
            if (
                (other in _WALLS and name != "table")
                or (name == "li" and other in ("ol", "ul"))
                or (name not in _CLOSING and other in _SPECIAL)
            ):
                return None
        return None
