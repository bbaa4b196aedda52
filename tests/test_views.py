"""What readers may open, what they may not, and what it costs."""

import datetime

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from articles.models import UNDATED, Article, Image, TagAlias
from articles.templatetags.reading import halves, phrasing
from tests.makers import ArticleImageMaker, ArticleMaker, ImageMaker, ReferenceMaker, SourceMaker, TagMaker

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
DAY = datetime.date(2025, 1, 28)


def at(day=28, hour=6, **values):
    """Fields of an article of January 2025."""
    moment = datetime.datetime(2025, 1, day, hour, tzinfo=datetime.UTC)
    return {"published_at": moment, "published_on": moment.date(), **values}


def every_list(article):
    """Addresses of all lists that would show the article."""
    tag = article.tags.first()
    return [
        reverse("front"),
        article.source.get_absolute_url(),
        tag.get_absolute_url(),
        reverse("tags"),
        reverse("sources"),
        reverse("archive"),
        reverse("year", args=[2025]),
        reverse("month", args=[2025, 1]),
        reverse("day", args=[2025, 1, 28]),
    ]


@pytest.fixture
def article():
    article = ArticleMaker(**at(), title="瓦倫港舊倉庫變身城市農場", slug="瓦倫港舊倉庫變身城市農場")
    article.tags.add(TagMaker(name="城市農場", slug="城市農場"))
    return article


def test_every_page_of_a_published_article_answers(client, article):
    for address in [article.get_absolute_url(), *every_list(article)]:
        response = client.get(address)
        assert response.status_code == 200, address
    assert article.title in client.get(article.get_absolute_url()).content.decode()


HIDDEN = {
    "inbox": {"status": "inbox"},
    "draft": {"status": "draft"},
    "review": {"status": "review"},
    "withdrawn": {"status": "withdrawn"},
    "scheduled": {"go_live_at": HOUR},
    "expired": {"expire_at": -HOUR},
}


@pytest.mark.parametrize("change", HIDDEN.values(), ids=HIDDEN)
def test_what_is_not_published_is_nowhere(client, article, change):
    neighbour = ArticleMaker(**at(), source=article.source, title="鄰居")
    ReferenceMaker(article=neighbour, key=article.address_key)
    for field, value in change.items():
        setattr(article, field, timezone.now() + value if isinstance(value, datetime.timedelta) else value)
    article.save()
    assert client.get(article.get_absolute_url()).status_code == 404
    assert client.get(reverse("article_by_number", args=[article.pk])).status_code == 404
    assert client.get(reverse("article_json", args=[article.pk])).status_code == 404
    assert client.get(article.tags.first().get_absolute_url()).status_code == 404
    pages = [client.get(address) for address in [*every_list(article), neighbour.get_absolute_url()]]
    assert not [page.request["PATH_INFO"] for page in pages if article.title in page.content.decode()]
    assert "城市農場" not in client.get(reverse("tags")).content.decode()
    assert "1 article" in client.get(reverse("archive")).content.decode()


def test_a_wrong_slug_redirects_to_the_right_one(client, article):
    for address in (reverse("article_by_number", args=[article.pk]), reverse("article", args=[article.pk, "old"])):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, article.get_absolute_url())


