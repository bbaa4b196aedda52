"""The parsed body: find the article, read what stands around it, drop what is not it, mark captions and credits."""

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles.ingest.cleanup.blocks import escaped, plain
from articles.ingest.guard import bounded, without_comments
from articles.ingest.rules.boilerplate import CARD_LINES
from articles.ingest.rules.templates import COMMON, MACHINERY, STILL, TEMPLATES, Template
from articles.ingest.text import one_line

ROLE = "data-newsroom-role"
STILL_OF = "data-newsroom-still"  # on a player: the address of its still picture
_COMMA = re.compile(r",\s*(?![^()]*\))")  # between selectors, not inside :has()
_NEGATION = re.compile(r":not\([^()]*\)|:has\([^()]*,[^()]*\)")  # what need not be there, or not all of it
_PSEUDO = re.compile(r":[a-z\-]+")
_WORD = re.compile(r"[\w\-]+")
_EVERYWHERE = ("https", "href", "class", "div", "body")
_CARD_LINES = tuple((re.compile(pattern), what) for pattern, what in CARD_LINES)
_LINE_END = re.compile(r"<br>|</(?:p|div|li|tr)>")
_LINKED_TO = re.compile(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
_DAY = re.compile(r"(\d{4})[.年/-](\d{1,2})[.月/-](\d{1,2})(?!\d)")
_LINKED = re.compile(r"<a [^>]*>(.*?)</a>", re.DOTALL)
_LONGEST_NAME = 200
_NO_LETTERS = " \n\t\xa0\u3000=＝"
_FEW_LETTERS = 40  # a second core with no more than these is a button, a heading


@dataclass(slots=True)
class Page:
    """What was read off the tree: the article's own HTML, well formed and without raw text, and facts around it."""

    html: str = ""
    byline: str = ""
    tags: list[str] = field(default_factory=list)
    dateline: tuple[str, str] = ("", "")  # (reader of the time, the time as written)
    copyright: str = ""
    origin: str = ""  # where the text was published first, as HTML
    letters: int = 0  # of the text that `html` holds, white space not counted
    is_partial: bool = False  # text that seems to be the article's stands outside of what was taken for it
    removed: Counter = field(default_factory=Counter)


class _Queries:
    """Selectors with a name each, asked of a page in one query of only those that can match it."""

    def __init__(self, rows: tuple[tuple[str, str], ...]) -> None:
        self.rows = [
            (name, part, _needle(part).encode("ascii")) for name, selector in rows for part in _COMMA.split(selector)
        ]

    def find(self, root: LexborNode, source: bytes) -> list[tuple[str, LexborNode]]:
        """(name, node) in document order, each node once; `source` is the page's HTML in lower case, as `_in_bytes`
        has it.
        """
        able = [(name, part) for name, part, needle in self.rows if needle in source]
        if not able:
            return []
        nodes = {node.mem_id: node for node in root.css(", ".join(part for _, part in able))}
        if len(able) == 1:
            return [(able[0][0], node) for node in nodes.values()]
        return [(next(name for name, part in able if node.css_matches(part)), node) for node in nodes.values()]


def _in_bytes(lowered: str) -> bytes:
    """The characters of ASCII alone, which is all that selectors are made of: sought in at four times the speed."""
    return lowered.encode("ascii", "ignore")


def _needle(selector: str) -> str:
    """The longest word that a page must contain for the selector to match it, but for words that every page has."""
    found = _WORD.findall(_PSEUDO.sub("", _NEGATION.sub("", selector)))
    return max(found, key=lambda word: (word not in _EVERYWHERE, len(word)), default="").lower()


@dataclass(frozen=True, slots=True)
class _Rules:
    """A source's rows and the common ones."""

    template: Template
    drop: _Queries
    roles: _Queries


def _joined(template: Template) -> _Rules:
    return _Rules(template, _Queries(template.drop + COMMON.drop), _Queries(template.roles + COMMON.roles))


_RULES = {slug: _joined(template) for slug, template in TEMPLATES.items()}
_RULES[""] = _joined(Template())
_MACHINERY = re.compile("<(?:" + MACHINERY.replace(", ", "|") + r")\b")


def template_of(source: str) -> Template:
    """The rows of a source; none of its own for one we do not know."""
    return _RULES.get(source, _RULES[""]).template


def read_page(body: str, slug: str) -> Page:
    """Parse a body once and read it by its source's rows."""
    rules = _RULES.get(slug, _RULES[""])
    page = Page()
    lowered = body.lower()
    source = _in_bytes(lowered)
    body = bounded(body, page.removed, lowered)
    root = LexborHTMLParser("<!doctype html><body>" + body).body
    if root is None:
        return page
    _take_out_machinery(root, lowered, page)
    _read_around(root, rules.template, page)
    cores = _cores(root, rules.template)
    for core in cores:
        for rule, node in rules.drop.find(core, source):
            if node.mem_id != core.mem_id:
                page.removed["rule:" + rule] += 1
                if rule == STILL:
                    _hand_over(node)
                _detach(node)
        for role, node in rules.roles.find(core, source):
            node.attrs[ROLE] = role
        page.html += (core.inner_html if core is root else core.html) or ""
        page.letters += letters(core.text())
    page.html = without_comments(page.html) + page.origin
    page.letters += letters(plain(page.origin))
    page.is_partial = cores[0] is not root and _is_partial(root, cores, rules, page.letters, source)
    return page


def letters(text: str) -> int:
    """How much of a text is neither white space nor part of a ruler; counting signs is the fastest way to tell."""
    return len(text) - sum(map(text.count, _NO_LETTERS))


def _is_partial(root: LexborNode, cores: list[LexborNode], rules: _Rules, inside: int, source: bytes) -> bool:
    """Whether more than the cores hold stands outside of them, or beside one of them another that its selector fits;
    what the rules drop is no part of either. Takes the tree apart.
    """
    for core in cores:
        _detach(core)
    others = [node for selector in rules.template.core for node in root.css(selector)]
    if not others and letters(root.text()) <= inside:
        return False
    for _rule, node in rules.drop.find(root, source):
        _detach(node)
    others = [node for selector in rules.template.core for node in root.css(selector)]
    return letters(root.text()) > inside or any(letters(node.text()) > _FEW_LETTERS for node in others)


def _hand_over(fallback: LexborNode) -> None:
    """Give the player before it the picture of what is shown where it cannot play."""
    player, picture = fallback.prev, fallback.css_first("img[src]")
    while player is not None and player.tag == "-text":
        player = player.prev
    if player is not None and picture is not None:
        player.attrs[STILL_OF] = picture.attributes["src"] or ""


def _take_out_machinery(root: LexborNode, lowered: str, page: Page) -> None:
    if _MACHINERY.search(lowered):
        for node in {node.mem_id: node for node in root.css(MACHINERY)}.values():
            page.removed["tag:" + (node.tag or "")] += 1
            _detach(node)
    if "<iframe" in lowered:  # what a frame holds is text to browsers, and would be read as tags when written out
        for frame in root.css("iframe"):
            for node in list(frame.iter(include_text=True)):
                _detach(node)


def _cores(root: LexborNode, template: Template) -> list[LexborNode]:
    found = (root.css_first(selector) for selector in template.core)
    return [node for node in found if node is not None] or [root]


def _read_around(root: LexborNode, template: Template, page: Page) -> None:
    for selector in template.byline:
        node = root.css_first(selector)
        name = one_line(node.text()) if node is not None else ""
        if name and len(name) <= _LONGEST_NAME:
            page.byline = name
            break
    for selector in template.tags:
        page.tags += [one_line(node.text()) for node in root.css(selector)]
    for reader, attribute, selector in template.dateline:
        node = root.css_first(selector)
        value = (node.attributes.get(attribute) if attribute else node.text()) if node is not None else ""
        if value:
            page.dateline = (reader, value)
            break
    card = root.css_first(template.card) if template.card else None
    if card is not None:
        _read_card(card, page)
        page.removed["rule:archive card"] += 1
        _detach(card)


def _read_card(card: LexborNode, page: Page) -> None:
    """Lines of `label：value`; the topics of a line are its links, or words where it has none."""
    for line in _LINE_END.split(card.inner_html or ""):
        text = one_line(plain(line))
        for pattern, what in _CARD_LINES:
            match = pattern.match(text)
            if match is None:
                continue
            value = text[match.end() :].strip()
            if what == "byline" and len(value) <= _LONGEST_NAME:
                page.byline = page.byline or value
            elif what == "copyright":
                page.copyright = page.copyright or value
            elif what == "day" and (day := _DAY.match(value)) and not page.dateline[0]:
                page.dateline = ("day", "{:0>4}-{:0>2}-{:0>2}".format(*day.groups()))
            elif what == "origin" and value:
                page.origin += _origin(line)
            elif what == "tags":
                page.tags += [plain(name) for name in _LINKED.findall(line)] or re.split(r"[\s,，、]+", value)


def _origin(line: str) -> str:
    """Where a text was published first, as a paragraph; links stay links."""
    parts = _LINKED_TO.split(line)
    texts = [escaped(one_line(plain(text))) for text in parts[::3]]
    links = [
        f'<a href="{href}">{escaped(one_line(plain(name)))}</a>'
        for href, name in zip(parts[1::3], parts[2::3], strict=True)
    ]
    return f"<p>{''.join(itertools.chain.from_iterable(itertools.zip_longest(texts, links, fillvalue='')))}</p>"


def _detach(node: LexborNode) -> None:
    """Take a node out with all that is in it; it stays alive, so that a list of nodes may hold its children."""
    node.decompose(recursive=False)
