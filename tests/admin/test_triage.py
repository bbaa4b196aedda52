"""Triage: one item at a time, never the same for two people, each deed with a record, the last one taken back."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import curation
from articles.models import Article, Claim, PossibleDuplicate, Revision, Step, Tag, TagAlias
from tests import makers
from tests.admin.test_every_page import queries

ADDRESS = "/admin/articles/article/triage/"


@pytest.fixture
def inbox(db):
    """Three items, the newest first."""
    return makers.ArticleMaker.create_batch(3, status="inbox")


def signed_in(role):
    user = makers.UserMaker()
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def editor(db):
    return signed_in("editor")


def do(client, deed, article=None, words="", **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    sent = {"deed": deed, "words": words} | ({"item": article.pk} if article else {})
    return client.post(f"{ADDRESS}?{query}", sent, follow=True)


def status_of(article):
    return Article.objects.get(pk=article.pk).status


@pytest.mark.parametrize(
    ("deed", "words", "status"),
    [("publish", "", "published"), ("submit", "", "review"), ("reject", "Werbung", "withdrawn")],
)
def test_a_deed_moves_the_item_and_goes_on_to_the_next(editor, inbox, deed, words, status):
    answer = do(editor, deed, inbox[0], words)
    assert status_of(inbox[0]) == status
    assert answer.context["article"] == inbox[1]
    step = Step.objects.get()
    assert (step.made_by, step.move, step.note) == (editor.user, deed, words)


def test_a_rejection_without_a_reason_is_refused(editor, inbox):
    do(editor, "reject", inbox[0])
    assert status_of(inbox[0]) == "inbox"


def test_two_people_are_never_shown_the_same_item(editor, inbox):
    other = signed_in("editor")
    assert editor.get(ADDRESS).context["article"] == inbox[0]
    page = other.get(ADDRESS)
    assert page.context["article"] == inbox[1]
    assert inbox[0] not in page.context["page"].items


def test_an_item_in_somebody_elses_hand_cannot_be_decided(editor, inbox):
    editor.get(ADDRESS)
    other = signed_in("editor")
    answer = do(other, "publish", inbox[0])
    assert status_of(inbox[0]) == "inbox"
    assert "in hand" in answer.content.decode()


def test_a_claim_ends_by_itself(editor, inbox):
    editor.get(ADDRESS)
    Claim.objects.update(ends_at=timezone.now() - datetime.timedelta(seconds=1))
    assert signed_in("editor").get(ADDRESS).context["article"] == inbox[0]


def test_undo_takes_back_ones_own_moves_one_after_the_other(editor, inbox):
    do(editor, "publish", inbox[0])
    do(editor, "submit", inbox[1])
    assert do(editor, "undo").context["article"] == inbox[1]
    assert [status_of(item) for item in inbox] == ["published", "inbox", "inbox"]
    do(editor, "undo")
    assert [status_of(item) for item in inbox] == ["inbox", "inbox", "inbox"]
    assert "nothing of yours" in do(editor, "undo").content.decode()


def test_undo_takes_back_what_was_done_here_not_what_was_moved_elsewhere(editor, inbox):
    do(editor, "submit", inbox[0])
    elsewhere = makers.ArticleMaker(status="review")
    curation.move(elsewhere, "publish", editor.user)
    do(editor, "undo")
    assert [status_of(article) for article in (inbox[0], elsewhere)] == ["inbox", "published"]


def test_undo_takes_back_a_tag_and_the_tag_itself_when_it_was_made_for_it(editor, inbox):
    tag = makers.TagMaker(name="港口")
    for name in ("港口", "新的主題"):
        do(editor, "tag", inbox[0], name)
    do(editor, "undo")
    assert list(inbox[0].tags.names()) == ["港口"]
    assert list(Tag.objects.all()) == [tag]
    do(editor, "undo")
    assert not inbox[0].tagged.exists()
    assert Tag.objects.exists()


def test_undo_of_what_somebody_has_gone_on_with_says_so_and_then_goes_further_back(editor, inbox):
    do(editor, "submit", inbox[0])
    do(editor, "submit", inbox[1])
    curation.move(Article.objects.get(pk=inbox[1].pk), "return", editor.user, "nein")
    assert "gone on" in do(editor, "undo").content.decode()
    assert [status_of(article) for article in inbox[:2]] == ["review", "draft"]
    do(editor, "undo")
    assert [status_of(article) for article in inbox[:2]] == ["inbox", "draft"]


def test_looking_at_the_next_item_lets_go_of_the_one_before(editor, inbox):
    editor.get(ADDRESS)
    editor.get(ADDRESS, {"item": inbox[1].pk})
    assert Claim.objects.get().article == inbox[1]


def test_undo_leaves_alone_what_somebody_else_has_moved_on(editor, inbox):
    do(editor, "submit", inbox[0])
    other = signed_in("editor")
    makers.StepMaker(article=inbox[0], made_by=other.user)
    do(editor, "undo")
    assert status_of(inbox[0]) == "review"


@pytest.mark.parametrize("named", ["{pk}", "#{pk}", "http://127.0.0.1:8000/a/{pk}/some-slug/"])
def test_a_duplicate_is_rejected_with_the_number_of_the_other(editor, inbox, named):
    other = makers.ArticleMaker()
    do(editor, "duplicate", inbox[0], named.format(pk=other.pk))
    assert status_of(inbox[0]) == "withdrawn"
    pair = PossibleDuplicate.objects.get()
    assert ({pair.article_id, pair.other_id}, pair.verdict) == ({inbox[0].pk, other.pk}, "same")


@pytest.mark.parametrize("named", ["", "x", "999999", "own"])
def test_a_duplicate_of_nothing_is_refused(editor, inbox, named):
    do(editor, "duplicate", inbox[0], str(inbox[0].pk) if named == "own" else named)
    assert status_of(inbox[0]) == "inbox"
    assert not PossibleDuplicate.objects.exists()


def test_a_tag_is_found_in_either_script_and_by_alias_and_stays_with_the_item(editor, inbox):
    tag = makers.TagMaker(name="臺灣選舉")
    TagAlias.objects.create(tag=tag, name="大選")
    assert do(editor, "tag", inbox[1], "台湾选举").context["article"] == inbox[1]
    do(editor, "tag", inbox[1], "大選")
    do(editor, "tag", inbox[1], "新的主題")
    assert sorted(inbox[1].tags.names()) == ["新的主題", "臺灣選舉"]
    assert set(inbox[1].tagged.values_list("origin", flat=True)) == {"editor"}
    assert Revision.objects.filter(article=inbox[1], author=editor.user).count() == 2


def test_a_reporter_sends_to_review_and_neither_publishes_rejects_nor_makes_tags(inbox):
    reporter = signed_in("reporter")
    page = reporter.get(ADDRESS)
    assert [move.name for move, _key in page.context["moves"]] == ["submit"]
    for deed, words in (("publish", ""), ("reject", "x"), ("duplicate", str(inbox[1].pk)), ("tag", "neu")):
        do(reporter, deed, inbox[0], words)
    assert status_of(inbox[0]) == "inbox"
    assert not inbox[0].tags.exists()
    do(reporter, "submit", inbox[0])
    assert status_of(inbox[0]) == "review"


def test_triage_is_for_those_who_change_articles(client, inbox):
    assert client.get(ADDRESS).status_code == 302
    client.force_login(makers.UserMaker())
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, {"deed": "publish", "item": inbox[0].pk}).status_code == 403
    assert status_of(inbox[0]) == "inbox"


@pytest.mark.parametrize("deed", ["", "explode", "undo", "begin"])
def test_odd_requests_do_no_harm(editor, inbox, deed):
    assert do(editor, deed).status_code in (200, 404)
    assert editor.get(ADDRESS, {"item": "9" * 40, "order": "x", "source": "y"}).status_code == 200


@pytest.mark.parametrize("order", ["newest", "oldest", "source", "risk"])
def test_the_list_has_the_order_that_is_asked_for(editor, order):
    b, a = makers.SourceMaker(name="B"), makers.SourceMaker(name="A")
    day = datetime.datetime(2025, 1, 3, tzinfo=datetime.UTC)
    dates = [day - datetime.timedelta(days=number) for number in range(3)]
    first = makers.ArticleMaker(status="inbox", source=b, published_at=dates[0])
    last = makers.ArticleMaker(status="inbox", source=a, published_at=dates[1])
    stub = makers.ArticleMaker(status="inbox", source=b, published_at=dates[2], stub=True)
    wanted = {
        "newest": [first, last, stub],
        "oldest": [stub, last, first],
        "source": [last, first, stub],
        "risk": [stub, first, last],
    }
    assert editor.get(ADDRESS, {"order": order}).context["page"].items == wanted[order]
    assert editor.get(ADDRESS, {"source": a.slug}).context["page"].items == [last]


def test_the_screen_asks_as_much_for_thirty_items_as_for_three(editor, inbox):
    editor.get(ADDRESS)
    few = queries(editor, ADDRESS)
    makers.ArticleMaker.create_batch(27, status="inbox", listed_at=datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
    assert len(queries(editor, ADDRESS)) == len(few)


def test_the_list_of_articles_leads_to_triage(editor, inbox):
    assert ADDRESS in editor.get(reverse("admin:articles_article_changelist")).content.decode()
