"""Deeds on many articles: counted first, done once whatever is killed, undone where nobody has gone on since."""

import datetime
import os
import signal
import sqlite3

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import search
from articles.curation import bulk, move, save_edited
from articles.curation.bulk_deeds import BULK_DEEDS
from articles.curation.checks import checks_of, checks_of_all
from articles.curation.workflow import Refused
from articles.models import (
    Article,
    BulkItem,
    Claim,
    Deed,
    Edition,
    PossibleDuplicate,
    Revision,
    Step,
    Tag,
    TaggedArticle,
)
from tests import makers
from tests.services import Installation, postgres_database, redis_server, wait_for

STATES = ("inbox", "draft", "review", "published", "withdrawn")


def member(role):
    user = makers.UserMaker()
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def editor(db):
    return member("editor")


def previewed(articles, deed, user, words=""):
    """A job that has been counted."""
    numbers = [article.pk for article in articles]
    return bulk.advance(bulk.choose(Article.objects.filter(pk__in=numbers), deed, user, words).pk)


def done(articles, deed, user, words="", note="Aufräumen"):
    """A job that has run."""
    job = previewed(articles, deed, user, words)
    bulk.confirm(job, user, note)
    return bulk.advance(job.pk)


def undone(job, user):
    bulk.undo(job, user)
    return bulk.advance(job.pk)


def results(job):
    return {(item.article_id, item.result, item.code) for item in job.items.all()}


def counts(job):
    return {(group.result, group.code): group.number for group in bulk.groups_of(job)}


FACTS = (
    *("status", "source_id", "published_at", "published_precision", "published_from", "published_on", "listed_at"),
    *("entered_at", "edited_at", "edited_by_id", "body", "title"),
)


def facts(articles):
    rows = Article.objects.filter(pk__in=[article.pk for article in articles]).order_by("pk").values("pk", *FACTS)
    uses = TaggedArticle.objects.filter(content_object__in=articles).order_by("content_object", "tag")
    return list(rows), list(uses.values_list("content_object", "tag", "origin"))


# deed, what it is given, state of the articles, what is true afterwards
DEEDS = [
    ("publish", "", "review", {"status": "published"}),
    ("publish", "", "withdrawn", {"status": "published"}),
    ("review", "", "inbox", {"status": "review"}),
    ("draft", "", "published", {"status": "draft"}),
    ("draft", "", "review", {"status": "draft"}),
    ("inbox", "", "draft", {"status": "inbox"}),
    ("withdraw", "", "published", {"status": "withdrawn"}),
    ("withdraw", "", "inbox", {"status": "withdrawn"}),
    ("tag", "港口", "draft", {"tags__name": "港口"}),
    ("tag", "新的主題", "published", {"tags__name": "新的主題"}),
    ("untag", "舊的主題", "published", {"tagged": None}),
    ("source", "SOURCE", "published", {"source__slug": "other", "published_on": datetime.date(2025, 1, 29)}),
    ("date", "2020-02-03", "inbox", {"published_on": datetime.date(2020, 2, 3), "published_precision": "day"}),
    ("undate", "", "published", {"published_at": None, "listed_at__year": 1970}),
]


@pytest.mark.parametrize(("deed", "words", "state", "after"), DEEDS)
def test_each_deed_does_what_it_says_and_its_undo_restores_everything(editor, deed, words, state, after):
    late = datetime.datetime(2025, 1, 28, 20, 0, tzinfo=datetime.UTC)
    articles = makers.ArticleMaker.create_batch(3, status=state, published_at=late)
    for article in articles:
        article.tags.add("舊的主題")
    TaggedArticle.objects.update(origin="import")
    makers.TagMaker(name="港口")
    other = makers.SourceMaker(slug="other", timezone="Asia/Taipei")
    before = facts(articles)
    job = done(articles, deed, editor, str(other.pk) if words == "SOURCE" else words)
    assert counts(job) == {("changed", ""): 3}
    assert Article.objects.filter(pk__in=[article.pk for article in articles], **after).count() == 3
    job = undone(job, editor)
    assert (job.state, counts(job)) == ("undone", {("undone", ""): 3})
    assert facts(articles) == before


