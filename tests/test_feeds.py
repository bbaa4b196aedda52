"""What subscribers get: what is new here, dated by its source, whole, once."""

import datetime
import json
import re
from xml.etree import ElementTree

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from articles import search
from articles.models import UNDATED, Article, Correction, Image, TagAlias
from tests.makers import ArticleImageMaker, ArticleMaker, ImageMaker, OriginalMaker, SourceMaker, TagMaker

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MEDIA = {"m": "http://search.yahoo.com/mrss/"}
DAY = datetime.timedelta(days=1)


def atom(client, address="/feed.xml"):
    return ElementTree.fromstring(client.get(address).content)


def titles(client, address="/feed.xml"):
    return [title.text for title in atom(client, address).iterfind("a:entry/a:title", ATOM)]


def items(client, address="/feed.json"):
    return json.loads(client.get(address).content)["items"]


def old(number, **values):
    """Articles of years ago, not stored yet."""
    source = values.pop("source", None) or SourceMaker()
    made = []
    for index in range(number):
        moment = timezone.now() - DAY * (400 + index)
        made.append(
            Article(source=source, title=f"舊聞 {index}", slug="x", status="published", published_at=moment,
                    published_precision="second", listed_at=moment, **values)
        )  # fmt: skip
    return made


def imported(number, **values):
    return Article.objects.bulk_create(old(number, **values))


@pytest.fixture
def article():
    article = ArticleMaker(
        title="十九個小島 & 一艘船",
        standfirst="一艘舊渡輪怎樣把書送到每一個碼頭",
        body='<p>冬天<a href="#fn1">1</a></p><figure><img src="https://pictures.example/here.jpg" alt="船">'
        '<figcaption>船</figcaption></figure><p><img src="https://pictures.example/away.jpg" alt="燈"></p>'
        '<p id="fn1">註</p>',
    )
    article.tags.add("島嶼")
    here = ImageMaker(origin_url="https://pictures.example/here.jpg", state=Image.State.STORED, file="images/a.jpg",
                      width=3, height=2)  # fmt: skip
    ArticleImageMaker(article=article, image=here)
    ArticleImageMaker(article=article, image=ImageMaker(origin_url="https://pictures.example/away.jpg"))
    return article


def test_every_feed_of_every_shelf_answers_with_its_own_type_and_address(client, article, settings):
    tag = article.tags.first()
    shelves = [("/", "/"), (article.source.get_absolute_url(),) * 2, (tag.get_absolute_url(),) * 2]
    kinds = {"feed.xml": "application/atom+xml", "rss.xml": "application/rss+xml", "feed.json": "application/feed+json"}
    for prefix, page in shelves:
        for file, kind in kinds.items():
            answer = client.get(prefix + file)
            assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, kind), prefix + file
            text = json.dumps(answer.json()) if "json" in kind else answer.content.decode()
            assert settings.SITE_URL + prefix + file in text
            assert settings.SITE_URL + page in text
            assert f"article/{article.pk}" in text


def test_entries_are_whole_and_lead_to_no_picture_of_others(client, article, settings):
    [item] = items(client)
    page = settings.SITE_URL + article.get_absolute_url()
    assert item["title"] == article.title
    assert item["url"].startswith(settings.SITE_URL)
    assert item["external_url"] == article.source_url
    assert article.standfirst in item["content_html"]
    assert f'src="{settings.SITE_URL}/media/images/a.jpg"' in item["content_html"]
    assert "pictures.example" not in item["content_html"]
    assert f'href="{page}#fn1"' in item["content_html"]
    assert item["tags"] == ["島嶼"]
    assert item["language"] == "zh-Hant"
    [content] = atom(client).iterfind("a:entry/a:content", ATOM)
    assert content.text == item["content_html"]
    rss = ElementTree.fromstring(client.get("/rss.xml").content)
    assert rss.find("channel/item/{http://purl.org/rss/1.0/modules/content/}encoded").text == item["content_html"]


def test_pictures_of_feeds_are_renditions_with_size_and_type(client, settings):
    image = ImageMaker(
        state=Image.State.STORED, file="images/a.png", sha256="ab" * 32, width=3000, height=2000, alt="船"
    )
    ArticleMaker(lead_image=image)
    [item] = items(client)
    assert item["image"].startswith(f"{settings.SITE_URL}/media/renditions/")
    assert f'<img src="{item["image"]}" alt="船" width="1280" height="853">' in item["content_html"]
    rss = ElementTree.fromstring(client.get("/rss.xml").content)
    for picture in (rss.find(".//m:content", MEDIA), atom(client).find(".//m:content", MEDIA)):
        told = {"url": item["image"], "type": "image/jpeg", "medium": "image", "width": "1280", "height": "853"}
        assert picture.attrib == told


