"""The article's form: what is typed unsaved, its preview, the original beside it, and one caption a picture."""

import zlib

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from articles.models import Article, Revision, Unsaved, preview_address, unsaved_preview_address
from tests import makers
from tests.admin.test_articles import form_of, page_of

PAGE = "0123456789abcdef" * 2
PICTURE = "https://pictures.example/harbour.jpg"


@pytest.fixture
def article(db):
    return makers.ArticleMaker(title="標題", body="<p>第一句。第二句。</p>", status="draft")


def keep(client, article, page=PAGE, **changes):
    address = reverse("admin:articles_article_unsaved", args=[article.pk])
    return client.post(address, form_of(client, article, **changes) | {"_page": page})


def signed_in(role):
    call_command("repair_roles", verbosity=0)  # tests with transactions of their own have emptied every table
    user, client = makers.UserMaker(), Client()
    if role:
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


def test_what_is_typed_is_kept_without_a_revision_or_a_change(desk, article):
    before = Article.objects.filter(pk=article.pk).values().get()
    for title in ("一", "一二", "一二三"):
        assert keep(desk, article, title=title).status_code == 200
    assert Article.objects.filter(pk=article.pk).values().get() == before
    assert not Revision.objects.exists()
    assert [row.values["title"] for row in Unsaved.objects.all()] == [["一二三"]]


def test_it_is_offered_with_its_differences_and_only_to_who_typed_it(desk, article):
    keep(desk, article, title="別的標題", body="<p>第一句。第三句。</p>")
    page = desk.get(page_of(article)).content.decode()
    assert "<del>二</del><ins>三</ins>" in page
    assert f"?restore={PAGE}" in page
    assert 'name="title"' in page
    assert "<p>第一句。第二句。</p>" not in page  # the form's own field is escaped, as saved
    other = Client()
    other.force_login(makers.UserMaker(is_superuser=True))
    assert PAGE not in other.get(page_of(article)).content.decode()
    assert other.get(f"{page_of(article)}?restore={PAGE}").context["adminform"].form["title"].value() == "標題"


def test_it_is_never_applied_by_itself_and_restored_when_asked(desk, article):
    tag = makers.TagMaker()
    place = makers.ArticleImageMaker(article=article, caption="舊圖說")
    typed = {"title": "別的標題", "topics": [tag.pk], "published_at_0": "2024-05-06", "published_at_1": "07:08:09"}
    keep(desk, article, **typed, **{"article_images-0-caption": "新圖說"})
    assert desk.get(page_of(article)).context["adminform"].form["title"].value() == "標題"
    answer = desk.get(f"{page_of(article)}?restore={PAGE}")
    form = answer.context["adminform"].form
    assert form["title"].value() == "別的標題"
    assert form["topics"].value() == [str(tag.pk)]
    assert form["published_at"].value() == ["2024-05-06", "07:08:09"]
    assert answer.context["inline_admin_formsets"][0].formset.forms[0]["caption"].value() == "新圖說"
    assert (Article.objects.get(pk=article.pk).title, place.caption) == ("標題", "舊圖說")


def test_an_offer_that_says_nothing_new_is_not_made(desk, article):
    keep(desk, article)
    assert PAGE not in desk.get(page_of(article)).content.decode()


def test_a_save_ends_what_its_page_kept_and_nothing_else(desk, article):
    other = "f" * 32
    keep(desk, article, title="一")
    keep(desk, article, page=other, title="二")
    answer = desk.post(page_of(article), form_of(desk, article, title="一") | {"_page": PAGE})
    assert answer.status_code == 302
    assert [row.page for row in Unsaved.objects.all()] == [other]


def test_words_restored_after_somebody_elses_save_collide_like_any_others(desk, article):
    keep(desk, article, title="我的標題")
    other = Client()
    other.force_login(makers.UserMaker(username="zhou", is_superuser=True))
    other.post(page_of(article), form_of(other, article, title="他的標題"))
    form = desk.get(f"{page_of(article)}?restore={PAGE}").context["adminform"].form
    restored = form_of(desk, article) | {name: form[name].value() for name in ("title", "version")}
    answer = desk.post(page_of(article), restored)
    assert answer.status_code == 200
    assert "zhou" in answer.content.decode()
    assert Article.objects.get(pk=article.pk).title == "他的標題"


def test_it_is_thrown_away_by_who_typed_it_alone(desk, article):
    keep(desk, article, title="一")
    address = reverse("admin:articles_article_discard", args=[article.pk])
    other = Client()
    other.force_login(makers.UserMaker(is_superuser=True))
    other.post(address, {"discard": PAGE})
    assert Unsaved.objects.exists()
    desk.post(address, {"discard": PAGE})
    assert not Unsaved.objects.exists()


def test_nobody_writes_into_anothers_page(desk, article):
    keep(desk, article, title="一")
    other = Client()
    other.force_login(makers.UserMaker(is_superuser=True))
    assert keep(other, article, title="二").status_code == 409
    assert Unsaved.objects.get().values["title"] == ["一"]


