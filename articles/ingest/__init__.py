"""From an archive file's bytes to a clean Document; knows no Django."""

from articles.ingest.document import Document, Embed, Picture, Unreadable

__all__ = ["Document", "Embed", "Picture", "Unreadable"]
