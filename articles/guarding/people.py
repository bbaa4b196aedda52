"""What is known of a member of staff, written out; and forgotten, but for the name in the newsroom's own records."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from articles.guarding.factors import has_factor
from articles.guarding.sessions import sessions_of, sign_out_everywhere
from articles.models import Deed, Presence, Revision, SavedFilter, Unsaved, record


def export_person(user) -> dict:
    """All that is stored of a person, as plain values: account, sessions, filters, unsaved texts, deeds, revisions."""
    deeds = Deed.objects.filter(actor_kind="person", actor_number=user.pk).order_by("made_at", "id")
    return {
        "account": {
            "number": user.pk,
            "name": user.get_username(),
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "is_active": user.is_active,
            "is_superuser": user.is_superuser,
            "roles": sorted(user.groups.values_list("name", flat=True)),
            "joined": user.date_joined.isoformat(),
            "last_signed_in": user.last_login and user.last_login.isoformat(),
            "second_factor": has_factor(user),
        },
        "sessions": [
            {"began": row.began_at.isoformat(), "ends": row.expire_date.isoformat()} for row in sessions_of(user)
        ],
        "filters": list(SavedFilter.objects.filter(owner=user).values("name", "desk", "query", "is_shared")),
        "unsaved_texts": Unsaved.objects.filter(user=user).count(),
        "revisions": list(Revision.objects.filter(author=user).values_list("pk", flat=True)),
        "deeds": list(deeds.told()),
    }


@transaction.atomic
def erase_person(user, by=None) -> str:
    """Take name, address, password, roles, factor, sessions, filters and unsaved texts; returns the pseudonym.

    The account stays as a pseudonym, so that revisions, steps and corrections still say that they are of one hand. The
    audit keeps the name it was written with: it is the newsroom's evidence of who published what, and the database
    refuses to change it.
    """
    sign_out_everywhere(user)
    for model in (TOTPDevice, StaticDevice, Unsaved, Presence, LogEntry):
        model.objects.filter(user=user).delete()
    SavedFilter.objects.filter(owner=user, is_shared=False).delete()
    record("delete", user, by=by, note="personal data")
    user.username = f"former-{user.pk}"
    user.first_name = user.last_name = user.email = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    return user.username
