"""What happens when an editor saves an article."""

import re

import pytest
from django.urls import reverse

from articles.models import Article, TaggedArticle
from tests import makers


def page_of(article):
    return reverse("admin:articles_article_change", args=[article.pk])


def form_of(client, article, **changes):
    """What a browser would send for the page of `article`: every field as it stands, lines ended by CRLF."""
    answer = client.get(page_of(article))
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent = {}
    for form in forms:
        for bound in form:
            value = form.get_initial_for_field(bound.field, bound.name)
            if hasattr(bound.field.widget, "widgets") or hasattr(bound.field, "fields"):
                parts = bound.field.widget.decompress(value)
                sent |= {f"{bound.html_name}_{number}": part or "" for number, part in enumerate(parts)}
            elif isinstance(value, list):
                sent[bound.html_name] = value
            else:
                sent[bound.html_name] = "" if value is None else str(value).replace("\n", "\r\n")
    return sent | changes


@pytest.fixture
def article(db):
    body = "<p>冬天的碼頭。</p>\n<p>燈光仍然是一筆開銷。</p>"
    return makers.ArticleMaker(body=body, standfirst="第一行\n第二行")


def saved(client, article, **changes):
    answer = client.post(page_of(article), form_of(client, article, **changes))
    assert answer.status_code == 302, answer.context["errors"]
    return Article.objects.get(pk=article.pk)


def test_saving_marks_the_article_as_edited_by_that_person(desk, chief, article):
    after = saved(desk, article, title="新的標題")
    assert after.title == "新的標題"
    assert after.edited_by == chief
    assert after.edited_at is not None


def test_saving_without_a_change_is_no_edit(desk, article):
    before = Article.objects.filter(pk=article.pk).values().get()
    saved(desk, article)
    assert Article.objects.filter(pk=article.pk).values().get() == before


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_seconds_survive_an_editor_who_does_not_touch_the_date(desk, article, language):
    before = article.published_at
    assert before.second
    speaks = {"accept-language": language}
    page = desk.get(page_of(article), headers=speaks).content.decode()
    shown = dict(re.findall(r'name="(published_at_[01])" value="([^"]*)"', page))
    desk.post(page_of(article), form_of(desk, article, title="改過的標題", **shown), headers=speaks)
    article.refresh_from_db()
    assert (article.title, article.published_at) == ("改過的標題", before)


def test_what_an_editor_types_is_sanitized_and_the_text_follows(desk, article):
    after = saved(desk, article, body="<p onclick='x()'>新的<script>alert(1)</script>正文</p>")
    assert "script" not in after.body
    assert "alert" not in after.body
    assert "onclick" not in after.body
    assert "新的" in after.text
    assert "正文" in after.text
    assert "冬天" not in after.text


def test_a_tag_that_an_editor_adds_is_an_editors_and_imported_ones_stay_imported(desk, article):
    kept, gone, new = makers.TagMaker.create_batch(3)
    for tag in (kept, gone):
        TaggedArticle.objects.create(tag=tag, content_object=article, origin="import")
    saved(desk, article, topics=[kept.pk, new.pk])
    assert dict(article.tagged.values_list("tag_id", "origin")) == {kept.pk: "import", new.pk: "editor"}


def test_a_changed_caption_is_an_edit_too(desk, article, chief):
    makers.ArticleImageMaker(article=article)
    after = saved(desk, article, **{"article_images-0-caption": "新的圖說"})
    assert after.article_images.get().caption == "新的圖說"
    assert after.edited_by == chief


def test_a_picture_of_the_library_can_be_added(desk, article):
    image = makers.ImageMaker()
    row = {"image": image.pk, "position": 1, "caption": "圖", "credit": "", "article": article.pk, "id": ""}
    more = {f"article_images-2-0-{name}": value for name, value in row.items()}
    after = saved(desk, article, **more, **{"article_images-2-TOTAL_FORMS": 1})
    assert [place.image for place in after.article_images.all()] == [image]


def test_a_date_taken_away_makes_the_article_undated(desk, article):
    after = saved(desk, article, published_at_0="", published_at_1="")
    assert (after.published_at, after.published_precision, after.published_on) == (None, "", None)


def test_a_new_article_gets_its_slug_and_its_lists_text(desk, chief):
    source = makers.SourceMaker()
    blank = {
        f"{prefix}-{end}": 0
        for prefix in ("article_images", "article_images-2")
        for end in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    words = {"title": "全新的一篇", "body": "<p>第一段。</p><p>第二段。</p>", "source": source.pk, "status": "draft"}
    answer = desk.post(reverse("admin:articles_article_add"), blank | words)
    assert answer.status_code == 302, answer.context["errors"]
    article = Article.objects.get()
    assert (article.slug, article.canonical_url, article.edited_by) == ("全新的一篇", None, chief)
    assert "第一段" in article.excerpt


def test_an_article_says_when_its_source_has_changed_and_where_its_text_links(desk, article):
    target = makers.ArticleMaker()
    makers.ReferenceMaker(article=article, url=target.canonical_url, key=target.address_key)
    Article.objects.filter(pk=article.pk).update(source_changed=True)
    page = desk.get(page_of(article)).content.decode()
    assert "The source has changed this article" in page
    assert f'<a href="{page_of(target)}">{target.title}</a>' in page


@pytest.mark.parametrize("given", ["javascript:alert(1)", "data:text/html,x", "//evil.example"])
def test_an_address_is_a_link_only_over_http(desk, given):
    article = makers.ArticleMaker(source_url=given)
    assert f'href="{given}' not in desk.get(page_of(article)).content.decode()


def test_the_address_of_an_imported_article_is_a_link(desk, article):
    assert f'href="{article.canonical_url}"' in desk.get(page_of(article)).content.decode()
