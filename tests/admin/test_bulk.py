"""Bulk deeds and saved filters at the desk: what is chosen, what is shown first, who may, and what is kept."""

import pytest
from django.contrib.auth.models import Group
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from articles import search, tasks
from articles.admin import filters as filters_desk
from articles.curation import bulk, filters
from articles.models import Article, BulkJob, SavedFilter, Step
from tests import makers
from tests.admin.test_every_page import queries

LIST = "/admin/articles/article/"
BULK = f"{LIST}bulk/"
TRIAGE = f"{LIST}triage/"


def signed_in(role):
    user = makers.UserMaker()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def editor(db):
    return signed_in("editor")


def ask(client, deed, articles=(), query="", **more):
    sent = {"deed": deed, "_selected_action": [article.pk for article in articles], "desk": "list"} | more
    return client.post(f"{BULK}?{query}", sent, follow=True)


def step(client, job, name, **sent):
    return client.post(reverse("admin:articles_bulkjob_step", args=[job.pk, name]), sent, follow=True)


def chosen(job):
    return set(job.items.values_list("article", flat=True))


def test_ticked_articles_are_shown_first_then_changed_then_undone(editor):
    articles = makers.ArticleMaker.create_batch(3, status="review")
    page = ask(editor, "publish", articles[:2])
    job = BulkJob.objects.get()
    assert page.context["ready"] == 2
    assert not Article.objects.filter(status="published").exists()
    step(editor, job, "confirm", note="fertig")
    assert set(Article.objects.filter(status="published")) == set(articles[:2])
    page = step(editor, job, "undo")
    assert "Undone by" in page.content.decode()
    assert not Article.objects.filter(status="published").exists()


def test_all_of_the_list_goes_beyond_the_page_and_the_counted_rows(editor, monkeypatch):
    monkeypatch.setattr("articles.admin.desk.COUNT_CAP", 3)
    source = makers.SourceMaker()
    wanted = makers.ArticleMaker.create_batch(8, status="draft", source=source)
    makers.ArticleMaker.create_batch(2, status="draft")
    makers.ArticleMaker(status="review", source=source)
    query = f"source__id__exact={source.pk}&status__exact=draft"
    ask(editor, "review", query=query, select_across="1")
    job = BulkJob.objects.get()
    assert chosen(job) == {article.pk for article in wanted}
    assert job.query == f"{LIST}?{query}"


def test_the_articles_are_fixed_when_they_are_chosen(editor):
    first = makers.ArticleMaker(status="draft")
    ask(editor, "review", select_across="1")
    makers.ArticleMaker(status="draft")
    assert chosen(BulkJob.objects.get()) == {first.pk}


def test_a_search_in_the_list_is_part_of_what_is_chosen(editor):
    found, other = makers.ArticleMaker(title="長江十號的專家"), makers.ArticleMaker()
    search.index([found.pk, other.pk])
    ask(editor, "withdraw", query="q=长江十号", select_across="1")
    assert chosen(BulkJob.objects.get()) == {found.pk}


def test_all_of_a_triage_list_keeps_out_of_others_hands(editor):
    stub, other = makers.ArticleMaker(status="inbox", stub=True), makers.ArticleMaker(status="inbox")
    taken = makers.ArticleMaker(status="inbox", stub=True)
    signed_in("editor").get(TRIAGE, {"item": taken.pk})
    ask(editor, "withdraw", query="has=stub", select_across="1", desk="triage")
    assert chosen(BulkJob.objects.get()) == {stub.pk}
    assert BulkJob.objects.get().query == f"{TRIAGE}?has=stub"
    assert other.pk not in chosen(BulkJob.objects.get())


@pytest.mark.parametrize(("deed", "field"), [("tag", "text"), ("source", "select"), ("date", "date")])
def test_what_a_deed_needs_is_asked_for_and_the_ticks_are_kept(editor, deed, field):
    articles = makers.ArticleMaker.create_batch(2)
    page = ask(editor, deed, articles)
    assert page.context["numbers"] == [article.pk for article in articles]
    assert {"text": 'type="text"', "select": "<select", "date": 'type="date"'}[field] in page.content.decode()
    assert not BulkJob.objects.exists()
    given = {"tag": "港口", "source": makers.SourceMaker().pk, "date": "2020-02-03"}[deed]
    ask(editor, deed, articles, given=given)
    assert chosen(BulkJob.objects.get()) == {article.pk for article in articles}


@pytest.mark.parametrize(
    ("deed", "more"),
    [("publish", {}), ("", {"select_across": "1"}), ("explode", {"select_across": "1"}), ("untag", {"given": "nie"})],
)
def test_nothing_chosen_or_nothing_to_do_is_said(editor, deed, more):
    makers.ArticleMaker()
    page = ask(editor, deed, **more)
    assert page.context["messages"]
    assert not BulkJob.objects.exists()


