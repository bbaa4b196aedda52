"""Passages of a text in another language than the text's are said to be so (WCAG 3.1.2): voices and fonts follow it."""

import re

from selectolax.lexbor import LexborNode

from articles.ingest.text import script
from articles.templatetags.reading import CHINESE, SCRIPT_LANGUAGES

BLOCKS = "p, blockquote, li, figcaption, caption, td, th, dd, dt, h2, h3, h4"
WORD = re.compile(r"[A-Za-z][a-z’'-]*")
LETTER = re.compile(r"[^\W\d_]")
ADDRESSES = ("://", "@")  # what web addresses and those of mail have in them: no language is spoken there
LONG = 5  # words that are a passage: fewer may be names, which belong to no language
# Of these every English sentence has some; others that are written in the same letters seldom have so many.
ENGLISH = frozenset(
    ["a", "and", "are", "at", "but", "by", "for", "from", "have", "he", "in", "is", "it", "not", "of", "on", "or",
     "she", "that", "the", "their", "they", "this", "to", "was", "we", "which", "with", "you"]
)  # fmt: skip
LITTLE = 2  # of them that are enough
CHARACTERS = 4  # Chinese ones that are a passage
MOSTLY = 0.5  # of a passage's letters


def name_languages(body: LexborNode, language: str) -> None:
    """Give each block its language where it is surely another than the text's: English in Chinese, Chinese elsewhere.

    A block whose language was told already, or whose blocks were told each for itself, stays as it is.
    """
    is_chinese = language.startswith("zh")
    for block in body.css(BLOCKS):
        if "lang" in block.attributes or _is_told(block):
            continue
        words = " ".join(word for word in block.text().split() if not any(mark in word for mark in ADDRESSES))
        if is_chinese and _is_english(words):
            block.attrs["lang"] = "en"
        elif language and not is_chinese and _is_chinese(words):
            block.attrs["lang"] = SCRIPT_LANGUAGES.get(script(words), "zh")


def _is_told(block: LexborNode) -> bool:
    node = block.parent
    while node is not None and node.tag != "body":
        if "lang" in node.attributes:
            return True
        node = node.parent
    return False


def _is_english(words: str) -> bool:
    """Whether a passage is English beyond doubt: long enough, in no other letters, with the little words of English."""
    if CHINESE.search(words):
        return False
    found = WORD.findall(words)
    if len(found) < LONG or not all(letter.isascii() for letter in LETTER.findall(words)):
        return False
    return len(ENGLISH.intersection(word.lower() for word in found)) >= LITTLE


def _is_chinese(words: str) -> bool:
    found = len(CHINESE.findall(words))
    return found >= CHARACTERS and found > MOSTLY * len(LETTER.findall(words))
