"""From an archive file's bytes to a clean Document; knows no Django."""

from articles.ingest.document import Document, Embed, Picture, Unreadable
from articles.ingest.reading import LIMIT, RULES_VERSION, archive_id_of, read, renamed, source_by_name

__all__ = [
    "LIMIT",
    "RULES_VERSION",
    "Document",
    "Embed",
    "Picture",
    "Unreadable",
    "archive_id_of",
    "read",
    "renamed",
    "source_by_name",
]
