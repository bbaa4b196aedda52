"""Counts of articles, which the database keeps: whatever writes, they are those of a count of all articles."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import (
    Article,
    Hold,
    TakeDown,
    TopicCount,
    drift,
    months_counted,
    topics_counted,
)
from tests.makers import ArticleMaker, TagMaker
from tests.services import ROOT, Installation, postgres_database


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What the counts are after each kind of writing, on both databases."""
    script = (ROOT / "tests" / "counts_of.py").read_text(encoding="utf-8")
    with postgres_database() as address:
        found = {}
        for name, environment in (("sqlite", {}), ("postgres", {"DATABASE_URL": address})):
            program = Installation(tmp_path_factory.mktemp(name), **environment)
            told = program.manage("shell", "--verbosity", "0", "-c", script)
            found[name] = json.loads(told[told.index("{") :])
            assert found[name].pop("folded"), "rows of differences lie about for good"
            found[name] = found[name]["steps"]
    return found


def test_kept_counts_are_true_after_every_kind_of_writing_on_both_databases(kept):
    for database, steps in kept.items():
        assert {step: wrong for step, (wrong, _months, _topics) in steps.items() if wrong} == {}, database
    assert kept["sqlite"] == kept["postgres"]


def test_kept_counts_say_what_readers_see(kept):
    steps = {step: (months, topics) for step, (_wrong, months, topics) in kept["sqlite"].items()}
    assert steps["made"] == ([[1, "2024-05-01", 3], [2, "2024-05-01", 3], [2, "None", 1]], [["x", 7], ["y", 1]])
    assert steps["withdrawn in a set"][1] == [["x", 4]]
    assert [2, "2023-12-01", 1] in steps["moved"][0]
    assert steps["topics merged"][1] == [["x", 3], ["y", 2]]
    assert steps["hidden"] == ([[2, "2024-05-01", 1], [2, "None", 1]], [["x", 2]])
    assert steps["emptied"] == ([], [])


def _tagged(tag):
    article = ArticleMaker()
    article.tags.add(tag)
    return article


@pytest.mark.django_db
def test_what_is_taken_down_is_not_counted():
    tag = TagMaker()
    held, _other = (_tagged(tag) for _ in range(2))
    take_down = TakeDown.objects.create(
        state=TakeDown.State.IN_FORCE, decided_at=timezone.now(), begins_at=timezone.now()
    )
    Hold.objects.create(take_down=take_down, article_number=held.pk, begins_at=timezone.now())
    assert sum(one.articles for one in months_counted()) == 1
    assert [row["count"] for row in topics_counted()] == [1]


@pytest.mark.django_db
def test_the_most_used_topics_are_found_though_hidden_articles_have_other_ones(django_assert_num_queries):
    rare, common, hidden = (TagMaker() for _ in range(3))
    for tag, number in ((rare, 1), (common, 3), (hidden, 5)):
        for _ in range(number):
            _tagged(tag)
    Article.objects.filter(tagged__tag=hidden).update(expire_at=timezone.now())
    with django_assert_num_queries(3):
        assert [(row["tag__slug"], row["count"]) for row in topics_counted(1)] == [(common.slug, 3)]


@pytest.mark.django_db
def test_a_wrong_count_is_told_and_mended():
    _tagged(TagMaker())
    TopicCount.objects.update(articles=7)
    assert drift().topics == 1
    with pytest.raises(SystemExit):
        call_command("recount", "--check", stdout=io.StringIO())
    call_command("recount", stdout=io.StringIO())
    assert (drift().months, drift().topics) == (0, 0)
    call_command("recount", "--check", stdout=io.StringIO())
    assert [row["count"] for row in topics_counted()] == [1]


@pytest.mark.django_db
def test_lists_tell_kept_counts_and_read_no_article_for_them(client):
    ArticleMaker()
    with CaptureQueriesContext(connection) as queries:
        for address in ("/tags/", "/tags/by-name/", "/sources/", "/archive/", "/sitemap.xml"):
            assert client.get(address).status_code == 200
    plans = []
    for query in queries:
        if "articles_edition" not in query["sql"]:  # validation, which counts the sets of synonyms
            assert "COUNT(" not in query["sql"]
            with connection.cursor() as cursor:
                plans += [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}").fetchall()]
    assert any("article_expiring" in plan for plan in plans)
    assert not [plan for plan in plans if plan.startswith("SCAN") and "articles_article" in plan]
