"""The front page of the desk: what waits for whom, where its counts lead, and what it costs."""

import datetime
import html
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.admin import causes, coverage
from articles.models import Article, Claim, Image, PossibleDuplicate
from tests import makers
from tests.admin.conftest import fill

FRONT = "/admin/"
ARTICLES = Path(causes.__file__).parents[1]
ROOMS_WITH_CODES = ("archives.py", "ingest/*.py", "importing/s*.py")
CODE = r'(?:(?:Unreadable|Refusal)\(|code=|_refused\(\s*\w+, [\w.]+,)\s*"(\w+)"'


def front(client, **query):
    answer = client.get(FRONT, query)
    assert answer.status_code == 200
    return answer.context["dashboard"], html.unescape(answer.content.decode())


def rows(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.context["cl"].result_count


def some_of_everything(chief):
    source = makers.SourceMaker()
    makers.ArticleMaker.create_batch(3, status="inbox", source=source)
    makers.ArticleMaker.create_batch(2, status="review", source=source)
    makers.ArticleMaker(status="draft", source=source, edited_by=chief)
    makers.ArticleMaker(status="draft", source=source)
    makers.ArticleMaker(status="review", source=source, edited_by=chief)
    makers.ArticleMaker(source=source, source_changed=True)
    makers.ArticleMaker(source=source, go_live_at=timezone.now() + datetime.timedelta(days=3))
    one, other = makers.ArticleMaker.create_batch(2, source=source)
    PossibleDuplicate.objects.create(article=one, other=other, reason="alike")
    makers.StoryMaker(state="proposed")
    makers.ImageMaker(state="gone")
    makers.ImageMaker(state="stored", alt="")
    makers.ImageMaker(state="stored", alt="", decorative=True)
    makers.ImageMaker(state="stored", alt="一艘船")
    run = makers.ImportRunMaker(state="finished")
    makers.ImportFileMaker(run=run, result="failed", code="empty")
    makers.ImportFileMaker(run=run, result="refused", code="binary")
    makers.ImportFileMaker(run=run, result="failed", code="empty", mended_in=run)


def test_each_count_leads_to_a_list_of_as_many(desk, chief):
    some_of_everything(chief)
    needs = {need["name"]: need for need in front(desk)[0]["needs"]}
    told = {name: need["number"] for name, need in needs.items()}
    assert told == {
        "inbox": 3,
        "drafts": 1,
        "in_review": 1,
        "reviews": 3,
        "changed": 1,
        "pairs": 1,
        "stories": 1,
        "scheduled": 1,
        "pictures": 1,
        "alt": 1,
        "files": 2,
    }
    for name, need in needs.items():
        if name != "inbox":
            assert rows(desk, need["address"]) == need["number"], name
    assert desk.get(needs["inbox"]["address"]).context["found"] == 3


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        ("", set()),
        ("reporter", {"inbox", "drafts", "in_review"}),
        (
            "editor",
            {"inbox", "drafts", "in_review", "reviews", "changed", "pairs", "stories", "scheduled", "pictures", "alt"},
        ),
    ],
)
def test_a_person_is_told_what_is_theirs_to_do(client, chief, role, asked):
    some_of_everything(chief)
    user = makers.UserMaker()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    found, _page = front(client)
    assert {need["name"] for need in found["needs"]} == asked
    assert ("coverage" in found) == bool(role)


def test_a_running_import_and_the_causes_of_failures_are_told(desk, chief):
    some_of_everything(chief)
    run = makers.ImportRunMaker(state="running", total=4)
    makers.ImportFileMaker(run=run, result="created")
    makers.ImportFileMaker(run=run, result="")
    found, page = front(desk)
    assert [(live.pk, live.done) for live in found["live_imports"]] == [(run.pk, 1)]
    assert '<progress class="run-progress" value="1" max="4"' in page
    causes = [(row["code"], row["number"], row["mended"]) for row in found["failures"]]
    assert causes == [("empty", 2, 1), ("binary", 1, 0)]
    assert "An empty file" in page
    assert "Fetch it again, or leave it out." in page
    for row in found["failures"]:
        assert rows(desk, row["address"]) == row["number"]


def test_every_cause_that_the_importer_names_has_words_and_a_remedy():
    told = "".join(path.read_text("utf-8") for room in ROOMS_WITH_CODES for path in sorted(ARTICLES.glob(room)))
    named = set(re.findall(CODE, told))
    assert len(named) > 15
    assert named <= set(causes.CAUSES)
    assert causes.cause_of("of a later version") is None


