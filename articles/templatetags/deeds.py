"""What a person did last, for the admin's front page."""

from django import template

from articles.models import Deed

register = template.Library()

SHOWN = 10
PASSING = ("sign_in", "sign_out", "fail_sign_in")


@register.simple_tag
def latest_deeds(user) -> list[Deed]:
    """The latest deeds of one person, without signing in and out; one query."""
    mine = Deed.objects.filter(actor=user.get_username()).exclude(verb__in=PASSING)
    return list(mine.order_by("-made_at", "-id")[:SHOWN])
