"""Articles as a book: EPUB 3, for reading on paper-like screens and for keeping."""

import datetime
import uuid
from itertools import groupby
from typing import BinaryIO

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from selectolax.lexbor import LexborHTMLParser

from articles.exporting.choosing import Chosen
from articles.exporting.markup import as_xhtml, printable
from articles.exporting.packing import Archive, Collection, Row, Written, month_of, page_of, row_of, settle
from articles.exporting.pictures import Kept, Shelf
from articles.exporting.strict import make_strict
from articles.models import Article, Image

STYLE = "articles/book.css"
STORY = "stories/{}.xhtml"


def write_book(chosen: Chosen, out: BinaryIO) -> Written:
    """Write the chosen articles to `out` as an EPUB, oldest first; raises NothingToWrite.

    One article and one picture are in memory at a time, and a line for each article. The same articles make the same
    bytes. The words around them are in the language that most of them are in.
    """
    collection = Collection.of(chosen.articles)
    with Archive(out, collection.changed_at) as archive, translation.override(collection.language):
        archive.put("mimetype", b"application/epub+zip", pressed=False)  # first, and readable without unpacking
        archive.put("META-INF/container.xml", render_to_string("exports/container.xml").encode())
        archive.put("book/book.css", _style())
        shelf = Shelf(lambda name, content: archive.put(f"book/{name}", content), "pictures")
        rows, cover = [], None
        for article in collection.stories():
            page = page_of(article, "exports/book_story.html")
            settle(page, article, collection, shelf, "{}.xhtml")
            make_strict(page)
            archive.put(f"book/{STORY.format(article.pk)}", as_xhtml(page))
            rows.append(row_of(article, page))
            cover = _lead(article) or cover
        front = shelf.add_cover(cover) if cover else None
        _write_frame(archive, chosen.title, collection, rows, front, shelf.kept)
    return Written(len(rows), len(shelf.kept), shelf.missing)


def _style() -> bytes:
    with open(finders.find(STYLE), "rb") as file:
        return file.read()


def _lead(article: Article) -> Image | None:
    return article.lead_image if article.lead_image and article.lead_image.is_stored else None


def _write_frame(
    archive: Archive, title: str, collection: Collection, rows: list[Row], cover: Kept | None, pictures: list[Kept]
) -> None:
    """Title page, contents and the list of all files; they are known when everything else is written."""
    days = sorted(row.day for row in rows if row.day)
    languages: dict[str, int] = {}
    for row in rows:
        languages[row.language] = languages.get(row.language, 0) + 1
    context = {
        "title": printable(title),
        "newsroom": printable(settings.SITE_NAME),
        "address": settings.SITE_URL,
        "identifier": uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/{title}"),
        "modified": collection.changed_at.astimezone(datetime.UTC),
        "languages": sorted((name for name in languages if name), key=lambda name: -languages[name]) or ["zh"],
        "first": days[0] if days else None,
        "last": days[-1] if days else None,
        "rows": rows,
        "months": [(month, list(group)) for month, group in groupby(rows, month_of)],
        "cover": cover,
        "pictures": list(enumerate(pictures, start=1)),
    }
    for name in ("title", "contents"):
        page = LexborHTMLParser(render_to_string(f"exports/book_{name}.html", context))
        archive.put(f"book/{name}.xhtml", as_xhtml(page))
    archive.put("book/book.opf", render_to_string("exports/book.opf", context).encode())
