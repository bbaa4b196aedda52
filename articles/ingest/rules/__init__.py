"""Tables only: what is known about sources, their pages, addresses and wording; the code beside them reads them."""

from articles.ingest.rules.sources import SOURCES, SourceRule

__all__ = ["SOURCES", "SourceRule"]
