"""Feeds of the newest articles: Atom, RSS and JSON, of the site, a source, a topic, a search; with their full text.

What enters a feed and when is `latest_entered_first`: the moment from which readers here could see an article. What an
entry is dated by is its source's date. So an import of an archive changes no feed but by what is news.
"""

import dataclasses
import datetime
import json
import re
from collections.abc import Callable

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import feedgenerator, translation
from django.utils.encoding import escape_uri_path
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles import images, search
from articles.exporting import instant
from articles.ingest.text import one_line
from articles.models import (
    Article,
    ArticleImage,
    Image,
    Note,
    Source,
    Tag,
    TagAlias,
    TaggedArticle,
    changed_at,
    kept_for,
    notes_of,
    with_notes,
)
from articles.models.article import ArticleQuerySet

LENGTH = 30
SEARCHED = 300  # newest matches that a feed of a search looks at, however many there are
LONGEST_QUERY = 1000
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
NOT_READ = ("text", "title_raw", "removed", "links", "warnings")
MEDIA_NAMESPACE = "http://search.yahoo.com/mrss/"
CONTENT_NAMESPACE = "http://purl.org/rss/1.0/modules/content/"


class Moved(Exception):
    """A feed that has another address now; the message is the slug there."""


@dataclasses.dataclass(frozen=True)
class Shelf:
    """What a feed is of: its name, the page that shows the same, and its articles in any order."""

    title: str
    page: str
    articles: ArticleQuerySet
    language: str | None = None
    is_told: bool = True  # whether hubs are told of its changes: nobody knows which searches are subscribed to


def of_site(request: HttpRequest) -> Shelf:
    """Everything."""
    return Shelf(settings.SITE_NAME, reverse("front"), Article.objects.published())


def of_source(request: HttpRequest, slug: str) -> Shelf:
    """Articles of one source."""
    source = get_object_or_404(Source, slug=slug)
    articles = Article.objects.published().filter(source=source)
    return Shelf(f"{source.name} · {settings.SITE_NAME}", source.get_absolute_url(), articles, source.language)


def of_tag(request: HttpRequest, slug: str) -> Shelf:
    """Articles of one topic; raises Moved for the slug of an alias."""
    tag = Tag.objects.with_commonness().filter(slug=slug).first()
    if not tag:
        alias = TagAlias.objects.filter(slug=slug).select_related("tag").first()
        if not alias:
            raise Http404
        raise Moved(alias.tag.slug)
    articles = Article.objects.published().of_topic(tag)
    return Shelf(f"{tag.name} · {settings.SITE_NAME}", tag.get_absolute_url(), articles)


def of_search(request: HttpRequest) -> Shelf:
    """What a search finds, of its newest matches by their source's date; the same parameters as the search page."""
    asked = {name: request.GET.get(name, "")[:LONGEST_QUERY] for name in ("q", "source", "tag", "from", "to")}
    narrowed = {"source": asked["source"], "tag": asked["tag"], "first": asked["from"], "last": asked["to"]}
    known = request.validators
    query = search.query_of(asked["q"], synonyms=known.synonyms, edition=known.edition, **narrowed)
    if query.is_empty:
        raise Http404
    newest = search.matching(Article.objects.published(), query).order_by("-entry__id").values("pk")[:SEARCHED]
    page = f"{reverse('search')}?{urlencode({name: value for name, value in asked.items() if value})}"
    title = one_line(asked["q"] or asked["tag"] or asked["source"])  # XML has no control characters
    articles = Article.objects.published().filter(pk__in=newest)
    return Shelf(f"{title} · {settings.SITE_NAME}", page, articles, is_told=False)


def absolute(address: str) -> str:
    """An address of this site as the whole world writes it; addresses of other sites stay."""
    return settings.SITE_URL + address if address.startswith("/") else address


def entry_id(article: Article) -> str:
    """The article's name for good (RFC 4151): neither its slug nor the scheme of the site is in it."""
    authority = settings.SITE_URL.split("://", 1)[1].split("/", 1)[0].split(":", 1)[0]
    return f"tag:{authority},{article.created_at:%Y-%m-%d}:article/{article.pk}"


def full_text(article: Article) -> str:
    """Body for reading elsewhere: notes, standfirst, our own copies of pictures, whole addresses; asks no database
    beyond `article.places`. Pictures that we have no copy of leave their captions.

    A body is parsed once for what is written in it, around it and in the rows of its pictures.
    """
    pictures = [place.image for place in article.places] + ([article.lead_image] if article.lead_image else [])
    facts = (
        "full text",
        (article.body, article.standfirst, article.embeds, article.get_absolute_url()),
        [[field.value_from_object(image) for field in image._meta.concrete_fields] for image in pictures],
        [(note.name, note.text, note.made_at) for note in notes_of(article)],
        (settings.SITE_URL, settings.MEDIA_URL, settings.RENDITIONS_ON_DEMAND),
    )
    return kept_for(facts, lambda: _made_text(article))


