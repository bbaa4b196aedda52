"""More like this: what shares an article's rare words, topics and links, whichever source it is from."""

import pytest
from django.core.cache import cache

from articles import likeness, search
from articles.curation import save_edited
from articles.models import KeyTerm, Signature
from articles.views.related import related_to
from tests import makers

pytestmark = pytest.mark.django_db
HARBOUR = "雨燕三號駛進瓦倫港"
OTHERS = (
    "卧鋪列車的票價",
    "教師自製教具走紅",
    "候鳥回到泥灘地",
    "末班公車上的植物",
    "冬季學童的早餐",
    "鐵皮公雞出書了",
)


def learned(*articles):
    """Index articles and learn what they are about."""
    cache.clear()
    search.index([article.pk for article in articles])
    likeness.learn([article.pk for article in articles])


@pytest.fixture
def archive():
    """Two articles on one subject, in either script, among others."""
    one = makers.ArticleMaker(title=HARBOUR, text="雨燕三號昨天駛進瓦倫港，碼頭擠滿了人。")
    like = makers.ArticleMaker(title="瓦伦港等待雨燕三号", text="码头上的人等了雨燕三号一夜，瓦伦港放了烟火。")
    others = [makers.ArticleMaker(title=title, text=f"{title}，這是另一回事。") for title in OTHERS]
    learned(one, like, *others)
    return one, like, others


def test_what_shares_rare_words_is_alike_in_either_script(client, archive):
    one, like, others = archive
    assert related_to(one, None).alike == [like]
    assert related_to(like, None).alike == [one]
    assert related_to(others[0], None).alike == []
    page = client.get(one.get_absolute_url()).content.decode()
    assert 'id="alike"' in page
    assert like.title in page


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_is_not_published_is_not_shown(archive, state):
    one, like, _others = archive
    type(like).objects.filter(pk=like.pk).update(status=state)
    assert related_to(one, None).alike == []


def test_an_article_stands_once_on_a_page(archive):
    one, like, _others = archive
    type(like).objects.filter(pk=like.pk).update(source=one.source)
    makers.ReferenceMaker(article=one, url=like.canonical_url, key=like.address_key)
    related = related_to(one, None)
    assert related.copies == [like]
    assert like not in [*related.alike, *related.more]


def test_topics_count_as_words(archive):
    one, _like, others = archive
    for article in (one, others[0]):
        article.tags.add("帆船", "環球", "海洋科學")
    learned(one, *others)
    assert others[0] in related_to(one, None).alike


def test_a_save_brings_terms_signature_and_pairs_up_to_date(archive):
    one, like, others = archive
    text = "".join(f"第{chr(0x4E00 + number)}段說的是{chr(0x5E00 + number)}。" for number in range(60))
    for article in (one, others[0]):
        article.body = f"<p>{text}</p>"
        save_edited(article, makers.UserMaker())
    assert Signature.objects.filter(article__in=[one, others[0]], has_terms=True).exclude(values=b"").count() == 2
    pair = one.possible_duplicates.get()
    assert (pair.other_id, pair.likeness, pair.reason) == (others[0].pk, 100, "same text")
    others[0].body = "<p>短</p>"
    save_edited(others[0], makers.UserMaker())
    assert not one.possible_duplicates.exists()
    assert KeyTerm.objects.filter(article=like).exists()
