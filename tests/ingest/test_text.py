"""Plain text: folding, excerpts, script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.ingest.text import excerpt, fold, one_line, script


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ１", "abc1"),
        ("Café Ünïcode", "cafe unicode"),
        ("Cafe\u0301", "cafe"),
        ("歐洲聯盟", "欧洲联盟"),
        ("著名", "着名"),
        ("乾燥", "干燥"),
        ("ｶﾀｶﾅ", "カタカナ"),
        ("a\0b\ud800", "a b "),
        ("й", "й"),
    ],
)
def test_folds(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_is_one_to_one_on_composed_text_and_settles(text):
    composed = unicodedata.normalize("NFC", text)

    assert len(fold(composed)) == len(composed)
    assert fold(fold(text)) == fold(text)


def test_an_excerpt_ends_with_a_sentence_where_one_fits():
    text = "第一句話在這裡結束。" * 11 + "最後一句話很長很長很長很長很長很長。"

    assert excerpt(text) == "第一句話在這裡結束。" * 11


def test_an_excerpt_cuts_no_latin_word_and_says_that_more_follows():
    cut = excerpt("extraordinary " * 20)

    assert len(cut) <= 120
    assert cut.endswith("extraordinary…")


def test_a_short_text_is_its_own_excerpt():
    assert excerpt("短。\n文\nA") == "短。文 A"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这份报纸对国内观众说", "hans"),
        ("這份報紙對國內觀眾說", "hant"),
        ("这份报纸对国内观众說國報觀眾這", "mixed"),
        ("Words of a Latin text, and more.", "latn"),
        ("", ""),
        ("一二三", ""),
    ],
)
def test_tells_scripts_apart(text, expected):
    assert script(text) == expected


def test_one_line_is_composed_clean_and_single_spaced():
    assert one_line(" e\u0301\u200b\n\u3000x\u0007 ") == "é x"
