"""Storing batches: one article an address, tags and pictures in sets, the editor's hand, the bytes kept."""

import dataclasses
import datetime
import itertools
import zlib

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.importing import Entry, recall, start_run, store, store_and_record, writing
from articles.ingest import Embed, Picture, archive_id_of
from articles.ingest.links import address_key
from articles.models import (
    UNDATED,
    Article,
    ArticleImage,
    Image,
    Original,
    PossibleDuplicate,
    Reference,
    Result,
    Source,
    Tag,
    TagAlias,
    TaggedArticle,
)
from tests.importing.readings import LONG, at, entries, reading

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return start_run({})


def results(outcomes):
    return [outcome.result for outcome in outcomes]


def state():
    """All that an import leaves, without row numbers and times of import."""
    return {
        "articles": sorted(
            Article.objects.values_list(
                "address_key",
                "title",
                "body",
                "published_at",
                "archived_at",
                "status",
                "source__slug",
                "lead_image__origin_url",
            ),
            key=str,
        ),
        "tags": sorted(TaggedArticle.objects.values_list("content_object__address_key", "tag__key", "origin")),
        "images": sorted(
            ArticleImage.objects.values_list("article__address_key", "position", "image__origin_url", "caption")
        ),
        "references": sorted(Reference.objects.values_list("article__address_key", "key")),
        "originals": sorted(
            (path, sha, newest, key, zlib.decompress(raw))
            for path, sha, newest, key, raw in Original.objects.values_list(
                "path", "sha256", "newest", "article__address_key", "bytes"
            )
        ),
        "pairs": PossibleDuplicate.objects.count(),
    }


def test_an_article_is_stored_with_all_that_was_read(run):
    one = reading(
        1,
        7,
        byline="林小安",
        tags=("人工智能", "瓦倫港"),
        pictures=(Picture("https://p.example/1.jpg", caption="字", credit="人", alt="圖"), "https://p.example/2.jpg"),
        embeds=(Embed("https://www.youtube.com/watch?v=1", "YouTube", "片"),),
        links=("https://www.dw.com/zh/a-2", "http://elsewhere.example/?q=1"),
        warnings=("stub",),
        dateline_at=at(6),
        language="zh-Hant",
        script="hant",
        copyright="© 2025",
    )
    outcome = store(run, entries(one), publish=True)[0]
    article = Article.objects.get(pk=outcome.article_id)
    assert (outcome.result, outcome.images_wanted) == (Result.CREATED, 2)
    assert (article.status, article.byline, article.language) == ("published", "林小安", "zh-Hant")
    assert article.published_on == datetime.date(2025, 1, 29)
    assert article.listed_at == article.published_at == at(7)
    assert sorted(article.tags.names()) == ["人工智能", "瓦倫港"]
    assert article.lead_image.origin_url == "https://p.example/1.jpg"
    assert [(p.position, p.caption, p.credit) for p in article.article_images.all()] == [(0, "字", "人"), (1, "", "")]
    assert {r.key for r in article.references.all()} == {"dw.com/a-2", "elsewhere.example?q=1"}
    assert article.embeds[0]["provider"] == "YouTube"
    assert article.source.slug == "dw"
    assert article.originals.get().newest


def test_the_still_picture_of_an_embed_is_wanted_and_leads_where_the_text_has_none(run):
    film = Embed("https://www.youtube.com/watch?v=1", "YouTube", poster="https://i.ytimg.com/vi/1/maxresdefault.jpg")
    both, alone = reading(1, 7, embeds=(film,), pictures=("https://p.example/1.jpg",)), reading(2, 8, embeds=(film,))
    outcomes = store(run, entries(both, alone), publish=True)
    with_both, with_one = (Article.objects.get(pk=outcome.article_id) for outcome in outcomes)
    still = Image.objects.get(origin_url=film.poster)
    assert sorted(outcome.images_wanted for outcome in outcomes) == [0, 2]
    assert with_both.lead_image.origin_url == "https://p.example/1.jpg"
    assert with_one.lead_image == still
    assert still.decorative
    assert not with_one.article_images.exists()
    assert {poster.article for poster in still.posters.all()} == {with_both, with_one}
    store(run, entries(reading(2, 9)), publish=True)
    assert [poster.article for poster in still.posters.all()] == [with_both]


