"""What browsers forgive and the rules of books do not: drawings, blocks in lines, two of a name, broken lists.

Source: EPUB 3.3, whose pages are XHTML. The policy lets strangers nest as they like; each rule below was found by
giving EPUBCheck all that the policy lets pass. No word is lost.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

BLOCKS = "p, ul, ol, dl, table, blockquote, figure, pre, hr, h2, h3, h4, div"
LINES = ("strong", "em", "s", "sub", "sup", "code", "cite", "q", "ruby")
LOOSE = ", ".join(
    (*(f"{tag}:has({BLOCKS})" for tag in LINES), "a:not([href])", "ruby:not(:has(rt))", ":not(ruby) > :is(rt, rp)")
)
EMPTY = "table:not(:has(tr)), tr:not(:has(td, th))"
STRAYS = f":not(ul, ol) > li, :not(dl) > :is(dt, dd), :not(figure) > figcaption, pre:has({BLOCKS})"
TERMS = re.compile(r"(?:(?:dt )+dd(?: dd)*(?: (?=dt )|$))+")  # terms, then what they mean, in turns


def make_strict(page: LexborHTMLParser) -> None:
    """Put a page of ours in the form that books demand."""
    for drawing in page.css("svg"):
        drawing.decompose()
    while loose := page.css_first(LOOSE):
        loose.unwrap(delete_empty=True)  # an empty one would stay, and be found again for ever
    while empty := page.css_first(EMPTY):
        empty.decompose()
    for stray in page.css(STRAYS):
        _rename(page, stray, "div")
    for listing in page.css(".prose ul, .prose ol"):
        _itemise(page, listing)
    _pair_terms(page)
    for figure in page.css("figure"):
        _caption_once(page, figure)
    _span_something(page)
    _name_once(page)


def _itemise(page: LexborHTMLParser, listing: LexborNode) -> None:
    """All that is in a list is an item of it; a list of nothing goes."""
    for child in list(listing.iter(include_text=True)):
        if child.tag == "-text" and (child.text_content or "").strip():
            item = _before(page, child, "li")
            item.insert_child(child.text_content)
            child.decompose()
        elif child.tag not in ("li", "-text"):
            item = _before(page, child, "li")
            item.insert_child(child)
            child.decompose()
    if not listing.css_first("li"):
        listing.decompose()


def _pair_terms(page: LexborHTMLParser) -> None:
    """Lists of terms in which something is missing become plain blocks."""
    for terms in page.css(".prose dl"):
        if not TERMS.fullmatch(" ".join(child.tag for child in terms.iter())):
            for child in list(terms.iter()):
                _rename(page, child, "div")
            _rename(page, terms, "div")


def _span_something(page: LexborHTMLParser) -> None:
    for name in ("colspan", "rowspan"):
        for cell in page.css(f"[{name}]"):
            if int(cell.attributes.get(name) or 0) < 1:
                del cell.attrs[name]


def _caption_once(page: LexborHTMLParser, figure: LexborNode) -> None:
    """One caption a figure, before all else or behind it."""
    children = list(figure.iter())
    captions = [child for child in children if child.tag == "figcaption"]
    for caption in captions:
        if len(captions) > 1 or caption.mem_id not in (children[0].mem_id, children[-1].mem_id):
            _rename(page, caption, "div")


def _name_once(page: LexborHTMLParser) -> None:
    seen = set()
    for node in page.css("[id]"):
        name = node.attributes.get("id") or ""
        if name in seen or not name or any(letter.isspace() for letter in name):
            del node.attrs["id"]
        seen.add(name)


def _before(page: LexborHTMLParser, node: LexborNode, tag: str) -> LexborNode:
    """A new element before a node."""
    node.insert_before(page.create_node(tag))
    return node.prev


def _rename(page: LexborHTMLParser, node: LexborNode, tag: str) -> None:
    """The same element under another name; its attributes go with the old one, except where links lead to it."""
    made = _before(page, node, tag)
    if name := node.attributes.get("id"):
        made.attrs["id"] = name
    for child in node.iter(include_text=True):
        made.insert_child(child)
    node.decompose()
