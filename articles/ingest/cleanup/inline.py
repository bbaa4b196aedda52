"""Inline HTML of one block: join what was split, drop what is empty, close the gaps that pretty-printing left."""

import re

from articles.ingest.text import WIDE, without_gaps

_QUOTES = "“”‘’—…·"
_FULL_WIDTH_MARKS = re.compile(r"[\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]")
_IS_WIDE = re.compile(f"[{WIDE}]")
_LINE_END = re.compile(r"[ \t\r\f]*\n[ \t\r\n\f]*")
_BLANKS = re.compile(r"[ \t\r\f]{2,}|[\t\r\f]")
_GAP = re.compile(r"([^\n<>])((?:\n|<[^>]*>)+)(?=([^\n<>]))")
_EMPTY = re.compile(r"<(a|strong|em|s|sub|sup|code|q|ruby|rt|rp)(?: [^>]*)?>([\s\u3000]*)</\1>")
_UNMARKED = re.compile(r"<(strong|em)>([^\w<>&]{1,9})</\1>")  # marks alone need no emphasis
_ADJACENT = re.compile(r"</(strong|em|s|sub|sup|code)>([ \n]*)<\1>")
_SAME_LINK = re.compile(r'(<a href="([^"]*)">(?:(?!</a>).)*)</a>([ \n]*)<a href="\2">', re.DOTALL)
_LEADING = re.compile(r"(?:<[^>]*>|[\s\u3000])+")
_TAG_BUT_BREAK = re.compile(r"<(?!br>)[^>]*>")
_SPACE_BEFORE_END = re.compile(r" ((?:</[a-z]+>)+) ?")
_SPACE_AFTER_START = re.compile(r"(<[a-z][^>]*>(?:<[a-z][^>]*>)*) ")
_RULER = re.compile(r"(?:^|(?<=<br>))[=＝]{5,}(?:<br>|$)")


def tidy(inline: str) -> str:
    """The inline HTML of a paragraph, tidied; "" when nothing in it can be read."""
    inline = inline.strip(" \t\r\n\f")
    if "\n" in inline:
        inline = _LINE_END.sub("\n", inline)
        inline = _GAP.sub(_closed, inline).replace("\n", " ") if "<" in inline else _joined(inline.split("\n"))
    if "  " in inline or "\t" in inline:
        inline = _BLANKS.sub(" ", inline)
    if " " in inline and ("，" in inline or "。" in inline):  # in a heading a blank stands for a mark
        inline = without_gaps(inline)
    if "==" in inline or "＝＝" in inline:
        inline = _RULER.sub("", inline)
    if "<" in inline:
        inline = _simplified(inline)
        inline = _without_edges(inline)
        return _spaces_outside(inline)
    return inline.strip(" \n\u3000\u2003\u2002")


def _joined(lines: list[str]) -> str:
    """Lines of text without markup as one."""
    text = lines[0]
    for line in lines[1:]:
        text += line if _is_gap(text[-1], line[0]) else f" {line}"
    return text


def _closed(match: re.Match[str]) -> str:
    """What stands between two readable characters, without the line breaks that a reader would see as gaps."""
    before, between, after = match[1], match[2], match[3]
    if "\n" not in between:
        return match[0]
    return before + (between.replace("\n", "") if _is_gap(before, after) else between)


def _is_gap(before: str, after: str) -> bool:
    """Whether a line break of the source file between two characters is nothing (Chinese), or a space (Latin)."""
    wide_before, wide_after = _IS_WIDE.match(before), _IS_WIDE.match(after)
    return bool(
        (wide_before and (wide_after or after in _QUOTES))
        or (wide_after and before in _QUOTES)
        or _FULL_WIDTH_MARKS.match(before)
        or _FULL_WIDTH_MARKS.match(after)
    )


def _simplified(inline: str) -> str:
    joins = ' lang="' not in inline  # of two with one name, one may name a language
    for _ in range(12):  # formats nest no deeper than there are kinds of them
        shorter = _EMPTY.sub(r"\2", inline)
        shorter = _ADJACENT.sub(r"\2", shorter) if joins else shorter
        if shorter == inline:
            break
        inline = shorter
    inline = _UNMARKED.sub(r"\2", inline)
    if inline.count("<a ") > 1:
        while _SAME_LINK.search(inline):
            inline = _BLANKS.sub(" ", _SAME_LINK.sub(r"\1\3", inline))
    return inline


def _without_edges(inline: str) -> str:
    """Without white space and breaks before the first and after the last readable character."""
    leading = _LEADING.match(inline)
    if leading:
        inline = "".join(_TAG_BUT_BREAK.findall(leading[0])) + inline[leading.end() :]
    tail = ""
    while True:
        inline = inline.rstrip(" \n\t\u3000\u2003\u2002\xa0")
        if inline.endswith("<br>"):
            inline = inline[:-4]
        elif inline.endswith(">"):
            begin = inline.rfind("<")
            tail = inline[begin:] + tail
            inline = inline[:begin]
        else:
            return inline + tail


def _spaces_outside(inline: str) -> str:
    """Spaces at the inner edges of inline elements moved out of them, and never two; none beside a break."""
    if " </" in inline:
        inline = _SPACE_BEFORE_END.sub(r"\1 ", inline)
    inline = inline.replace("<br> ", "<br>")
    if "> " in inline:
        inline = _SPACE_AFTER_START.sub(r" \1", inline).replace("  <", " <")
    return inline.replace(" <br>", "<br>")