def test_the_end_is_the_same_in_every_order_and_every_batching(run):
    files = [
        reading(1, 7, tags=("甲",), pictures=("https://p.example/1.jpg",)),
        reading(1, 12, title="新題", tags=("乙",), pictures=("https://p.example/2.jpg",)),
        reading(1, 15, text="", stub=True),
        reading(2, 9, links=("https://www.dw.com/zh/x/a-1",)),
    ]
    ends = []
    for order in itertools.permutations(files):
        for cut in (1, 2, 4):
            for start in range(0, 4, cut):
                store(run, entries(*order[start : start + cut]))
            ends.append(state())
            Article.objects.all().delete()
            Tag.objects.all().delete()
    assert all(end == ends[0] for end in ends)
    assert [(a[1], a[3]) for a in ends[0]["articles"]] == [("新題", at(7)), ("第 2 號倉庫", at(9))]


def test_two_addresses_that_differ_in_scheme_or_www_are_one_article(run):
    store(run, entries(reading(1, 7, url="http://www.dw.com/zh/x/a-1"), reading(1, 8, url="https://dw.com/zh/y/a-1")))
    assert Article.objects.count() == 1


def test_the_inbox_is_where_articles_of_a_source_go_unless_it_says_otherwise(run):
    store(run, entries(reading(1)))
    Source.objects.update(publish_on_import=True)
    store(run, entries(reading(2)))
    assert list(Article.objects.order_by("pk").values_list("status", flat=True)) == ["inbox", "published"]


def test_an_unknown_host_becomes_a_source_of_its_own_and_an_editors_host_is_respected(run):
    Source.objects.create(slug="mine", name="Mine", hosts=["mine.example"])

    def of(host, number):
        one = reading(number, source="")
        return dataclasses.replace(one, document=dataclasses.replace(one.document, host=host))

    store(run, entries(of("mine.example", 1), of("new.example", 2)))
    assert list(Article.objects.order_by("pk").values_list("source__slug", flat=True)) == ["mine", "new-example"]


def test_an_edited_article_keeps_its_words_and_the_newer_original_is_flagged(run):
    pk = store(run, entries(reading(1, 7)))[0].article_id
    Article.objects.filter(pk=pk).update(title="改過的", edited_at=timezone.now())
    assert results(store(run, entries(reading(1, 12, title="新題")))) == [Result.KEPT]
    article = Article.objects.get(pk=pk)
    assert (article.title, article.source_changed) == ("改過的", True)
    assert [(o.newest, o.waiting) for o in article.originals.order_by("pk")] == [(True, False), (False, True)]


def test_an_update_takes_away_imported_tags_only(run):
    pk = store(run, entries(reading(1, 7, tags=("舊", "留"))))[0].article_id
    Article.objects.get(pk=pk).tags.add("編輯的")
    store(run, entries(reading(1, 12, tags=("留", "新"))))
    assert sorted(Article.objects.get(pk=pk).tags.names()) == ["新", "留", "編輯的"]


def test_names_with_one_key_are_one_tag_and_an_alias_leads_to_its_target(run):
    store(run, entries(reading(1, tags=("台灣", "ＡＩ")), reading(2, tags=("台湾", "ai", "寶島"))))
    assert Tag.objects.count() == 3
    TagAlias.objects.create(tag=Tag.objects.get(name="台灣"), name="福爾摩沙")
    pk = store(run, entries(reading(3, tags=("福爾摩沙",))))[0].article_id
    assert list(Article.objects.get(pk=pk).tags.names()) == ["台灣"]


def test_tags_of_punctuation_and_equal_slugs_get_slugs_of_their_own(run):
    store(run, entries(reading(1, tags=("C", "C++", "???", "……", " "))))
    assert Tag.objects.count() == 4
    assert len(set(Tag.objects.values_list("slug", flat=True))) == 4


