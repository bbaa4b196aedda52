"""Revisions: what is kept, how two are compared, and that a restored one is whole."""

import pytest

from articles import curation
from articles.curation.comparing import GONE, NEW, SAME, compare, sentences
from articles.models import Article, Revision, keep_baseline, keep_revisions
from tests import makers

pytestmark = pytest.mark.django_db


def told(pieces, *kinds):
    return "".join(piece.text for piece in pieces if piece.kind in kinds)


@pytest.mark.parametrize(
    "text", ["", "一", "「他說。」她走了！\n第二段。", "One. Two? “Three.”\n\nFour", "……？！", "沒有句號\n" * 3]
)
def test_sentences_are_the_text_again(text):
    assert "".join(sentences(text)) == text


def test_a_quotation_ends_with_its_mark():
    assert sentences("他說：「好。」她走了。") == ["他說：「好。」", "她走了。"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("冬天的碼頭風大。燈亮著。人走了。", "冬天的碼頭風很大。燈亮著。人沒走。"),
        ("", "全新。"),
        ("全舊。", ""),
        ("甲。乙。丙。", "丙。乙。甲。"),
        ("長" * 4000 + "。", "短" * 4000 + "。"),
    ],
)
def test_pieces_tell_both_texts_whole(before, after):
    pieces = compare(before, after)
    assert told(pieces, SAME, GONE) == before
    assert told(pieces, SAME, NEW) == after


def test_a_changed_character_is_shown_inside_its_sentence():
    pieces = compare("冬天的碼頭風大得讓人睜不開眼。", "冬天的碼頭風大得讓人睜不開嘴。")
    assert (told(pieces, GONE), told(pieces, NEW)) == ("眼", "嘴")


def test_nothing_is_kept_of_an_article_that_nobody_touched_and_both_sides_of_the_first_change():
    editor, article = makers.UserMaker(), makers.ArticleMaker(title="舊")
    assert not Revision.objects.exists()
    article.title = "新"
    curation.save_edited(article, editor, reason="Tippfehler")
    rows = list(Revision.objects.order_by("pk").values_list("kind", "title", "author", "reason"))
    assert rows == [("baseline", "舊", None, ""), ("edit", "新", editor.pk, "Tippfehler")]


def test_a_save_that_changes_nothing_leaves_no_second_revision():
    editor, article = makers.UserMaker(), makers.ArticleMaker()
    for _ in range(3):
        curation.save_edited(article, editor)
    assert Revision.objects.filter(kind="edit").count() <= 1


def test_tags_and_captions_are_part_of_a_revision():
    article, tag = makers.ArticleMaker(), makers.TagMaker()
    place = makers.ArticleImageMaker(article=article)
    keep_baseline([article.pk])
    article.tags.add(tag)
    place.caption = "另一句"
    place.save()
    assert keep_revisions([article.pk], None) == [article.pk]
    before, after = Revision.objects.order_by("pk")
    assert [name for name, _pieces in curation.changed_fields(before, after)] == ["tags", "pictures"]


def test_an_earlier_revision_is_restored_with_tags_and_captions_and_the_state_stays():
    editor = makers.UserMaker(is_superuser=True)  # who may set tags
    article = makers.ArticleMaker(title="舊", standfirst="導語", status="draft")
    tag, other = makers.TagMaker.create_batch(2)
    place = makers.ArticleImageMaker(article=article, caption="圖")
    curation.save_edited(article, editor, [tag])
    first = Revision.objects.latest("pk")
    article.title, article.body, article.standfirst = "新", "<p>全新的正文。</p>", ""
    article.published_at = None
    curation.save_edited(article, editor, [other])
    article.article_images.update(caption="改")
    Article.objects.filter(pk=article.pk).update(status="published")
    curation.restore(first, editor)
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.standfirst, after.status) == ("舊", "導語", "published")
    assert after.text.startswith("冬天的碼頭")
    assert after.published_at == makers_date(first)
    assert list(after.tags.all()) == [tag]
    assert after.article_images.get() == place
    assert after.article_images.get().caption == "圖"
    assert Revision.objects.latest("pk").kind == "restore"


def makers_date(revision):
    return Article._meta.get_field("published_at").to_python(revision.facts["published_at"])


def test_an_editors_save_writes_no_stale_state_back():
    editor, article = makers.UserMaker(), makers.ArticleMaker(status="draft")
    Article.objects.filter(pk=article.pk).update(status="withdrawn", source_changed=True)
    curation.save_edited(article, editor)
    after = Article.objects.get(pk=article.pk)
    assert (after.status, after.source_changed) == ("withdrawn", True)


def test_keeping_many_articles_costs_what_keeping_few_costs(django_assert_num_queries):
    few, many = makers.ArticleMaker.create_batch(2), makers.ArticleMaker.create_batch(20)
    for rows in (few, many):
        pks = [article.pk for article in rows]
        with django_assert_num_queries(6):
            keep_baseline(pks)
        with django_assert_num_queries(4):
            assert keep_revisions(pks, None) == []
