"""Reading in the other script: /zh-hans/… and /zh-hant/… show any page with its Chinese converted at render.

Only text between tags and the texts of attributes that people read are converted, where they are Chinese in the other
script: as a passage's own characters say when there are enough of them, else as the language of its element. Code,
addresses and Latin text stay, and so does what is stored. The prefix stays in every link of the page, so that the
choice lasts without a cookie.

The words of a block are converted as one text, whatever marks, links or emphasis stand within: 头<b>发</b> is 頭髮.
"""

from __future__ import annotations

import bisect
import functools
import hashlib
import html
import itertools
import re
from collections.abc import Callable, Iterator, Sequence

import opencc
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix, resolve, set_script_prefix
from django.utils import translation

from articles.ingest.text import script, script_counts
from articles.models import Spelling, kept_for

PREFIXES = {"zh-hans": "hans", "zh-hant": "hant"}
CONVERTERS = {"hans": "tw2sp", "hant": "s2twp"}  # phrases too: 软件 is 軟體 there
PAGES = frozenset(  # names of addresses that are pages for reading
    [
        "front",
        "article",
        "article_by_number",
        "sources",
        "source",
        "tags",
        "tag",
        "search",
        "archive",
        "undated",
        "year",
        "month",
        "day",
        "on_this_day",
        "on_this_day_of",
        "topics_by_name",
        "stories",
        "story",
        "changes",
        "transparency",
    ]
)
Spellings = tuple[tuple[str, str], ...]
KEPT = 24 * 3600  # seconds that a converted page is kept; it is found by its own words, so it is never old
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
TOKEN = re.compile(
    r"<!--.*?-->|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^'\">])*)>", re.DOTALL
)
ATTRIBUTE = re.compile(r"""(?<![\w-])(lang|alt|title|content|translate)=("[^"]*"|'[^']*')""")
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNTOUCHED = frozenset(["script", "style", "code", "pre", "kbd", "samp", "tt", "var", "textarea"])
# Elements within a text, that do not end its words.
INLINE = frozenset(
    [
        *("a", "abbr", "b", "bdi", "bdo", "cite", "del", "dfn", "em", "font", "i", "ins", "mark", "q", "s", "small"),
        *("span", "strike", "strong", "sub", "sup", "time", "u", "wbr"),
    ]
)
SCRIPT_OF = {
    "zh-hans": "hans", "zh-cn": "hans", "zh-sg": "hans", "zh-hant": "hant", "zh-tw": "hant", "zh-hk": "hant",
}  # fmt: skip
OPPOSITE = {"hans": "hant", "hant": "hans"}
LOCALES = {"hans": "zh_CN", "hant": "zh_TW"}
WIDEST = 12  # characters of a word that converts as one
LOOKS = 2_000  # places of tags within words that are looked at: a page with more is none that a person wrote
CLEAR = 3  # characters of only one script, with hardly any of the other, that tell the script of a passage
_CJK = "\u3400-\u9fff\uf900-\ufaff"
# A visible address: its Chinese parts begin behind a sign of its own. Words that follow an address without a space are
# none of it.
ADDRESS = rf"(?i:https?://|www\.)[!-;=?-~]+(?:(?<=[-/=_#?&.+~])[{_CJK}]+[!-;=?-~]*)*"
DESCRIBING = ('name="description"', 'property="og:title"', 'property="og:description"', 'name="twitter:')


class ScriptMiddleware:
    """Serves the pages of the site under a script's prefix; stands behind LocaleMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take the prefix off, speak its language, convert what comes back."""
        language, _, rest = request.path_info.lstrip("/").partition("/")
        request.base_path, request.reading_script, request.has_scripts = request.path, "", False
        if language not in PREFIXES or not request.path_info.startswith(f"/{language}/"):
            return self.get_response(request)
        path = f"/{rest}"
        request.base_path = request.path.replace(f"/{language}/", "/", 1)
        if not _is_page(path):
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(re.sub("^/+", "/", request.base_path) + (f"?{query}" if query else ""))
        return self._converted(request, path, language)

    def process_view(self, request: HttpRequest, view, arguments, named) -> None:
        """Say whether the page is one that both scripts have; templates link to them then."""
        match = request.resolver_match
        request.has_scripts = not match.namespaces and match.url_name in PAGES

    def _converted(self, request: HttpRequest, path: str, language: str) -> HttpResponse:
        before = get_script_prefix()
        request.path_info, request.reading_script = path, PREFIXES[language]
        translation.activate(language)
        request.LANGUAGE_CODE = language
        set_script_prefix(f"{before}{language}/")
        try:
            response = self.get_response(request)
        finally:
            set_script_prefix(before)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming and response.content:
            page = response.content.decode()
            response.content = convert_page(page, request.reading_script, _spellings(request))
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response


