"""Shapes the front page: a draft that editors share, what goes live, what comes back."""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import search
from articles.curation.workflow import Refused
from articles.ingest.links import address_key
from articles.models import Article, FrontPage, Plan, Source, Tag, plan_of, record, tag_key, turn_edition
from articles.models.front import (
    MOST_IN_A_SECTION,
    MOST_SECTIONS,
    SECONDS,
    Breaking,
    Kind,
    Layout,
    Part,
    keep_moments,
    moment_of,
)

LONGEST_LINE = 200  # characters of the breaking line
LONGEST_NAME = 200
FOUND_AT_MOST = 20
FIRST = datetime.timedelta(microseconds=1)


class Overtaken(Refused):
    """Somebody else has saved the draft since it was read; `draft` is theirs."""

    def __init__(self, draft: FrontPage | None) -> None:
        self.draft = draft
        who = draft.changed_by if draft else _("Somebody")
        super().__init__(_("%(who)s has changed the draft meanwhile.") % {"who": who})


def may_shape(user) -> bool:
    """Whether this person may shape the front page."""
    return user.has_perm("articles.change_frontpage")


def draft_of_front() -> FrontPage | None:
    """The draft that waits, with who saved it last; one query."""
    return FrontPage.objects.filter(is_draft=True).select_related("changed_by").first()


def live_front() -> FrontPage | None:
    """The shape that readers see; None while the page edits itself. One query."""
    return FrontPage.objects.filter(is_draft=False).select_related("changed_by").first()


def save_draft(plan: Plan, seen: int | None, user) -> FrontPage:
    """Keep a plan as the draft; `seen` is the number of saves of the draft it was made from (None: there was none).

    One conditional update: raises Overtaken when somebody else saved since, Refused when the plan says what cannot be.
    """
    _may_or_refuse(user)
    checked(plan)
    values = {"plan": plan.written(), "changed_at": timezone.now(), "changed_by": user}
    if seen is None:
        try:
            with transaction.atomic():
                draft = FrontPage.objects.create(saves=1, **values)
                record("add", draft, by=user, draft=True)
                return draft
        except IntegrityError:
            seen = 0
    mine = Q(saves=seen) | Q(changed_by=user)
    with transaction.atomic():
        if FrontPage.objects.filter(mine, is_draft=True).update(saves=F("saves") + 1, **values):
            draft = draft_of_front()
            record("change", draft, by=user, draft=True)
            return draft
    raise Overtaken(draft_of_front())


def drop_draft(user) -> bool:
    """Throw the draft away; whether there was one."""
    _may_or_refuse(user)
    with transaction.atomic():
        draft = FrontPage.objects.filter(is_draft=True).select_for_update().first()
        if draft is None:
            return False
        record("delete", draft, by=user, draft=True)
        draft.delete()
    return True


def go_live(draft: FrontPage, user, note: str = "") -> FrontPage:
    """Show the draft, as it was seen, to readers. One conditional update; raises Overtaken or Refused.

    The first shape has one before it that edits itself, so that undo always finds what it brings back.
    """
    _may_or_refuse(user)
    checked(plan_of(draft.plan))
    now = timezone.now()
    with transaction.atomic():
        seen = FrontPage.objects.filter(pk=draft.pk, is_draft=True, saves=draft.saves)
        if not seen.update(is_draft=False, went_live_at=now, changed_at=now, changed_by=user, note=note.strip()[:300]):
            raise Overtaken(draft_of_front())
        if not FrontPage.objects.filter(is_draft=False).exclude(pk=draft.pk).exists():
            FrontPage.objects.create(is_draft=False, went_live_at=now - FIRST, note=_("It edits itself."))
        _show(plan_of(draft.plan))
        record("change", draft, by=user, note=note.strip(), live=True)
    draft.refresh_from_db()
    return draft


def restore_front(shape: FrontPage, user) -> FrontPage:
    """Show an earlier shape again; a waiting draft stays. Raises Refused.

    What a shape names and is gone by now is left out when the page is made, so any shape can come back.
    """
    _may_or_refuse(user)
    if shape.is_draft:
        raise Refused(_("A draft is no earlier shape."))
    plan, now = plan_of(shape.plan), timezone.now()
    with transaction.atomic():
        made = FrontPage.objects.create(
            plan=plan.written(),
            is_draft=False,
            went_live_at=now,
            changed_at=now,
            changed_by=user,
            restored=shape.restored or shape,
        )
        _show(plan)
        record("restore", made, by=user, shape=made.restored_id)
    return made


