"""Each sample file gives the Document that was reviewed, and none of what no reader may get."""

import json
import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from articles.ingest import Unreadable, read, sanitize
from tests.ingest.golden import SAMPLES, expected_of, name_of, outcome

FORBIDDEN = (
    *("images.weserv.nl", "i1.wp.com", "api.dw.com", "feedx", "addtoany", "utm_", "fbclid", "data:", "javascript:"),
    *("file:", "srcset", "style=", "class=", "<script", "<iframe", "<form", "<span", "onerror"),
    *("\u00a0", "\u200b", "\u202e", "\ufeff"),
)


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_reads_as_reviewed(sample):
    expected = json.loads(expected_of(sample).read_text(encoding="utf-8"))

    assert outcome(sample) == expected


def _documents():
    for sample in SAMPLES:
        try:
            yield pytest.param(read(sample.read_bytes(), name_of(sample)), id=name_of(sample))
        except Unreadable:
            continue


READABLE = list(_documents())


@pytest.mark.parametrize("document", READABLE)
def test_shows_no_reader_what_the_policy_keeps_out(document):
    html = re.sub(r"&lt;.*?&gt;", "", document.html)

    assert [word for word in FORBIDDEN if word in html] == []


@pytest.mark.parametrize("document", READABLE)
def test_sanitizing_a_read_body_again_changes_nothing(document):
    assert sanitize.sanitize(document.html) == document.html


@pytest.mark.parametrize("document", READABLE)
def test_has_no_empty_block_and_no_gap_between_chinese_characters(document):
    tree = LexborHTMLParser("<!doctype html><body>" + document.html)

    assert [node.html for node in tree.css("p, li, h2, h3, h4, blockquote") if not node.text().strip()] == []
    assert not re.search(r"[\u4e00-\u9fff]\n\s*[\u4e00-\u9fff]", document.html)


@pytest.mark.parametrize("document", READABLE)
def test_text_and_links_and_pictures_agree_with_the_body(document):
    tree = LexborHTMLParser("<!doctype html><body>" + document.html)

    assert [node.attributes["src"] for node in tree.css("img")] == [picture.src for picture in document.images]
    assert {node.attributes["href"] for node in tree.css("a[href^=http]")} <= set(document.links)
    for line in document.text.split("\n"):
        assert line.replace("\t", "") in re.sub(r"[\n\t]", "", tree.body.text()) or "\t" in line
