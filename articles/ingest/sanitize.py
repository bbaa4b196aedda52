"""The one policy for HTML that readers see: bleach, then nh3, last of all steps."""

import hashlib
import importlib.metadata
import re

import nh3
from selectolax.lexbor import LexborHTMLParser

from articles.ingest.bleaching import Cleaner
from articles.ingest.guard import BOUNDS, PATTERNS, bounded, without_comments
from articles.ingest.rules.words import words

TAGS = words(
    "p h2 h3 h4 figure figcaption img a strong em s sub sup code pre blockquote cite q ul ol li dl dt dd br hr "
    "table caption thead tbody tfoot tr th td ruby rt rp"
)
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "a": ("href",),
    "img": ("src", "alt", "width", "height"),
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan", "scope"),
    "ol": ("start",),
    "p": ("id", "lang"),
    "li": ("id", "lang"),
    "h2": ("id", "lang"),
    "h3": ("id", "lang"),
    "h4": ("id", "lang"),
    **dict.fromkeys(("blockquote", "figcaption", "em", "q", "cite"), ("lang",)),
}
# BCP 47, as far as articles need it: a language, and at most a script, a region and a variant.
LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?(?:-[A-Za-z\d]{5,8})?"
SCHEMES = frozenset(("http", "https", "mailto"))
# The values an attribute may have; addresses have a rule of their own.
VALUES: dict[str, str] = {
    "id": r"note-[\w\-]{1,80}",
    "width": r"\d{1,5}",
    "height": r"\d{1,5}",
    "colspan": r"\d{1,3}",
    "rowspan": r"\d{1,5}",
    "start": r"-?\d{1,6}",
    "scope": r"col|row|colgroup|rowgroup",
    "lang": LANGUAGE,
}
# Elements that go with all that is in them, because their text was never meant to be read.
WITH_CONTENT = (
    "script, style, template, svg, math, iframe, object, embed, applet, form, input, button, select, textarea, "
    "noframes, noembed, xmp, plaintext, frameset, head, title, link, meta, base"
)
LINK_REL = "noopener noreferrer"
# Blocks that the policy does not know become paragraphs, so that their texts do not run together.
_FOREIGN_BLOCK = re.compile(
    r"<(/?)(?:div|section|article|main|header|footer|aside|nav|address|center|details|summary|fieldset|legend|hgroup|"
    r"h1|h5|h6|dialog|menu|search)(?:\s[^>]*)?>"
)
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>")
_MARKUP = re.compile(r"<[^>]*>")
_MOST_ROUNDS = 6

_VALUES = {name: re.compile(pattern) for name, pattern in VALUES.items()}
# From the root of this site means there for browsers, too, which take no notice of tabs and line ends.
_ADDRESS = re.compile(r"(?:https?://[^/\\]|mailto:[^/]|#note-|/(?![\t\n\r]*[/\\]))", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_PRE_BREAKS = re.compile(r"<pre>\n+")
# What nh3 looks for anew, up to the end of the text, behind each one that it finds: entities, and what begins in UTF-8
# as a no-break space does. Comments part a text for it, and it leaves them out.
_MANY_MARKS = 2_000
_TEXT = re.compile(r"(<(?:[^<>\"]++|\"[^\"]*+\")*+>)|[^<]++")
_RUN_OF_MARKS = re.compile("(?:[&\x80-\xbf][^&\x80-\xbf]*+){200}(?=[&\x80-\xbf])")
# To be raised by hand when code changes what comes out and no table or pattern does: here, in `guard`, in `bleaching`.
_CODE = 3


def policy_version() -> str:
    """A hash over all that decides what the policy leaves of any HTML."""
    patterns = (_FOREIGN_BLOCK, _EMPTY_PARAGRAPH, _MARKUP, _ADDRESS, _CONTROL, _PRE_BREAKS, *PATTERNS)
    decides = (
        _CODE,
        sorted(TAGS),
        sorted(ATTRIBUTES.items()),
        sorted(SCHEMES),
        sorted(VALUES.items()),
        WITH_CONTENT,
        LINK_REL,
        _MOST_ROUNDS,
        BOUNDS,
        [(pattern.pattern, pattern.flags) for pattern in patterns],
        [importlib.metadata.version(name) for name in ("bleach", "nh3", "selectolax")],
    )
    return hashlib.sha256(repr(decides).encode()).hexdigest()[:16]


POLICY_VERSION = policy_version()


def _is_allowed(tag: str, name: str, value: str) -> bool:
    """Whether an element may have this attribute with this value."""
    if name not in ATTRIBUTES.get(tag, ()):
        return False
    if name in ("href", "src"):
        return _ADDRESS.match(value) is not None and not (name == "src" and value.startswith("#"))
    pattern = _VALUES.get(name)
    return pattern is None or pattern.fullmatch(value) is not None


_BLEACH = Cleaner(tags=TAGS, attributes=_is_allowed, protocols=SCHEMES, strip=True, strip_comments=True)
_NH3 = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    url_schemes=set(SCHEMES),
    link_rel=LINK_REL,
    strip_comments=True,
    clean_content_tags={"script", "style"},
)


def apply_policy(html: str) -> str:
    """bleach, then nh3, once: for HTML that `cleanup` has written, which nests as browsers do."""
    html = _BLEACH.clean(html)
    if html.count("&") + html.encode("utf-8", "replace").count(b"\xc2") > _MANY_MARKS:
        html = _TEXT.sub(_parted, html)
    return _PRE_BREAKS.sub("<pre>", _NH3.clean(html))


def _parted(match: re.Match[str]) -> str:
    """A tag as it is; a text with a comment after so many marks."""
    return match[1] or _RUN_OF_MARKS.sub(r"\g<0><!---->", match[0])


def sanitize(html: str) -> str:
    """Any HTML as the policy allows it, an editor's included. Doing it twice changes nothing."""
    for _ in range(_MOST_ROUNDS):
        clean = apply_policy(_disarmed(html))
        if clean == html:
            return clean
        html = clean
    return apply_policy(_MARKUP.sub(" ", html))


def mended(html: str) -> str | None:
    """What is to be stored in the place of this stored HTML; None when bleach and nh3 leave it as it is."""
    return None if apply_policy(html) == html else sanitize(html)


def mended_all(stored: list[str]) -> list[str | None]:
    """The same of many, for processes that are handed a share."""
    return [mended(html) for html in stored]


def _disarmed(html: str) -> str:
    """The HTML without elements whose content is no text, and with foreign blocks as paragraphs."""
    tree = LexborHTMLParser("<!doctype html><body>" + bounded(_CONTROL.sub("", html)))
    if tree.body is None:
        return ""
    for node in tree.body.css(WITH_CONTENT):
        node.decompose()
    text = without_comments(tree.body.inner_html or "")
    text = _FOREIGN_BLOCK.sub(r"<\1p>", text)
    while (shorter := _EMPTY_PARAGRAPH.sub("", text)) != text:
        text = shorter
    return text
