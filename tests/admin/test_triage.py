"""Triage: one item at a time, never the same for two people, each deed with a record, the last one taken back."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import curation
from articles.curation.filters import Wanted
from articles.models import UNDATED, Article, Claim, Deed, PossibleDuplicate, Revision, Step, Tag, TagAlias
from tests import makers
from tests.admin.test_articles import form_of, page_of
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


def test_pages_of_the_doubtful_end_where_those_of_the_rest_begin(editor):
    """What the pages give in turns is what all that waits is in the order by doubt, whatever the pages' size."""
    source, day = makers.SourceMaker(), datetime.datetime(2025, 1, 3, tzinfo=datetime.UTC)
    undated = {"published_at": None, "published_precision": "", "published_on": None, "listed_at": UNDATED}
    items = []
    for number in range(16):
        at = day - datetime.timedelta(days=number % 5)
        facts = undated if number & 2 else {"published_at": at, "listed_at": at}
        items.append(makers.ArticleMaker(source=source, status="inbox", stub=bool(number & 1), **facts))
    published = makers.ArticleMaker(source=source, status="published", stub=True)
    for item, verdict in ((items[12], ""), (items[13], ""), (items[8], "different"), (items[0], "")):
        PossibleDuplicate.objects.create(article=item, other=published, reason="same text", verdict=verdict)
    Claim.objects.create(
        article=items[13], user=makers.UserMaker(), ends_at=timezone.now() + datetime.timedelta(minutes=5)
    )
    by_doubt = Wanted(order="risk")
    expected = list(curation.inbox_for(editor.user, by_doubt))
    assert len(expected) == 15
    assert {item.pk for item in expected[:2]} == {items[0].pk, items[12].pk}
    for size in (1, 4, 7, 30):
        starts = range(0, len(expected) + size, size)
        pages = [curation.inbox_page(editor.user, by_doubt, start, start + size) for start in starts]
        assert [item for page in pages for item in page] == expected


@pytest.mark.parametrize("need", ["warned", "stub"])
def test_what_is_rare_in_the_inbox_is_found_by_an_index_of_its_own(editor, inbox, need):
    wanted = Wanted(needs=(need,))
    for rows in (curation.inbox_for(editor.user, wanted), curation.inbox_for(editor.user, wanted).order_by()):
        assert f"article_{need}_by_status" in rows.values("pk")[:30].explain()


