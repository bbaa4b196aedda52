"""The desk for people: a chief gives roles, but can neither make a superuser nor touch one.

Whoever sits at an open screen may not know the password: it is asked for before another's password is set, and before
rights are given or taken.
"""

import copy
from functools import partial

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from articles import guarding
from articles.admin.desk import CappedPaginator
from articles.admin.proving import OWN, OthersPasswordForm, ProvedForm
from articles.admin.recorded import Recorded
from articles.models import record

MARKS = ("is_active", "is_staff", "is_superuser")
RIGHTS_OF_SUPERUSERS = ("is_superuser", "user_permissions")
RIGHTS = frozenset((*MARKS, "groups", "user_permissions"))
PROOF = (
    _("Who changes this"),
    {"fields": (OWN,), "description": _("Your own password is asked for when rights are given or taken.")},
)

admin.site.unregister(User)
admin.site.unregister(Group)


def written_out(person: User, by: User) -> JsonResponse:
    """All that is stored of a person, as a file; the audit is told."""
    record("export", person, by=by)
    answer = JsonResponse(guarding.export_person(person), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="person-{person.pk}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


class PersonForm(ProvedForm, UserChangeForm):
    """Names as they are typed; roles and marks with the password of who gives them."""

    PROVED = RIGHTS


class RoleForm(ProvedForm):
    """What a role may do is what all its members may."""

    PROVED = frozenset(("permissions",))


@admin.register(User)
class PeopleAdmin(Recorded, UserAdmin):
    """Staff and their roles; what is stored of a person is written out here, and erased."""

    form = PersonForm
    change_form_template = "admin/people/change_form.html"
    change_user_password_template = "admin/people/password.html"  # noqa: S105 (a page)
    paginator, show_full_result_count, show_facets = CappedPaginator, False, admin.ShowFacets.NEVER
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request):
        """Superusers are seen by superusers alone."""
        people = super().get_queryset(request)
        return people if request.user.is_superuser else people.filter(is_superuser=False)

    def get_urls(self) -> list:
        """Two addresses more."""
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/export/", view(self.export_view), name="auth_user_export"),
            path("<int:pk>/erase/", view(self.erase_view), name="auth_user_erase"),
            *super().get_urls(),
        ]

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 (its name)
        """Of others. One's own is changed by who knows the old one, or an open screen would be an account to take."""
        person = self.get_object(request, unquote(id))
        if person is not None and person.pk == request.user.pk:
            return redirect("admin:password_change")
        asking = copy.copy(self)
        asking.change_password_form = partial(OthersPasswordForm, request=request)
        return super(PeopleAdmin, asking).user_change_password(request, id, form_url)

    @method_decorator(sensitive_post_parameters(OWN))
    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        """No record of a fault tells the password."""
        return super().change_view(request, object_id, form_url, extra_context)

    @method_decorator(require_POST)
    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is stored of a person whom one may change, as a file."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return written_out(get_object_or_404(self.get_queryset(request), pk=pk), request.user)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the name, then erase; nobody erases themselves, or a newsroom could lose its last superuser."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        person = get_object_or_404(self.get_queryset(request), pk=pk)
        if person.pk == request.user.pk:
            raise PermissionDenied(gettext("Your own data is erased by somebody else."))
        name, wrong = person.get_username(), False
        if request.method == "POST":
            if request.POST.get("name", "").strip() == name:
                pseudonym = guarding.erase_person(person, by=request.user)
                told = gettext("%(name)s is %(pseudonym)s from now on; the audit keeps the name.")
                messages.success(request, told % {"name": name, "pseudonym": pseudonym})
                return redirect("admin:auth_user_change", pk)
            wrong = True
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Erase what is stored of %s") % name,
            "opts": self.opts,
            "person": person,
            "wrong": wrong,
        }
        return TemplateResponse(request, "admin/people/erase.html", context)

    def get_fieldsets(self, request, obj=None):
        """Single rights and the superuser's mark are given by superusers alone: others give roles."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        fieldsets = [*fieldsets, PROOF] if self.has_change_permission(request, obj) else fieldsets
        if request.user.is_superuser:
            return fieldsets
        chosen = []
        for name, options in fieldsets:
            fields = tuple(field for field in options["fields"] if field not in RIGHTS_OF_SUPERUSERS)
            chosen.append((name, options | {"fields": fields}))
        return chosen

    def get_form(self, request, obj=None, change=False, **kwargs):
        """A box of one's own rights would be a way up: nobody but a superuser changes their own roles."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request = request
        is_own = obj is not None and obj.pk == request.user.pk and not request.user.is_superuser
        if is_own and "groups" in form.base_fields:
            form.base_fields["groups"].disabled = True
            form.base_fields["groups"].help_text = _("Your own roles are changed by somebody else.")
        return form

    def construct_change_message(self, request, form, formsets, add=False):
        """For the audit: which roles were given and taken, and which marks were set."""
        message = super().construct_change_message(request, form, formsets, add)
        rights = {name: form.cleaned_data[name] for name in MARKS if name in form.changed_data}
        if "groups" in form.changed_data:
            before, after = set(form.initial.get("groups", ())), set(form.cleaned_data["groups"])
            rights["roles given"] = sorted(group.name for group in after - before)
            rights["roles taken"] = sorted(group.name for group in before - after)
        return [*message, {"rights": rights}] if rights else message

    def save_related(self, request, form, formsets, change):
        """Other roles, other rights: whoever gets them signs in anew, and by the rules of those roles."""
        super().save_related(request, form, formsets, change)
        if RIGHTS & set(form.changed_data) and form.instance.pk != request.user.pk:
            guarding.sign_out_everywhere(form.instance)

    def save_model(self, request, obj, form, change):
        """A new person is staff: readers need no account."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)


@admin.register(Group)
class RolesAdmin(Recorded, GroupAdmin):
    """Roles are made by the program (`repair_roles`); they are seen here, and changed by superusers alone."""

    form = RoleForm
    paginator, show_full_result_count = CappedPaginator, False

    def has_add_permission(self, request) -> bool:
        """By superusers."""
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None) -> bool:
        """By superusers."""
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None) -> bool:
        """By superusers."""
        return request.user.is_superuser

    @method_decorator(sensitive_post_parameters(OWN))
    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None) -> HttpResponse:
        """No record of a fault tells the password."""
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_fields(self, request, obj=None):
        """Who only looks is asked for nothing."""
        fields = super().get_fields(request, obj)
        return fields if self.has_change_permission(request, obj) else [name for name in fields if name != OWN]

    def get_form(self, request, obj=None, change=False, **kwargs):
        """With the request, for its question."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request = request
        return form
