"""The picture desk: a grid to write words in, a page for each picture, and a board of the hosts they come from."""

from __future__ import annotations

import re

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import Count, Max, Min, OuterRef, Prefetch, QuerySet, Subquery
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import curation, images, search, tasks
from articles.admin.desk import (
    Desk,
    Record,
    change_link,
    is_completion,
    list_link,
    outside_link,
    tell_unless,
    thumbnail,
)
from articles.admin.forms import LinesField
from articles.admin.seen import SeenForm
from articles.curation import overview
from articles.models import Article, ArticleImage, Image, ImageHost, Rendition

SHOWN_AT_MOST = 50  # articles on a picture's page
SHOWN_IN_GRID = 3
SEARCHED_AT_MOST = 1000  # articles whose words are looked for, the newest first
HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
HOSTS_OFFERED = 30
WORDS = ("alt", "credit", "rights")
FACTS = ("decorative", "credit", "rights", "focal_x", "focal_y")  # of the picture alone
State = Image.State


class HostFilter(admin.SimpleListFilter):
    """By the host a picture came from; the search box takes those that are not offered."""

    title = _("host")
    parameter_name = "host"

    def lookups(self, request, model_admin):
        """The first hosts of the alphabet; read from an index alone."""
        hosts = Image.objects.order_by("host").values_list("host", flat=True).distinct()[:HOSTS_OFFERED]
        return [(host, host) for host in hosts if host]

    def queryset(self, request, queryset):
        """Pictures of the chosen host."""
        return queryset.filter(host=self.value()) if self.value() else queryset


class NeedFilter(admin.SimpleListFilter):
    """By what asks for an editor; each answered by an index."""

    title = _("what is missing")
    parameter_name = "has"

    def lookups(self, request, model_admin):
        """Both; no query."""
        return [("no_alt", _("no alternative text")), ("failed", _("did not come"))]

    def queryset(self, request, queryset):
        """Pictures of which it is true."""
        if self.value() == "no_alt":
            return queryset.filter(overview.LACKS_ALT)
        return queryset.filter(state__in=overview.FAILED) if self.value() == "failed" else queryset


class NamedBox(forms.CheckboxInput):
    """A box with its name beside it: in a grid no head of a column says it."""

    def render(self, name, value, attrs=None, renderer=None) -> str:
        """The box inside its label."""
        return format_html("<label>{} {}</label>", super().render(name, value, attrs, renderer), _("decorative"))


class GridForm(SeenForm):
    """The words of a picture in the grid. A caption belongs to a picture's places: one field when they agree."""

    caption = LinesField(label=_("caption"), required=False)
    may_caption = False  # set by the desk, which knows who asks
    seen = (*WORDS, "decorative", "caption")

    class Meta:
        """The desk names the fields."""

        model = Image
        fields = (*WORDS, "decorative")
        widgets = {"decorative": NamedBox}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        first, last = (getattr(self.instance, name, None) for name in ("first_caption", "last_caption"))
        agree = first is not None and first == last  # a picture without a place has neither
        self.initial["caption"] = first if agree else ""
        self.fields["caption"].disabled = not (agree and self.may_caption)
        for name, field in self.fields.items():
            label = capfirst(field.label)
            field.widget.attrs["aria-label"] = f"{label}, {self.instance.pk}"
            if name != "decorative":
                field.widget.attrs |= {"rows": 2, "cols": 24, "placeholder": label}
        if first != last:
            self.fields["caption"].widget.attrs["placeholder"] = _("differs from article to article")
        self.look_again()


class ImageForm(SeenForm):
    """A picture's words and focal point, and other bytes in its place."""

    seen = (*WORDS, "decorative", "focal_x", "focal_y")

    replacement = forms.FileField(
        label=_("replacement"),
        required=False,
        help_text=_("JPEG, PNG, GIF, WebP or AVIF, 20 MB at most. It is shown wherever this picture is."),
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.gif,.webp,.avif"}),
    )

    class Meta:
        """The desk names the fields."""

        model = Image
        fields = (*WORDS, "decorative", "focal_x", "focal_y")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.look_again()

    def clean_replacement(self):
        """Bytes that Pillow has decoded."""
        file = self.cleaned_data["replacement"]
        if not file:
            return None
        if file.size > images.LARGEST:
            raise forms.ValidationError(_("The picture has more than 20 MB."), code=State.TOO_LARGE)
        raw = file.read()
        try:
            images.verify(raw)
        except images.Rejected as error:
            raise forms.ValidationError(str(error), code=error.state) from None
        return raw


