"""Pages of a list without counting it: each page begins where the one before it ended."""

import dataclasses
import datetime
import re

from django.db.models import Q
from django.http import Http404

from articles.models import UNDATED, Article
from articles.models.article import ArticleQuerySet

PAGE_SIZE = 30
PLACE = re.compile(r"(-?[0-9]{1,18})-([0-9]{1,18})")


@dataclasses.dataclass(frozen=True)
class Page:
    """One page of a list, newest first. `older` is the value of ?before= of the next page, empty on the last one."""

    articles: list[Article]
    older: str
    is_first: bool


def page_of(articles: ArticleQuerySet, before: str | None, size: int = PAGE_SIZE) -> Page:
    """The page of at most `size` articles that begins after the place `before`, in one query, however deep.

    The place is "microseconds since 1970-article number"; None or "" is the beginning. Raises Http404 for any other.
    """
    if before:
        listed_at, number = _place(before)
        articles = articles.filter(Q(listed_at__lt=listed_at) | Q(id__lt=number), listed_at__lte=listed_at)
    found = list(articles.for_lists().newest_first()[: size + 1])
    shown = found[:size]
    older = _token(shown[-1]) if len(found) > size else ""
    return Page(shown, older, is_first=not before)


def _token(article: Article) -> str:
    return f"{(article.listed_at - UNDATED) // datetime.timedelta(microseconds=1)}-{article.pk}"


def _place(token: str) -> tuple[datetime.datetime, int]:
    match = PLACE.fullmatch(token)
    if not match:
        raise Http404
    try:
        return UNDATED + datetime.timedelta(microseconds=int(match[1])), int(match[2])
    except OverflowError as error:
        raise Http404 from error
