"""Editors find articles by the same words as readers, in every state."""

import pytest
from django.urls import reverse

from articles import search
from tests.makers import ArticleMaker, SourceMaker

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
