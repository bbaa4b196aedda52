"""Parsed HTML written as XML or as HTML: every page that leaves in an archive goes through here.

The standard library's writer escapes all of it, so nothing that somebody wrote into a title can break a page.
"""

import re
from xml.etree import ElementTree

from selectolax.lexbor import LexborHTMLParser, LexborNode

XHTML = "http://www.w3.org/1999/xhtml"
EPUB = "http://www.idpf.org/2007/ops"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
PREFIXED = frozenset({"epub:type"})  # the one attribute with a prefix that pages of ours have
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def printable(text: str) -> str:
    """`text` without what no XML file may hold."""
    return _NO_CHARACTER.sub("", text)


def as_html(tree: LexborHTMLParser) -> bytes:
    """The page as an HTML file."""
    page = ElementTree.tostring(_element(tree.root), encoding="unicode", method="html")
    return f"<!doctype html>\n{page}\n".encode()


def as_xhtml(tree: LexborHTMLParser) -> bytes:
    """The page as an XHTML file of a book; each language is told in both ways that reading systems know."""
    html = _element(tree.root)
    html.set("xmlns", XHTML)
    html.set("xmlns:epub", EPUB)
    for element in html.iter():
        if language := element.get("lang"):
            element.set(XML_LANGUAGE, language)
    page = ElementTree.tostring(html, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n{page}\n'.encode()


def _element(root: LexborNode) -> ElementTree.Element:
    """The same tree without comments; not by recursion, since strangers nest as deep as they like."""
    made = ElementTree.Element(root.tag, _attributes(root))
    waiting = [(root, made)]
    while waiting:
        node, element = waiting.pop()
        last = None
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                text = printable(child.text_content or "")
                if last is None:
                    element.text = (element.text or "") + text
                else:
                    last.tail = (last.tail or "") + text
            elif _NAME.fullmatch(child.tag):  # so no comment
                last = ElementTree.SubElement(element, child.tag, _attributes(child))
                waiting.append((child, last))
    return made


def _attributes(node: LexborNode) -> dict[str, str]:
    return {
        name: printable(value or "")
        for name, value in node.attributes.items()
        if _NAME.fullmatch(name) or name in PREFIXED
    }
