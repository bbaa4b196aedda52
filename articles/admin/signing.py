"""Staff who sign in and out, and who fails to: written into the audit, without addresses or passwords."""

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from articles import guarding
from articles.models import record


@receiver(user_logged_in)
def signed_in(sender, user, request=None, **_rest) -> None:
    """Readers have no accounts; one INSERT, and a look at what the person's roles demand."""
    if user.is_staff:
        if request is not None:
            guarding.begin_session(request.session, user)
        record("sign_in", user, by=user)


@receiver(user_logged_out)
def signed_out(sender, user, **_rest) -> None:
    """Nobody signs out of a session that has ended; one INSERT."""
    if user is not None and user.is_staff:
        record("sign_out", user, by=user)


@receiver(user_login_failed)
def failed_to_sign_in(sender, credentials, request=None, **_rest) -> None:
    """A deed about the member of staff who was tried, or about nobody: what else is typed as a name may be a password.

    One query and one INSERT whatever was typed, so that no answer's time tells which names there are; nothing while
    attempts are refused unread, or a stranger could fill the audit.
    """
    if getattr(request, "was_refused_unread", False):
        return
    model = get_user_model()
    name = credentials.get(model.USERNAME_FIELD) or ""
    user = model.objects.filter(**{model.USERNAME_FIELD: name}, is_staff=True).first()
    record("fail_sign_in", user or "user")