@admin.register(Image)
class ImageAdmin(Desk):
    """Pictures as a grid, each with where it is used, how its fetching stands, and its words to write."""

    form = ImageForm
    list_display = ("view", "facts", "caption", "alt", "decorative", "credit", "rights")
    list_display_links = ("view",)
    list_editable = ("alt", "decorative", "credit", "rights")
    list_filter = ("state", NeedFilter, HostFilter, "decorative")
    list_per_page = 24
    search_fields = ("origin_url__exact",)
    search_help_text = _("A number, an address or a host name in full, or words of captions and articles.")
    actions = ("fetch_again",)
    readonly_fields = (
        *("large_view", "origin", "came_from", "size", "state", "reason", "attempts", "tried_at", "next_try_at"),
        *("sha256", "created_at", "stored_at", "places"),
    )
    fieldsets = (
        (None, {"fields": ("large_view", ("focal_x", "focal_y"), "alt", "decorative", "credit", "rights")}),
        (_("File"), {"fields": ("replacement", "size", ("state", "reason"), ("attempts", "tried_at", "next_try_at"))}),
        (_("Origin"), {"fields": ("origin", "came_from", "sha256", ("created_at", "stored_at"))}),
        (_("Used"), {"fields": ("places",)}),
    )

    class Media:
        """Sets the focal point by a click; without script the two numbers do."""

        js = (forms.Script("articles/focus.js", defer=True),)

    def has_add_permission(self, request) -> bool:
        """A picture comes in by an import, where its bytes are verified."""
        return False

    def has_fetch_permission(self, request) -> bool:
        """Whoever may change pictures may ask for them again."""
        return self.has_change_permission(request)

    def get_queryset(self, request):
        """With the places and the titles of their articles, and whether their captions agree; two queries more, however
        many pictures.
        """
        places = ArticleImage.objects.select_related("article").only("image", "article", "caption", "article__title")
        newest = Prefetch("places", places.order_by("-article_id")[: SHOWN_AT_MOST + 1], to_attr="newest_places")
        pictures = super().get_queryset(request)
        if is_completion(request):
            return pictures
        captions = ArticleImage.objects.filter(image=OuterRef("pk")).order_by().values("image")
        ends = {
            name: Subquery(captions.annotate(end=end("caption")).values("end"))
            for name, end in (("first_caption", Min), ("last_caption", Max))
        }
        return pictures.annotate(**ends).prefetch_related(newest)

    def get_changelist_form(self, request, **kwargs):
        """The form of one picture in the grid; captions are parts of articles, in review and later ones too."""
        rights = ("articles.change_articleimage", "articles.change_article", "articles.review_article")
        form = super().get_changelist_form(request, form=GridForm, **kwargs)
        form.may_caption = request.user.has_perms(rights)
        return form

    def find(self, queryset, term):
        """An origin's address, a host, or words of the articles that show it, captions included."""
        if "/" in term:
            return queryset.filter(origin_url=term)
        if HOST.fullmatch(term):
            return queryset.filter(host=term.lower())
        query = search.query_of(term)
        if query.is_empty:
            return queryset.none()
        found = search.matching(Article.objects.filter(entry__isnull=False), query).order_by("-entry__id")
        found = found.values("pk")[:SEARCHED_AT_MOST]
        return queryset.filter(pk__in=ArticleImage.objects.filter(article__in=found).values("image"))

    def save_model(self, request, obj, form, change) -> None:
        """Save what was changed (words of articles by their service), take a replacement in, let renditions follow."""
        words = {name: form.cleaned_data[name] for name in ("alt", "caption") if name in form.changed_data}
        if words:
            curation.describe(obj, request.user, **words)
        facts = [name for name in form.changed_data if name in FACTS]
        if facts:
            obj.save(update_fields=facts)
        raw = form.cleaned_data.get("replacement")
        if raw:
            images.keep(obj, raw)
        if obj.is_stored:
            transaction.on_commit(lambda: tell_unless(tasks.want_renditions([obj.pk]), request))

    def response_change(self, request, obj):
        """The button that asks for the picture again comes back to its page with how that ended."""
        if "_fetch" in request.POST and self.has_fetch_permission(request):
            fetch_again(request, Image.objects.filter(pk=obj.pk))
            request.POST = request.POST.copy()
            request.POST["_continue"] = "yes"
        return super().response_change(request, obj)

    @admin.action(description=_("Fetch the chosen pictures again"), permissions=["fetch"])
    def fetch_again(self, request, queryset) -> None:
        """Ask for pictures again, at once or by the workers."""
        fetch_again(request, queryset)

    def get_deleted_objects(self, objs, request):
        """What goes with pictures, in numbers; their renditions are files that nobody has a right of their own to."""
        chosen = list(objs)
        places = ArticleImage.objects.filter(image__in=chosen).count()
        return [str(image) for image in chosen], {_("images"): len(chosen), _("places"): places}, set(), []

    def delete_model(self, request, obj) -> None:
        """With its files."""
        _remove(request, [obj.pk])

    def delete_queryset(self, request, queryset) -> None:
        """With their files."""
        _remove(request, list(queryset.values_list("pk", flat=True)))

    @admin.display(description=_("picture"))
    def view(self, image: Image) -> str:
        """Small."""
        return thumbnail(image)

    @admin.display(description=_("picture"))
    def large_view(self, image: Image) -> str:
        """As large as the page allows; a click sets the focal point."""
        if not image.is_stored:
            return thumbnail(image)
        return format_html(
            '<div class="large" data-focus><img class="thumbnail" src="{}" alt="{}"></div>', image.file.url, image.alt
        )

    @admin.display(description=_("facts"))
    def facts(self, image: Image) -> str:
        """State and reason, size, host, and where it is used."""
        places = image.newest_places
        links = [change_link("article", place.article_id, place.article.title) for place in places[:SHOWN_IN_GRID]]
        more = len(places) - SHOWN_IN_GRID
        return format_html(
            '<div class="state state-{}">{}</div><div class="reason">{}</div><div class="quiet">{} · {}</div>{}{}',
            image.state,
            image.get_state_display(),
            image.reason,
            self.size(image),
            image.host,
            as_list(links),
            format_html('<div class="quiet">{}</div>', _("and %(number)d more") % {"number": more}) if more > 0 else "",
        )

    @admin.display(description=_("caption"))
    def caption(self, image: Image) -> str:
        """For those who may only look; the grid's form has a field of this name."""
        return next((place.caption for place in image.newest_places if place.caption), "")

    @admin.display(description=_("origin address"))
    def origin(self, image: Image) -> str:
        """Where the picture was found."""
        return outside_link(image.origin_url)

    @admin.display(description=_("fetched from"))
    def came_from(self, image: Image) -> str:
        """Where its bytes came from, when that is known."""
        return outside_link(image.fetched_from)

    @admin.display(description=_("size"))
    def size(self, image: Image) -> str:
        """In pixels."""
        return f"{image.width} × {image.height}" if image.width and image.height else "–"

    @admin.display(description=_("in articles"))
    def places(self, image: Image) -> str:
        """Articles that show it, and the way to all of them as a list."""
        places = image.newest_places[:SHOWN_AT_MOST]
        links = [change_link("article", place.article_id, place.article.title) for place in places]
        return as_list([*links, list_link("article", _("All articles with this picture"), picture=image.pk)])


