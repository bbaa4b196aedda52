"""The take-down desk: a demand is filed, a chief decides on it, and what is gone returns by two people's word only.

A decision is one transaction: from its commit on no outlet shows any of it, and no import brings it back. The files of
pictures are removed from the storage right after it (`settle`, which the next reader's request goes on with).
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.curation.takedown_effects import TOLD, apply, hold, lift
from articles.curation.takedown_scope import MOST, under
from articles.curation.workflow import Refused
from articles.models import Article, Image, TakeDown, lock_writers, record

Scope, State = TakeDown.Scope, TakeDown.State
DECIDE = "articles.decide_takedown"
ASK = "articles.add_takedown"
REVIEW = "articles.review_article"
LONGEST_NOTE = 500


def may_ask(user) -> bool:
    """Whether this person may file a demand."""
    return user.has_perm(ASK)


def may_decide(user) -> bool:
    """Whether this person may take down, decline, and ask for or confirm restoring."""
    return user.has_perm(DECIDE)


def may_read_demand(user, take_down: TakeDown) -> bool:
    """Whether this person may read who demanded it and why: who reviews articles, who decides, and who filed it."""
    return user.has_perm(REVIEW) or may_decide(user) or take_down.asked_by_id == user.pk


def subject_of(take_down: TakeDown) -> tuple[str, str]:
    """What the desk calls its subject, and the source's name for the public. Raises Refused when there is no such
    thing; two queries.
    """
    if take_down.scope == Scope.PICTURE:
        image = Image.objects.filter(pk=take_down.image_number).first()
        if image is None:
            raise Refused(_("There is no such picture."))
        return image.origin_url[:500], ""
    if take_down.scope == Scope.ADDRESSES:
        found = under(take_down.pattern)
        number = found.count()
        if not number:
            raise Refused(_("No article's address begins so."))
        if number > MOST:
            told = _("%(number)s articles have such addresses: %(most)s at most.")
            raise Refused(told % {"number": number, "most": MOST})
        names = set(found.order_by().values_list("source__name", flat=True).distinct())
        if len(names) > 1:
            raise Refused(_("These are articles of several sources: name a longer beginning."))
        return take_down.pattern, names.pop()
    article = Article.objects.select_related("source").only("title", "source").filter(pk=take_down.article_number)
    found = article.first()
    if found is None:
        raise Refused(_("There is no such article."))
    return found.title[:500], found.source.name


def ask(take_down: TakeDown, user) -> TakeDown:
    """File a demand as it was filled in; nothing happens to anything yet. Raises Refused."""
    if not may_ask(user):
        raise Refused(_("Asking for take-downs is not yours."))
    _complete(take_down)
    with transaction.atomic():
        take_down.asked_by, take_down.asked_at, take_down.state = user, timezone.now(), State.REQUESTED
        take_down.save()
        record("ask", take_down, by=user, note=take_down.subject, scope=take_down.scope, basis=take_down.basis)
    return take_down


def _complete(take_down: TakeDown) -> None:
    """Fill in what follows from what was typed; raises Refused for what cannot be."""
    if take_down.ends_at and take_down.ends_at <= max(take_down.begins_at, timezone.now()):
        raise Refused(_("It would end before it begins, or be over already."))
    if take_down.copies:
        known = Article.objects.filter(pk__in=take_down.copies).exclude(pk=take_down.article_number)
        take_down.copies = sorted(known.values_list("pk", flat=True))
    take_down.subject, take_down.source_name = subject_of(take_down)


def take(take_down: TakeDown, user) -> TakeDown:
    """Decide that it goes, now or when its time comes: one transaction. Raises Refused.

    Of two chiefs who decide at once the second is refused. A new one (without a number) is filed and decided in one.
    """
    if not may_decide(user):
        raise Refused(_("Take-downs are decided by chiefs: file a request."))
    with transaction.atomic():
        lock_writers()
        if take_down.pk is None:
            ask(take_down, user)
        else:
            _complete(take_down)
        now = timezone.now()
        take_down.begins_at = max(take_down.begins_at, now)
        mine = TakeDown.objects.filter(pk=take_down.pk, state=State.REQUESTED)
        if not mine.update(state=State.IN_FORCE, decided_by=user, decided_at=now, begins_at=take_down.begins_at):
            raise Refused(_("It was decided already: look again."))
        take_down.state, take_down.decided_by, take_down.decided_at = State.IN_FORCE, user, now
        take_down.save(
            update_fields=["subject", "source_name", "copies", "ends_at", "basis", "everywhere", "public_note"]
        )
        if take_down.begins_at > now:
            hold(take_down)
            record("plan", take_down, by=user, note=take_down.subject, begins=take_down.begins_at.isoformat())
        else:
            apply(take_down)
            told = {name: take_down.effects[name] for name in TOLD}
            record("take_down", take_down, by=user, note=take_down.subject, **told)
    return take_down


def decline(take_down: TakeDown, user, reason: str) -> None:
    """Refuse a demand, with a reason. Raises Refused."""
    if not may_decide(user):
        raise Refused(_("Take-downs are decided by chiefs."))
    if not reason.strip():
        raise Refused(_("Write why it is declined."))
    with transaction.atomic():
        mine = TakeDown.objects.filter(pk=take_down.pk, state=State.REQUESTED)
        facts = {"decided_by": user, "decided_at": timezone.now(), "declined_because": reason.strip()[:LONGEST_NOTE]}
        if not mine.update(state=State.DECLINED, **facts):
            raise Refused(_("It was decided already: look again."))
        record("decline", take_down, by=user, note=reason.strip())
    take_down.refresh_from_db()


def ask_back(take_down: TakeDown, user, reason: str) -> None:
    """The first of two: say why it may return. Raises Refused."""
    if not may_decide(user):
        raise Refused(_("Restoring is for chiefs."))
    if not reason.strip():
        raise Refused(_("Write why it may return."))
    with transaction.atomic():
        mine = TakeDown.objects.filter(pk=take_down.pk, state=State.IN_FORCE, restore_asked_at__isnull=True)
        asked = {"restore_asked_by": user, "restore_asked_at": timezone.now()}
        if not mine.update(restore_reason=reason.strip()[:LONGEST_NOTE], **asked):
            raise Refused(_("It is not in force, or somebody has asked already."))
        record("ask_back", take_down, by=user, note=reason.strip())
    take_down.refresh_from_db()


def forget_asking_back(take_down: TakeDown, user) -> None:
    """Say that it stays: the wish to restore is taken back or turned down. Raises Refused."""
    if not may_decide(user):
        raise Refused(_("Restoring is for chiefs."))
    with transaction.atomic():
        mine = TakeDown.objects.filter(pk=take_down.pk, state=State.IN_FORCE, restore_asked_at__isnull=False)
        if not mine.update(restore_asked_by=None, restore_asked_at=None, restore_reason=""):
            raise Refused(_("Nobody has asked to restore it."))
        record("decline", take_down, by=user, note=_("it stays taken down"))
    take_down.refresh_from_db()


def give_back(take_down: TakeDown, user) -> None:
    """The second of two: let it return, all of it, in one transaction. Raises Refused, also to the one who asked."""
    if not may_decide(user):
        raise Refused(_("Restoring is for chiefs."))
    with transaction.atomic():
        lock_writers()
        mine = TakeDown.objects.select_for_update(of=("self",)).filter(pk=take_down.pk)
        now = mine.filter(state=State.IN_FORCE, restore_asked_at__isnull=False).first()
        if now is None:
            raise Refused(_("It is not in force, or nobody has asked to restore it."))
        if now.restore_asked_by_id in (None, user.pk):
            raise Refused(_("Two people restore: somebody else than who asked must confirm it."))
        lift(now)
        now.state, now.restored_by, now.restored_at = State.RESTORED, user, timezone.now()
        now.save(update_fields=["state", "restored_by", "restored_at"])
        record("give_back", now, by=user, note=now.restore_reason)
    take_down.refresh_from_db()


def held_by(article: int, now: datetime.datetime | None = None) -> TakeDown | None:
    """The take-down that holds an article at a moment (None: now); the oldest of several. One query."""
    holding = TakeDown.objects.begun(now).filter(held__article_number=article)
    return holding.order_by("pk").first()
