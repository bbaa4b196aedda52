"""The front page's shape: what editors pin, order and add, when it ends, how it is undone, what it costs."""

import datetime
import re

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from articles import search, tagging
from articles.curation import front
from articles.models import Article, FrontPage, Plan, front_preview_address, plan_of
from articles.models.front import Breaking, Kind, Layout, Part, Pin
from articles.views import front as front_page
from tests.makers import ArticleMaker, FrontPageMaker, SourceMaker, TagMaker, UserMaker

HOUR = datetime.timedelta(hours=1)
SHAPE = "admin:articles_frontpage_shape"
AUTOMATIC = Plan().parts


@pytest.fixture
def editor(db):
    user = UserMaker(username="bao")
    user.groups.add(Group.objects.get(name="editor"))
    return user


@pytest.fixture
def articles(db):
    """Ten, the newest first."""
    return ArticleMaker.create_batch(10, source=SourceMaker(name="港口報"))


def publish(plan, user):
    return front.go_live(front.save_draft(plan, None, user), user)


def shown(client, address="/"):
    return client.get(address).context


def names(client):
    """The parts below the top; this day's articles depend on the day."""
    return [block.name for block in shown(client)["blocks"] if block.name != "on_this_day"]


def sections(client):
    return [block for block in shown(client)["blocks"] if block.name == "section"]


def test_a_front_page_that_nobody_shaped_edits_itself(client, articles):
    page = shown(client)
    assert page["lead"] == articles[0]
    assert page["seconds"] == articles[1:6]
    assert names(client) == ["latest"]


def test_pins_come_first_in_their_order_and_the_rest_follows_by_itself(client, articles, editor):
    publish(Plan(lead=Pin(articles[7].pk), seconds=(Pin(articles[9].pk), Pin(articles[3].pk))), editor)
    page = shown(client)
    assert page["lead"] == articles[7]
    assert page["seconds"] == [articles[9], articles[3], articles[0], articles[1], articles[2]]
    latest = page["blocks"][0].articles
    assert latest == [articles[4], articles[5], articles[6], articles[8]]


def test_a_draft_is_seen_by_nobody_until_it_goes_live(client, articles, editor):
    draft = front.save_draft(Plan(lead=Pin(articles[7].pk)), None, editor)
    assert shown(client)["lead"] == articles[0]
    preview = client.get(front_preview_address(draft.pk, draft.saves))
    assert preview.context["lead"] == articles[7]
    assert preview["Cache-Control"] == "no-store, private"
    assert preview["X-Robots-Tag"] == "noindex"
    front.go_live(draft, editor)
    assert shown(client)["lead"] == articles[7]


