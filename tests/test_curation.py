"""What an editor's save keeps in step."""

import datetime

import pytest

from articles import curation
from articles.models import UNDATED, TaggedArticle
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return makers.UserMaker()


def test_the_text_is_the_bodys_lines_without_captions_and_cards(editor):
    article = makers.ArticleMaker()
    article.body = (
        "<h2>標題</h2>\n<p>一 &amp; <b>二</b><br>三</p><figure><img src='https://a.example/1.jpg' alt='x'>"
        "<figcaption>圖說</figcaption></figure><ul><li>甲</li><li>乙</li></ul><table><tr><td>1</td><td>2</td></tr></table>"
    )
    curation.save_edited(article, editor)
    article.refresh_from_db()
    assert article.text == "標題\n一 & 二\n三\n甲\n乙\n1\t2"


def test_an_excerpt_that_was_made_is_made_again_and_a_written_one_stays(editor):
    made = makers.ArticleMaker(text="舊的一段。", excerpt="舊的一段。", body="<p>新的一段。</p>")
    written = makers.ArticleMaker(text="舊的一段。", excerpt="編輯寫的話。", body="<p>新的一段。</p>")
    for article in (made, written):
        curation.save_edited(article, editor)
    assert (made.excerpt, written.excerpt) == ("新的一段。", "編輯寫的話。")


def test_links_and_references_follow_the_body(editor):
    article = makers.ArticleMaker()
    makers.ReferenceMaker(article=article)
    target = makers.ArticleMaker()
    article.body = (
        f'<p><a href="{target.canonical_url}">a</a> <a href="{article.canonical_url}">self</a>'
        ' <a href="mailto:a@b.example">mail</a></p><figure><a href="https://video.example/1">card</a></figure>'
    )
    curation.save_edited(article, editor)
    assert article.links == [target.canonical_url, article.canonical_url]
    assert list(article.references.values_list("key", flat=True)) == [target.address_key]


def test_saving_twice_changes_nothing_more(editor):
    article = makers.ArticleMaker(body="<p>一</p><script>x</script><div>二</div>")
    curation.save_edited(article, editor)
    names = ("body", "text", "excerpt", "links", "slug", "listed_at", "published_on")
    first = [getattr(article, name) for name in names]
    curation.save_edited(article, editor)
    assert [getattr(article, name) for name in names] == first


@pytest.mark.parametrize(
    ("at", "precision", "day", "leads"),
    [
        (datetime.datetime(2025, 1, 28, 23, 30, tzinfo=datetime.UTC), "second", datetime.date(2025, 1, 29), True),
        (datetime.datetime(2025, 1, 28, 23, 30, tzinfo=datetime.UTC), "", datetime.date(2025, 1, 29), True),
        (datetime.datetime(2025, 1, 28, tzinfo=datetime.UTC), "day", datetime.date(2025, 1, 28), True),
        (datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC), "day", datetime.date(2999, 1, 1), False),
    ],
)
def test_the_day_is_the_sources_and_a_date_in_the_future_does_not_lead_the_lists(editor, at, precision, day, leads):
    article = makers.ArticleMaker(source__timezone="Europe/Berlin")
    article.published_at, article.published_precision = at, precision
    curation.save_edited(article, editor)
    article.refresh_from_db()
    assert article.published_on == day
    assert article.listed_at == (at if leads else UNDATED)
    assert article.published_precision == (precision or "second")


def test_tags_are_left_alone_when_none_are_given(editor):
    article = makers.ArticleMaker()
    TaggedArticle.objects.create(tag=makers.TagMaker(), content_object=article, origin="import")
    curation.save_edited(article, editor)
    assert article.tagged.count() == 1
    curation.save_edited(article, editor, topics=[])
    assert article.tagged.count() == 0


def test_the_number_of_questions_does_not_grow_with_tags_and_links(editor, django_assert_max_num_queries):
    article = makers.ArticleMaker()
    article.body = "<p>" + "".join(f'<a href="https://a.example/{n}">{n}</a>' for n in range(40)) + "</p>"
    tags = makers.TagMaker.create_batch(20)
    with django_assert_max_num_queries(55):  # with those that pair alike texts and learn terms; an insert is two
        curation.save_edited(article, editor, topics=tags)
    assert article.references.count() == 40