def _is_page(path: str) -> bool:
    try:
        return resolve(path).url_name in PAGES
    except Http404:
        return True  # a page that says so, in the reader's script


def _spellings(request: HttpRequest) -> Spellings:
    """The editors' spellings; asked for once until one changes, which the validators of a page tell."""
    validators = getattr(request, "validators", None)
    if validators is None:
        return _stored()
    return kept_for(("spellings", validators.spellings), _stored) if validators.spellings else ()


def _stored() -> Spellings:
    return tuple(Spelling.objects.values_list("hans", "hant"))


def convert_page(page: str, target: str, spellings: Spellings = ()) -> str:
    """A page with its Chinese in the target script; kept by its own words and the spellings (hans, hant)."""
    key = hashlib.sha256("\x1f".join([target, repr(spellings), page]).encode("utf-8", "replace")).hexdigest()
    kept = cache.get(key)
    if kept is None:
        kept = Conversion(target, spellings).page(page)
        cache.set(key, kept, KEPT)
    return kept


@functools.cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


class Conversion:
    """Converts the texts of a page into one script."""

    def __init__(self, target: str, spellings: Spellings) -> None:
        self.target = target
        self.converter = _converter(CONVERTERS[target])
        pairs = [(hans, hant) if target == "hant" else (hant, hans) for hans, hant in spellings]
        self.spellings = dict(sorted(pairs, key=lambda pair: -len(pair[0])))
        self.looks = LOOKS
        self.stay = re.compile("|".join([ADDRESS, *map(re.escape, self.spellings)]))

    def text(self, text: str, language: str) -> str:
        """A text of an element of this language; unchanged unless it is Chinese of the other script."""
        return self._whole(text) if self._is_other(text, language) else text

    def _is_other(self, text: str, language: str) -> bool:
        if not language.startswith("zh") or not CHINESE.search(text):
            return False
        own = _clearly(text) or SCRIPT_OF.get(language) or script(text)
        return own in (OPPOSITE[self.target], "mixed")

    def _whole(self, text: str) -> str:
        pieces, at = [], 0
        for name in self.stay.finditer(text):
            pieces += [self.converter.convert(text[at : name.start()]), self.spellings.get(name[0], name[0])]
            at = name.end()
        return "".join([*pieces, self.converter.convert(text[at:])])

    def texts(self, texts: Sequence[str], language: str) -> list[str]:
        """The texts of one block, in order, each converted as a part of the whole."""
        whole = "".join(texts)
        if not self._is_other(whole, language):
            return list(texts)
        ends = list(itertools.accumulate(map(len, texts)))
        pieces: list[list[str]] = [[] for _ in texts]
        at = 0
        for start, end in self._words_across(whole, ends[:-1]):
            for part in ((at, start), (start, end)):
                self._give(whole, part, ends, pieces)
            at = end
        self._give(whole, (at, len(whole)), ends, pieces)
        return ["".join(mine) for mine in pieces]

    def _words_across(self, whole: str, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Stretches of a text that stand across ends of its pieces and must be converted as one; an end that divides
        no word is an empty stretch.
        """
        fixed = [match.span() for match in self.stay.finditer(whole)]
        at = 0
        for end in ends:
            if end < at:
                continue
            place = bisect.bisect_left(fixed, (end, end)) - 1
            if place >= 0 and fixed[place][1] > end:
                start, at = fixed[place]
            else:
                start, at = self._word_at(whole, end, at)
            yield start, at

    def _word_at(self, whole: str, at: int, divided: int) -> tuple[int, int]:
        """The stretch around a place that converts otherwise when it is divided there, as the text is already at the
        last place before; costs some short conversions.
        """
        if not (self.looks and CHINESE.match(whole, at - 1) and CHINESE.match(whole, at)):
            return at, at
        self.looks -= 1
        first, last = max(divided, at - 2 * WIDEST), min(len(whole), at + 2 * WIDEST)
        convert, near = self.converter.convert, whole[first:last]
        read = convert(near)

        def divides(place: int) -> bool:
            return convert(near[: place - first]) + convert(near[place - first :]) != read

        start = next((place for place in range(at, max(first, at - WIDEST), -1) if not divides(place)), first)
        if start == at:
            return at, at
        return start, next((place for place in range(at + 1, min(last, at + WIDEST)) if not divides(place)), last)

    def _give(self, whole: str, part: tuple[int, int], ends: Sequence[int], pieces: list[list[str]]) -> None:
        """Convert a part of a text and give it to the pieces that it belongs to; one that gets longer or shorter, in
        proportion.
        """
        start, end = part
        if start == end:
            return
        read, given = self._whole(whole[start:end]), 0
        for place in range(bisect.bisect_right(ends, start), len(ends)):
            inside = min(ends[place], end) - start
            until = round(inside * len(read) / (end - start))
            pieces[place].append(read[given:until])
            given = until
            if ends[place] >= end:
                break

    def page(self, page: str) -> str:
        """The whole page. Its own words are in the reader's script already; its title may be an article's."""
        made = _Made(self)
        open_elements: list[tuple[str, str, bool]] = []
        at = 0
        for token in TOKEN.finditer(page):
            _, language, untouched = open_elements[-1] if open_elements else ("", "", False)
            if at < token.start():
                made.add_text(page[at : token.start()], language, untouched)
            at = token.end()
            name = (token["name"] or "").lower()
            if not name or token["end"]:
                made.add_tag(token[0], name)
                _close(open_elements, name)
                continue
            tag, language = self._tag(token[0], name, language)
            made.add_tag(token[0] if untouched else tag, name)
            if name not in VOID:
                stays = untouched or name in UNTOUCHED or 'translate="no"' in token["attributes"]
                open_elements.append((name, language, stays))
        made.end_block()
        return "".join([*made.pieces, page[at:]])

    def _tag(self, tag: str, name: str, language: str) -> tuple[str, str]:
        """A tag with its readable attributes converted and its language told, and the language of what is in it."""
        own = re.search(r'(?<![\w-])lang="([^"]*)"', tag)
        language = own[1].lower() if own else "zh" if name == "title" else language
        if 'property="og:locale"' in tag:
            tag = re.sub(LOCALES[OPPOSITE[self.target]], LOCALES[self.target], tag)
        changes = {"alt", "title"} | ({"content"} if any(mark in tag for mark in DESCRIBING) else set())

        def converted(match: re.Match) -> str:
            attribute, value = match[1], match[2][1:-1]
            if attribute == "lang":
                other = SCRIPT_OF.get(value.lower()) == OPPOSITE[self.target]
                return f'lang="{"zh-Hans" if self.target == "hans" else "zh-Hant"}"' if other else match[0]
            if attribute not in changes or not CHINESE.search(value):
                return match[0]
            read = self.text(html.unescape(value), "zh" if attribute == "content" else language)
            return f'{attribute}="{html.escape(read)}"'

        return ATTRIBUTE.sub(converted, tag), language


class _Made:
    """The pieces of a page that is being converted, and which of them are texts of the block that is being read."""

    def __init__(self, conversion: Conversion) -> None:
        self.conversion = conversion
        self.pieces: list[str] = []
        self.block: list[int] = []
        self.language = ""

    def add_text(self, text: str, language: str, untouched: bool) -> None:
        """A text of an element of this language."""
        if untouched or language != self.language:
            self.end_block()
        if not untouched:
            self.block.append(len(self.pieces))
            self.language = language
        self.pieces.append(text)

    def add_tag(self, tag: str, name: str) -> None:
        """A tag as it is shown; a comment has no name."""
        if name and name not in INLINE:
            self.end_block()
        self.pieces.append(tag)

    def end_block(self) -> None:
        """Convert what the block says."""
        texts = self.conversion.texts([self.pieces[place] for place in self.block], self.language)
        for place, text in zip(self.block, texts, strict=True):
            self.pieces[place] = text
        self.block.clear()


def _clearly(text: str) -> str:
    """The script of a passage whose own characters leave no doubt; else empty."""
    hans, hant = script_counts(text)
    if max(hans, hant) < CLEAR or max(hans, hant) < 4 * min(hans, hant):
        return ""
    return "hans" if hans > hant else "hant"


def _close(open_elements: list[tuple[str, str, bool]], name: str) -> None:
    """Leave the innermost element of this name, and those that were left open in it."""
    for depth in range(len(open_elements) - 1, -1, -1):
        if open_elements[depth][0] == name:
            del open_elements[depth:]
            return
