"""Plain text: folding, cutting, script."""

import functools
import unicodedata

import opencc


@functools.cache
def _simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def fold(text: str) -> str:
    """Form for comparing: width, case, accents and Traditional/Simplified folded."""
    return _simplified().convert(unicodedata.normalize("NFKC", text).casefold())