def _made_text(article: Article) -> str:
    tree = LexborHTMLParser(f"<!doctype html><body>{article.body}")
    stored = {place.image.origin_url: place.image for place in article.places if place.image.is_stored}
    stored |= {image.file.url: image for image in list(stored.values())}
    shown = {_show(picture, stored) for picture in tree.body.css("img")}
    for link in tree.body.css("a[href^='#']"):
        link.attrs["href"] = absolute(article.get_absolute_url()) + link.attrs["href"]
    addresses = {link.attrs["href"] for link in tree.body.css("a[href]")}
    parts = [_note(note) for note in notes_of(article)]
    if article.lead_image and article.lead_image.is_stored and article.lead_image_id not in shown:
        image = images.shown(article.lead_image)
        size = format_html(' width="{}" height="{}"', image.width, image.height) if image.width and image.height else ""
        words = "" if article.lead_image.decorative else article.lead_image.alt
        parts.append(format_html('<figure><img src="{}" alt="{}"{}></figure>', absolute(image.url), words, size))
    if article.standfirst and article.standfirst not in tree.body.text():
        parts.append(format_html("<p><strong>{}</strong></p>", article.standfirst))
    parts.append(tree.body.inner_html)
    for embed in article.embeds:
        if embed["url"] not in addresses and embed["url"].startswith(("http://", "https://")):
            words = embed.get("title") or embed.get("provider") or embed["url"]
            parts.append(format_html('<p><a href="{}">{}</a></p>', embed["url"], words))
    return "".join(parts)


def _show(picture: LexborNode, stored: dict[str, Image]) -> int | None:
    image = stored.get(picture.attributes.get("src") or "")
    if image is None:
        picture.decompose()
        return None
    file = images.shown(image)
    picture.attrs["src"] = absolute(file.url)
    picture.attrs["alt"] = "" if image.decorative else picture.attributes.get("alt") or image.alt
    if file.width and file.height:
        picture.attrs["width"], picture.attrs["height"] = str(file.width), str(file.height)
    return image.pk


def _note(note: Note) -> str:
    """A note to readers as the beginning of a text, with its day."""
    day = note.made_at.astimezone(datetime.UTC).date().isoformat()
    return format_html('<p><strong>{}</strong> (<time datetime="{}">{}</time>): {}</p>', note.name, day, day, note.text)


def _write_picture(handler, picture: images.Shown | None) -> None:
    """Media RSS, which readers of both Atom and RSS understand; an enclosure would be a download."""
    if picture is None:
        return
    facts = {"url": absolute(picture.url), "type": picture.kind, "medium": "image"}
    if picture.width and picture.height:
        facts |= {"width": str(picture.width), "height": str(picture.height)}
    handler.addQuickElement("media:content", "", facts)


class AtomWithText(feedgenerator.Atom1Feed):
    """Atom with the full text, the original's address, the hubs."""

    def root_attributes(self) -> dict[str, str]:
        """The stock name space and that of pictures."""
        return {**super().root_attributes(), "xmlns:media": MEDIA_NAMESPACE}

    def add_root_elements(self, handler) -> None:
        """The stock elements, then the hubs."""
        super().add_root_elements(handler)
        for hub in self.feed["hubs"]:
            handler.addQuickElement("link", "", {"href": hub, "rel": "hub"})

    def add_item_elements(self, handler, item) -> None:
        """The stock elements, then `content` and `link rel=via`."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["text"], {"type": "html", "xml:lang": item["language"]})
        if item["original"]:
            handler.addQuickElement("link", "", {"rel": "via", "href": item["original"]})
        _write_picture(handler, item["picture"])


class RssWithText(feedgenerator.Rss201rev2Feed):
    """RSS with the full text."""

    def rss_attributes(self) -> dict[str, str]:
        """The stock name spaces and those of `content:encoded` and of pictures."""
        return {**super().rss_attributes(), "xmlns:content": CONTENT_NAMESPACE, "xmlns:media": MEDIA_NAMESPACE}

    def add_root_elements(self, handler) -> None:
        """The stock elements, then the hubs."""
        super().add_root_elements(handler)
        for hub in self.feed["hubs"]:
            handler.addQuickElement("atom:link", "", {"href": hub, "rel": "hub"})

    def add_item_elements(self, handler, item) -> None:
        """The stock elements, then the text."""
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["text"])
        _write_picture(handler, item["picture"])


class JsonWithText(feedgenerator.SyndicationFeed):
    """JSON Feed 1.1."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile, encoding: str) -> None:
        """Write the whole feed."""
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "hubs": [{"type": "WebSub", "url": hub} for hub in self.feed["hubs"]] or None,
            "items": [self._item(item) for item in self.items],
        }
        content = {name: value for name, value in feed.items() if value not in (None, "")}
        outfile.write(json.dumps(content, ensure_ascii=False).encode(encoding))

    def _item(self, item: dict) -> dict:
        facts = {
            "id": item["unique_id"],
            "url": item["link"],
            "external_url": item["original"],
            "title": item["title"],
            "content_html": item["text"],
            "summary": item["description"],
            "image": item["picture"] and absolute(item["picture"].url),
            "date_published": instant(item["pubdate"]),
            "date_modified": instant(item["updateddate"]),
            "authors": [{"name": item["author_name"]}],
            "tags": list(item["categories"]),
            "language": item["language"],
        }
        return {name: value for name, value in facts.items() if value not in (None, "", [])}


