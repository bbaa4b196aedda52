"""Narrows articles by what an editor looks for, in triage and in the list of articles; keeps filters under names."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from articles import search
from articles.models import UNDATED, Article, PossibleDuplicate, SavedFilter, Source, TaggedArticle, record
from articles.models.conditions import IsNotEmptyList
from articles.models.filters import FirstFilter

COUNTED = 1000  # of a saved filter; "1,000+" tells as much as the exact number
SHOWN_AT_MOST = 12  # saved filters in a bar
DOUBTFUL_FIRST = "risk"
ORDERS = {
    "newest": _("newest first"),
    "oldest": _("oldest first"),
    "source": _("by source"),
    DOUBTFUL_FIRST: _("doubtful first"),
}
SCRIPTS = {
    "hans": _("Simplified characters"),
    "hant": _("Traditional characters"),
    "mixed": _("both kinds of characters"),
    "latn": _("Latin letters"),
}


@dataclass(frozen=True)
class Need:
    """Something about an article that asks for an editor."""

    label: Promise
    condition: Callable[[], Q]


def _told_twice() -> Q:
    pairs = PossibleDuplicate.objects.filter(verdict=PossibleDuplicate.Verdict.OPEN)
    return Q(Exists(pairs.filter(article=OuterRef("pk")))) | Q(Exists(pairs.filter(other=OuterRef("pk"))))


NEEDS = {
    "stub": Need(_("stub"), lambda: Q(stub=True)),
    "undated": Need(_("undated"), lambda: Q(published_at__isnull=True, listed_at=UNDATED)),  # the latter has an index
    "copy": Need(_("possible duplicate"), _told_twice),
    "no_topic": Need(_("no topic"), lambda: ~Q(Exists(TaggedArticle.objects.filter(content_object=OuterRef("pk"))))),
    "no_picture": Need(_("no lead picture"), lambda: Q(lead_image__isnull=True)),
    "warned": Need(_("warnings of the import"), lambda: Q(IsNotEmptyList("warnings"))),
}
# How much each weighs in the order by doubt; `doubtful` finds what has any of them.
DOUBTS = {"copy": 3, "stub": 2, "undated": 1}


def doubtful() -> QuerySet:
    """Numbers of the articles of the inbox that anything in DOUBTS is true of, and of some that have left it; no query.

    A union, each part of which an index answers: no database finds those few among all that waits by itself.
    """
    pairs = PossibleDuplicate.objects.filter(verdict=PossibleDuplicate.Verdict.OPEN).order_by()
    inbox = Article.objects.filter(status=Article.Status.INBOX).order_by()
    stubs, undated = (inbox.filter(NEEDS[name].condition()).values("pk") for name in ("stub", "undated"))
    return pairs.values("article").union(pairs.values("other"), stubs, undated)


@dataclass(frozen=True)
class Wanted:
    """What somebody narrows articles to; whatever makes no sense has been left out."""

    order: str = ""
    source: str = ""
    first: datetime.date | None = None
    last: datetime.date | None = None
    needs: tuple[str, ...] = ()
    script: str = ""
    words: str = ""

    @classmethod
    def read(cls, parameters: Mapping) -> Wanted:
        """Out of an address's query (a QueryDict); never raises."""
        given = {name: parameters.get(name, "").strip().replace("\x00", "") for name in ("order", "source", "script")}
        return cls(
            order=given["order"] if given["order"] in ORDERS else "",
            source=given["source"][:100],
            first=_day(parameters.get("from", "")),
            last=_day(parameters.get("to", "")),
            needs=tuple(name for name in NEEDS if name in parameters.getlist("has")),
            script=given["script"] if given["script"] in SCRIPTS else "",
            words=parameters.get("q", "").strip().replace("\x00", "")[:200],
        )

    @property
    def query(self) -> str:
        """The same as an address's query, always in one order; empty when nothing is narrowed."""
        pairs = [
            ("order", self.order),
            ("source", self.source),
            ("from", self.first.isoformat() if self.first else ""),
            ("to", self.last.isoformat() if self.last else ""),
            *(("has", name) for name in self.needs),
            ("script", self.script),
            ("q", self.words),
        ]
        return urlencode([(name, value) for name, value in pairs if value])

    @property
    def narrows(self) -> bool:
        """Whether anything but the order is asked for."""
        return bool(self.source or self.first or self.last or self.needs or self.script or self.words)

    @property
    def told(self) -> list[str]:
        """The same in words for people, a word a narrowing."""
        days = (self.first, self.last)
        return [
            *([str(ORDERS[self.order])] if self.order else []),
            *([self.source] if self.source else []),
            *(["–".join(day.isoformat() if day else "" for day in days)] if any(days) else []),
            *(str(NEEDS[name].label) for name in self.needs),
            *([str(SCRIPTS[self.script])] if self.script else []),
            *([f"“{self.words}”"] if self.words else []),
        ]

    def of(self, articles: QuerySet[Article]) -> QuerySet[Article]:
        """Those of `articles` that are wanted, in no order yet; no query, or one for its words' synonyms."""
        if self.source:  # looked up apart, so that the index by source is used
            articles = articles.filter(source=Subquery(Source.objects.filter(slug=self.source).values("pk")[:1]))
        if self.first:
            articles = articles.filter(published_on__gte=self.first)
        if self.last:
            articles = articles.filter(published_on__lte=self.last)
        for name in self.needs:
            articles = articles.filter(NEEDS[name].condition())
        if self.script:
            articles = articles.filter(script=self.script)
        if self.words:
            query = search.query_of(self.words)
            articles = articles.none() if query.is_empty else search.matching(articles, query)
        return articles

    def sorted(self, articles: QuerySet[Article]) -> QuerySet[Article]:
        """`articles` in the wanted order."""
        if self.order == "oldest":
            return articles.order_by("listed_at", "id")
        if self.order == "source":
            return articles.order_by("source__name", "-listed_at", "-id")
        if self.order == DOUBTFUL_FIRST:
            doubt = Value(0, IntegerField())
            for name, weight in DOUBTS.items():
                doubt += Case(When(NEEDS[name].condition(), then=Value(weight)), default=Value(0))
            return articles.order_by(doubt.desc(), "-listed_at", "-id")
        return articles.newest_first()


