"""Possible duplicates, pair by pair: one is merged into the other, or both are kept apart for good.

A merged article keeps its address, its originals and its texts; it is withdrawn, and its address leads to the other. A
later import of its file therefore finds it and makes nothing anew, and all of it can be undone.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import search
from articles.curation.roles import may_change
from articles.curation.workflow import Refused
from articles.models import (
    Article,
    ArticleMerge,
    PossibleDuplicate,
    Reference,
    Revision,
    Step,
    TaggedArticle,
    keep_baseline,
    keep_revisions,
    record,
)

MERGE, UNMERGE = "merge", "unmerge"
OPEN, SAME, DIFFERENT = PossibleDuplicate.Verdict
RIGHTS = ("articles.change_possibleduplicate", "articles.review_article", "articles.publish_article")


@dataclass(frozen=True)
class MergeCounts:
    """What merging an article into another would do, counted before it is done."""

    tags: int  # that the other gets
    originals: int  # that stay with the merged article
    pictures: int
    references: int  # links in other articles that open the other from then on
    is_hidden: bool  # readers see the merged article now, and would not see the other


def may_judge(user) -> bool:
    """Whether this person may say what becomes of a pair."""
    return user.has_perms(RIGHTS)


def open_pairs() -> QuerySet[PossibleDuplicate]:
    """Pairs that wait for a verdict, the most alike first; no body."""
    pairs = PossibleDuplicate.objects.filter(verdict=OPEN).select_related("article__source", "other__source")
    heavy = [
        f"{side}__{name}" for side in ("article", "other") for name in (*Article.HEAVY_FIELDS, *Article.LATE_FIELDS)
    ]
    return pairs.defer(*heavy).order_by("-likeness", "id")


def pair_after(pair: PossibleDuplicate) -> PossibleDuplicate | None:
    """The next pair that waits, in the order of `open_pairs`; one query."""
    behind = Q(likeness__lt=pair.likeness) | Q(likeness=pair.likeness, pk__gt=pair.pk)
    return PossibleDuplicate.objects.filter(behind, verdict=OPEN).order_by("-likeness", "id").first()


def pair_before(pair: PossibleDuplicate) -> PossibleDuplicate | None:
    """The pair before, in the order of `open_pairs`; one query."""
    ahead = Q(likeness__gt=pair.likeness) | Q(likeness=pair.likeness, pk__lt=pair.pk)
    return PossibleDuplicate.objects.filter(ahead, verdict=OPEN).order_by("likeness", "-id").first()


def merge_counts(article: Article, winner: Article) -> MergeCounts:
    """What merging `article` into `winner` would do; four queries."""
    return MergeCounts(
        tags=_new_tags(article.pk, winner.pk).count(),
        originals=article.originals.count(),
        pictures=article.article_images.count(),
        references=_links_to(article).count(),
        is_hidden=article.status == Article.Status.PUBLISHED and winner.status != Article.Status.PUBLISHED,
    )


def _new_tags(article: int, winner: int) -> QuerySet[TaggedArticle]:
    held = TaggedArticle.objects.filter(content_object=winner).values("tag")
    return TaggedArticle.objects.filter(content_object=article).exclude(tag__in=held)


def _links_to(article: Article) -> QuerySet[Reference]:
    key = article.address_key
    return Reference.objects.filter(key=key).exclude(article=article.pk) if key else Reference.objects.none()


def merge_articles(article: Article, winner: Article, user) -> ArticleMerge:
    """Make `article` (as `user` saw it) lead to `winner`: it is withdrawn, its tags join the other's.

    Pairs of the two are judged, other open pairs of the merged article are offered with the winner instead. Raises
    Refused when it is not this person's to do, or somebody was quicker.
    """
    if not (may_judge(user) and may_change(user, article) and may_change(user, winner)):
        raise Refused(_("This is not yours to decide."))
    _refuse_circles(article, winner)
    with transaction.atomic():
        now = timezone.now()
        mine = Article.objects.filter(pk=article.pk, status=article.status)
        if not mine.update(status=Article.Status.WITHDRAWN, updated_at=now):
            raise Refused(_("Somebody has moved that article on: look again."))
        try:
            with transaction.atomic():
                merge = ArticleMerge.objects.create(article=article, winner=winner, made_by=user)
        except IntegrityError as error:
            raise Refused(_("That article is merged already.")) from error
        step = Step.objects.create(
            article=article,
            move=MERGE,
            origin=article.status,
            target=Article.Status.WITHDRAWN,
            made_by=user,
            note=_("duplicate of %(number)s") % {"number": winner.pk},
        )
        tags = _unite_tags(article, winner, user)
        merge.kept = {"status": article.status, "step": step.pk, "tags": tags} | _settle_pairs(article, winner, user)
        merge.save(update_fields=["kept"])
        record("merge", article, by=user, into=winner.pk, tags=len(tags))
    article.status = Article.Status.WITHDRAWN
    return merge


def _refuse_circles(article: Article, winner: Article) -> None:
    if article.pk == winner.pk:
        raise Refused(_("An article cannot be merged with itself."))
    if ArticleMerge.objects.filter(article=winner.pk, undone_at=None).exists():
        raise Refused(_("The article that should stay is merged into another one itself."))


def _unite_tags(article: Article, winner: Article, user) -> list[int]:
    """Give the winner the tags that only the other has; returns the numbers of their uses."""
    tags = list(_new_tags(article.pk, winner.pk).order_by("pk").values_list("tag_id", flat=True))
    if not tags:
        return []
    keep_baseline([winner.pk])
    TaggedArticle.objects.bulk_create(
        TaggedArticle(content_object=winner, tag_id=tag, origin=TaggedArticle.Origin.EDITOR) for tag in tags
    )
    reason = _("Merged article %(number)s into it") % {"number": article.pk}
    keep_revisions([winner.pk], user, reason, Revision.Kind.EDIT)
    search.index([winner.pk])
    return list(TaggedArticle.objects.filter(content_object=winner, tag__in=tags).values_list("pk", flat=True))


def _settle_pairs(article: Article, winner: Article, user) -> dict:
    """Judge the pair of the two, and let the winner stand in for the other in what else is open; what undoing needs."""
    first, second = sorted((article.pk, winner.pk))
    before = PossibleDuplicate.objects.filter(article=first, other=second).values_list("verdict", flat=True).first()
    verdict = {"verdict": SAME, "judged_by": user, "judged_at": timezone.now()}
    PossibleDuplicate.objects.update_or_create(
        article_id=first,
        other_id=second,
        defaults=verdict,
        create_defaults={**verdict, "reason": PossibleDuplicate.Reason.EDITOR},
    )
    mine = PossibleDuplicate.objects.filter(Q(article=article) | Q(other=article), verdict=OPEN)
    waiting = list(mine.values("article_id", "other_id", "reason", "likeness"))
    mine.delete()
    others = {row["other_id"] if row["article_id"] == article.pk else row["article_id"]: row for row in waiting}
    rows = [
        PossibleDuplicate(
            article_id=min(other, winner.pk),
            other_id=max(other, winner.pk),
            reason=PossibleDuplicate.Reason.EDITOR,
            likeness=row["likeness"],
        )
        for other, row in others.items()
    ]
    PossibleDuplicate.objects.bulk_create(rows, ignore_conflicts=True)
    return {"verdict": before, "pairs": waiting}


def undo_merge(merge: ArticleMerge, user) -> ArticleMerge:
    """Give the merged article its own address and its former state back, and take its tags off the winner.

    Raises Refused when it was undone before, or is not this person's to do.
    """
    if not may_judge(user):
        raise Refused(_("This is not yours to decide."))
    with transaction.atomic():
        mine = ArticleMerge.objects.filter(pk=merge.pk, undone_at=None)
        if not mine.update(undone_at=timezone.now(), undone_by=user):
            raise Refused(_("This merge has been undone already."))
        article, kept = merge.article, merge.kept
        still = Article.objects.filter(pk=article.pk, status=Article.Status.WITHDRAWN)
        if still.update(status=kept["status"], updated_at=timezone.now()):
            Step.objects.create(
                article=article,
                move=UNMERGE,
                origin=Article.Status.WITHDRAWN,
                target=kept["status"],
                made_by=user,
            )
        _part_tags(merge, user)
        _reopen_pairs(merge)
        record("undo", article, by=user, merged_into=merge.winner_id)
    merge.refresh_from_db()
    return merge


def _part_tags(merge: ArticleMerge, user) -> None:
    united = TaggedArticle.objects.filter(pk__in=merge.kept["tags"], content_object=merge.winner)
    if united.exists():
        united.delete()
        reason = _("Merge of article %(number)s undone") % {"number": merge.article_id}
        keep_revisions([merge.winner_id], user, reason, Revision.Kind.EDIT)
        search.index([merge.winner_id])


def _reopen_pairs(merge: ArticleMerge) -> None:
    """The pair of the two is as it was before; the merged article's other pairs are offered again."""
    first, second = sorted((merge.article_id, merge.winner_id))
    pair = PossibleDuplicate.objects.filter(article=first, other=second, verdict=SAME)
    if merge.kept["verdict"] is None:
        pair.delete()
    else:
        pair.update(verdict=merge.kept["verdict"], judged_by=None, judged_at=None)
    wanted = merge.kept["pairs"]
    here = {pk for row in wanted for pk in (row["article_id"], row["other_id"])}
    here = set(Article.objects.filter(pk__in=here).values_list("pk", flat=True)) if here else here
    PossibleDuplicate.objects.bulk_create(
        (PossibleDuplicate(**row) for row in wanted if {row["article_id"], row["other_id"]} <= here),
        ignore_conflicts=True,
    )