def shape_before(live: FrontPage) -> FrontPage | None:
    """The shape that readers saw before `live`: what undo brings back; None for the first one. One query.

    A restored shape counts as the one it restores, so that undoing twice goes two shapes back, not forth again.
    """
    origin = live.restored or live
    earlier = FrontPage.objects.filter(is_draft=False, restored__isnull=True)
    return earlier.filter(
        Q(went_live_at__lt=origin.went_live_at) | Q(went_live_at=origin.went_live_at, pk__lt=origin.pk)
    ).first()


def _show(plan: Plan) -> None:
    keep_moments(plan.moments())
    turn_edition()


def _may_or_refuse(user) -> None:
    if not may_shape(user):
        raise Refused(_("The front page is not yours to shape."))


def checked(plan: Plan) -> None:
    """Raise Refused with one sentence when a plan says what cannot be."""
    pins = [pin for pin in (plan.lead, *plan.seconds) if pin]
    if len(plan.seconds) > SECONDS:
        raise Refused(_("There is room for %(number)s second stories.") % {"number": SECONDS})
    numbers = [pin.article for pin in pins]
    if len(set(numbers)) < len(numbers):
        raise Refused(_("One article is pinned to two places."))
    sections = [part for part in plan.parts if part.kind != Kind.AUTOMATIC]
    if len(sections) > MOST_SECTIONS:
        raise Refused(_("There is room for %(number)s sections.") % {"number": MOST_SECTIONS})
    for part in sections:
        _check_section(part)
    if plan.breaking:
        _check_line(plan.breaking)


def _check_section(part: Part) -> None:
    if part.kind not in Kind.values or part.layout not in Layout.values:
        raise Refused(_("A section is a source, a topic or a search, in one of the layouts."))
    if not part.name or len(part.name) > LONGEST_NAME or len(part.title) > LONGEST_NAME:
        raise Refused(_("A section wants the name of a source or a topic, or words to search for."))
    if not 1 <= part.count <= MOST_IN_A_SECTION:
        raise Refused(_("A section shows 1 to %(number)s articles.") % {"number": MOST_IN_A_SECTION})


def _check_line(line: Breaking) -> None:
    if not line.text.strip() or len(line.text) > LONGEST_LINE:
        raise Refused(_("The breaking line wants words, %(number)s characters at most.") % {"number": LONGEST_LINE})
    if line.begins and line.ends and moment_of(line.ends) <= moment_of(line.begins):
        raise Refused(_("The breaking line ends before it begins."))


def section_named(kind: str, words: str) -> Part:
    """A new section out of what an editor typed: a source's name or slug, a topic in either script or by another
    name, words to search for. Raises Refused when there is no such thing. One query, none for a search.
    """
    words = " ".join(words.split())
    if kind == Kind.SOURCE:
        source = Source.objects.filter(Q(slug__iexact=words) | Q(name__iexact=words)).first()
        if source is None:
            raise Refused(_("There is no source “%(name)s”.") % {"name": words})
        return Part(kind, str(source.pk))
    if kind == Kind.TOPIC:
        key = tag_key(words)
        tag = Tag.objects.filter(Q(key=key) | Q(aliases__key=key)).first()
        if tag is None:
            raise Refused(_("There is no topic “%(name)s”.") % {"name": words})
        return Part(kind, tag.name)
    part = Part(kind, words)
    _check_section(part)
    if search.parse(words).is_empty:
        raise Refused(_("There is nothing to search for in “%(words)s”.") % {"words": words})
    return part


def candidates(words: str) -> list[Article]:
    """Published articles for the front page: by number, by address, or by words, the newest first.

    One query, two for words.
    """
    words = words.strip()
    published = Article.objects.published().for_lists()
    if words.isdecimal():
        return list(published.filter(pk=int(words))) if len(words) < 19 else []
    if words.startswith(("http://", "https://")):
        return list(published.filter(Q(canonical_url=words) | Q(address_key=address_key(words))))
    query = search.query_of(words)
    if query.is_empty:
        return list(published.newest_first()[:FOUND_AT_MOST])
    found = search.matching(published, query).filter(entry__isnull=False)
    return list(found.order_by("-entry__id")[:FOUND_AT_MOST])
