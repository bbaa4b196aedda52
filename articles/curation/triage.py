"""The inbox, item by item: what waits, who has it in hand, what is done with it, and how that is taken back."""

from __future__ import annotations

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Case, DateTimeField, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import search
from articles.curation.duplicates import merge_articles, undo_merge
from articles.curation.filters import DOUBTFUL_FIRST, Wanted, doubtful
from articles.curation.roles import may_change, may_tag
from articles.curation.topics import topic_for, topic_named
from articles.curation.workflow import UNDO, Refused, move
from articles.models import (
    Article,
    ArticleMerge,
    Claim,
    Revision,
    Step,
    Tag,
    TaggedArticle,
    TriageDeed,
    keep_baseline,
    keep_revisions,
    record,
)

CLAIMED_FOR = datetime.timedelta(minutes=10)
UNDONE_WITHIN = datetime.timedelta(hours=12)  # nobody means yesterday's deed when pressing a key
TAG, DUPLICATE = "tag", "duplicate"  # deeds beside the moves of the workflow


def inbox_for(user, wanted: Wanted | None = None) -> QuerySet[Article]:
    """What waits, is wanted and is in nobody else's hand, in the wanted order, without bodies."""
    taken = Claim.objects.filter(ends_at__gt=timezone.now()).exclude(user=user).values("article")
    waiting = Article.objects.filter(status=Article.Status.INBOX).exclude(pk__in=taken).for_lists()
    wanted = wanted or Wanted()
    return wanted.sorted(wanted.of(waiting))


def inbox_page(user, wanted: Wanted, start: int, end: int) -> list[Article]:
    """The items from one place to another of what `inbox_for` gives; one query, two to four in the order by doubt.

    There what is doubtful is weighed and sorted by number; the rest follows in the order by date, which an index has.
    Whole rows are read for the page alone.
    """
    found = inbox_for(user, wanted)
    if wanted.order != DOUBTFUL_FIRST:
        return list(found[start:end])
    found = found.select_related(None).values_list("pk", flat=True)
    weighed = found.filter(pk__in=doubtful())
    numbers = list(weighed[start:end])
    if len(numbers) < end - start:
        number = start + len(numbers) if numbers or not start else weighed.order_by().count()
        rest = found.exclude(pk__in=doubtful()).newest_first()
        numbers += rest[max(start - number, 0) : end - number]
    rows = Article.objects.for_lists().in_bulk(numbers)
    return [rows[number] for number in numbers if number in rows]


def claim(article_id: int, user) -> bool:
    """Take an item in hand, or hold it longer, and let go of all others; False when somebody else has it.

    Three queries at most.
    """
    now = timezone.now()
    free = Claim.objects.filter(Q(user=user) | Q(ends_at__lte=now), article=article_id)
    begun = Case(When(user=user, ends_at__gt=now, then=F("begun_at")), default=Value(now, DateTimeField()))
    if not free.update(begun_at=begun, user=user, ends_at=now + CLAIMED_FOR):
        try:
            with transaction.atomic():
                Claim.objects.create(article_id=article_id, user=user, ends_at=now + CLAIMED_FOR, begun_at=now)
        except IntegrityError:
            return False
    Claim.objects.filter(user=user).exclude(article=article_id).delete()
    return True


def renew(article_id: int, user) -> None:
    """Hold an item longer that is still in this person's hand; one query."""
    now = timezone.now()
    Claim.objects.filter(article=article_id, user=user, ends_at__gt=now).update(ends_at=now + CLAIMED_FOR)


def held_by_other(article: Article, user) -> Claim | None:
    """Who else has an item of the inbox in hand, with `user`; None when nobody has. A query."""
    if article.status != Article.Status.INBOX:
        return None
    held = Claim.objects.filter(article=article.pk, ends_at__gt=timezone.now()).exclude(user=user)
    return held.select_related("user").first()


def take_over(held: Claim, user) -> None:
    """Take an item out of somebody else's hand; recorded with whose it was."""
    now = timezone.now()
    with transaction.atomic():
        Claim.objects.filter(pk=held.pk).update(user=user, begun_at=now, ends_at=now + CLAIMED_FOR)
        record("take_over", held.article, by=user, taken_from=held.user.get_username())


def release(article_id: int, user) -> None:
    """Let go of an item."""
    Claim.objects.filter(article=article_id, user=user).delete()


def decide(article: Article, deed: str, user, words: str = "") -> TriageDeed:
    """Do one deed with an item of the inbox: a move, a tag (`words`: its name) or a duplicate (the other's number).

    Kept, so that it can be taken back. Raises Refused: also when the item is in somebody else's hand, or decided.
    """
    if article.status != Article.Status.INBOX or not may_change(user, article):
        raise Refused(_("It is not in the inbox any more."))
    if not claim(article.pk, user):
        raise Refused(_("Somebody else has it in hand."))
    with transaction.atomic():
        if deed == TAG:
            left = _put_topic(article, words, user)
        elif deed == DUPLICATE:
            left = _reject_copy(article, words, user)
        else:
            left = {"step": move(article, deed, user, words).pk}
        if deed != TAG:
            release(article.pk, user)
        return note_deed(article, deed, user, left)


