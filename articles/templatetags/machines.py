"""What pages tell machines in their heads: link previews, structured data, which address is the one to keep."""

import datetime
import json
import zoneinfo

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from articles import images
from articles.models import Article, Correction, Image, Source, Tag, changed_at, notes_of
from articles.templatetags.reading import language_of, web_address
from articles.templatetags.scripts import address_of, standing_address

register = template.Library()

HEADLINE = 110  # characters that structured data allows
LOCALES = {"zh-Hans": "zh_CN", "zh-Hant": "zh_TW", "zh": "zh_CN"}
# Inside a script element only these could end it; JSON may write every character as its number.
IN_SCRIPTS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.filter
def is_kept_out(article: Article) -> bool:
    """Whether search engines shall not show the article."""
    return article.source.indexing == Source.Indexing.NOINDEX


@register.filter
def absolute(address: str) -> str:
    """An address of this site as the whole world writes it; addresses of other sites stay."""
    return settings.SITE_URL + address if address.startswith("/") else address


@register.filter
def locale_of(article: Article) -> str:
    """Language as link previews write it: zh_TW, zh_CN, en_US; empty when unknown."""
    language = language_of(article)
    return LOCALES.get(language) or {"en": "en_US"}.get(language[:2], "")


@register.simple_tag
def own_profiles() -> list[str]:
    """Addresses elsewhere that are this newsroom too (rel=me)."""
    return settings.REL_ME


@register.filter
def moment_of(article: Article) -> str:
    """When the source published an article, with its zone and as exactly as it is known; empty when it is not."""
    if not article.published_at:
        return ""
    if article.published_precision == Article.Precision.DAY:
        return (article.published_on or article.published_at.date()).isoformat()
    return article.published_at.astimezone(zoneinfo.ZoneInfo(article.source.timezone)).isoformat(timespec="seconds")


@register.simple_tag(takes_context=True)
def article_data(context, article: Article, tags: list[Tag]) -> str:
    """Structured data of an article page: the article, told on the first page of it, and the way to it; asks no
    database. Addresses are those of the page that stands for this one, as its canonical link says.
    """
    page = address_of(context, article)
    ways = (reverse("front"), article.source.get_absolute_url())
    front, source = (standing_address(context, article, way) for way in ways)
    crumbs = _crumbs([(settings.SITE_NAME, front), (article.source.name, source), (article.title, page)])
    return _written([crumbs] if (context.get("part") or 1) > 1 else [_article(article, tags, page), crumbs])


@register.simple_tag
def list_data(name: str, *steps: str) -> str:
    """Structured data of a list: the way to it. `steps` are pairs of a name and an address, from the front page on."""
    pairs = list(zip(steps[::2], steps[1::2], strict=True))
    return _written([_crumbs([(settings.SITE_NAME, reverse("front")), *pairs, (name, "")])])


@register.simple_tag
def site_data() -> str:
    """Structured data of the front page: the site and who keeps it."""
    site = {"@context": "https://schema.org", "@type": "WebSite", "name": settings.SITE_NAME, "url": absolute("/")}
    return _written([site, {"@context": "https://schema.org", **_newsroom()}])


def _newsroom() -> dict:
    known = {"@type": "NewsMediaOrganization", "name": settings.SITE_NAME, "url": absolute("/")}
    logo = {"@type": "ImageObject", "url": absolute(static("articles/icon-512.png")), "width": 512, "height": 512}
    return {**known, "logo": logo, **({"sameAs": settings.REL_ME} if settings.REL_ME else {})}


def _publisher(source: Source) -> dict:
    home = web_address(source.home_url)
    return {"@type": "NewsMediaOrganization", "name": source.name, **({"url": home} if home else {})}


def _article(article: Article, tags: list[Tag], page: str) -> dict:
    original = web_address(article.source_url)
    source = _publisher(article.source)
    image = article.lead_image
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": page,
        "mainEntityOfPage": page,
        "url": page,
        "headline": article.title[:HEADLINE],
        "description": article.standfirst or article.excerpt,
        "inLanguage": language_of(article),
        "datePublished": moment_of(article),
        "dateModified": _changed(article),
        "author": {"@type": "Person", "name": article.byline} if article.byline else source,
        "sourceOrganization": source,
        "publisher": _newsroom(),
        "isBasedOn": original,
        "image": _pictures(image) if image and image.is_stored else [],
        "correction": _corrections(article),
        "keywords": [tag.name for tag in tags],
        "copyrightNotice": article.copyright or article.source.copyright,
        "isAccessibleForFree": True,
    }
    return {name: fact for name, fact in facts.items() if fact not in ("", [], None)}


def _changed(article: Article) -> str:
    changed = changed_at(article)
    return changed.astimezone(datetime.UTC).isoformat(timespec="seconds") if changed else moment_of(article)


def _corrections(article: Article) -> list[dict]:
    """What was wrong or misleading; an update is neither, it only moves the date of change."""
    return [
        {
            "@type": "CorrectionComment",
            "text": note.text,
            "datePublished": note.made_at.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        }
        for note in notes_of(article)
        if note.kind != Correction.Kind.UPDATE
    ]


def _pictures(image: Image) -> list[dict]:
    """The picture in each of the proportions that search engines ask for."""
    credit = {"creditText": image.credit} if image.credit else {}
    return [
        {
            "@type": "ImageObject",
            "url": absolute(file.url),
            **({"width": file.width, "height": file.height} if file.width and file.height else {}),
            **credit,
        }
        for file in images.shared(image)
    ]


@register.simple_tag
def preview_picture(image: Image | None) -> images.Shown | None:
    """The one picture of a link preview: the widest of those in fixed proportions; None without a stored picture."""
    return images.shared(image)[0] if image and image.is_stored else None


def _crumbs(crumbs: list[tuple[str, str]]) -> dict:
    items = [
        {"@type": "ListItem", "position": position, "name": name, **({"item": absolute(address)} if address else {})}
        for position, (name, address) in enumerate(crumbs, start=1)
    ]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}


def _written(data: list[dict]) -> str:
    """JSON that cannot end the script element it stands in, so that a template may write it as it is."""
    return json.dumps(data, ensure_ascii=False).translate(IN_SCRIPTS)