def _day(written: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(written.strip())
    except ValueError:
        return None


class CappedCount(Subquery):
    """The number of rows of a subquery, COUNTED + 1 at most, so that any number of counts is one statement."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
    empty_result_set_value = 0

    def __init__(self, rows: QuerySet) -> None:
        super().__init__(rows.order_by().annotate(one=Value(1)).values("one")[: COUNTED + 1])


def counts_of(lists: list[QuerySet]) -> list[int]:
    """How many rows each has, COUNTED + 1 at most; one query for all."""
    if not lists:
        return []
    names = {f"count_{number}": CappedCount(rows) for number, rows in enumerate(lists)}
    row = SavedFilter.objects.order_by("pk").values(**names)[:1]
    return list(row[0].values()) if row else [0] * len(lists)


def seen_by(user) -> QuerySet[SavedFilter]:
    """A person's own filters and those that others share."""
    return SavedFilter.objects.filter(Q(owner=user) | Q(is_shared=True))


def filters_for(user, desk: str) -> list[SavedFilter]:
    """A person's filters of a list, own ones first, then what others share; one query, SHOWN_AT_MOST rows."""
    mine = Case(When(owner=user, then=Value(0)), default=Value(1))
    rows = seen_by(user).filter(desk=desk).select_related("owner")
    return list(rows.order_by(mine, "name", "id")[:SHOWN_AT_MOST])


def may_change_filter(user, saved: SavedFilter) -> bool:
    """One's own, or a shared one for those who may share."""
    if not user.has_perm("articles.change_savedfilter"):
        return False
    return saved.owner_id == user.pk or (saved.is_shared and user.has_perm("articles.share_savedfilter"))


def save_filter(user, desk: str, name: str, query: str, *, shared: bool = False) -> SavedFilter:
    """Keep a filter under a name; one's own filter of that name is replaced. Sharing needs the right to share."""
    shared = shared and user.has_perm("articles.share_savedfilter")
    values = {"query": query[:2000], "is_shared": shared}
    with transaction.atomic():
        saved, made = SavedFilter.objects.update_or_create(
            owner=user, desk=desk, name=name.strip()[:60], defaults=values, create_defaults=values
        )
        record("add" if made else "change", saved, by=user, desk=desk, filter=saved.query, shared=saved.is_shared)
    return saved


def first_filter(user) -> SavedFilter | None:
    """The filter with which this person's triage opens, if it is still theirs to see; one query."""
    seen = Q(filter__owner=F("user")) | Q(filter__is_shared=True)
    kept = FirstFilter.objects.filter(seen, user=user).select_related("filter").first()
    return kept.filter if kept else None


def open_with(user, saved: SavedFilter | None) -> None:
    """Let this person's triage open with a filter; None: with the whole inbox again."""
    with transaction.atomic():
        if saved is not None:
            FirstFilter.objects.update_or_create(user=user, defaults={"filter": saved})
            record("change", saved, by=user, opens_triage=True)
        elif FirstFilter.objects.filter(user=user).delete()[0]:
            record("change", "savedfilter", by=user, whole_inbox=True)
