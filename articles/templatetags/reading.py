"""Small words of the templates: names, dates and languages as a reader should see them."""

import datetime
import re
import zoneinfo
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.formats import date_format
from django.utils.translation import pgettext

from articles.ingest.text import script
from articles.models import Article

register = template.Library()

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
PHRASE_END = re.compile(r"(?<=[，。、；：？！」』）》”’|｜\s])")
LATIN = re.compile(r"[\u0020-\u024f]")
NARROW = 0.45  # of a Chinese character's width saved by a Latin letter
PHRASED = {"phrased": 12.5, "phrased-wide": 15}  # Chinese characters in a big title's line: telephone, desk
NOON = datetime.time(12)
SCRIPT_LANGUAGES = {"hans": "zh-Hans", "hant": "zh-Hant", "latn": "en"}


@register.simple_tag
def site_name() -> str:
    """Name of this newsroom."""
    return settings.SITE_NAME


@register.simple_tag
def own_address(path: str) -> str:
    """`path` as an absolute address of this site, in ASCII."""
    return settings.SITE_URL + iri_to_uri(path)


@register.simple_tag
def today() -> datetime.date:
    """The day it is."""
    return timezone.localdate()


@register.filter
def long_date(day: datetime.date | None) -> str:
    """January 28, 2025 or 2025年1月28日; empty for None."""
    return date_format(day, pgettext("format of a day", "F j, Y")) if day else ""


@register.filter
def full_date(day: datetime.date) -> str:
    """Tuesday, January 28, 2025 or 2025年1月28日 星期二."""
    return date_format(day, pgettext("format of a day with its weekday", "l, F j, Y"))


@register.filter
def day_of_year(day: datetime.date) -> str:
    """January 28 or 1月28日."""
    return date_format(day, pgettext("format of a day without its year", "F j"))


@register.filter
def long_month(day: datetime.date) -> str:
    """January 2025 or 2025年1月."""
    return date_format(day, pgettext("format of a month", "F Y"))


@register.filter
def short_month(day: datetime.date) -> str:
    """Jan or 1月."""
    return date_format(day, pgettext("format of a month without its year", "M"))


@register.filter
def only_year(day: datetime.date) -> str:
    """2025 or 2025年."""
    return date_format(day, pgettext("format of a year", "Y"))


@register.filter
def weekday(day: datetime.date) -> str:
    """Tuesday or 星期二."""
    return date_format(day, "l")


def _local(article: Article, moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(zoneinfo.ZoneInfo(article.source.timezone))


def _clock(local: datetime.datetime) -> str:
    """Hour and minute with the distance from UTC: zone abbreviations mean different hours in different countries."""
    minutes = int(local.utcoffset().total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    offset = f"{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "") if minutes else ""
    return f"{local:%H:%M} UTC{offset}"


def _day(article: Article) -> datetime.date | None:
    if article.published_on or not article.published_at:
        return article.published_on
    return _local(article, article.published_at).date()


@register.inclusion_tag("articles/_day.html")
def published_day(article: Article) -> dict:
    """The day an article was published, in its source's time zone; for lists."""
    return {"day": _day(article)}


@register.inclusion_tag("articles/_published.html")
def published(article: Article) -> dict:
    """When an article was published, as exactly as it is known: no clock for a date that is only a day."""
    exact = article.published_at and article.published_precision == Article.Precision.SECOND
    return {
        "day": _day(article),
        "instant": article.published_at.astimezone(datetime.UTC) if exact else None,
        "clock": _clock(_local(article, article.published_at)) if exact else "",
    }


@register.inclusion_tag("articles/_dateline.html")
def dateline(article: Article) -> dict:
    """The page's own time where it tells something else than the published one.

    Noon sharp in UTC is how the reading of files writes a page's time that is only a day.
    """
    moment = article.dateline_at
    if not moment or moment == article.published_at:
        return {}
    only_a_day = moment.astimezone(datetime.UTC).time() == NOON
    local = moment.astimezone(datetime.UTC) if only_a_day else _local(article, moment)
    if only_a_day and local.date() == _day(article):
        return {}
    return {
        "day": local.date(),
        "same_day": local.date() == _day(article),
        "instant": None if only_a_day else moment.astimezone(datetime.UTC),
        "clock": "" if only_a_day else _clock(local),
    }


@register.inclusion_tag("articles/_published.html")
def page_time(article: Article) -> dict:
    """The page's own time in full; as in `dateline`, noon sharp in UTC is a day."""
    moment = article.dateline_at
    if moment.astimezone(datetime.UTC).time() == NOON:
        return {"day": moment.astimezone(datetime.UTC).date()}
    local = _local(article, moment)
    return {"day": local.date(), "instant": moment.astimezone(datetime.UTC), "clock": _clock(local)}


@register.filter
def language_of(article: Article) -> str:
    """Language tag for an article's words; its script tells Chinese apart where its language does not."""
    if article.language in ("", "zh"):
        return SCRIPT_LANGUAGES.get(article.script, "") or article.language or article.source.language
    return article.language


@register.filter
def words_language(text: str) -> str:
    """Language tag for words that editors wrote: Chinese by its characters, else English."""
    if not CHINESE.search(text):
        return "en"
    return SCRIPT_LANGUAGES.get(script(text), "zh")


def _width(words: str) -> float:
    """About how many Chinese characters wide."""
    return len(words) - NARROW * len(LATIN.findall(words))


@register.filter
def halves(title: str) -> list[str]:
    """The two halves of a Chinese headline that a space divides, where each fits a line; else none."""
    found = title.split()
    is_divided = len(found) == 2 and all(
        CHINESE.search(half) and _width(half) <= max(PHRASED.values()) for half in found
    )
    return found if is_divided else []


@register.filter
def phrasing(title: str) -> str:
    """Classes for a big line: at which widths of the page its lines can end where phrases do. A phrase longer than a
    line would be torn, before its comma if need be.
    """
    longest = max(map(_width, PHRASE_END.split(title)), default=0)
    return " ".join(name for name, most in PHRASED.items() if longest <= most)


@register.filter
def is_chinese(text: str) -> bool:
    """Whether a name has Chinese characters, so that it is set in the fonts made for them."""
    return bool(CHINESE.search(text))


@register.filter
def web_address(address: str) -> str:
    """`address` if a reader can safely open it (http or https), else empty."""
    return address if address.startswith(("http://", "https://")) else ""


@register.filter
def host(address: str) -> str:
    """Host of an address without www., for showing where a link leads."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