@pytest.mark.parametrize(
    "address",
    [
        "/a/1/x/",
        "/a/99999999999999999999999/",
        "/a/99999999999999999999999.json",
        "/source/none/",
        "/tag/none/",
        "/0000/",
        "/2025/13/",
        "/2025/02/30/",
        "/2025/1/",
        "/1999/",
        "/archive/undated/",
        "/nothing",
        "/media/none.jpg",
        "/media/../settings.py",
    ],
)
def test_what_does_not_exist_is_not_found(client, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_a_merged_tag_redirects(client, article):
    TagAlias.objects.create(tag=article.tags.first(), name="都市農場", slug="都市農場")
    response = client.get(reverse("tag", args=["都市農場"]))
    assert (response.status_code, response["Location"]) == (301, article.tags.first().get_absolute_url())


def test_an_empty_site_says_how_to_begin(client):
    assert "import_articles seeds" in client.get("/").content.decode()
    assert all(client.get(reverse(name)).status_code == 200 for name in ("sources", "tags", "archive"))


def test_a_front_page_of_one_article_is_whole(client, article):
    assert client.get("/").content.decode().count(article.get_absolute_url()) == 1


def test_the_lead_is_the_newest_of_the_first_with_a_picture(client):
    stored = ImageMaker(state=Image.State.STORED, file="a.jpg", width=3, height=2)
    ArticleMaker(**at(20), lead_image=stored)
    wanted = ArticleMaker(**at(26), lead_image=stored)
    ArticleMaker(**at(27), lead_image=ImageMaker())
    ArticleMaker(**at(28))
    assert client.get("/").context["lead"] == wanted


def make_many(number, source, tag):
    """Whole articles of one day: pictures, tags, references to each other."""
    for index in range(number):
        image = ImageMaker(state=Image.State.STORED, file=f"{source.pk}-{index}.jpg", width=3, height=2)
        article = ArticleMaker(**at(hour=index % 24), source=source, lead_image=image)
        ArticleImageMaker(article=article, image=image)
        ReferenceMaker(article=article, key=Article.objects.first().address_key)
        article.tags.add(tag, TagMaker())


LISTS = ["front", "sources", "source", "tags", "tag", "archive", "year", "month", "day"]


@pytest.mark.parametrize("number", [3, 40])
@pytest.mark.parametrize("name", LISTS)
def test_lists_cost_the_same_whatever_the_rows(client, django_assert_max_num_queries, name, number):
    source, tag = SourceMaker(), TagMaker()
    make_many(number, source, tag)
    for _ in range(number):
        make_many(1, SourceMaker(), tag)
    arguments = {"source": [source.slug], "tag": [tag.slug], "year": [2025], "month": [2025, 1], "day": [2025, 1, 28]}
    most = {"front": 6, "archive": 3, "tags": 3, "sources": 4, "source": 3, "tag": 3}.get(name, 5)
    with django_assert_max_num_queries(most):
        assert client.get(reverse(name, args=arguments.get(name))).status_code == 200


@pytest.mark.parametrize("number", [3, 30])
def test_an_article_costs_five_queries_whatever_hangs_on_it(client, django_assert_num_queries, number):
    article = ArticleMaker(**at())
    for index in range(number):
        copy = ArticleMaker(source=article.source)
        ReferenceMaker(article=article, key=copy.address_key)
        place = ArticleImageMaker(article=article)
        article.body += f'<figure><img src="{place.image.origin_url}"></figure><p><a href="https://{copy.address_key}">'
        article.tags.add(f"主題 {index}")
    article.save()
    with django_assert_num_queries(5):
        assert client.get(article.get_absolute_url()).status_code == 200


def test_lists_never_load_a_body(client, article):
    for address in every_list(article):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(address)
        assert not [query for query in queries.captured_queries if '"body"' in query["sql"] or '"text"' in query["sql"]]
        page = response.context.get("page")
        if page:
            assert {"body", "text"} <= page.articles[0].get_deferred_fields()


def test_pages_follow_one_another_without_gap_or_repetition(client):
    source = SourceMaker()
    same = at()
    wanted = [ArticleMaker(source=source, **same).pk for _ in range(65)]
    wanted.append(ArticleMaker(source=source, published_at=None, published_on=None, published_precision="").pk)
    assert Article.objects.get(pk=wanted[-1]).listed_at == UNDATED
    address, seen, pages = source.get_absolute_url(), [], 0
    while address:
        page = client.get(address).context["page"]
        seen += [article.pk for article in page.articles]
        address = page.older and f"{source.get_absolute_url()}?before={page.older}"
        pages += 1
    assert (pages, seen) == (3, [*reversed(wanted[:-1]), wanted[-1]])


@pytest.mark.parametrize("before", ["x", "1", "1-", "-", "1-2-3", "999999999999999999-1", "１-１"])
def test_a_made_up_place_in_a_list_is_not_found(client, article, before):
    assert client.get(article.source.get_absolute_url(), {"before": before}).status_code == 404


def test_the_archive_counts_by_the_sources_day(client):
    ArticleMaker.create_batch(2, **at(28))
    ArticleMaker(**at(27))
    ArticleMaker(published_at=None, published_on=None, published_precision="")
    [(year, months)] = client.get(reverse("archive")).context["years"]
    assert (year.count, [month.count for month in months][:2]) == (3, [3, 0])
    assert "1 undated" in client.get(reverse("archive")).content.decode()
    weeks = client.get(reverse("month", args=[2025, 1])).context["weeks"]
    assert [day.count for day in weeks[-1] if day] == [1, 2, 0, 0, 0]
    day = client.get(reverse("day", args=[2025, 1, 27])).context
    assert (day["earlier"], day["later"]) == (None, DAY)
    assert client.get(reverse("undated")).status_code == 200


def test_a_date_has_the_precision_it_is_known_with(client):
    source = SourceMaker(timezone="Europe/Berlin")
    exact = ArticleMaker(
        **at(dateline_at=datetime.datetime(2025, 1, 28, 5, 49, 32, tzinfo=datetime.UTC)), source=source
    )
    day = ArticleMaker(**at(published_precision="day"), source=source)
    undated = ArticleMaker(published_at=None, published_on=None, published_precision="", source=source)
    page = client.get(exact.get_absolute_url()).content.decode()
    assert (
        '<time datetime="2025-01-28T06:00:00Z">January 28, 2025 <span class="clock">07:00 UTC+1</span></time>' in page
    )
    assert '<time datetime="2025-01-28T05:49:32Z"><span class="clock">06:49 UTC+1</span></time>' in page
    page = client.get(day.get_absolute_url()).content.decode()
    assert '<time datetime="2025-01-28">January 28, 2025</time>' in page
    assert "UTC" not in page.split("provenance")[0]
    assert "Undated" in client.get(undated.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("day", "shown"), [(28, ""), (27, 'Dated on its page <time datetime="2025-01-27">January 27, 2025</time>')]
)
def test_a_page_that_tells_only_a_day_is_quoted_when_it_is_another_one(client, day, shown):
    noon = datetime.datetime(2025, 1, day, 12, tzinfo=datetime.UTC)
    page = client.get(ArticleMaker(**at(dateline_at=noon)).get_absolute_url()).content.decode()
    assert shown in page
    assert page.count("Dated on its page") == bool(shown)


def test_the_interface_speaks_the_readers_language(client, article):
    page = client.get(article.get_absolute_url(), headers={"accept-language": "zh-TW"}).content.decode()
    assert '<html lang="zh-hant">' in page
    assert "2025年1月28日" in page
    assert "首頁" in page
    assert "首页" in client.get("/", headers={"accept-language": "zh-CN"}).content.decode()
    title = LexborHTMLParser(client.get(article.get_absolute_url()).content.decode()).css_first("h1.story-title")
    assert title.attributes["lang"] == "zh-Hant"


def test_only_web_addresses_become_the_link_to_the_original(client):
    evil = ArticleMaker(source_url="javascript:alert(1)")
    assert "javascript:" not in client.get(evil.get_absolute_url()).content.decode()
    good = ArticleMaker(source_url="https://news.example/a?b=1&c=2")
    link = '<a class="original" href="https://news.example/a?b=1&amp;c=2" rel="noopener noreferrer">'
    assert link in client.get(good.get_absolute_url()).content.decode()


def test_words_of_the_archive_are_escaped(client):
    words = "<script>alert(1)</script>"
    article = ArticleMaker(title=words, standfirst=words, byline=words, copyright=words, excerpt=words)
    article.tags.add(words)
    pages = [client.get(address).content.decode() for address in (article.get_absolute_url(), "/", reverse("tags"))]
    assert not any(words in page for page in pages)


def test_reading_sets_no_cookie(client, article):
    assert not client.get(article.get_absolute_url()).cookies


def test_stored_pictures_are_served_safely_and_for_good(client):
    default_storage.save("ab/picture.jpg", ContentFile(b"\xff\xd8"))
    default_storage.save("ab/page.html", ContentFile(b"<script>"))
    default_storage.save("ab/drawing.svg", ContentFile(b"<svg/>"))
    response = client.get("/media/ab/picture.jpg")
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"]
    assert b"".join(response.streaming_content) == b"\xff\xd8"
    for path in ("ab/page.html", "ab/drawing.svg", "ab", "../ab/picture.jpg", "ab/pic\0ture.jpg"):
        assert client.get(f"/media/{path}").status_code == 404


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("整夜不關燈的圖書館 瓦倫港試行「不打烊」一週", ["整夜不關燈的圖書館", "瓦倫港試行「不打烊」一週"]),
        ("整夜不關燈的圖書館", []),
        ("瓦倫港第 3 號倉庫", []),
        ("圖書館 Library", []),
        ("短 一艘旧渡轮怎样给十九个小岛送书和别的东西", []),
    ],
)
def test_a_headline_of_two_halves_is_one_only_where_each_fits_a_line(title, told):
    assert halves(title) == told


