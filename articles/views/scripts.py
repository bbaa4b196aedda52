"""Reading in the other script: /zh-hans/… and /zh-hant/… show any page with its Chinese converted at render.

Only text between tags and the texts of attributes that people read are converted, in elements whose language is
Chinese in the other script; code, addresses and Latin text stay, and so does what is stored. The prefix stays in every
link of the page, so that the choice lasts without a cookie.
"""

from __future__ import annotations

import functools
import hashlib
import html
import re
from collections.abc import Callable

import opencc
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix, resolve, set_script_prefix
from django.utils import translation

from articles.ingest.text import script
from articles.models import Spelling

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
UNTOUCHED = frozenset(["script", "style", "code", "pre", "kbd", "samp", "textarea"])
SCRIPT_OF = {
    "zh-hans": "hans", "zh-cn": "hans", "zh-sg": "hans", "zh-hant": "hant", "zh-tw": "hant", "zh-hk": "hant",
}  # fmt: skip
OPPOSITE = {"hans": "hant", "hant": "hans"}
LOCALES = {"hans": "zh_CN", "hant": "zh_TW"}
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
    """The editors' spellings; asked for once an edition, which is what validators stand for."""
    validators = getattr(request, "validators", None)
    key = validators and f"spellings:{validators.edition}"
    spellings = cache.get(key) if key else None
    if spellings is None:
        spellings = tuple(Spelling.objects.values_list("hans", "hant"))
        if key:
            cache.set(key, spellings, KEPT)
    return spellings


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
        self.names = re.compile("|".join(map(re.escape, self.spellings))) if self.spellings else None

    def text(self, text: str, language: str) -> str:
        """A text of an element of this language; unchanged unless it is Chinese of the other script."""
        if not language.startswith("zh") or not CHINESE.search(text):
            return text
        own = SCRIPT_OF.get(language) or script(text)
        if own not in (OPPOSITE[self.target], "mixed"):
            return text
        if self.names is None:
            return self.converter.convert(text)
        pieces, at = [], 0
        for name in self.names.finditer(text):
            pieces += [self.converter.convert(text[at : name.start()]), self.spellings[name[0]]]
            at = name.end()
        return "".join([*pieces, self.converter.convert(text[at:])])

    def page(self, page: str) -> str:
        """The whole page. Its own words are in the reader's script already; its title may be an article's."""
        converted: list[str] = []
        open_elements: list[tuple[str, str, bool]] = []
        at = 0
        for token in TOKEN.finditer(page):
            _, language, untouched = open_elements[-1] if open_elements else ("", "", False)
            between = page[at : token.start()]
            converted.append(between if untouched else self.text(between, language))
            at = token.end()
            name = (token["name"] or "").lower()
            if not name:
                converted.append(token[0])
            elif token["end"]:
                converted.append(token[0])
                _close(open_elements, name)
            else:
                tag, language = self._tag(token[0], name, language)
                converted.append(token[0] if untouched else tag)
                if name not in VOID:
                    stays = untouched or name in UNTOUCHED or 'translate="no"' in token["attributes"]
                    open_elements.append((name, language, stays))
        return "".join([*converted, page[at:]])

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


def _close(open_elements: list[tuple[str, str, bool]], name: str) -> None:
    """Leave the innermost element of this name, and those that were left open in it."""
    for depth in range(len(open_elements) - 1, -1, -1):
        if open_elements[depth][0] == name:
            del open_elements[depth:]
            return