@pytest.mark.parametrize(
    "token",
    ["x", "1", signing.dumps(7, salt="articles.front"), signing.dumps([1, 1], salt="else")],
    ids=["no token", "a number", "of no shape", "signed for something else"],  # signatures differ by the second
)
def test_a_forged_preview_is_not_found(client, db, token):
    FrontPageMaker()
    assert client.get(reverse("front_preview", args=[token])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_pins_and_line_end_by_themselves_and_the_validator_tells(client):
    articles = ArticleMaker.create_batch(4, source=SourceMaker())
    editor = UserMaker(is_superuser=True)
    now = timezone.now().replace(hour=10, minute=0) + datetime.timedelta(days=1)
    with time_machine.travel(now, tick=False) as clock:
        at = [(now + number * HOUR).isoformat() for number in range(4)]
        line = Breaking("地震", articles[2].pk, begins=at[1], ends=at[3])
        publish(Plan(lead=Pin(articles[3].pk, until=at[2]), breaking=line), editor)
        seen = []
        held = ""
        for _ in range(4):
            page = client.get("/", headers={"if-none-match": held})
            assert page.status_code == 200
            held = page["ETag"]
            assert client.get("/", headers={"if-none-match": held}).status_code == 304
            seen.append((page.context["lead"] == articles[3], "地震" in page.content.decode()))
            clock.shift(HOUR)
    assert seen == [(True, False), (True, True), (False, True), (False, False)]


@pytest.mark.parametrize("change", [{"status": "withdrawn"}, {"expire_at": timezone.now() - HOUR}])
def test_what_is_withdrawn_or_expired_falls_back_quietly(client, articles, editor, change):
    source = SourceMaker()
    alone = ArticleMaker(source=source, title="唯一的文章")
    parts = (Part(Kind.SOURCE, str(source.pk)), *AUTOMATIC)
    line = Breaking("突發", alone.pk)
    publish(Plan(lead=Pin(alone.pk), seconds=(Pin(articles[5].pk),), parts=parts, breaking=line), editor)
    Article.objects.filter(pk__in=[alone.pk, articles[5].pk]).update(**change)
    page = client.get("/")
    assert page.context["lead"] == articles[0]
    assert articles[5] not in page.context["seconds"]
    assert alone.title not in page.content.decode()
    assert "突發" not in page.content.decode(), "the line's words are about what readers may not see"
    assert sections(client) == []


def test_deleted_articles_sources_and_topics_leave_no_trace(client, articles, editor):
    parts = (Part(Kind.SOURCE, "999"), Part(Kind.SOURCE, "x"), Part(Kind.TOPIC, "無"), Part(Kind.SEARCH, "無此字"))
    publish(Plan(lead=Pin(99999), parts=(*parts, *AUTOMATIC)), editor)
    page = shown(client)
    assert page["lead"] == articles[0]
    assert names(client) == ["latest"]


def test_sections_of_a_source_a_topic_and_a_search_stand_where_they_were_put(client, articles, editor):
    other = SourceMaker(name="山報")
    theirs = ArticleMaker.create_batch(3, source=other, title="燈塔")
    topic = TagMaker(name="島嶼")
    articles[8].tags.add(topic)
    search.index([article.pk for article in theirs])
    parts = (
        Part(Kind.SEARCH, "灯塔", title="Lighthouses", count=2, layout=Layout.CARDS),
        AUTOMATIC[0],
        Part(Kind.TOPIC, "岛屿"),
        Part(Kind.SOURCE, str(other.pk), layout=Layout.HEADLINES),
    )
    publish(Plan(lead=Pin(theirs[0].pk), parts=parts), editor)
    blocks = [block for block in shown(client)["blocks"] if block.name != "on_this_day"]
    assert [block.name for block in blocks] == ["section", "latest", "section", "section", "by_source"]
    found = [(block.title, block.articles, block.layout) for block in blocks if block.name == "section"]
    assert found == [
        ("Lighthouses", theirs[1:], "cards"),
        ("島嶼", [articles[8]], "feature"),
        ("山報", theirs[1:], "headlines"),
    ]
    page = client.get("/").content.decode()
    assert topic.get_absolute_url() in page
    assert "/search/?q=%E7%81%AF%E5%A1%94" in page


def test_a_section_follows_its_topic_through_a_merge(client, articles, editor):
    topic, target = TagMaker(name="特朗普"), TagMaker(name="川普")
    articles[8].tags.add(topic)
    publish(Plan(parts=(Part(Kind.TOPIC, topic.name), *AUTOMATIC)), editor)
    tagging.merge_tags(topic, target, editor)
    [section] = sections(client)
    assert (section.title, section.articles) == ("川普", [articles[8]])


def test_parts_can_be_switched_off_and_moved(client, articles, editor):
    ArticleMaker().tags.add("港口")
    assert names(client) == ["latest", "by_source"]
    assert shown(client)["blocks"][0].topics
    latest, this_day, by_source = AUTOMATIC
    off = Part(Kind.AUTOMATIC, "latest", shown=False)
    publish(Plan(parts=(by_source, this_day, latest), topics=False), editor)
    assert names(client) == ["by_source", "latest"]
    assert shown(client)["blocks"][-1].topics is None
    publish(Plan(parts=(off, this_day, by_source)), editor)
    topics, *_ = shown(client)["blocks"]
    assert (topics.articles, [tag.name for tag in topics.topics.tags]) == ([], ["港口"])


def crowded(editor, number):
    """A shape with everything in it and this many sections."""
    sources = SourceMaker.create_batch(number)
    tags = TagMaker.create_batch(number)
    for source, tag in zip(sources, tags, strict=True):
        for article in ArticleMaker.create_batch(9, source=source):
            article.tags.add(tag)
    search.index(list(Article.objects.values_list("pk", flat=True)))
    kinds = [
        [Part(Kind.SOURCE, str(s.pk)), Part(Kind.TOPIC, t.name), Part(Kind.SEARCH, "倉庫")]
        for s, t in zip(sources, tags, strict=True)
    ]
    parts = tuple(part for three in kinds for part in three)
    pins = [Pin(article.pk) for article in Article.objects.all()[:3]]
    return publish(
        Plan(pins[0], tuple(pins[1:]), (*parts, *AUTOMATIC), breaking=Breaking("地震", pins[2].article)), editor
    )


@pytest.mark.parametrize("number", [1, 4])
def test_the_front_page_asks_six_times_whatever_the_number_of_sections(
    client, editor, number, django_assert_num_queries
):
    crowded(editor, number)
    with django_assert_num_queries(6):
        page = client.get("/")
    assert len([block for block in page.context["blocks"] if block.name == "section"]) == 3 * number


@pytest.mark.django_db(transaction=True)
def test_between_two_changes_the_front_page_asks_once(client, django_assert_max_num_queries):
    editor = UserMaker(is_superuser=True)
    crowded(editor, 2)
    before = client.get("/")
    with django_assert_max_num_queries(1):
        again = client.get("/")
    assert again.content == before.content
    Article.objects.filter(pk=before.context["lead"].pk).update(title="新的標題")
    assert "新的標題" in client.get("/").content.decode()
    held = client.get("/")["ETag"]
    front.save_draft(Plan(), None, editor)
    assert client.get("/")["ETag"] == held
    front.go_live(front.draft_of_front(), editor)
    assert client.get("/")["ETag"] != held


def test_titles_and_line_are_converted_for_readers_of_the_other_script(client, articles, editor):
    part = Part(Kind.SOURCE, str(articles[0].source_id), title="港口与岛屿")
    publish(Plan(parts=(part, *AUTOMATIC), breaking=Breaking("台湾发生地震")), editor)
    assert "港口与岛屿" in client.get("/").content.decode()
    page = client.get("/zh-hant/").content.decode()
    assert "港口與島嶼" in page
    assert re.search("[台臺]灣發生地震", page)


def test_the_line_is_a_region_with_a_name_and_leads_to_its_article(client, articles, editor):
    publish(Plan(breaking=Breaking("地震", articles[4].pk)), editor)
    page = client.get("/").content.decode()
    line = page[page.index('<section class="breaking"') : page.index("</section>", page.index('class="breaking"'))]
    assert 'aria-labelledby="breaking"' in line
    assert 'id="breaking">Breaking<' in line
    assert f'<a href="{articles[4].get_absolute_url()}">地震</a>' in line
    assert page.index("<h1") < page.index('class="breaking"') < page.index('class="top')


def test_undo_goes_back_shape_by_shape_and_at_last_to_the_page_that_edits_itself(client, articles, editor):
    for number in (3, 6, 8):
        publish(Plan(lead=Pin(articles[number].pk)), editor)
    leads = []
    while before := front.shape_before(front.live_front()):
        leads.append(articles.index(shown(client)["lead"]))
        front.restore_front(before, editor)
    assert leads == [8, 6, 3]
    assert shown(client)["lead"] == articles[0]
    assert FrontPage.objects.count() == 7  # nothing is lost


def test_an_earlier_shape_comes_back_beside_a_draft_that_waits(client, articles, editor):
    first = publish(Plan(lead=Pin(articles[3].pk)), editor)
    publish(Plan(lead=Pin(articles[6].pk)), editor)
    draft = front.save_draft(Plan(lead=Pin(articles[8].pk)), None, editor)
    made = front.restore_front(first, editor)
    assert (made.restored, made.changed_by) == (first, editor)
    assert shown(client)["lead"] == articles[3]
    assert front.draft_of_front() == draft
    with pytest.raises(front.Refused, match="no earlier shape"):
        front.restore_front(draft, editor)


def test_two_editors_do_not_overwrite_each_other(articles, editor):
    other = UserMaker(is_superuser=True, username="zhou")
    draft = front.save_draft(Plan(), None, editor)
    front.save_draft(Plan(lead=Pin(articles[1].pk)), draft.saves, other)
    with pytest.raises(front.Overtaken, match="zhou"):
        front.save_draft(Plan(lead=Pin(articles[2].pk)), draft.saves, editor)
    with pytest.raises(front.Overtaken, match="zhou"):
        front.go_live(draft, editor)
    with pytest.raises(front.Overtaken, match="zhou"):
        front.save_draft(Plan(), None, editor)
    assert plan_of(front.draft_of_front().plan).lead == Pin(articles[1].pk)


def test_there_is_one_draft_at_most(db):
    FrontPage.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        FrontPage.objects.create()


WRONG = {
    "one article twice": Plan(lead=Pin(1), seconds=(Pin(1),)),
    "too many second stories": Plan(seconds=tuple(map(Pin, range(1, 7)))),
    "too many sections": Plan(parts=tuple(Part(Kind.SEARCH, str(number)) for number in range(13))),
    "a section without a name": Plan(parts=(Part(Kind.TOPIC, ""),)),
    "a section of thirteen": Plan(parts=(Part(Kind.TOPIC, "a", count=13),)),
    "a layout that is none": Plan(parts=(Part(Kind.TOPIC, "a", layout="round"),)),
    "a line without words": Plan(breaking=Breaking("  ")),
    "a line too long": Plan(breaking=Breaking("x" * 201)),
    "a line that ends first": Plan(breaking=Breaking("x", None, "2026-01-02T00:00+00:00", "2026-01-01T00:00+00:00")),
}


@pytest.mark.parametrize("plan", WRONG.values(), ids=WRONG)
def test_a_plan_that_says_what_cannot_be_is_refused(editor, plan):
    with pytest.raises(front.Refused):
        front.save_draft(plan, None, editor)
    assert not FrontPage.objects.exists()


def test_a_plan_survives_what_it_is_written_in(db):
    plan = Plan(
        Pin(1, "2026-01-01T00:00+00:00"), (Pin(2),), (Part(Kind.SEARCH, "灯"), *AUTOMATIC), False, Breaking("x")
    )
    shape = FrontPageMaker(plan=plan.written())
    shape.refresh_from_db()
    assert plan_of(shape.plan) == plan
    assert plan_of({}) == Plan()
    assert plan_of({"parts": [{"kind": "topic", "name": "a", "later": 1}], "later": {}}).parts[1:] == AUTOMATIC


def test_the_latest_repeat_no_section_above_them_and_a_section_repeats_no_top_story(client, articles, editor):
    section = Part(Kind.SOURCE, str(articles[0].source_id), count=2)
    publish(Plan(parts=(section, *AUTOMATIC)), editor)
    above, latest, *_ = shown(client)["blocks"]
    assert above.articles == articles[6:8]
    assert latest.articles == articles[8:]
    publish(Plan(parts=(AUTOMATIC[0], section)), editor)
    latest, below, *_ = shown(client)["blocks"]
    assert latest.articles == articles[6:]
    assert below.articles == articles[6:8]


def test_a_page_of_many_sources_shows_those_with_the_newest_and_leads_to_all(client, db):
    for number in range(front_page.SOURCES + 2):
        ArticleMaker(source=SourceMaker(name=f"第 {number} 家"), published_at=timezone.now() - number * HOUR)
    page = client.get("/").content.decode()
    shown_sources = re.findall(r'class="source-name"[^>]*><a[^>]*>([^<]*)', page)
    assert shown_sources == [f"第 {number} 家" for number in range(front_page.SOURCES)]
    by_source = page[page.index('class="by-source"') :]
    assert f'href="{reverse("sources")}"' in by_source[: by_source.index("</main>")]


@pytest.mark.parametrize("days", [1, 400])
def test_topics_of_the_week_are_those_of_the_seven_days_to_the_newest_article(client, db, days):
    source, newest = SourceMaker(), timezone.now() - datetime.timedelta(days=days)
    for number in range(30):
        ArticleMaker(source=source, published_at=newest - number * HOUR).tags.add("本週")
    for number in range(40):
        ArticleMaker(source=source, published_at=newest - datetime.timedelta(days=9, hours=number)).tags.add("上週")
    page = LexborHTMLParser(client.get("/").content.decode())
    assert page.css_first("#topics").text() == "Topics of the week"
    assert [chip.text() for chip in page.css(".middle .topics .chip")] == ["本週"]
    assert ("Seven days up to" in page.css_first(".middle .topics").text()) == (days > 7)


def test_a_week_of_few_articles_shows_the_topics_of_the_newest(client, db):
    for number in range(10):
        ArticleMaker(published_at=timezone.now() - datetime.timedelta(days=20 * number)).tags.add("港口")
    page = LexborHTMLParser(client.get("/").content.decode())
    assert page.css_first("#topics").text() == "Topics of the newest articles"
    assert [chip.text() for chip in page.css(".middle .topics .chip")] == ["港口"]
