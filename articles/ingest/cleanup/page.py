"""Passes over the blocks of a whole article: its time, its standing paragraphs, its lead, its headings."""

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

from articles.ingest import links
from articles.ingest.cleanup.blocks import Block, plain, text_of
from articles.ingest.cleanup.inline import tidy
from articles.ingest.cleanup.settle import orphaned
from articles.ingest.cleanup.tree import letters
from articles.ingest.rules import boilerplate
from articles.ingest.rules.templates import Template
from articles.ingest.text import fold, one_line

_PARAGRAPHS = tuple((rule, deed, re.compile(pattern, re.DOTALL)) for rule, deed, pattern in boilerplate.PARAGRAPHS)
_ANY_PARAGRAPH = re.compile("|".join(f"(?:{pattern})" for _, _, pattern in boilerplate.PARAGRAPHS), re.DOTALL)
_DATELINES = tuple((reader, re.compile(pattern)) for reader, pattern in boilerplate.DATELINES)
_CLOSING_BYLINES = tuple((source, re.compile(pattern)) for source, pattern in boilerplate.CLOSING_BYLINES)
_DIVIDER = re.compile(boilerplate.DIVIDER)
_NOT_HEADING = re.compile(boilerplate.NOT_HEADING)
_BOLD = re.compile(r"<strong>((?:(?!</?strong>).)*)</strong>", re.DOTALL)
_BOLD_LINE = re.compile(r"<strong>((?:(?!</?strong>|<br>).){1,60})</strong>[ \u3000]*<br>(?=.)", re.DOTALL)
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_NOT_LETTERS = re.compile(r"[\W_]+")
_NO_STANDFIRST = re.compile(boilerplate.NO_STANDFIRST)
_BULLET = re.compile(r"(?:[•●▪]|[*＊](?![*＊]))\s*")
_PLACE_LINE = re.compile(boilerplate.PLACE_LINE)
_NO_TITLE = re.compile(r"[。；]$|^.{121,}", re.DOTALL)  # a level that only says how large the letters are
_TITLED = re.compile(r"<strong>[^<>]{1,40}</strong>\s*[:：]")
_FURTHER_READING = re.compile(boilerplate.FURTHER_READING)
_SPEAKER = re.compile(r"\s*([^\s:：。，、]{1,12})[:：]")
_SHARE_BAR = "rule:share bar"
_SHARE_LINK = re.compile(f'<a href="(?:{boilerplate.SHARE_ADDRESSES})', re.IGNORECASE)
_SHARE_NAME = re.compile(boilerplate.SHARE_NAMES, re.IGNORECASE)
_HEADINGS = ("h2", "h3", "h4")
_LONGEST_HEADING = 40
_SHORTEST_LEAD = 40
_GALLERY = 3  # pictures
_HEAD = 4  # a dateline stands among the first blocks
_LONGEST_STANDING = 400  # characters; no standing paragraph is longer
_LONGEST_PARAGRAPH = 20_000  # characters of HTML; longer ones are text
_INLINE_TAG = re.compile(r"<(/?)(a|strong|em|s|sub|sup|code|q|ruby|rt|rp)\b[^>]*>")


@dataclass(slots=True)
class Told:
    """What the paragraphs themselves tell."""

    dateline: tuple[str, str] = ("", "")
    byline: str = ""
    standfirst: str = ""
    copyright: str = ""
    related: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    removed: Counter = field(default_factory=Counter)
    left_out: int = 0  # letters of what was taken out on purpose

    def take_out(self, text: str, rule: str = "") -> None:
        """Count a text that leaves the body on purpose, and the rule it leaves by."""
        self.left_out += letters(text)
        if rule:
            self.removed["rule:" + rule] += 1


def finish(blocks: list[Block], title: str, source: str, template: Template, host: str) -> tuple[list[Block], Told]:
    """All passes, in their order."""
    told = Told()
    blocks = orphaned(blocks, told.take_out)
    blocks = _without_dateline(blocks, told)
    blocks = _without_standing(blocks, told)
    if template.related_lists:
        blocks = _without_related(blocks, host, told)
    blocks = _place_joined(_without_title(blocks, title, told))
    blocks = _divided(_layout_dissolved(blocks), told)
    blocks = _captioned(_listed(blocks, told))
    told.byline = told.byline or _closing_byline(blocks, source)
    told.standfirst = _standfirst(blocks, template)
    return _with_headings(_bold_lines_apart(blocks), told.standfirst), told