@pytest.mark.parametrize(
    ("title", "classes"),
    [
        ("整夜不關燈的圖書館 瓦倫港試行「不打烊」一週", "phrased phrased-wide"),
        ("图书船：一艘旧渡轮怎样给十九个小岛送书", "phrased-wide"),
        ("一艘旧渡轮怎样给十九个小岛送书和别的东西，以及其他", ""),
        ("A Letter to My Editors and to China", "phrased phrased-wide"),
        ("", "phrased phrased-wide"),
    ],
)
def test_big_lines_end_with_phrases_only_where_every_phrase_fits_a_line(title, classes):
    assert phrasing(title) == classes


def test_machines_learn_whether_all_is_well(client, monkeypatch):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr("articles.health.MigrationExecutor.migration_plan", lambda *_: ["one"])
    response = client.get("/readyz")
    assert (response.status_code, b"migrate" in response.content) == (503, True)
    assert "Disallow: /admin/" in client.get("/robots.txt").content.decode()


def test_health_needs_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_a_fault_answers_with_a_page_that_needs_no_database(client, monkeypatch, django_assert_num_queries):
    client.raise_request_exception = False
    monkeypatch.setattr("articles.views.front._lead", lambda newest: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_only_read(client, article, method):
    assert getattr(client, method)(article.get_absolute_url()).status_code == 405


def test_the_front_page_remembers_this_day_of_earlier_years(client):
    with time_machine.travel(datetime.datetime(2028, 2, 29, 12, tzinfo=datetime.UTC), tick=False):
        source = SourceMaker()
        for day in ((2024, 2, 29), (2020, 2, 29), (2025, 2, 28), (2028, 2, 28), (2024, 3, 1)):
            moment = datetime.datetime(*day, 6, tzinfo=datetime.UTC)
            ArticleMaker(title=str(day), source=source, published_at=moment)
        shown = [
            article.title
            for block in client.get("/").context["blocks"]
            if block.name == "on_this_day"
            for article in block.articles
        ]
    assert shown == ["(2024, 2, 29)", "(2020, 2, 29)"]


def test_a_topic_leads_to_what_it_is_part_of_only_where_that_has_a_page(client, django_assert_max_num_queries):
    whole, hidden = TagMaker(name="交通"), TagMaker(name="草稿")
    ArticleMaker().tags.add(whole)
    ArticleMaker(status="draft").tags.add(hidden)
    for parent, is_told in ((whole, True), (hidden, False), (None, False)):
        topic = TagMaker(parent=parent)
        ArticleMaker().tags.add(topic)
        with django_assert_max_num_queries(3):
            page = client.get(topic.get_absolute_url()).content.decode()
        assert ('class="kicker"><a href="/tags/">Topic</a> · <a' in page) == is_told
        assert ("交通" in page) == is_told
