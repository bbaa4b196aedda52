"""Editors find articles by the same words as readers, in every state."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from articles import search
from articles.models import SynonymSet
from tests.makers import ArticleImageMaker, ArticleMaker, SourceMaker, TagMaker

pytestmark = pytest.mark.django_db
LIST = "admin:articles_article_changelist"


@pytest.fixture
def draft():
    article = ArticleMaker(title="港口的燈", text="倉庫裡有一本舊帳", status="draft", source=SourceMaker(slug="dw"))
    search.index([article.pk])
    return article


@pytest.mark.parametrize("typed", ["港口", "仓库", "舊帳 source:dw", "灯 -花園"])
def test_the_list_of_articles_is_searched_like_the_site(admin_client, draft, typed):
    html = admin_client.get(reverse(LIST), {"q": typed, "status__exact": "draft"}).content.decode()
    assert "港口的燈" in html


@pytest.mark.parametrize("typed", ["花園", "!!!", "港口 -倉庫", "倉庫 source:rfa"])
def test_what_is_not_there_is_not_listed(admin_client, draft, typed):
    assert "港口的燈" not in admin_client.get(reverse(LIST), {"q": typed}).content.decode()


def test_a_number_and_words_of_the_text_find_the_same_article(admin_client, draft):
    address = reverse("admin:articles_article_changelist")
    assert str(draft.pk) in admin_client.get(address, {"q": str(draft.pk)}).content.decode()
    desk = admin_client.get(address, {"q": "旧帐"})
    assert [article.pk for article in desk.context["cl"].result_list] == [draft.pk]


def completed(client, model, field, term):
    """What a field offers for what is typed, and the questions about it beyond those for the session."""
    asked = {"app_label": "articles", "model_name": model, "field_name": field, "term": term}
    with CaptureQueriesContext(connection) as questions:
        answer = client.get(reverse("admin:autocomplete"), asked).json()
    about = [one for one in questions if '"articles_' in one["sql"] and "session" not in one["sql"]]
    return [int(one["id"]) for one in answer["results"]], about


@pytest.mark.parametrize("typed", ["港口", "仓库", "舊帳 source:dw", "碼頭"])
def test_completing_an_article_asks_the_index_and_the_synonyms(admin_client, draft, typed):
    SynonymSet.objects.create(words="碼頭\n港口")
    ArticleMaker(title="花園")
    for model, field in (("taggedarticle", "content_object"), ("articleimage", "article")):
        found, questions = completed(admin_client, model, field, typed)
        assert found == [draft.pk]
        assert len(questions) <= (3 if "source:" in typed else 2)  # a source may be meant by its name


def test_completing_a_picture_finds_it_by_its_captions_and_articles(admin_client, draft):
    picture = ArticleImageMaker(article=draft, caption="燈塔").image
    ArticleImageMaker()
    search.index([draft.pk])
    for typed in ("灯塔", "舊帳", picture.origin_url, picture.host):
        found, questions = completed(admin_client, "articleimage", "image", typed)
        assert picture.pk in found, typed
        assert len(questions) <= 2
    assert completed(admin_client, "articleimage", "image", "燈塔 花園")[0] == []


def test_completing_a_tag_finds_it_in_either_script(admin_client):
    tag = TagMaker(name="開放資料")
    found, questions = completed(admin_client, "taggedarticle", "tag", "开放")
    assert (found, len(questions)) == ([tag.pk], 1)


def test_completions_come_in_pages(admin_client):
    SourceMaker.create_batch(45, name="源")
    asked = {"app_label": "articles", "model_name": "article", "field_name": "source", "term": "源"}
    pages = [admin_client.get(reverse("admin:autocomplete"), asked | {"page": page}).json() for page in ("1", "2", "3")]
    assert [len(page["results"]) for page in pages] == [20, 20, 5]
    assert [page["pagination"]["more"] for page in pages] == [True, True, False]
    assert len({one["id"] for page in pages for one in page["results"]}) == 45


def test_a_picture_and_a_tag_lead_to_the_articles_that_use_them(admin_client, draft):
    image, tag = ArticleImageMaker(article=draft).image, TagMaker()
    above = ArticleMaker(lead_image=image)
    draft.tags.add(tag)
    ArticleMaker()
    for kind, row, users in (("image", image, {draft.pk, above.pk}), ("tag", tag, {draft.pk})):
        page = LexborHTMLParser(
            admin_client.get(reverse(f"admin:articles_{kind}_change", args=[row.pk])).content.decode()
        )
        links = {link.attributes["href"] for link in page.css("a[href]")}
        (address,) = {link for link in links if link.startswith(f"{reverse(LIST)}?")}
        listed = admin_client.get(address).context["cl"].result_list
        assert {article.pk for article in listed} == users


@pytest.mark.parametrize("value", ["x", "9" * 30, "-1", ""])
def test_a_picture_that_makes_no_sense_narrows_nothing(admin_client, draft, value):
    assert admin_client.get(reverse(LIST), {"picture": value}, follow=True).status_code == 200
