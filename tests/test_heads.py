"""What pages tell machines in their heads."""

import datetime
import json

import pytest
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from articles.models import Correction, Image
from tests.makers import ArticleMaker, ImageMaker, SourceMaker, StoryMaker, StoryPlaceMaker

pytestmark = pytest.mark.django_db
MOMENT = datetime.datetime(2025, 1, 28, 6, 17, 4, tzinfo=datetime.UTC)


def head(client, address):
    return LexborHTMLParser(client.get(address).content.decode()).head


def data(client, address):
    """Structured data by type."""
    found = json.loads(head(client, address).css_first("script[type='application/ld+json']").text())
    return {thing["@type"]: thing for thing in found}


def link(node, rel):
    found = node.css_first(f"link[rel={rel}]")
    return found and found.attributes["href"]


@pytest.fixture
def article():
    source = SourceMaker(name="德国之声", timezone="Europe/Berlin", home_url="https://dw.example/")
    image = ImageMaker(
        state=Image.State.STORED, file="images/a.jpg", sha256="ab" * 32, width=1200, height=800, alt="船"
    )
    return ArticleMaker(
        title="十九個小島", standfirst="導語", source=source, published_at=MOMENT, lead_image=image,
        source_url="https://dw.example/a-1?b=1", edited_at=MOMENT + datetime.timedelta(days=1),
    )  # fmt: skip


def test_structured_data_tells_the_article_whole(client, article, settings):
    article.tags.add("島嶼")
    told = data(client, article.get_absolute_url())
    news = told["NewsArticle"]
    assert news["url"] == settings.SITE_URL + article.get_absolute_url()
    assert news["headline"] == "十九個小島"
    assert news["datePublished"] == "2025-01-28T07:17:04+01:00"
    assert news["dateModified"] == "2025-01-29T06:17:04+00:00"
    assert news["author"] == {"@type": "Person", "name": "林小安"}
    assert news["sourceOrganization"]["name"] == "德国之声"
    assert news["publisher"]["name"] == settings.SITE_NAME
    assert news["isBasedOn"] == "https://dw.example/a-1?b=1"
    assert [(picture["width"], picture["height"]) for picture in news["image"]] == [
        (1200, 675),
        (1066, 800),
        (800, 800),
    ]
    assert all(picture["url"].startswith(f"{settings.SITE_URL}/media/renditions/") for picture in news["image"])
    assert news["inLanguage"] == "zh-Hant"
    assert news["keywords"] == ["島嶼"]
    names = [item["name"] for item in told["BreadcrumbList"]["itemListElement"]]
    assert names == [settings.SITE_NAME, "德国之声", "十九個小島"]


def test_structured_data_tells_what_was_wrong_and_when_it_was_said(client, article):
    moment = MOMENT + datetime.timedelta(days=9)
    for kind, text in (("correction", "不是十八個"), ("update", "船到了"), ("clarification", "指的是舊船")):
        Correction.objects.create(article=article, kind=kind, text=text, made_at=moment)
    news = data(client, article.get_absolute_url())["NewsArticle"]
    assert [note["text"] for note in news["correction"]] == ["指的是舊船", "不是十八個"]
    assert {note["datePublished"] for note in news["correction"]} == {"2025-02-06T06:17:04+00:00"}
    assert news["dateModified"] == "2025-02-06T06:17:04+00:00"
    reason = {"withdrawn_at": moment, "withdrawn_because": "x"}
    Correction.objects.update(**reason)
    assert "correction" not in data(client, article.get_absolute_url())["NewsArticle"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"published_precision": "day", "published_on": MOMENT.date()}, "2025-01-28"),
        ({"published_at": None, "published_on": None, "published_precision": ""}, None),
    ],
)
def test_dates_are_told_as_exactly_as_they_are_known(client, article, values, told):
    for field, value in values.items():
        setattr(article, field, value)
    article.edited_at = None
    article.save()
    news = data(client, article.get_absolute_url())["NewsArticle"]
    assert news.get("datePublished") == news.get("dateModified") == told


