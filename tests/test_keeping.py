"""Whole answers that are kept: the same as new ones, and never older than what stands in the database."""

import contextlib
import datetime
import threading

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, FrontMoment, new_edition
from articles.views import keeping, validation
from tests.makers import ArticleMaker, TakeDownMaker, UserMaker

NOW = datetime.datetime(2025, 3, 1, 9, tzinfo=datetime.UTC)


@pytest.fixture
def shelf(db, settings):
    settings.KEPT_PAGES = 3
    keeping.shelf.clear()
    yield keeping.shelf
    keeping.shelf.clear()


@pytest.fixture
def article(shelf):
    return ArticleMaker(status="published", title="第一個題目", body="<p>文</p>", text="文" * 900)


def told(answer):
    return answer.status_code, answer.content, dict(answer.headers)


def test_a_second_visit_costs_one_query_and_says_the_same(client, article, django_assert_num_queries):
    address = article.get_absolute_url()
    first = client.get(address)
    with django_assert_num_queries(1):
        second = client.get(address)
    assert told(second) == told(first)
    assert "第一個題目" in second.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_change_is_seen_when_it_is_committed(client, article):
    address = article.get_absolute_url()
    client.get(address)
    assert keeping.shelf.kept
    article.title = "第二個題目"
    article.save()
    assert "第二個題目" in client.get(address).content.decode()
    article.status = "withdrawn"
    article.save()
    assert client.get(address).status_code == 404


def test_what_goes_live_by_itself_is_seen_at_its_moment(client, shelf):
    with time_machine.travel(NOW, tick=False) as clock:
        ArticleMaker(status="published", title="預定的文章", go_live_at=NOW + datetime.timedelta(minutes=5))
        assert "預定的文章" not in client.get("/").content.decode()
        clock.shift(299)
        assert "預定的文章" not in client.get("/").content.decode()
        clock.shift(2)
        assert "預定的文章" in client.get("/").content.decode()


def test_a_new_day_makes_pages_anew(client, article):
    with time_machine.travel(NOW, tick=False) as clock:
        first = client.get("/")
        clock.shift(86400)
        assert client.get("/").headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("held", ["etag", "date"])
def test_who_has_a_page_gets_304_with_the_same_words_from_what_is_kept(client, article, settings, held):
    address = article.get_absolute_url()
    page = client.get(address)
    name, value = {"etag": ("If-None-Match", page["ETag"]), "date": ("If-Modified-Since", page["Last-Modified"])}[held]
    kept = client.get(address, headers={name: value})
    settings.KEPT_PAGES = 0
    made = client.get(address, headers={name: value})
    assert (kept.status_code, kept.content) == (304, b"")
    assert "sandbox" not in kept["Content-Security-Policy"], "a cache would take it for the page's"
    assert set(kept.headers.items()) <= set(page.headers.items()) | set(made.headers.items())
    assert set(made.headers) <= set(kept.headers)


def test_a_page_of_which_everybody_has_a_copy_is_not_made_to_say_so(client, article, django_assert_num_queries):
    address = article.get_absolute_url()
    page = client.get(address)
    held = {"If-None-Match": page["ETag"]}
    keeping.shelf.clear()
    first = client.get(address, headers=held)
    with django_assert_num_queries(1):
        again = client.get(address, headers=held)
    assert first.status_code == 304
    assert told(again) == told(first)
    assert "Content-Length" not in first.headers
    for headers in ({"If-None-Match": '"another"'}, {}, {"If-None-Match": "*"}):
        keeping.shelf.clear()
        client.get(address, headers=held)
        assert told(client.get(address, headers=headers)) == told(page)
    assert [kept.status for kept in keeping.shelf.kept.values()] == [200]