class BoardList(ChangeList):
    """Counts the pictures of the hosts on this page by state: one query, answered from an index."""

    def get_results(self, request) -> None:
        """Give each host its `numbers`."""
        super().get_results(request)
        hosts = {host.name: host for host in self.result_list}
        for host in hosts.values():
            host.numbers = dict.fromkeys(State.values, 0)
        rows = Image.objects.filter(host__in=hosts).order_by().values_list("host", "state").annotate(number=Count("pk"))
        for name, state, number in rows:
            hosts[name].numbers[state] = number
        self.result_list = list(hosts.values())


@admin.register(ImageHost)
class ImageHostAdmin(Record):
    """The health of hosts: what came, what did not, and when they last answered."""

    list_display = (
        *("name", "stored", "waiting", "gone", "blocked", "other"),
        *("last_success_at", "last_fault_at", "last_fault", "rests_until"),
    )
    fields = ("name", "faults", "rests_until", "next_request_at", "last_success_at", "last_fault_at", "last_fault")
    search_fields = ("name__startswith",)
    search_help_text = _("The beginning of a host name.")
    ordering = ("name",)
    actions = ("fetch_again",)

    def get_changelist(self, request, **kwargs):
        """The list that counts."""
        return BoardList

    def has_fetch_permission(self, request) -> bool:
        """Whoever may change pictures may ask for them again."""
        return request.user.has_perm("articles.change_image")

    @admin.action(description=_("Fetch again what the chosen hosts have not given"), permissions=["fetch"])
    def fetch_again(self, request, queryset) -> None:
        """Let every picture of these hosts that is not stored be tried anew, and the hosts too."""
        names = list(queryset.values_list("name", flat=True))
        ImageHost.objects.filter(name__in=names).update(faults=0, rests_until=None)
        fetch_again(request, Image.objects.filter(host__in=names).exclude(state=State.STORED))

    def find(self, queryset, term):
        """By the beginning of its name."""
        return queryset.filter(name__startswith=term.lower())

    @admin.display(description=_("stored"))
    def stored(self, host: ImageHost) -> str:
        """Pictures that are here."""
        return _number(host, State.STORED)

    @admin.display(description=_("waiting"))
    def waiting(self, host: ImageHost) -> str:
        """Pictures that may come."""
        return _number(host, State.WAITING)

    @admin.display(description=_("gone"))
    def gone(self, host: ImageHost) -> str:
        """Pictures that nobody has any more."""
        return _number(host, State.GONE)

    @admin.display(description=_("blocked"))
    def blocked(self, host: ImageHost) -> str:
        """Pictures that the host refuses to give."""
        return _number(host, State.BLOCKED)

    @admin.display(description=_("refused here"))
    def other(self, host: ImageHost) -> int:
        """Pictures that came and were too large, unsafe or none."""
        return sum(host.numbers[state] for state in (State.TOO_LARGE, State.NOT_AN_IMAGE, State.UNSAFE))