def test_the_screen_asks_as_much_for_thirty_items_as_for_three(editor, inbox):
    editor.get(ADDRESS)
    few = queries(editor, ADDRESS)
    makers.ArticleMaker.create_batch(27, status="inbox", listed_at=datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
    assert len(queries(editor, ADDRESS)) == len(few)


def test_the_list_of_articles_leads_to_triage(editor, inbox):
    assert ADDRESS in editor.get(reverse("admin:articles_article_changelist")).content.decode()


# --- Claims on the form, and what is offered ---


@pytest.fixture
def other(db):
    return signed_in("chief")


def test_an_item_in_somebody_elses_hand_is_neither_saved_nor_moved_by_its_form_until_it_is_taken_over(
    editor, other, inbox
):
    editor.get(ADDRESS)
    page = other.get(page_of(inbox[0])).content.decode()
    assert editor.user.username in page
    form = form_of(other, inbox[0], title="改了")
    answer = other.post(page_of(inbox[0]), form | {"_move": "publish"})
    assert "has this item in hand (since" in answer.content.decode()
    after = Article.objects.get(pk=inbox[0].pk)
    assert (after.title, after.status) == (inbox[0].title, "inbox")
    assert other.post(page_of(inbox[0]), form | {"_take_over": "1"}).status_code == 302
    assert Article.objects.get(pk=inbox[0].pk).title == "改了"
    assert Claim.objects.get(article=inbox[0]).user == other.user
    deed = Deed.objects.get(verb="take_over")
    assert (deed.actor, deed.details) == (other.user.username, {"taken_from": editor.user.username})
    assert "in hand" in do(editor, "publish", inbox[0]).content.decode()


def test_an_item_in_somebody_elses_hand_is_not_restored_or_settled_elsewhere(editor, other, inbox):
    revision = makers.RevisionMaker(article=inbox[0])
    editor.get(ADDRESS)
    home = f"/admin/articles/article/{inbox[0].pk}"
    for address, sent in ((f"{home}/restore/", {"revision": revision.pk}), (f"{home}/source/", {"choice": "ours"})):
        assert "in hand" in other.post(address, sent, follow=True).content.decode()
    assert Article.objects.get(pk=inbox[0].pk).title == inbox[0].title


def test_a_claim_says_since_when_and_is_renewed_while_somebody_reads(editor, inbox):
    editor.get(ADDRESS)
    begun = Claim.objects.get().begun_at
    soon = timezone.now() + datetime.timedelta(seconds=20)
    Claim.objects.update(ends_at=soon)
    assert f"/admin/articles/article/{inbox[0].pk}/presence/" in editor.get(ADDRESS).content.decode()
    Claim.objects.update(ends_at=soon)
    editor.post(f"/admin/articles/article/{inbox[0].pk}/presence/")
    held = Claim.objects.get()
    assert held.ends_at > soon + datetime.timedelta(minutes=5)
    assert held.begun_at == begun
    Claim.objects.update(ends_at=timezone.now() - datetime.timedelta(seconds=1))
    editor.post(f"/admin/articles/article/{inbox[0].pk}/presence/")
    assert Claim.objects.get().ends_at < timezone.now()


def test_only_pairs_that_wait_for_a_verdict_are_offered_the_most_alike_first(editor, inbox):
    near, far, judged = makers.ArticleMaker.create_batch(3)
    for other, likeness, verdict in ((far, 41, ""), (near, 95, ""), (judged, 99, "different")):
        first, second = sorted((inbox[0], other), key=lambda article: article.pk)
        PossibleDuplicate.objects.create(
            article=first, other=second, reason="alike", likeness=likeness, verdict=verdict
        )
    assert editor.get(ADDRESS).context["copies"] == [near, far]


def test_a_tag_made_in_triage_is_a_deed(editor, inbox):
    do(editor, "tag", inbox[0], "新的主題")
    deed = Deed.objects.get(kind="tag")
    assert (deed.verb, deed.actor, deed.name) == ("add", editor.user.username, "新的主題")


# --- What a reporter may not do ---


def test_a_reporter_sees_topics_and_proposals_and_sets_none(inbox):
    reporter, tag = signed_in("reporter"), makers.TagMaker(name="倉庫", slug="倉庫")
    page = reporter.get(ADDRESS).content.decode()
    assert 'value="tag"' not in page
    assert "倉庫" in page  # proposed, from the title
    assert f"accept-{tag.pk}" not in page
    form = form_of(reporter, inbox[0], title="改了", topics=[tag.pk])
    assert reporter.post(page_of(inbox[0]), form).status_code == 302
    do(reporter, "tag", inbox[0], "倉庫")
    sent = {"proposal": f"accept-{tag.pk}"}
    assert reporter.post(f"/admin/articles/article/{inbox[0].pk}/proposal/", sent).status_code == 403
    form = form_of(reporter, inbox[0]) | {"_proposal": f"accept-{tag.pk}"}
    assert reporter.post(page_of(inbox[0]), form).status_code == 403
    assert Article.objects.get(pk=inbox[0].pk).title == "改了"
    assert not inbox[0].tagged.exists()


def test_a_reporter_names_the_source_of_a_new_article_and_changes_none(inbox):
    reporter, source = signed_in("reporter"), makers.SourceMaker()
    assert reporter.post(page_of(inbox[0]), form_of(reporter, inbox[0], source=source.pk)).status_code == 302
    assert Article.objects.get(pk=inbox[0].pk).source == inbox[0].source
    assert "source" in reporter.get("/admin/articles/article/add/").context["adminform"].form.fields
    editor = signed_in("editor")
    assert editor.post(page_of(inbox[0]), form_of(editor, inbox[0], source=source.pk)).status_code == 302
    assert Article.objects.get(pk=inbox[0].pk).source == source


def test_a_reporter_restores_words_and_neither_topics_nor_source(inbox):
    reporter, editor, tag = signed_in("reporter"), makers.UserMaker(), makers.TagMaker()
    article, source = inbox[0], inbox[0].source
    curation.save_edited(article, editor, [tag])
    before = article.revisions.latest("pk")
    article.title, article.source = "改了", makers.SourceMaker()
    curation.save_edited(article, editor, [])
    curation.restore(before, reporter.user)
    after = Article.objects.get(pk=article.pk)
    assert after.title == before.title
    assert after.source != source
    assert not after.tagged.exists()
    curation.restore(before, signed_in("editor").user)
    after = Article.objects.get(pk=article.pk)
    assert (after.source, list(after.tags.all())) == (source, [tag])


def test_an_end_that_is_not_after_the_beginning_is_refused_by_the_form(other, inbox):
    moment = {"go_live_at_0": "2026-01-02", "go_live_at_1": "10:00:00"}
    for end in ("09:59:59", "10:00:00"):
        sent = form_of(other, inbox[0], **moment, expire_at_0="2026-01-02", expire_at_1=end)
        form = other.post(page_of(inbox[0]), sent).context["adminform"].form
        assert form.errors["expire_at"] == ["It would end before it begins: nobody would ever see it."]
    assert Article.objects.get(pk=inbox[0].pk).expire_at is None
