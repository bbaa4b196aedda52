"""What goes out: records for programs, the archive as it came, a book, a site that needs no server."""

from articles.exporting.book import write_book
from articles.exporting.choosing import Choice, Chosen, NoSuchChoice, choose
from articles.exporting.originals import Restored, UnwritableOriginal, write_originals
from articles.exporting.packing import NothingToWrite, Written
from articles.exporting.records import instant, record, records
from articles.exporting.site import write_site

__all__ = [
    "Choice",
    "Chosen",
    "NoSuchChoice",
    "NothingToWrite",
    "Restored",
    "UnwritableOriginal",
    "Written",
    "choose",
    "instant",
    "record",
    "records",
    "write_book",
    "write_originals",
    "write_site",
]
