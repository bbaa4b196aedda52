"""The front door: a file's bytes through the steps, in order, into a Document."""

import dataclasses
import datetime
import hashlib
import html as markup
import importlib.metadata
import pathlib
import re

from articles.ingest import dates, links, sanitize
from articles.ingest.cleanup import blocks as page_blocks
from articles.ingest.cleanup.blocks import Block
from articles.ingest.cleanup.flow import Flow
from articles.ingest.cleanup.page import Told, finish
from articles.ingest.cleanup.tree import Page, letters, read_page, template_of
from articles.ingest.document import Document, Picture, Unreadable
from articles.ingest.formats import Parsed, parse
from articles.ingest.guard import TOO_DEEP, TOO_LONG
from articles.ingest.rules import boilerplate
from articles.ingest.rules.sources import SOURCE_OF_FOLDER, SOURCES
from articles.ingest.rules.templates import Template
from articles.ingest.text import excerpt, fold, one_line, script

LIMIT = 10_000_000  # bytes of a file
MOST_MARKUP = 150_000  # tags and entities of a cleaned body; more would keep a worker busy for minutes
LONGEST_TITLE = 500
LONGEST_ADDRESS = 2000
_LONGEST_TAG_NAME = 80
_STUB = 50  # characters of text below which there is no article
_BEGINNING = 500  # characters
_MADE_TITLE = 40  # characters
_TEXT_TOLERANCE = 0.01
_FEW_LETTERS = 50  # a caption said twice, a credit's label, a row of signs
_TITLE_SUFFIXES = tuple(re.compile(f"(?:{pattern})\\s*$") for pattern in boilerplate.TITLE_SUFFIXES)
_TITLE_SECTIONS = re.compile(f"(?:{boilerplate.TITLE_SECTIONS})\\s*$")
_TITLE_END = re.compile(r"\s+[-–—]\s+(\S{2,8})$")
_TITLE_PROGRAMME = re.compile(boilerplate.TITLE_PROGRAMME)
_TITLE_OUTLET = re.compile(boilerplate.TITLE_OUTLET)
_TITLE_COLUMN = re.compile(f"^{boilerplate.TITLE_COLUMN}")
_TITLE_MARKUP = re.compile(boilerplate.TITLE_MARKUP, re.IGNORECASE)
_TITLE_SCRIPTS = re.compile(boilerplate.TITLE_SCRIPTS, re.IGNORECASE | re.DOTALL)
_NOBODY = re.compile(boilerplate.NOBODY)
_BYLINE_LABELS = re.compile(boilerplate.BYLINE_LABELS)
_WORK_NOTE = re.compile(boilerplate.WORK_NOTE)
_BETWEEN_NAMES = re.compile(r"\s*[,，、]\s*")
_EDITORS_NOTE = re.compile(boilerplate.EDITORS_NOTE)
_NO_TOPIC = re.compile(boilerplate.NO_TOPIC)
_OPENINGS = re.compile("|".join(f"(?:{pattern})" for pattern in boilerplate.OPENINGS))
_LINK = re.compile(r'<a href="([^"]*)"')
_ANCHOR = re.compile(r'<[a-z0-9]+ id="([^"]+)"')
_MARKUP = re.compile(r"<[^>]*>")
_REL = f' rel="{sanitize.LINK_REL}"'
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")


def _version() -> str:
    """A hash over everything that makes the output: this package's sources and the libraries it stands on."""
    digest = hashlib.sha256(sanitize.POLICY_VERSION.encode())
    here = pathlib.Path(__file__).parent
    beside = {
        here / name
        for name in (
            "apart.py",
            "batch.py",
            "crew.py",
            "likeness.py",
            "subjects.py",
            "vectors.py",
            "warm.py",
            "words.py",
        )
    }  # they make no part of a document
    for path in sorted({*here.rglob("*.py"), here / "characters.json"} - beside):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    for name in ("bleach", "nh3", "selectolax", "opencc", "pyyaml"):
        digest.update(f"{name} {importlib.metadata.version(name)}".encode())
    return digest.hexdigest()[:16]