def _without_dateline(blocks: list[Block], told: Told) -> list[Block]:
    for position, block in enumerate(blocks[:_HEAD]):
        text = block.text.strip() if block.kind == "p" else ""
        if not text or len(text) > _LONGEST_STANDING:
            continue
        for reader, pattern in _DATELINES:
            match = pattern.match(text)
            if match:
                told.dateline = (reader, match["time"])
                told.byline = one_line(match.groupdict().get("name") or "")
                told.take_out(text, "dateline")
                return blocks[:position] + blocks[position + 1 :]
    return blocks


def _without_standing(blocks: list[Block], told: Told) -> list[Block]:
    """Without the paragraphs, and the last lines of paragraphs, that are no part of the article."""
    kept: list[Block] = []
    shared = 0  # share bars met so far
    for block in blocks:
        if block.kind in ("ul", "ol") and _is_share_list(block, begun=told.removed[_SHARE_BAR] > shared):
            told.take_out(text_of([block]), "share bar")
            continue
        shared = told.removed[_SHARE_BAR]
        if block.kind not in ("p", *_HEADINGS) or len(block.inner) > _LONGEST_PARAGRAPH:
            kept.append(block)
            continue
        if _is_standing(block.inner, told, first=not kept) or _is_further_reading(block, told):
            continue
        head, _, last = block.inner.rpartition("<br>")
        if head and _is_standing(last, told, first=False):
            block.inner = tidy(head + "".join(f"</{name}>" for name in reversed(_left_open(head))))
        kept.append(block)
    return kept


def _is_share_list(block: Block, *, begun: bool) -> bool:
    """Whether all that a list offers is to tell others; `begun`: right below words that say so, where names will do."""
    items = [item.children[0].inner if len(item.children) == 1 else "" for item in block.children]
    return bool(items) and all(
        _SHARE_LINK.search(item) or (begun and _SHARE_NAME.fullmatch(plain(item).strip())) for item in items
    )


def _is_further_reading(block: Block, told: Told) -> bool:
    """Whether a paragraph is one link that says it leads to another article."""
    link = _LINK.fullmatch(block.inner) if "<a " in block.inner[:20] else None
    if link is None or "<a " in link[2] or not _FURTHER_READING.match(plain(link[2])):
        return False
    told.related.append(plain(link[1]))
    told.take_out(block.text, "related")
    return True


def _left_open(inline: str) -> list[str]:
    """Names of the inline elements that the cut-off beginning of a paragraph leaves open."""
    names: list[str] = []
    for end, name in _INLINE_TAG.findall(inline):
        if not end:
            names.append(name)
        elif names:
            names.pop()
    return names


def _is_standing(inline: str, told: Told, *, first: bool) -> bool:
    """Whether a paragraph or line is no part of the article; what it tells goes into `told`."""
    text = plain(inline).strip()
    if _ANY_PARAGRAPH.match(text) is None:
        return False
    text = one_line(text)
    for rule, deed, pattern in _PARAGRAPHS:
        if (
            not pattern.match(text)
            or (deed == "missing picture" and not first)
            or (deed == "unlinked" and "<a " in inline)
        ):
            continue
        told.take_out(text, rule)
        if deed == "copyright":
            told.copyright = text
        elif deed not in ("drop", "unlinked"):
            told.warnings.append("picture_missing" if deed == "missing picture" else deed)
        return True
    return False


def _without_related(blocks: list[Block], host: str, told: Told) -> list[Block]:
    """Lists of nothing but links to the source itself are told apart from the article."""
    kept = []
    for block in blocks:
        addresses = _only_links(block) if block.kind in ("ul", "ol") else []
        if addresses and all(links.host_of(address) == host for address in addresses):
            told.related += addresses
            told.take_out(text_of([block]), "related")
        else:
            kept.append(block)
    return kept


