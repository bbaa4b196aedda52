"""What a page costs that its reader has already, and what makes it anew."""

import datetime
import gzip
import io

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, ArticleImage, Image, Source, Tag, TaggedArticle, TakeDown, tagging
from tests.makers import ArticleImageMaker, ArticleMaker, ReferenceMaker, TagMaker, TakeDownMaker

HOUR = datetime.timedelta(hours=1)


def fill():
    """One article with everything that other rows say about it."""
    article = ArticleMaker(canonical_url="https://news.example/validated")
    article.tags.add(TagMaker(name="島嶼"))
    ArticleImageMaker(article=article)
    ReferenceMaker(article=article)
    return article


def pages(article):
    """An address of each kind of page."""
    return [
        reverse("front"),
        article.get_absolute_url(),
        reverse("article_json", args=[article.pk]),
        article.source.get_absolute_url(),
        article.tags.first().get_absolute_url(),
        reverse("sources"),
        reverse("tags"),
        reverse("archive"),
        reverse("month", args=[article.published_at.year, article.published_at.month]),
        reverse("robots"),
    ]


@pytest.mark.django_db
def test_a_page_its_reader_has_costs_one_query_and_no_rendering(client, django_assert_num_queries, monkeypatch):
    article = fill()
    held = {address: client.get(address) for address in pages(article)}
    monkeypatch.setattr("django.template.base.Template.render", lambda *_: pytest.fail("a page was rendered"))
    for address, page in held.items():
        with django_assert_num_queries(1):
            answer = client.get(address, headers={"if-none-match": page["ETag"]})
        assert (answer.status_code, answer.content) == (304, b""), address
        assert answer["ETag"] == page["ETag"]
        assert answer["Cache-Control"] == page["Cache-Control"]
        with django_assert_num_queries(1):
            assert client.get(address, headers={"if-modified-since": page["Last-Modified"]}).status_code == 304


@pytest.mark.django_db
def test_pages_may_wait_in_a_cdn_but_not_in_a_browser(client):
    answer = client.get("/")
    words = {word.strip() for word in answer["Cache-Control"].split(",")}
    assert words == {"public", "max-age=0", "s-maxage=60", "stale-while-revalidate=600", "stale-if-error=86400"}
    assert answer["Vary"] == "Accept-Language, Accept-Encoding"


@pytest.mark.django_db
def test_each_language_has_its_own_validator_and_machines_pages_speak_none(client):
    article = fill()
    english, chinese = (client.get("/", headers={"accept-language": language}) for language in ("en", "zh-TW"))
    assert english["ETag"] != chinese["ETag"]
    stale = client.get("/", headers={"accept-language": "zh-TW", "if-none-match": english["ETag"]})
    assert stale.status_code == 200
    answer = client.get(reverse("article_json", args=[article.pk]))
    assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.django_db
def test_what_does_not_exist_is_never_not_modified(client):
    tag = client.get("/")["ETag"]
    for address in ("/a/1/x/", "/tag/none/"):
        for held in ({}, {"if-none-match": tag}, {"if-none-match": "*"}):
            answer = client.get(address, headers=held)
            assert answer.status_code == 404
            assert not answer.has_header("ETag")
    assert client.get("/healthz", headers={"if-none-match": tag}).status_code == 200


EDITS = {
    "an article saved": lambda a: a.save(),
    "articles updated in a set": lambda a: Article.objects.filter(pk=a.pk).update(title="新"),
    "an article withdrawn": lambda a: Article.objects.filter(pk=a.pk).update(status="withdrawn"),
    "an article deleted": lambda a: a.delete(),
    "articles deleted in a set": lambda a: Article.objects.all().delete(),
    "articles created in a set": lambda a: Article.objects.bulk_create([Article(source=a.source, title="二")]),
    "a picture stored": lambda a: Image.objects.update(state="stored", file="a.jpg"),
    "a caption changed": lambda a: ArticleImage.objects.get().save(),
    "a source renamed": lambda a: Source.objects.get().save(),
    "a tag renamed": lambda a: Tag.objects.get().save(),
    "a tag added": lambda a: a.tags.add("新主題"),
    "a tag taken away": lambda a: a.tags.clear(),
    "uses of tags moved": lambda a: TaggedArticle.objects.update(origin="import"),
    "references deleted": lambda a: a.references.all().delete(),
    "references updated in a set": lambda a: a.references.bulk_update(list(a.references.all()), ["url"]),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_any_edit_changes_the_validator(client, edit):
    article = fill()
    held = client.get("/")["ETag"]
    assert client.get("/")["ETag"] == held
    edit(article)
    answer = client.get("/", headers={"if-none-match": held})
    assert answer.status_code == 200
    assert answer["ETag"] != held


@pytest.mark.django_db
def test_a_take_down_turns_the_edition_in_its_own_transaction(client):
    take_down = TakeDownMaker()
    held = client.get("/")["ETag"]
    Article.objects.update(updated_at=timezone.now())
    assert client.get("/")["ETag"] == held, "of all else the edition turns after the commit"
    TakeDown.objects.filter(pk=take_down.pk).update(public_note="x")
    assert client.get("/")["ETag"] != held


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["go_live_at", "expire_at"])
def test_a_moment_that_passes_changes_the_validator_without_any_edit(client, field):
    now = timezone.now().replace(hour=10, minute=0) + datetime.timedelta(days=1)  # later than the release
    with time_machine.travel(now, tick=False) as clock:
        article = ArticleMaker(**{field: now + HOUR})
        held = client.get("/")
        clock.shift(HOUR / 2)
        answer = client.get("/", headers={"if-none-match": held["ETag"]})
        assert answer.status_code == 304
        clock.shift(HOUR)
        for header, value in (("if-none-match", held["ETag"]), ("if-modified-since", held["Last-Modified"])):
            assert client.get("/", headers={header: value}).status_code == 200
        shown = article.title in client.get("/").content.decode()
        assert shown == (field == "go_live_at")


