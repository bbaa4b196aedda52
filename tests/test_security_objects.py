"""Rights over single rows: fields that no form shows, deeds on rows of others, numbers that are not one's own."""

import json
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse
from django.utils import timezone

from articles import guarding, search
from articles.guarding.held import APART, HELD
from articles.models import (
    Article,
    Claim,
    FirstFilter,
    Presence,
    SavedFilter,
    TagVerdict,
    TriageDeed,
    Unsaved,
    preview_address,
    unsaved_preview_address,
)
from articles.models.preview import SALT
from tests import makers
from tests.admin.conftest import fill
from tests.admin.test_articles import form_of, page_of

pytestmark = pytest.mark.django_db

ROLES = ("reporter", "editor", "chief")
# What a save may write besides the fields that it was sent.
FOLLOWING = {
    *("updated_at", "edited_at", "edited_by_id", "text", "links", "excerpt", "policy_version", "slug"),
    *("published_on", "listed_at", "published_from"),
}
RECORDS = {"deed", "staffsession", "edition", "presence", "claim", "firstfilter"}  # of looking and trying


def staff(role):
    user, client = makers.UserMaker(username=f"the-{role}"), Client()
    user.groups.add(*Group.objects.filter(name=role))
    client.force_login(user)
    return user, client


def contents(*, but=RECORDS) -> dict:
    """All rows of all our tables and of people, but for records of looking."""
    models = [*apps.get_app_config("articles").get_models(), *apps.get_app_config("auth").get_models()]
    return {
        model._meta.model_name: list(model._base_manager.order_by("pk").values())
        for model in models
        if model._meta.model_name not in but
    }


@pytest.mark.parametrize("role", ROLES)
def test_fields_that_the_form_does_not_show_are_written_by_nobody(role):
    user, client = staff(role)
    article = makers.ArticleMaker(status="draft")
    shown = set(client.get(page_of(article)).context["adminform"].form.fields)
    hidden = {field.name for field in Article._meta.fields} - shown
    assert {"status", "policy_version", "text", "edited_by", "address_key", "entered_at", "stub"} <= hidden
    forged = dict.fromkeys(hidden, "1") | {"status": "published", "_publish": "1", "entered_at_0": "2020-01-01"}
    before = Article.objects.filter(pk=article.pk).values().get()
    answer = client.post(page_of(article), form_of(client, article, title="新的題目") | forged)
    assert answer.status_code == 302
    after = Article.objects.filter(pk=article.pk).values().get()
    changed = {name for name in after if after[name] != before[name]}
    assert "title" in changed
    assert changed - shown <= FOLLOWING
    assert (after["status"], after["edited_by_id"]) == ("draft", user.pk)


def test_a_chief_gives_no_rights_that_the_form_does_not_show():
    _, client = staff("chief")
    person = makers.UserMaker(username="other")
    forged = {"is_superuser": "on", "user_permissions": ["1", "2"], "password": "x", "id": "1", "last_login_0": "x"}
    for address in (reverse("admin:auth_user_change", args=[person.pk]), reverse("admin:auth_user_add")):
        client.post(address, {"username": "someone", "is_staff": "on", "is_active": "on"} | forged)
    person.refresh_from_db()
    assert person.username == "someone"
    assert not person.is_superuser
    assert not person.user_permissions.exists()
    assert not person.has_usable_password() or not person.check_password("x")


@pytest.mark.parametrize("role", ["", *ROLES])
def test_no_role_does_by_an_action_what_it_may_not_do_to_a_row(role):
    """Every action that a superuser has, on every row there is, sent by hand."""
    rows = fill(2)
    root = makers.UserMaker(is_superuser=True)
    asked = RequestFactory().get("/admin/")
    asked.user = root
    _, client = staff(role)
    asked_of_role = RequestFactory().get("/admin/")
    asked_of_role.user = client.get("/admin/").context["user"]
    tried, before = 0, contents()
    for model, desk in admin.site._registry.items():
        if model._meta.app_label != "articles":
            continue
        own = set(desk.get_actions(asked_of_role)) if desk.has_view_permission(asked_of_role) else set()
        for name in set(desk.get_actions(asked)) - own | {"delete_selected"} - own:
            sent = {"action": name, "_selected_action": [str(row.pk) for row in model._base_manager.all()]}
            for more in ({}, {"post": "yes"}, {"post": "yes", "deed": "publish", "note": "x", "given": "x"}):
                address = reverse(f"admin:articles_{model._meta.model_name}_changelist")
                answer = client.post(address, sent | more)
                assert answer.status_code in (200, 302, 403), (name, address)
            tried += 1
    assert tried > 20
    assert contents() == before
    assert rows["article"].pk