def test_a_note_to_readers_stands_first_and_moves_the_date_of_change(client, article):
    moment = datetime.datetime(2026, 3, 4, 5, 6, 7, tzinfo=datetime.UTC)
    note = Correction.objects.create(article=article, text="是 <十九> 個", made_at=moment)
    [item] = items(client)
    assert item["content_html"].startswith("<p><strong>Correction</strong> (<time")
    assert "是 &lt;十九&gt; 個" in item["content_html"]
    assert item["date_modified"] == "2026-03-04T05:06:07Z"
    later = moment + DAY
    Correction.objects.filter(pk=note.pk).update(withdrawn_at=later, withdrawn_because="x")
    [item] = items(client)
    assert "十九&gt;" not in item["content_html"]
    assert item["date_modified"] == "2026-03-05T05:06:07Z"


@pytest.mark.parametrize(
    ("versions", "edited", "moved"),
    [((0, 3), 0, 1), ((0,), 0, 0), ((0, 0), 0, 0), ((0, 3), 1, 0), ((3, 0), 0, 0)],
    ids=["changed", "never changed", "the same text twice", "edited here", "an older text came in later"],
)
def test_a_change_at_the_source_moves_the_date_of_change_to_when_the_archive_saw_it(client, versions, edited, moved):
    day = datetime.timedelta(days=1)
    article = ArticleMaker(edited_at=None)
    for number, days in enumerate(versions):
        OriginalMaker(
            article=article, content_sha256=str(days), archived_at=article.published_at + days * day,
            newest=number == len(versions) - 1,
        )  # fmt: skip
    if edited:
        Article.objects.filter(pk=article.pk).update(edited_at=article.published_at + day)
    expected = article.published_at + (3 * day if moved else day if edited else 0 * day)
    entry = items(client)[0]
    assert datetime.datetime.fromisoformat(entry["date_modified"]) == expected
    page = client.get(article.get_absolute_url()).content.decode()
    told = re.search(r'"dateModified": "([^"]*)"', page)[1]
    assert datetime.datetime.fromisoformat(told) == expected


def test_an_entry_keeps_its_name_when_its_title_and_slug_change(client, article):
    before = items(client)[0]["id"]
    Article.objects.update(title="新標題", slug="新標題", updated_at=timezone.now() + DAY)
    assert items(client)[0]["id"] == before
    assert before.startswith(f"tag:127.0.0.1,{article.created_at:%Y-%m-%d}:article/")


def test_entries_are_dated_by_their_source(client):
    moment = datetime.datetime(2019, 7, 3, 4, tzinfo=datetime.UTC)
    ArticleMaker(published_at=moment, edited_at=moment + DAY)
    [item] = items(client)
    assert (item["date_published"], item["date_modified"]) == ("2019-07-03T04:00:00Z", "2019-07-04T04:00:00Z")
    assert "Wed, 03 Jul 2019 04:00:00 +0000" in client.get("/rss.xml").content.decode()


def test_an_undated_entry_has_no_date_of_publication(client):
    ArticleMaker(published_at=None, published_precision="", published_on=None)
    [item] = items(client)
    assert "date_published" not in item
    assert "pubDate" not in client.get("/rss.xml").content.decode()


def test_an_import_of_old_articles_does_not_reach_subscribers_of_a_feed_with_news(client):
    source = SourceMaker()
    for number in range(30):
        ArticleMaker(title=f"新聞 {number}", source=source)
    before = titles(client)
    imported(1000, source=source)
    assert titles(client) == before
    assert titles(client, f"/source/{source.slug}/feed.xml") == before


def test_what_an_import_brings_of_this_week_is_news(client):
    imported(40)
    source = SourceMaker()
    fresh = timezone.now() - DAY
    Article.objects.bulk_create(
        [Article(source=source, title="昨日", slug="x", status="published", published_at=fresh,
                 published_precision="second", listed_at=fresh)]
    )  # fmt: skip
    assert titles(client)[0] == "昨日"


def test_publishing_the_whole_inbox_at_once_is_no_flood_either(client):
    ArticleMaker(title="新聞")
    waiting = old(40)
    for article in waiting:
        article.status = "inbox"
    Article.objects.bulk_create(waiting)
    assert titles(client) == ["新聞"]
    Article.objects.filter(status="inbox").update(status="published")
    assert titles(client)[:2] == ["新聞", "舊聞 0"]


