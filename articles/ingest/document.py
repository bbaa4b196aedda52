"""The values that `ingest` hands out: one frozen Document a file, and the one error that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

# Kinds of what is removed, the part before the colon.
REMOVED = {
    "tag": "an element: machinery with all that is in it, any other (tag:span, tag:div) seen through, its text kept",
    "attr": "an attribute; attr:href and attr:src also where the address cannot be opened on the web",
    "rule": "what a rule of the source or of the house dropped, by the rule's name",
}
WARNINGS = {
    "undated": "no time that can be used, neither in the file nor on the page",
    "future_date": "the time is more than a day ahead",
    "early_date": "the time is before 1990",
    "untitled": "the file has no title; the one shown is made of the text",
    "title_cut": "the title was longer than 500 characters",
    "stub": "no more text than a title, and no picture",
    "teaser": "the source only sent the beginning",
    "picture_missing": "the source sent a word, or a caption alone, in the place of a picture",
    "replaced_characters": "bytes that are no UTF-8",
    "markup_cut": "tags nested too deep or too long were left out",
    "text_lost": "more letters of the page are missing than rules took out, or its template fits only a part of it",
}


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
    title: str  # as readers see it; never empty: where the file has none, words of the text (warning "untitled")
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
    removed: dict[str, int] = field(default_factory=dict)  # what went -> how often, by the kinds in REMOVED
    warnings: tuple[str, ...] = ()  # codes, each told in WARNINGS
    stub: bool = False  # text under 50 characters or equal to the title, and no pictures
    rules_version: str = ""  # of everything that made `html` and the fields out of the bytes
    policy_version: str = ""  # of the sanitizing policy alone