def test_what_goes_live_today_and_what_is_in_hand_is_named(desk, chief):
    late = timezone.localtime().replace(hour=23, minute=59, second=59)
    today = makers.ArticleMaker(go_live_at=late)
    ending = makers.ArticleMaker(expire_at=late)
    makers.ArticleMaker(expire_at=late + datetime.timedelta(days=1))
    makers.ArticleMaker(expire_at=late, status="draft")
    makers.ArticleMaker(go_live_at=late + datetime.timedelta(days=1))
    held = makers.ArticleMaker(status="inbox")
    Claim.objects.create(article=held, user=chief, ends_at=timezone.now() + datetime.timedelta(minutes=5))
    found, page = front(desk)
    assert found["scheduled_today"] == [today]
    assert found["expiring_today"] == [ending]
    assert f"/admin/articles/article/triage/?item={held.pk}" in page


def day_of(number):
    return datetime.datetime(2024, 5, number, 12, tzinfo=datetime.UTC)


@pytest.fixture
def source(db):
    """Articles on the 1st, the 2nd (two) and the 6th of May 2024, and one in 2021."""
    source = makers.SourceMaker(timezone="UTC")
    for moment in (day_of(1), day_of(2), day_of(2), day_of(6), day_of(1).replace(year=2021)):
        makers.ArticleMaker(source=source, published_at=moment)
    return source


def test_the_map_opens_at_the_latest_year_and_a_day_leads_to_its_articles(desk, source):
    found, page = front(desk)
    assert found["coverage"]["year"] == 2024
    links = re.findall(r'href="(articles/article/\?[^"]*day=2024-05-0[1-6])" tabindex="-1"><path class="([^"]+)"', page)
    assert [level for _address, level in links] == ["day day-1", "day day-4", *["day gap"] * 3, "day day-1"]
    assert "day=2024-12-31" in page  # silent since, which is a gap too
    assert [rows(desk, FRONT + address) for address, _level in links] == [1, 2, 0, 0, 0, 1]


def test_gaps_are_named_and_months_lead_to_their_articles(desk, source):
    found, _page = front(desk, year=2024)
    (calendar,) = found["coverage"]["calendars"]
    gap = next(gap for gap in calendar["gaps"] if gap["first"] == datetime.date(2024, 5, 3))
    assert (gap["last"], gap["days"]) == (datetime.date(2024, 5, 5), 3)
    number, address = found["coverage"]["table"][0]["months"][4]
    assert number == rows(desk, address) == 4


@pytest.mark.parametrize(
    ("asked", "shown"), [("2021", 2021), ("1500", 2021), ("9999", timezone.localdate().year), ("x", 2024), ("²", 2024)]
)
def test_the_year_of_the_map_is_one_that_has_articles(desk, source, asked, shown):
    assert front(desk, year=asked)[0]["coverage"]["year"] == shown


def test_a_source_that_fell_silent_has_a_gap_until_today(desk, source):
    today = timezone.localdate()
    found, page = front(desk, year=today.year)
    (calendar,) = found["coverage"]["calendars"]
    assert calendar["missing"] == today.timetuple().tm_yday
    assert f"day={today.isoformat()}" in page
    assert f"day={today + datetime.timedelta(days=1)}" not in page


def test_every_source_of_the_month_has_a_chart_on_some_page(desk):
    for _number in range(10):
        makers.ArticleMaker(published_at=day_of(1))
    assert "?charts=2#arrivals" in front(desk)[1]
    shown = [front(desk, charts=number)[0]["arrivals"]["charts"] for number in (1, 2)]
    assert [len(charts) for charts in shown] == [8, 2]
    assert len({chart["source"] for charts in shown for chart in charts}) == 10
    assert front(desk, charts="9999")[0]["arrivals"]["page"] == 2


def test_gaps_begin_and_end_where_articles_do():
    first, last = datetime.date(2024, 1, 1), datetime.date(2024, 1, 9)
    days = dict.fromkeys((first, last.replace(day=5), last.replace(day=6)), 1)
    found = [(a.day, b.day) for a, b in coverage.gaps(days, first, last)]
    assert found == [(2, 4), (7, 9)]


@pytest.mark.parametrize("day", ["", "2024", "x..y", "2024-05-01..", "9" * 40])
def test_any_day_in_the_address_opens_the_list(desk, source, day):
    assert desk.get("/admin/articles/article/", {"day": day}).status_code == 200


def test_an_empty_newsroom_has_a_front_page(desk):
    found, page = front(desk)
    assert not found["coverage"]
    assert "None is running." in page


def test_it_asks_as_much_for_thirty_rows_as_for_three(desk):
    numbers = []
    for number in (3, 30):
        fill(number)
        Article.objects.update(source_changed=True)
        Image.objects.update(alt="")
        front(desk)
        with CaptureQueriesContext(connection) as caught:
            front(desk)
        numbers.append(len(caught))
    assert numbers[0] == numbers[1] <= 23
