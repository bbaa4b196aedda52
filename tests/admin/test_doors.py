"""Every door of the admin: none lets the search index fall behind, and none breaks on what is typed into its box."""

import datetime
from urllib.parse import quote, quote_from_bytes

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse
from django.utils import timezone

from articles import search
from tests.admin.conftest import fill
from tests.admin.test_every_page import MODELS, NOT_ADDED, NOT_DELETED, READ_ONLY

# Models whose words are in the index: of these every deed must have come about, or the table proves nothing.
# An article with a history is deleted by nobody: its records would go with it.
INDEXED = ("article", "articleimage", "image", "tag", "taggedarticle")


def address(model, page, *args):
    return reverse(f"admin:articles_{model}_{page}", args=args)


def forms_on(answer):
    """The form of a page and those of its parts; none on a page of a desk's own."""
    if "adminform" not in (answer.context or {}):
        return []
    found = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        found += [inline.formset.management_form, *inline.formset.forms]
    return found


# Words that must make sense.
SENSE = {"timezone": "Europe/Berlin", "language": "zh", "slug": "neu"}


def typed(bound, *, new):
    """What an editor would type into a field: other words than are there."""
    field, value = bound.field, bound.form.get_initial_for_field(bound.field, bound.name)
    if isinstance(field, (forms.ModelMultipleChoiceField, forms.ModelChoiceField)):
        return chosen(field, value, new=new)
    if isinstance(field, forms.ChoiceField):
        return value or next((key for key, _label in field.choices if key), "")
    if isinstance(field, (forms.DateTimeField, forms.SplitDateTimeField)):
        return value or (timezone.now() + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    if type(field.widget) is forms.HiddenInput or isinstance(field, (forms.BooleanField, forms.FileField)):
        return value
    if isinstance(field, (forms.IntegerField, forms.FloatField)):
        return 7 if value is None else value
    return value or SENSE[bound.name] if bound.name in SENSE else f"{value or ''}燈塔"


def chosen(field, value, *, new):
    """Rows that a field may name: the last for what is new, else the first where there is one."""
    rows = [str(row.pk) for row in field.queryset.order_by("pk")]
    if isinstance(field, forms.ModelMultipleChoiceField):
        return rows[:2]
    return rows[-1 if new else 0] if rows and (new or value) else value


def filled(answer, *, new=False):
    """What a browser sends from a page on which every word was changed."""
    sent = {}
    for form in forms_on(answer):
        for bound in form:
            value = typed(bound, new=new)
            if hasattr(bound.field.widget, "widgets"):
                parts = bound.field.widget.decompress(None if isinstance(value, str) else value)
                sent |= {f"{bound.html_name}_{number}": part or "" for number, part in enumerate(parts)}
            elif value is not None and value is not False:
                sent[bound.html_name] = value
            if bound.field.show_hidden_initial:
                seen = bound.form.get_initial_for_field(bound.field, bound.name)
                sent[bound.html_initial_name] = "" if seen is None else str(seen)
    return sent


@pytest.mark.parametrize("model", MODELS)
def test_every_door_of_the_admin_leaves_the_search_index_in_step(desk, model, django_capture_on_commit_callbacks):
    row = fill(1)[model]
    done = {}

    def do(deed, page, sent):
        search.rebuild()
        with django_capture_on_commit_callbacks(execute=True):
            answer = desk.post(page, sent)
        done[deed] = answer.status_code
        assert answer.status_code < 500, deed
        assert not search.check().any, f"{model}: {deed}"

    if model not in READ_ONLY:
        page = address(model, "change", row.pk)
        do("change", page, filled(desk.get(page)))
    if model not in NOT_ADDED:
        page = address(model, "add")
        do("add", page, filled(desk.get(page), new=True))
    listed = address(model, "changelist")
    answer = desk.get(listed)
    if answer.context["cl"].formset:
        sent = {"_save": "yes"}
        for form in (answer.context["cl"].formset.management_form, *answer.context["cl"].formset.forms):
            sent |= {
                bound.html_name: value for bound in form if (value := typed(bound, new=False)) not in (None, False)
            }
        do("grid", listed, sent)
    rows = list(apps.get_model("articles", model).objects.values_list("pk", flat=True))
    for name in (
        [name for name, _label in answer.context.get("action_form").fields["action"].choices if name]
        if (answer.context.get("action_form"))
        else []
    ):
        if name != "delete_selected":
            do(name, listed, {"action": name, ACTION_CHECKBOX_NAME: rows})
    if model not in NOT_DELETED:
        do("delete", address(model, "delete", row.pk), {"post": "yes"})
        do("delete_selected", listed, {"action": "delete_selected", ACTION_CHECKBOX_NAME: rows, "post": "yes"})
    if model in INDEXED:
        wanted = {"change"} | (set() if model in NOT_ADDED else {"add"}) | (set() if model == "article" else {"delete"})
        assert {deed: done[deed] for deed in wanted} == dict.fromkeys(wanted, 302)


HOSTILE = [
    '"',
    "'",
    '"""',
    "*",
    "港*",
    "NEAR(",
    "NEAR(港 口, 5)",
    "title:",
    'source:dw tag: by:" after:x before:9999-99-99',
    "-",
    "--",
    '-"',
    "AND OR NOT",
    "(",
    "%",
    "_",
    "\\",
    "港\x00口",
    "\x00",
    "\u202e\u200f\u200e港\u2066",
    "\u0301\u0301",
    "\ufeff",
    "𠮷\U0010ffff",
    "港" * 3400,  # 10 kB
    "a " * 5000,
    "9" * 5000,
    "-" * 5000,
    "TD-" + "9" * 40,
    "²",
    "٣",
    "https://" + "a" * 5000,
    "https://[",
    "'; DROP TABLE articles_article; --",
]
ODDLY_CARRIED = ["\x00", "港\x00口", "\u202e\u200f\u200e港\u2066", "9" * 5000, "NEAR("]
SURROGATES = b"\xed\xa0\x80\xed\xb0\x80\xff\xc0\x80"  # lone, and what is no UTF-8 at all


def encoded():
    return [quote(words, safe="") for words in HOSTILE] + [quote_from_bytes(SURROGATES)]


SEARCHED = sorted(
    model._meta.model_name
    for model, desk_of in admin.site._registry.items()
    if model._meta.app_label == "articles" and desk_of.search_fields
)


@pytest.mark.parametrize("model", SEARCHED)
def test_no_words_in_a_search_box_break_a_list(desk, rf, chief, model):
    """Each asked for as the list asks; those that an address carries in a way of its own, by an address."""
    fill(1)
    search.rebuild()
    desk_of = admin.site._registry[apps.get_model("articles", model)]
    request = rf.get("/")
    request.user, request.resolver_match = chief, None
    for words in (*HOSTILE, "\ud800", "港\udfff口", "\udc80\ud800"):
        rows, _may_repeat = desk_of.get_search_results(request, desk_of.get_queryset(request), words)
        list(rows[:3])
    for words in (*map(quote, ODDLY_CARRIED), quote_from_bytes(SURROGATES)):
        answer = desk.get(f"{address(model, 'changelist')}?q={words}")
        assert answer.status_code in (200, 302), words[:60]


def completions():
    """Every field of a model of ours that is completed, as the page asks for it."""
    for model, desk_of in admin.site._registry.items():
        if model._meta.app_label == "articles":
            parts = [(part.model, part.autocomplete_fields) for part in desk_of.inlines]
            for of, names in ((model, desk_of.autocomplete_fields), *parts):
                yield from ((of._meta.model_name, name) for name in names)


@pytest.mark.parametrize(("model", "field"), sorted({*completions(), ("article", "tags")}))
def test_no_words_break_a_completion(desk, model, field):
    fill(1)
    search.rebuild()
    for words in encoded():
        asked = f"app_label=articles&model_name={model}&field_name={field}&term={words}"
        assert desk.get(f"{reverse('admin:autocomplete')}?{asked}").status_code == 200, words[:60]


def test_no_words_break_triage(desk):
    fill(2)
    search.rebuild()
    page = reverse("admin:articles_article_triage")
    numbers = ("9" * 5000, "9" * 19, "-1", "²", "٣", "\x00", "'")
    asked = [("q", words) for words in encoded()]
    asked += [(name, quote(words)) for name in ("item", "p", "topic", "source__id__exact") for words in numbers]
    for name, words in asked:
        assert desk.get(f"{page}?{name}={words}").status_code in (200, 302, 404), (name, words[:60])
