"""The same page in the other script: the switch that readers see, and what search engines are told."""

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode

from articles.models import Article, Source
from articles.templatetags.reading import language_of, web_address

register = template.Library()

PLACES = ("before", "letter", "page", "part")  # what addresses of pages of lists and of long texts say
LANGUAGES = (("zh-Hans", "/zh-hans"), ("zh-Hant", "/zh-hant"))


@register.inclusion_tag("articles/_scripts.html", takes_context=True)
def script_switch(context) -> dict:
    """Links to this very page, its place in a list and its search included; empty where there is no request."""
    request: HttpRequest | None = context.get("request")
    path = escape_uri_path(getattr(request, "base_path", "/"))
    query = request.GET.urlencode() if request else ""
    rest = path + (f"?{query}" if query else "")
    hans, hant = (f"{prefix}{rest}" for _, prefix in LANGUAGES)
    is_error = request is not None and not request.resolver_match
    return {
        "is_offered": is_error or getattr(request, "has_scripts", False),
        "written": rest,
        "hans": hans,
        "hant": hant,
        "script": getattr(request, "reading_script", ""),
    }


@register.simple_tag(takes_context=True)
def script_alternates(context) -> str:
    """Links in the head: this page in both scripts, and as it was written for everybody else.

    An article is in one of them as it was written, or in none when it is not Chinese; then there is nothing to choose.
    There is none either where an article shall be found elsewhere, or not at all.
    """
    request: HttpRequest | None = context.get("request")
    if not getattr(request, "has_scripts", False):
        return ""
    path = settings.SITE_URL + "{}" + escape_uri_path(request.base_path) + _place_in_list(request)
    article = context["article"] if request.resolver_match.url_name == "article" else None
    own = language_of(article) if article else "zh"
    if not own.startswith("zh") or (article and article.source.indexing != Source.Indexing.OWN):
        return ""
    rows = [(language, path.format("" if language == own else prefix)) for language, prefix in LANGUAGES]
    rows.append(("x-default", path.format("")))
    return format_html("{}", format_html_join("\n  ", '<link rel="alternate" hreflang="{}" href="{}">', rows))


def _place_in_list(request: HttpRequest) -> str:
    """The part of the address that makes a page of a list one of its own."""
    given = [(name, request.GET.get(name, "")) for name in PLACES]
    told = urlencode([(name, value) for name, value in given if value and (name, value) != ("page", "1")])
    return f"?{told}" if told else ""


@register.simple_tag(takes_context=True)
def for_programs(context, name: str, *parts: object) -> str:
    """The address of what is the same in both scripts, such as a record: without the prefix of the reader's."""
    reading = getattr(context.get("request"), "reading_script", "")
    return _without(reading, reverse(name, args=parts))


@register.simple_tag(takes_context=True)
def address_of(context, article: Article) -> str:
    """The address of an article that stands for this page: without a script's prefix where that changes nothing."""
    return standing_address(context, article, article.get_absolute_url())


def standing_address(context, article: Article, path: str) -> str:
    """`path`, of an article's page or of what leads to it, in the script in which the article's own page stands."""
    reading = getattr(context.get("request"), "reading_script", "")
    own = language_of(article)
    changes_nothing = own == f"zh-{reading.title()}" or not own.startswith("zh")
    return settings.SITE_URL + (_without(reading, path) if changes_nothing else path)


def _without(reading: str, path: str) -> str:
    return path.replace(f"/zh-{reading}/", "/", 1) if reading else path


@register.simple_tag(takes_context=True)
def canonical_of(context, article: Article) -> str:
    """The address of an article, or of this part of it, that search engines shall keep, by its source's word."""
    original = web_address(article.source_url)
    if article.source.indexing == Source.Indexing.SOURCE and original:
        return original
    part = context.get("part") or 1
    return address_of(context, article) + (f"?part={part}" if part > 1 else "")