@admin.register(Rendition)
class RenditionAdmin(Record):
    """Files made of pictures; reached by their address."""

    list_display = ("stem", "width", "height", "suffixes", "size", "made_at")
    ordering = ("-id",)

    def has_module_permission(self, request) -> bool:
        """Not on the front page: they belong to pictures."""
        return False


def fetch_again(request, queryset: QuerySet[Image]) -> None:
    """Ask for pictures again and say how that went: one at once, many by the workers or by the command."""
    if not settings.FETCH_IMAGES:
        messages.warning(request, _("NEWSROOM_FETCH_IMAGES is false: nothing is fetched."))
        return
    numbers = list(queryset.values_list("pk", flat=True))
    images.begin_again(numbers)
    if len(numbers) == 1:
        tell_unless(tasks.offer(tasks.fetch_image, numbers[0], again=True), request)
        image = Image.objects.get(pk=numbers[0])
        words = {"state": image.get_state_display(), "reason": image.reason}
        messages.info(request, _("Asked for again; it is %(state)s. %(reason)s") % words)
        return
    if settings.HAS_BROKER:
        tell_unless(tasks.offer(tasks.fetch_due_images), request)
    words = ngettext("%d picture waits to be fetched.", "%d pictures wait to be fetched.", len(numbers)) % len(numbers)
    door = "" if settings.HAS_BROKER else _("Without a broker they come with: manage.py fetch_images")
    messages.info(request, f"{words} {door}")


def _remove(request, numbers: list[int]) -> None:
    """Delete pictures; the articles that showed them keep a revision, and search forgets their captions."""
    chosen = Image.objects.filter(pk__in=numbers)
    with curation.changing(curation.articles_with(chosen), request.user, gettext("A picture was deleted")):
        images.remove(chosen)


def _number(host: ImageHost, state: str) -> str:
    number = host.numbers[state]
    return list_link("image", number, host=host.name, state__exact=state) if number else "–"


def as_list(links: list[str]) -> str:
    """Links below each other."""
    return format_html("<ul class='plain'>{}</ul>", format_html_join("", "<li>{}</li>", ((link,) for link in links)))