def test_every_deed_is_tried():
    assert {deed for deed, *_rest in DEEDS} == set(BULK_DEEDS)


def test_a_preview_changes_nothing_and_says_why_each_article_would_stay(editor):
    ready, there, empty = (makers.ArticleMaker(status=status) for status in ("review", "published", "draft"))
    Article.objects.filter(pk=empty.pk).update(text="", body="")
    stub = makers.ArticleMaker(status="inbox", stub=True)
    taken = makers.ArticleMaker(status="inbox")
    Claim.objects.create(article=taken, user=makers.UserMaker(), ends_at=timezone.now() + datetime.timedelta(hours=1))
    articles = [ready, there, empty, stub, taken]
    before = facts(articles)
    job = previewed(articles, "publish", editor)
    assert results(job) == {
        (ready.pk, "ready", ""),
        (there.pk, "already", ""),
        (empty.pk, "blocked", "no_text"),
        (stub.pk, "blocked", "stub"),
        (taken.pk, "claimed", ""),
    }
    assert job.hints == {"no_topic": 1, "no_lead": 1}
    assert facts(articles) == before
    assert not Step.objects.exists()
    assert not Revision.objects.exists()


@pytest.mark.parametrize("deed", [deed.name for deed in BULK_DEEDS.values() if not deed.asks])
@pytest.mark.parametrize("state", STATES)
def test_moves_in_bulk_are_those_of_the_workflow(editor, state, deed):
    article = makers.ArticleMaker(status=state)
    job = previewed([article], deed, editor)
    if deed == "undate":
        assert counts(job) == {("ready", ""): 1}
        return
    target = BULK_DEEDS[deed].target
    bulk.confirm(job, editor, "weil")
    bulk.advance(job.pk)
    moved = Article.objects.get(pk=article.pk).status == target
    one_by_one = makers.ArticleMaker(status=state)
    for name in ("begin", "submit", "return", "publish", "reject", "withdraw", "reopen", "unpublish", "requeue"):
        try:
            if move(one_by_one, name, editor, "weil").target == target:
                break
            one_by_one.status = state
            Article.objects.filter(pk=one_by_one.pk).update(status=state)
        except Refused:
            continue
    assert moved == (one_by_one.status == target)


def test_each_move_leaves_the_record_of_a_single_move(editor):
    articles = [makers.ArticleMaker(status=state) for state in ("inbox", "review", "published")]
    done(articles, "withdraw", editor, note="Ermittlungen")
    steps = Step.objects.order_by("article").values_list("article", "move", "origin", "target", "made_by", "note")
    assert list(steps) == [
        (articles[0].pk, "reject", "inbox", "withdrawn", editor.pk, "Ermittlungen"),
        (articles[1].pk, "reject", "review", "withdrawn", editor.pk, "Ermittlungen"),
        (articles[2].pk, "withdraw", "published", "withdrawn", editor.pk, "Ermittlungen"),
    ]


def test_the_audit_has_a_line_for_the_start_the_end_and_the_undoing(editor):
    job = done(makers.ArticleMaker.create_batch(2, status="review"), "publish", editor)
    undone(job, editor)
    lines = Deed.objects.filter(kind="bulkjob", number=job.pk).order_by("id")
    assert [(line.verb, line.actor, line.details.get("counts")) for line in lines] == [
        ("start", editor.username, None),
        ("finish", editor.username, {"changed": 2}),
        ("undo", editor.username, {"undone": 2}),
    ]


def test_a_deed_on_the_contents_leaves_a_revision_with_author_and_reason(editor):
    article = makers.ArticleMaker()
    done([article], "tag", editor, "港口", note="Ordnung")
    kept = article.revisions.order_by("id").values_list("kind", "author", "reason")
    assert list(kept) == [("baseline", None, ""), ("bulk", editor.pk, "Ordnung")]


