"""The take-down desk: demands are filed and counted out, decided by chiefs, printed, and undone by two of them."""

from __future__ import annotations

import datetime

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import images
from articles.admin.desk import LARGEST_ID, LinesField, Record, change_link, is_number, with_words
from articles.curation import Refused
from articles.curation import takedowns as service
from articles.curation.takedown_scope import SURE, Consequences, consequences, copies_of
from articles.models import Article, TakeDown, WithheldFile

Scope, State = TakeDown.Scope, TakeDown.State
PREVIEW, ASK, TAKE = "preview", "ask", "take"
DECLINE, ASK_BACK, STAYS, GIVE_BACK, SETTLE = "decline", "ask_back", "stays", "give_back", "settle"
MOMENT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A moment in the newsroom's zone, to the minute."""

    def __init__(self, **options) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(widget=widget, required=False, **options)


class TakeDownForm(forms.ModelForm):
    """A demand as it is filled in. What it is about was chosen before, or is named by its number or address."""

    begins_at = MomentField(label=gettext_lazy("From"), help_text=gettext_lazy("Empty: at once."))
    ends_at = MomentField(label=gettext_lazy("Until"), help_text=gettext_lazy("Empty: for good."))
    reason = LinesField(
        label=gettext_lazy("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=TakeDown._meta.get_field("reason").help_text,
    )

    class Meta:
        """In the order in which a person thinks of it; further articles are ticked below."""

        model = TakeDown
        fields = (
            *("scope", "article_number", "image_number", "pattern", "everywhere"),
            *("basis", "requester_kind", "requester", "reason", "public_note", "begins_at", "ends_at"),
        )

    def clean(self) -> dict:
        """What the scope needs is named; the rest of what was named is nothing."""
        values = super().clean()
        needed = {Scope.PICTURE: "image_number", Scope.ADDRESSES: "pattern"}.get(values.get("scope"), "article_number")
        for name in ("article_number", "image_number", "pattern"):
            if name != needed:
                values[name] = "" if name == "pattern" else None
        number = values.get(needed)
        if not number or (isinstance(number, int) and not 0 < number <= LARGEST_ID):
            self.add_error(needed, _("Say which."))
        values["begins_at"] = values.get("begins_at") or timezone.now()
        return values


@admin.register(TakeDown)
class TakeDownAdmin(Record):
    """Take-downs and requests, the latest first; each is a room of its own."""

    list_display = ("reference_told", "state_shown", "what", "basis", "requester_kind", "begins", "ends")
    list_filter = ("state", "basis", "scope")
    ordering = ("-id",)
    search_help_text = gettext_lazy("The number in a reference, or words of the subject.")
    search_fields = ("subject",)

    def has_add_permission(self, request) -> bool:
        """Whoever may ask."""
        return service.may_ask(request.user)

    def get_queryset(self, request):
        """Without the long parts of receipts."""
        return super().get_queryset(request).defer("effects", "reason")

    def find(self, queryset, term):
        """By a whole reference, else by words of the subject, in either script; a small table."""
        number = term.rpartition("-")[2]
        if term.upper().startswith("TD-") and is_number(number):
            return queryset.filter(pk=int(number))
        return with_words(queryset, term, "subject")

    def get_urls(self) -> list:
        """The receipt, and the way from an article to what holds it."""
        view = self.admin_site.admin_view(self.receipt_view)
        of_article = self.admin_site.admin_view(self.of_article_view)
        return [
            path("<int:pk>/receipt/", view, name="articles_takedown_receipt"),
            path("of/<int:pk>/", of_article, name="articles_takedown_of"),
            *super().get_urls(),
        ]

    def of_article_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the take-down that holds an article; to the list when none does."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        take_down = service.held_by(pk)
        return HttpResponseRedirect(_room(take_down) if take_down else reverse("admin:articles_takedown_changelist"))

    @admin.display(description=gettext_lazy("Reference"))
    def reference_told(self, take_down: TakeDown) -> str:
        """Leads to its room."""
        return take_down.reference

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, take_down: TakeDown) -> str:
        """In words; with what waits for a second person."""
        waits = take_down.restore_asked_at and take_down.state == State.IN_FORCE
        note = format_html(' <span class="note">{}</span>', _("restoring asked")) if waits else ""
        return format_html("{}{}", take_down.state_told, note)

    @admin.display(description=gettext_lazy("what"))
    def what(self, take_down: TakeDown) -> str:
        """Its scope and subject."""
        return format_html(
            '{}<br><span class="quiet">{}</span>', take_down.get_scope_display(), _shortened(take_down.subject)
        )

    @admin.display(description=gettext_lazy("from"))
    def begins(self, take_down: TakeDown) -> str:
        """To the minute."""
        return _moment(take_down.begins_at)

    @admin.display(description=gettext_lazy("until"))
    def ends(self, take_down: TakeDown) -> str:
        """To the minute, or for good."""
        return _moment(take_down.ends_at) if take_down.ends_at else _("for good")

    def add_view(self, request: HttpRequest, form_url="", extra_context=None) -> HttpResponse:
        """The form; its consequences counted; then filed, or done at once by a chief."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TakeDownForm(request.POST if request.method == "POST" else None, initial=_asked_for(request))
        counted, chosen = None, _ticked(request)
        if request.method == "POST" and form.is_valid():
            take_down = form.save(commit=False)
            take_down.copies = chosen if take_down.scope == Scope.ARTICLE else []
            try:
                take_down.subject, take_down.source_name = service.subject_of(take_down)
                counted = consequences(take_down)
                done = self._filed(request, take_down, counted)
            except Refused as refused:
                messages.error(request, str(refused))
                done = None
            if done:
                return done
        number = form["article_number"].value() if form["scope"].value() == Scope.ARTICLE else None
        copies = copies_of(int(number)) if is_number(str(number or "")) else []
        context = self._context(request, _("Take something down")) | {
            "form": form,
            "subject": _subject(form),
            "counts": counted,
            "seen": counted and _digest(counted),
            "copies": [(one, share, one.pk in chosen or (not counted and share >= SURE)) for one, share in copies],
            "may_decide": service.may_decide(request.user),
            "zone": timezone.get_current_timezone_name(),
        }
        return TemplateResponse(request, "admin/articles/takedown/ask.html", context | (extra_context or {}))

    def _filed(self, request: HttpRequest, take_down: TakeDown, counted: Consequences) -> HttpResponse | None:
        """None when the consequences are still to be shown, or are others than those that were."""
        step = request.POST.get("step")
        if step not in (ASK, TAKE):
            return None
        if request.POST.get("seen") != _digest(counted):
            messages.warning(request, _("The numbers have changed since you saw them: look again."))
            return None
        (service.take if step == TAKE else service.ask)(take_down, request.user)
        messages.success(request, _told(take_down))
        return HttpResponseRedirect(_room(take_down))

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        """Its room: what was asked, what would go or went, who decided; a POST does one deed."""
        number = int(object_id) if is_number(object_id) else 0
        people = ("asked_by", "decided_by", "restore_asked_by", "restored_by")
        take_down = get_object_or_404(TakeDown.objects.select_related(*people), pk=number)
        if not self.has_view_permission(request, take_down):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request, take_down)
        is_open = take_down.state == State.REQUESTED or take_down.is_planned
        may_decide = service.may_decide(request.user)
        context = self._context(request, take_down.reference) | {
            "take_down": take_down,
            "counts": consequences(take_down) if is_open else None,
            "may_decide": may_decide,
            "may_read_demand": service.may_read_demand(request.user, take_down),
            "may_confirm": may_decide and take_down.restore_asked_by_id not in (None, request.user.pk),
            "unsettled": WithheldFile.objects.filter(is_settled=False).count() if may_decide else 0,
            "effects": take_down.effects,
            "subject_link": _subject_link(take_down),
        }
        return TemplateResponse(request, "admin/articles/takedown/room.html", context | (extra_context or {}))

    def _decide(self, request: HttpRequest, take_down: TakeDown) -> HttpResponse:
        if not service.may_decide(request.user):
            raise PermissionDenied
        deed, words = request.POST.get("deed", ""), request.POST.get("words", "")
        deeds = {
            TAKE: lambda: service.take(take_down, request.user),
            DECLINE: lambda: service.decline(take_down, request.user, words),
            ASK_BACK: lambda: service.ask_back(take_down, request.user, words),
            STAYS: lambda: service.forget_asking_back(take_down, request.user),
            GIVE_BACK: lambda: service.give_back(take_down, request.user),
            SETTLE: images.settle_files,
        }
        try:
            if deed not in deeds:
                raise Refused(_("Choose one of the buttons."))
            deeds[deed]()
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _told(take_down) if deed != SETTLE else _("The storage follows now."))
        return HttpResponseRedirect(_room(take_down))

    def receipt_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What went from where, when and by whose word, with sha256: to be printed and kept."""
        take_down = get_object_or_404(TakeDown.objects.select_related("asked_by", "decided_by"), pk=pk)
        if not self.has_view_permission(request, take_down):
            raise PermissionDenied
        context = self._context(request, take_down.reference) | {
            "take_down": take_down,
            "may_read_demand": service.may_read_demand(request.user, take_down),
            "effects": take_down.effects,
            "now": timezone.now(),
        }
        return TemplateResponse(request, "admin/articles/takedown/receipt.html", context)

    def _context(self, request: HttpRequest, title: str) -> dict:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "module_name": str(self.opts.verbose_name_plural),
        }