def _only_links(block: Block) -> list[str]:
    """The addresses of a list whose every item is one link and nothing else; else none."""
    found = []
    for item in block.children:
        inner = item.children[0].inner if len(item.children) == 1 else ""
        link = _LINK.search(inner)
        if link is None or inner.count("<a ") != 1 or plain(link[2]).strip() != plain(inner).strip():
            return []
        found.append(plain(link[1]))
    return found


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", fold(text))


def _without_title(blocks: list[Block], title: str, told: Told) -> list[Block]:
    """Without a first heading or paragraph that only repeats the title, unless nothing else is there."""
    wanted = _letters(title)
    for position, block in enumerate(blocks[:3]):
        if block.kind not in ("p", *_HEADINGS):
            continue
        same = len(block.inner) <= 2 * len(title) + 60 and _letters(block.text) == wanted
        if not (same and wanted and len(blocks) > 1):
            return blocks
        told.take_out(block.text, "title")
        return blocks[:position] + blocks[position + 1 :]
    return blocks


def _place_joined(blocks: list[Block]) -> list[Block]:
    """Without a line before the text that names where it was sent from: the first plain paragraph begins with it."""
    for position, block in enumerate(blocks[:_HEAD]):
        if block.kind == "p" and len(block.inner) <= _LONGEST_HEADING and _PLACE_LINE.match(block.text):
            for other in blocks[position + 1 :][:_HEAD]:
                if other.kind == "p" and not _is_bold(other):
                    other.inner = f"{block.inner} {other.inner}"
                    return blocks[:position] + blocks[position + 1 :]
    return blocks


def _layout_dissolved(blocks: list[Block]) -> list[Block]:
    """Tables of one cell a row that only lay things out become what is in them."""
    kept: list[Block] = []
    for block in blocks:
        rows = _rows(block) if block.kind == "table" else []
        if rows and all(len(row.children) == 1 and row.children[0].kind == "td" for row in rows):
            for row in rows:
                kept += row.children[0].children
        elif block.kind != "table" or rows:
            kept.append(block)
    return kept


def _listed(blocks: list[Block], told: Told) -> list[Block]:
    """Lists that touch as one, and as one the paragraphs in a row that begin with the sign of a list."""
    kept: list[Block] = []
    for kind, some in itertools.groupby(blocks, _list_kind):
        row = list(some)
        if kind == "items" and len(row) > 1:
            for block in row:
                told.take_out(block.inner[:1])
                block.inner = _BULLET.sub("", block.inner, count=1)
            items = [Block("li", children=[block]) for block in row if block.inner]
            row = [Block("ul", children=items)] if items else []
        elif kind == "list":
            row[0].children = [item for block in row for item in block.children]
            del row[1:]
        kept += row
    return kept


def _list_kind(block: Block) -> str:
    if block.kind == "ul" and not block.anchor:
        return "list"
    return "items" if block.kind == "p" and _BULLET.match(block.inner) else ""


def _captioned(blocks: list[Block]) -> list[Block]:
    """A gallery within a text: each picture with the paragraph below it, which has a title of its own, as its caption.

    Where nothing else is told, those paragraphs are the article.
    """
    told = {position for position in range(1, len(blocks)) if _is_told_of(blocks[position - 1], blocks[position])}
    if len(told) < _GALLERY or letters(text_of(blocks)) <= 2 * sum(letters(blocks[position].text) for position in told):
        return blocks
    for position in told:
        blocks[position - 1].caption = blocks[position].inner
    return [block for position, block in enumerate(blocks) if position not in told]


def _is_told_of(figure: Block, block: Block) -> bool:
    return (
        figure.kind == "figure"
        and bool(figure.src)
        and not figure.caption
        and block.kind == "p"
        and block.inner.startswith("<strong>")
        and _TITLED.match(block.inner) is not None
    )


def _rows(table: Block) -> list[Block]:
    rows = []
    for child in table.children:
        rows += [child] if child.kind == "tr" else [row for row in child.children if row.kind == "tr"]
    return rows


def _divided(blocks: list[Block], told: Told) -> list[Block]:
    """Rows of stars or dashes as rulers; none at the ends, never two together."""
    kept: list[Block] = []
    for block in blocks:
        if block.kind == "p" and len(block.inner) <= _LONGEST_HEADING and _DIVIDER.match(block.text):
            told.take_out(block.text)
            block = Block("hr")  # noqa: PLW2901 - the block is what it says
        if block.kind != "hr" or (kept and kept[-1].kind != "hr"):
            kept.append(block)
    while kept and kept[-1].kind == "hr":
        kept.pop()
    return kept


