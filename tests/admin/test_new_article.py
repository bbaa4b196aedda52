"""The preview of an article that nobody has saved yet."""

import pytest

from articles.models import Article, Unsaved, unsaved_preview_address
from tests import makers

PAGE = "a" * 32


def typed(client, **fields):
    """What the page's script sends; the page of the preview."""
    answer = client.post("/admin/articles/article/unsaved/", {"_page": PAGE, **fields})
    return client.get(answer.json()["preview"])


def test_all_that_is_typed_is_shown_and_nothing_is_kept_as_an_article(desk):
    source = makers.SourceMaker(name="港口日報", language="zh-Hant")
    fields = {
        "title": "新的標題",
        "body": "<p>正文。</p><script>x</script>",
        "byline": "林小安",
        "standfirst": "導言。",
    }
    when = {"published_at_0": "2025-01-28", "published_at_1": "06:17:04", "published_precision": "second"}
    answer = typed(desk, source=source.pk, **fields, **when)
    page = answer.content.decode()
    for words in ("新的標題", "正文。", "導言。", "港口日報", 'lang="zh-Hant"', "2025-01-28T"):
        assert words in page
    assert "<script>x" not in page
    assert answer["Cache-Control"] == "no-store, private"
    assert not Article.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": "x", "source": "9" * 18},
        {"source": "nonsense", "published_at_0": "2025-02-31", "published_at_1": "25:99"},
        {"title": "x", "published_at_0": "morgen", "lead_image": "12", "topics": "4"},
    ],
)
def test_whatever_is_half_typed_can_be_looked_at(desk, fields):
    answer = typed(desk, **fields)
    assert answer.status_code == 200
    assert "no source yet" in answer.content.decode()


def test_nobody_else_sees_it(desk, client):
    assert typed(desk, title="geheim").status_code == 200
    address = unsaved_preview_address(PAGE)
    client.force_login(makers.UserMaker(is_superuser=True))
    assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 404
    Unsaved.objects.all().delete()
    assert client.get(address).status_code == 404