RULES_VERSION = _version()


def read(raw: bytes, name: str, default_source: str = "") -> Document:
    """One archive file as a clean Document; `name` is its path, `default_source` a slug for want of better.

    Raises Unreadable, and nothing else, when the file cannot become an article.
    """
    text, warnings = _decoded(raw)
    parsed = parse(text)
    url = markup.unescape(parsed.url).strip()
    canonical = links.canonical_url(url)
    if not canonical or len(canonical) > LONGEST_ADDRESS:
        raise Unreadable(
            "bad_address",
            "The file's address is no http or https address, or is longer than 2,000 characters; correct it.",
        )
    source = links.source_of(canonical) or source_by_name(name, default_source)
    page = read_page(parsed.body, source)
    flow = Flow(canonical).read(page.html)
    template = template_of(source)
    rubrics = links.topics_of(canonical, source)
    title, title_raw, sections = _title(parsed.title, template, rubrics, warnings)
    blocks, told = finish(flow.blocks, title, source, template, links.host_of(canonical))
    html = _with_working_notes(page_blocks.write(blocks))
    if html.count("<") + html.count("&") > MOST_MARKUP:
        raise Unreadable(
            "too_complex", "The file has more markup than any article needs; look at it, cut it or leave it out."
        )
    clean = sanitize.apply_policy(html)
    text = page_blocks.text_of(blocks)
    images = tuple(_pictures(blocks))
    removed = page.removed + flow.removed + told.removed
    warnings += told.warnings + (["picture_missing"] if flow.missing else [])
    wanted = page.letters - flow.unread - told.left_out
    if page.is_partial or _is_short(wanted, text, blocks) or _is_text_lost(html, clean):
        warnings.append("text_lost")
    if removed[TOO_DEEP] or removed[TOO_LONG]:
        warnings.append("markup_cut")
    is_stub = not images and not flow.embeds and (len(text) < _STUB or _is_title(text, title))
    warnings += ["stub"] if is_stub else []
    if not title:
        title = _made_title(text, images, canonical)
        warnings.append("untitled")
    return Document(
        name=name,
        sha256=hashlib.sha256(raw).hexdigest(),
        title=title,
        title_raw=title_raw,
        url=url,
        canonical_url=canonical,
        address_key=links.key_of(canonical),
        source=source,
        host=links.host_of(canonical),
        archive_id=archive_id_of(name),
        **_times(parsed, page, told, canonical, source, warnings),
        byline=_byline(parsed, page, told, source),
        **_languages(text or title, source),
        tags=_tags(parsed, page, sections),
        standfirst=told.standfirst,
        excerpt=excerpt(_without_opening(told.standfirst or _beginning(blocks) or text)),
        html=clean,
        text=text,
        images=images,
        embeds=tuple(flow.embeds),
        links=_links(clean, told),
        copyright=told.copyright or page.copyright or (SOURCES[source].copyright if source in SOURCES else ""),
        removed=dict(removed),
        warnings=tuple(dict.fromkeys(warnings)),
        stub=is_stub,
        rules_version=RULES_VERSION,
        policy_version=sanitize.POLICY_VERSION,
    )


def source_by_name(name: str, default_source: str = "") -> str:
    """The source of a file whose address tells none."""
    return _source_of_folder(name) or default_source


def renamed(document: Document, name: str) -> Document:
    """The Document of the same bytes under another name that tells the same source."""
    return dataclasses.replace(document, name=name, archive_id=archive_id_of(name))


def _decoded(raw: bytes) -> tuple[str, list[str]]:
    """The text of a file with line feeds as line ends, and warnings."""
    if len(raw) > LIMIT:
        raise Unreadable("too_large", "The file is larger than 10 MB; split it or leave it out.")
    if not raw.strip():
        raise Unreadable("empty", "The file is empty; fetch it again or leave it out.")
    if b"\0" in raw:
        raise Unreadable("binary", "The file is not text; leave it out.")
    try:
        text, warnings = raw.decode("utf-8"), []
    except UnicodeDecodeError:
        text, warnings = raw.decode("utf-8", "replace"), ["replaced_characters"]
        if text.count("\ufffd") * 4 > len(text):
            raise Unreadable("binary", "The file is not text in UTF-8; convert it or leave it out.") from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, warnings


