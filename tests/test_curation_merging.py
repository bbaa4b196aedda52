"""A source sends a newer text for an article that was edited here: nobody's words are lost unseen."""

import zlib

import pytest
from django.core.management import call_command

from articles import curation
from articles.curation.merging import stretches_of
from articles.models import Article, Deed, Image, Original, Revision
from tests import makers

pytestmark = pytest.mark.django_db

HEAD = "<!--1738044000000-->\n[標題](https://news.example/a-1)\n------\n\n"
FIRST = "<p>第一段從頭到尾寫的是碼頭上的風。</p><p>第二段寫的是倉庫裡的燈。</p><p>第三段寫的是船。</p>"
FILLER = "<p>這一段很長，為的是讓這篇文章不像一篇空文，所以多寫幾句關於冬天、港口和城市農場的話，直到夠長為止。</p>"


def original(article, body, **facts):
    raw = (HEAD + body + FILLER).encode()
    return makers.OriginalMaker(article=article, path="articles/dw/1.md", bytes=zlib.compress(raw), **facts)


@pytest.fixture
def article():
    """The second paragraph was edited here; the source has changed the third and added one with a picture."""
    ours = FIRST.replace("倉庫裡的燈", "倉庫裡的新燈") + FILLER
    article = makers.ArticleMaker(body=ours, title="我們的標題", source_changed=True)
    theirs = FIRST.replace("寫的是船", "寫的是渡輪") + '<p>新的一段。</p><p><img src="https://p.example/new.jpg"></p>'
    original(article, FIRST)
    original(article, theirs, newest=False, waiting=True)
    return article


def settle(article, choice, picks=None):
    curation.settle_source(article, makers.UserMaker(), choice, picks or {}, curation.newer_of(article).token)
    return Article.objects.get(pk=article.pk)


def test_where_only_one_side_changed_that_side_is_proposed(article):
    newer = curation.newer_of(article)
    assert {stretch.proposal for stretch in newer.stretches if stretch.number is not None} == {"ours", "theirs"}
    merged = settle(article, "both")
    assert "新燈" in merged.text
    assert "渡輪" in merged.text
    assert "新的一段" in merged.text
    assert merged.title == "我們的標題"


@pytest.mark.parametrize("choice", ["ours", "theirs", "both"])
def test_each_choice_ends_the_waiting_and_later_files_are_compared_with_the_new_original(article, choice):
    after = settle(article, choice)
    assert not after.source_changed
    assert not Original.objects.filter(waiting=True).exists()
    assert Original.objects.get(newest=True) == Original.objects.latest("pk")


def test_theirs_takes_title_text_and_pictures_and_keeps_ours_as_a_revision(article):
    after = settle(article, "theirs")
    assert after.title == "標題"
    assert "新燈" not in after.text
    assert after.article_images.get().image == Image.objects.get(origin_url="https://p.example/new.jpg")
    kinds = list(Revision.objects.order_by("pk").values_list("kind", "title"))
    assert kinds == [("baseline", "我們的標題"), ("source", "標題")]


def test_ours_stays_as_it_is(article):
    before = article.body
    assert settle(article, "ours").body == before


def test_a_pick_overrules_the_proposal(article):
    newer = curation.newer_of(article)
    mine = next(stretch.number for stretch in newer.stretches if stretch.proposal == "ours")
    assert "新燈" not in settle(article, "both", {str(mine): "theirs"}).text


def test_a_choice_made_on_another_text_is_refused(article):
    with pytest.raises(curation.Unmergeable, match="meanwhile"):
        curation.settle_source(article, makers.UserMaker(), "theirs", {}, "old")
    assert Article.objects.get(pk=article.pk).source_changed


def test_a_choice_made_before_a_still_newer_text_came_is_refused_and_settles_nothing(client, article):
    client.force_login(makers.UserMaker(is_superuser=True))
    address = f"/admin/articles/article/{article.pk}/source/"
    token = client.get(address).context["newer"].token
    original(article, FIRST.replace("船", "飛機"), newest=False, waiting=True)
    answer = client.post(address, {"choice": "theirs", "version": token}, follow=True)
    assert "changed meanwhile" in answer.content.decode()
    after = Article.objects.get(pk=article.pk)
    assert after.source_changed
    assert "飛機" not in after.text


def test_ours_that_is_kept_stands_in_the_articles_history(client, article):
    curation.save_edited(article, makers.UserMaker())  # so that keeping ours changes nothing any more
    settle(article, "ours")
    deed = Deed.objects.get(verb="settle")
    assert (deed.number, deed.note) == (article.pk, "Kept ours")
    client.force_login(makers.UserMaker(is_superuser=True))
    assert "Kept ours" in client.get(f"/admin/articles/article/{article.pk}/history/").content.decode()


@pytest.mark.parametrize(
    ("pick", "title"), [({}, "我們的標題"), ({"title": "theirs"}, "標題"), ({"title": "x"}, "我們的標題")]
)
def test_merging_asks_for_the_title_too_and_proposes_the_one_that_was_changed_here(client, article, pick, title):
    client.force_login(makers.UserMaker(is_superuser=True))
    address = f"/admin/articles/article/{article.pk}/source/"
    page = client.get(address)
    assert 'name="pick_title"' in page.content.decode()
    sent = {f"pick_{name}": value for name, value in pick.items()}
    client.post(address, {"choice": "both", "version": page.context["newer"].token} | sent)
    assert Article.objects.get(pk=article.pk).title == title


def test_an_article_without_a_waiting_original_has_nothing_to_decide():
    with pytest.raises(curation.Unmergeable):
        curation.newer_of(makers.ArticleMaker())


@pytest.mark.parametrize(
    ("ours", "theirs", "proposal"),
    [
        ("<p>甲</p>", "<p>甲</p><p>乙</p>", "ours"),  # a paragraph deleted here
        ("<p>甲</p><p>乙</p>", "<p>甲</p>", "theirs"),  # a paragraph deleted there
        ("<p>甲</p><p>乙</p><p>丙</p>", "<p>甲</p><p>乙</p>", "ours"),  # one added here
        ("<p>甲</p><p>乙</p>", "<p>甲</p><p>乙</p><p>丙</p>", "theirs"),  # one added there
    ],
)
def test_deletions_and_additions_are_told_apart_by_the_first_text(ours, theirs, proposal):
    stretches = stretches_of("<p>甲</p><p>乙</p>", ours, theirs)
    assert [stretch.proposal for stretch in stretches if stretch.number is not None] == [proposal]


def test_the_page_shows_all_three_and_settles(client, article):
    client.force_login(makers.UserMaker(is_superuser=True))
    address = f"/admin/articles/article/{article.pk}/source/"
    page = client.get(address)
    assert "<ins>新</ins>" in page.content.decode()
    assert client.post(address, {"choice": "both", "version": page.context["newer"].token}).status_code == 302
    assert not Article.objects.get(pk=article.pk).source_changed
    assert client.get(address).status_code == 302


def test_an_import_that_changes_an_article_keeps_both_texts(tmp_path):
    """Through the real importer: the same address, a later epoch, other words."""
    for number, words in (("1738044000000", FIRST), ("1738054000000", FIRST.replace("船", "渡輪"))):
        file = tmp_path / f"{number}.md"
        file.write_text(HEAD.replace("1738044000000", number) + words + FILLER, encoding="utf-8")
        call_command("import_articles", str(file), "--no-images", verbosity=0)
    assert [row.kind for row in Revision.objects.order_by("pk")] == ["baseline", "import"]
    assert "渡輪" in Revision.objects.latest("pk").body
