"""Who is signed in where, and which roles must sign in with a second factor."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StaffSession(AbstractBaseSession):
    """A session that knows whose it is, so that somebody can be signed out everywhere. Readers have none."""

    account = models.BigIntegerField(_("number of the account"), null=True, db_index=True)
    began_at = models.DateTimeField(_("began"), default=timezone.now)
    has_factor = models.BooleanField(_("with a second factor"), default=False)

    class Meta:
        """Rows are taken away by `clearsessions`, which the daily task calls."""

        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    @classmethod
    def get_session_store_class(cls):
        """Asked by Django's manager of sessions alone, which is not used here."""
        raise NotImplementedError


class FactorDemand(models.Model):
    """Members of this role reach nothing at the desk until they have enrolled a second factor."""

    role = models.OneToOneField(Group, on_delete=models.CASCADE, primary_key=True, verbose_name=_("role"))

    class Meta:
        """A row is the demand; none is none."""

        verbose_name = _("demand of a second factor")
        verbose_name_plural = _("demands of a second factor")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.role)
