"""Articles whose search entries are to be written anew: a row says so from the transaction of the change until it is
done, so that no worker that is killed, and no broker that forgets, can lose it.
"""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article


class WaitingEntry(models.Model):
    """One wish; an article may have several, since whoever is at one may have read the article before the next."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")

    class Meta:
        """Done in the order of their numbers."""

        verbose_name = _("waiting search entry")
        verbose_name_plural = _("waiting search entries")

    def __str__(self) -> str:
        return f"entry of article {self.article_id}"


def want_entries(article_ids: Iterable[int]) -> None:
    """In the transaction of a change to many articles: have their search entries written; one INSERT a thousand."""
    WaitingEntry.objects.bulk_create((WaitingEntry(article_id=pk) for pk in article_ids), batch_size=1000)