def test_a_picture_in_two_articles_is_one_picture_and_wanted_once(run):
    outcomes = store(run, entries(*(reading(n, pictures=("https://p.example/1.jpg",)) for n in (1, 2))))
    assert Image.objects.count() == 1
    assert [outcome.images_wanted for outcome in outcomes] == [1, 0]


def test_the_same_text_under_another_address_is_linked_and_never_merged(run):
    first, second = store(run, entries(reading(1, text=LONG), reading(2, text=LONG.replace("風", " 風 "))))
    assert results([first, second]) == [Result.CREATED, Result.CREATED]
    pair = PossibleDuplicate.objects.get()
    assert (pair.article_id, pair.other_id) == (first.article_id, second.article_id)
    assert Article.objects.get(pk=first.article_id).address_key in second.reason
    store(run, entries(reading(2, 12)))
    assert not PossibleDuplicate.objects.exists()


def test_an_editors_verdict_on_a_pair_stays(run):
    store(run, entries(reading(1, text=LONG), reading(2, text=LONG)))
    PossibleDuplicate.objects.update(verdict="different")
    store(run, entries(reading(2, 12, text=LONG, title="新")))
    assert PossibleDuplicate.objects.get().verdict == "different"


def test_undated_and_future_articles_stand_last_in_lists(run):
    store(
        run,
        entries(
            reading(1, published_at=None),
            reading(2, published_at=datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)),
            reading(3),
        ),
    )
    assert Article.objects.newest_first().first().address_key == "dw.com/a-3"
    assert Article.objects.filter(listed_at=UNDATED).count() == 2


def test_a_day_is_the_day_whatever_the_zone(run):
    noon = datetime.datetime(2020, 6, 4, 12, tzinfo=datetime.UTC)
    store(run, entries(reading(1, published_at=noon, published_precision="day")))
    assert Article.objects.get().published_on == datetime.date(2020, 6, 4)


def test_known_bytes_are_recalled_until_the_rules_change(run):
    one = reading(1)
    pk = store(run, entries(one))[0].article_id
    keys = [(one.path, one.sha256), ("old/1.md", one.sha256), ("x", "unknown")]
    assert recall(keys) == {keys[0]: (pk, False), keys[1]: (pk, True)}
    Original.objects.update(rules_version="older")
    assert recall(keys) == {}
    store(run, entries(one))
    assert recall(keys[:1]) == {keys[0]: (pk, False)}


def test_known_bytes_at_a_new_path_keep_that_path_too(run):
    one = reading(1)
    pk = store(run, entries(one))[0].article_id
    copy = Entry("old/1.md", one.sha256, "/archive/old/1.md", None, pk, True)
    assert results(store(run, [copy])) == [Result.DUPLICATE]
    assert sorted(Original.objects.values_list("path", flat=True)) == ["dw/1-7.md", "old/1.md"]
    assert bytes(Original.objects.get(path="old/1.md").bytes) == one.compressed


@pytest.mark.parametrize("known", [False, True])
def test_of_files_with_the_same_bytes_the_same_one_gives_the_number_whichever_came_first(run, known):
    places = ("dw/999.md", "rfa/copy.md", "old/777.md")
    numbers = set()
    for order in itertools.permutations(places):
        files = [reading(1, path=path, raw=b"same", archive_id=archive_id_of(path)) for path in order]
        pk = store(run, entries(files[0]))[0].article_id
        for one in files[1:]:
            store(run, [Entry(one.path, one.sha256, "", None, pk, True)] if known else entries(one))
        numbers.add(Article.objects.get().archive_id)
        Article.objects.all().delete()
    assert len(numbers) == 1


def test_a_file_that_the_database_refuses_costs_only_itself(run):
    bad = reading(2, title="x" * 5000) if connection.vendor == "postgresql" else reading(2, title="\ud800")
    assert results(store(run, entries(reading(1), bad, reading(3)))) == [Result.CREATED, Result.FAILED, Result.CREATED]
    assert Article.objects.count() == 2


