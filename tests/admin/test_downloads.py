"""Editors take a book or a site along, of what readers may see."""

import io
import zipfile

import pytest

from articles import search
from articles.admin import downloads
from articles.models import Deed
from tests.makers import ArticleMaker, SourceMaker
from tests.test_security_rights import client_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/articles/article/download/"


@pytest.fixture
def port():
    article = ArticleMaker(title="港口開放", source=SourceMaker(slug="dw"))
    article.tags.add("海洋")
    ArticleMaker(title="港口草稿", status="draft").tags.add("海洋")
    search.rebuild()
    return article


def names(answer) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()


@pytest.mark.parametrize("asked", [{"topic": "海洋"}, {"search": "港口"}, {"source": "dw"}])
def test_an_editor_counts_and_downloads_what_readers_see(port, asked):
    client = client_of("editor")
    assert "1 article, with its pictures" in client.get(PAGE, asked).content.decode()
    book = client.get(PAGE, asked | {"format": "epub"})
    assert book["Content-Type"] == "application/epub+zip"
    assert book["Content-Disposition"].startswith("attachment;")
    assert [name for name in names(book) if "stories" in name] == [f"book/stories/{port.pk}.xhtml"]
    site = client.get(PAGE, asked | {"format": "site"})
    assert [name.rpartition("/")[2] for name in names(site) if "/articles/" in name] == [f"{port.pk}.html"]
    assert list(Deed.objects.filter(verb="export").values_list("actor", flat=True)) == ["the-editor"] * 2


def test_too_many_and_none_are_said_and_not_made(port, monkeypatch):
    monkeypatch.setattr(downloads, "AT_ONCE", 0)
    client = client_of("editor")
    for asked, told in (({"topic": "海洋"}, "export_articles"), ({"until": "1999-01-01"}, "No article is chosen")):
        answer = client.get(PAGE, asked | {"format": "epub"})
        assert told in answer.content.decode()
        assert not answer.streaming
    assert "There is nothing of that name" in client.get(PAGE, {"topic": "沒有"}).content.decode()


def test_the_ways_there_carry_the_topic_and_the_words(port):
    client = client_of("editor")
    tag = port.tagged.get().tag
    assert f"{PAGE}?topic=" in client.get(f"/admin/articles/tag/{tag.pk}/change/").content.decode()
    assert f"{PAGE}?search=%E6%B8%AF%E5%8F%A3" in client.get("/admin/articles/article/?q=港口").content.decode()
    assert PAGE not in client_of("reporter").get("/admin/articles/article/?q=港口").content.decode()
