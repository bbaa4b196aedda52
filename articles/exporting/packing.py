"""What a book and a site in a zip share: the archive as a stream, one article at a time, links that lead inside it.

Pages are the public templates' own (`reading_of` makes each text ready), so that an export reads as the site does.
"""

import datetime
import re
import zipfile
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Count, Max, Prefetch
from django.template.loader import render_to_string
from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles import images
from articles.exporting.pictures import Shelf
from articles.ingest.links import address_key
from articles.models import Article, ArticleImage, ArticleMerge, Image, TaggedArticle, notes_of, with_notes
from articles.models.article import ArticleQuerySet

CHUNK = 50  # articles in memory at once; each chunk costs two queries
LANGUAGES = {"hans": "zh-hans", "hant": "zh-hant"}
OWN_PAGE = re.compile(r"(?:/zh-han[st])?/a/(\d{1,18})(?:/.*)?")
_WEB = re.compile(r"https?://(?:[\w.~%-]+@)?[\w-]+(?:\.[\w-]+)*\.?(?::\d{1,4})?(?=[/?#]|$)", re.IGNORECASE)
_LOOSE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~:/?@!$&'()*+,;=%-]")  # what RFC 3986 wants written as %XX
FOR_BROWSERS = ("srcset", "sizes", "loading", "decoding", "fetchpriority", "tabindex")
PACKED = frozenset({"jpg", "png", "gif", "webp"})  # pressing these again gains nothing
OLDEST = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)  # that a zip can tell


class NothingToWrite(Exception):
    """No article was chosen."""


@dataclass(frozen=True, slots=True)
class Written:
    """What went into an archive; `missing` names each picture that did not, and why."""

    articles: int
    pictures: int
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """What lists say of an article that is in the archive."""

    number: int
    title: str
    language: str
    day: datetime.date | None
    source: str
    source_language: str


class Archive:
    """A zip that is written once, from its beginning to its end; equal contents make equal bytes."""

    def __init__(self, out: BinaryIO, moment: datetime.datetime, folder: str = "") -> None:
        self._zip = zipfile.ZipFile(out, "w")
        self._moment = max(moment.astimezone(datetime.UTC), OLDEST).timetuple()[:6]
        self._folder = folder

    def __enter__(self) -> "Archive":
        self._zip.__enter__()
        return self

    def __exit__(self, *fault: object) -> None:
        self._zip.__exit__(*fault)

    def put(self, name: str, content: bytes, *, pressed: bool = True) -> None:
        """Write a file; pictures are stored as they are."""
        entry = zipfile.ZipInfo(self._folder + name, date_time=self._moment)
        entry.external_attr = 0o644 << 16
        pressed = pressed and name.rpartition(".")[2] not in PACKED
        self._zip.writestr(entry, content, zipfile.ZIP_DEFLATED if pressed else zipfile.ZIP_STORED)


@dataclass(frozen=True, slots=True)
class Collection:
    """What is known of all chosen articles before the first is read: a few bytes for each; four queries."""

    articles: ArticleQuerySet
    numbers: frozenset[int]
    keys: dict[str, int]  # address key to number; of merged articles too
    language: str  # of the words around the articles
    changed_at: datetime.datetime

    @classmethod
    def of(cls, articles: ArticleQuerySet) -> "Collection":
        """Raises NothingToWrite."""
        plain = articles.order_by()
        known = dict(plain.values_list("pk", "address_key"))
        if not known:
            raise NothingToWrite
        merged = ArticleMerge.objects.filter(undone_at=None, winner__in=plain.values("pk"))
        keys = dict(merged.values_list("article__address_key", "winner"))
        keys |= {key: number for number, key in known.items()}
        keys.pop(None, None)
        scripts = plain.values("script").annotate(number=Count("pk", distinct=True)).order_by("-number", "script")
        return cls(
            articles,
            frozenset(known),
            keys,
            LANGUAGES.get(scripts[0]["script"], "en"),
            plain.aggregate(at=Max("updated_at"))["at"],
        )

    def number_of(self, address: str) -> int | None:
        """Number of the article in this archive that an address opens; None when there is none."""
        path = address.removeprefix(settings.SITE_URL)
        if match := OWN_PAGE.fullmatch(path.partition("#")[0].partition("?")[0]):
            return int(match[1]) if int(match[1]) in self.numbers else None
        return self.keys.get(address_key(address)) if address.startswith(("http://", "https://")) else None

    def stories(self) -> Iterator[Article]:
        """The articles in their order with all that their pages show; one query, and two for each chunk of 50."""
        places = ArticleImage.objects.select_related("image").order_by("position", "id")
        uses = TaggedArticle.objects.select_related("tag").order_by("id")
        whole = (
            with_notes(self.articles)
            .select_related("source", "lead_image")
            .defer("text", "title_raw", "links", "removed")
            .prefetch_related(Prefetch("article_images", places, to_attr="pictures"))
            .prefetch_related(Prefetch("tagged", uses, to_attr="uses"))
        )
        return (article for article in whole.iterator(chunk_size=CHUNK) if article.pk in self.numbers)


