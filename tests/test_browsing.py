"""Ways through the archive: letters, calendars, this day in other years, spans of sources."""

import datetime

import pytest
import time_machine

from articles.views.letters import letter_of, spelled
from tests.makers import ArticleMaker, SourceMaker, TagMaker

pytestmark = pytest.mark.django_db


def dated(year, month=1, day=28, **facts):
    moment = datetime.datetime(year, month, day, 6, tzinfo=datetime.UTC)
    return ArticleMaker(published_at=moment, published_on=moment.date(), **facts)


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("圖書館", "T"),
        ("图书馆", "T"),
        ("重庆", "C"),
        ("銀行", "Y"),
        ("AI", "A"),
        ("Élysée", "E"),
        ("2024", "#"),
        ("！", "#"),
    ],
)
def test_a_name_stands_under_its_letter(name, letter):
    assert letter_of(name) == letter


def test_both_scripts_are_sorted_alike():
    assert spelled("音樂會") == spelled("音乐会") == "yin yue hui"


def test_topics_are_listed_letter_by_letter(client):
    article = ArticleMaker()
    for name in ("圖書館", "天氣", "AI", "2024"):
        article.tags.add(TagMaker(name=name, slug=name))
    html = client.get("/tags/by-name/").content.decode()
    assert 'aria-current="page">A</a>' in html
    assert ">AI</a>" in html
    assert "圖書館" not in html
    html = client.get("/tags/by-name/?letter=t").content.decode()
    assert html.index("天氣") < html.index("圖書館")
    assert ">2024</a>" in client.get("/tags/by-name/?letter=%23").content.decode()
    assert client.get("/tags/by-name/?letter=%00").status_code == 200


def test_every_topic_is_reached_however_many_begin_with_one_letter(client, monkeypatch):
    monkeypatch.setattr("articles.views.browsing.TOPICS_A_PAGE", 3)
    article = ArticleMaker()
    names = [f"A{number}" for number in range(8)]
    for name in names:
        article.tags.add(TagMaker(name=name, slug=name))
    seen = []
    for page in ("", "&page=2", "&page=3"):
        answer = client.get(f"/tags/by-name/?letter=A{page}")
        seen += [topic["tag__name"] for topic in answer.context["tags"]]
    assert seen == names
    assert "A3</span> – <span>A5" in answer.content.decode()
    for page in ("4", "0", "x", "9" * 30):
        assert client.get(f"/tags/by-name/?letter=A&page={page}").status_code == 404


def test_topics_of_nothing_published_are_not_listed(client):
    ArticleMaker(status="draft").tags.add(TagMaker(name="秘密"))
    assert "秘密" not in client.get("/tags/by-name/").content.decode()


def test_a_day_shows_its_month_and_its_number(client):
    dated(2025)
    dated(2025, day=3)
    html = client.get("/2025/01/28/").content.decode()
    assert 'href="/2025/01/03/"' in html
    assert 'href="/2025/01/28/" aria-current="page"' in html
    assert "1 article" in html


@time_machine.travel("2026-01-28 12:00", tick=False)
def test_this_day_in_other_years(client):
    titles = {year: dated(year, title=f"{year} 年的事").title for year in (2020, 2024, 2025, 2026)}
    other = dated(2024, day=27, title="前一天的事").title
    hidden = dated(2023, title="沒發表的事", status="draft").title
    html = client.get("/on-this-day/").content.decode()
    assert html.index(titles[2025]) < html.index(titles[2024]) < html.index(titles[2020])
    assert not [title for title in (titles[2026], other, hidden) if title in html]
    assert other in client.get("/on-this-day/01-27/").content.decode()


@pytest.mark.parametrize(
    ("address", "status"),
    [("02-29", 200), ("02-30", 404), ("13-01", 404), ("00-01", 404), ("01-00", 404), ("12-31", 200)],
)
def test_only_days_that_exist_have_a_page(client, address, status):
    dated(2024, month=2, day=29)
    assert client.get(f"/on-this-day/{address}/").status_code == status


def test_a_source_tells_its_span(client):
    source = SourceMaker()
    dated(2019, source=source)
    dated(2025, source=source)
    assert "January 28, 2019 – January 28, 2025" in client.get("/sources/").content.decode()


def test_these_pages_ask_little_however_much_there_is(client, django_assert_max_num_queries):
    for number in range(40):
        dated(1990 + number % 30).tags.add(TagMaker())
    for address in ("/tags/by-name/", "/on-this-day/01-28/", "/2019/01/28/", "/sources/"):
        with django_assert_max_num_queries(5):
            assert client.get(address).status_code == 200
