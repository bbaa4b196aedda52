"""An article's whole life in one list: originals, revisions, moves, notes to readers, and what else was done to it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext as _

from articles.admin.desk import change_link
from articles.admin.telling import more_of
from articles.models import Article, Deed
from articles.models.audit import TOLD_OTHERWISE

SHOWN_AT_MOST = 200  # entries of each sort
HEAVY = ("body", "standfirst", "excerpt", "copyright", "byline", "facts")


@dataclass(frozen=True)
class Event:
    """One entry; `revision` is the number of a text that can be compared with others."""

    at: datetime.datetime
    who: str
    what: str
    note: str = ""
    revision: int | None = None


def events_of(article: Article) -> list[Event]:
    """All of them, latest first; five queries."""
    events = [*_revisions(article), *_steps(article), *_originals(article), *_notes(article), *_deeds(article)]
    return sorted(events, key=lambda event: (event.at, event.revision or 0), reverse=True)


def _name(user) -> str:
    return user.get_username() if user else ""


def _revisions(article: Article) -> Iterator[Event]:
    for row in article.revisions.select_related("author").defer(*HEAVY).order_by("-id")[:SHOWN_AT_MOST]:
        yield Event(row.made_at, _name(row.author), row.get_kind_display(), row.reason, row.pk)


def _steps(article: Article) -> Iterator[Event]:
    for row in article.steps.select_related("made_by").order_by("-id")[:SHOWN_AT_MOST]:
        moved = f"{row.get_origin_display()} → {row.get_target_display()}"
        yield Event(row.made_at, _name(row.made_by), moved, row.note)


def _originals(article: Article) -> Iterator[Event]:
    rows = article.originals.select_related("run__started_by").defer("bytes").order_by("-id")[:SHOWN_AT_MOST]
    for row in rows:
        run = format_html(" · {} {}", _("import run"), change_link("importrun", row.run_id)) if row.run_id else ""
        note = format_html("{}{}", change_link("original", row.pk, row.path), run)
        what = _("a newer original came, and waits") if row.waiting else _("an original came")
        yield Event(row.imported_at, _name(row.run and row.run.started_by), what, note)


def _notes(article: Article) -> Iterator[Event]:
    rows = article.corrections.select_related("made_by", "withdrawn_by").order_by("-id")[:SHOWN_AT_MOST]
    for row in rows:
        yield Event(row.made_at, _name(row.made_by), _("note to readers: %s") % row.get_kind_display(), row.text)
        if row.withdrawn_at:
            yield Event(row.withdrawn_at, _name(row.withdrawn_by), _("note withdrawn"), row.withdrawn_because)


def _deeds(article: Article) -> Iterator[Event]:
    """What no revision or step tells; a text that was kept as it is beside the source's newer one is among it."""
    told_otherwise = Q(verb__in=TOLD_OTHERWISE) & ~Q(verb="settle", details__has_key="original")
    for deed in Deed.objects.about(article).exclude(told_otherwise)[:SHOWN_AT_MOST]:
        yield Event(deed.made_at, deed.actor, deed.verb_label, more_of(deed))
