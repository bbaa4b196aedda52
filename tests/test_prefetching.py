"""Rules for fetching ahead: named on readers' pages alone, from an address that the pages' policy allows."""

import pytest
from django.urls import reverse

from articles.models import preview_address
from tests.makers import ArticleMaker, UserMaker

pytestmark = pytest.mark.django_db
HEADER = "Speculation-Rules"


def test_readers_pages_name_the_rules_and_the_rules_name_only_links_of_pages(client):
    article = ArticleMaker()
    for address in ("/", article.get_absolute_url(), reverse("tags")):
        assert client.get(address)[HEADER] == '"/speculation-rules.json"'
    answer = client.get("/speculation-rules.json")
    assert answer["Content-Type"] == "application/speculationrules+json"
    [rule] = answer.json()["prefetch"]
    assert rule["eagerness"] == "conservative"
    assert ".card-title a" in rule["where"]["selector_matches"]


def test_desks_previews_and_what_is_no_page_name_none(client):
    article = ArticleMaker()
    client.force_login(UserMaker(is_superuser=True))
    for address in (
        reverse("admin:index"),
        preview_address(article.pk),
        reverse("article_json", args=[article.pk]),
        reverse("site_feed_xml"),
        "/nothing/",
    ):
        assert not client.get(address).has_header(HEADER), address
