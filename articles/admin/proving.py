"""The password is asked for again before anything that somebody at an open screen must not do."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import guarding

OWN = "own_password"


def proved(request: HttpRequest, password: str) -> str:
    """The password, when it is that of who asks, and was not tried too often; raises ValidationError.

    Trying on while it has to wait is not counted, as at signing in.
    """
    user = request.user
    throttled = guarding.is_throttled(request, user.get_username())
    if throttled or not user.check_password(password):
        if not throttled:
            failed(request, user)
        raise ValidationError(_("This is not your password, or it was tried too often."))
    return password


def failed(request: HttpRequest, user) -> None:
    """Count a failure for the throttle, and tell the audit."""
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)


def own_password(**more) -> forms.CharField:
    """The field for it."""
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label=gettext_lazy("Your password"), strip=False, widget=widget, **more)


class PasswordForm(forms.Form):
    """Nothing but the question."""

    password = own_password()

    def __init__(self, request: HttpRequest, *args, **kwargs) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Throttled as signing in is."""
        return proved(self.request, self.cleaned_data["password"])


class OthersPasswordForm(AdminPasswordChangeForm):
    """A new password for a member of staff, or none; the member's sessions end."""

    own_password = own_password()

    def __init__(self, user, *args, request: HttpRequest, **kwargs) -> None:
        self.request = request
        super().__init__(user, *args, **kwargs)
        self.fields[OWN].widget.attrs["autofocus"] = self.fields["password1"].widget.attrs.pop("autofocus")

    @property
    def changed_data(self) -> list[str]:
        """For the audit, which Django tells nothing of a password that is taken away."""
        return ["password"]

    def clean_own_password(self) -> str:
        """Throttled as signing in is."""
        return proved(self.request, self.cleaned_data[OWN])

    def save(self, commit: bool = True):
        """Save, and end sessions."""
        person = super().save(commit)
        guarding.sign_out_everywhere(person)
        return person


class ProvedForm(forms.ModelForm):
    """Asks for the password when one of the fields `PROVED` was changed; a form of the admin, whose `get_form` puts the
    request into its class.
    """

    PROVED: ClassVar[frozenset[str]] = frozenset()
    request: ClassVar[HttpRequest]
    own_password = own_password(required=False)

    @cached_property
    def changed_data(self) -> list[str]:
        """What is stored of it; the password is not."""
        return [name for name in super().changed_data if name != OWN]

    def clean(self) -> dict:
        """Throttled as signing in is; what was not typed at all is no failure."""
        cleaned = super().clean()
        if self.PROVED & set(self.changed_data):
            try:
                if not self.cleaned_data.get(OWN):
                    raise ValidationError(self.fields[OWN].error_messages["required"], code="required")
                proved(self.request, self.cleaned_data[OWN])
            except ValidationError as fault:
                self.add_error(OWN, fault)
        return cleaned
