"""How alike two texts are, told by their signatures and by their wording."""

import random

import pytest

from articles.ingest import likeness

CHANCE = random.Random(7)
CLAUSES = ["".join(chr(CHANCE.randrange(0x4E00, 0x9FA5)) for _ in range(12)) + "，" for _ in range(200)]
WORDS = [f"word{number}" for number in range(400)]
TEXTS = {"Chinese": CLAUSES, "Latin": [" ".join(WORDS[at : at + 20]) + ". " for at in range(0, 400, 4)]}


@pytest.mark.parametrize("pieces", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("share", [1.0, 0.9, 0.6, 0.3])
def test_signatures_tell_about_how_much_wording_two_texts_share(pieces, share):
    one = "".join(pieces)
    other = "".join(pieces[: int(len(pieces) * share)])
    exact = likeness.likeness(likeness.shingles(one), likeness.shingles(other))

    about = likeness.estimate(likeness.signature(one), likeness.signature(other))

    assert abs(about - exact) < 0.2


def test_other_words_of_the_same_language_are_not_alike():
    one, other = ("".join(CLAUSES[:100]), "".join(CLAUSES[100:]))

    assert likeness.likeness(likeness.shingles(one), likeness.shingles(other)) < 0.01
    assert likeness.estimate(likeness.signature(one), likeness.signature(other)) < 0.1


def test_punctuation_and_line_breaks_change_nothing():
    text = "".join(CLAUSES[:20])

    assert likeness.signature(text) == likeness.signature(text.replace("，", "。\n"))


def test_a_short_text_and_one_that_only_repeats_itself_have_no_signature():
    assert likeness.signature("潮汐表" * 5) == b""
    assert likeness.signature("潮汐表到了" * 200) == b""


def test_a_signature_is_252_bytes_and_stays_what_it_is():
    kept = likeness.signature("".join(chr(0x4E00 + number * 7 % 4000) for number in range(300)))

    assert len(kept) == 4 * likeness.VALUES
    assert kept[:8].hex() == "b997ac2c8d696201"
