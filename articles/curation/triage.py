"""The inbox, item by item: what waits, who has it in hand, and how the last move is taken back."""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import search
from articles.curation.workflow import Refused, move
from articles.models import (
    Article,
    Claim,
    PossibleDuplicate,
    Revision,
    Step,
    Tag,
    TagAlias,
    TaggedArticle,
    keep_baseline,
    keep_revisions,
    slug_of,
    tag_key,
)

CLAIMED_FOR = datetime.timedelta(minutes=10)
UNDO = "undo"
ORDERS = {
    "newest": gettext_lazy("newest first"),
    "oldest": gettext_lazy("oldest first"),
    "source": gettext_lazy("by source"),
    "risk": gettext_lazy("doubtful first"),
}


def inbox_for(user, order: str = "newest", source: str = "") -> QuerySet[Article]:
    """What waits and is in nobody else's hand, without bodies; doubtful are stubs, undated ones and possible copies."""
    taken = Claim.objects.filter(ends_at__gt=timezone.now()).exclude(user=user).values("article")
    waiting = Article.objects.filter(status=Article.Status.INBOX).exclude(pk__in=taken).for_lists()
    if source:
        waiting = waiting.filter(source__slug=source)
    if order == "oldest":
        return waiting.order_by("listed_at", "id")
    if order == "source":
        return waiting.order_by("source__name", "-listed_at", "-id")
    if order == "risk":
        pairs = PossibleDuplicate.objects.filter(verdict=PossibleDuplicate.Verdict.OPEN)
        told_twice = Exists(pairs.filter(Q(article=OuterRef("pk")) | Q(other=OuterRef("pk"))))
        doubtful = Q(stub=True) | Q(published_at__isnull=True) | told_twice
        return waiting.order_by(Exists(Article.objects.filter(doubtful, pk=OuterRef("pk"))).desc(), "-listed_at", "-id")
    return waiting.newest_first()


def claim(article_id: int, user) -> bool:
    """Take an item in hand, or hold it longer; False when somebody else has it. Two queries."""
    now = timezone.now()
    free = Claim.objects.filter(Q(user=user) | Q(ends_at__lte=now), article=article_id)
    if free.update(user=user, ends_at=now + CLAIMED_FOR):
        return True
    try:
        with transaction.atomic():
            Claim.objects.create(article_id=article_id, user=user, ends_at=now + CLAIMED_FOR)
    except IntegrityError:
        return False
    return True


def release(article_id: int, user) -> None:
    """Let go of an item."""
    Claim.objects.filter(article=article_id, user=user).delete()


def undo_last_move(user) -> Step:
    """Take back this person's latest move that nobody has moved on from; returns the record. Raises Refused."""
    later = Step.objects.filter(article=OuterRef("article"), pk__gt=OuterRef("pk"))
    mine = Step.objects.filter(~Exists(later), made_by=user).exclude(move=UNDO)
    last = mine.select_related("article").order_by("-id").first()
    if last is None:
        raise Refused(_("There is nothing of yours to undo."))
    with transaction.atomic():
        if not Article.objects.filter(pk=last.article_id, status=last.target).update(
            status=last.origin, updated_at=timezone.now()
        ):
            raise Refused(_("Somebody has moved that article on."))
        return Step.objects.create(
            article=last.article, move=UNDO, origin=last.target, target=last.origin, made_by=user
        )


def reject_as_duplicate(article: Article, other_id: int, user) -> Step:
    """Say that `article` tells what another one tells, and reject it. Raises Refused."""
    if other_id == article.pk or not Article.objects.filter(pk=other_id).exists():
        raise Refused(_("There is no other article of that number."))
    with transaction.atomic():
        step = move(article, "reject", user, _("duplicate of %(number)s") % {"number": other_id})
        first, second = sorted((article.pk, other_id))
        PossibleDuplicate.objects.update_or_create(
            article_id=first,
            other_id=second,
            defaults={"verdict": PossibleDuplicate.Verdict.SAME},
            create_defaults={"verdict": PossibleDuplicate.Verdict.SAME, "reason": "editor"},
        )
    return step


def add_topic(article: Article, name: str, user) -> Tag:
    """Put a tag on an article by name, in either script, or by alias; a new tag is made by those who may."""
    key = tag_key(name)
    tag = Tag.objects.filter(key=key).first()
    alias = None if tag else TagAlias.objects.filter(key=key).select_related("tag").first()
    tag = tag or (alias.tag if alias else None)
    if tag is None:
        if not key or not user.has_perm("articles.add_tag"):
            raise Refused(_("There is no tag of that name."))
        slug = slug_of(name)
        if Tag.objects.filter(slug=slug).exists() or TagAlias.objects.filter(slug=slug).exists():
            slug = f"{slug}-{Tag.objects.order_by('-pk').values_list('pk', flat=True).first() or 0}"
        tag = Tag.objects.create(name=name.strip()[:200], slug=slug)
    with transaction.atomic():
        keep_baseline([article.pk])
        TaggedArticle.objects.get_or_create(
            content_object=article, tag=tag, defaults={"origin": TaggedArticle.Origin.EDITOR}
        )
        keep_revisions([article.pk], user, _("Tagged in triage"), Revision.Kind.EDIT)
        search.index([article.pk])
    return tag
