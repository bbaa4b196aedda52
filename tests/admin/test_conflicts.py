"""Two editors on one article: nobody writes over the other unseen, and nothing typed is lost."""

import pytest
from django.test import Client

from articles import curation, search
from articles.models import Article, ArticleImage, Deed, Image, Presence, Revision, keep_baseline
from tests import makers
from tests.admin.test_articles import form_of, page_of


@pytest.fixture
def article(db):
    return makers.ArticleMaker(standfirst="導語。", body="<p>第一句。第二句。</p>", title="標題", status="draft")


@pytest.fixture
def other(db):
    user = makers.UserMaker(username="zhou", is_superuser=True)
    client = Client()
    client.force_login(user)
    return client


def test_a_second_save_is_refused_and_told_who_when_and_what(desk, other, article):
    mine, theirs = form_of(desk, article, title="我的標題"), form_of(other, article, body="<p>第一句。第三句。</p>")
    assert other.post(page_of(article), theirs).status_code == 302
    answer = desk.post(page_of(article), mine)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "zhou" in page
    assert "<del>二</del><ins>三</ins>" in page
    assert Article.objects.get(pk=article.pk).title == "標題"


def test_what_was_typed_stays_and_what_was_not_touched_shows_the_others_words(desk, other, article):
    mine, theirs = form_of(desk, article, title="我的標題"), form_of(other, article, body="<p>他們的正文。</p>")
    other.post(page_of(article), theirs)
    form = desk.post(page_of(article), mine).context["adminform"].form
    assert (form["title"].value(), form["body"].value()) == ("我的標題", "<p>他們的正文。</p>")
    again = mine | {name: form[name].value() for name in ("title", "body", "version")}
    assert desk.post(page_of(article), again).status_code == 302
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.text) == ("我的標題", "他們的正文。")


def test_a_field_that_both_changed_is_named_and_keeps_what_was_typed(desk, other, article):
    mine, theirs = form_of(desk, article, title="我的標題"), form_of(other, article, title="他的標題")
    other.post(page_of(article), theirs)
    answer = desk.post(page_of(article), mine)
    assert answer.context["conflict"].both == ["title"]
    assert answer.context["adminform"].form["title"].value() == "我的標題"


def test_dates_and_tags_of_the_other_are_taken_over_too(desk, other, article):
    tag = makers.TagMaker()
    mine = form_of(desk, article, title="我的標題")
    theirs = form_of(other, article, topics=[tag.pk], published_at_0="2024-05-06", published_at_1="07:08:09")
    other.post(page_of(article), theirs)
    form = desk.post(page_of(article), mine).context["adminform"].form
    assert form.data.getlist("topics") == [str(tag.pk)]
    assert (form.data["published_at_0"], form.data["published_at_1"]) == ("2024-05-06", "07:08:09")


def test_a_change_by_an_import_is_a_collision_too(desk, article):
    mine = form_of(desk, article, title="我的標題")
    Article.objects.filter(pk=article.pk).update(body="<p>機器的正文。</p>")
    assert desk.post(page_of(article), mine).status_code == 200
    assert Article.objects.get(pk=article.pk).title == "標題"


def test_a_form_without_the_version_it_saw_is_refused(desk, article):
    mine = form_of(desk, article, title="我的標題")
    del mine["version"]
    assert desk.post(page_of(article), mine).status_code == 200


def test_a_move_by_somebody_else_is_no_collision_and_is_not_undone(desk, article):
    mine = form_of(desk, article, title="我的標題")
    Article.objects.filter(pk=article.pk).update(status="review")
    assert desk.post(page_of(article), mine).status_code == 302
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.status) == ("我的標題", "review")


def test_whoever_opens_an_article_sees_who_has_it_open(desk, other, article):
    other.get(page_of(article))
    assert "zhou" in desk.get(page_of(article)).content.decode()
    other.post(f"/admin/articles/article/{article.pk}/presence/", {"left": "1"})
    assert "zhou" not in desk.get(page_of(article)).content.decode()


def test_a_presence_that_is_not_renewed_ends(desk, other, article):
    other.get(page_of(article))
    Presence.objects.update(seen_at=Presence.objects.get().seen_at - 2 * curation.presence.FRESH)
    assert "zhou" not in desk.get(page_of(article)).content.decode()


def test_a_button_saves_the_form_and_moves_the_article(desk, chief, article):
    answer = desk.post(page_of(article), form_of(desk, article, title="改了", _move="submit", _note="bitte"))
    assert answer["Location"] == page_of(article)
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.status, after.steps.get().note) == ("改了", "review", "bitte")


def test_a_refused_move_keeps_the_save_and_says_why(desk, article):
    form = form_of(desk, article, body="", _move="publish")
    answer = desk.post(page_of(article), form, follow=True)
    assert "cannot be published yet" in answer.content.decode()
    assert Article.objects.get(pk=article.pk).status == "draft"


