"""What happened to an article: its source's texts in the archive, side by side in time, and the notes written here."""

import dataclasses
import datetime
import itertools
import zlib

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.curation.comparing import Piece, around_changes, compare
from articles.ingest import RULES_VERSION, Unreadable, read
from articles.models import Article, Original, notes_of, with_notes
from articles.views.takedowns import tombstone, tombstone_of

MOST = 20  # versions shown; the archive has never more than a handful
KEPT = 7 * 24 * 3600  # seconds; a difference between two files is the same for ever under the same rules


@dataclasses.dataclass(frozen=True)
class Change:
    """One version against the one before it: when it was archived, and the pieces of title and text that differ."""

    seen_at: datetime.datetime
    title: list[Piece]
    text: list[Piece]


@require_safe
def changes(request: HttpRequest, number: int) -> HttpResponse:
    """The dated change log of an article: its source's texts and our notes; not found where there is neither.

    Of an article edited here only the dates are told: what editors took out must not come back by this door.
    """
    article = with_notes(Article.objects.published().for_lists()).filter(pk=number).first()
    take_down = tombstone_of(number) if article is None else None
    if take_down:
        return tombstone(request, take_down)
    if article is None:
        raise Http404
    versions = _versions(article)
    notes = notes_of(article, standing=False)
    if len(versions) < 2 and not notes:
        raise Http404
    context = {
        "article": article,
        "notes": notes,
        "first_at": _seen_at(versions[0]) if versions else None,
        "dates": [_seen_at(version) for version in versions[1:]],
        "changes": [] if article.edited_at else _changes(versions),
    }
    return render(request, "articles/changes.html", context)


def _seen_at(version: Original) -> datetime.datetime:
    return version.archived_at or version.imported_at


def _versions(article: Article) -> list[Original]:
    """Different contents in the order in which the archive saw them, without their bytes; one query."""
    facts = ("article", "content_sha256", "archived_at", "imported_at", "path")
    seen, versions = set(), []
    latest = article.originals.only(*facts).order_by("-pk")[: MOST * 2]
    for original in sorted(latest, key=lambda one: (_seen_at(one), one.pk)):
        if original.content_sha256 not in seen:
            seen.add(original.content_sha256)
            versions.append(original)
    return versions[-MOST:]


def _changes(versions: list[Original]) -> list[Change]:
    """Each version against the one before; read anew only when nobody has asked before, then with one query."""
    key = "changes:" + RULES_VERSION + ":" + "-".join(str(version.pk) for version in versions)
    made = cache.get(key)
    if made is None:
        kept = dict(Original.objects.filter(pk__in=[version.pk for version in versions]).values_list("pk", "bytes"))
        told = [words for version in versions if (words := _words(version, kept.get(version.pk, b"")))]
        made = [
            Change(
                seen_at,
                around_changes(compare(before[0], title)),
                around_changes(compare(before[1], text)),
            )
            for (_, before), (seen_at, (title, text)) in itertools.pairwise(told)
        ]
        cache.set(key, made, KEPT)
    return made


def _words(version: Original, content: bytes) -> tuple[datetime.datetime, tuple[str, str]] | None:
    """When a version was seen, its title and text by today's rules; None if they no longer read it."""
    try:
        document = read(zlib.decompress(content), version.path)
    except (Unreadable, zlib.error):
        return None
    return _seen_at(version), (document.title, document.text)
