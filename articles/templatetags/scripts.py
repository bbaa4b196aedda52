"""The same page in the other script: the switch that readers see, and what search engines are told."""

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path
from django.utils.html import format_html, format_html_join

register = template.Library()

LANGUAGES = (("zh-Hans", "/zh-hans"), ("zh-Hant", "/zh-hant"))


@register.inclusion_tag("articles/_scripts.html", takes_context=True)
def script_switch(context) -> dict:
    """Links to this very page, its place in a list and its search included; empty where there is no request."""
    request: HttpRequest | None = context.get("request")
    path = escape_uri_path(getattr(request, "base_path", "/"))
    query = request.META.get("QUERY_STRING", "") if request else ""
    rest = path + (f"?{query}" if query else "")
    hans, hant = (f"{prefix}{rest}" for _, prefix in LANGUAGES)
    return {"written": rest, "hans": hans, "hant": hant, "script": getattr(request, "reading_script", "")}


@register.simple_tag(takes_context=True)
def script_alternates(context) -> str:
    """Links in the head: this page in both scripts, and as it was written for everybody else."""
    request: HttpRequest | None = context.get("request")
    if request is None or not request.resolver_match:
        return ""
    path = escape_uri_path(getattr(request, "base_path", request.path))
    rows = [(language, settings.SITE_URL + prefix + path) for language, prefix in LANGUAGES]
    rows.append(("x-default", settings.SITE_URL + path))
    return format_html("{}", format_html_join("\n  ", '<link rel="alternate" hreflang="{}" href="{}">', rows))