def test_language_script_compression_and_query_have_answers_of_their_own(client, article):
    address = article.get_absolute_url()
    visits = [
        (address, {}),
        (address, {"Accept-Language": "zh-hant"}),
        (address, {"Accept-Encoding": "gzip"}),
        (f"{address}?page=2", {}),
        (f"/zh-hans{address}", {}),
    ]
    made = []
    for path, headers in visits:
        keeping.shelf.clear()
        made.append(told(client.get(path, headers=headers)))
    keeping.shelf.clear()
    again = [told(client.get(path, headers=headers)) for path, headers in visits]
    assert [(status, headers.get("Content-Language")) for status, _, headers in again] == [
        (status, headers.get("Content-Language")) for status, _, headers in made
    ]
    assert [content for _, content, headers in again if "Content-Encoding" not in headers] == [
        content for _, content, headers in made if "Content-Encoding" not in headers
    ]
    assert again[2][2]["Content-Encoding"] == "gzip"


def test_no_more_than_so_many_are_kept(client, article, shelf):
    for path in ("/", "/tags/", "/sources/", "/archive/"):
        client.get(path)
    assert [key[2] for key in shelf.kept] == ["/tags/", "/sources/", "/archive/"]


@pytest.mark.parametrize("path", ["/a/987654/", "/healthz", "/admin/login/", "/sitemap-news.xml", "/preview/none/"])
def test_what_is_no_public_page_is_not_kept(client, article, shelf, path):
    client.get(path)
    assert not shelf.kept


def test_the_desk_is_not_kept_and_staff_get_readers_pages(client, article, shelf):
    public = client.get("/").content
    client.force_login(UserMaker(is_superuser=True))
    client.get("/admin/")
    assert client.get("/").content == public
    assert len(shelf.kept) == 1


@pytest.mark.django_db(transaction=True)
class TestWhatStandsIsRemembered:
    """On SQLite, outside of transactions: by the number of the file's versions."""

    @pytest.fixture(autouse=True)
    def _sqlite(self):
        if connection.vendor != "sqlite":
            pytest.skip("SQLite's")

    def test_a_visit_while_nothing_was_written_asks_for_a_number_alone(self, client, article):
        address = article.get_absolute_url()
        for _ in range(2):
            client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        assert not asked.captured_queries

    def test_what_another_connection_writes_is_seen(self, client, article):
        address = article.get_absolute_url()
        for _ in range(2):
            client.get(address)

        def retitle():
            article.title = "第三個題目"
            article.save()
            connection.close()

        other = threading.Thread(target=retitle)
        other.start()
        other.join()
        assert "第三個題目" in client.get(address).content.decode()

    def test_what_was_rolled_back_was_never_seen(self, article):
        before = validation.standing(timezone.now())
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            article.title = "不算"
            article.save()
            new_edition()
            assert validation.standing(timezone.now()) != before
            raise ZeroDivisionError
        assert validation.standing(timezone.now()) == before

    @pytest.mark.parametrize("what", ["go_live_at", "expire_at", "front", "begins_at", "ends_at"])
    def test_a_moment_at_which_something_changes_by_itself_is_not_missed(self, shelf, what):
        at = NOW + datetime.timedelta(minutes=5)
        with time_machine.travel(NOW, tick=False):
            article = ArticleMaker(status="published")
            if what in ("go_live_at", "expire_at"):
                Article.objects.filter(pk=article.pk).update(**{what: at})
            elif what == "front":
                FrontMoment.objects.create(at=at)
            else:
                begins = {"begins_at": NOW - datetime.timedelta(hours=1)} | {what: at}
                applied = NOW if what == "ends_at" else None
                TakeDownMaker(state="in_force", decided_at=NOW, applied_at=applied, **begins)
            before = validation.standing(NOW)
        just_before = at - datetime.timedelta(microseconds=1)
        with CaptureQueriesContext(connection) as asked:
            assert validation.standing(just_before) == before
        assert not asked.captured_queries
        assert validation.standing(at) != before
        assert validation.standing(just_before) == before  # a clock that is set back