# Not "page": by that name every test of a browser would be put before this one, and empty its tables.
@pytest.mark.parametrize("place", ["", "x", "../" * 8, "0" * 31])
def test_a_page_without_a_name_of_the_desk_keeps_nothing(desk, article, place):
    assert keep(desk, article, page=place).status_code == 404
    assert not Unsaved.objects.exists()


def test_a_new_article_is_kept_and_offered_too(desk):
    desk.post(
        reverse("admin:articles_article_unsaved_new"), {"_page": PAGE, "title": "還沒有的一篇", "body": "<p>字</p>"}
    )
    page = desk.get(reverse("admin:articles_article_add")).content.decode()
    assert "還沒有的一篇" in page
    form = desk.get(reverse("admin:articles_article_add"), {"restore": PAGE}).context["adminform"].form
    assert form["title"].value() == "還沒有的一篇"
    assert not Article.objects.exists()


@pytest.mark.parametrize(
    ("role", "status", "expected"),
    [("", "draft", 403), ("reporter", "draft", 200), ("reporter", "published", 403), ("editor", "published", 200)],
)
def test_only_who_may_change_the_article_keeps_words_for_it(db, role, status, expected):
    article = makers.ArticleMaker(status=status)
    address = reverse("admin:articles_article_unsaved", args=[article.pk])
    assert signed_in(role).post(address, {"_page": PAGE, "title": "x"}).status_code == expected
    assert Unsaved.objects.exists() == (expected == 200)


