"""A book or a site of chosen articles for an editor: counted first, then made while the browser waits."""

from __future__ import annotations

import tempfile

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminDateWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from articles.exporting import Choice, Chosen, NoSuchChoice, NothingToWrite, choose, write_book, write_site
from articles.models import Source, record, slug_of

AT_ONCE = 200  # articles that are made into a file while somebody waits; the command has no limit
IN_MEMORY = 5_000_000  # bytes of a file before it goes to the disk
KINDS = {
    "epub": (write_book, "epub", "application/epub+zip"),
    "site": (write_site, "zip", "application/zip"),
}


class ChoiceForm(forms.Form):
    """What goes in; everything that is given narrows."""

    topic = forms.CharField(label=gettext_lazy("topic"), required=False, max_length=200, widget=AdminTextInputWidget)
    search = forms.CharField(
        label=gettext_lazy("words as readers search for them"),
        required=False,
        max_length=1000,
        widget=AdminTextInputWidget,
    )
    source = forms.ModelChoiceField(
        Source.objects.order_by("name"),
        label=gettext_lazy("source"),
        required=False,
        to_field_name="slug",
        empty_label=gettext_lazy("all sources"),
    )
    since = forms.DateField(label=gettext_lazy("from"), required=False, widget=AdminDateWidget)
    until = forms.DateField(label=gettext_lazy("to"), required=False, widget=AdminDateWidget)

    def chosen(self) -> Chosen | None:
        """The choice; None, with an error told, when it cannot be met or nothing is given."""
        if not self.is_valid() or not any(self.cleaned_data.values()):
            return None
        given = self.cleaned_data
        try:
            return choose(Choice(**given | {"source": given["source"].slug if given["source"] else ""}))
        except NoSuchChoice:
            self.add_error("topic" if given["topic"] else "search", _("There is nothing of that name."))
            return None


class DownloadDesk:
    """Adds the page to the desk of articles."""

    def get_urls(self) -> list:
        """The page that asks, and gives."""
        view = self.admin_site.admin_view(self.download_view)
        return [path("download/", view, name="articles_article_download"), *super().get_urls()]

    @method_decorator(require_safe)
    def download_view(self, request: HttpRequest) -> HttpResponse:
        """How many articles a choice has, or the file; what readers may see and nothing else. Four queries to count."""
        if not request.user.has_perm("articles.publish_article"):
            raise PermissionDenied
        form = ChoiceForm({name: request.GET.get(name, "").replace("\x00", "") for name in ChoiceForm.base_fields})
        chosen = form.chosen()
        number = chosen.articles.order_by()[: AT_ONCE + 1].count() if chosen else None
        wanted = request.GET.get("format", "")
        if wanted in KINDS and number and number <= AT_ONCE:
            return _file(request, wanted, chosen)
        if wanted and number == 0:
            messages.error(request, _("No article is chosen."))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Take articles along"),
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
            "form": form,
            "media": self.media + form.media,
            "chosen": chosen,
            "number": number,
            "too_many": bool(number and number > AT_ONCE),
            "at_once": AT_ONCE,
        }
        return TemplateResponse(request, "admin/articles/article/download.html", context)


def _file(request: HttpRequest, wanted: str, chosen: Chosen) -> HttpResponse:
    write, suffix, kind = KINDS[wanted]
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed by the answer)
    try:
        written = write(chosen, file)
    except NothingToWrite:  # taken down since it was counted
        raise Http404 from None
    record("export", "article", by=request.user, format=wanted, name=chosen.title[:200], articles=written.articles)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{slug_of(chosen.title)}.{suffix}", content_type=kind)
