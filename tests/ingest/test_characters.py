"""The tables of characters: as OpenCC and Unicode tell them."""

import unicodedata

import pytest

from articles.ingest import characters
from articles.ingest.text import fold, script

TOLD_BY = "14.0.0"  # the Unicode of the oldest Python; a newer one knows more characters


@pytest.fixture(scope="module")
def asked():
    return characters.asked()


def test_every_character_folds_as_opencc_and_unicode_say(asked):
    into = dict(zip(asked["folded"], asked["into"], strict=True))
    for code, folded in enumerate(characters.folding()):
        if code and not 0xD800 <= code < 0xE000 and unicodedata.category(chr(code)) != "Cn":
            expected = into.get(chr(code), chr(code))
            assert chr(folded) == expected or unicodedata.unidata_version != TOLD_BY, hex(code)
    assert len(into) > 6000


def test_the_characters_of_one_script_are_those_that_opencc_changes(asked):
    assert characters.only_simplified() == asked["only_simplified"]
    assert characters.only_traditional() == asked["only_traditional"]


def test_the_tables_are_what_text_is_folded_and_told_by():
    assert fold("ＡÉ臺灣瞭") == "ae台湾了"
    assert (script("臺灣與國際"), script("台湾与国际")) == ("hant", "hans")
    assert fold("\ud800\x00") == "  "
