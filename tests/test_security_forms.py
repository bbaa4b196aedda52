"""What a form does not show is not written, whoever sends it: every form of the desk, sent plain and with more."""

import contextlib
import datetime

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from articles.models import Article
from tests import makers
from tests.admin.conftest import fill
from tests.test_security_objects import contents

pytestmark = pytest.mark.django_db

MOMENT = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
# Forms that must have been tried with success, or the test would say nothing.
CHANGED = {
    "reporter": {"article", "savedfilter"},
    "chief": {"article", "articleimage", "image", "savedfilter", "source", "spelling", "story", "synonymset", "tag"},
}
CHANGED["chief"] |= {"tagalias", "user"}
CHANGED["superuser"] = CHANGED["chief"] | {"group"}
ADDED = {
    "reporter": {"article", "takedown"},
    "chief": {"article", "source", "spelling", "synonymset", "tag", "takedown"},
}
ADDED["superuser"] = ADDED["chief"] | {"group", "user"}
TYPED = {"password1": "four birds, one tree", "password2": "four birds, one tree", "article_number": "{0.pk}"}
TYPED |= {"source": "{0.source_id}", "basis": "court", "requester_kind": "court", "reason": "Az. 7 O"}
MINE = "three herons, no river"
TYPED |= {"own_password": MINE}
BOUND = (
    "own_password",
    "language",
    "_0",
    "_1",
    "timezone",
    "hosts",
    "-",
    "url",
    "feed",
    "hub",
    "pattern",
)  # no free words


class Shown:
    """The controls of a page's forms: what a browser would send, and the names that somebody can fill in."""

    def __init__(self, page: str) -> None:
        self.sent: dict[str, list[str]] = {}
        self.names: set[str] = set()
        self.texts: list[str] = []
        for node in LexborHTMLParser(page).css("form input[name], form textarea[name], form select[name]"):
            given = node.attributes
            name, kind = given["name"], given.get("type") or node.tag
            if "disabled" in given or kind in ("submit", "file", "image"):
                continue
            self.names.add(name)
            if node.tag == "select":
                chosen = [one.attributes.get("value") or "" for one in node.css("option[selected]")]
                first = [one.attributes.get("value") or "" for one in node.css("option")][:1]
                self.sent[name] = chosen or ([] if "multiple" in given else first)
            elif kind in ("checkbox", "radio"):
                self.sent.setdefault(name, [])
                self.sent[name] += [given.get("value", "on") or ""] if "checked" in given else []
            else:
                self.sent[name] = [node.text() if node.tag == "textarea" else given.get("value") or ""]
                self.texts += [name] if kind in ("text", "textarea") and not name.startswith("_") else []

    def shows(self, field: models.Field, prefix: str = "") -> bool:
        """Whether the form has it, whole or in parts."""
        return any(name == prefix + field.name or name.startswith(f"{prefix}{field.name}_") for name in self.names)


def forged(field: models.Field) -> dict[str, list[str]]:
    """Values that a form of this field would take."""
    name = field.name
    if field.remote_field:
        numbers = [
            str(pk) for pk in field.remote_field.model._base_manager.order_by("-pk").values_list("pk", flat=True)
        ]
        return {name: numbers[: 9 if field.many_to_many else 1], f"{name}_id": numbers[:1]}
    if field.choices:
        return {name: [str(field.choices[-1][0])]}
    if isinstance(field, models.BooleanField):
        return {name: ["" if field.default else "on"]}
    if isinstance(field, models.DateField):
        return {name: ["2020-01-01"], f"{name}_0": ["2020-01-01"], f"{name}_1": ["00:00:00"]}
    if isinstance(field, models.JSONField):
        return {name: ['{"forged": 1}']}
    return {name: ["7" if isinstance(field, models.IntegerField | models.FloatField) else "forged"]}


def hidden(model, shown: Shown, prefix: str = "") -> dict[str, list[str]]:
    """Everything that a row has and the form does not show."""
    values = {}
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        if not field.primary_key and not shown.shows(field, prefix):
            values |= {prefix + name: value for name, value in forged(field).items() if value}
    return values


