"""Tags with many uses, names that collide, sources with articles."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import search
from articles.models import Article, ArticleImage, Source, Story, Tag, TagAlias, TaggedArticle
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
    with django_assert_max_num_queries(20 + 5 * 12):  # revisions are kept of a hundred articles at a time
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


def test_a_place_on_its_own_page_is_an_edit_of_its_article_in_its_text_too(desk, chief):
    image = makers.ImageMaker()
    body = f'<figure><img src="{image.origin_url}" alt=""><figcaption>舊圖說</figcaption></figure><p>正文。</p>'
    place = makers.ArticleImageMaker(image=image, caption="舊圖說", article__body=body)
    search.rebuild()
    page = reverse("admin:articles_articleimage_change", args=[place.pk])
    words = {"position": place.position, "caption": "燈塔", "credit": "林攝"}
    assert desk.post(page, words | {"initial-caption": "舊圖說"}).status_code == 302
    article = Article.objects.get()
    assert "燈塔" in article.body
    assert article.edited_by == chief
    assert [row.facts["pictures"][0][1] for row in article.revisions.order_by("pk")] == ["舊圖說", "燈塔"]
    assert not search.check().any
    desk.post(reverse("admin:articles_articleimage_delete", args=[place.pk]), {"post": "yes"})
    assert article.revisions.latest("pk").facts["pictures"] == []
    assert not search.check().any


def test_a_place_that_was_changed_meanwhile_is_not_written_over(desk):
    place = makers.ArticleImageMaker(caption="舊圖說", credit="舊")
    page = reverse("admin:articles_articleimage_change", args=[place.pk])
    seen = {"position": place.position, "caption": "舊圖說", "credit": "舊"}
    seen |= {f"initial-{name}": value for name, value in seen.items()}
    ArticleImage.objects.update(caption="他的圖說")
    assert desk.post(page, seen | {"credit": "林攝"}).status_code == 302
    assert "他的圖說" in desk.post(page, seen | {"caption": "我的圖說"}).content.decode()
    place.refresh_from_db()
    assert (place.caption, place.credit) == ("他的圖說", "林攝")


def test_a_use_of_a_tag_that_comes_moves_and_goes_is_an_edit_of_its_articles(desk, chief):
    one, other = makers.ArticleMaker.create_batch(2)
    tag = makers.TagMaker(name="海港")
    search.rebuild()
    desk.post(
        reverse("admin:articles_taggedarticle_add"),
        {"tag": tag.pk, "content_object": one.pk, "origin": "editor"},
    )
    use = TaggedArticle.objects.get()
    assert [row.facts["tags"] for row in one.revisions.order_by("pk")] == [[], ["海港"]]
    page = reverse("admin:articles_taggedarticle_change", args=[use.pk])
    desk.post(page, {"tag": tag.pk, "content_object": other.pk, "origin": "editor"})
    assert not search.check().any
    assert other.revisions.latest("pk").facts["tags"] == ["海港"]
    desk.post(reverse("admin:articles_taggedarticle_delete", args=[use.pk]), {"post": "yes"})
    assert [article.revisions.latest("pk").facts["tags"] for article in (one, other)] == [[], []]
    assert Article.objects.filter(edited_by=chief).count() == 2
    assert not search.check().any


@pytest.mark.parametrize(
    ("model", "make"),
    [
        ("story", lambda: makers.StoryMaker(title="台灣電池廠", slug=f"story-{Story.objects.count()}")),
        ("source", lambda: makers.SourceMaker(name="台灣電池廠")),
        ("takedown", lambda: makers.TakeDownMaker(subject="台灣電池廠")),
    ],
)
def test_lists_of_few_rows_are_searched_in_either_script_and_ask_no_more_for_more(desk, model, make):
    row = make()
    page = reverse(f"admin:articles_{model}_changelist")
    for words in ("台湾电池", "台灣電池", "电池厂"):
        assert list(desk.get(page, {"q": words}).context["cl"].result_list) == [row], words
    assert not list(desk.get(page, {"q": "電池車"}).context["cl"].result_list)
    few = asked(desk, page)
    for _ in range(20):
        make()
    assert asked(desk, page) == few


def asked(client, page):
    with CaptureQueriesContext(connection) as caught:
        client.get(page, {"q": "台湾电池"})
    return len(caught)