def faulty(monkeypatch, title, fault):
    """Let the writing of the article with this title end with a fault."""
    fields_of = writing.fields_of

    def fields(one, source):
        if one.document.title == title:
            raise fault
        return fields_of(one, source)

    monkeypatch.setattr(writing, "fields_of", fields)


@pytest.mark.parametrize("fault", [OverflowError("date value out of range"), KeyError("x"), MemoryError(), TypeError()])
@pytest.mark.parametrize("number", [1, 3])
def test_any_fault_of_one_file_is_its_own_record_with_its_class(run, monkeypatch, fault, number):
    faulty(monkeypatch, "壞", fault)
    outcomes = store(run, entries(reading(1, title="壞"), *(reading(n) for n in range(2, number + 1))))
    assert results(outcomes) == [Result.FAILED, *[Result.CREATED] * (number - 1)]
    assert outcomes[0].code == "not_stored"
    assert f"({type(fault).__name__}" in outcomes[0].reason
    assert outcomes[0].location
    assert Article.objects.count() == number - 1


@pytest.mark.parametrize("fault", [OperationalError("disk full"), InterfaceError("connection already closed")])
def test_a_database_that_cannot_go_on_is_no_files_fault(run, monkeypatch, fault):
    faulty(monkeypatch, "壞", fault)
    with pytest.raises(type(fault)):
        store(run, entries(reading(1, title="壞"), reading(2)))


def test_a_value_that_is_too_large_for_the_database_is_a_files_fault(run, monkeypatch):
    fault = OperationalError("string is too long for tsvector")
    fault.__cause__ = psycopg.errors.ProgramLimitExceeded()
    faulty(monkeypatch, "壞", fault)
    assert results(store(run, entries(reading(1, title="壞"), reading(2)))) == [Result.FAILED, Result.CREATED]


@pytest.mark.parametrize("year", [datetime.MINYEAR, datetime.MAXYEAR])
def test_an_instant_at_the_edge_of_time_costs_at_most_its_own_file(run, year):
    month, day, hour = (1, 1, 0) if year == datetime.MINYEAR else (12, 31, 23)
    bad = reading(2, published_at=datetime.datetime(year, month, day, hour, tzinfo=datetime.UTC))
    *others, end = results(store(run, entries(reading(1), reading(3), bad)))
    assert others == [Result.CREATED] * 2
    assert end in (Result.FAILED, Result.CREATED)
    assert Article.objects.count() == 2 + (end == Result.CREATED)


def edit(pk, **facts):
    Article.objects.filter(pk=pk).update(title="改過的", edited_at=timezone.now(), **facts)


def renamed(one, number, **facts):
    """The same bytes, as rules read them that give another address key."""
    url = f"https://www.dw.com/zh/a-{number}"
    document = dataclasses.replace(one.document, url=url, address_key=address_key(url), **facts)
    return dataclasses.replace(one, document=document)


def outdate():
    Original.objects.update(rules_version="older")


def test_an_edited_article_goes_along_with_its_key_and_keeps_its_words(run):
    one = reading(1)
    pk = store(run, entries(one))[0].article_id
    edit(pk)
    outdate()
    again = dataclasses.replace(renamed(one, 77), content_sha256="other")
    outcome = store(run, entries(again))[0]
    assert (outcome.result, outcome.article_id) == (Result.KEPT, pk)
    article = Article.objects.get()
    assert (article.address_key, article.title) == ("dw.com/a-77", "改過的")
    assert results(store(run, entries(again))) == [Result.UNCHANGED]


@pytest.mark.parametrize("edited", [False, True])
def test_an_older_version_read_first_takes_its_article_along_too(run, edited):
    first, second = reading(1, 7), reading(1, 12, title="新題")
    pk = store(run, entries(first, second))[0].article_id
    if edited:
        edit(pk)
    outdate()
    outcomes = [
        store(run, entries(renamed(one, 77, canonical_url="https://www.dw.com/zh/a-77")))[0] for one in (first, second)
    ]
    assert [(o.result, o.article_id) for o in outcomes] == [(Result.UNCHANGED, pk)] * 2
    assert Article.objects.get().address_key == "dw.com/a-77"
    assert Original.objects.filter(article=pk).count() == 2


