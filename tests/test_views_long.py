"""Footnotes, pull quotes and tables of an article: for all readers, whatever the source made of them."""

import re

import pytest

from articles.ingest.sanitize import sanitize
from tests.makers import ArticleMaker

pytestmark = pytest.mark.django_db


def shown(client, body):
    page = client.get(ArticleMaker(body=sanitize(body)).get_absolute_url()).content.decode()
    return page[page.index('<div class="prose"') : page.index('<footer class="story-foot"')]


def test_a_mark_leads_to_its_note_and_the_note_back_to_the_first_mark(client):
    page = shown(
        client,
        '<p>一<a href="#note-1"><sup>1</sup></a>二<a href="#note-1">1</a></p><p>三<a href="#note-2">2</a></p>'
        '<ol><li id="note-1">甲</li><li id="note-2">乙</li></ol>',
    )
    marks = re.findall(r'<a href="#(note-\d)"[^>]* id="(mark-\d)" class="note-mark" role="doc-noteref"', page)
    assert marks == [("note-1", "mark-1"), ("note-2", "mark-2")]
    backs = re.findall(r'<li id="(note-\d)">.*?<a href="#(mark-\d)" class="note-back" role="doc-backlink"', page)
    assert backs == marks
    assert page.count('aria-label="Back to the text"') == 2


def test_a_note_that_leads_back_by_itself_gets_no_second_way(client):
    page = shown(client, '<p id="note-a">一<a href="#note-1">1</a></p><p id="note-1"><a href="#note-a">1</a> 甲</p>')
    assert "note-back" not in page
    assert page.count("doc-noteref") == 1


def test_a_link_to_a_heading_still_finds_it(client):
    page = shown(client, '<p><a href="#note-x">下文</a></p><h2 id="note-x">標題</h2>')
    assert '<h2 id="note-x">' in page


def test_a_mark_without_a_note_stays_as_it_is(client):
    assert "note-mark" not in shown(client, '<p>一<a href="#note-1">1</a></p>')


def test_a_pull_quote_survives_the_policy_and_is_no_part_of_the_words(client):
    quote = "<figure><blockquote><p>風大得讓人睜不開眼。</p></blockquote><figcaption>林小安</figcaption></figure>"
    assert sanitize(quote) == quote
    assert quote in shown(client, f"<p>冬天。</p>{quote}")


def test_tables_that_scroll_are_told_apart_by_caption_and_number(client):
    table = "<table>{}<tbody><tr><td>1</td></tr></tbody></table>"
    one = shown(client, table.format(""))
    assert '<div class="scroll" tabindex="0" role="region" aria-label="Table">' in one
    two = shown(client, table.format("<caption> 航班\n時刻 </caption>") + table.format(""))
    assert re.findall('aria-label="(Table[^"]*)"', two) == ["Table 1: 航班 時刻", "Table 2"]