def _asked_for(request: HttpRequest) -> dict:
    """What the way to the form says: an article's or a picture's number."""
    article, image = (request.GET.get(name, "") for name in ("article", "image"))
    if image.isdecimal():
        return {"scope": Scope.PICTURE, "image_number": image[:18]}
    return {"scope": Scope.ARTICLE, "article_number": article[:18] if article.isdecimal() else None}


def _ticked(request: HttpRequest) -> list[int]:
    numbers = request.POST.getlist("copy") if request.method == "POST" else []
    return sorted({int(number) for number in numbers if is_number(number)})


def _digest(counted: Consequences) -> str:
    """Tells whether the numbers that were shown are still the numbers."""
    return f"{counted.pages}-{counted.articles}-{counted.pictures}-{len(counted.also_showing)}-{counted.front}"


def _subject(form: TakeDownForm) -> str:
    """What the form is about, when its number is one of something."""
    take_down = TakeDown(
        scope=form["scope"].value() or Scope.ARTICLE,
        article_number=_number(form["article_number"].value()),
        image_number=_number(form["image_number"].value()),
        pattern=str(form["pattern"].value() or "")[:500],
    )
    try:
        return service.subject_of(take_down)[0]
    except Refused:
        return ""


def _number(value: object) -> int:
    return int(value) if is_number(str(value or "")) else 0


def _subject_link(take_down: TakeDown) -> str:
    """Leads to the article or picture, while it is still here."""
    if take_down.scope == Scope.PICTURE:
        return change_link("image", take_down.image_number, take_down.subject)
    if take_down.article_number and Article.objects.filter(pk=take_down.article_number).exists():
        return change_link("article", take_down.article_number, take_down.subject)
    return take_down.subject


def _room(take_down: TakeDown) -> str:
    return reverse("admin:articles_takedown_change", args=[take_down.pk])


def _told(take_down: TakeDown) -> str:
    return f"{take_down.reference}: {take_down.state_told}."


def _shortened(words: str) -> str:
    return f"{words[:80]}…" if len(words) > 80 else words


def _moment(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
