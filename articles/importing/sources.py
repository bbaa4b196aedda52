"""Finds, or makes, the source of a document."""

from __future__ import annotations

from django.utils.text import slugify

from articles.ingest import Document
from articles.ingest.rules.sources import SOURCES
from articles.models import Source

UNKNOWN = "unknown"


class Sources:
    """All sources in memory, for one batch; one query, and one more for each source that is new."""

    def __init__(self) -> None:
        self.by_slug = {source.slug: source for source in Source.objects.all()}
        self.by_host = {host: source for source in self.by_slug.values() for host in source.hosts}

    def of(self, document: Document) -> Source:
        """The document's source: by rule, by a host that editors gave to a source, else a new one of that host."""
        if document.source:
            return self.by_slug.get(document.source) or self._add(document.source)
        return self.by_host.get(document.host) or self._add(
            slugify(document.host.replace(".", "-")) or UNKNOWN, document
        )

    def _add(self, slug: str, document: Document | None = None) -> Source:
        rule = SOURCES.get(slug)
        if rule is not None:
            facts = {
                "name": rule.name,
                "hosts": list(rule.hosts),
                "language": rule.language,
                "timezone": rule.timezone,
                "home_url": rule.home_url,
                "copyright": rule.copyright,
            }
        else:
            host = document.host if document else ""
            facts = {"name": host or slug, "hosts": [host] if host else [], "language": ""}
            facts["language"] = document.language if document else ""
        source, _ = Source.objects.get_or_create(slug=slug[:100], defaults=facts)
        self.by_slug[source.slug] = source
        self.by_host.update(dict.fromkeys(source.hosts, source))
        return source


def is_known_source(slug: str) -> bool:
    """Whether `--source` may name it: a source of the rules or of the database."""
    return slug in SOURCES or Source.objects.filter(slug=slug).exists()
