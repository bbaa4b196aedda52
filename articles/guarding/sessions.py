"""Sessions that end: after some idle hours, after some days whatever is done, and everywhere at once on demand."""

from __future__ import annotations

import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.utils import timezone

from articles.models import StaffSession

IDLE = datetime.timedelta(hours=12)  # a shift, with the break in it
ABSOLUTE = datetime.timedelta(days=7)  # the age of the cookie, too (SESSION_COOKIE_AGE)
GRAIN = datetime.timedelta(minutes=10)  # how exactly idleness is known: a write so often, not a write a page
BEGAN, FACTOR = "began", "factor"  # keys in a session's data


class SessionStore(DatabaseStore):
    """What Django's middleware uses (SESSION_ENGINE)."""

    @classmethod
    def get_model_class(cls) -> type[StaffSession]:
        """Our table."""
        return StaffSession

    def create_model_instance(self, data: dict) -> StaffSession:
        """The row; it ends when nobody has used it for IDLE, or ABSOLUTE after it began."""
        row = super().create_model_instance(data)
        row.account = int(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        row.began_at = _began(data)
        row.has_factor = bool(data.get(FACTOR))
        row.expire_date = _end(row.began_at)
        return row

    def _get_session_from_db(self) -> StaffSession | None:
        """As the library's; what is used goes on, at the cost of one UPDATE in GRAIN."""
        row = super()._get_session_from_db()
        if row is not None:
            end = _end(row.began_at)
            if end - row.expire_date > GRAIN:
                StaffSession.objects.filter(pk=row.pk).update(expire_date=end)
        return row


def _began(data: dict) -> datetime.datetime:
    moment = data.get(BEGAN)
    return datetime.datetime.fromtimestamp(moment, datetime.UTC) if moment else timezone.now()


def _end(began_at: datetime.datetime) -> datetime.datetime:
    return min(timezone.now() + IDLE, began_at + ABSOLUTE)


def sessions_of(user) -> QuerySet[StaffSession]:
    """Where this person is signed in now, latest first."""
    return StaffSession.objects.filter(account=user.pk, expire_date__gt=timezone.now()).order_by("-began_at")


def sign_out_everywhere(user, but: str | None = None) -> int:
    """End all sessions of a person, but for one key; returns how many. One DELETE."""
    return StaffSession.objects.filter(account=user.pk).exclude(session_key=but).delete()[0]
