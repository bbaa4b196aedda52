"""What is known of a member of staff, written out; and forgotten, but for the name in the newsroom's own records."""

from __future__ import annotations

from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from articles.guarding.factors import has_factor, recovery_codes_left
from articles.guarding.held import HELD, plain
from articles.guarding.sessions import sessions_of, sign_out_everywhere
from articles.models import Deed, record


def export_person(user) -> dict:
    """All that is stored of a person, as plain values: the account, its sessions and deeds, and the rows of every table
    in `HELD`. Of a revision its number stands for the text. One query a table.
    """
    deeds = Deed.objects.filter(actor_kind="person", actor_number=user.pk).order_by("made_at", "id")
    return {
        "account": {
            "number": user.pk,
            "name": user.get_username(),
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "is_active": user.is_active,
            "is_staff": user.is_staff,
            "is_superuser": user.is_superuser,
            "roles": sorted(user.groups.values_list("name", flat=True)),
            "rights": sorted(user.user_permissions.values_list("codename", flat=True)),
            "joined": plain(user.date_joined),
            "last_signed_in": plain(user.last_login),
            "second_factor": has_factor(user),
            "recovery_codes_left": recovery_codes_left(user),
        },
        "sessions": [
            {"began": plain(row.began_at), "ends": plain(row.expire_date), "with_second_factor": row.has_factor}
            for row in sessions_of(user)
        ],
        **{name: held.written(user) for name, held in HELD.items()},
        "deeds": list(deeds.told()),
    }


@transaction.atomic
def erase_person(user, by=None) -> str:
    """Take name, address, password, roles, factor, sessions, and the rows of `HELD` that are a person's own; returns
    the pseudonym.

    The account stays as a pseudonym, so that revisions, steps and corrections still say that they are of one hand. The
    audit keeps the name it was written with: it is the newsroom's evidence of who published what, and the database
    refuses to change it.
    """
    sign_out_everywhere(user)
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).delete()
    for held in HELD.values():
        if held.erased is not None:
            held.rows(user).filter(held.erased).delete()
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
