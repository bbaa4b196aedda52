"""Notes to readers: written, and withdrawn with a reason; never changed, never deleted."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.curation.roles import may_change
from articles.curation.workflow import Refused
from articles.models import Article, Correction, record


def may_correct(user, article: Article) -> bool:
    """Whether this person may write and withdraw notes to the readers of this article as it stands."""
    return may_change(user, article) and user.has_perms(["articles.add_correction", "articles.change_correction"])


def correct(article: Article, kind: str, text: str, user) -> Correction:
    """Write a note that readers see at once; two statements. Raises Refused."""
    text = "\n".join(line.strip() for line in text.strip().splitlines())
    longest = Correction._meta.get_field("text").max_length
    if not may_correct(user, article):
        raise Refused(_("Notes to the readers of this article are not yours to write."))
    if kind not in Correction.Kind.values:
        raise Refused(_("A note is a correction, an update or a clarification."))
    if not text or len(text) > longest:
        raise Refused(_("Write what readers shall know, in %(longest)s characters at most.") % {"longest": longest})
    with transaction.atomic():
        record("note", article, by=user, kind=kind, text=text)
        return Correction.objects.create(article=article, kind=kind, text=text, made_by=user)


def withdraw_correction(correction: Correction, user, reason: str) -> None:
    """Take a note back: readers see that there was one, the desk what it said and why it went. Raises Refused.

    One conditional update: what is withdrawn already stays as it is.
    """
    if not may_correct(user, correction.article):
        raise Refused(_("Notes to the readers of this article are not yours to write."))
    if not reason.strip():
        raise Refused(_("Write why the note is withdrawn."))
    standing = Correction.objects.filter(pk=correction.pk, withdrawn_at__isnull=True)
    with transaction.atomic():
        if not standing.update(withdrawn_at=timezone.now(), withdrawn_by=user, withdrawn_because=reason.strip()[:500]):
            raise Refused(_("This note is withdrawn already."))
        record("withdraw_note", correction.article, by=user, note=reason.strip(), text=correction.text)


def corrections_of(article: Article) -> QuerySet[Correction]:
    """All notes of an article, the latest first, with who wrote and withdrew them; one query."""
    return article.corrections.select_related("made_by", "withdrawn_by").order_by("-id")
