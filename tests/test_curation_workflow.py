"""The workflow: who may move what from where, what must hold before, and that nothing is moved twice."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles import curation
from articles.curation.checks import checks_of_all
from articles.models import Article, PossibleDuplicate, Step
from tests import makers

pytestmark = pytest.mark.django_db

INBOX, DRAFT, REVIEW, PUBLISHED, WITHDRAWN = "inbox", "draft", "review", "published", "withdrawn"
# Every move that anybody may make, written out a second time: (move, from, to, roles).
TABLE = [
    ("begin", INBOX, DRAFT, {"reporter", "editor", "chief"}),
    ("submit", INBOX, REVIEW, {"reporter", "editor", "chief"}),
    ("submit", DRAFT, REVIEW, {"reporter", "editor", "chief"}),
    ("return", REVIEW, DRAFT, {"editor", "chief"}),
    ("publish", INBOX, PUBLISHED, {"editor", "chief"}),
    ("publish", DRAFT, PUBLISHED, {"editor", "chief"}),
    ("publish", REVIEW, PUBLISHED, {"editor", "chief"}),
    ("publish", WITHDRAWN, PUBLISHED, {"editor", "chief"}),
    ("reject", INBOX, WITHDRAWN, {"editor", "chief"}),
    ("reject", DRAFT, WITHDRAWN, {"editor", "chief"}),
    ("reject", REVIEW, WITHDRAWN, {"editor", "chief"}),
    ("withdraw", PUBLISHED, WITHDRAWN, {"editor", "chief"}),
    ("reopen", WITHDRAWN, DRAFT, {"editor", "chief"}),
    ("unpublish", PUBLISHED, DRAFT, {"editor", "chief"}),
    ("requeue", DRAFT, INBOX, {"editor", "chief"}),
    ("requeue", REVIEW, INBOX, {"editor", "chief"}),
    ("requeue", WITHDRAWN, INBOX, {"editor", "chief"}),
]


def member(role):
    user = makers.UserMaker()
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


@pytest.mark.parametrize("role", ["", "reporter", "editor", "chief"])
@pytest.mark.parametrize("status", [INBOX, DRAFT, REVIEW, PUBLISHED, WITHDRAWN])
def test_each_role_makes_the_moves_of_the_table_and_no_other(role, status):
    user = member(role)
    allowed = {move: target for move, origin, target, roles in TABLE if origin == status and role in roles}
    assert {one.name: one.target for one in curation.moves_for(user, Article(status=status))} == allowed
    for name in curation.MOVES:
        article = makers.ArticleMaker(status=status)
        if name in allowed:
            curation.move(article, name, user, "weil")
        else:
            with pytest.raises(curation.Refused):
                curation.move(article, name, user, "weil")
        assert Article.objects.get(pk=article.pk).status == allowed.get(name, status)


def test_a_move_leaves_a_record_of_who_from_where_to_where_and_why():
    editor, article = member("editor"), makers.ArticleMaker(status=REVIEW)
    curation.move(article, "return", editor, " zu lang ")
    step = Step.objects.get()
    assert (step.made_by, step.move, step.origin, step.target, step.note) == (
        editor,
        "return",
        REVIEW,
        DRAFT,
        "zu lang",
    )


def test_of_two_who_move_an_article_the_second_is_told_that_somebody_was_quicker():
    editor, article = member("editor"), makers.ArticleMaker(status=REVIEW)
    seen_by_other = Article.objects.get(pk=article.pk)
    curation.move(article, "publish", editor)
    with pytest.raises(curation.Refused, match="published"):
        curation.move(seen_by_other, "return", editor, "nein")
    assert Article.objects.get(pk=article.pk).status == PUBLISHED
    assert Step.objects.count() == 1


@pytest.mark.parametrize("name", ["return", "reject"])
def test_a_move_that_asks_for_a_reason_is_refused_without_one(name):
    article = makers.ArticleMaker(status=REVIEW)
    with pytest.raises(curation.Refused, match="note"):
        curation.move(article, name, member("editor"), "  ")


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"title": " "}, "no_title"), ({"text": "", "body": ""}, "no_text"), ({"stub": True}, "stub")],
)
def test_what_readers_could_not_read_is_not_published(facts, code):
    article = makers.ArticleMaker(status=REVIEW, **facts)
    assert code in {check.code for check in curation.checks_of(article) if check.blocking}
    with pytest.raises(curation.Refused):
        curation.move(article, "publish", member("editor"))
    assert Article.objects.get(pk=article.pk).status == REVIEW


def test_a_stub_with_a_picture_is_published():
    article = makers.ArticleMaker(status=REVIEW, stub=True)
    makers.ArticleImageMaker(article=article)
    curation.move(article, "publish", member("editor"))
    assert Article.objects.published().get() == article


@pytest.mark.parametrize(("caption", "blocked"), [("", True), (" ", True), ("碼頭的早晨", False)])
def test_pictures_without_text_are_published_when_their_captions_tell_the_story(caption, blocked):
    article = makers.ArticleMaker(status=REVIEW, text="", body="", stub=True)
    makers.ArticleImageMaker(article=article, caption=caption)
    for checks in (curation.checks_of(article), checks_of_all([article.pk])[article.pk]):
        assert ("no_text" in {check.code for check in checks}) == blocked == curation.is_blocked(checks)


def test_an_end_before_the_beginning_is_refused_by_the_database():
    noon = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
    article, hour = makers.ArticleMaker(), datetime.timedelta(hours=1)
    with pytest.raises(IntegrityError, match="an_end_not_before_the_beginning"), transaction.atomic():
        Article.objects.filter(pk=article.pk).update(go_live_at=noon, expire_at=noon - hour)
    with pytest.raises(IntegrityError), transaction.atomic():
        makers.ArticleMaker(go_live_at=noon, expire_at=noon - hour)
    Article.objects.filter(pk=article.pk).update(go_live_at=noon, expire_at=noon + hour)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(pk=article.pk).update(expire_at=noon - hour)


def test_what_only_deserves_a_look_is_told_and_forbids_nothing():
    article = makers.ArticleMaker(status=REVIEW, published_at=None, published_precision="", source_changed=True)
    makers.ArticleImageMaker(article=article)
    PossibleDuplicate.objects.create(article=article, other=makers.ArticleMaker(), reason="same text")
    checks = curation.checks_of(article)
    assert [check.code for check in checks] == [
        "no_topic",
        "no_lead",
        "no_alt",
        "undated",
        "duplicate",
        "source_changed",
    ]
    assert not curation.is_blocked(checks)


def test_a_whole_article_passes_all_checks():
    image = makers.ImageMaker(alt="Speicher")
    article = makers.ArticleMaker(lead_image=image)
    makers.ArticleImageMaker(article=article, image=image)
    article.tags.add("港口")
    assert curation.checks_of(article) == []


def test_a_published_article_waits_for_its_hour_and_ends_at_its_end():
    soon = timezone.now() + datetime.timedelta(hours=1)
    article = makers.ArticleMaker(status=REVIEW, go_live_at=soon)
    curation.move(article, "publish", member("editor"))
    assert not Article.objects.published().exists()
    Article.objects.update(go_live_at=timezone.now())
    assert Article.objects.published().exists()
    Article.objects.update(expire_at=timezone.now())
    assert not Article.objects.published().exists()


def test_publishing_gives_the_article_its_place_in_the_feeds():
    article = makers.ArticleMaker(status=REVIEW)
    curation.move(article, "publish", member("editor"))
    assert Article.objects.get(pk=article.pk).entered_at is not None