def parts_of(desk, shown: Shown):
    """The tables of a form's inner rows, by the beginning of their names."""
    for inline in desk.inlines:
        for name in shown.names:
            if name.endswith("-TOTAL_FORMS") and inline.model._meta.model_name in name.replace("_", ""):
                yield inline.model, f"{name.removesuffix('TOTAL_FORMS')}0-"


@contextlib.contextmanager
def taken_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def after(client, address: str, sent: dict) -> dict:
    """All that is stored after a form was sent (in two steps, where the first one only counts); it is taken back."""
    cache.clear()
    with taken_back():
        answer = client.post(address, sent | {"_save": "1", "step": "preview"})
        if answer.status_code == 200 and b'name="seen"' in answer.content:
            client.post(address, sent | Shown(answer.content.decode()).sent | {"step": "ask"})
        return contents()


def filled(shown: Shown, like: dict, article: Article) -> dict:
    """What somebody sends who has changed each line; what is empty is filled in as `like`."""
    sent = {}
    for name, values in shown.sent.items():
        sent[name] = values if any(values) else like.get(name, values)
        if name in TYPED and not any(sent[name]):
            sent[name] = [TYPED[name].format(article)]
        is_markup = "".join(sent[name]).startswith(("http", "<"))
        if name in shown.texts and not is_markup and not any(part in name for part in BOUND):
            sent[name] = [f"{''.join(sent[name])[:40]}x"]
    return sent


@pytest.mark.parametrize("role", ["reporter", "chief", "superuser"])
def test_no_form_of_the_desk_writes_what_it_does_not_show(role, monkeypatch):
    monkeypatch.setattr(MD5PasswordHasher, "salt", lambda _: "the same each time")
    rows = fill(2)
    rows |= {"user": makers.UserMaker(username="other"), "group": Group.objects.get(name="reporter")}
    me = makers.UserMaker(username="me", is_superuser=role == "superuser")
    me.groups.add(*Group.objects.filter(name=role))
    me.set_password(MINE)
    me.save()
    rows["savedfilter"] = makers.SavedFilterMaker(owner=me)
    rows["article"] = makers.ArticleMaker(status="draft")
    makers.ArticleImageMaker(article=rows["article"], image=rows["image"])
    client = Client()
    client.force_login(me)
    changed, added = set(), set()
    with time_machine.travel(MOMENT, tick=False):
        before = contents()
        for model, desk in admin.site._registry.items():
            name, app = model._meta.model_name, model._meta.app_label
            like = {}
            for page, done in (("change", changed), ("add", added)):
                numbers = [rows[name].pk] if page == "change" else []
                address = reverse(f"admin:{app}_{name}_{page}", args=numbers)
                answer = client.get(address)
                if answer.status_code != 200:
                    continue
                shown = Shown(answer.content.decode())
                like = like or shown.sent
                sent = filled(shown, like, rows["article"])
                more = hidden(model, shown)
                for part, prefix in parts_of(desk, shown):
                    more |= hidden(part, shown, prefix)
                plain = after(client, address, sent)
                assert after(client, address, more | sent) == plain, address
                if plain != before:
                    done.add(name)
    assert changed >= CHANGED[role]
    assert added >= ADDED[role]


def test_a_form_that_wrote_more_would_be_seen(monkeypatch):
    article = makers.ArticleMaker(status="draft")
    client = Client()
    client.force_login(makers.UserMaker(is_superuser=True))
    address = reverse("admin:articles_article_change", args=[article.pk])
    shown = Shown(client.get(address).content.decode())
    assert {"status", "stub", "entered_at_0", "edited_by"} <= set(hidden(Article, shown))
    desk = admin.site._registry[Article]
    real = type(desk).save_model

    def careless(self, request, obj, form, change):
        real(self, request, obj, form, change)
        Article.objects.filter(pk=obj.pk).update(stub="stub" in request.POST)

    monkeypatch.setattr(type(desk), "save_model", careless)
    sent = filled(shown, {}, article)
    with time_machine.travel(MOMENT, tick=False):
        assert after(client, address, hidden(Article, shown) | sent) != after(client, address, sent)