def keep_apart(pair: PossibleDuplicate, user) -> None:
    """Say that the two are no duplicates; they are never paired again, whatever is imported. Raises Refused."""
    if not may_judge(user):
        raise Refused(_("This is not yours to decide."))
    mine = PossibleDuplicate.objects.filter(pk=pair.pk, verdict=OPEN)
    with transaction.atomic():
        if not mine.update(verdict=DIFFERENT, judged_by=user, judged_at=timezone.now()):
            raise Refused(_("Somebody has judged this pair already."))
        record("change", pair, by=user, verdict=str(DIFFERENT))


def reopen(pair: PossibleDuplicate, user) -> None:
    """Take “no duplicates” back. Raises Refused."""
    if not may_judge(user):
        raise Refused(_("This is not yours to decide."))
    mine = PossibleDuplicate.objects.filter(pk=pair.pk, verdict=DIFFERENT)
    with transaction.atomic():
        if not mine.update(verdict=OPEN, judged_by=None, judged_at=None):
            raise Refused(_("This pair waits for a verdict already, or was merged."))
        record("undo", pair, by=user, verdict=str(DIFFERENT))


def undo_last_verdict(user) -> PossibleDuplicate | ArticleMerge:
    """Take back what this person decided last and has not taken back yet; returns it. Raises Refused."""
    merge = ArticleMerge.objects.filter(made_by=user, undone_at=None).select_related("article", "winner")
    merge = merge.defer(*(f"{side}__{name}" for side in ("article", "winner") for name in Article.HEAVY_FIELDS))
    merge = merge.order_by("-id").first()
    pair = PossibleDuplicate.objects.filter(judged_by=user, verdict=DIFFERENT).order_by("-judged_at", "-id").first()
    if merge and (pair is None or merge.made_at >= pair.judged_at):
        return undo_merge(merge, user)
    if pair is None:
        raise Refused(_("There is nothing of yours to undo."))
    reopen(pair, user)
    return pair
