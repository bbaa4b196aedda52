"""What editors say of a proposed tag: accepted ones are put on the article, refused ones never proposed there again."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from articles import search
from articles.models import Article, Revision, Tag, TaggedArticle, TagVerdict, keep_baseline, keep_revisions, record


def accept(article: Article, tag: Tag, user) -> TaggedArticle | None:
    """Put the tag on the article as an editor's, with a revision, and remember that it was right.

    Returns the use of the tag; None when the article had it already.
    """
    with transaction.atomic():
        keep_baseline([article.pk])
        use, is_new = TaggedArticle.objects.get_or_create(
            content_object=article, tag=tag, defaults={"origin": TaggedArticle.Origin.EDITOR}
        )
        keep_revisions([article.pk], user, _("Accepted the proposed tag “%s”") % tag.name, Revision.Kind.EDIT)
        judge(article, tag, user, accepted=True)
        search.index([article.pk])
    return use if is_new else None


def refuse(article: Article, tag: Tag, user) -> None:
    """Never propose the tag for this article again, and a little less for others."""
    with transaction.atomic():
        judge(article, tag, user, accepted=False)
        record("refuse", article, by=user, tag=tag.name)


def offer_again(article: Article, tag: Tag, user) -> None:
    """Take a refusal back."""
    with transaction.atomic():
        if TagVerdict.objects.filter(article=article, tag=tag, accepted=False).delete()[0]:
            record("undo", article, by=user, refused=tag.name)


def judge(article: Article, tag: Tag, user, *, accepted: bool) -> None:
    """Remember a verdict; the last word counts. Two queries at most."""
    TagVerdict.objects.update_or_create(article=article, tag=tag, defaults={"accepted": accepted, "made_by": user})
