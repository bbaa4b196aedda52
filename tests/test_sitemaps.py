"""What search engines are told to read."""

import datetime
from xml.etree import ElementTree

import pytest
import time_machine
from django.utils import timezone
from django.utils.encoding import iri_to_uri

from articles import sitemaps
from articles.models import Article
from tests.makers import ArticleMaker, SourceMaker, StoryMaker, StoryPlaceMaker, TagMaker

pytestmark = pytest.mark.django_db
NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}
HOUR = datetime.timedelta(hours=1)


def on(day, **values):
    moment = datetime.datetime(2025, 1, day, 6, tzinfo=datetime.UTC)
    return {"published_at": moment, "published_on": moment.date(), **values}


def locations(client, address):
    tree = ElementTree.fromstring(client.get(address).content)
    return [location.text for location in tree.iterfind(".//s:loc", NAMES)]


def undated():
    return {"published_at": None, "published_on": None, "published_precision": ""}


def test_the_index_has_a_part_a_month_with_its_latest_change(client, settings):
    ArticleMaker(**on(28))
    ArticleMaker(**on(2))
    other = ArticleMaker(**on(2, published_on=datetime.date(2024, 12, 31)))
    changed = datetime.datetime(2126, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)  # later than whenever this runs
    Article.objects.filter(pk=other.pk).update(updated_at=changed)
    ArticleMaker(**undated())
    answer = client.get("/sitemap.xml")
    assert answer["Content-Type"] == "application/xml"
    parts = [f"{settings.SITE_URL}/sitemap-{part}.xml" for part in ("pages", "2025-01", "2024-12", "undated")]
    assert locations(client, "/sitemap.xml") == parts
    assert "<lastmod>2126-03-04" in answer.content.decode()
    assert all(client.get(part.removeprefix(settings.SITE_URL)).status_code == 200 for part in parts)


def test_every_published_article_is_in_exactly_one_part(client, settings, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 2)
    articles = [ArticleMaker(**on(day)) for day in (1, 2, 3, 4, 31)] + [ArticleMaker(**undated())]
    ArticleMaker(**on(5), status="draft")
    ArticleMaker(**on(6), go_live_at=timezone.now() + HOUR)
    found = []
    for part in locations(client, "/sitemap.xml"):
        found += locations(client, part.removeprefix(settings.SITE_URL))
    wanted = [settings.SITE_URL + article.get_absolute_url() for article in articles]
    assert sorted(one for one in found if "/a/" in one) == sorted(wanted)
    assert f"{settings.SITE_URL}/" in found
    assert settings.SITE_URL + articles[0].source.get_absolute_url() in found


def test_every_topic_and_story_is_in_exactly_one_file_however_many_there_are(client, settings, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 2)
    article = ArticleMaker(**on(3))
    hidden = ArticleMaker(**on(4), status="draft")
    topics, stories = TagMaker.create_batch(5), StoryMaker.create_batch(4)
    article.tags.add(*topics)
    hidden.tags.add(TagMaker(name="還沒有"))
    for story in stories:
        StoryPlaceMaker(story=story, article=article)
    StoryPlaceMaker(story=StoryMaker(), article=hidden)
    files = [part.removeprefix(settings.SITE_URL) for part in locations(client, "/sitemap.xml")]
    for kind, things, number in (("topics", topics, 3), ("stories", stories, 2)):
        parts = [file for file in files if file.startswith(f"/sitemap-{kind}.xml")]
        found = [locations(client, part) for part in parts]
        assert len(parts) == number
        wanted = [settings.SITE_URL + iri_to_uri(thing.get_absolute_url()) for thing in things]
        assert [iri_to_uri(one) for part in found for one in part] == wanted


@pytest.mark.parametrize("indexing", ["source", "noindex"])
def test_what_shall_be_found_elsewhere_or_nowhere_is_in_no_sitemap(client, indexing):
    article = ArticleMaker(source=SourceMaker(indexing=indexing), published_at=timezone.now() - HOUR)
    month = f"/sitemap-{article.published_on:%Y-%m}.xml"
    assert client.get(month).status_code == 404
    assert f"/a/{article.pk}/" not in "".join(locations(client, "/sitemap-news.xml"))
    assert article.source.get_absolute_url() not in "".join(locations(client, "/sitemap-pages.xml"))


def test_news_are_those_of_the_last_48_hours_by_the_sources_date(client, settings):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        now = timezone.now()
        day = {"published_precision": "day", "published_on": now.date()}
        news = ArticleMaker(title="新 & 聞", published_at=now - HOUR, script="hant")
        ArticleMaker(published_at=now - HOUR * 2, language="en", script="latn", **day)
        ArticleMaker(published_at=now - HOUR * 49)
        ArticleMaker(**undated())
        held = client.get("/sitemap-news.xml")
        tree = ElementTree.fromstring(held.content)
        told = [
            tuple(node.find(f".//n:{name}", NAMES).text for name in ("title", "language", "publication_date"))
            for node in tree.iterfind("s:url", NAMES)
        ]
        assert told[0] == ("新 & 聞", "zh-tw", news.published_at.isoformat(timespec="seconds"))
        assert told[1][1:] == ("en", now.date().isoformat())
        assert len(told) == 2
        assert tree.find(".//n:name", NAMES).text == settings.SITE_NAME
        clock.shift(HOUR * 46.5)
        answer = client.get("/sitemap-news.xml", headers={"if-none-match": held["ETag"]})
        assert answer.status_code == 200
        assert len(locations(client, "/sitemap-news.xml")) == 1


def test_robots_learn_where_the_sitemaps_are(client, settings):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert lines[:2] == ["User-agent: *", "Disallow: /admin/"]
    assert lines[-2:] == [f"Sitemap: {settings.SITE_URL}/sitemap{name}.xml" for name in ("", "-news")]


@pytest.mark.parametrize(
    "address",
    ["-2025-13.xml", "-2025-01.xml?after=99999999", "-2025-01.xml?after=x", "-2024-01.xml", "-undated.xml"],
)
def test_parts_without_articles_are_not_found(client, address):
    ArticleMaker(**on(28))
    assert client.get(f"/sitemap{address}").status_code == 404


@pytest.mark.parametrize("number", [1, 30])
def test_sitemaps_cost_the_same_whatever_the_rows_and_load_no_bodies(client, django_assert_max_num_queries, number):
    for index in range(number):
        ArticleMaker(**on(1 + index % 28)).tags.add(f"主題 {index}")
    for address, most in (("", 6), ("-2025-01", 3), ("-news", 2), ("-pages", 2), ("-topics", 2)):
        with django_assert_max_num_queries(most) as asked:
            client.get(f"/sitemap{address}.xml")
        assert not [query for query in asked.captured_queries if '"body"' in query["sql"]]
