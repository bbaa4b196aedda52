"""Merging one article into another: what moves, what stays, where addresses lead, and that all of it can be undone."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from articles import importing
from articles.curation import Refused, duplicates
from articles.curation.comparing import side_by_side, text_of
from articles.models import Article, ArticleMerge, PossibleDuplicate, Revision, Step, TaggedArticle
from tests import makers
from tests.importing.readings import LONG, entries, reading

pytestmark = pytest.mark.django_db


def member(role):
    user = makers.UserMaker()
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def editor():
    return member("editor")


@pytest.fixture
def pair():
    """Two published articles that may tell the same."""
    article, other = makers.ArticleMaker.create_batch(2)
    return PossibleDuplicate.objects.create(article=article, other=other, reason="alike", likeness=80)


def test_the_merged_article_leads_to_the_one_that_stays(client, editor, pair):
    duplicates.merge_articles(pair.other, pair.article, editor)
    for address in (f"/a/{pair.other_id}/", pair.other.get_absolute_url()):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (301, pair.article.get_absolute_url())
    record = client.get(f"/a/{pair.other_id}.json")
    assert (record.status_code, record["Location"]) == (301, f"/a/{pair.article_id}.json")
    assert pair.other.title not in client.get("/").content.decode()
    assert client.get(pair.article.get_absolute_url()).status_code == 200


def test_a_chain_of_merges_leads_to_its_end(client, editor, pair):
    last = makers.ArticleMaker()
    duplicates.merge_articles(pair.other, pair.article, editor)
    duplicates.merge_articles(pair.article, last, editor)
    assert client.get(f"/a/{pair.other_id}/")["Location"] == last.get_absolute_url()


def test_an_article_that_is_there_asks_nothing_about_merges(client, pair, django_assert_num_queries):
    client.get("/")
    with django_assert_num_queries(5) as asked:
        client.get(pair.article.get_absolute_url())
    assert not [query for query in asked.captured_queries if 'FROM "articles_articlemerge" WHERE' in query["sql"]]


def test_tags_are_united_and_the_texts_and_originals_stay_where_they_are(editor, pair):
    shared, alone = makers.TagMaker(), makers.TagMaker()
    pair.article.tags.add(shared)
    pair.other.tags.add(shared, alone)
    makers.OriginalMaker(article=pair.other)
    counts = duplicates.merge_counts(pair.other, pair.article)
    assert (counts.tags, counts.originals, counts.pictures, counts.references) == (1, 1, 0, 0)
    duplicates.merge_articles(pair.other, pair.article, editor)
    assert set(pair.article.tags.all()) == {shared, alone}
    assert TaggedArticle.objects.get(content_object=pair.article, tag=alone).origin == "editor"
    assert pair.other.originals.count() == 1
    assert Revision.objects.filter(article=pair.article, author=editor).count() == 1
    step = Step.objects.get(article=pair.other)
    assert (step.move, step.origin, step.target, step.made_by) == ("merge", "published", "withdrawn", editor)


def test_links_to_the_merged_article_open_the_one_that_stays(client, editor, pair):
    citing = makers.ArticleMaker(body=f'<p><a href="{pair.other.canonical_url}">dort</a></p>')
    makers.ReferenceMaker(article=citing, url=pair.other.canonical_url, key=pair.other.address_key)
    assert duplicates.merge_counts(pair.other, pair.article).references == 1
    duplicates.merge_articles(pair.other, pair.article, editor)
    page = client.get(citing.get_absolute_url()).content.decode()
    assert f'href="{pair.article.get_absolute_url()}"' in page
    assert pair.other.get_absolute_url() not in page


def test_importing_the_merged_articles_file_again_makes_nothing_anew(editor):
    run = makers.ImportRunMaker()
    files = [reading(number, text=f"{LONG}{LONG[::-1]}{LONG[10:]}") for number in (1, 2)]
    first, second = importing.store(run, entries(*files), True)
    article, other = (Article.objects.get(pk=one.article_id) for one in (first, second))
    duplicates.merge_articles(other, article, editor)
    newer = reading(2, 12, text=f"{LONG}{LONG[::-1]}{LONG[10:]}新")
    importing.store(run, entries(files[1], newer), True)
    assert Article.objects.count() == 2
    assert Article.objects.published().get() == article
    assert PossibleDuplicate.objects.get().verdict == "same"


def test_other_open_pairs_are_offered_with_the_one_that_stays(editor, pair):
    third = makers.ArticleMaker()
    PossibleDuplicate.objects.create(article=pair.other, other=third, reason="alike", likeness=60)
    duplicates.merge_articles(pair.other, pair.article, editor)
    waiting = PossibleDuplicate.objects.get(verdict="")
    assert (waiting.article_id, waiting.other_id, waiting.likeness) == (pair.article_id, third.pk, 60)


def test_undoing_a_merge_leaves_everything_as_it_was(client, editor, pair):
    tag, third = makers.TagMaker(), makers.ArticleMaker()
    pair.other.tags.add(tag)
    PossibleDuplicate.objects.create(article=pair.other, other=third, reason="alike", likeness=60)
    merge = duplicates.merge_articles(pair.other, pair.article, editor)
    duplicates.undo_merge(merge, editor)
    assert client.get(pair.other.get_absolute_url()).status_code == 200
    assert not pair.article.tags.exists()
    assert set(PossibleDuplicate.objects.filter(verdict="").values_list("article", "other")) >= {
        (pair.article_id, pair.other_id),
        (pair.other_id, third.pk),
    }
    with pytest.raises(Refused):
        duplicates.undo_merge(merge, editor)


def test_what_a_person_decided_last_is_taken_back_first(editor, pair):
    one, other = makers.ArticleMaker.create_batch(2)
    second = PossibleDuplicate.objects.create(article=one, other=other, reason="alike", likeness=50)
    duplicates.merge_articles(pair.other, pair.article, editor)
    duplicates.keep_apart(second, editor)
    assert duplicates.undo_last_verdict(editor) == second
    assert isinstance(duplicates.undo_last_verdict(editor), ArticleMerge)
    with pytest.raises(Refused):
        duplicates.undo_last_verdict(editor)
    assert set(PossibleDuplicate.objects.values_list("verdict", flat=True)) == {""}


@pytest.mark.parametrize("role", ["reporter", None])
def test_only_editors_judge(pair, role):
    user = member(role) if role else makers.UserMaker()
    for deed in (
        lambda: duplicates.merge_articles(pair.other, pair.article, user),
        lambda: duplicates.keep_apart(pair, user),
    ):
        with pytest.raises(Refused):
            deed()
    assert PossibleDuplicate.objects.get().verdict == ""


def test_of_two_people_who_judge_at_once_the_second_is_refused(editor, pair):
    duplicates.keep_apart(pair, editor)
    with pytest.raises(Refused):
        duplicates.keep_apart(pair, member("chief"))
    stale = Article.objects.get(pk=pair.other_id)
    Article.objects.filter(pk=stale.pk).update(status="draft")
    with pytest.raises(Refused):
        duplicates.merge_articles(stale, pair.article, editor)


def test_no_merge_runs_in_a_circle(editor, pair):
    duplicates.merge_articles(pair.other, pair.article, editor)
    for article, winner in ((pair.article, pair.other), (pair.article, pair.article)):
        with pytest.raises(Refused):
            duplicates.merge_articles(Article.objects.get(pk=article.pk), winner, editor)


def test_all_of_two_bodies_is_compared_side_by_side_and_another_script_is_no_difference():
    left = text_of(
        "<h2>港口</h2><p>風大。燈亮著。</p><figure><figcaption>倉庫</figcaption></figure><ul><li>一</li></ul>"
    )
    right = text_of(
        "<h2>港口</h2><p>风大。灯不亮着。</p><figure><figcaption>仓库</figcaption></figure><ul><li>一</li></ul>"
    )
    assert left == "港口\n風大。燈亮著。\n倉庫\n一"
    marked = [piece for row in side_by_side(left, right) for piece in (*row.left, *row.right) if piece.kind != "same"]
    assert [(piece.kind, piece.text) for piece in marked] == [("new", "不")]


def test_the_pair_page_shows_both_and_does_each_deed_without_script(client, editor, pair):
    client.force_login(editor)
    address = reverse("admin:articles_possibleduplicate_change", args=[pair.pk])
    page = client.get(address).content.decode()
    assert pair.article.title in page
    assert pair.other.title in page
    assert client.post(address, {"deed": "apart"}).status_code == 302
    pair.refresh_from_db()
    assert (pair.verdict, pair.judged_by) == ("different", editor)
    client.post(address, {"deed": "reopen"})
    client.post(address, {"deed": "right"})
    merge = ArticleMerge.objects.get()
    assert (merge.article_id, merge.winner_id, merge.made_by) == (pair.article_id, pair.other_id, editor)
    client.post(address, {"deed": "undo"})
    client.post(address, {"deed": "left"})
    assert ArticleMerge.objects.get(undone_at=None).winner_id == pair.article_id
    assert client.post(address, {"deed": "dance"}).status_code == 404