def test_no_words_of_the_archive_can_leave_the_data(client):
    evil = "</script><script>alert(1)</script><!--"
    article = ArticleMaker(title=evil, standfirst=evil, byline=evil)
    article.tags.add(evil)
    page = client.get(article.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert data(client, article.get_absolute_url())["NewsArticle"]["headline"] == evil


@pytest.mark.parametrize(
    ("indexing", "canonical", "robots"),
    [("own", "own", None), ("source", "https://dw.example/a-1?b=1", None), ("noindex", "own", "noindex")],
)
def test_a_sources_word_decides_where_its_articles_are_found(client, article, settings, indexing, canonical, robots):
    article.source.indexing = indexing
    article.source.save()
    found = head(client, article.get_absolute_url())
    own = settings.SITE_URL + article.get_absolute_url()
    assert link(found, "canonical") == (own if canonical == "own" else canonical)
    rule = found.css_first("meta[name=robots]")
    assert (rule and rule.attributes["content"]) == robots


def test_links_to_an_article_can_be_shown_with_its_picture(client, article, settings):
    found = head(client, article.get_absolute_url())
    told = {node.attributes["property"]: node.attributes["content"] for node in found.css("meta[property]")}
    assert told["og:type"] == "article"
    assert told["og:title"] == "十九個小島"
    assert told["og:image"].startswith(f"{settings.SITE_URL}/media/renditions/")
    assert (told["og:image:width"], told["og:image:height"], told["og:image:type"]) == ("1200", "675", "image/jpeg")
    assert told["og:locale"] == "zh_TW"
    assert told["article:published_time"] == "2025-01-28T07:17:04+01:00"
    assert found.css_first("meta[name='twitter:card']").attributes["content"] == "summary_large_image"
    embedded = found.css_first("link[type='application/json+oembed']").attributes["href"]
    assert client.get(embedded).json()["title"] == "十九個小島"


def test_every_page_has_one_canonical_address_and_the_feeds(client, article, settings):
    day = article.published_at
    article.tags.add("AI")
    addresses = ["/", reverse("archive"), reverse("tags"), reverse("month", args=[day.year, day.month])]
    addresses += [
        article.get_absolute_url(),
        article.source.get_absolute_url(),
        article.tags.first().get_absolute_url(),
    ]
    for address in addresses:
        found = head(client, address)
        assert [node.attributes["href"] for node in found.css("link[rel=canonical]")] == [settings.SITE_URL + address]
        feeds = [node.attributes["href"] for node in found.css("link[rel=alternate][title]")]
        assert {"/feed.xml", "/rss.xml", "/feed.json"} <= set(feeds)
        assert all(client.get(feed).status_code == 200 for feed in feeds)
        assert len(found.css("meta[property='og:title']")) == 1
    later = head(client, article.source.get_absolute_url() + "?before=99999999999-1")
    assert link(later, "canonical").endswith("?before=99999999999-1")


@pytest.mark.parametrize("script", ["/zh-hans", "/zh-hant"])
@pytest.mark.parametrize(("language", "own"), [("zh-Hant", "/zh-hant"), ("zh-Hans", "/zh-hans"), ("en", None)])
def test_structured_data_and_previews_say_the_address_that_the_canonical_link_says(
    client, article, script, language, own
):
    article.language, article.script = language, {"zh-Hant": "hant", "zh-Hans": "hans"}.get(language, "latn")
    article.save()
    address = script + article.get_absolute_url()
    found = head(client, address)
    canonical = link(found, "canonical")
    assert canonical.endswith(article.get_absolute_url() if own in (script, None) else address)
    told = data(client, address)
    news, crumbs = told["NewsArticle"], told["BreadcrumbList"]["itemListElement"]
    assert {news["@id"], news["url"], news["mainEntityOfPage"], crumbs[-1]["item"]} == {canonical}
    assert found.css_first("meta[property='og:url']").attributes["content"] == canonical
    source = crumbs[-2]["item"].replace("http://", "").partition("/")[2]
    assert client.get(f"/{source}").status_code == 200
    assert ("zh-han" in source) == ("zh-han" in canonical)


@pytest.mark.parametrize(("indexing", "told"), [("own", True), ("source", False), ("noindex", False)])
def test_other_scripts_are_told_only_of_pages_that_shall_be_found_here(client, article, indexing, told):
    article.source.indexing = indexing
    article.source.save()
    assert bool(head(client, article.get_absolute_url()).css("link[hreflang]")) == told


def test_every_list_tells_the_way_to_it_and_what_it_is(client, article, settings):
    day = article.published_on
    article.tags.add("AI")
    story = StoryMaker(standfirst="導語")
    StoryPlaceMaker(story=story, article=article)
    ArticleMaker(published_at=None, published_on=None, published_precision="")
    names = ("sources", "tags", "topics_by_name", "archive", "undated", "stories", "search", "api", "transparency")
    addresses = [
        *map(reverse, names),
        reverse("on_this_day_of", args=[day.month, day.day]),
        reverse("year", args=[day.year]),
        reverse("month", args=[day.year, day.month]),
        reverse("day", args=[day.year, day.month, day.day]),
        article.source.get_absolute_url(),
        article.tags.first().get_absolute_url(),
        story.get_absolute_url(),
    ]
    titles, descriptions = [], []
    for address in addresses:
        found = head(client, address)
        one = {
            name: [node.attributes["content"] for node in found.css(f"meta[{name}]")]
            for name in ("property='og:title'", "property='og:description'", "name='description'")
        }
        assert all(len(told) == 1 and told[0] for told in one.values()), address
        assert one["property='og:description'"] == one["name='description'"]
        titles += one["property='og:title'"]
        descriptions += one["name='description'"]
        crumbs = data(client, address)["BreadcrumbList"]["itemListElement"]
        assert crumbs[0]["item"] == f"{settings.SITE_URL}/"
        assert "item" not in crumbs[-1]
        for crumb in crumbs[:-1]:
            assert client.get(crumb["item"].removeprefix(settings.SITE_URL)).status_code == 200, crumb
    assert settings.SITE_NAME not in titles
    assert len(set(descriptions)) == len(descriptions) == len(set(titles))


def test_the_page_to_search_from_may_be_found_and_its_results_may_not(client):
    bare, asked = client.get("/search/"), client.get("/search/?q=x")
    assert not bare.has_header("X-Robots-Tag")
    assert link(LexborHTMLParser(bare.content.decode()).head, "canonical").endswith("/search/")
    assert not LexborHTMLParser(bare.content.decode()).head.css("meta[name=robots]")
    assert asked["X-Robots-Tag"] == "noindex"
    assert not LexborHTMLParser(asked.content.decode()).head.css("link[rel=canonical]")


def test_a_page_that_is_not_there_is_kept_out(client):
    page = LexborHTMLParser(client.get("/nothing/").content.decode()).head
    assert page.css_first("meta[name=robots]").attributes["content"] == "noindex"
    assert not page.css("link[rel=canonical]")


def test_the_newsroom_is_the_same_elsewhere(client, settings):
    settings.REL_ME = ["https://social.example/@newsroom"]
    assert link(head(client, "/"), "me") == "https://social.example/@newsroom"
    assert data(client, "/")["NewsMediaOrganization"]["sameAs"] == settings.REL_ME


def test_the_manifest_names_icons_that_exist(client, settings):
    assert link(head(client, "/"), "manifest") == "/manifest.webmanifest"
    manifest = client.get("/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    assert manifest.json()["name"] == settings.SITE_NAME
    folder = settings.BASE_DIR / "articles" / "static"
    assert all((folder / icon["src"].removeprefix("/static/")).is_file() for icon in manifest.json()["icons"])
    assert client.get("/favicon.ico")["Location"].endswith("favicon.ico")
