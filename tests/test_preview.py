"""Previews of articles that readers cannot see yet."""

import datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Deed, preview_address
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


def test_addresses_that_were_given_away_are_ended_for_one_article_and_new_ones_open(client):
    article, other = makers.ArticleMaker.create_batch(2, status="draft")
    given_away, others = preview_address(article.pk), preview_address(other.pk)
    editor = makers.UserMaker(is_superuser=True)
    client.force_login(editor)
    address = reverse("admin:articles_article_end_previews", args=[article.pk])
    assert client.get(address).status_code == 405
    assert client.get(given_away).status_code == 200
    client.post(address)
    reader = Client()
    assert [reader.get(each).status_code for each in (given_away, others)] == [404, 200]
    assert reader.get(preview_address(article.pk)).status_code == 200
    assert Deed.objects.get(verb="end_previews").number == article.pk


def test_the_desk_leads_to_it(client):
    client.force_login(makers.UserMaker(is_superuser=True))
    article = makers.ArticleMaker(status="draft")
    assert "/preview/" in client.get(f"/admin/articles/article/{article.pk}/change/").content.decode()