def test_odd_numbers_do_no_harm(editor):
    page = editor.post(BULK, {"deed": "publish", "_selected_action": ["x", "9" * 40, "-1", "²"]}, follow=True)
    assert page.status_code == 200
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize("role", ["", "reporter", "editor", "chief"])
def test_who_may_do_deeds_in_bulk(db, role):
    article = makers.ArticleMaker(status="inbox")
    client = signed_in(role)
    mays = role in ("editor", "chief")
    assert (client.post(BULK, {"deed": "review", "_selected_action": [article.pk]}).status_code == 302) == mays
    assert BulkJob.objects.exists() == mays
    if role:
        assert ('name="deed"' in client.get(LIST).content.decode()) == mays
        assert ('name="deed" id="bulk-deed"' in client.get(TRIAGE).content.decode()) == mays


@pytest.mark.parametrize("role", ["", "reporter", "editor", "chief"])
@pytest.mark.parametrize("name", ["confirm", "stop", "go_on", "undo"])
def test_the_buttons_of_anothers_job_are_the_chiefs(editor, role, name):
    ask(editor, "publish", [makers.ArticleMaker(status="review")])
    job = BulkJob.objects.get()
    answer = signed_in(role).post(reverse("admin:articles_bulkjob_step", args=[job.pk, name]))
    assert (answer.status_code != 403) == (role == "chief")
    if role != "chief":
        assert BulkJob.objects.get().state == "ready"


@pytest.mark.parametrize("name", ["step", "progress"])
def test_a_mere_address_moves_no_job(editor, name):
    ask(editor, "publish", [makers.ArticleMaker(status="review")])
    job = BulkJob.objects.get()
    args = [job.pk, "confirm"] if name == "step" else [job.pk]
    assert editor.get(reverse(f"admin:articles_bulkjob_{name}", args=args)).status_code == 405
    assert Client().post(reverse(f"admin:articles_bulkjob_{name}", args=args)).status_code == 302
    assert not Step.objects.exists()


def test_a_large_job_goes_on_with_each_question_where_there_is_no_worker(editor, monkeypatch):
    monkeypatch.setattr(tasks.bulk, "BULK_SECONDS", 0)
    monkeypatch.setattr(bulk, "COUNTED_AT_ONCE", 2)
    ask(editor, "publish", makers.ArticleMaker.create_batch(5, status="review"))
    job = BulkJob.objects.get()
    address = reverse("admin:articles_bulkjob_progress", args=[job.pk])
    told = [editor.post(address, headers={"Accept": "application/json"}).json() for _ in range(3)]
    assert [(one["active"], one["done"], one["total"]) for one in told] == [(True, 4, 5), (True, 5, 5), (False, 5, 5)]
    assert BulkJob.objects.get().state == "ready"
    assert editor.post(address).status_code == 302


def test_a_jobs_page_asks_as_much_for_thirty_articles_as_for_three(editor):
    ask(editor, "publish", makers.ArticleMaker.create_batch(3, status="review"))
    ask(editor, "publish", makers.ArticleMaker.create_batch(30, status="review"))
    few, many = (
        queries(editor, reverse("admin:articles_bulkjob_change", args=[job.pk]))
        for job in BulkJob.objects.order_by("pk")
    )
    assert len(few) == len(many) <= 12


def test_articles_of_a_job_are_listed_by_result_and_cause(editor):
    stub, whole = makers.ArticleMaker(status="review", stub=True), makers.ArticleMaker(status="review")
    page = ask(editor, "publish", [stub, whole])
    group = next(group for group in page.context["groups"] if group[0].result == "blocked")
    listed = editor.get(group[2])
    assert [item.article for item in listed.context["cl"].result_list] == [stub]
    assert "stub without pictures" in listed.content.decode()


# What the list is narrowed to, for a filter above it must count what the list shows.
QUERIES = [
    "status__exact=draft",
    "has=no_topic",
    "has=undated&status__exact=inbox",
    "has=copy",
    "has=no_picture",
    "has=warned",
    "script=hans",
    "stub__exact=1",
    "source_changed__exact=1",
    "year={year}&status__exact=published",
    "q=长江",
    "source__id__exact={source}",
    "topic={tag}",
    "q=source:{slug}&has=no_topic",
]


@pytest.fixture
def mixed(db):
    articles = [makers.ArticleMaker(status=status) for status in ("inbox", "draft", "published", "published")]
    makers.ArticleMaker(status="inbox", published_at=None, published_precision="", warnings=["teaser"])
    makers.ArticleMaker(script="hans", stub=True, source_changed=True, title="长江", lead_image=makers.ImageMaker())
    articles[2].tags.add("港口")
    articles[0].possible_duplicates.create(other=articles[1], reason="same text")
    search.index(Article.objects.values_list("pk", flat=True))
    names = {"source": articles[0].source_id, "year": articles[2].published_at.year}
    return names | {"slug": articles[0].source.slug, "tag": articles[2].tags.get().pk}


