"""Plain text: dirt, folding, cutting, script."""

import functools
import re
import unicodedata

from articles.ingest.characters import folding, only_simplified, only_traditional

# Characters no reader sees and no page needs: controls, soft hyphen, zero width, bidi marks and overrides, BOM.
# The zero-width joiner stays where it joins emoji.
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_DIRT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200c\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff"
    f"\ufff9-\ufffc\ud800-\udfff]|(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"
)
_MAYBE_DIRT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ud800-\udfff]"
)
_LINE_BREAKS = re.compile("[\x85\u2028\u2029]")
_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")

# Characters of full width, of Chinese above all, and marks that have their space within themselves.
WIDE = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0002fa1f"
_OPENING, _CLOSING = "（《「『【", "，。、：；！？）」』》】"
_GAP = re.compile(  # begins with the blank, which is found fast
    f" (?:(?<=[{_CLOSING}] )(?=[{WIDE}“‘])|(?<=[”’] )(?=[{WIDE}])|(?<=[{WIDE}] )(?=[{_CLOSING}{_OPENING}“‘”’])"
    f"|(?<=[{_OPENING}] )|(?=[{_CLOSING}])|(?<=[{WIDE}][“‘] ))"
)

_SCRIPT_SAMPLE = 2000  # characters of text that tell the script
_LATIN = re.compile("[A-Za-z]")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SENTENCE_END = re.compile(r"[。！？!?…]+[”’」』）)]*|\.(?=\s)")


def has_dirt(text: str) -> bool:
    """Whether the text may hold characters that `without_dirt` takes out; one fast look."""
    return _MAYBE_DIRT.search(text) is not None


def without_dirt(text: str) -> str:
    """The text without control, zero-width and direction characters; line separators become line feeds."""
    if not has_dirt(text):
        return text
    return _DIRT.sub("", _LINE_BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """The text on one line: NFC, no dirt, each run of white space one space."""
    return _SPACES.sub(" ", without_dirt(unicodedata.normalize("NFC", text))).strip()


def without_gaps(text: str) -> str:
    """The text without single blanks beside what has its own: marks of full width, and quotation marks in Chinese."""
    return _GAP.sub("", text)


def fold(text: str) -> str:
    """Form for comparing and searching: width, case, Latin accents and Traditional/Simplified folded.

    One character becomes one character, so that a position in folded NFC text is a position in the text itself.
    Text that is not NFC is composed first. Idempotent.
    """
    if text.isascii():
        return text.lower().replace("\0", " ")
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.translate(folding())


@functools.cache
def _script_characters() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of characters that only Simplified text has, and that only Traditional text has."""
    return re.compile(f"[{only_simplified()}]"), re.compile(f"[{only_traditional()}]")


def script_counts(text: str) -> tuple[int, int]:
    """How many characters only Simplified text has, and how many only Traditional, at the beginning of the text."""
    sample = text[:_SCRIPT_SAMPLE]
    hans, hant = (len(pattern.findall(sample)) for pattern in _script_characters())
    return hans, hant


def script(text: str) -> str:
    """hans, hant, latn, mixed, or "" when the text is too short to tell."""
    sample = text[:_SCRIPT_SAMPLE]
    hans, hant = script_counts(sample)
    if hans + hant < 3:
        latin = len(_LATIN.findall(sample))
        return "latn" if latin >= 20 and len(_CHINESE.findall(sample)) * 10 < latin else _of_few(hans, hant)
    if max(hans, hant) >= 4 * min(hans, hant):
        return "hans" if hans > hant else "hant"
    return "mixed"


def _of_few(hans: int, hant: int) -> str:
    if hans == hant:
        return ""
    return "hans" if hans > hant else "hant"


def excerpt(text: str, limit: int = 120) -> str:
    """The beginning of the text for lists: at most `limit` characters, whole sentences where they fit.

    A Latin word is never cut in two; an ellipsis says that something follows.
    """
    text = without_gaps(one_line(text[: limit * 4]))
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, limit)]
    if ends and ends[-1] >= limit * 0.6:
        return text[: ends[-1]]
    cut = text[: limit - 1]
    if _is_word(cut[-1]) and _is_word(text[limit - 1]):
        shorter = cut.rstrip("".join(c for c in set(cut) if _is_word(c)))
        cut = shorter if len(shorter) > limit // 2 else cut
    return cut.rstrip(" ，,、；;：:（(“「") + "…"


def _is_word(character: str) -> bool:
    return character.isalnum() and not "\u2e80" <= character <= "\uffef"
