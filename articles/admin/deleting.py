"""Deleting a row that has parts: what lives and dies with it is told in numbers, and needs no right of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db.models import CASCADE, Model
from django.http import HttpRequest

from articles.models import Band, Claim, Entry, KeyTerm, Presence, Signature, WaitingEntry

UNTOLD = frozenset((Band, Claim, Entry, KeyTerm, Presence, Signature, WaitingEntry))  # of the program alone


def parts_of(rows: Sequence[Model]) -> dict[str, int]:
    """How many rows of which kind go with rows of one model, by the kind's name; those of the program alone untold.

    One query a kind, answered by the index of its relation.
    """
    numbers: Counter[str] = Counter()
    for relation in rows[0]._meta.get_fields(include_hidden=True) if rows else ():
        is_part = relation.auto_created and (relation.one_to_many or relation.one_to_one)
        if not is_part or relation.on_delete is not CASCADE or relation.related_model in UNTOLD:
            continue
        parts = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows})
        numbers[str(relation.related_model._meta.verbose_name_plural)] += parts.count()
    return {name: number for name, number in sorted(numbers.items()) if number}


class WithItsParts:
    """For a ModelAdmin: whoever may delete its rows may delete what is nothing without them.

    The stock page would ask for a right on each kind of part, most of which nobody has, and name every row. Not for
    rows that others must not lose (`PROTECT`).
    """

    def get_deleted_objects(self, objs, request: HttpRequest) -> tuple[list, dict, set, list]:
        """What goes, in numbers."""
        rows = list(objs)
        numbers = {str(self.opts.verbose_name_plural): len(rows)} | parts_of(rows)
        return [str(row) for row in rows], numbers, set(), []
