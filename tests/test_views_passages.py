"""Passages in another language say so, to voices and fonts."""

import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from articles.templatetags.passages import name_languages
from tests.makers import ArticleMaker

ENGLISH = "The harbour was closed for two days, and nobody knew why."
TABLE = [
    ("zh-Hant", f"<p>{ENGLISH}</p>", "en"),
    ("zh", f"<blockquote><p>{ENGLISH}</p></blockquote>", "en"),
    ("zh-Hans", f"<ul><li>{ENGLISH}</li></ul>", "en"),
    ("zh-Hans", f"<figure><figcaption>{ENGLISH}</figcaption></figure>", "en"),
    ("zh-Hant", f"<p>他說：「{ENGLISH}」</p>", None),  # a sentence within a sentence is the paragraph's
    ("zh-Hant", "<p>Reuters, Getty Images, The Economist</p>", None),  # names
    ("zh-Hant", "<p>https://www.example.com/the-and-of/with/this?is=it</p>", None),
    ("zh-Hant", "<p>Der Hafen war zwei Tage geschlossen, und niemand wusste warum.</p>", None),
    ("zh-Hant", "<p>Le port est resté fermé deux jours, on ne sait pas pourquoi, a dit le maire.</p>", None),
    ("zh-Hant", "<p>冬天的碼頭。</p>", None),
    ("en", "<p>冬天的碼頭風大得讓人睜不開眼。</p>", "zh-Hant"),
    ("en", "<p>冬天的码头风大得让人睁不开眼。</p>", "zh-Hans"),
    ("en", "<p>The writer 龍應台 and the harbour of Keelung.</p>", None),
    ("en", f"<p>{ENGLISH}</p>", None),
    ("", "<p>冬天的碼頭風大得讓人睜不開眼。</p>", None),
]


@pytest.mark.parametrize(("language", "html", "told"), TABLE)
def test_a_passage_is_told_when_it_is_surely_in_another_language(language, html, told):
    tree = LexborHTMLParser(f"<!doctype html><body>{html}")
    name_languages(tree.body, language)
    marked = [node.attributes["lang"] for node in tree.body.css("[lang]")]
    assert marked == ([told] if told else [])


def test_what_is_told_already_stays():
    tree = LexborHTMLParser(f'<!doctype html><body><p lang="en-GB">{ENGLISH}</p>')
    name_languages(tree.body, "zh-Hans")
    assert [node.attributes["lang"] for node in tree.body.css("[lang]")] == ["en-GB"]


def test_a_word_without_end_costs_no_more_than_its_length():
    tree = LexborHTMLParser(f"<!doctype html><body><p>{'x' * 300_000}</p><p>{'燈' * 300_000}</p>")
    began = time.process_time()
    name_languages(tree.body, "zh-Hant")
    assert time.process_time() - began < 5


@pytest.mark.django_db
def test_an_english_quotation_in_a_chinese_article_is_read_as_english(client):
    article = ArticleMaker(body=f"<p>冬天的碼頭。</p><p>{ENGLISH}</p>")
    page = LexborHTMLParser(client.get(article.get_absolute_url()).content.decode())
    assert page.css_first(".prose p[lang=en]").text() == ENGLISH
