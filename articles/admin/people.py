"""The desk for people: a chief gives roles, but can neither make a superuser nor touch one."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _

RIGHTS_OF_SUPERUSERS = ("is_superuser", "user_permissions")

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PeopleAdmin(UserAdmin):
    """Staff and their roles."""

    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request):
        """Superusers are seen by superusers alone."""
        people = super().get_queryset(request)
        return people if request.user.is_superuser else people.filter(is_superuser=False)

    def get_fieldsets(self, request, obj=None):
        """Single rights and the superuser's mark are given by superusers alone: others give roles."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.is_superuser:
            return fieldsets
        chosen = []
        for name, options in fieldsets:
            fields = tuple(field for field in options["fields"] if field not in RIGHTS_OF_SUPERUSERS)
            chosen.append((name, options | {"fields": fields}))
        return chosen

    def get_form(self, request, obj=None, change=False, **kwargs):
        """A box of one's own rights would be a way up: nobody but a superuser changes their own roles."""
        form = super().get_form(request, obj, change=change, **kwargs)
        is_own = obj is not None and obj.pk == request.user.pk and not request.user.is_superuser
        if is_own and "groups" in form.base_fields:
            form.base_fields["groups"].disabled = True
            form.base_fields["groups"].help_text = _("Your own roles are changed by somebody else.")
        return form

    def save_model(self, request, obj, form, change):
        """A new person is staff: readers need no account."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)


@admin.register(Group)
class RolesAdmin(GroupAdmin):
    """Roles are made by the program (`repair_roles`); they are seen here, and changed by superusers alone."""

    def has_add_permission(self, request) -> bool:
        """By superusers."""
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None) -> bool:
        """By superusers."""
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None) -> bool:
        """By superusers."""
        return request.user.is_superuser
