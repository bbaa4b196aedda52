"""Makers of readings: files as the readers hand them to the store."""

import datetime
import hashlib
import zlib

from articles.importing import Entry
from articles.ingest import RULES_VERSION, Document, Picture, likeness
from articles.ingest.batch import Reading, text_hash, words_of
from articles.ingest.links import address_key
from articles.ingest.text import fold

LONG = (
    "冬天的碼頭風大得讓人睜不開眼，但只要推開三號倉庫的鐵門，濕潤的暖意便迎面而來，架子上的萵苣、芥菜和羅勒長得茂盛。"
)


def at(hour, day=29):
    return datetime.datetime(2025, 1, day, hour, 7, 4, tzinfo=datetime.UTC)


def reading(number=1, hour=7, *, path=None, raw=None, pictures=(), **facts):
    """A file of the DW about the event `number`; everything can be said otherwise."""
    url = facts.pop("url", f"https://www.dw.com/zh/x/a-{number}")
    text = facts.pop("text", f"{LONG}{number}{hour}")
    raw = raw or f"{url} {hour} {text} {facts}".encode()
    instant = facts.pop("published_at", at(hour))
    document = Document(
        name=path or f"dw/{number}-{hour}.md",
        sha256=hashlib.sha256(raw).hexdigest(),
        title=facts.pop("title", f"第 {number} 號倉庫"),
        title_raw=f"第 {number} 號倉庫",
        url=url,
        canonical_url=url,
        address_key=address_key(url),
        source=facts.pop("source", "dw"),
        host="dw.com",
        published_at=instant,
        published_precision=facts.pop("published_precision", "second" if instant else ""),
        published_from="epoch" if instant else "",
        archived_at=facts.pop("archived_at", instant),
        html=f"<p>{text}</p>",
        text=text,
        images=tuple(Picture(src) if isinstance(src, str) else src for src in pictures),
        rules_version=RULES_VERSION,
        **facts,
    )
    return Reading(
        path or document.name,
        document.sha256,
        len(raw),
        document,
        zlib.compress(raw),
        hashlib.sha256(repr((document.title, document.html, document.tags, document.images)).encode()).hexdigest(),
        text_hash(fold(text)),
        words=words_of(document, fold(text)),
        signature=likeness.signature(fold(text)),
    )


def entry(one):
    return Entry(one.path, one.sha256, f"/archive/{one.path}", one)


def entries(*readings):
    return [entry(one) for one in readings]
