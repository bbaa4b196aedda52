"""What an article's page tells of where it comes from and of what stands around it."""

import datetime
import zlib

import pytest
from django.core.cache import cache
from selectolax.lexbor import LexborHTMLParser

from articles.models import slug_of
from tests.makers import ArticleMaker, OriginalMaker, ReferenceMaker, SourceMaker, TagMaker

pytestmark = pytest.mark.django_db
MOMENT = datetime.datetime(2025, 1, 28, 6, 17, 4, tzinfo=datetime.UTC)


def page(client, article):
    return LexborHTMLParser(client.get(article.get_absolute_url()).content.decode())


def facts(client, article):
    """The card's lines by their names."""
    lines = page(client, article).css(".provenance .facts > div")
    return {line.css_first("dt").text(): " ".join(line.css_first("dd").text().split()) for line in lines}


def test_the_card_tells_all_that_is_known(client):
    article = ArticleMaker(
        source=SourceMaker(name="德国之声"),
        source_url="https://dw.example/a-1?b=1",
        published_at=MOMENT,
        dateline_at=MOMENT - datetime.timedelta(minutes=30),
        archived_at=MOMENT + datetime.timedelta(hours=1),
        removed={"tag:script": 2, "tag:nav": 1, "attr:class": 30, "rule:share bar": 1},
    )
    OriginalMaker(article=article, sha256="a" * 64)
    told = facts(client, article)
    assert told["Source"] == "德国之声"
    assert told["Original address"] == "https://dw.example/a-1?b=1"
    assert told["Published by the source"] == "January 28, 2025 07:17 UTC+1 by the archive’s time stamp"
    assert told["The page’s own time"] == "January 28, 2025 06:47 UTC+1"
    assert told["Archived"] == "January 28, 2025 07:17 UTC"
    assert told["Imported here"].endswith(" UTC")
    assert told["Edited here"] == "no: the text is the source’s"
    assert told["SHA-256 of the file"] == "a" * 64
    cleaned = told["How this was cleaned"]
    assert "3 elements removed" in cleaned
    assert "30 attributes removed" in cleaned
    assert "1 passage removed that is no part of the text" in cleaned
    assert "Changes at the source" not in told


def test_the_card_of_an_article_written_here_tells_no_archive(client):
    article = ArticleMaker(canonical_url=None, source_url="", archived_at=None, edited_at=MOMENT)
    told = facts(client, article)
    assert set(told) == {"Source", "Published by the source", "Edited here"}
    assert told["Edited here"] == "yes, last on January 28, 2025"


def test_a_day_is_told_as_a_day(client):
    article = ArticleMaker(published_precision="day", published_from="date line", dateline_at=MOMENT.replace(hour=12, minute=0, second=0))  # fmt: skip # noqa: E501
    told = facts(client, article)
    assert told["Published by the source"].endswith("by the page’s date line, only the day is known")
    assert told["The page’s own time"] == "January 28, 2025"


def test_versions_of_the_source_are_counted_by_their_contents(client):
    article = ArticleMaker()
    for newest, content in ((True, "b"), (False, "a"), (False, "a")):
        OriginalMaker(article=article, newest=newest, content_sha256=content)
    assert facts(client, article)["Changes at the source"] == "2 versions in the archive"


def test_an_article_names_those_that_link_to_it(client):
    article, citing, hidden = ArticleMaker(), ArticleMaker(title="引用者"), ArticleMaker(status="draft")
    for one in (citing, hidden):
        ReferenceMaker(article=one, key=article.address_key)
    cited = page(client, article).css("section[aria-labelledby=story-cited] a")
    assert [link.text() for link in cited] == ["引用者"]
    linked = page(client, citing).css("section[aria-labelledby=story-copies] a")
    assert [link.text() for link in linked] == [article.title]


def test_an_article_without_an_address_is_cited_by_nobody(client):
    ReferenceMaker(key="")
    article = ArticleMaker(canonical_url=None, address_key=None, source_url="")
    assert not page(client, article).css("section[aria-labelledby=story-cited]")


def test_the_articles_before_and_after_in_a_topic_are_one_step_away(client):
    topic, source = TagMaker(name="島嶼"), SourceMaker()
    publisher = TagMaker(name="德国之声")
    days = [MOMENT + datetime.timedelta(days=number) for number in range(5)]
    first, second, third, fourth = (
        ArticleMaker(published_at=day, source=source, title=f"第 {day:%d} 日") for day in days[:4]
    )
    for article in (first, second, third, fourth):
        article.tags.add(publisher, topic)
    ArticleMaker(published_at=days[1], source=source)
    fourth.status = "draft"
    fourth.save()
    steps = page(client, second).css_first(".steps")
    assert steps.css_first("h2 a").text() == "島嶼"
    assert steps.css_first("a[rel=prev]").attributes["href"].split("/")[2] == str(first.pk)
    assert steps.css_first("a[rel=next]").attributes["href"].split("/")[2] == str(third.pk)
    assert not page(client, third).css(".steps a[rel=next]")