def month_of(row: Row) -> datetime.date | None:
    """The first day of its month."""
    return row.day and row.day.replace(day=1)


def row_of(article: Article, page: LexborHTMLParser) -> Row:
    """What lists say of an article; its language is what its page says."""
    day = article.published_on
    if day is None and article.published_at:
        day = article.published_at.astimezone(zoneinfo.ZoneInfo(article.source.timezone)).date()
    language = page.css_first("h1").attributes.get("lang") or ""
    title = article.title.strip() or f"#{article.pk}"
    return Row(article.pk, title, language, day, article.source.name, article.source.language)


def page_of(article: Article, template: str, **context: object) -> LexborHTMLParser:
    """The page of an article from `Collection.stories`, as the public site shows it."""
    context |= {
        "article": article,
        "places": article.pictures,
        "tags": [use.tag for use in article.uses],
        "notes": notes_of(article),
        "copies": (),
    }
    return LexborHTMLParser(render_to_string(template, context))


def settle(page: LexborHTMLParser, article: Article, collection: Collection, shelf: Shelf, page_name: str) -> None:
    """Make a page of `page_of` stand alone: pictures from the shelf, links to what is beside it or out to the web.

    `page_name` is the name of an article's file beside this one, with {} for its number.
    """
    _show(page, article, shelf)
    for link in page.css(".story a[href]"):
        _lead(page, link, article, collection, page_name)
    for name in FOR_BROWSERS:
        for node in page.css(f"[{name}]"):
            del node.attrs[name]


def _lead(page: LexborHTMLParser, link: LexborNode, article: Article, collection: Collection, page_name: str) -> None:
    address = link.attributes.get("href") or ""
    if address.startswith("#"):
        if not any(node.attributes.get("id") == address[1:] for node in page.css("[id]")):
            link.unwrap()
        return
    number = collection.number_of(address)
    if number not in (None, article.pk):  # an article's own address leads to its original
        link.attrs["href"] = page_name.format(number)
        link.attrs["class"] = "local"
    elif strict := strict_address(settings.SITE_URL + address if address.startswith("/") else address):
        link.attrs["href"] = strict
    else:
        link.unwrap()


def strict_address(address: str) -> str:
    """An address of the web as RFC 3986 writes it; "" when it has none of the forms that can be opened."""
    if address.startswith("mailto:"):
        return "mailto:" + _LOOSE.sub(_percent, address.removeprefix("mailto:").partition("#")[0])
    match = _WEB.match(address)
    if not match:
        return ""
    before, mark, fragment = address[match.end() :].partition("#")
    return match[0] + _LOOSE.sub(_percent, before) + mark + _LOOSE.sub(_percent, fragment.replace("#", "%23"))


def _percent(match: re.Match) -> str:
    return quote(match[0], safe="")


def _show(page: LexborHTMLParser, article: Article, shelf: Shelf) -> None:
    """Each picture is the archive's own file, or an honest word that there is none."""
    shown = {address: place.image for place in article.pictures for address in _addresses(place.image)}
    if article.lead_image:
        shown |= dict.fromkeys(_addresses(article.lead_image), article.lead_image)
    for frame in page.css("picture"):
        frame.replace_with(frame.css_first("img"))
    for picture in page.css("img"):
        image = shown.get(picture.attributes.get("src") or "")
        kept = shelf.add(image) if image else None
        if kept:
            picture.attrs["src"] = f"../{kept.name}"
            if kept.width and kept.height and "own-size" not in (picture.attributes.get("class") or ""):
                picture.attrs["width"], picture.attrs["height"] = str(kept.width), str(kept.height)
        else:
            _say_missing(picture, image)
    for place in article.pictures:
        if not place.image.is_stored:
            shelf.add(place.image)  # so that it is told


def _say_missing(picture: LexborNode, image: Image | None) -> None:
    context = {"image": None, "alt": picture.attributes.get("alt") or "", "origin": image.origin_url if image else ""}
    words = render_to_string("articles/_missing_picture.html", context).strip()
    picture.replace_with(LexborHTMLParser(f"<!doctype html><body>{words}").body.first_child)


def _addresses(image: Image) -> list[str]:
    """All that a page may name a stored picture by."""
    if not image.is_stored:
        return []
    plans = [default_storage.url(f"{plan.stem}.jpg") for plan in images.whole(image)]
    return [image.file.url, *plans]