def test_moves_that_ask_for_a_reason_are_refused_without_one(editor):
    job = previewed([makers.ArticleMaker()], "withdraw", editor)
    with pytest.raises(Refused, match="reason"):
        bulk.confirm(job, editor, "  ")
    assert bulk.advance(job.pk).state == "ready"


def test_what_somebody_edits_after_the_preview_is_skipped_and_listed(editor):
    ours, theirs = makers.ArticleMaker.create_batch(2, status="review")
    job = previewed([ours, theirs], "publish", editor)
    theirs.title = "ein anderer Titel"
    save_edited(theirs, makers.UserMaker())
    bulk.confirm(job, editor)
    job = bulk.advance(job.pk)
    assert results(job) == {(ours.pk, "changed", ""), (theirs.pk, "overtaken", "")}
    assert Article.objects.get(pk=theirs.pk).status == "review"


def test_what_is_deleted_after_the_preview_is_counted_as_gone(editor):
    articles = makers.ArticleMaker.create_batch(2, status="review")
    job = previewed(articles, "publish", editor)
    articles[0].delete()
    bulk.confirm(job, editor)
    assert counts(bulk.advance(job.pk)) == {("changed", ""): 1, ("gone", ""): 1}


@pytest.mark.parametrize(
    ("deed", "words", "state"),
    [("publish", "", "review"), ("tag", "港口", "draft"), ("untag", "舊", "draft"), ("date", "2020-02-03", "draft")],
)
def test_undo_leaves_alone_what_somebody_has_changed_since_and_lists_it(editor, deed, words, state):
    ours, theirs = articles = makers.ArticleMaker.create_batch(2, status=state)
    for article in articles:
        article.tags.add("舊")
    job = done(articles, deed, editor, words)
    theirs.refresh_from_db()
    other = member("chief")
    if deed == "publish":
        move(theirs, "withdraw", other, "nein")
    elif deed == "date":
        theirs.published_at = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)
        save_edited(theirs, other)
    elif deed == "tag":
        save_edited(theirs, other, topics=[])
    else:
        save_edited(theirs, other, topics=[Tag.objects.get(name="舊")])
    before = facts([theirs])
    assert results(undone(job, editor)) == {(ours.pk, "undone", ""), (theirs.pk, "kept", "")}
    assert facts([theirs]) == before


def test_an_article_that_was_moved_on_and_back_is_not_ours_to_undo(editor):
    article = makers.ArticleMaker(status="review")
    job = done([article], "publish", editor)
    article.refresh_from_db()
    move(article, "withdraw", editor, "nein")
    move(article, "publish", editor)
    assert counts(undone(job, editor)) == {("kept", ""): 1}
    assert Article.objects.get(pk=article.pk).status == "published"


def test_a_tag_taken_off_and_put_on_again_by_hand_is_not_ours_to_undo(editor):
    article = makers.ArticleMaker()
    job = done([article], "tag", editor, "港口")
    article.tagged.all().delete()
    article.tags.add("港口")
    assert counts(undone(job, editor)) == {("kept", ""): 1}
    assert article.tags.names().get() == "港口"


def test_an_edit_of_something_else_does_not_keep_a_tag_from_being_undone(editor):
    article = makers.ArticleMaker()
    job = done([article], "tag", editor, "港口")
    article.title = "ein anderer Titel"
    save_edited(article, makers.UserMaker())
    assert counts(undone(job, editor)) == {("undone", ""): 1}
    assert not article.tagged.exists()
    assert Article.objects.get(pk=article.pk).title == "ein anderer Titel"


def test_a_tag_that_is_removed_in_bulk_is_the_editors_word_against_imports(editor):
    article = makers.ArticleMaker()
    article.tags.add("港口")
    done([article], "untag", editor, "港口")
    article.refresh_from_db()
    assert article.edited_by == editor