@pytest.mark.parametrize("query", QUERIES)
def test_a_saved_filter_counts_what_its_list_shows(editor, mixed, query):
    query = query.format(**mixed)
    shown = editor.get(f"{LIST}?{query}").context["cl"].result_count
    assert 0 < shown < 6
    editor.post(f"{LIST}filters/save/", {"desk": "list", "name": "so", "query": query})
    bar = editor.get(f"{LIST}?{query}").context["saved_filters"]
    assert [(one["saved"].name, one["count"], one["is_here"]) for one in bar] == [("so", shown, True)]


@pytest.mark.parametrize(
    "query", ["status__exact=x", "source__id__exact=x", "stub__exact=x", "year=x", "topic=x", "%00"]
)
def test_a_filter_that_makes_no_sense_breaks_no_page(editor, mixed, query):
    SavedFilter.objects.create(owner=editor.user, desk="list", name="krumm", query=query)
    assert editor.get(LIST).status_code == 200


def test_counts_of_filters_are_capped_and_one_query_for_all(editor, monkeypatch):
    monkeypatch.setattr(filters, "COUNTED", 2)
    makers.ArticleMaker.create_batch(4, status="draft")
    editor.get(LIST)
    for number in range(5):
        filters.save_filter(editor.user, "list", f"{number}", "status__exact=draft")
    page = editor.get(LIST)
    assert {(one["count"], one["more"]) for one in page.context["saved_filters"]} == {(2, True)}
    few = queries(editor, LIST)
    for number in range(5, 10):
        filters.save_filter(editor.user, "list", f"{number}", "has=no_topic")
    assert len(queries(editor, LIST)) == len(few)


def test_own_filters_are_ones_own_and_shared_ones_everybodys(editor):
    reporter = signed_in("reporter")
    for client, name in ((editor, "geteilt"), (reporter, "unsere")):
        client.post(f"{LIST}filters/save/", {"desk": "list", "name": name, "query": "stub__exact=1", "shared": "1"})
    names = {
        client: [one["saved"].name for one in client.get(LIST).context["saved_filters"]]
        for client in (editor, reporter)
    }
    assert names == {editor: ["geteilt"], reporter: ["unsere", "geteilt"]}  # a reporter shares nothing


@pytest.mark.parametrize(
    ("role", "owner", "shared", "changes"),
    [
        ("reporter", "own", False, True),
        ("reporter", "other", True, False),
        ("editor", "other", True, True),
        ("editor", "other", False, False),
        ("chief", "other", False, False),
    ],
)
def test_who_renames_and_deletes_a_filter(db, role, owner, shared, changes):
    client = signed_in(role)
    user = client.user if owner == "own" else makers.UserMaker()
    saved = makers.SavedFilterMaker(owner=user, is_shared=shared)
    client.post(reverse("admin:articles_savedfilter_change", args=[saved.pk]), {"name": "neu", "is_shared": "on"})
    assert (SavedFilter.objects.get().name == "neu") == changes
    client.post(reverse("admin:articles_savedfilter_delete", args=[saved.pk]), {"post": "yes"})
    assert SavedFilter.objects.exists() != changes


def test_a_name_used_twice_replaces_ones_own_filter(editor):
    for query in ("stub__exact=1", "has=undated"):
        editor.post(f"{LIST}filters/save/", {"desk": "list", "name": "meins", "query": query})
    assert SavedFilter.objects.get().query == "has=undated"


def test_triage_opens_with_the_filter_that_was_chosen_for_it_and_with_the_inbox_again(editor):
    makers.ArticleMaker(status="inbox")
    stub = makers.ArticleMaker(status="inbox", stub=True)
    editor.post(f"{LIST}filters/save/", {"desk": "triage", "name": "kurz", "query": "has=stub", "first": "1"})
    assert editor.get(TRIAGE, follow=True).context["page"].items == [stub]
    assert len(editor.get(f"{TRIAGE}?all=1").context["page"].items) == 2
    editor.post(reverse("admin:articles_article_first_filter", args=[0]))
    assert len(editor.get(TRIAGE, follow=True).context["page"].items) == 2


def test_a_filter_that_is_no_longer_shared_opens_nobodys_triage(editor):
    makers.ArticleMaker(status="inbox")
    saved = makers.SavedFilterMaker(desk="triage", query="has=stub")
    editor.post(reverse("admin:articles_article_first_filter", args=[saved.pk]))
    assert editor.get(TRIAGE).status_code == 302
    SavedFilter.objects.update(is_shared=False)
    assert editor.get(TRIAGE).status_code == 200


def test_pages_and_popups_are_no_part_of_a_filter():
    assert filters_desk.bare(QueryDict("p=3&has=stub&_popup=1&all=1&item=4")) == "has=stub"


@pytest.mark.parametrize("role", ["", "reporter"])
@pytest.mark.parametrize("name", ["save", "0/first"])
def test_filters_are_kept_by_those_who_see_the_list(db, role, name):
    client = signed_in(role)
    answer = client.post(f"{LIST}filters/{name}/", {"desk": "list", "name": "x", "query": "has=stub"})
    assert (answer.status_code == 403) == (role == "")
    assert client.get(f"{LIST}filters/{name}/").status_code == 405
