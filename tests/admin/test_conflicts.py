"""Two editors on one article: nobody writes over the other unseen, and nothing typed is lost."""

import pytest
from django.test import Client

from articles import curation
from articles.models import Article, Presence, Revision
from tests import makers
from tests.admin.test_articles import form_of, page_of


@pytest.fixture
def article(db):
    return makers.ArticleMaker(standfirst="導語。", body="<p>第一句。第二句。</p>", title="標題", status="draft")


@pytest.fixture
def other(db):
    user = makers.UserMaker(username="zhou", is_superuser=True)
    client = Client()
    client.force_login(user)
    return client


def test_a_second_save_is_refused_and_told_who_when_and_what(desk, other, article):
    mine, theirs = form_of(desk, article, title="我的標題"), form_of(other, article, body="<p>第一句。第三句。</p>")
    assert other.post(page_of(article), theirs).status_code == 302
    answer = desk.post(page_of(article), mine)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "zhou" in page
    assert "<del>二</del><ins>三</ins>" in page
    assert Article.objects.get(pk=article.pk).title == "標題"


def test_what_was_typed_stays_and_what_was_not_touched_shows_the_others_words(desk, other, article):
    mine, theirs = form_of(desk, article, title="我的標題"), form_of(other, article, body="<p>他們的正文。</p>")
    other.post(page_of(article), theirs)
    form = desk.post(page_of(article), mine).context["adminform"].form
    assert (form["title"].value(), form["body"].value()) == ("我的標題", "<p>他們的正文。</p>")
    again = mine | {name: form[name].value() for name in ("title", "body", "version")}
    assert desk.post(page_of(article), again).status_code == 302
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.text) == ("我的標題", "他們的正文。")


def test_a_field_that_both_changed_is_named_and_keeps_what_was_typed(desk, other, article):
    mine, theirs = form_of(desk, article, title="我的標題"), form_of(other, article, title="他的標題")
    other.post(page_of(article), theirs)
    answer = desk.post(page_of(article), mine)
    assert answer.context["conflict"].both == ["title"]
    assert answer.context["adminform"].form["title"].value() == "我的標題"


def test_dates_and_tags_of_the_other_are_taken_over_too(desk, other, article):
    tag = makers.TagMaker()
    mine = form_of(desk, article, title="我的標題")
    theirs = form_of(other, article, topics=[tag.pk], published_at_0="2024-05-06", published_at_1="07:08:09")
    other.post(page_of(article), theirs)
    form = desk.post(page_of(article), mine).context["adminform"].form
    assert form.data.getlist("topics") == [str(tag.pk)]
    assert (form.data["published_at_0"], form.data["published_at_1"]) == ("2024-05-06", "07:08:09")


def test_a_change_by_an_import_is_a_collision_too(desk, article):
    mine = form_of(desk, article, title="我的標題")
    Article.objects.filter(pk=article.pk).update(body="<p>機器的正文。</p>")
    assert desk.post(page_of(article), mine).status_code == 200
    assert Article.objects.get(pk=article.pk).title == "標題"


def test_a_form_without_the_version_it_saw_is_refused(desk, article):
    mine = form_of(desk, article, title="我的標題")
    del mine["version"]
    assert desk.post(page_of(article), mine).status_code == 200


def test_a_move_by_somebody_else_is_no_collision_and_is_not_undone(desk, article):
    mine = form_of(desk, article, title="我的標題")
    Article.objects.filter(pk=article.pk).update(status="review")
    assert desk.post(page_of(article), mine).status_code == 302
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.status) == ("我的標題", "review")


def test_whoever_opens_an_article_sees_who_has_it_open(desk, other, article):
    other.get(page_of(article))
    assert "zhou" in desk.get(page_of(article)).content.decode()
    other.post(f"/admin/articles/article/{article.pk}/presence/", {"left": "1"})
    assert "zhou" not in desk.get(page_of(article)).content.decode()


def test_a_presence_that_is_not_renewed_ends(desk, other, article):
    other.get(page_of(article))
    Presence.objects.update(seen_at=Presence.objects.get().seen_at - 2 * curation.presence.FRESH)
    assert "zhou" not in desk.get(page_of(article)).content.decode()


def test_a_button_saves_the_form_and_moves_the_article(desk, chief, article):
    answer = desk.post(page_of(article), form_of(desk, article, title="改了", _move="submit", _note="bitte"))
    assert answer["Location"] == page_of(article)
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.status, after.steps.get().note) == ("改了", "review", "bitte")


def test_a_refused_move_keeps_the_save_and_says_why(desk, article):
    form = form_of(desk, article, body="", _move="publish")
    answer = desk.post(page_of(article), form, follow=True)
    assert "cannot be published yet" in answer.content.decode()
    assert Article.objects.get(pk=article.pk).status == "draft"


def test_history_compare_and_restore(desk, chief, article):
    desk.post(page_of(article), form_of(desk, article, body="<p>第一句。第三句。</p>", reason="genauer"))
    before, after = Revision.objects.order_by("pk")
    home = f"/admin/articles/article/{article.pk}"
    history = desk.get(f"{home}/history/").content.decode()
    assert "genauer" in history
    page = desk.get(f"{home}/compare/", {"before": after.pk, "after": before.pk}).content.decode()
    assert "<del>二</del><ins>三</ins>" in page
    assert desk.post(f"{home}/restore/", {"revision": before.pk}).status_code == 302
    assert Article.objects.get(pk=article.pk).text == "第一句。第二句。"


@pytest.mark.parametrize("asked", [{}, {"before": "x", "after": "1"}, {"before": "9" * 30, "after": "1"}])
def test_a_comparison_of_nothing_leads_back(desk, article, asked):
    answer = desk.get(f"/admin/articles/article/{article.pk}/compare/", asked)
    assert answer.status_code == 302


def test_a_revision_of_another_article_is_not_restored(desk, article):
    stranger = makers.RevisionMaker()
    answer = desk.post(f"/admin/articles/article/{article.pk}/restore/", {"revision": stranger.pk})
    assert answer.status_code == 404
