"""Words for an item of the inbox that somebody else has in hand."""

from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Claim


def told_of(held: Claim) -> str:
    """Who has it in hand, since when and until when, and what can be done."""
    began, ends = (moment and f"{timezone.localtime(moment):%H:%M}" for moment in (held.begun_at, held.ends_at))
    return _(
        "%(who)s has this item in hand (since %(began)s, until %(ends)s): nothing was changed. Ask, or take it over on"
        " its form."
    ) % {"who": held.user.get_full_name() or held.user.get_username(), "began": began or "–", "ends": ends}