def test_the_preview_of_unsaved_words_is_cleaned_kept_by_nobody_and_for_one_pair_of_eyes(desk, client, article):
    body = "<p>未存<script>alert(1)</script><i onclick='x()'>字</i></p>"
    address = keep(desk, article, title="未存的標題", body=body).json()["preview"]
    answer = desk.get(address)
    page = answer.content.decode()
    assert "未存的標題" in page
    assert "<p>未存<em>字</em></p>" in page or "<p>未存字</p>" in page
    assert "alert(1)" not in page
    assert "no-store" in answer["Cache-Control"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert Client().get(address).status_code == 404
    other = Client()
    other.force_login(makers.UserMaker(is_superuser=True))
    assert other.get(address).status_code == 404
    assert desk.get("/preview/unsaved/forged/").status_code == 404
    assert desk.get(unsaved_preview_address("e" * 32)).status_code == 404
    assert Article.objects.get(pk=article.pk).title == "標題"


def test_no_other_page_may_be_framed(desk, article):
    for address in (preview_address(article.pk), page_of(article), "/"):
        answer = desk.get(address)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"


def test_an_original_is_shown_harmless_with_what_cleaning_removed(desk, article):
    raw = '[題](https://a.example/1)\n------\n<p onclick="x()">原文<script>alert(1)</script><img src="https://e.example/x">'
    makers.OriginalMaker(article=article, bytes=zlib.compress(raw.encode()))
    Article.objects.filter(pk=article.pk).update(removed={"tag:script": 1, "attr:onclick": 2, "rule:ad": 3})
    page = desk.get(reverse("admin:articles_article_original", args=[article.pk])).content.decode()
    room = page.split('class="as-it-came"')[1].split("</details>")[0]
    assert "原文" in room
    assert "[https://e.example/x]" in room
    for trap in ("<script", "alert", "onclick", "<img"):
        assert trap not in room
    for told in ("script</code> <b>1", "onclick</code> <b>2", "ad</code> <b>3"):
        assert told in page


@pytest.mark.parametrize("raw", [b"", zlib.compress(b"no header"), zlib.compress("\ufeff壞".encode("utf-16"))])
def test_an_original_that_cannot_be_read_is_said_to_be_so(desk, article, raw):
    makers.OriginalMaker(article=article, bytes=raw)
    assert desk.get(reverse("admin:articles_article_original", args=[article.pk])).status_code == 200


def test_a_caption_has_one_wording_in_the_text_and_at_its_place(desk, article):
    figure = f'<figure><img src="{PICTURE}" alt=""><figcaption>{{}} <cite>林攝</cite></figcaption></figure>'
    Article.objects.filter(pk=article.pk).update(body=figure.format("舊"))
    place = makers.ArticleImageMaker(article=article, image=makers.ImageMaker(origin_url=PICTURE), caption="舊")
    desk.post(page_of(article), form_of(desk, article, body=figure.format("新")))
    place.refresh_from_db()
    assert place.caption == "新"
    desk.post(page_of(article), form_of(desk, article, **{"article_images-0-caption": "更新"}))
    assert Article.objects.get(pk=article.pk).body == figure.format("更新")
    assert Revision.objects.filter(article=article).count() == 3  # as it was, and one for each save


def test_the_words_of_a_picture_are_changed_by_who_may_change_pictures(article):
    place = makers.ArticleImageMaker(article=article, image=makers.ImageMaker(alt="舊"))
    for role, expected in (("reporter", "舊"), ("editor", "新")):
        client = signed_in(role)
        client.post(page_of(article), form_of(client, article, **{"article_images-0-alt": "新"}))
        place.image.refresh_from_db()
        assert place.image.alt == expected


def test_the_lead_picture_is_one_of_the_articles(desk, article):
    place = makers.ArticleImageMaker(article=article)
    assert f'value="{place.image_id}"' in desk.get(page_of(article)).content.decode()
    desk.post(page_of(article), form_of(desk, article, lead_image=place.image_id))
    assert Article.objects.get(pk=article.pk).lead_image == place.image
    desk.post(page_of(article), form_of(desk, article, lead_image=""))
    assert Article.objects.get(pk=article.pk).lead_image is None


def test_a_body_that_nobody_touched_is_not_even_trimmed(desk, article):
    odd = "<p>一</p>\n<p>二</p>\n"
    Article.objects.filter(pk=article.pk).update(body=odd)
    desk.post(page_of(article), form_of(desk, article, title="新"))
    after = Article.objects.get(pk=article.pk)
    assert (after.title, after.body) == ("新", odd)


def with_pictures(article, *names):
    """The article with a figure and a place for each name, the first leading it; the places."""
    figure = '<figure><img src="https://pictures.example/{0}.jpg" alt=""><figcaption>圖 {0}</figcaption></figure>'
    body = "<p>一。</p>" + "".join(figure.format(name) for name in names) + "<p>二。</p>"
    images = [makers.ImageMaker(origin_url=f"https://pictures.example/{name}.jpg") for name in names]
    Article.objects.filter(pk=article.pk).update(body=body, lead_image=images[0])
    return [
        makers.ArticleImageMaker(article=article, image=image, position=position, caption=f"圖 {name}", credit="林攝")
        for position, (name, image) in enumerate(zip(names, images, strict=True))
    ]


def shown_in(article):
    after = Article.objects.get(pk=article.pk)
    places = [
        (place.image_id, place.caption, place.credit) for place in after.article_images.order_by("position", "id")
    ]
    return after.body, after.lead_image_id, places


def test_a_picture_that_is_taken_out_leaves_the_text_and_the_lead_and_a_restored_revision_brings_it_back(desk, article):
    stood = with_pictures(article, "a", "b", "c")
    before = shown_in(article)
    assert "leaves the text too" in desk.get(page_of(article)).content.decode()
    answer = desk.post(page_of(article), form_of(desk, article, **{"article_images-0-DELETE": "on"}))
    assert answer.status_code == 302
    body, lead, places = shown_in(article)
    assert [word for word in ("a.jpg", "圖 a") if word in body] == []
    assert [body.startswith("<p>一。</p><figure><img"), body.count("<figure>")] == [True, 2]
    assert (lead, [image for image, *_words in places]) == (None, [place.image_id for place in stood[1:]])
    first, last = Revision.objects.filter(article=article).order_by("pk")
    assert (first.kind, last.kind, last.body) == ("baseline", "edit", body)
    restoring = reverse("admin:articles_article_restore", args=[article.pk])
    desk.post(restoring, {"revision": first.pk})
    assert shown_in(article) == before
    desk.post(restoring, {"revision": last.pk})
    assert shown_in(article) == (body, lead, places)


def test_words_that_are_written_with_the_same_save_stay_when_a_picture_is_taken_out(desk, article):
    with_pictures(article, "a", "b")
    body = Article.objects.get(pk=article.pk).body.replace("二。", "三。<script>x</script>")
    changes = {"body": body, "article_images-0-DELETE": "on", "article_images-1-caption": "新圖說"}
    desk.post(page_of(article), form_of(desk, article, **changes))
    after, _lead, places = shown_in(article)
    assert [word for word in ("a.jpg", "b.jpg", "三。", "<script") if word in after] == ["b.jpg", "三。"]
    assert "<figcaption>新圖說</figcaption>" in after
    assert [caption for _image, caption, _credit in places] == ["新圖說"]


def test_a_picture_taken_out_on_the_page_of_its_place_leaves_the_text_too(desk, article):
    place, _other = with_pictures(article, "a", "b")
    desk.post(reverse("admin:articles_articleimage_delete", args=[place.pk]), {"post": "yes"})
    body, lead, places = shown_in(article)
    assert [word for word in ("a.jpg", "b.jpg") if word in body] == ["b.jpg"]
    assert (lead, len(places)) == (None, 1)
    assert Revision.objects.filter(article=article).count() == 2


def test_who_may_not_take_pictures_out_is_told_nothing_and_restores_no_removal(article):
    with_pictures(article, "a", "b")
    client = signed_in("reporter")
    assert "leaves the text too" not in client.get(page_of(article)).content.decode()
    before = shown_in(article)
    client.post(page_of(article), form_of(client, article, **{"article_images-0-DELETE": "on"}))
    assert shown_in(article) == before