def _source_of_folder(name: str) -> str:
    folders = pathlib.PurePosixPath(name.replace("\\", "/")).parts[:-1]
    return next((SOURCE_OF_FOLDER[folder] for folder in reversed(folders) if folder in SOURCE_OF_FOLDER), "")


def archive_id_of(name: str) -> str:
    """The number that a file's name begins with, when it is not a date's year."""
    stem = pathlib.PurePosixPath(name.replace("\\", "/")).name
    match = _NUMBER.match(stem)
    return match[0][:20] if match and not re.match(r"\d{4}-\d\d-\d\d", stem) else ""


def _title(raw: str, template: Template, rubrics: list[str], warnings: list[str]) -> tuple[str, str, list[str]]:
    """(as readers see it, as the file has it unescaped once, names of sections and columns found in it, and `rubrics`).

    One of the rubrics, which the article's address tells, is no part of a title at its end.
    """
    title_raw = markup.unescape(raw)
    title = one_line(_TITLE_MARKUP.sub("", _TITLE_SCRIPTS.sub("", title_raw)))
    sections = list(rubrics)
    before = ""
    while before != title:
        before = title
        for pattern in _TITLE_SUFFIXES:
            title = pattern.sub("", title) or title
        match = _TITLE_SECTIONS.search(title)
        if match and match.start():
            sections.append(match[1])
            title = title[: match.start()]
        match = _TITLE_END.search(title)
        if match and match[1] in rubrics:
            title = title[: match.start()] or title
    column = _TITLE_COLUMN.match(title)
    if column:
        sections.append(column[1].strip())
    programme = _TITLE_PROGRAMME.match(title)
    if programme:
        sections.append(programme[1])
    outlet = _TITLE_OUTLET.match(title) if template.outlet_titles else None
    if outlet:
        sections.append(outlet[1])
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1].rstrip() + "…"
        warnings.append("title_cut")
    return title, title_raw, sections


def _made_title(text: str, images: tuple[Picture, ...], url: str) -> str:
    """What lists and links call an article without a title: its first words, a caption, or where it was published."""
    beginning = excerpt(_without_opening(text), _MADE_TITLE)
    return beginning or next((excerpt(p.caption, _MADE_TITLE) for p in images if p.caption), "") or links.host_of(url)


def _beginning(blocks: list[Block]) -> str:
    """The first paragraphs, as many as a list may tell of, without headings and an editor's note before them."""
    told: list[str] = []
    for block in blocks:
        if block.kind in ("p", "ul", "ol", "blockquote") and sum(map(len, told)) < _BEGINNING:
            text = page_blocks.text_of([block])
            if told or not _EDITORS_NOTE.match(text):
                told.append(text)
    return "\n".join(told)


def _without_opening(text: str) -> str:
    """The text from where it begins to tell something; whole when that would leave nothing."""
    rest = text
    while match := _OPENINGS.match(rest):
        rest = rest[match.end() :].lstrip()
    return rest or text


def _times(parsed: Parsed, page: Page, told: Told, url: str, source: str, warnings: list[str]) -> dict:
    """The fields of a Document that are times: epoch, then front matter, date line, page, address."""
    zone = SOURCES[source].timezone if source in SOURCES else "UTC"
    epoch = dates.from_epoch(parsed.epoch) if parsed.epoch else None
    reader, written = page.dateline if page.dateline[0] else told.dateline
    dateline = dates.from_page(reader, written, zone, epoch) if reader else None
    matter, precision = dates.from_front_matter(parsed.date) if parsed.date else (None, "")
    candidates = (
        (epoch, "second", "epoch"),
        (matter, precision, "front matter"),
        (dates.from_mail(parsed.date_line) if parsed.date_line else None, "second", "date line"),
        (dateline, "day" if reader == "day" else "second", "body"),
        (dates.from_address(url, source), "second", "address"),
    )
    moment, precision, origin = next((row for row in candidates if row[0] is not None), (None, "", ""))
    if moment is None:
        warnings.append("undated")
    elif moment > datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1):
        warnings.append("future_date")
    elif moment.year < 1990:
        warnings.append("early_date")
    return {
        "published_at": moment,
        "published_precision": precision,
        "published_from": origin,
        "archived_at": epoch,
        "dateline_at": dateline,
    }