def test_history_compare_and_restore(desk, chief, article):
    desk.post(page_of(article), form_of(desk, article, body="<p>第一句。第三句。</p>", reason="genauer"))
    before, after = Revision.objects.order_by("pk")
    home = f"/admin/articles/article/{article.pk}"
    history = desk.get(f"{home}/history/").content.decode()
    assert "genauer" in history
    page = desk.get(f"{home}/compare/", {"before": after.pk, "after": before.pk}).content.decode()
    assert "<del>二</del><ins>三</ins>" in page
    assert desk.post(f"{home}/restore/", {"revision": before.pk}).status_code == 302
    assert Article.objects.get(pk=article.pk).text == "第一句。第二句。"


@pytest.mark.parametrize("asked", [{}, {"before": "x", "after": "1"}, {"before": "9" * 30, "after": "1"}])
def test_a_comparison_of_nothing_leads_back(desk, article, asked):
    answer = desk.get(f"/admin/articles/article/{article.pk}/compare/", asked)
    assert answer.status_code == 302


def test_a_revision_of_another_article_is_not_restored(desk, article):
    stranger = makers.RevisionMaker()
    answer = desk.post(f"/admin/articles/article/{article.pk}/restore/", {"revision": stranger.pk})
    assert answer.status_code == 404


# --- Pictures --------------------------------------------------------------------------------------------------------

PICTURE = "https://pictures.example/harbour.jpg"
FIGURE = f'<figure><img src="{PICTURE}" alt="{{alt}}"><figcaption>{{caption}}</figcaption></figure><p>正文。</p>'


@pytest.fixture
def place(article):
    body = FIGURE.format(alt="", caption="舊圖說")
    Article.objects.filter(pk=article.pk).update(body=body)
    image = makers.ImageMaker(origin_url=PICTURE)
    return makers.ArticleImageMaker(article=article, image=image, caption="舊圖說")


def as_a_browser(client, article, **changes):
    """As `form_of`, with what stands beside each field of a picture: what its reader saw."""
    sent = form_of(client, article)
    seen = {f"initial-{name}": value for name, value in sent.items() if name.startswith("article_images-0-")}
    return seen | sent | changes


def sent_again(answer, sent):
    """What a browser sends from the page of a refused save."""
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    again = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if not isinstance(value, (list, tuple)) and not hasattr(bound.field.widget, "widgets"):
                again[bound.html_name] = "" if value is None else value
            if bound.field.show_hidden_initial:
                again[bound.html_initial_name] = form.data[bound.html_initial_name]
    return sent | again


def test_a_caption_that_another_has_changed_is_not_put_back_by_a_form_that_did_not_touch_it(
    desk, other, article, place
):
    mine = as_a_browser(desk, article, title="我的標題")
    theirs = as_a_browser(other, article, **{"article_images-0-caption": "他的圖說"})
    assert other.post(page_of(article), theirs).status_code == 302
    refused = desk.post(page_of(article), mine)
    assert refused.status_code == 200
    page = refused.content.decode()
    assert "harbour.jpg · caption: <del>舊</del><ins>他的</ins>圖說" in page
    assert 'name="article_images-0-caption"' in page
    again = sent_again(refused, mine)
    assert again["article_images-0-caption"] == "他的圖說"
    assert desk.post(page_of(article), again).status_code == 302
    place.refresh_from_db()
    after = Article.objects.get(pk=article.pk)
    assert (after.title, place.caption) == ("我的標題", "他的圖說")
    assert "他的圖說" in after.body
    assert not search.check().any


def test_an_alternative_text_that_another_has_written_is_a_collision_and_stays(desk, other, article, place):
    mine = as_a_browser(desk, article, standfirst="我的導語。")
    theirs = as_a_browser(other, article, **{"article_images-0-alt": "兩艘船"})
    assert other.post(page_of(article), theirs).status_code == 302
    refused = desk.post(page_of(article), mine)
    assert "harbour.jpg · alternative text: <ins>兩艘船</ins>" in refused.content.decode()
    assert "zhou" in refused.content.decode()
    assert desk.post(page_of(article), sent_again(refused, mine)).status_code == 302
    assert (Image.objects.get().alt, Article.objects.get().standfirst) == ("兩艘船", "我的導語。")


def test_words_of_a_picture_that_both_have_changed_are_named_and_shown_and_keep_what_was_typed(
    desk, other, article, place
):
    mine = as_a_browser(desk, article, **{"article_images-0-caption": "我的圖說"})
    other.post(page_of(article), as_a_browser(other, article, **{"article_images-0-caption": "他的圖說"}))
    refused = desk.post(page_of(article), mine)
    assert refused.context["conflict"].both == ["harbour.jpg · caption"]
    assert "It says now: “他的圖說”." in refused.content.decode()
    again = sent_again(refused, mine)
    assert again["article_images-0-caption"] == "我的圖說"
    assert desk.post(page_of(article), again).status_code == 302
    place.refresh_from_db()
    assert place.caption == "我的圖說"