@pytest.mark.django_db
def test_the_date_on_every_page_is_todays(client):
    with time_machine.travel(timezone.now().replace(hour=23, minute=50), tick=False) as clock:
        held = client.get("/")["ETag"]
        clock.shift(HOUR)
        assert client.get("/", headers={"if-none-match": held}).status_code == 200


@pytest.mark.django_db
def test_a_cdn_can_throw_away_all_that_shows_an_article(client):
    article = fill()
    own = [article.get_absolute_url(), f"/a/{article.pk}.json", f"/api/articles/{article.pk}"]
    others = ["/", article.source.get_absolute_url(), "/feed.xml", "/sitemap.xml", "/archive/"]
    for addresses, key in ((own, f"article-{article.pk}"), (others, "lists")):
        for address in addresses:
            answer = client.get(address)
            assert (answer["Surrogate-Key"], answer["Cache-Tag"]) == (key, key), address
            again = client.get(address, headers={"if-none-match": answer["ETag"]})
            assert (again.status_code, again["Surrogate-Key"]) == (304, key)


@pytest.mark.django_db
def test_texts_are_compressed_and_pictures_are_not(client):
    article = fill()
    whole = client.get(article.get_absolute_url())
    small = client.get(article.get_absolute_url(), headers={"accept-encoding": "gzip"})
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == whole.content
    assert small["ETag"] == whole["ETag"]
    assert {word.strip() for word in small["Vary"].split(",")} == {"Accept-Language", "Accept-Encoding"}
    default_storage.save("images/a.jpg", ContentFile(b"\xff\xd8" + b"0" * 1000))
    assert not client.get("/media/images/a.jpg", headers={"accept-encoding": "gzip"}).has_header("Content-Encoding")


@pytest.mark.django_db
def test_no_page_weighs_more_than_60_kilobytes_compressed_with_its_styles(client, settings):
    styles = sum(
        len(gzip.compress((settings.BASE_DIR / "articles/static/articles" / name).read_bytes()))
        for name in ("reset.css", "tokens.css", "base.css", "parts.css", "pages.css", "print.css")
    )
    source = ArticleMaker().source
    for _ in range(40):
        ArticleMaker(source=source, excerpt="冬天的碼頭風大得讓人睜不開眼。" * 8)
    for address in ("/", source.get_absolute_url(), reverse("archive")):
        page = client.get(address, headers={"accept-encoding": "gzip"}).content
        assert len(page) + styles < 60_000, address


@pytest.mark.django_db
def test_the_table_of_weights_keeps_to_the_house_limits():
    article = fill()
    out = io.StringIO()
    call_command("weigh_pages", stdout=out)
    lines = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in out.getvalue().splitlines()[2:]]
    assert {"front page", "article", "topic", "month", "search"} <= {line[0] for line in lines}
    for name, *_, queries, again in lines:
        assert int(queries) <= (6 if name == "front page" else 5), name
        assert again == "1", name
    article.delete()
    with pytest.raises(CommandError, match="Nothing is published"):
        call_command("weigh_pages", stdout=out)


@pytest.mark.django_db(transaction=True)
def test_counts_over_the_archive_are_made_once_an_edition(client, django_assert_max_num_queries):
    cache.clear()
    fill()
    addresses = [reverse("sources"), reverse("tags"), reverse("archive"), reverse("sitemap_xml")]
    for address in addresses:
        client.get(address)
        with django_assert_max_num_queries(1):
            before = client.get(address).content
        assert before
    ArticleMaker().tags.add("新主題")
    assert "新主題" in client.get(reverse("tags")).content.decode()
    assert "2 articles" in client.get(reverse("archive")).content.decode()


@pytest.mark.django_db
def test_topics_common_or_rare_list_the_same(client, monkeypatch):
    topic = TagMaker(name="島嶼", slug="島嶼")
    for number in range(5):
        ArticleMaker(status="published" if number else "draft").tags.add(topic)
    ArticleMaker()

    def listed():
        page = client.get(topic.get_absolute_url()).context["page"]
        feed = client.get(reverse("tag_feed_json", args=[topic.slug])).json()
        return [article.pk for article in page.articles], sorted(item["id"] for item in feed["items"])

    rare = listed()
    monkeypatch.setattr(tagging, "COMMON", 3)
    assert listed() == rare
    assert len(rare[0]) == len(rare[1]) == 4
    assert Tag.objects.with_commonness().get(pk=topic.pk).is_common
