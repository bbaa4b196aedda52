"""The pages for coming in: name and password, the second factor, one's own account, and what a chief demands."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import get_user_model, login, logout
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from qrcode import QRCode

from articles import curation, guarding
from articles.admin.people import written_out
from articles.admin.proving import PasswordForm, failed, proved

PENDING = "pending"  # key in a session of who has given a password and owes a code
PATIENCE = 300  # seconds for the code
BACKEND = "articles.guarding.throttling.StaffBackend"
User = get_user_model()


class NewPasswordForm(AdminPasswordChangeForm):
    """Asks for the old password, which nobody finds out here by trying."""

    def __init__(self, request: HttpRequest, *args, **kwargs) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        """Throttled as signing in is."""
        return proved(self.request, self.cleaned_data["old_password"])


class CodeForm(forms.Form):
    """Six digits of an app, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class EnrolForm(PasswordForm):
    """The first code of a new app."""

    field_order = ("code", "password")
    code = forms.RegexField(
        r"^\s*[0-9]{3}\s?[0-9]{3}\s*$",
        label=gettext_lazy("Code that the app shows"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class SignIn(LoginView):
    """Name and password. What is wrong is said in the same words, whether it is the name, the password or too often."""

    authentication_form = AdminAuthenticationForm
    template_name = "admin/signing/in.html"

    @method_decorator(never_cache)
    @method_decorator(sensitive_post_parameters())
    def dispatch(self, request, *args, **kwargs):
        """Who is in need not come in."""
        if request.method in ("GET", "HEAD") and admin.site.has_permission(request):
            return redirect("admin:index")
        return super().dispatch(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        """The desk."""
        return reverse("admin:index")

    def get_context_data(self, **kwargs):
        """As the stock page has it."""
        site = admin.site.each_context(self.request)
        more = {"title": _("Log in"), "subtitle": None, "app_path": self.request.get_full_path()}
        return {**super().get_context_data(**kwargs), **site, **more, "next": self.get_success_url()}

    def form_valid(self, form) -> HttpResponse:
        """Let in, or ask for the second factor; until it is given nobody is signed in."""
        user = form.get_user()
        if not guarding.has_factor(user):
            return super().form_valid(form)
        self.request.session.flush()
        self.request.session[PENDING] = {
            "user": user.pk,
            "proof": user.get_session_auth_hash(),
            "at": int(timezone.now().timestamp()),
            "next": self.get_success_url(),
        }
        return redirect("signing:code")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second factor of somebody whose password was right a moment ago."""
    pending = request.session.get(PENDING)
    user = pending and User.objects.filter(pk=pending["user"], is_active=True, is_staff=True).first()
    late = pending and timezone.now().timestamp() - pending["at"] > PATIENCE
    if not user or late or pending["proof"] != user.get_session_auth_hash():
        return redirect("signing:in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        throttled = guarding.is_throttled(request, user.get_username())
        if not throttled and guarding.accepts(user, form.cleaned_data["code"]):
            del request.session[PENDING]
            request.session["factor"] = True
            login(request, user, backend=BACKEND)
            return redirect(pending["next"])
        if not throttled:
            failed(request, user)
        form.add_error("code", _("This code is not right, was used already, or codes were tried too often."))
    context = {**admin.site.each_context(request), "title": _("Second factor"), "form": form}
    return TemplateResponse(request, "admin/signing/code.html", context)


class ChangePassword(PasswordChangeView):
    """One's own password; in place of the admin's page, which lets the old one be guessed."""

    form_class = NewPasswordForm
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict:
        """The form counts failures of this request."""
        return super().get_form_kwargs() | {"request": self.request}

    def get_context_data(self, **kwargs) -> dict:
        """As the stock page has it."""
        return super().get_context_data(**kwargs) | admin.site.each_context(self.request)


def picture_of(address: str) -> dict:
    """A QR code as the path of an SVG: its side in modules, quiet zone included, and where it is dark."""
    code = QRCode(border=4)
    code.add_data(address)
    rows = code.get_matrix()
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return {"side": len(rows), "dark": dark}


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """One's own second factor, recovery codes and sessions."""
    enrolled, codes = guarding.has_factor(request.user), None
    form = (PasswordForm if enrolled else EnrolForm)(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not enrolled:
            key = request.session.get("enrolling", "")
            codes = guarding.enrol(request.user, key, "".join(form.cleaned_data["code"].split())) if key else None
            if codes is None:
                form.add_error(
                    "code", _("The app's code does not fit this secret: wait for its next one and try again.")
                )
            else:
                enrolled = _enrolled(request)
        elif "renew" in request.POST:
            codes = guarding.new_recovery_codes(request.user)
        elif "remove" in request.POST:
            guarding.remove_factor(request.user, request.user)
            logout(request)
            return redirect("signing:in")
    if not enrolled and "enrolling" not in request.session:
        request.session["enrolling"] = guarding.new_key()
    context = {
        **admin.site.each_context(request),
        "title": _("Signing in"),
        "form": form,
        "enrolled": enrolled,
        "codes": codes,
        "codes_left": guarding.recovery_codes_left(request.user),
        "must_enrol": request.session.get("must_enrol"),
        "sessions": list(guarding.sessions_of(request.user)),
        "own_session": request.session.session_key,
    }
    if not enrolled:
        address, secret = guarding.provisioning(request.user, request.session["enrolling"])
        context |= {"picture": picture_of(address), "secret": secret}
    return TemplateResponse(request, "admin/signing/account.html", context)


def _enrolled(request: HttpRequest) -> bool:
    """The session at hand has proved the factor; all others of the person have not."""
    request.session.pop("enrolling", None)
    request.session["must_enrol"], request.session["factor"] = False, True
    request.session.cycle_key()
    guarding.sign_out_everywhere(request.user, but=request.session.session_key)
    return True


@require_POST
def leave_everywhere(request: HttpRequest) -> HttpResponse:
    """End all one's sessions, this one too: the safe side needs no password."""
    guarding.sign_out_everywhere(request.user)
    logout(request)
    return redirect("signing:in")


@require_POST
def export_own(request: HttpRequest) -> HttpResponse:
    """What is stored of oneself, as a file."""
    return written_out(request.user, request.user)


def _of_people(request: HttpRequest):
    """Staff that this chief may look after; superusers are looked after by superusers alone."""
    if not request.user.has_perm("auth.change_user"):
        raise PermissionDenied
    people = User.objects.filter(is_staff=True)
    return people if request.user.is_superuser else people.filter(is_superuser=False)


@require_http_methods(["GET", "HEAD", "POST"])
def demands(request: HttpRequest) -> HttpResponse:
    """Of which roles a second factor is demanded, and who has one. A change wants the password of who makes it."""
    people = _of_people(request)
    form = PasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        guarding.demand_of_roles(set(request.POST.getlist("role")) & set(curation.ROLES), request.user)
        messages.success(request, _("Demanded of: %s.") % (", ".join(sorted(guarding.demanded_roles())) or _("nobody")))
        return redirect("signing:demands")
    chosen = request.POST.getlist("role") if request.method == "POST" else guarding.demanded_roles()
    context = {
        **admin.site.each_context(request),
        "title": _("Second factor: who must, who has"),
        "form": form,
        "roles": [(role, role in chosen) for role in curation.ROLES],
        "people": guarding.with_factors(people),
    }
    return TemplateResponse(request, "admin/signing/demands.html", context)


@require_POST
def put_out(request: HttpRequest, number: int) -> HttpResponse:
    """End the sessions of a member of staff; with `factor`, forget a lost app, too.

    Whoever sits at an open screen may not know the password: it is asked for. One's own factor is removed at one's own
    account alone.
    """
    person = get_object_or_404(_of_people(request), pk=number)
    if person.pk == request.user.pk:
        raise PermissionDenied(_("Your own sessions and second factor are looked after at your account."))
    form = PasswordForm(request, request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(fault for faults in form.errors.values() for fault in faults))
    elif "factor" in request.POST:
        guarding.remove_factor(person, request.user)
        messages.success(request, _("%s signs in with the password alone, until enrolled anew.") % person)
    else:
        count = guarding.sign_out_everywhere(person)
        messages.success(
            request,
            ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", count) % {"count": count},
        )
    return redirect("signing:demands")


app_name = "signing"
inside = admin.site.admin_view
addresses = [
    path("login/", SignIn.as_view(), name="in"),
    path("login/code/", code, name="code"),
    path("password_change/", inside(ChangePassword.as_view()), name="change_password"),
    path("account/", inside(account), name="account"),
    path("account/leave-everywhere/", inside(leave_everywhere), name="leave_everywhere"),
    path("account/export/", inside(export_own), name="export_own"),
    path("second-factor/", inside(demands), name="demands"),
    path("second-factor/<int:number>/", inside(put_out), name="put_out"),
]