def test_a_picture_that_another_takes_out_or_puts_in_leaves_a_form_that_can_be_saved(desk, other, article, place):
    second = makers.ArticleImageMaker(article=article, caption="第二張")
    mine = as_a_browser(desk, article, **{"article_images-0-caption": "我的圖說"})
    theirs = as_a_browser(other, article, **{"article_images-0-DELETE": "on"})
    assert other.post(page_of(article), theirs).status_code == 302
    third = makers.ArticleImageMaker(article=article, caption="第三張")
    refused = desk.post(page_of(article), mine)
    assert refused.context["conflict"].lost == ["我的圖說"]
    assert "我的圖說" in refused.content.decode()
    assert desk.post(page_of(article), sent_again(refused, mine)).status_code == 302
    after = dict(article.article_images.values_list("pk", "caption"))
    assert after == {second.pk: "第二張", third.pk: "第三張"}


def test_an_alternative_text_is_kept_recorded_and_stands_in_every_article_of_the_picture(desk, chief, article, place):
    Article.objects.filter(pk=article.pk).update(body=FIGURE.format(alt="舊的", caption="舊圖說"))
    Image.objects.update(alt="舊的")
    elsewhere = makers.ArticleMaker(body=FIGURE.format(alt="舊的", caption="別的"))
    makers.ArticleImageMaker(article=elsewhere, image=place.image)
    sent = as_a_browser(desk, article, **{"article_images-0-alt": "兩艘船"}, reason="Barrierefreiheit")
    assert desk.post(page_of(article), sent).status_code == 302
    for one in (article, elsewhere):
        one.refresh_from_db()
        assert 'alt="兩艘船"' in one.body
        before, after = one.revisions.order_by("pk")
        assert (before.facts["pictures"][0][3], after.facts["pictures"][0][3]) == ("舊的", "兩艘船")
    assert article.revisions.latest("pk").reason == "Barrierefreiheit"
    deed = Deed.objects.get(kind="image")
    assert (deed.actor, deed.number, deed.details) == ("chief", place.image_id, {"alt": "兩艘船", "former_alt": "舊的"})


def test_an_alternative_text_comes_back_with_a_revision_where_the_picture_stands_in_no_other_article(
    desk, chief, article, place
):
    for alt in ("兩艘船", "一片海"):
        desk.post(page_of(article), as_a_browser(desk, article, **{"article_images-0-alt": alt}))
    revision = article.revisions.order_by("pk")[1]
    curation.restore(revision, chief)
    assert Image.objects.get().alt == "兩艘船"
    shared = makers.ArticleImageMaker(image=place.image)
    curation.restore(article.revisions.order_by("pk")[0], chief)
    assert Image.objects.get().alt == "兩艘船"
    shared.delete()
    curation.restore(article.revisions.order_by("pk")[0], makers.UserMaker())
    assert Image.objects.get().alt == "兩艘船"


def test_pictures_added_on_the_form_are_found_by_their_captions_at_once(desk, article):
    image = makers.ImageMaker()
    row = {"image": image.pk, "position": 1, "caption": "燈塔", "credit": "", "article": article.pk, "id": ""}
    more = {f"article_images-2-0-{name}": value for name, value in row.items()} | {"article_images-2-TOTAL_FORMS": 1}
    assert desk.post(page_of(article), form_of(desk, article, title="新的標題", **more)).status_code == 302
    assert ArticleImage.objects.get().caption == "燈塔"
    assert not search.check().any


def test_what_changed_without_a_revision_is_kept_before_the_next_save_so_that_untouched_fields_can_be_told(
    desk, other, article
):
    keep_baseline([article.pk])
    Article.objects.filter(pk=article.pk).update(standfirst="機器的導語。")
    mine = form_of(desk, article, title="我的標題")
    other.post(page_of(article), form_of(other, article, standfirst="他的導語。"))
    form = desk.post(page_of(article), mine).context["adminform"].form
    assert form["standfirst"].value() == "他的導語。"


def test_where_it_is_not_known_what_was_seen_all_differences_to_what_is_there_are_shown(desk, article):
    mine = form_of(desk, article, title="我的標題")
    Article.objects.filter(pk=article.pk).update(body="<p>機器的正文。</p>")
    answer = desk.post(page_of(article), mine)
    page = answer.content.decode()
    assert not answer.context["conflict"].is_known
    assert answer.context["conflict"].both == ["title", "body"]
    assert "fields that you had not touched" not in page
    assert "<ins>第一句。第二句。</ins>" in page