def test_search_finds_what_a_bulk_job_has_changed(editor):
    article = makers.ArticleMaker()
    search.index([article.pk])
    query = search.parse("罕見主題")
    assert not search.matching(Article.objects.all(), query).exists()
    job = done([article], "tag", editor, "罕見主題")
    assert search.matching(Article.objects.all(), query).exists()
    undone(job, editor)
    assert not search.matching(Article.objects.all(), query).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("deed", "words"), [("publish", ""), ("tag", "港口"), ("date", "2020-02-03")])
def test_readers_pages_are_told_of_a_bulk_job(deed, words):
    chief = makers.UserMaker(is_superuser=True)
    makers.TagMaker(name="港口")
    job = previewed(makers.ArticleMaker.create_batch(2, status="review"), deed, chief, words)
    bulk.confirm(job, chief)
    before = Edition.objects.get().token
    bulk.advance(job.pk)
    after = Edition.objects.get().token
    undone(job, chief)
    assert len({before, after, Edition.objects.get().token}) == 3


def test_a_new_tag_is_made_when_the_job_is_confirmed_not_when_it_is_looked_at(editor):
    job = previewed([makers.ArticleMaker()], "tag", editor, "新的主題")
    assert not Tag.objects.exists()
    bulk.confirm(job, editor)
    assert Tag.objects.get().name == "新的主題"


def test_a_tag_is_named_in_either_script_or_by_an_alias(editor):
    tag = makers.TagMaker(name="臺灣選舉")
    tag.aliases.create(name="大選")
    for words in ("台湾选举", "大選"):
        assert previewed([makers.ArticleMaker()], "tag", editor, words).given["tag"] == tag.pk


@pytest.mark.parametrize(
    ("deed", "words"),
    [("tag", ""), ("untag", "unbekannt"), ("source", "x"), ("source", "99"), ("date", "2020"), ("date", "2999-01-01")],
)
def test_what_a_deed_cannot_be_given_is_refused(editor, deed, words):
    article = makers.ArticleMaker()
    with pytest.raises(Refused):
        bulk.choose(Article.objects.filter(pk=article.pk), deed, editor, words)
    assert not BulkItem.objects.exists()


def test_no_articles_make_no_job(editor):
    with pytest.raises(Refused):
        bulk.choose(Article.objects.none(), "publish", editor)


def test_a_job_whose_tag_is_merged_away_meanwhile_stops_and_says_so(editor):
    makers.TagMaker(name="港口")
    job = previewed([makers.ArticleMaker()], "tag", editor, "港口")
    bulk.confirm(job, editor)
    Tag.objects.all().delete()
    job = bulk.advance(job.pk)
    assert (job.state, job.fault) == ("stopped", "The tag is gone.")


@pytest.mark.parametrize("role", ["reporter", ""])
def test_bulk_jobs_are_not_for_everybody(db, role):
    user = member(role) if role else makers.UserMaker()
    article = makers.ArticleMaker(status="inbox")
    with pytest.raises(Refused):
        bulk.choose(Article.objects.filter(pk=article.pk), "review", user)


def test_an_editor_who_loses_the_role_changes_nothing_more(editor):
    job = previewed([makers.ArticleMaker(status="review")], "publish", editor)
    bulk.confirm(job, editor)
    editor.groups.clear()
    job = bulk.advance(job.pk)
    assert job.state == "stopped"
    assert counts(job) == {("ready", ""): 1}


def test_another_editors_job_is_touched_by_a_chief_alone(editor):
    job = previewed([makers.ArticleMaker(status="review")], "publish", editor)
    other, chief = member("editor"), member("chief")
    for step in (bulk.confirm, bulk.stop, bulk.undo, bulk.go_on):
        with pytest.raises(Refused, match="not yours"):
            step(job, other)
    bulk.confirm(job, chief)
    assert counts(undone(bulk.advance(job.pk), chief)) == {("undone", ""): 1}


def test_a_job_runs_once_and_is_undone_once(editor):
    job = previewed([makers.ArticleMaker(status="review")], "publish", editor)
    bulk.confirm(job, editor)
    with pytest.raises(Refused):
        bulk.confirm(job, editor)
    job = undone(bulk.advance(job.pk), editor)
    with pytest.raises(Refused):
        bulk.undo(job, editor)


