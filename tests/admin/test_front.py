"""The desk of the front page, without a script: one form, each button of which saves the draft first."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse

from articles.curation import front
from articles.models import FrontPage, Plan, plan_of
from articles.models.front import Breaking, Kind, Part, Pin
from tests.makers import ArticleMaker, FrontPageMaker, SourceMaker, TagMaker, UserMaker

SHAPE = "admin:articles_frontpage_shape"
FIELDS = ("kind", "name", "title", "count", "layout", "place")


@pytest.fixture
def editor(client, db):
    user = UserMaker(username="bao")
    user.groups.add(Group.objects.get(name="editor"))
    client.force_login(user)
    return user


def typed(plan, seen="", **more):
    """The form as a browser sends it back untouched, and what is changed in it."""
    rows = [(p.kind, p.name, p.title, p.count, p.layout, n) for n, p in enumerate(plan.parts, start=1)]
    form = {f"part-{name}": [row[at] for row in rows] for at, name in enumerate(FIELDS)}
    form["part-shown"] = [number for number, part in enumerate(plan.parts, start=1) if part.shown]
    form |= {"topics": "1", "seen": seen, "deed": "save"}
    return form | {name.replace("_", "-"): value for name, value in more.items()}


def post(client, plan=None, **more):
    draft = front.draft_of_front()
    plan = plan or (plan_of(draft.plan) if draft else Plan())
    return client.post(reverse(SHAPE), typed(plan, draft.saves if draft else "", **more), follow=True)


def drafted():
    return plan_of(front.draft_of_front().plan)


def order():
    return [part.name for part in drafted().parts]


@pytest.mark.parametrize("role", ["", "reporter", "editor", "chief"])
def test_each_role_sees_or_shapes_what_it_may(client, db, role):
    user = UserMaker()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    shape = FrontPageMaker()
    may_shape = role in ("editor", "chief")
    assert client.get(reverse(SHAPE)).status_code == (200 if role else 403)
    for address in (
        reverse(SHAPE),
        reverse("admin:articles_frontpage_undo"),
        reverse("admin:articles_frontpage_restore", args=[shape.pk]),
    ):
        assert client.post(address, typed(Plan())).status_code == (302 if may_shape else 403)
    assert FrontPage.objects.count() == (3 if may_shape else 1)


def test_nobody_is_sent_to_sign_in_and_a_mere_address_does_nothing(client, db):
    assert client.get(reverse(SHAPE)).status_code == 302
    client.force_login(UserMaker(is_superuser=True))
    assert client.get(reverse("admin:articles_frontpage_undo")).status_code == 405
    assert client.get(reverse("admin:articles_frontpage_restore", args=[1])).status_code == 405


def test_articles_are_found_and_put_on_top(client, editor):
    articles = ArticleMaker.create_batch(3)
    hidden = ArticleMaker(status="draft")
    page = post(client, deed="find", q=str(articles[2].pk))
    assert page.context["found"] == [articles[2]]
    assert post(client, deed="find", q=str(hidden.pk)).context["found"] == []
    assert post(client, deed="find", q=articles[1].canonical_url).context["found"] == [articles[1]]
    post(client, deed=f"lead-{articles[2].pk}")
    post(client, lead=articles[2].pk, deed=f"second-{articles[0].pk}")
    post(client, lead=articles[2].pk, second=[articles[0].pk], second_until=[""], deed=f"second-{articles[1].pk}")
    assert drafted().lead == Pin(articles[2].pk)
    assert drafted().seconds == (Pin(articles[1].pk), Pin(articles[0].pk))


def test_second_stories_are_ordered_and_removed_by_buttons(client, editor):
    pins = {"second": [1, 2, 3], "second_until": ["", "", ""]}
    post(client, deed="up-second-3", **pins)
    assert [pin.article for pin in drafted().seconds] == [1, 3, 2]
    post(client, deed="down-second-1", **pins)
    assert [pin.article for pin in drafted().seconds] == [2, 1, 3]
    post(client, deed="remove-second-2", **pins)
    assert [pin.article for pin in drafted().seconds] == [1, 3]
    for deed in (
        "up-second-1",
        "down-second-3",
        "up-second-9",
        "remove-second-x",
        "nonsense",
        "lead-",
        "lead-999999999999999999999",
    ):
        post(client, deed=deed, **pins)
        assert [pin.article for pin in drafted().seconds] == [1, 2, 3]


def test_parts_are_ordered_by_buttons_and_by_numbers(client, editor):
    post(client, deed="down-part-1")
    assert order() == ["on_this_day", "latest", "by_source"]
    post(client, Plan(), part_place=[3, 2, 3])
    assert order() == ["on_this_day", "by_source", "latest"]
    post(client, Plan(), part_place=[1, 2, 1])
    assert order() == ["by_source", "latest", "on_this_day"]
    post(client, Plan(), part_place=["", "x", "99"])
    assert order() == ["latest", "on_this_day", "by_source"]
    post(client, Plan(), deed="remove-part-1")
    assert order() == ["latest", "on_this_day", "by_source"]


def test_sections_are_added_by_the_names_that_editors_know_them_by(client, editor):
    source = SourceMaker(name="港口報", slug="harbour")
    TagMaker(name="島嶼")
    for kind, words, name in (
        ("source", "Harbour", str(source.pk)),
        ("source", "港口報", str(source.pk)),
        ("topic", "岛屿", "島嶼"),
        ("search", " 燈塔  港口 ", "燈塔 港口"),
    ):
        post(client, Plan(), deed="add", new=words, new_kind=kind)
        assert drafted().parts[0] == Part(kind, name)
    for kind, words in (("source", "山報"), ("topic", "山"), ("search", "-"), ("joke", "x")):
        page = post(client, Plan(), deed="add", new=words, new_kind=kind)
        assert page.context["new"] == words, "what was typed is kept"
        assert page.content.count(b'class="error"') == 1


def test_a_section_is_titled_counted_laid_out_switched_off_and_removed(client, editor):
    plan = Plan(parts=(Part(Kind.SEARCH, "燈塔"), *Plan().parts))
    more = {"part_title": ["  Light  houses", "", "", ""], "part_count": ["99", 4, 4, 4]}
    post(client, plan, part_layout=["cards", "", "", ""], part_shown=[2, 3, 4], **more)
    assert drafted().parts[0] == Part(Kind.SEARCH, "燈塔", "Light houses", 12, "cards", shown=False)
    post(client, deed="remove-part-1")
    assert order() == ["latest", "on_this_day", "by_source"]


def test_times_are_the_newsrooms_and_come_back_as_they_were_typed(client, editor, settings):
    settings.TIME_ZONE = "Asia/Taipei"
    article = ArticleMaker()
    post(
        client,
        lead=article.pk,
        lead_until="2030-02-01T08:30",
        line="地震",
        line_begins="x",
        line_ends="2030-02-01T09:00",
    )
    plan = drafted()
    assert plan.lead.until == "2030-02-01T08:30:00+08:00"
    assert plan.breaking == Breaking("地震", None, "", "2030-02-01T09:00:00+08:00")
    page = client.get(reverse(SHAPE))
    assert (page.context["lead"]["until"], page.context["line"]["ends"]) == ("2030-02-01T08:30", "2030-02-01T09:00")


def test_what_was_not_understood_is_said_and_nothing_goes_live(client, editor):
    page = post(client, line="地震", line_ends="tomorrow", deed="live")
    assert "“tomorrow” is no time." in page.content.decode()
    assert front.live_front() is None
    assert drafted().breaking.text == "地震"


def test_what_cannot_be_is_refused_and_stays_as_it_was_typed(client, editor):
    times = {"line_begins": "2030-02-02T00:00", "line_ends": "2030-02-01T00:00"}
    page = post(client, line="地震", **times)
    assert "ends before it begins" in page.content.decode()
    assert page.context["line"]["text"] == "地震"
    assert front.draft_of_front() is None


def test_a_draft_goes_live_with_its_reason_and_an_earlier_shape_comes_back(client, editor):
    articles = ArticleMaker.create_batch(3)
    post(client, lead=articles[1].pk, deed="live", note="Wahlabend")
    live = front.live_front()
    assert (live.note, live.changed_by, front.draft_of_front()) == ("Wahlabend", editor, None)
    page = client.get(reverse("admin:articles_frontpage_change", args=[live.pk])).content.decode()
    assert articles[1].title in page
    post(client, lead=articles[2].pk, deed="live")
    client.post(reverse("admin:articles_frontpage_restore", args=[live.pk]))
    assert client.get("/").context["lead"] == articles[1]
    client.post(reverse("admin:articles_frontpage_undo"))
    assert client.get("/").context["lead"] == articles[0]
    page = client.post(reverse("admin:articles_frontpage_undo"), follow=True)
    assert client.get("/").context["lead"] == articles[0]


def test_a_second_editors_save_is_refused_and_nothing_typed_is_lost(client, editor):
    other = UserMaker(is_superuser=True, username="Zhou")
    articles = ArticleMaker.create_batch(2)
    front.save_draft(Plan(breaking=Breaking("甲")), None, other)
    page = client.post(reverse(SHAPE), typed(Plan(), "", line="乙", lead=articles[1].pk), follow=True)
    assert "Zhou has changed the draft meanwhile." in page.content.decode()
    assert (page.context["line"]["text"], page.context["lead"]["article"]) == ("乙", articles[1])
    assert drafted().breaking.text == "甲"
    client.post(reverse(SHAPE), typed(Plan(), page.context["draft"].saves, line="乙"))
    assert drafted().breaking.text == "乙"


def test_a_look_at_the_draft_opens_its_preview_and_throwing_it_away_leaves_the_live_shape(client, editor):
    articles = ArticleMaker.create_batch(2)
    answer = client.post(reverse(SHAPE), typed(Plan(), "", lead=articles[1].pk, deed="preview"))
    assert client.get(answer["Location"]).context["lead"] == articles[1]
    post(client, deed="drop")
    assert front.draft_of_front() is None
    assert client.get("/").context["lead"] == articles[0]


def test_the_desk_says_what_has_ended_and_what_readers_cannot_see(client, editor):
    hidden, seen = ArticleMaker(status="draft"), ArticleMaker()
    now = datetime.datetime(2030, 2, 1, 12, tzinfo=datetime.UTC)
    with time_machine.travel(now, tick=False):
        past = (now - datetime.timedelta(hours=1)).isoformat()
        front.save_draft(Plan(lead=Pin(seen.pk, past), seconds=(Pin(hidden.pk),)), None, editor)
        client.force_login(editor)  # the session of years ago has ended
        page = client.get(reverse(SHAPE))
    assert page.context["lead"]["ended"]
    assert page.context["seconds"][0]["article"] is None
    assert hidden.title not in page.content.decode()


@pytest.mark.parametrize("number", [1, 5])
def test_the_desk_asks_as_much_for_many_as_for_few(client, editor, number, django_assert_num_queries):
    articles = ArticleMaker.create_batch(number * 2)
    parts = tuple(Part(Kind.SOURCE, str(article.source_id)) for article in articles)
    front.save_draft(
        Plan(seconds=tuple(Pin(row.pk) for row in articles[:number]), parts=(*parts, *Plan().parts)), None, editor
    )
    FrontPageMaker.create_batch(number)
    client.get(reverse(SHAPE))
    with django_assert_num_queries(13):
        client.get(reverse(SHAPE) + "?q=倉庫")