@pytest.mark.parametrize("role", ROLES)
def test_what_somebody_keeps_for_themselves_is_nobody_elses(role):
    owner = makers.UserMaker()
    article = makers.ArticleMaker(status="draft")
    mine = makers.SavedFilterMaker(owner=owner, is_shared=False, name="只有我")
    typed = Unsaved.objects.create(
        page="b" * 32, user=owner, article=article, values={"title": ["只有我"]}, typed_at=timezone.now()
    )
    _, client = staff(role)
    before = contents()
    for page in ("change", "delete", "history"):
        address = reverse(f"admin:articles_savedfilter_{page}", args=[mine.pk])
        for answer in (client.get(address), client.post(address, {"name": "x", "post": "yes"})):
            assert answer.status_code in (302, 403, 404)
            assert "只有我" not in answer.content.decode()
    assert "只有我" not in client.get(reverse("admin:articles_savedfilter_changelist")).content.decode()
    assert client.get(unsaved_preview_address(typed.page)).status_code == 404
    form = form_of(client, article) | {"_page": typed.page}
    assert client.post(reverse("admin:articles_article_unsaved", args=[article.pk]), form).status_code == 409
    client.post(reverse("admin:articles_article_discard", args=[article.pk]), {"discard": typed.page})
    assert "只有我" not in client.get(f"{page_of(article)}?restore={typed.page}").content.decode()
    assert contents() == before
    assert SavedFilter.objects.filter(pk=mine.pk).exists()


@pytest.mark.parametrize("state", ["inbox", "draft", "review", "withdrawn"])
def test_a_number_opens_no_article_that_readers_cannot_see(client, state):
    secret = makers.ArticleMaker(status=state, title="尚未公開的題目", text="尚未公開的內容")
    search.index([secret.pk])
    patterns = {str(pattern.pattern) for pattern in get_resolver().url_patterns[-1].url_patterns}
    numbered = {pattern for pattern in patterns if "<int:number>" in pattern}
    assert len(numbered) >= 5
    for pattern in numbered:
        address = "/" + pattern.replace("<int:number>", str(secret.pk)).replace("<str:slug>", secret.slug)
        answer = client.get(address)
        assert answer.status_code in (404, 410), address
        assert "尚未公開" not in answer.content.decode()
    for address in (
        f"/oembed?{urlencode({'url': f'http://127.0.0.1:8000{secret.get_absolute_url()}'})}",
        f"/search.json?{urlencode({'q': '尚未公開'})}",
        f"/search/?{urlencode({'q': '尚未公開的內容'})}",
        *("/api/articles/", "/feed.json", "/sitemap.xml", f"/source/{secret.source.slug}/"),
    ):
        assert "尚未公開的題目" not in json.dumps(client.get(address).content.decode(), ensure_ascii=False), address


def test_a_preview_opens_its_own_article_and_no_other_door(client):
    mine, other = makers.ArticleMaker.create_batch(2, status="draft")
    token = preview_address(mine.pk).strip("/").partition("/")[2]
    value, _, rest = token.partition(":")
    theirs = preview_address(other.pk).strip("/").partition("/")[2].partition(":")[0]
    assert value != theirs
    for forged in (f"{theirs}:{rest}", f"{value}:{rest[:-1]}", f"{value}.{rest}", f"{value}::{rest}", token.swapcase()):
        assert client.get(f"/preview/{forged}/").status_code == 404
    for door in ("preview/front", "preview/unsaved"):
        assert client.get(f"/{door}/{token}/").status_code == 404
    assert client.get(f"/preview/{token}/").status_code == 200
    assert SALT not in token


def test_refusals_look_like_the_site_and_say_what_to_do(db):
    _, client = staff("reporter")
    refused = client.get(reverse("admin:articles_deed_changelist"))
    stale = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})
    for answer, words in ((refused, "ask a chief"), (stale, "Load the page anew")):
        text = answer.content.decode()
        assert answer.status_code == 403
        assert words in text
        assert 'class="masthead"' in text
        assert 'name="robots" content="noindex"' in text
        assert "Traceback" not in text
        assert "CSRF verification failed" not in text


def test_a_person_is_written_out_and_erased_at_the_desk_as_by_the_commands(client):
    root = makers.UserMaker(is_superuser=True)
    person = makers.UserMaker(username="leaving", email="a@b.example")
    revision = makers.RevisionMaker(author=person)
    client.force_login(root)
    page = client.get(reverse("admin:auth_user_change", args=[person.pk])).content.decode()
    export, erase = (reverse(f"admin:auth_user_{name}", args=[person.pk]) for name in ("export", "erase"))
    assert export in page
    assert erase in page
    assert client.get(export).status_code == 405
    answer = client.post(export)
    assert json.loads(answer.content)["account"]["email"] == "a@b.example"
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert client.get(erase).status_code == 200
    assert "is not the name" in client.post(erase, {"name": "somebody"}).content.decode()
    person.refresh_from_db()
    assert person.email
    client.post(erase, {"name": "leaving"})
    person.refresh_from_db()
    assert (person.username, person.email, person.is_active) == (f"former-{person.pk}", "", False)
    revision.refresh_from_db()
    assert revision.author_id == person.pk


