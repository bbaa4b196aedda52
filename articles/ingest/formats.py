"""The archive's formats: front matter, header, both or neither, parsed into one value."""

import re
from dataclasses import dataclass, field

import yaml

from articles.ingest.document import Unreadable

_EPOCH = re.compile(r"<!--[ \t]*(-?\d{1,20}|NaN)[ \t]*-->[ \t]*\n")
_SEPARATOR = re.compile(r"-{6}[ \t]*(?:\n|$)")
_DATE_LINE = re.compile(r"日期[:：][ \t]*([^\n]{0,80})(?:\n|$)")
_FRONT_MATTER_END = re.compile(r"^---[ \t]*$", re.MULTILINE)
_MOST_FRONT_MATTER = 20_000  # characters; more is not front matter
_NESTING = re.compile(r"[\[{]|[-?:] ")
_MOST_NESTING = 500  # openers of any kind; the YAML library's C code dies, process and all, of tens of thousands
_MOST_TAGS = 100


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says before its body, as text, and the body."""

    title: str
    url: str
    body: str
    epoch: str = ""  # digits, "NaN", or "" when there is no comment
    date: str = ""  # front matter
    date_line: str = ""  # 日期
    author: str = ""
    tags: tuple[str, ...] = field(default=())


def parse(text: str) -> Parsed:
    """Read what stands before the body. Front matter wins over a header. Unreadable when there is neither."""
    text = text.lstrip("\ufeff\n \t")
    matter, text = _front_matter(text)
    header, body = _header(text.lstrip("\n") if matter else text)
    if header is None and not matter.get("from"):
        raise Unreadable(
            "no_header",
            "The file begins with neither a header line [title](address) nor front matter with an address; add one.",
        )
    header = header or {}
    return Parsed(
        title=matter.get("title") or header.get("title", ""),
        url=matter.get("from") or header["url"],
        body=body,
        epoch=header.get("epoch", ""),
        date=matter.get("date", ""),
        date_line=header.get("date_line", ""),
        author=matter.get("author", ""),
        tags=tuple(matter.get("tags", ())),
    )


def _front_matter(text: str) -> tuple[dict, str]:
    """(known keys, what follows); ({}, text) when the text does not begin with front matter that can be read."""
    if not text.startswith("---\n"):
        return {}, text
    end = _FRONT_MATTER_END.search(text, 4, _MOST_FRONT_MATTER)
    if end is None:
        return {}, text
    matter = text[4 : end.start()]
    if len(_NESTING.findall(matter)) > _MOST_NESTING:
        return {}, text[end.end() + 1 :]
    try:
        values = yaml.load(matter, Loader=yaml.CBaseLoader)  # noqa: S506 - builds strings only
    except (yaml.YAMLError, ValueError, RecursionError):
        values = None
    return _known(values), text[end.end() + 1 :]


def _known(values: object) -> dict:
    """The keys we know, as strings and one list of strings; anything else in the file is ignored."""
    if not isinstance(values, dict):
        return {}
    known: dict = {key: values[key] for key in ("title", "date", "author", "from") if isinstance(values.get(key), str)}
    names: list[str] = []
    for key in ("tags", "categories"):
        listed = values.get(key)
        listed = [listed] if isinstance(listed, str) else listed
        names += [name for name in (listed if isinstance(listed, list) else [])[:_MOST_TAGS] if isinstance(name, str)]
    known["tags"] = names
    return known


def _header(text: str) -> tuple[dict[str, str] | None, str]:
    """(epoch, title, url, date_line and what follows); (None, text) when the text does not begin with a header."""
    epoch = _EPOCH.match(text)
    begin = epoch.end() if epoch else 0
    line, _, rest = text[begin:].partition("\n")
    line = line.strip()
    middle = line.rfind("](")
    separator = _SEPARATOR.match(rest)
    if not line.startswith("[") or not line.endswith(")") or middle < 0 or separator is None:
        return None, text
    rest = rest[separator.end() :]
    date_line = _DATE_LINE.match(rest)
    return {
        "epoch": epoch[1] if epoch else "",
        "title": line[1:middle],
        "url": line[middle + 2 : -1].strip(),
        "date_line": date_line[1].strip() if date_line else "",
    }, rest[date_line.end() :] if date_line else rest
