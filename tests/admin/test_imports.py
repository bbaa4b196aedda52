"""Runs tell what went wrong; originals show themselves as plain text and as nothing else."""

import zlib

from django.urls import reverse

from articles.admin import imports
from tests import makers


def text_of(original):
    return reverse("admin:articles_original_text", args=[original.pk])


def test_a_run_groups_its_failures_by_cause_with_one_example(desk):
    run = makers.ImportRunMaker(options={"publish": True}, counts={"created": 2, "failed": 3})
    makers.ImportFileMaker.create_batch(2, run=run, result="created")
    makers.ImportFileMaker.create_batch(2, run=run, result="failed", code="empty", reason="The file is empty.")
    makers.ImportFileMaker(run=run, result="refused", code="no_header", reason="No header: add one.")
    page = desk.get(reverse("admin:articles_importrun_change", args=[run.pk])).content.decode()
    assert page.count("The file is empty.") == 1
    assert "No header: add one." in page
    assert f"?run={run.pk}&amp;result=failed&amp;code=empty" in page
    assert "publish" in page


def test_the_text_of_an_original_is_shown_as_it_came_and_does_nothing(desk):
    raw = "[標題](https://a.example)\n------\n<script>alert(1)</script>\xff".encode() + b"\xff"
    original = makers.OriginalMaker(bytes=zlib.compress(raw))
    answer = desk.get(text_of(original))
    assert answer.content.decode() == raw.decode("utf-8", "replace")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_huge_original_is_cut_and_says_so(desk, monkeypatch):
    monkeypatch.setattr(imports, "TEXT_SHOWN", 100)
    original = makers.OriginalMaker(bytes=zlib.compress(b"a" * 10_000_000), size=10_000_000)
    answer = desk.get(text_of(original)).content.decode()
    assert answer.startswith("a" * 100 + "\n")
    assert "10000000 bytes" in answer


def test_broken_bytes_of_an_original_are_told_not_raised(desk):
    assert "cannot be unpacked" in desk.get(text_of(makers.OriginalMaker(bytes=b"no zlib"))).content.decode()
    assert desk.get(text_of(makers.OriginalMaker(bytes=b""))).content == b""


def test_the_text_of_an_original_needs_the_right_to_see_it(client, db):
    original = makers.OriginalMaker()
    assert client.get(text_of(original)).status_code == 302
    client.force_login(makers.UserMaker())
    assert client.get(text_of(original)).status_code == 403


def test_an_original_that_is_not_there_is_not_found(desk):
    assert desk.get("/admin/articles/original/7/text/").status_code == 404


def test_a_file_leads_to_its_article_and_to_its_bytes(desk):
    original = makers.OriginalMaker(path="a.md", path_sha256=imports.path_hash("a.md"))
    file = makers.ImportFileMaker(path="a.md", sha256=original.sha256, article=original.article, result="created")
    page = desk.get(reverse("admin:articles_importfile_change", args=[file.pk])).content.decode()
    assert reverse("admin:articles_article_change", args=[original.article_id]) in page
    assert reverse("admin:articles_original_change", args=[original.pk]) in page
