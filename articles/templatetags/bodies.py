"""Stored bodies made fit for reading: our own pictures, local copies behind links, cards, scrolling tables.

Stored html has passed bleach and nh3; what is added here is made of our own templates or set as attributes, so this is
the one place of the project that may call a text safe. No reader's browser is ever sent to a third party's picture.
"""

import dataclasses
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from django import template
from django.conf import settings
from django.db.models import Model
from django.http import Http404
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles.ingest.links import address_key
from articles.ingest.sanitize import sanitize
from articles.models import Article, ArticleImage, Image, kept_for
from articles.templatetags.footnotes import link_notes
from articles.templatetags.parting import address_in, parts_of, places_of
from articles.templatetags.passages import name_languages
from articles.templatetags.pictures import choice_of
from articles.templatetags.reading import CHINESE, host, language_of, web_address

register = template.Library()

PLAYERS = frozenset({"YouTube", "Vimeo", "SoundCloud", "BBC", "Kaltura"})
PLAYED = (".mp4", ".mp3", ".m4a", ".m3u8", ".webm", ".ogg", ".mov")
SPACES = re.compile(r"\s+")
CHARACTERS_A_MINUTE = 400  # ordinary paces for silent reading
WORDS_A_MINUTE = 230
LONG = 4  # minutes from which a text gets a table of its contents, if it has enough headings
HEADINGS = 3
LABEL = 80  # characters of a caption that name the table to those who cannot see it
DEEPEST = 3  # level of heading in such a table
WORDS = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+(?:['’-][^\W\d_]+)*|\d+")


@dataclasses.dataclass(frozen=True)
class Heading:
    """A heading of the text and where it is."""

    words: str
    place: str
    is_part: bool  # of the heading before it
    address: str = ""  # as a page of the text links to it


@dataclasses.dataclass(frozen=True)
class Reading:
    """A body for the page, or a part of it. `standfirst` is empty where the body itself begins with more of it."""

    html: SafeString
    standfirst: str
    minutes: int  # to read all of it at an ordinary pace
    contents: list["Heading"]  # of a long piece; else empty
    lead: ArticleImage | None  # a lead picture that the body does not show
    part: int = 1
    parts: range = range(1, 2)  # numbers of all parts

    @property
    def is_divided(self) -> bool:
        """Whether there is more than one part."""
        return len(self.parts) > 1

    @property
    def earlier(self) -> int:
        """The part before; 0 when this is the first."""
        return self.part - 1

    @property
    def later(self) -> int:
        """The part behind; 0 when this is the last."""
        return self.part + 1 if self.part + 1 in self.parts else 0


@dataclasses.dataclass(frozen=True)
class Made:
    """What is made of a body by parsing it, and kept."""

    parts: list[str]
    standfirst: str
    minutes: int
    contents: list["Heading"]
    shown: frozenset[int]  # numbers of the pictures in it


@register.simple_tag
def reading_of(
    article: Article, places: Iterable[ArticleImage], copies: Iterable[Article], part: int | None = None
) -> Reading:
    """`article` ready for reading; `places` are its pictures and the stills of its embeds, `copies` articles here that
    its text links to. `part`: the number of the part of a text that is too long for a page (see `parting`), or None
    for all of it. Raises Http404 for a part that the text has not.

    Asks nothing of the database beyond the two iterables. A body is parsed once for what is written here and in them.
    """
    places, copies, is_divided = list(places), list(copies), part is not None
    made = kept_for(_facts(article, places, copies, is_divided), lambda: _made(article, places, copies, is_divided))
    part = part or 1
    if part > len(made.parts):
        raise Http404
    lead = next((place for place in places if place.image_id == article.lead_image_id), None)
    if lead is None and article.lead_image:
        lead = ArticleImage(article=article, image=article.lead_image, credit=article.lead_image.credit)
    if lead and (not lead.image.is_stored or lead.image_id in made.shown):
        lead = None
    where = places_of(made.parts)
    contents = [dataclasses.replace(one, address=address_in(one.place, part, where)) for one in made.contents]
    standfirst, lead = (made.standfirst, lead) if part == 1 else ("", None)
    parts = range(1, len(made.parts) + 1)
    return Reading(_safe(made.parts[part - 1]), standfirst, made.minutes, contents, lead, part, parts)


def _facts(article: Article, places: list[ArticleImage], copies: list[Article], is_divided: bool) -> tuple:
    """All that `_made` looks at: the texts, every column of the pictures, addresses, the reader's language."""
    return (
        "reading",
        (article.body, article.standfirst, article.embeds, language_of(article), is_divided),
        [(_columns(place), _columns(place.image)) for place in places],
        [(copy.address_key, copy.get_absolute_url(), copy.title) for copy in copies],
        (settings.RENDITIONS_ON_DEMAND, settings.MEDIA_URL, get_language()),
    )


def _columns(row: Model) -> list:
    return [field.value_from_object(row) for field in row._meta.concrete_fields]


def _made(article: Article, places: list[ArticleImage], copies: list[Article], is_divided: bool) -> Made:
    tree = LexborHTMLParser(f"<!doctype html><body>{article.body}")
    body = tree.body
    standfirst = _standfirst(article.standfirst, body)
    _link(body, {copy.address_key: copy for copy in copies})
    shown = _picture(body, places) | _embed(body, article.embeds, places)  # whose pictures are none of the text's
    link_notes(tree)
    contents = _name_headings(tree)
    minutes = _minutes(body.text())
    _let_scroll(tree)
    name_languages(body, language_of(article))
    contents = contents if minutes >= LONG and len(contents) >= HEADINGS else []
    html = body.inner_html or ""
    parts = parts_of(html) if is_divided else [html]
    return Made(parts, standfirst, minutes, contents, frozenset(shown))


@register.filter
def as_it_came(html: str) -> SafeString:
    """Any HTML made harmless by the policy, for an editor's eye; pictures are named, never fetched."""
    tree = LexborHTMLParser(f"<!doctype html><body>{sanitize(html)}")
    for picture in tree.css("img"):
        picture.replace_with(f"[{picture.attributes.get('src') or ''}]")
    return _safe(tree.body.inner_html or "")


def _safe(html: str) -> SafeString:
    """HTML that has passed the policy, and what was added to it here."""
    return mark_safe(html)  # noqa: S308


def _plain(text: str) -> str:
    return SPACES.sub("", text)


def _standfirst(standfirst: str, body: LexborNode) -> str:
    """Take the paragraph that only repeats the standfirst out of the body; return what stands above the body."""
    first = next((node for node in body.iter() if node.tag != "figure" and _plain(node.text())), None)
    if not standfirst or first is None:
        return standfirst
    opening, wanted = _plain(first.text()), _plain(standfirst)
    if opening == wanted:
        first.decompose()
    elif opening.startswith(wanted.rstrip("…")):
        return ""
    return standfirst


def _link(body: LexborNode, copies: dict[str, Article]) -> None:
    """Links open the local copy where there is one; others tell the other site nothing."""
    for link in body.css("a[href]"):
        address = link.attrs["href"]
        if not web_address(address):
            continue
        copy = copies.get(address_key(address))
        if copy:
            link.attrs["href"] = copy.get_absolute_url()
            link.attrs["class"] = "local"
            link.attrs["title"] = copy.title
            if "rel" in link.attributes:
                del link.attrs["rel"]
        else:
            link.attrs["rel"] = "noopener noreferrer"


def _fragment(name: str, context: dict) -> LexborNode:
    """The one element that a template of ours makes."""
    return LexborHTMLParser(f"<!doctype html><body>{render_to_string(name, context).strip()}").body.first_child


def _embed(body: LexborNode, embeds: list[dict], places: list[ArticleImage]) -> set[int]:
    """Lone links to what another site plays become cards; embeds that the text does not link to follow at its end.

    Returns the numbers of the still pictures on them.
    """
    waiting = {embed["url"]: embed for embed in embeds if web_address(embed["url"])}
    stills = {place.image.origin_url: place.image for place in places if place.image.is_stored}
    shown = set()

    def card(embed: dict, words: str) -> LexborNode:
        still = stills.get(embed.get("poster", ""))
        if still:
            shown.add(still.pk)
        return _card(embed, words, still)

    for link in sorted(body.css("a[href]"), key=lambda link: link.parent.tag != "figure"):  # where the player stood
        embed = waiting.get(link.attrs["href"])
        block = link.parent
        if not embed or block.tag not in ("p", "figure"):
            continue
        caption = block.css_first("figcaption")
        words = caption.text().strip() if caption else ""
        if _plain(block.text()) == _plain(link.text() + words):
            del waiting[embed["url"]]
            block.replace_with(card(embed, words or link.text().strip()))
    linked = {link.attrs["href"] for link in body.css("a[href]")}
    for embed in waiting.values():
        if embed["url"] not in linked:
            body.insert_child(card(embed, ""))
    return shown


def _card(embed: dict, words: str, still: Image | None) -> LexborNode:
    provider = embed.get("provider") or host(embed["url"])
    title = embed.get("title") or ("" if words in (embed["url"], provider, host(embed["url"])) else words)
    choice = choice_of(still, "still") if still else None
    last = urlsplit(embed["url"]).path.rsplit("/", 1)[-1]
    context = {"url": embed["url"], "title": title, "provider": provider, "choice": choice, "alt": ""}
    context["plays"] = provider in PLAYERS or bool(still) or last.endswith(PLAYED)
    context["place"] = "" if title or provider in PLAYERS else unquote(last)
    return _fragment("articles/_embed.html", context)


def _picture(body: LexborNode, places: list[ArticleImage]) -> set[int]:
    """Show our own copies, and honest placeholders for the rest; return the numbers of the pictures in the body."""
    known = {place.image.origin_url: place for place in places}
    known |= {place.image.file.url: place for place in places if place.image.is_stored}
    shown = set()
    for number, picture in enumerate(body.css("img")):
        place = known.get(picture.attrs.get("src", ""))
        if place:
            shown.add(place.image_id)
        if place and place.image.is_stored:
            _add_words(_show(picture, place, is_first=number == 0), place)
        else:
            may_tell = not (place and place.image.is_taken_down)
            context = {
                "image": place and place.image,
                "alt": (picture.attrs.get("alt") or "") if may_tell else "",
                "origin": web_address(picture.attrs.get("src") or "") if may_tell else "",
            }
            picture.replace_with(_fragment("articles/_missing_picture.html", context))
    return shown


def _show(picture: LexborNode, place: ArticleImage, *, is_first: bool) -> LexborNode:
    """Put our own copy in the picture's place, at the sizes and in the formats there are."""
    image = place.image
    context = {
        "choice": choice_of(image, "story"),
        "alt": "" if image.decorative else picture.attrs.get("alt") or image.alt,
        "eager": is_first,
    }
    figure = picture.parent
    picture.replace_with(_fragment("articles/_picture.html", context))
    return figure


def _add_words(figure: LexborNode, place: ArticleImage) -> None:
    """Caption and credit from the library where the text has none under the picture."""
    credit = place.credit or place.image.credit
    if figure.tag != "figure" or not (place.caption or credit):
        return
    caption = figure.css_first("figcaption")
    if caption is None:
        figure.insert_child(_fragment("articles/_caption.html", {"caption": place.caption, "credit": credit}))
    elif not caption.css_first("cite") and _plain(credit) not in _plain(caption.text()):
        cite = LexborHTMLParser("<cite></cite>").css_first("cite")
        cite.insert_child(credit)
        caption.insert_child(" ")
        caption.insert_child(cite)


def _minutes(text: str) -> int:
    """Minutes to read a text: Chinese by its characters, everything else by its words; one at least."""
    characters = len(CHINESE.findall(text))
    words = len(WORDS.findall(text))
    return max(1, round(characters / CHARACTERS_A_MINUTE + words / WORDS_A_MINUTE))


def _at_level(tree: LexborHTMLParser, heading: LexborNode, level: int) -> LexborNode:
    """The same heading at another level; returns it where it stands now."""
    raised = tree.create_node(f"h{level}")
    heading.insert_before(raised)
    raised = heading.prev
    for child in heading.iter(include_text=True):
        raised.insert_child(child)
    heading.decompose()
    return raised


def _name_headings(tree: LexborHTMLParser) -> list[Heading]:
    """Headings can be linked to, and no level is skipped on the way down; returns those of the two upper levels."""
    headings, above = [], 1
    for number, given in enumerate(tree.body.css("h2, h3, h4"), start=1):
        level, given_place = int(given.tag[1]), given.attributes.get("id")
        above = min(level, above + 1)
        heading = given if above == level else _at_level(tree, given, above)
        place = given_place or f"section-{number}"
        heading.attrs["id"] = place
        words = " ".join(heading.text().split())
        if words and above <= DEEPEST:
            headings.append(Heading(words, place, is_part=above == DEEPEST))
    return headings


def _let_scroll(tree: LexborHTMLParser) -> None:
    """What is too wide scrolls by itself, by keyboard too, and never the page."""
    for block in tree.body.css("pre"):
        block.attrs["tabindex"] = "0"
    tables = tree.body.css("body > table, figure > table, blockquote > table")
    for number, table in enumerate(tables, start=1):
        caption = table.css_first("caption")
        words = " ".join(caption.text().split())[:LABEL] if caption else ""
        name = gettext("Table") if len(tables) == 1 else f"{gettext('Table')} {number}"
        frame = tree.create_node("div")
        frame.attrs["class"] = "scroll"
        frame.attrs["tabindex"] = "0"
        frame.attrs["role"] = "region"
        frame.attrs["aria-label"] = f"{name}: {words}" if words else name
        table.insert_before(frame)
        table.prev.insert_child(table)
        table.decompose()
