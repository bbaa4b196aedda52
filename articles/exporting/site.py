"""Articles as a folder of pages in a zip: opens from a disk, without a server, a script or a network."""

import math
from itertools import groupby
from typing import BinaryIO

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from selectolax.lexbor import LexborHTMLParser

from articles.exporting.choosing import Chosen
from articles.exporting.markup import as_html
from articles.exporting.packing import Archive, Collection, Row, Written, month_of, page_of, row_of, settle
from articles.exporting.pictures import Shelf
from articles.models import slug_of

STYLES = ("reset", "tokens", "base", "parts", "pages", "tones")
PAPER = "print"
EXTRA = "kept"  # what only these pages need
PAGE = 500  # titles on a page of the index


def write_site(chosen: Chosen, out: BinaryIO) -> Written:
    """Write the chosen articles to `out` as a zip with one folder, the newest on top; raises NothingToWrite.

    Costs what a book costs. Links among the articles lead inside the folder, all others to where they led.
    """
    collection = Collection.of(chosen.articles)
    folder = f"{slug_of(chosen.title)}/"
    with Archive(out, collection.changed_at, folder) as archive, translation.override(collection.language):
        archive.put("style.css", _style())
        shelf = Shelf(archive.put, "pictures")
        rows = []
        for article in collection.stories():
            page = page_of(article, "exports/site_story.html", title=chosen.title, up="../")
            settle(page, article, collection, shelf, "{}.html")
            archive.put(f"articles/{article.pk}.html", as_html(page))
            rows.append(row_of(article, page))
        _write_index(archive, chosen.title, rows[::-1])
    return Written(len(rows), len(shelf.kept), shelf.missing)


def _style() -> bytes:
    """The public site's own sheets as one, with the one for paper."""
    sheets = []
    for name in (*STYLES, EXTRA):
        with open(finders.find(f"articles/{name}.css"), "rb") as file:
            sheets.append(file.read())
    with open(finders.find(f"articles/{PAPER}.css"), "rb") as file:
        sheets.append(b"@media print {\n" + file.read() + b"}\n")
    return b"\n".join(sheets)


def _write_index(archive: Archive, title: str, rows: list[Row]) -> None:
    pages = math.ceil(len(rows) / PAGE)
    days = sorted(row.day for row in rows if row.day)
    for number in range(1, pages + 1):
        shown = rows[(number - 1) * PAGE : number * PAGE]
        context = {
            "title": title,
            "total": len(rows),
            "first": days[0] if days else None,
            "last": days[-1] if days else None,
            "months": [(month, list(group)) for month, group in groupby(shown, month_of)],
            "number": number,
            "pages": pages,
            "newer": _name(number - 1) if number > 1 else "",
            "older": _name(number + 1) if number < pages else "",
        }
        page = LexborHTMLParser(render_to_string("exports/site_index.html", context))
        archive.put(_name(number), as_html(page))


def _name(number: int) -> str:
    return "index.html" if number == 1 else f"index-{number}.html"
