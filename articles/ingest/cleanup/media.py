"""Pictures and players: which address of the many an element offers, and which of them are no pictures at all."""

import html
import re

from articles.ingest import links
from articles.ingest.cleanup.blocks import Block
from articles.ingest.cleanup.tree import STILL_OF
from articles.ingest.rules import addresses, pictures
from articles.ingest.text import one_line

_ORNAMENT_ALT = re.compile(pictures.ORNAMENT_ALT, re.IGNORECASE)
_ORNAMENT_ADDRESS = re.compile(pictures.ORNAMENT_ADDRESS, re.IGNORECASE)
_EMPTY_ALT = re.compile(pictures.EMPTY_ALT, re.IGNORECASE)
_SIGN_ADDRESS = re.compile(pictures.SIGN_ADDRESS, re.IGNORECASE)
_CREDIT_IN_ALT = re.compile(r"\s*[（(]Credit: [^（()）]{1,80}[）)]$")
_SIGN_ALT = re.compile(pictures.SIGN_ALT)
_NO_TITLES = re.compile(addresses.NO_TITLES, re.IGNORECASE)
_STILLS = tuple((re.compile(pattern), still) for pattern, still in addresses.STILLS)
_MARKUP = re.compile(r"</?(?:br|p|a|b|i|em|strong|span|div)\b[^<>]*>", re.IGNORECASE)  # written into a text
_LONGEST_ALT = 4000  # characters, as they are written
_PIXELS = re.compile(r"\s*(\d{1,5})(?:px)?\s*")


def picture_of(values: dict[str, str], fallback: str, base: str) -> Block | None:
    """The figure of an img element's attributes, or None when it shows nothing; `fallback` is a source's address."""
    src, proxy = _address(values, fallback, base)
    alt = one_line(_MARKUP.sub(" ", values.get("alt", "")))
    if len(html.escape(alt)) > _LONGEST_ALT:  # or the tag would be longer than the guard lets through
        alt = alt[: _LONGEST_ALT // 6]
    width, height = _pixels(values.get("width", "")), _pixels(values.get("height", ""))
    if not src or _is_ornament(src, alt, width, height):
        return None
    if _EMPTY_ALT.fullmatch(alt):
        alt = ""
    alt = _CREDIT_IN_ALT.sub("", alt)
    return Block("figure", src=src, proxy=proxy, alt=alt, width=width, height=height)


def sign_of(values: dict[str, str]) -> str:
    """The text that a smiley's picture stands for, or ""."""
    alt = one_line(values.get("alt", ""))
    return alt if _SIGN_ADDRESS.search(values.get("src", "")) or _SIGN_ALT.fullmatch(alt) else ""


def player_of(values: dict[str, str], base: str) -> Block | None:
    """The card of a frame, a video or a sound, or None when nothing can be opened."""
    url, provider = links.player_page(values.get("src") or values.get("data-src") or "", base)
    if not url:
        return None
    poster = links.clean_picture(values.get("poster") or values.get(STILL_OF) or "", base)[0] or _still_of(url)
    title = one_line(values.get("title", ""))
    return Block(
        "figure", card=url, provider=provider, title="" if _NO_TITLES.fullmatch(title) else title, poster=poster
    )


def _still_of(url: str) -> str:
    """The address of the picture that a provider keeps of what it plays, or ""; nothing is asked for it here."""
    for pattern, still in _STILLS:
        match = pattern.fullmatch(url)
        if match:
            return match.expand(still)
    return ""


def _address(values: dict[str, str], fallback: str, base: str) -> tuple[str, str]:
    """(origin, proxy) of the best address that the element gives: lazy ones before its own, sets last."""
    candidates = [values[name] for name in pictures.LAZY_SOURCES if values.get(name)]
    candidates.append(values.get("src", ""))
    candidates += [last_of_set(values[name]) for name in pictures.LAZY_SETS if values.get(name)]
    for candidate in [*candidates, fallback]:
        src, proxy = links.clean_picture(candidate, base)
        if src:
            return src, proxy
    return "", ""


def _is_ornament(src: str, alt: str, width: int | None, height: int | None) -> bool:
    small = any(side is not None and side <= pictures.ORNAMENT_PIXELS for side in (width, height))
    return small or bool(_ORNAMENT_ADDRESS.search(src) or (alt and _ORNAMENT_ALT.search(alt)))


def _pixels(value: str) -> int | None:
    match = _PIXELS.fullmatch(value)
    return int(match[1]) if match else None


def last_of_set(candidates: str) -> str:
    """The address of the last candidate of a srcset, which is the largest by custom."""
    last = candidates.rstrip(" ,").rpartition(", ")[2].split()
    return last[0] if last else ""