@pytest.mark.parametrize("edited", [False, True])
def test_a_new_version_takes_the_article_of_its_own_address_along(run, edited):
    pk = store(run, entries(reading(1, 7)))[0].article_id
    Article.objects.update(address_key="dw.com/a-1?as-older-rules-had-it")
    if edited:
        edit(pk)
    outcome = store(run, entries(reading(1, 12, title="新題")))[0]
    assert (outcome.result, outcome.article_id) == (Result.KEPT if edited else Result.UPDATED, pk)
    assert Article.objects.get().address_key == "dw.com/a-1"


@pytest.mark.parametrize("edited", [False, True])
def test_an_article_whose_new_key_is_taken_stays_where_it_is_with_its_bytes(run, edited):
    one, other = reading(1), reading(2)
    first, second = (outcome.article_id for outcome in store(run, entries(one, other)))
    if edited:
        edit(second)
    outdate()
    again = renamed(other, 1, canonical_url=one.document.canonical_url)
    assert [(o.result, o.article_id) for o in store(run, entries(again, one))] == [
        (Result.UNCHANGED, second),
        (Result.UNCHANGED, first),
    ]
    assert set(Article.objects.values_list("address_key", flat=True)) == {"dw.com/a-1", "dw.com/a-2"}
    rewritten = dataclasses.replace(again, content_sha256="other")
    outcome = store(run, entries(rewritten))[0]
    assert (outcome.result, outcome.article_id) == (Result.KEPT if edited else Result.UPDATED, second)


def test_of_two_articles_with_one_new_key_the_edited_one_goes_along_and_the_other_stays(run):
    one, other = reading(1), reading(2)
    first, second = (outcome.article_id for outcome in store(run, entries(one, other)))
    edit(second)
    outdate()
    both = [renamed(each, 77, canonical_url="https://www.dw.com/zh/a-77") for each in (one, other)]
    assert [(o.result, o.article_id) for o in store(run, entries(*both))] == [
        (Result.UNCHANGED, first),
        (Result.UNCHANGED, second),
    ]
    assert dict(Article.objects.values_list("pk", "address_key")) == {first: "dw.com/a-1", second: "dw.com/a-77"}


def test_better_rules_that_give_another_key_take_the_article_along(run):
    one = reading(1, raw=b"the bytes", url="https://www.dw.com/zh/a-1?x=1")
    pk = store(run, entries(one))[0].article_id
    again = reading(1, raw=b"the bytes", url="https://www.dw.com/zh/a-77")
    assert store(run, entries(again))[0].article_id == pk
    assert Article.objects.get().address_key == "dw.com/a-77"


def test_the_number_of_statements_does_not_grow_with_the_files(run):
    def statements(numbers):
        files = entries(
            *(
                reading(
                    n,
                    tags=(f"題{n}", "共"),
                    pictures=(f"https://p.example/{n}.jpg",),
                    links=(f"https://l.example/{n}",),
                )
                for n in numbers
            )
        )
        with CaptureQueriesContext(connection) as captured:
            store(run, files)
        return len(captured)

    statements(range(1, 3))
    few, many = statements(range(10, 13)), statements(range(100, 140))
    assert many <= few + 2  # SQLite takes 24 articles a statement


@pytest.mark.django_db(transaction=True)
def test_a_batch_without_faults_needs_no_savepoint(run):
    store_and_record(run, entries(reading(1)), publish=True)
    with CaptureQueriesContext(connection) as queries:
        outcomes = store_and_record(run, entries(reading(2), reading(3)), publish=True)
    assert results(outcomes) == [Result.CREATED, Result.CREATED]
    assert not [query["sql"] for query in queries if query["sql"].startswith("SAVEPOINT")]
