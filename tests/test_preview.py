"""Previews of articles that readers cannot see yet."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from articles.models import preview_address
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["inbox", "draft", "review", "published", "withdrawn"])
def test_a_signed_address_shows_an_article_of_any_state_and_nobody_keeps_it(client, status):
    article = makers.ArticleMaker(status=status)
    answer = client.get(preview_address(article.pk))
    assert answer.status_code == 200
    assert article.title in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert "ETag" not in answer


def test_without_a_signature_there_is_nothing(client):
    article = makers.ArticleMaker(status="draft")
    address = preview_address(article.pk)
    for forged in (
        f"/preview/{article.pk}/",
        "/preview/x/",
        address[:-2] + "A/" if address[-2] != "A" else "/preview/y/",
    ):
        assert client.get(forged).status_code == 404


def test_a_preview_ends_after_three_days_and_with_the_article(client):
    article = makers.ArticleMaker(status="draft")
    address = preview_address(article.pk)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=4), tick=False):
        assert client.get(address).status_code == 404
    article.delete()
    assert client.get(address).status_code == 404


def test_the_desk_leads_to_it(client):
    client.force_login(makers.UserMaker(is_superuser=True))
    article = makers.ArticleMaker(status="draft")
    assert "/preview/" in client.get(f"/admin/articles/article/{article.pk}/change/").content.decode()
