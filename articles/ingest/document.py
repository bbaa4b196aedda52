"""The values that `ingest` hands out: one frozen Document a file, and the one error that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


class Unreadable(Exception):
    """A file that cannot become an article.

    `code` is a short stable word for grouping (empty, binary, too_large, no_header, bad_address, …); the message is
    one sentence for a person: what is wrong and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self):
        return (type(self), (self.code, str(self)))


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a body, in reading order."""

    src: str  # the origin's own absolute address, proxies unwrapped
    proxy: str = ""  # the address as the file gave it, when that was a proxy of the origin
    caption: str = ""  # plain text
    credit: str = ""  # plain text, without "图像来源," and the like
    alt: str = ""  # plain text; empty when it would only repeat the caption
    decorative: bool = False
    width: int | None = None  # as declared by the file, pixels
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Embed:
    """Something that another site plays (video, sound, post, chart): shown as a link card, never as a frame."""

    url: str  # canonical address a person can open
    provider: str = ""  # "YouTube", "Vimeo", …; the host when unknown
    title: str = ""
    poster: str = ""  # absolute address of a still picture, or empty


@dataclass(frozen=True, slots=True)
class Document:
    """A file, read and cleaned. Text is NFC and carries no control characters; times are aware UTC instants."""

    name: str  # the path as it was handed in
    sha256: str  # of the original bytes
    title: str  # as readers see it
    title_raw: str  # as the file has it, unescaped once
    url: str  # as the file gives it
    canonical_url: str  # the form of ARCHIVE A4, at most 2,000 ASCII characters
    address_key: str  # identity across http/https, www, tracking and a source's own aliases (DW: article number)
    source: str  # slug of a row of rules.SOURCES, or "" when neither address nor folder tells
    host: str  # of the address, lower case, without port and www.
    archive_id: str = ""  # the number in the file's name, as text
    published_at: datetime | None = None
    published_precision: str = ""  # "second", "day", or "" when undated
    published_from: str = ""  # "epoch", "front matter", "date line", "body", "address", or ""
    archived_at: datetime | None = None  # the epoch
    dateline_at: datetime | None = None  # the page's own time
    byline: str = ""
    language: str = ""  # BCP 47: zh-Hans, zh-Hant, zh, en, …
    script: str = ""  # hans, hant, latn, mixed, or "" when too short to tell
    tags: tuple[str, ...] = ()  # topics of front matter and body, in order, distinct after folding
    standfirst: str = ""  # the article's own lead where the source marks one; plain text
    excerpt: str = ""  # for lists: about 120 characters of text, cut at a CJK-aware boundary
    html: str = ""  # sanitized body
    text: str = ""  # plain text of the body without captions; blocks divided by line feeds
    images: tuple[Picture, ...] = ()
    embeds: tuple[Embed, ...] = ()
    links: tuple[str, ...] = ()  # distinct absolute addresses that the body's links open, in order
    copyright: str = ""  # the source's ownership notice, taken out of the body
    removed: dict[str, int] = field(default_factory=dict)  # "tag:script", "attr:class", "rule:share bar" -> count
    warnings: tuple[str, ...] = ()  # codes: undated, stub, teaser, text_lost, replaced_characters, …
    stub: bool = False  # text under 50 characters or equal to the title, and no pictures
    rules_version: str = ""  # of everything that made `html` and the fields out of the bytes
    policy_version: str = ""  # of the sanitizing policy alone