def test_a_stopped_job_goes_on_where_it_was(editor, monkeypatch):
    monkeypatch.setattr(bulk, "CHANGED_AT_ONCE", 2)
    job = previewed(makers.ArticleMaker.create_batch(5, status="review"), "publish", editor)
    bulk.confirm(job, editor)
    bulk.advance(job.pk, seconds=0)
    bulk.stop(job, editor)
    assert bulk.advance(job.pk).state == "stopped"
    assert counts(job) == {("changed", ""): 2, ("ready", ""): 3}
    bulk.go_on(job, editor)
    assert bulk.advance(job.pk).state == "finished"
    assert Step.objects.count() == 5


@pytest.mark.parametrize(
    ("deed", "words"), [("publish", ""), ("tag", "港口"), ("untag", "舊"), ("source", ""), ("undate", "")]
)
def test_a_chunk_asks_as_much_for_thirty_articles_as_for_three(editor, deed, words):
    other = makers.SourceMaker()
    asked = {}
    for number in (3, 30):
        articles = makers.ArticleMaker.create_batch(number, status="review", source=makers.SourceMaker())
        for article in articles:
            article.tags.add("舊")
            article.edited_by = editor
            article.save()
        chosen = Article.objects.filter(pk__in=[article.pk for article in articles])
        with CaptureQueriesContext(connection) as caught:
            job = bulk.choose(chosen, deed, editor, words or str(other.pk))
            bulk.advance(job.pk)
            bulk.confirm(job, editor)
            bulk.advance(job.pk)
            bulk.undo(job, editor)
            bulk.advance(job.pk)
        asked[number] = len([query for query in caught if "auth_" not in query["sql"]])
        assert counts(job) == {("undone", ""): number}
    assert asked[30] - asked[3] <= 1, asked  # a new tag is made in the first round alone


def test_no_chunk_reads_bodies_it_does_not_keep(editor):
    articles = makers.ArticleMaker.create_batch(3, status="review")
    with CaptureQueriesContext(connection) as caught:
        done(articles, "publish", editor)
    assert not [query["sql"] for query in caught if '"articles_article"."body"' in query["sql"]]


def test_checks_of_many_are_the_checks_of_each(db):
    image = makers.ImageMaker(alt="Speicher")
    whole = makers.ArticleMaker(lead_image=image)
    makers.ArticleImageMaker(article=whole, image=image)
    whole.tags.add("港口")
    poor = makers.ArticleMaker(title=" ", stub=True, published_at=None, published_precision="", source_changed=True)
    empty = makers.ArticleMaker(text="")
    silent = makers.ArticleMaker(text="", stub=True)
    makers.ArticleImageMaker(article=silent)
    PossibleDuplicate.objects.create(article=poor, other=empty, reason="same text")
    articles = [whole, poor, empty, silent]
    together = checks_of_all([article.pk for article in articles])
    for article in articles:
        assert together[article.pk] == checks_of(article)


