"""Which letter a name stands under: Latin letters as they are, Chinese by its pinyin, everything else under #."""

import functools

from articles.ingest.text import fold

OTHERS = "#"


@functools.lru_cache(maxsize=50_000)
def spelled(name: str) -> str:
    """What a name is sorted by: its pinyin or letters, folded; the same for both scripts."""
    import pypinyin  # noqa: PLC0415 - takes 56 MB, in which commands and workers have no part

    return " ".join(pypinyin.lazy_pinyin(fold(name))).strip()


def letter_of(name: str) -> str:
    """A to Z, or #."""
    first = spelled(name)[:1].upper()
    return first if "A" <= first <= "Z" else OTHERS