def note_deed(article: Article, deed: str, user, left: dict) -> TriageDeed:
    """Keep what was done in triage; `left` has what taking it back needs (step; use, tag, made; pair, verdict).

    Two queries.
    """
    old = timezone.now() - UNDONE_WITHIN
    TriageDeed.objects.filter(user=user, made_at__lt=old).delete()
    return TriageDeed.objects.create(article=article, deed=deed, user=user, left=left)


def undo_last_deed(user) -> TriageDeed:
    """Take back exactly this person's latest deed in triage; returns it. Raises Refused.

    When somebody has gone on from there, nothing happens but that the deed counts as settled: the next undo takes back
    the one before.
    """
    fresh = timezone.now() - UNDONE_WITHIN
    mine = TriageDeed.objects.filter(user=user, is_settled=False, made_at__gt=fresh)
    last = mine.select_related("article").order_by("-id").first()
    if last is None or not TriageDeed.objects.filter(pk=last.pk, is_settled=False).update(is_settled=True):
        raise Refused(_("There is nothing of yours to undo."))
    with transaction.atomic():
        taken_back = _take_topic(last, user) if last.deed == TAG else _move_back(last, user)
    if not taken_back:
        raise Refused(
            _("Somebody has gone on with “%(title)s”: that stays. Undo again for the deed before.")
            % {"title": last.article}
        )
    return last


def _move_back(deed: TriageDeed, user) -> bool:
    """Undo the move, or the merge of a duplicate."""
    step = Step.objects.filter(article=deed.article_id).order_by("-id").first()
    if step is None or step.pk != deed.left["step"]:
        return False
    if "merge" in deed.left:
        return _part(deed, user)
    article = Article.objects.filter(pk=deed.article_id, status=step.target)
    if not article.update(status=step.origin, updated_at=timezone.now()):
        return False
    Step.objects.create(article=deed.article, move=UNDO, origin=step.target, target=step.origin, made_by=user)
    record("move", deed.article, by=user, move=UNDO, origin=step.target, target=step.origin)
    deed.article.status = step.origin
    return True


def _part(deed: TriageDeed, user) -> bool:
    """Undo the merge of a duplicate, unless somebody has undone it already."""
    merge = ArticleMerge.objects.filter(pk=deed.left["merge"], undone_at=None).select_related("article", "winner")
    merge = merge.first()
    if merge is None:
        return False
    undo_merge(merge, user)
    deed.article.status = merge.kept["status"]
    return True


def _take_topic(deed: TriageDeed, user) -> bool:
    """Take the tag off again; a tag that was made for it goes, unless it is used by now."""
    article = deed.article
    if not may_change(user, article):
        return False
    with transaction.atomic():
        gone, _kinds = TaggedArticle.objects.filter(pk=deed.left["use"], tag=deed.left["tag"]).delete()
        if not gone:
            return False
        keep_revisions([article.pk], user, _("Tag of triage taken back"), Revision.Kind.EDIT)
        search.index([article.pk])
        if deed.left["made"]:
            Tag.objects.filter(pk=deed.left["tag"], uses=None, aliases=None, children=None).delete()
    return True


def reject_as_duplicate(article: Article, other_id: int, user) -> ArticleMerge:
    """Say that `article` tells what another one tells, and merge it into that one. Raises Refused."""
    other = Article.objects.defer(*Article.HEAVY_FIELDS).filter(pk=other_id).first()
    if other is None or other_id == article.pk:
        raise Refused(_("There is no other article of that number."))
    return merge_articles(article, other, user)


def _reject_copy(article: Article, words: str, user) -> dict:
    merge = reject_as_duplicate(article, int(words or 0), user)
    return {"step": merge.kept["step"], "merge": merge.pk}


def _put_topic(article: Article, name: str, user) -> dict:
    if not may_tag(user):
        raise Refused(_("Tags are put on articles by editors."))
    made = topic_named(name) is None
    tag = topic_for(name, user)
    keep_baseline([article.pk])
    use, is_new = TaggedArticle.objects.get_or_create(
        content_object=article, tag=tag, defaults={"origin": TaggedArticle.Origin.EDITOR}
    )
    if not is_new:
        raise Refused(_("It has the tag “%(name)s” already.") % {"name": tag.name})
    keep_revisions([article.pk], user, _("Tagged in triage"), Revision.Kind.EDIT)
    search.index([article.pk])
    return {"use": use.pk, "tag": tag.pk, "made": made}
