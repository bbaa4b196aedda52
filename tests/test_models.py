"""The models' own rules."""

import pytest

from articles.models import slug_of, tag_key


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("長江十號｜三個「厲害了」的專家", "長江十號-三個-厲害了-的專家"),
        ("Tesla, Inc.: a story", "tesla-inc-a-story"),
        ("……", "article"),
        ("很長的標題" * 30, "很長的標題" * 8),
    ],
)
def test_a_slug_keeps_words_apart_and_stays_short(title, slug):
    assert slug_of(title) == slug


def test_names_that_differ_in_width_case_and_script_have_one_key():
    assert len({tag_key(name) for name in ("台灣  ＡＩ", "台湾 ai", "台灣 Ai")}) == 1