def _closing_byline(blocks: list[Block], source: str) -> str:
    for block in reversed(blocks[-4:]):
        text = one_line(block.text) if block.kind == "p" else ""
        for slug, pattern in _CLOSING_BYLINES:
            match = pattern.search(text) if slug in ("", source) and len(text) <= _LONGEST_STANDING else None
            if match:
                return match[1]
    return ""


def _is_bold(block: Block) -> bool:
    return block.kind == "p" and block.inner.startswith("<strong>") and _BOLD.fullmatch(block.inner) is not None


def _standfirst(blocks: list[Block], template: Template) -> str:
    """The first paragraph when the source sets it apart by setting it in bold."""
    first = next((block for block in blocks if block.kind != "figure"), None)
    if first is None or len(blocks) < 2 or not _is_bold(first):
        return ""
    text = one_line(first.text)
    if _NO_STANDFIRST.search(text):
        return ""
    return text if template.bold_lead or len(text) > _SHORTEST_LEAD else ""


def _bold_lines_apart(blocks: list[Block]) -> list[Block]:
    """A short bold line at the head of a paragraph, divided from it by a line break, stands for itself."""
    kept: list[Block] = []
    for block in blocks:
        match = _BOLD_LINE.match(block.inner) if block.kind == "p" and "</strong>" in block.inner[:200] else None
        if match and len(plain(match[1])) <= _LONGEST_HEADING and not _NOT_HEADING.search(plain(match[1]).strip()):
            kept.append(Block("p", f"<strong>{match[1].strip()}</strong>", anchor=block.anchor))
            block.inner, block.anchor = block.inner[match.end() :], ""
        kept.append(block)
    return kept


def _with_headings(blocks: list[Block], standfirst: str) -> list[Block]:
    """The source's headings from h2 down; short paragraphs all in bold as headings below the first of them, or, where
    one comes before any, beside them.
    """
    for block in blocks:
        if block.kind in _HEADINGS and _NO_TITLE.search(block.text.strip()):
            block.kind = "p"
    levels = sorted({block.kind for block in blocks if block.kind in _HEADINGS})
    speakers = _speakers(blocks)
    likely = [_is_heading(blocks, position, standfirst, speakers) for position in range(len(blocks))]
    of_bold = ""
    for position, block in enumerate(blocks):
        if block.kind in levels:
            block.kind = _HEADINGS[levels.index(block.kind)]
            of_bold = of_bold or "h3"
        elif likely[position] and not _in_row(likely, position):
            block.kind = of_bold = of_bold or "h2"
        if block.kind in _HEADINGS:
            block.inner = block.inner.replace("<strong>", "").replace("</strong>", "").replace("<br>", " ")
    return blocks


def _speakers(blocks: list[Block]) -> set[str]:
    """Who asks or answers in more than one paragraph that is all in bold, as an interview has it."""
    named = Counter(match[1] for block in blocks if _is_bold(block) and (match := _SPEAKER.match(block.text)))
    return {name for name, times in named.items() if times > 1}


def _is_heading(blocks: list[Block], position: int, standfirst: str, speakers: set[str]) -> bool:
    block = blocks[position]
    if not _is_bold(block) or position + 1 >= len(blocks) or "<br>" in block.inner or block.inner.count("<a ") > 1:
        return False
    text = block.text.strip()
    if speakers and (match := _SPEAKER.match(text)) and match[1] in speakers:
        return False
    follows_lead = any(before.kind not in ("figure", "hr") for before in blocks[:position])
    return len(text) <= _LONGEST_HEADING and text != standfirst and follows_lead and not _NOT_HEADING.search(text)


def _in_row(likely: list[bool], position: int) -> bool:
    """Whether three or more such paragraphs follow one another: then they are verse or a list of names."""
    begin = end = position
    while begin > 0 and likely[begin - 1]:
        begin -= 1
    while end + 1 < len(likely) and likely[end + 1]:
        end += 1
    return end - begin >= 2
