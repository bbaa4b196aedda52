"""Tags with many uses, names that collide, sources with articles."""

import pytest
from django.urls import reverse

from articles.models import Article, Source, Tag, TagAlias, TaggedArticle
from tests import makers

NO_ALIASES = {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}


@pytest.fixture
def busy_tag(db):
    """More uses than a form may have fields."""
    tag, source = makers.TagMaker(), makers.SourceMaker()
    articles = Article.objects.bulk_create(
        Article(source=source, title=f"第 {n} 篇", slug=str(n), canonical_url=f"https://n.example/{n}")
        for n in range(1200)
    )
    TaggedArticle.objects.bulk_create(TaggedArticle(tag=tag, content_object=article) for article in articles)
    return tag


def test_a_tag_with_many_uses_opens_saves_and_goes(desk, busy_tag, django_assert_max_num_queries):
    page = reverse("admin:articles_tag_change", args=[busy_tag.pk])
    answer = desk.get(page)
    assert "1200 articles" in answer.content.decode()
    assert len(answer.content) < 60_000
    assert desk.post(page, {"name": "新名", **NO_ALIASES}).status_code == 302
    assert Tag.objects.get(pk=busy_tag.pk).name == "新名"
    goodbye = reverse("admin:articles_tag_delete", args=[busy_tag.pk])
    with django_assert_max_num_queries(20):
        assert len(desk.get(goodbye).content) < 60_000
        assert desk.post(goodbye, {"post": "yes"}).status_code == 302
    assert not TaggedArticle.objects.exists()
    assert Article.objects.count() == 1200


def test_the_address_of_a_tag_stays_when_its_name_changes(desk):
    tag = makers.TagMaker(name="人工智慧")
    slug = tag.slug
    desk.post(reverse("admin:articles_tag_change", args=[tag.pk]), {"name": "AI", "slug": "other", **NO_ALIASES})
    tag.refresh_from_db()
    assert (tag.name, tag.slug) == ("AI", slug)


@pytest.mark.parametrize("name", ["台湾", "臺灣 ", "別名", "　"])
def test_a_name_that_is_taken_or_empty_is_refused_in_words(desk, name):
    TagAlias.objects.create(tag=makers.TagMaker(name="臺灣"), name="別名")
    answer = desk.post(reverse("admin:articles_tag_add"), {"name": name, "slug": "", **NO_ALIASES})
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert Tag.objects.count() == 1


def test_an_alias_that_is_another_tags_name_is_refused(desk):
    makers.TagMaker(name="臺灣")
    tag = makers.TagMaker(name="選舉")
    alias = {"aliases-TOTAL_FORMS": 1, "aliases-INITIAL_FORMS": 0, "aliases-0-name": "台湾", "aliases-0-tag": tag.pk}
    answer = desk.post(reverse("admin:articles_tag_change", args=[tag.pk]), {"name": tag.name, **alias})
    assert answer.status_code == 200
    assert not TagAlias.objects.exists()


def test_hosts_of_a_source_are_written_one_a_line(desk):
    source = makers.SourceMaker(hosts=["dw.com"])
    page = reverse("admin:articles_source_change", args=[source.pk])
    words = {"name": source.name, "slug": source.slug, "language": "zh", "timezone": "Europe/Berlin", "indexing": "own"}
    assert desk.post(page, words | {"hosts": "www.DW.com\r\n\r\np.dw.com\r\ndw.com"}).status_code == 302
    assert Source.objects.get(pk=source.pk).hosts == ["dw.com", "p.dw.com"]
    answer = desk.post(page, words | {"timezone": "Mars/Base"})
    assert "is no time zone" in answer.content.decode()


def test_a_source_with_articles_is_not_deleted_and_none_of_them_is_loaded_to_say_so(
    desk, django_assert_max_num_queries
):
    source = makers.ArticleMaker().source
    page = reverse("admin:articles_source_delete", args=[source.pk])
    with django_assert_max_num_queries(8):
        answer = desk.get(page)
    assert answer.context["protected"] == [source.name]
    desk.post(page, {"post": "yes"})
    assert Source.objects.filter(pk=source.pk).exists()
