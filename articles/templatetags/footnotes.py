"""Footnotes that lead there and back: a mark in the text says that it is one, its note has a way back to the place."""

from django.utils.translation import gettext
from selectolax.lexbor import LexborHTMLParser, LexborNode

NOTE = "note-"  # all that stored texts may be linked to inside


def link_notes(tree: LexborHTMLParser) -> None:
    """Give each link to a later place of the same text a name, and that place a link back, unless it has one."""
    marks: dict[str, LexborNode] = {}
    notes: dict[str, LexborNode] = {}
    earlier: list[LexborNode] = []
    for node in list(tree.body.traverse()):
        name, target = node.attributes.get("id") or "", node.attributes.get("href") or ""
        if name.startswith(NOTE):
            notes.setdefault(name, node)
        if node.tag == "a" and target.startswith(f"#{NOTE}"):
            if target[1:] in notes:
                earlier.append(node)
            else:
                marks.setdefault(target[1:], node)
    for number, (name, mark) in enumerate(marks.items(), start=1):
        if name not in notes:
            continue
        place = mark.attributes.get("id") or f"mark-{number}"
        mark.attrs["id"] = place
        mark.attrs["class"] = "note-mark"
        mark.attrs["role"] = "doc-noteref"
        if not any(_is_in(back, notes[name]) for back in earlier):
            notes[name].insert_child(" ")
            notes[name].insert_child(_way_back(place))


def _is_in(node: LexborNode, block: LexborNode) -> bool:
    while node is not None:
        if node.mem_id == block.mem_id:
            return True
        node = node.parent
    return False


def _way_back(place: str) -> LexborNode:
    link = LexborHTMLParser("<!doctype html><body><a>↩</a>").css_first("a")
    link.attrs["href"] = f"#{place}"
    link.attrs["class"] = "note-back"
    link.attrs["role"] = "doc-backlink"
    link.attrs["aria-label"] = gettext("Back to the text")
    return link