def _byline(parsed: Parsed, page: Page, told: Told, source: str) -> str:
    author = _name(markup.unescape(parsed.author))
    found = _name(page.byline) or _name(told.byline)
    if author and not (found and source in SOURCES and author in SOURCES[source].bylines):
        return author
    return found


def _name(written: str) -> str:
    """Who is meant by what a byline's field holds."""
    name = _WORK_NOTE.sub("", _BYLINE_LABELS.sub("", one_line(_NOBODY.sub("", written))))
    parts = _BETWEEN_NAMES.split(name)
    return name if len(set(parts)) == len(parts) else ", ".join(dict.fromkeys(parts))


def _languages(text: str, source: str) -> dict[str, str]:
    found = script(text)
    language = {"hans": "zh-Hans", "hant": "zh-Hant", "mixed": "zh", "latn": "en"}.get(found)
    fallback = SOURCES[source].language if source in SOURCES else ""
    return {"script": found, "language": language or fallback}


def _tags(parsed: Parsed, page: Page, sections: list[str]) -> tuple[str, ...]:
    """Topics in order, the first of those that fold to one."""
    named: dict[str, str] = {}
    read = [tag for tag in page.tags if not _NO_TOPIC.match(one_line(tag))]
    for tag in [*(markup.unescape(tag) for tag in parsed.tags), *read, *sections]:
        name = one_line(tag).strip("#＃ ,，")
        if name and len(name) <= _LONGEST_TAG_NAME:
            named.setdefault(fold(name), name)
    return tuple(named.values())


def _pictures(blocks: list[Block]) -> list[Picture]:
    found: list[Picture] = []
    for block in blocks:
        if block.src:
            caption = one_line(page_blocks.plain(block.caption))
            found.append(
                Picture(
                    src=block.src,
                    proxy=block.proxy,
                    caption=caption,
                    credit=block.credit,
                    alt="" if page_blocks.says_the_same(block.alt, caption, block.credit) else block.alt,
                    width=block.width,
                    height=block.height,
                )
            )
        found += _pictures(block.children)
    return found


def _links(html: str, told: Told) -> tuple[str, ...]:
    found = [markup.unescape(address) for address in _LINK.findall(html)]
    return tuple(dict.fromkeys(address for address in found + told.related if address.startswith("http")))


def _is_title(text: str, title: str) -> bool:
    """Whether a text only repeats the title; folding leaves lengths as they are."""
    return len(text) == len(title) and fold(text) == fold(title)


def _is_short(wanted: int, text: str, blocks: list[Block]) -> bool:
    """Whether so many letters of a page, less those that rules took out, are not all in its text and captions."""
    missing = wanted - letters(text)
    tolerance = max(_FEW_LETTERS, wanted * _TEXT_TOLERANCE)
    return missing > tolerance and missing - letters(page_blocks.captions_of(blocks)) > tolerance


def _is_text_lost(before: str, after: str) -> bool:
    if before == after.replace(_REL, ""):
        return False
    left, kept = (len(_SPACE.sub("", markup.unescape(_MARKUP.sub("", text)))) for text in (before, after))
    return left - kept > max(2, left * _TEXT_TOLERANCE)


def _with_working_notes(html: str) -> str:
    """A body as `blocks` writes it, without links inside the page that lead nowhere; their text stays."""
    if 'href="#' not in html:
        return html
    ids = set(_ANCHOR.findall(html))
    return re.sub(
        r'<a href="#([^"]*)">(.*?)</a>',
        lambda match: match[0] if match[1] in ids else match[2],
        html,
        flags=re.DOTALL,
    )