# One row a table of `held.HELD`, made as if `person` had made it.
MADE = {
    "filters": lambda person, article: makers.SavedFilterMaker(owner=person, is_shared=False),
    "first_filter": lambda person, article: FirstFilter.objects.create(
        user=person, filter=makers.SavedFilterMaker(is_shared=True)
    ),
    "unsaved_texts": lambda person, article: Unsaved.objects.create(
        page=f"{person.pk:032x}", user=person, article=article, values={"title": ["只有我"]}, typed_at=timezone.now()
    ),
    "open_articles": lambda person, article: Presence.objects.create(
        article=article, user=person, seen_at=timezone.now()
    ),
    "claims": lambda person, article: Claim.objects.create(article=article, user=person, ends_at=timezone.now()),
    "triage": lambda person, article: TriageDeed.objects.create(user=person, article=article, deed="publish"),
    "log_of_django": lambda person, article: LogEntry.objects.create(user=person, action_flag=1, object_repr="x"),
    "edited_articles": lambda person, article: makers.ArticleMaker(edited_by=person, edited_at=timezone.now()),
    "revisions": lambda person, article: makers.RevisionMaker(author=person),
    "steps": lambda person, article: makers.StepMaker(made_by=person),
    "corrections": lambda person, article: makers.CorrectionMaker(made_by=person),
    "take_downs": lambda person, article: makers.TakeDownMaker(asked_by=person, decided_by=person),
    "imports": lambda person, article: makers.ImportRunMaker(started_by=person),
    "front_pages": lambda person, article: makers.FrontPageMaker(changed_by=person),
    "bulk_jobs": lambda person, article: makers.BulkJobMaker(made_by=person),
    "verdicts_on_copies": lambda person, article: article.possible_duplicates.create(
        other=makers.ArticleMaker(), reason="same text", verdict="different", judged_by=person
    ),
    "merged_articles": lambda person, article: makers.ArticleMergeMaker(made_by=person),
    "merged_topics": lambda person, article: makers.TagMergeMaker(made_by=person),
    "verdicts_on_topics": lambda person, article: TagVerdict.objects.create(
        article=article, tag=makers.TagMaker(), accepted=True, made_by=person
    ),
    "stories": lambda person, article: makers.StoryMaker(decided_by=person),
}


def test_every_table_that_names_a_person_is_written_out_and_says_what_becomes_of_it():
    accounts = set()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            is_account = field.remote_field and field.remote_field.model is get_user_model()
            if is_account or field.name in ("account", "actor_number"):
                accounts.add(f"{model._meta.label}.{field.name}")
    told = {f"{held.model._meta.label}.{field}" for held in HELD.values() for field in held.by}
    assert accounts - told - set(APART) == set(), "add it to articles/guarding/held.py"
    assert told | set(APART) == accounts
    assert set(MADE) == set(HELD)


@pytest.mark.parametrize("name", MADE)
def test_what_a_person_did_is_written_out_and_what_is_only_theirs_goes_with_them(name):
    person, other, article = makers.UserMaker(), makers.UserMaker(), makers.ArticleMaker()
    row, theirs = MADE[name](person, article), MADE[name](other, makers.ArticleMaker())
    [written] = json.loads(json.dumps(guarding.export_person(person)))[name]
    assert all(part in written for part in HELD[name].told)
    guarding.erase_person(person)
    assert type(row)._base_manager.filter(pk=row.pk).exists() is (HELD[name].erased is None)
    assert type(row)._base_manager.filter(pk=theirs.pk).exists(), "others keep theirs"


def test_what_was_typed_and_what_was_taken_down_are_written_out_in_words():
    person = makers.UserMaker()
    for name in ("unsaved_texts", "take_downs"):
        MADE[name](person, makers.ArticleMaker())
    told = guarding.export_person(person)
    assert told["unsaved_texts"][0]["values"] == {"title": ["只有我"]}
    assert told["take_downs"][0]["as"] == ["asked_by", "decided_by"]
    assert told["take_downs"][0]["reason"] == "Az. 7 O 12/25"


def test_a_filter_that_is_shared_stays_for_those_who_use_it():
    person = makers.UserMaker()
    shared = makers.SavedFilterMaker(owner=person, is_shared=True)
    guarding.erase_person(person)
    assert SavedFilter.objects.filter(pk=shared.pk).exists()


def test_nobody_erases_themselves_and_a_chief_erases_nobody(client):
    root, person = makers.UserMaker(is_superuser=True), makers.UserMaker()
    client.force_login(root)
    assert client.post(reverse("admin:auth_user_erase", args=[root.pk]), {"name": root.username}).status_code == 403
    _, chief = staff("chief")
    assert chief.post(reverse("admin:auth_user_erase", args=[person.pk]), {"name": person.username}).status_code == 403
    assert chief.post(reverse("admin:auth_user_export", args=[person.pk])).status_code == 200
    assert chief.post(reverse("admin:auth_user_export", args=[root.pk])).status_code == 404


@pytest.mark.parametrize("role", ["", *ROLES])
def test_everybody_at_the_desk_reads_what_is_stored_about_them(role):
    user, client = staff(role)
    told = json.loads(client.post(reverse("signing:export_own")).content)
    assert told["account"]["name"] == user.username
