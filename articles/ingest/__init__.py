"""From an archive file's bytes to a clean Document; knows no Django."""

from articles.ingest.document import Document, Embed, Picture, Unreadable
from articles.ingest.reading import RULES_VERSION, read

__all__ = ["RULES_VERSION", "Document", "Embed", "Picture", "Unreadable", "read"]
