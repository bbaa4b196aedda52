"""Attempts to sign in are counted by name and by address; neither is stored, only keyed digests of them."""

from __future__ import annotations

import copy
import hashlib
import hmac
import ipaddress

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest, QueryDict
from django.utils import timezone

# Failures within the cool-off that stop: a name from one address, one address, a name from anywhere.
# The last is high, so that a stranger cannot easily keep an editor out by trying her name.
WEIGHTS = (1, 6, 20)  # of AXES_LOCKOUT_PARAMETERS, in their order; AXES_FAILURE_LIMIT times each


def client_address(request: HttpRequest) -> str:
    """Address of whoever asks: of the connection, or as the outermost of our own proxies saw it."""
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.TRUSTED_PROXIES and len(seen) >= settings.TRUSTED_PROXIES:
        return seen[-settings.TRUSTED_PROXIES]
    return request.META.get("REMOTE_ADDR", "")


def _digest(text: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"throttling " + text.encode(), hashlib.sha256).digest()


def address_digest(request: HttpRequest) -> str:
    """What is stored in place of an address; it looks like one (a unique local IPv6). A /64 counts as one address."""
    written = client_address(request)
    try:
        address = ipaddress.ip_address(written)
        if address.version == 6 and address.ipv4_mapped is None:
            written = str(ipaddress.ip_network((address, 64), strict=False))
    except ValueError:
        pass
    return str(ipaddress.IPv6Address(b"\xfd" + _digest(written)[:15]))


def name_digest(request: HttpRequest, credentials: dict | None = None) -> str:
    """What is stored in place of the name that was tried: people type passwords there."""
    name = (credentials or {}).get("username") or ""
    return _digest(f"name {name.casefold()}").hex()[:32]


class ThrottlingHandler(AxesDatabaseHandler):
    """django-axes, with limits that differ, and without what it would like to know of browsers."""

    def get_failures(self, request: HttpRequest, credentials: dict | None = None) -> int:
        """Failures in terms of the lowest limit; three short queries."""
        counts = [
            attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        ]
        return max(count // weight for count, weight in zip(counts, WEIGHTS, strict=True))

    def user_login_failed(self, sender, credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
        """Count it; only web requests can be throttled. Nothing that was sent is stored. Old failures go in passing."""
        if request is not None:
            forget()
            bare = copy.copy(request)
            bare.GET, bare.POST = QueryDict(), QueryDict()
            bare.axes_user_agent = bare.axes_http_accept = ""
            super().user_login_failed(sender, credentials, bare, **kwargs)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict | None = None) -> int:
        """Only of this name from this address: an account of one's own is no way to go on trying others'.

        Called when somebody has come in; old failures go in passing.
        """
        forget()
        name, address = name_digest(request, credentials), address_digest(request)
        return AccessAttempt.objects.filter(username=name, ip_address=address).delete()[0]


class StaffBackend(ModelBackend):
    """Passwords, behind the throttle. What is refused costs and says the same, whatever the reason."""

    def authenticate(self, request: HttpRequest | None, username=None, password=None, **kwargs):
        """As Django's; a name or address that is throttled is refused unread, at the price of reading it."""
        if request is not None and is_throttled(request, username):
            make_password(password)
            request.axes_locked_out = request.was_refused_unread = True  # neither counted nor recorded again
            raise PermissionDenied
        return super().authenticate(request, username=username, password=password, **kwargs)


def is_throttled(request: HttpRequest, username: str | None) -> bool:
    """Whether this name from this address has to wait."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def forget() -> int:
    """Delete failures that stop nobody any more; returns how many. One DELETE."""
    return AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()[0]
