"""How lists count, narrow and look up."""

import datetime

import pytest
from django.urls import reverse

from articles import search
from articles.admin import desk as desk_module
from articles.importing.deciding import path_hash
from articles.models import Article, Block, Image, TaggedArticle, block_key
from tests import makers

ARTICLES = "/admin/articles/article/"


def titles(answer):
    return [article.title for article in answer.context["cl"].result_list]


def test_a_long_list_says_that_there_is_more_and_ends_at_the_cap(desk, monkeypatch):
    monkeypatch.setattr(desk_module, "COUNT_CAP", 5)
    monkeypatch.setattr(desk_module.Desk, "list_per_page", 2)
    source = makers.SourceMaker()
    makers.ArticleMaker.create_batch(8, source=source)
    answer = desk.get(ARTICLES)
    assert "5+ articles" in answer.content.decode()
    assert answer.context["cl"].paginator.num_pages == 3
    assert len(titles(desk.get(ARTICLES, {"p": 3}))) == 1


def test_a_short_list_is_counted_exactly(desk, monkeypatch):
    monkeypatch.setattr(desk_module, "COUNT_CAP", 5)
    makers.ArticleMaker.create_batch(5)
    assert "5 articles" in desk.get(ARTICLES).content.decode()


def test_within_a_status_the_newest_date_stands_first_and_years_narrow(desk):
    old = makers.ArticleMaker(published_at=datetime.datetime(2019, 5, 4, tzinfo=datetime.UTC))
    new = makers.ArticleMaker(published_at=datetime.datetime(2021, 5, 4, tzinfo=datetime.UTC))
    makers.ArticleMaker(status="draft")
    answer = desk.get(ARTICLES, {"status__exact": "published"})
    assert titles(answer) == [new.title, old.title]
    years = next(spec for spec in answer.context["cl"].filter_specs if spec.title == "year")
    assert [value for value, _ in years.lookup_choices] == ["2021", "2020", "2019"]
    assert titles(desk.get(ARTICLES, {"status__exact": "published", "year": "2019"})) == [old.title]
    assert desk.get(ARTICLES, {"status__exact": "published", "year": "99999"}).status_code == 200


@pytest.mark.parametrize("term", ["{pk}", "长江十号", "https://www.dw.com/zh/a-7", " https://www.dw.com/zh/a-7 "])
def test_an_article_is_found_by_its_number_words_of_its_title_and_its_address(desk, term):
    makers.ArticleMaker()
    article = makers.ArticleMaker(title="長江十號的專家", canonical_url="https://www.dw.com/zh/a-7")
    search.index([article.pk])
    assert titles(desk.get(ARTICLES, {"q": term.format(pk=article.pk)})) == [article.title]


def test_a_tag_leads_to_its_articles_and_says_how_many(desk):
    tag, other = makers.TagMaker(), makers.TagMaker()
    for article in makers.ArticleMaker.create_batch(3):
        TaggedArticle.objects.create(tag=tag, content_object=article)
    makers.ArticleMaker()
    page = desk.get("/admin/articles/tag/").content.decode()
    assert f'<a href="{ARTICLES}?topic={tag.pk}">3 articles</a>' in page
    assert f'<a href="{ARTICLES}?topic={other.pk}">0 articles</a>' in page
    assert len(titles(desk.get(ARTICLES, {"topic": tag.pk}))) == 3


def test_a_tag_is_found_in_either_script(desk):
    tag = makers.TagMaker(name="臺灣選舉")
    answer = desk.get(reverse("admin:autocomplete"), _field("article", "tags", "台湾选举"[2:]))
    assert [row["id"] for row in answer.json()["results"]] == [str(tag.pk)]


def _field(model, field, term):
    return {"app_label": "articles", "model_name": model, "field_name": field, "term": term}


def test_pictures_are_found_by_host_and_by_address_and_narrowed_by_state(desk):
    here = makers.ImageMaker(origin_url="https://i.example/a.jpg", host="i.example", state="gone")
    makers.ImageMaker()
    pages = "/admin/articles/image/"
    for question in ({"q": "i.example"}, {"q": here.origin_url}, {"host": "i.example"}, {"state__exact": "gone"}):
        assert list(desk.get(pages, question).context["cl"].result_list) == [here], question


def test_a_picture_that_is_not_stored_is_never_fetched_from_its_origin(desk):
    image = makers.ImageMaker(state=Image.State.WAITING)
    for page in ("/admin/articles/image/", f"/admin/articles/image/{image.pk}/change/"):
        assert f'src="{image.origin_url}' not in desk.get(page).content.decode()


def test_files_are_narrowed_by_run_then_by_result_and_cause(desk):
    run = makers.ImportRunMaker()
    bad = makers.ImportFileMaker(run=run, result="failed", code="empty")
    makers.ImportFileMaker(run=run, result="created")
    makers.ImportFileMaker(result="failed", code="empty")
    files = "/admin/articles/importfile/"
    narrowed = {"run": run.pk, "result": "failed", "code": "empty"}
    assert list(desk.get(files, narrowed).context["cl"].result_list) == [bad]
    assert [spec.title for spec in desk.get(files).context["cl"].filter_specs] == ["run"]


def test_an_original_is_found_by_its_path(desk):
    original = makers.OriginalMaker(path="articles/dw/1 a.md", path_sha256=path_hash("articles/dw/1 a.md"))
    makers.OriginalMaker()
    answer = desk.get("/admin/articles/original/", {"q": original.path})
    assert list(answer.context["cl"].result_list) == [original]


def test_articles_keep_out_of_bulk_actions(desk):
    article = makers.ArticleMaker()
    desk.post(ARTICLES, {"action": "delete_selected", "_selected_action": article.pk, "post": "yes"})
    assert Article.objects.filter(pk=article.pk).exists()


def test_what_may_not_come_in_again_is_found_by_any_form_of_its_address(desk):
    take_down = makers.TakeDownMaker()
    for kind, value in (("address", "dw.com/a-7"), ("address", "dw.com/a-8"), ("bytes", "f" * 64)):
        Block.objects.create(take_down=take_down, kind=kind, value=value, key=block_key(kind, value))
    for term, found in (
        ("https://www.dw.com/zh/a-7?maca=x", "dw.com/a-7"),
        ("dw.com/a-8", "dw.com/a-8"),
        ("f" * 64,) * 2,
    ):
        answer = desk.get("/admin/articles/block/", {"q": term})
        assert [block.value for block in answer.context["cl"].result_list] == [found]