SCRIPT = """
import os, random, signal, time
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.models import Count
from articles.curation import bulk
from articles.models import Article, BulkItem, BulkJob, Revision, Source, Step, TaggedArticle

bulk.CHANGED_AT_ONCE = 24
user = get_user_model().objects.create(username="chief", is_superuser=True, is_staff=True)
source = Source.objects.create(slug="s", name="S")
Article.objects.bulk_create(
    Article(source=source, title=f"T{n}", slug="t", text="w" * 500, body="<p>" + "w" * 500, status="review")
    for n in range(240)
)

def worker():
    connections.close_all()
    getattr(connections["default"], "close_pool", int)()  # a fork must not share what stands in it
    child = os.fork()
    if not child:
        for job in BulkJob.objects.filter(state__in=BulkJob.ACTIVE):
            bulk.advance(job.pk)
        os._exit(0)
    return child

def killed():
    chance, turn = random.Random(20250128), 0
    while BulkJob.objects.filter(state__in=BulkJob.ACTIVE).exists():
        child, turn = worker(), turn + 1
        time.sleep(chance.random() * 0.05 * turn)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    print("killed more than once:", turn > 2)

def at_once():
    for child in [worker(), worker()]:
        os.waitpid(child, 0)

def tell():
    print(
        sorted(BulkJob.objects.values_list("deed", "state")),
        sorted(BulkItem.objects.order_by().values_list("result").annotate(Count("pk"))),
        Article.objects.filter(status="published").count(), Step.objects.count(),
        TaggedArticle.objects.count(), Revision.objects.filter(kind="bulk").count(),
    )

jobs = [bulk.choose(Article.objects.all(), deed, user, words) for deed, words in (("publish", ""), ("tag", "x"))]
for job in jobs:
    bulk.advance(job.pk)
    bulk.confirm(job, user, "why")
run()
tell()
for job in jobs:
    bulk.undo(job, user)
run()
tell()
"""
DONE = "[('publish', 'finished'), ('tag', 'finished')] [('changed', 480)] 240 240 240 240"
UNDONE = "[('publish', 'undone'), ('tag', 'undone')] [('undone', 480)] 0 480 0 480"


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    if request.param == "sqlite":
        yield {}
    else:
        with postgres_database() as address:
            yield {"DATABASE_URL": address}


def told(installation, run):
    out = installation.manage("shell", "--verbosity", "0", "--command", SCRIPT.replace("run()", f"{run}()"))
    return out.strip().splitlines()


def test_a_job_that_is_killed_anywhere_ends_as_if_it_had_not_been(tmp_path, database):
    often = "killed more than once: True"
    assert told(Installation(tmp_path, **database), "killed") == [often, DONE, often, UNDONE]


def test_two_workers_on_one_job_take_turns_and_change_nothing_twice(tmp_path, database):
    assert told(Installation(tmp_path, **database), "at_once") == [DONE, UNDONE]


QUEUED = """
from django.contrib.auth import get_user_model
from articles import tasks
from articles.curation import bulk
from articles.models import Article, Source

user = get_user_model().objects.create(username="chief", is_superuser=True, is_staff=True)
source = Source.objects.create(slug="s", name="S")
Article.objects.bulk_create(
    Article(source=source, title=f"T{n}", slug="t", text="w" * 500, body="<p>" + "w" * 500, status="review")
    for n in range(1500)
)
job = bulk.choose(Article.objects.all(), "tag", user, "x")
bulk.advance(job.pk)
bulk.confirm(job, user)
job.refresh_from_db()
tasks.go_on_with_bulk_job(job)
"""
SILENT = """
import datetime
from articles import tasks
from articles.models import BulkJob

BulkJob.objects.update(heartbeat_at=datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC))
tasks.go_on_with_silent_bulk_jobs.delay()
"""


def test_a_large_job_is_a_workers_and_another_worker_ends_what_a_killed_one_left(tmp_path):
    with redis_server(tmp_path) as broker:
        installation = Installation(tmp_path, CELERY_BROKER_URL=broker)
        installation.manage("shell", "--verbosity", "0", "--command", QUEUED)
        database = sqlite3.connect(tmp_path / "newsroom.sqlite3", timeout=20)

        def number(table, condition="1 = 1"):
            return database.execute(f"SELECT count(*) FROM articles_{table} WHERE {condition}").fetchone()[0]

        assert number("bulkitem", "result = 'changed'") == 0
        with installation.worker() as worker:
            wait_for(lambda: number("bulkitem", "result = 'changed'"), 120, "a worker to begin: " + installation.log())
            os.killpg(worker.pid, signal.SIGKILL)
        assert 0 < number("bulkitem", "result = 'changed'") < 1500
        installation.manage("shell", "--verbosity", "0", "--command", SILENT)
        with installation.worker():
            wait_for(lambda: number("bulkjob", "state = 'finished'"), 180, "the rest: " + installation.log())
        assert number("bulkitem", "result = 'changed'") == 1500
        assert number("taggedarticle") == number("revision", "kind = 'bulk'") == 1500
