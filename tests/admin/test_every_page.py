"""Every model has its desk, every page of every desk opens, and none of them asks more when there is more."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Article
from tests import makers
from tests.admin.conftest import fill

# Models without a desk, each with the reason: they say nothing to a person, or another desk says it better.
BOOKKEEPING = {
    "announced": "the last state of a feed that hubs were told of; Ping tells the rest",
    "band": "a part of a signature, a number",
    "edition": "one number that tells caches that something has changed",
    "entry": "tokens of the search index; rebuild_search --check tells its state",
    "factordemand": "roles that need a second factor: the page of second factors shows and changes them",
    "firstfilter": "the filter that opens one person's triage: their own",
    "frontmoment": "when caches of the front page must turn",
    "keyterm": "a word as a number, learned anew as articles come",
    "monthcount": "kept by the database's triggers; recount --check tells whether they are right",
    "topiccount": "kept by the database's triggers; recount --check tells whether they are right",
    "poster": "still pictures of what an article embeds; the page of a picture lists where it is shown",
    "presence": "who has an article open this minute; its own page says so",
    "pulse": "the workers' last sign of life; the status page tells it",
    "signature": "bytes that tell whether texts are alike; the pairs have a desk",
    "staffsession": "sessions and their keys, which are secrets; who leaves everywhere ends them",
    "tagclue": "learned signs of topics, made anew as a whole",
    "triagedeed": "what one person can take back in triage; the audit has the deed itself",
    "unsaved": "what one person has typed and not saved: nobody else's to read",
    "waitingentry": "articles whose search entry a worker still owes; rebuild_search --check counts them",
    "withheldfile": "bytes that must not lie where readers could ask for them; WithheldPicture names them",
}
MODELS = sorted({model._meta.model_name for model in apps.get_app_config("articles").get_models()} - set(BOOKKEEPING))
READ_ONLY = {
    "bulkjob",
    "bulkitem",
    "deed",
    "imagehost",
    "ping",
    "rendition",
    "importrun",
    "importfile",
    "original",
    "reference",
    "revision",
    "step",
    "tagmerge",
    "articlemerge",
    "correction",
    "frontpage",
    *("hold", "block", "withheldpicture", "remainder", "storyarticle", "tagverdict", "claim"),
}
NOT_DELETED = READ_ONLY | {"takedown"}
NOT_ADDED = READ_ONLY | {"savedfilter", "possibleduplicate", "image"}


def address(model, page, *args):
    return reverse(f"admin:articles_{model}_{page}", args=args)


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in caught]


def test_all_models_are_registered():
    assert {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "articles"} == set(
        MODELS
    )


def test_what_has_no_desk_is_there_and_has_a_reason():
    assert set(BOOKKEEPING) <= {model._meta.model_name for model in apps.get_app_config("articles").get_models()}
    assert all(len(reason.split()) > 3 for reason in BOOKKEEPING.values())


def test_the_tags_of_taggit_itself_do_not_confuse(desk):
    assert not [model for model in admin.site._registry if model._meta.app_label == "taggit"]


@pytest.mark.parametrize("model", MODELS)
def test_every_page_opens_for_a_superuser(desk, model):
    row = fill(2)[model]
    assert desk.get(address(model, "changelist")).status_code == 200
    assert desk.get(address(model, "change", row.pk)).status_code == 200
    assert desk.get(address(model, "history", row.pk)).status_code == 200
    assert desk.get(address(model, "add")).status_code == (403 if model in NOT_ADDED else 200)
    assert desk.get(address(model, "delete", row.pk)).status_code == (403 if model in NOT_DELETED else 200)


@pytest.mark.parametrize("model", MODELS)
def test_nobody_and_readers_are_sent_to_sign_in(client, db, model):
    row = fill(1)[model]
    pages = [address(model, "changelist"), address(model, "change", row.pk)]
    for who in (None, makers.UserMaker(is_staff=False, is_superuser=True)):
        if who:
            client.force_login(who)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 302
            assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_rights_see_nothing(client, db, model):
    row = fill(1)[model]
    client.force_login(makers.UserMaker())
    assert client.get(address(model, "changelist")).status_code == 403
    assert client.get(address(model, "change", row.pk)).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_a_list_asks_as_much_for_thirty_rows_as_for_three(desk, model):
    fill(3)
    few = queries(desk, address(model, "changelist"))
    fill(30)
    many = queries(desk, address(model, "changelist"))
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= 9


@pytest.mark.parametrize("model", MODELS)
def test_a_page_asks_as_much_for_thirty_parts_as_for_three(desk, model):
    few, many = [], []
    for asked, number in ((few, 3), (many, 30)):
        page = address(model, "change", fill(number)[model].pk)
        ContentType.objects.clear_cache()  # or only the first page of a process would ask for them
        asked.extend(queries(desk, page))
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= 40


@pytest.mark.parametrize("model", MODELS)
def test_lists_read_no_body_and_no_bytes_and_count_no_further_than_the_cap(desk, model):
    fill(3)
    heavy = [f'"articles_article"."{name}"' for name in Article.HEAVY_FIELDS] + ['"articles_original"."bytes"']
    for sql in queries(desk, address(model, "changelist")):
        assert not [column for column in heavy if column in sql], sql
        assert "COUNT(*)" not in sql or "LIMIT 10001" in sql or "LIMIT 1001" in sql, sql


@pytest.mark.parametrize("model", MODELS)
def test_the_search_box_takes_anything(desk, model):
    fill(1)
    if not admin.site._registry[apps.get_model("articles", model)].search_fields:
        return
    for words in ("倉庫", "12", "9" * 30, "https://news.example/a-1", "\x00'\"%_\\", "a/b", "f" * 64):
        assert desk.get(address(model, "changelist"), {"q": words}).status_code == 200


@pytest.mark.parametrize("model", sorted(READ_ONLY))
def test_records_of_the_program_cannot_be_changed_even_by_a_superuser(desk, model):
    row = fill(1)[model]
    before = type(row).objects.filter(pk=row.pk).values().get()
    assert desk.post(address(model, "add"), {"path": "x", "url": "x"}).status_code == 403
    assert desk.post(address(model, "change", row.pk), {"path": "x", "state": "finished"}).status_code == 403
    assert desk.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    desk.post(address(model, "changelist"), action)
    assert type(row).objects.filter(pk=row.pk).values().get() == before


# Fields that lists are narrowed by without an index, each with the reason why a walk over the table costs nothing.
UNINDEXED = {
    ("takedown", "basis"): "take-downs are decided one by one by chiefs: hundreds, never many thousands",
    ("takedown", "scope"): "the same",
    ("correction", "kind"): "corrections are written one by one by editors: hundreds a year",
    ("bulkjob", "state"): "a row a bulk job, begun by hand",
    ("savedfilter", "desk"): "a few for each person",
    ("image", "decorative"): "the few decorative ones have an index of their own, the others are nearly all",
    ("article", "source_changed"): "the few that wait have an index of their own, the others are nearly all",
    ("article", "stub"): "the few stubs have an index of their own, the others are nearly all",
    ("user", "is_staff"): "a row a person",
    ("user", "is_active"): "a row a person",
    ("user", "groups"): "a row a person",
}


def filtered() -> set[tuple[str, str]]:
    """Model and field of each filter that Django makes of a field; filters of our own have tests of their own."""
    return {
        (model._meta.model_name, name if isinstance(name, str) else name[0])
        for model, desk in admin.site._registry.items()
        for name in desk.list_filter
        if isinstance(name, (str, tuple))
    }


def is_indexed(model, name: str) -> bool:
    field = model._meta.get_field(name)
    heads = [index.fields[0].lstrip("-") for index in model._meta.indexes if index.fields and not index.condition]
    return getattr(field, "db_index", False) or getattr(field, "unique", False) or name in heads


def test_lists_are_narrowed_by_what_is_indexed_or_by_what_is_small():
    models = {model._meta.model_name: model for model in admin.site._registry}
    assert {one for one in filtered() if not is_indexed(models[one[0]], one[1])} == set(UNINDEXED)


@pytest.mark.parametrize("model", ["user", "group"])
def test_people_and_roles_are_not_counted_twice_or_beyond_the_cap(desk, model):
    makers.UserMaker.create_batch(3)
    asked = queries(desk, reverse(f"admin:auth_{model}_changelist"))
    counts = [sql for sql in asked if "COUNT(*)" in sql]
    assert len(counts) == 1
    assert "LIMIT 10001" in counts[0]
