"""The second factor: codes of an authenticator app, recovery codes for the day it is lost, and who must have one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from articles.guarding.sessions import BEGAN, FACTOR, sign_out_everywhere
from articles.models import FactorDemand, StaffSession, record

RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is read as something else
CODE_LENGTH = 12


def has_factor(user) -> bool:
    """Whether this person has enrolled one; one query."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def demanded_roles() -> set[str]:
    """Names of the roles that must have one; one query."""
    return set(FactorDemand.objects.values_list("role__name", flat=True))


def is_demanded(user) -> bool:
    """Whether one of this person's roles must have one; a superuser counts as every role. One query."""
    demands = FactorDemand.objects.all()
    return (demands if user.is_superuser else demands.filter(role__in=user.groups.all())).exists()


def begin_session(session, user) -> None:
    """Mark a session whose owner has just signed in; one query, none when the factor was given."""
    session[BEGAN] = int(timezone.now().timestamp())
    session["must_enrol"] = not session.get(FACTOR) and is_demanded(user)


def with_factors(people: QuerySet) -> QuerySet:
    """These people by name, with `with_factor` and `open_sessions`; one query."""
    devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    open_ones = StaffSession.objects.filter(account=OuterRef("pk"), expire_date__gt=timezone.now()).order_by()
    counted = open_ones.values("account").annotate(number=Count("pk")).values("number")
    return people.order_by("username").annotate(
        with_factor=Exists(devices), open_sessions=Coalesce(Subquery(counted), 0)
    )


@transaction.atomic
def demand_of_roles(names: set[str], by) -> set[str]:
    """Demand it of exactly these roles; returns those of whom it is demanded newly.

    Their members who have none are signed out, so that they enrol when they come back.
    """
    before = demanded_roles()
    FactorDemand.objects.exclude(role__name__in=names).delete()
    new = Group.objects.filter(name__in=names - before)
    FactorDemand.objects.bulk_create(FactorDemand(role=role) for role in new)
    if names != before:
        record("change", "group", by=by, second_factor_demanded_of=sorted(names))
    with_factor = TOTPDevice.objects.filter(confirmed=True).values("user")
    people = {user for role in new for user in role.user_set.exclude(pk__in=with_factor)}
    for user in people:
        sign_out_everywhere(user)
    return {role.name for role in new}


def new_key() -> str:
    """A secret for an authenticator app, in hexadecimal."""
    return secrets.token_hex(20)


def provisioning(user, key: str) -> tuple[str, str]:
    """What the app reads from a picture, and the secret as a person types it."""
    secret = base64.b32encode(bytes.fromhex(key)).decode()
    label = quote(f"{settings.SITE_NAME}:{user.get_username()}")
    asked = urlencode({"secret": secret, "issuer": settings.SITE_NAME, "digits": 6, "period": 30}, quote_via=quote)
    return f"otpauth://totp/{label}?{asked}", " ".join(re.findall("....", secret))


@transaction.atomic
def enrol(user, key: str, code: str) -> list[str] | None:
    """Take a secret that the app has proved to know; returns recovery codes, None when the code is wrong."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time()
    if not code.isdecimal() or not totp.verify(int(code), tolerance=1):
        return None
    TOTPDevice.objects.filter(user=user).delete()
    TOTPDevice.objects.create(user=user, name="app", key=key, confirmed=True, last_t=totp.t())
    record("add", user, by=user, note="second factor")
    return new_recovery_codes(user)


@transaction.atomic
def new_recovery_codes(user) -> list[str]:
    """Codes that each open once, shown once and stored as keyed digests; older ones open no more."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(code)) for code in codes)
    return ["-".join(re.findall("....", code)) for code in codes]


def recovery_codes_left(user) -> int:
    """How many still open; one query."""
    return StaticToken.objects.filter(device__user=user).count()


def _digest(code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"recovery " + code.encode(), hashlib.sha256).hexdigest()[:16]


@transaction.atomic
def accepts(user, written: str) -> bool:
    """Whether a code of the app, or an unused recovery code, is right; each is good once, and failures slow down."""
    code = re.sub(r"[\s-]", "", written).lower()
    is_app = code.isdecimal() and len(code) == 6
    model = TOTPDevice if is_app else StaticDevice
    device = model.objects.select_for_update().filter(user=user, confirmed=True).first()
    return device is not None and device.verify_token(code if is_app else _digest(code))


@transaction.atomic
def remove_factor(user, by) -> None:
    """Forget app and recovery codes, and end all sessions of the person."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    sign_out_everywhere(user)
    record("delete", user, by=by, note="second factor")
