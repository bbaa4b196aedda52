"""English words without their endings, by a few rules: an index and a query that both use them meet.

What the rules cannot tell stays apart rather than together: a word is always found by itself, its other forms where
they are regular. So "running" is "run" and "making" is "make", but "united" is not "unit".
"""

from __future__ import annotations

import functools
import re

SHORTEST = 4  # letters of a word that has an ending
# Words that only look like a form of another one, and the forms of some whose last letter no rule can tell.
KEPT = frozenset(
    ["news", "series", "species", "united", "unite", "uniting", "evening", "earring", "herring", "wedding", "innings"]
)
WHOLE = {"creat": "create"}
_VOWELS = "aeiouy"
_SYLLABLE = re.compile(rf"[{_VOWELS}]+[^{_VOWELS}]")
_SHORT = re.compile(rf"[^{_VOWELS}]*[^{_VOWELS}][aeiou][^{_VOWELS}wx]|[^{_VOWELS}]+y[^{_VOWELS}wx]")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
# Ends of a stem of one syllable that only a word with a silent e can have.
_SILENT = re.compile(rf"[cuvz]$|(?<!s)s$|(?<![{_VOWELS}])l$|[dlr]g$|[{_VOWELS}]g$|[^aeiou]at$|..ang$|[iu]r$")
_NO_SILENT = re.compile(r"ll$|[^aeo]us$|[aeiou]{2}r$")
_LAST = ("", "s", "es")
_LATER = ("ing", "ed", "ings", "eds")


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What the forms of an English word have in common (city, cities; stop, stopped); anything else stays as it is.

    Takes a folded word.
    """
    if len(word) < SHORTEST or not word.isascii() or not word.isalpha() or word in KEPT:
        return word
    return _without_e(_without_later(_singular(word)))


def _singular(word: str) -> str:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")) or (word.endswith("oes") and len(word) > 5):
        return word[:-2]
    return word[:-1]


def _without_later(word: str) -> str:
    """Without -ing or -ed, as the word is written without them."""
    if word.endswith("ied") and len(word) > 4:
        return f"{word[:-3]}y"
    base = word[:-3] if word.endswith("ing") else word[:-2] if word.endswith("ed") else ""
    if len(base) < 3 or word.endswith("eed") or not re.search(f"[{_VOWELS}]", base) or word in KEPT:
        return word
    if _DOUBLED.search(base):
        return base[:-1] if len(base) > 3 else base
    syllables = len(_SYLLABLE.findall(base))
    if base in WHOLE:
        return WHOLE[base]
    silent = _SILENT.search(base) and not _NO_SILENT.search(base)
    return f"{base}e" if syllables <= 1 and (silent or _SHORT.fullmatch(base)) else base


def _without_e(word: str) -> str:
    """Without the last e of a longer word, as its other forms are (decide, deciding); movie and movies are one."""
    if not word.endswith("e") or word.endswith("ee") or word in KEPT:
        return word
    if word.endswith("ie") and len(word) > 4:
        return f"{word[:-2]}y"
    return word[:-1] if len(_SYLLABLE.findall(word[:-1])) > 1 else word


@functools.lru_cache(maxsize=1000)
def forms_of(word: str) -> tuple[str, ...]:
    """The words that have the same stem as this folded one, the longest first."""
    root = stem(word)
    bare = root.removesuffix("e")
    bases = {root, bare, f"{root}e", f"{root}{root[-1:]}", f"{bare}{bare[-1:]}"}
    if root.endswith("y"):
        bases |= {f"{root[:-1]}i", f"{root[:-1]}ie"}
    forms = {f"{base}{ending}" for base in bases for ending in (*_LAST, *_LATER, "d")} | {word}
    return tuple(sorted((form for form in forms if stem(form) == root), key=lambda form: (-len(form), form)))
