"""The edition: one token that changes with everything a reader can see, so that a page is validated by one tiny query.

Whatever readers see derives from `Public` and is asked for through `PublicQuerySet`; both turn the edition when the
transaction that wrote is committed. A token is random, never counted: a restored backup cannot repeat one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.release import release_of

KEPT = 24 * 3600  # seconds


class Edition(models.Model):
    """The only row of its table; made anew wherever it is missing."""

    token = models.CharField(max_length=32)
    changed_at = models.DateTimeField()

    class Meta:
        """Bookkeeping; no desk shows it."""

        verbose_name = _("edition")
        verbose_name_plural = _("editions")

    def __str__(self) -> str:
        return self.token


def turn_edition() -> None:
    """Say that what readers see is changing: a new token once this transaction is committed, one for all its writes.

    After the commit, never in it: writers would wait for each other at this one row.
    """
    waiting = transaction.get_connection().run_on_commit
    if not any(callback is new_edition for _savepoints, callback, *_rest in waiting):
        transaction.on_commit(new_edition)


def new_edition() -> None:
    """Give the edition a new token, now."""
    Edition.objects.update_or_create(pk=1, defaults={"token": secrets.token_hex(8), "changed_at": timezone.now()})


def kept(edition: str, name: str, make: Callable[[], object]) -> object:
    """What `make` returns, made once an edition: for counts over all articles, which grow with the archive.

    `edition` is the one of the request (`request.validators.edition`); `name` tells the thing from all others. Inside
    a transaction nothing is kept: its own writes have not turned the edition yet.
    """
    if transaction.get_connection().in_atomic_block:
        return make()
    key = hashlib.sha256(f"{edition} {name}".encode()).hexdigest()
    return cache.get_or_set(f"edition:{key}", make, KEPT)


def kept_for(facts: object, make: Callable[[], object]) -> object:
    """What `make` returns, made once for these `facts` (by their repr) and this release of the program.

    For parts of pages: everything that `make` looks at must be among the facts; then no edit needs to forget anything,
    what was made of the texts before is never asked for again.
    """
    release, _ = release_of(is_changing=settings.DEBUG)
    key = hashlib.sha256(f"{release} {facts!r}".encode("utf-8", "backslashreplace")).hexdigest()
    return cache.get_or_set(f"made:{key}", make, KEPT)


class PublicQuerySet(models.QuerySet):
    """Writes in sets of rows that turn the edition."""

    def bulk_create(self, *args, **kwargs) -> list:
        """As Django's."""
        turn_edition()
        return super().bulk_create(*args, **kwargs)

    def update(self, **kwargs) -> int:
        """As Django's; `bulk_update` passes here too."""
        turn_edition()
        return super().update(**kwargs)

    update.alters_data = True

    def delete(self) -> tuple[int, dict[str, int]]:
        """As Django's."""
        turn_edition()
        return super().delete()

    delete.alters_data = True
    delete.queryset_only = True


class Public(models.Model):
    """A row of what readers see."""

    class Meta:
        """No table of its own."""

        abstract = True

    def save(self, *args, **kwargs) -> None:
        """Turn the edition."""
        turn_edition()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs) -> tuple[int, dict[str, int]]:
        """Turn the edition."""
        turn_edition()
        return super().delete(*args, **kwargs)
