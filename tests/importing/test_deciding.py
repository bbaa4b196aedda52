"""What becomes of a file: a table of cases, and the law that order never matters."""

import datetime
import itertools
from dataclasses import replace

import pytest

from articles.importing.deciding import Standing, decide
from articles.ingest import Document
from articles.ingest.batch import Reading
from articles.models import Result


def at(hour):
    return datetime.datetime(2025, 1, 29, hour, tzinfo=datetime.UTC)


def reading(sha="a", hour=7, *, path=None, content=None, **facts):
    """A file that was read; `content` tells which texts are the same."""
    document = Document(
        name=path or f"dw/{sha}.md",
        sha256=sha,
        title="標題",
        title_raw="標題",
        url="https://www.dw.com/zh/a-1",
        canonical_url="https://www.dw.com/zh/a-1",
        address_key="dw.com/a-1",
        source="dw",
        host="dw.com",
        archived_at=at(hour),
        published_at=at(hour),
        published_precision="second",
        published_from="epoch",
        text="字" * 100,
    )
    document = replace(document, **facts)
    return Reading(path or f"dw/{sha}.md", sha, 10, document, b"", content or sha)


def after(*readings, edited=False):
    """The standing, and the results, after these files."""
    standing = Standing(edited=False)
    results = []
    for number, one in enumerate(readings):
        results.append(decide(standing, one)[0])
        if number == 0:
            standing.edited = edited
    return standing, results


def test_the_first_file_makes_the_article():
    standing, results = after(reading())
    assert results == [Result.CREATED]
    assert standing.newest.sha256 == "a"


def test_the_same_file_again_changes_nothing():
    assert after(reading(), reading())[1] == [Result.CREATED, Result.UNCHANGED]


def test_the_same_bytes_at_another_path_are_a_duplicate_and_both_paths_are_kept():
    standing, results = after(reading(), reading(path="old/a.md"))
    assert results == [Result.CREATED, Result.DUPLICATE]
    assert len(standing.versions) == 2
    assert sum(v.newest for v in standing.versions) == 1
    assert standing.newest == after(reading(path="old/a.md"), reading())[0].newest


def test_a_later_text_replaces_an_earlier_one_and_the_earlier_date_stays():
    standing, results = after(reading("a", 7), reading("b", 12))
    assert results == [Result.CREATED, Result.UPDATED]
    assert standing.newest.sha256 == "b"
    assert standing.earliest.published_at == at(7)


def test_an_earlier_text_that_comes_later_does_not_replace():
    standing, results = after(reading("b", 12), reading("a", 7))
    assert results == [Result.CREATED, Result.DUPLICATE]
    assert standing.newest.sha256 == "b"
    assert standing.earliest.published_at == at(7)


def test_a_later_stub_never_replaces_a_fuller_text():
    standing, results = after(reading("a", 7), reading("b", 12, stub=True, text=""))
    assert results == [Result.CREATED, Result.DUPLICATE]
    assert standing.newest.sha256 == "a"


def test_a_teaser_stands_between_a_stub_and_a_full_text():
    stub, teaser, full = (
        reading("a", 12, stub=True, text=""),
        reading("b", 10, warnings=("teaser",)),
        reading("c", 7),
    )
    assert after(stub, teaser, full)[1] == [Result.CREATED, Result.UPDATED, Result.UPDATED]


def test_a_later_file_with_the_same_text_is_a_duplicate_that_carries_its_time():
    standing, results = after(reading("a", 7, content="same"), reading("b", 8, content="same"))
    assert results == [Result.CREATED, Result.DUPLICATE]
    assert standing.newest.sha256 == "b"


def test_an_edited_article_is_kept_and_the_newer_original_waits():
    standing, results = after(reading("a", 7), reading("b", 12), edited=True)
    assert results == [Result.CREATED, Result.KEPT]
    assert standing.newest.sha256 == "a"
    assert [v.sha256 for v in standing.versions if v.waiting] == ["b"]


def test_an_edited_article_is_not_flagged_for_an_older_original():
    standing, results = after(reading("b", 12), reading("a", 7), edited=True)
    assert results == [Result.CREATED, Result.DUPLICATE]
    assert not [v for v in standing.versions if v.waiting]


def test_better_rules_update_an_article_from_the_bytes_it_was_made_from():
    standing, results = after(reading("a", content="old"), reading("a", content="new"))
    assert results == [Result.CREATED, Result.UPDATED]
    assert standing.newest.content_sha256 == "new"
    assert len(standing.versions) == 1


def test_better_rules_leave_an_edited_article_alone():
    assert after(reading("a", content="old"), reading("a", content="new"), edited=True)[1][-1] == Result.KEPT


def test_an_older_original_read_again_is_unchanged():
    assert after(reading("a", 7), reading("b", 12), reading("a", 7))[1][-1] == Result.UNCHANGED


FILES = [
    reading("a", 7),
    reading("b", 12),
    reading("c", 14, stub=True, text=""),
    reading("d", 9, content="b"),
    reading("e", 12, published_at=None, published_precision="", published_from="", archived_at=None),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))))
def test_the_end_never_depends_on_the_order_of_files(order):
    standing, _ = after(*(FILES[number] for number in order))
    assert standing.newest.sha256 == "b"
    assert standing.winner.sha256 == "b"
    assert standing.earliest.sha256 == "a"
    assert {v.sha256 for v in standing.versions} == set("abcde")