def test_an_old_article_that_a_person_publishes_is_news(client):
    imported(40)
    [waiting] = old(1)
    waiting.status, waiting.title = "review", "重新發表"
    waiting.save()
    assert "重新發表" not in titles(client)
    waiting.status = "published"
    waiting.save(update_fields=["status"])
    assert titles(client)[0] == "重新發表"


def test_a_scheduled_article_enters_when_it_goes_live(client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ArticleMaker(title="預定", go_live_at=timezone.now() + DAY)
        clock.shift(DAY / 2)
        ArticleMaker(title="其間")
        assert titles(client) == ["其間"]
        clock.shift(DAY)
        assert titles(client) == ["預定", "其間"]


def test_an_article_enters_once_whatever_is_done_to_it_later(client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = ArticleMaker(title="一")
        clock.shift(DAY)
        ArticleMaker(title="二")
        for status in ("withdrawn", "published"):
            clock.shift(DAY)
            first.status = status
            first.save()
            Article.objects.filter(pk=first.pk).update(status=status, body="<p>新</p>")
    assert titles(client) == ["二", "一"]


def test_undated_imports_stand_last(client):
    imported(2)
    Article.objects.bulk_create([Article(source=SourceMaker(), title="無日期", slug="x", status="published")])
    assert Article.objects.get(title="無日期").entered_at == UNDATED
    assert titles(client) == ["舊聞 0", "舊聞 1", "無日期"]


@pytest.mark.parametrize("change", [{"status": "draft"}, {"status": "withdrawn"}, {"expire_at": timezone.now() - DAY}])
def test_what_is_not_published_is_in_no_feed(client, article, change):
    Article.objects.filter(pk=article.pk).update(**change)
    for address in ("/feed.xml", "/rss.xml", "/feed.json", article.source.get_absolute_url() + "feed.json"):
        assert "十九個小島" not in client.get(address).content.decode()


def test_a_reader_that_has_the_feed_gets_304_by_one_query(client, article, django_assert_num_queries):
    for file in ("feed.xml", "rss.xml", "feed.json"):
        held = client.get(f"/{file}")
        for header, name in (("if-none-match", "ETag"), ("if-modified-since", "Last-Modified")):
            with django_assert_num_queries(1):
                assert client.get(f"/{file}", headers={header: held[name]}).status_code == 304


@pytest.mark.parametrize("number", [2, 29])
def test_feeds_cost_the_same_whatever_the_rows(client, django_assert_max_num_queries, number):
    source, tag = SourceMaker(), TagMaker()
    for _ in range(number):
        made = ArticleMaker(source=source)
        made.tags.add(tag, TagMaker())
        ArticleImageMaker(article=made)
    for prefix in ("/", source.get_absolute_url(), tag.get_absolute_url()):
        with django_assert_max_num_queries(5):
            client.get(prefix + "feed.xml")


def test_feeds_of_an_old_tag_move_and_of_none_are_not_found(client, article):
    tag = article.tags.first()
    TagAlias.objects.create(tag=tag, name="列島", slug="列島")
    answer = client.get(reverse("tag_feed_json", args=["列島"]))
    assert (answer.status_code, answer["Location"]) == (301, reverse("tag_feed_json", args=[tag.slug]))
    assert client.get("/tag/none/feed.xml").status_code == 404
    assert client.get("/source/none/rss.xml").status_code == 404


def test_a_character_that_xml_cannot_write_breaks_no_feed(client):
    ArticleMaker(title="甲\x0b乙", byline="\x02丙")
    assert titles(client) == ["甲乙"]


def test_feeds_are_the_same_in_every_language(client, article):
    answers = [client.get("/feed.xml", headers={"accept-language": language}) for language in ("zh-TW", "en")]
    assert answers[0].content == answers[1].content
    assert answers[0]["ETag"] == answers[1]["ETag"]
    assert "Accept-Language" not in answers[0].get("Vary", "")


def test_a_search_has_its_feed(client, article, django_assert_max_num_queries):
    other = ArticleMaker(title="與此無關", body="<p>無</p>", text="無", source=article.source)
    search.index([article.pk, other.pk])
    for file in ("feed.xml", "rss.xml", "feed.json"):
        with django_assert_max_num_queries(5):
            found = client.get(f"/search/{file}", {"q": "小島"}).content.decode()
        assert f"article/{article.pk}" in found
        assert f"article/{other.pk}" not in found
    assert "/search/feed.xml?q=%E5%B0%8F%E5%B3%B6" in client.get("/search/", {"q": "小島"}).content.decode()
    Article.objects.update(status="draft")
    assert items(client, "/search/feed.json?q=小島") == []
    assert client.get("/search/feed.xml").status_code == 404