def test_articles_of_one_instant_are_stepped_through_without_a_circle(client):
    topic = TagMaker(name="島嶼")
    first, second, third = (ArticleMaker(published_at=MOMENT) for _ in range(3))
    for article in (first, second, third):
        article.tags.add(topic)
    steps = page(client, second).css_first(".steps")
    assert steps.css_first("a[rel=prev]").attributes["href"].split("/")[2] == str(first.pk)
    assert steps.css_first("a[rel=next]").attributes["href"].split("/")[2] == str(third.pk)


@pytest.mark.parametrize(
    ("body", "told"),
    [("<p>短。</p>", "1 minute to read"), ("<p>" + "島" * 2000 + "</p>", "5 minutes to read"),
     ("<p>" + "island " * 460 + "</p>", "2 minutes to read"), ("<p>" + "島 AI " * 300 + "</p>", "2 minutes to read")],
)  # fmt: skip
def test_the_time_to_read_counts_characters_or_words(client, body, told):
    assert told in page(client, ArticleMaker(body=body)).text()


@pytest.mark.parametrize(("characters", "headings", "listed"), [(2000, 3, True), (2000, 2, False), (300, 5, False)])
def test_long_pieces_list_their_parts(client, characters, headings, listed):
    body = f"<p>{'島' * characters}</p>" + "".join(f"<h2>第 {number} 節</h2>" for number in range(headings))
    found = page(client, ArticleMaker(body=body))
    links = found.css(".contents a")
    assert bool(links) == listed
    for link in links:
        assert found.css_first(f".prose {link.attributes['href']}").text() == link.text()


def version(article, title, text, number, **values):
    """A file of the archive as its source wrote it that day."""
    seen = MOMENT + datetime.timedelta(days=number)
    raw = f"<!--{int(seen.timestamp())}000-->\n[{title}](https://www.dw.com/zh/a-{article.pk})\n------\n\n<p>{text}</p>".encode()
    return OriginalMaker(
        article=article, path=f"articles/dw/{article.pk}_{number}.md", content_sha256=str(number), archived_at=seen,
        newest=number == 0, bytes=zlib.compress(raw), **values,
    )  # fmt: skip


def test_changes_of_the_source_are_told_with_their_dates(client):
    article = ArticleMaker(title="燈塔")
    version(article, "燈塔", "第一句沒有變。守塔人叫阿嬤。最後一句。", 0)
    version(article, "燈塔重開", "第一句沒有變。守塔人叫林小安。最後一句。", 3)
    assert page(client, article).css_first(f".provenance a[href='/a/{article.pk}/changes/']")
    log = LexborHTMLParser(client.get(f"/a/{article.pk}/changes/").content.decode())
    assert log.css_first(".changes time").attributes["datetime"] == "2025-01-31"
    assert [node.text() for node in log.css("del")][-1] == "阿嬤"
    assert [node.text() for node in log.css("ins")] == ["重開", "林小安"]
    assert "第一句沒有變。" in log.css_first(".changes").text()
    assert log.css_first("meta[name=robots]").attributes["content"] == "noindex"


@pytest.mark.parametrize("number", [2, 12])
def test_a_change_log_asks_the_same_questions_however_many_versions_there_are(
    client, django_assert_num_queries, number
):
    cache.clear()
    article = ArticleMaker()
    for day in range(number):
        version(article, "一", f"第 {day} 天。" * 9, day)
    with django_assert_num_queries(4):
        page = client.get(f"/a/{article.pk}/changes/").content.decode()
    assert page.count('class="difference"') == number - 1


def test_a_difference_is_made_once(client, monkeypatch):
    cache.clear()
    article = ArticleMaker()
    version(article, "一", "甲。" * 30, 0)
    version(article, "一", "乙。" * 30, 1)
    first = client.get(f"/a/{article.pk}/changes/").content
    monkeypatch.setattr("articles.views.changes.read", lambda *_: pytest.fail("read again"))
    assert client.get(f"/a/{article.pk}/changes/").content == first


def test_what_editors_took_out_does_not_come_back_by_the_change_log(client):
    article = ArticleMaker(edited_at=MOMENT)
    version(article, "一", "他的電話是 555-0100。", 0)
    version(article, "一", "他的電話是 555-0199。", 2)
    told = client.get(f"/a/{article.pk}/changes/").content.decode()
    assert "555" not in told
    assert 'datetime="2025-01-30"' in told


def test_an_article_that_never_changed_or_is_not_published_has_no_change_log(client):
    article = ArticleMaker()
    version(article, "一", "甲。", 0)
    assert client.get(f"/a/{article.pk}/changes/").status_code == 404
    version(article, "一", "乙。", 1)
    assert client.get(f"/a/{article.pk}/changes/").status_code == 200
    article.status = "withdrawn"
    article.save()
    assert client.get(f"/a/{article.pk}/changes/").status_code == 404


def test_no_article_has_the_address_of_a_change_log():
    assert slug_of("Changes") == "article"
