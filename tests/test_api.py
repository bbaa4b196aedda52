"""What programs get: what is published, page by page, as it is described."""

import datetime
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.urls import reverse
from selectolax.lexbor import LexborHTMLParser

from articles import search
from articles.models import Article, Image, TagAlias
from articles.views import api, openapi
from tests.makers import ArticleMaker, HoldMaker, ImageMaker, SourceMaker, TagMaker

pytestmark = pytest.mark.django_db
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _no_requests_yet():
    cache.clear()


@pytest.fixture
def article():
    image = ImageMaker(state=Image.State.STORED, file="images/a.jpg", width=3, height=2)
    article = ArticleMaker(title="十九個小島", standfirst="導語", lead_image=image)
    article.tags.add(TagMaker(name="島嶼", slug="島嶼"))
    search.index([article.pk])
    return article


def told(client, address, **asked):
    answer = client.get(address, asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def check(schema, value, where="answer"):
    """Whether a value is as its schema says: every field, of its type, and no other."""
    if "$ref" in schema:
        schema = openapi.SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", type(None): "null"}
    assert names[type(value)] in kinds, where
    if isinstance(value, dict):
        assert set(schema["required"]) <= set(value) <= set(schema["properties"]), where
        for name, part in value.items():
            check(schema["properties"][name], part, f"{where}.{name}")
    for part in value if isinstance(value, list) else []:
        check(schema["items"], part, f"{where}[]")


def test_every_answer_is_as_the_description_says(client, article, settings):
    for path, operation in openapi.PATHS.items():
        asked = {"url": settings.SITE_URL + article.get_absolute_url()} if path == "/oembed" else {}
        asked |= {"q": "小島"} if path == "/search.json" else {}
        answer = told(client, path.replace("{number}", str(article.pk)), **asked)
        check(operation["responses"]["200"]["content"]["application/json"]["schema"], answer, path)


def test_what_was_taken_down_answers_as_the_description_says(client, article):
    HoldMaker(article_number=article.pk)
    for path in ("/api/articles/{number}", "/a/{number}.json"):
        answer = client.get(path.replace("{number}", str(article.pk)))
        described = openapi.PATHS[path]["responses"][str(answer.status_code)]
        assert answer.status_code == 451
        check(described["content"]["application/json"]["schema"], answer.json(), path)


def test_the_take_downs_are_listed_as_the_description_says(client, article):
    take_down = HoldMaker(article_number=article.pk).take_down
    answer = told(client, "/transparency.json")
    assert [entry["reference"] for entry in answer["take_downs"]] == [take_down.reference]
    check({"$ref": "#/components/schemas/TakeDowns"}, answer)


def test_records_are_for_programs_and_not_to_be_found_by_searching(client, article):
    for address in (f"/a/{article.pk}.json", f"/api/articles/{article.pk}", "/api/articles/"):
        assert client.get(address)["X-Robots-Tag"] == "noindex"


def test_the_description_is_served_and_explained_to_people(client):
    assert told(client, "/api/openapi.json")["openapi"] == "3.1.0"
    page = client.get("/api/").content.decode()
    assert all(path in page for path in openapi.PATHS)


def test_pages_follow_one_another_without_gap_or_repetition(client, settings):
    source = SourceMaker()
    wanted = [ArticleMaker(source=source).pk for _ in range(7)]
    address, seen = f"/api/articles/?limit=3&source={source.slug}", []
    while address:
        page = told(client, address)
        seen += [entry["id"] for entry in page["articles"]]
        address = page["next"] and page["next"].removeprefix(settings.SITE_URL)
    assert sorted(seen) == sorted(wanted)
    assert len(seen) == len(wanted)


def test_topics_follow_one_another_too(client, settings):
    article = ArticleMaker()
    article.tags.add(*(f"主題 {number}" for number in range(7)))
    address, seen = "/api/tags/?limit=3", []
    while address:
        page = told(client, address)
        seen += [entry["name"] for entry in page["tags"]]
        address = page["next"] and page["next"].removeprefix(settings.SITE_URL)
    assert seen == [f"主題 {number}" for number in range(7)]


def test_filters_narrow(client, article):
    ArticleMaker(published_at=LONG_AGO, script="latn")
    for asked in (
        {"source": article.source.slug},
        {"tag": "島嶼"},
        {"from": "2021-01-01"},
        {"script": "hant"},
        {"from": "2021-01-01", "tag": "島嶼", "source": article.source.slug},
    ):
        found = told(client, "/api/articles/", **asked)["articles"]
        assert [entry["id"] for entry in found] == [article.pk], asked
    assert len(told(client, "/api/articles/", to="2020-12-31")["articles"]) == 1
    assert told(client, "/api/articles/", source="none") == {"articles": [], "next": None}


@pytest.mark.parametrize(
    "asked",
    [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"limit": "000000001"}, {"limit": "９"}, {"from": "yesterday"},
     {"to": "2025-02-30"}, {"before": "x"}],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_what_is_allowed(client, asked):
    answer = client.get("/api/articles/", asked)
    assert answer.status_code == 400
    assert next(iter(asked)) in answer.json()["error"]


@pytest.mark.parametrize("change", [{"status": "draft"}, {"status": "withdrawn"}, {"expire_at": LONG_AGO}])
def test_what_is_not_published_is_nowhere(client, article, change, settings):
    Article.objects.filter(pk=article.pk).update(**change)
    assert client.get(f"/api/articles/{article.pk}").status_code == 404
    assert told(client, "/api/articles/")["articles"] == []
    assert told(client, "/api/tags/")["tags"] == []
    assert told(client, "/api/sources/")["sources"] == []
    assert client.get("/oembed", {"url": settings.SITE_URL + article.get_absolute_url()}).status_code == 404


def test_a_program_that_has_an_answer_gets_304(client, article, django_assert_num_queries):
    for address in ("/api/articles/", f"/api/articles/{article.pk}", "/api/tags/", "/api/sources/"):
        held = client.get(address)
        with django_assert_num_queries(1):
            assert client.get(address, headers={"if-none-match": held["ETag"]}).status_code == 304


def test_too_many_requests_of_one_address_wait_and_others_do_not(client, monkeypatch, settings):
    settings.TRUSTED_PROXIES = 1
    monkeypatch.setattr(api, "ALLOWED", 3)
    monkeypatch.setattr(api, "WINDOW", 10**9)
    one, other = ({"x-forwarded-for": f"203.0.113.9, 198.51.100.{number}"} for number in (1, 2))
    assert [client.get("/api/sources/", headers=one).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/api/sources/", headers=one)
    assert refused["Retry-After"]
    assert not refused.has_header("ETag")
    assert client.get("/api/sources/", headers=other).status_code == 200


def test_no_address_of_an_asker_is_kept(client):
    client.get("/api/sources/", REMOTE_ADDR="198.51.100.77")
    assert cache._cache
    assert not [key for key in cache._cache if "198.51" in key]


def test_any_site_may_ask(client):
    assert client.get("/api/sources/")["Access-Control-Allow-Origin"] == "*"
    assert client.post("/api/sources/").status_code == 405


@pytest.mark.parametrize(
    ("address", "status"),
    [("", 404), ("https://elsewhere.example/a/1/", 404), ("/a/1/x/", 404), ("http://[", 404)],
)
def test_links_of_others_are_not_described(client, article, address, status):
    assert client.get("/oembed", {"url": address}).status_code == status
    assert client.get("/oembed", {"url": address, "format": "xml"}).status_code == status
    assert client.get("/oembed", {"url": address, "format": "yaml"}).status_code == 501


@pytest.mark.parametrize("script", ["", "/zh-hans", "/zh-hant"])
def test_every_view_of_an_article_leads_to_its_description_in_both_formats(client, script):
    article = ArticleMaker(title="港口 <1> & 船\x0b", lead_image=None)
    page = LexborHTMLParser(client.get(f"{script}{article.get_absolute_url()}").content.decode())
    for kind in ("application/json", "text/xml"):
        found = page.css_first(f"link[type='{kind}+oembed']").attributes["href"]
        answer = client.get(found)
        assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, kind), found
        if kind == "text/xml":
            told = {node.tag: node.text for node in ElementTree.fromstring(answer.content)}
            assert (told["type"], told["title"]) == ("link", "港口 <1> & 船")


def test_a_topic_is_found_by_the_slug_it_had_too(client, article):
    TagAlias.objects.create(tag=article.tags.get(), name="離島", key="离岛", slug="離島")
    for slug in ("島嶼", "離島"):
        assert [entry["id"] for entry in told(client, "/api/articles/", tag=slug)["articles"]] == [article.pk]
    assert told(client, "/api/articles/", tag="沒有")["articles"] == []


def test_our_links_are_described_with_a_picture(client, article, settings):
    answer = told(client, "/oembed", url=settings.SITE_URL + article.get_absolute_url())
    assert answer["title"] == "十九個小島"
    assert answer["thumbnail_url"] == settings.SITE_URL + "/media/images/a.jpg"


@pytest.mark.parametrize("number", [2, 25])
def test_lists_cost_the_same_whatever_the_rows(client, django_assert_max_num_queries, number):
    for _ in range(number):
        ArticleMaker().tags.add(TagMaker(), TagMaker())
    for address, most in (("/api/articles/", 3), ("/api/tags/", 3), ("/api/sources/", 4)):
        with django_assert_max_num_queries(most):
            client.get(address)
    address = reverse("api_article_json", args=[Article.objects.first().pk])
    with django_assert_max_num_queries(5):
        client.get(address)
