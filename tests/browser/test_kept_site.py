"""A site in a zip, unpacked, opened from the disk by a real browser."""

import zipfile

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from tests.browser.steps import press
from tests.makers import ArticleImageMaker, ArticleMaker
from tests.test_exporting_books import HOSTILE, stored, told

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_kept_site_opens_without_a_server_and_asks_nobody(page, tmp_path):
    picture = stored()
    first = ArticleMaker(title="開頭", canonical_url="https://news.example/first")
    second = ArticleMaker(
        title=HOSTILE, body=f'<p>See <a href="https://news.example/first">the first</a>.</p>{told(picture)}'
    )
    ArticleImageMaker(article=second, image=picture)
    call_command("export_articles", str(tmp_path / "site.zip"), format="site")
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        archive.extractall(tmp_path)
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto((tmp_path / "newsroom" / "index.html").as_uri())
    press(page, f".kept-titles a[href='articles/{second.pk}.html']")
    expect(page.locator("h1")).to_contain_text("alert(1)")
    assert page.evaluate("document.querySelector('.prose img').naturalWidth") > 0
    assert page.evaluate("getComputedStyle(document.querySelector('.prose')).display") == "grid"  # the sheet is read
    press(page, ".prose a.local")
    expect(page.locator("h1")).to_have_text("開頭")
    assert page.url.endswith(f"articles/{first.pk}.html")
    press(page, "a.brand")
    expect(page.locator("h1")).to_have_text("Newsroom")
    assert all(address.startswith("file:") for address in asked)
    assert complaints == []
