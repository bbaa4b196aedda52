"""What a desk does is written into the audit, in place of Django's own log; a row's history page shows it."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from articles.admin.telling import more_of
from articles.models import Deed, deed_of, record

SHOWN_AT_MOST = 200  # deeds on the page of one row


class Recorded:
    """For a ModelAdmin: additions, changes and deletions become deeds, in the transaction of the change itself."""

    def log_addition(self, request: HttpRequest, obj: Model, message) -> None:
        """One INSERT."""
        record("add", obj, by=request.user, **told(message))

    def log_change(self, request: HttpRequest, obj: Model, message) -> None:
        """One INSERT; none when a form was saved that nobody had touched."""
        if message:
            record("change", obj, by=request.user, **told(message))

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> None:
        """One INSERT for all."""
        Deed.objects.bulk_create(deed_of("delete", row, by=request.user) for row in queryset)

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        """What was done to the row, latest first; two queries."""
        row = self.get_object(request, unquote(object_id), None)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(row),
            "object": row,
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "deeds": [(deed, more_of(deed)) for deed in Deed.objects.about(row)[:SHOWN_AT_MOST]],
            "preserved_filters": self.get_preserved_filters(request),
        }
        return TemplateResponse(request, "admin/articles/deed/of_one.html", context | (extra_context or {}))


def told(message) -> dict:
    """A message of the admin as parts of a deed: words stay words, lists of changes stay as they are."""
    return {"note": message} if isinstance(message, str) else {"changes": message}
