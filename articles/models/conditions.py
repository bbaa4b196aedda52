"""Conditions an index can be made of: without parameters, so that a database sees that question and index agree."""

from django.db.models import BooleanField, Func


class IsNotEmptyList(Func):
    """Whether a JSON list has anything in it."""

    template = "(%(expressions)s <> '[]')"
    arity = 1
    output_field = BooleanField()