KINDS = (("feed.xml", AtomWithText), ("rss.xml", RssWithText), ("feed.json", JsonWithText))


def feed_of(shelf: Shelf, kind: type[feedgenerator.SyndicationFeed], address: str) -> feedgenerator.SyndicationFeed:
    """The feed of a shelf at its own `address`; three queries."""
    feed = kind(
        title=shelf.title,
        link=absolute(shelf.page),
        description=gettext("News in Chinese and English, each with its source."),
        language=shelf.language,
        feed_url=absolute(address),
        hubs=settings.WEBSUB_HUBS if shelf.is_told else [],
    )
    whole = (
        with_notes(shelf.articles)
        .select_related("source", "lead_image")
        .prefetch_related(
            Prefetch("article_images", ArticleImage.objects.select_related("image"), to_attr="places"),
            Prefetch("tagged", TaggedArticle.objects.select_related("tag").order_by("id"), to_attr="uses"),
        )
    )
    for article in whole.defer(*NOT_READ).latest_entered_first()[:LENGTH]:
        _add(feed, article)
    return feed


def _writable(text: str) -> str:
    """`text` without the characters that XML has no way to write (an editor may have pasted one)."""
    return CONTROLS.sub("", text)


def _add(feed: feedgenerator.SyndicationFeed, article: Article) -> None:
    lead = article.lead_image
    feed.add_item(
        title=_writable(article.title),
        link=absolute(article.get_absolute_url()),
        description=_writable(article.standfirst or article.excerpt),
        unique_id=entry_id(article),
        unique_id_is_permalink=False,
        author_name=_writable(article.byline or article.source.name),
        pubdate=article.published_at,
        updateddate=changed_at(article) or article.published_at or article.created_at,
        categories=[use.tag.name for use in article.uses],
        text=_writable(full_text(article)) or format_html("<p>{}</p>", _writable(article.title)),
        language=article.language or article.source.language,
        original=article.source_url if article.source_url.startswith(("http://", "https://")) else "",
        picture=images.shown(lead) if lead and lead.is_stored else None,
    )


@require_safe
def feed(request: HttpRequest, shelf_of: Callable[..., Shelf], kind: type, **parts) -> HttpResponse:
    """A feed; `shelf_of` finds what it is of from the request and the parts of its address."""
    with translation.override(settings.LANGUAGE_CODE):
        try:
            shelf = shelf_of(request, **parts)
        except Moved as moved:
            return HttpResponsePermanentRedirect(reverse(request.resolver_match.url_name, args=[str(moved)]))
        made = feed_of(shelf, kind, escape_uri_path(request.path) if shelf.is_told else request.get_full_path())
        response = HttpResponse(content_type=made.content_type)
        made.write(response, "utf-8")
    if made.feed["hubs"]:
        links = [*((hub, "hub") for hub in made.feed["hubs"]), (made.feed["feed_url"], "self")]
        response["Link"] = ", ".join(f'<{address}>; rel="{relation}"' for address, relation in links)
    return response


def addresses_of(prefix: str, name: str, shelf_of: Callable[..., Shelf]) -> list[URLPattern]:
    """Addresses of the three feeds of a kind of shelf, for urls.py; `name` begins their names."""
    return [
        path(prefix + file, feed, {"shelf_of": shelf_of, "kind": kind}, name=f"{name}_{file.replace('.', '_')}")
        for file, kind in KINDS
    ]
