"""Ways through the archive beside time and use: topics letter by letter, this day in other years."""

import calendar
import collections
import datetime
import itertools

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, kept, topics_counted
from articles.views.letters import OTHERS, letter_of, spelled

TOPICS_A_PAGE = 500  # more than anyone scans
FIRST_YEAR = 1990  # there was no web page before
LEAP_YEAR = 2024  # a year that has every day
REMEMBERED = 60  # articles
DAY = datetime.timedelta(days=1)


@require_safe
def topics_by_name(request: HttpRequest) -> HttpResponse:
    """Topics of published articles under one letter of the alphabet, Chinese ones by their pinyin; long letters in
    pages. One query, none while nothing changes.
    """
    letters = kept(request.validators.edition, "topics by letter", _topics_by_letter)
    asked = request.GET.get("letter", "").upper()
    letter = asked if asked in letters else next(iter(letters), "")
    pages = _paged(letters.get(letter, []))
    number = request.GET.get("page", "1")
    number = int(number) if number.isdecimal() and len(number) < 6 else 0
    if pages and not 1 <= number <= len(pages):
        raise Http404
    context = {
        "tags": pages[number - 1] if pages else [],
        "letters": list(letters),
        "letter": letter,
        "number": number,
        "pages": [(place, page[0], page[-1]) for place, page in enumerate(pages, start=1)] if len(pages) > 1 else [],
    }
    return render(request, "articles/topics_by_name.html", context)


def _topics_by_letter() -> dict[str, list[dict]]:
    """Every topic with its count, sorted within its letter; letters in their order."""
    letters = collections.defaultdict(list)
    for topic in topics_counted():
        letters[letter_of(topic["tag__name"])].append(topic)
    for topics in letters.values():
        topics.sort(key=lambda topic: (spelled(topic["tag__name"]), topic["tag__name"]))
    return {letter: letters[letter] for letter in sorted(letters, key=lambda letter: (letter == OTHERS, letter))}


def _paged(topics: list[dict]) -> list[list[dict]]:
    return [topics[start : start + TOPICS_A_PAGE] for start in range(0, len(topics), TOPICS_A_PAGE)]


@require_safe
def on_this_day(request: HttpRequest, month: int = 0, day: int = 0) -> HttpResponse:
    """What was published on this day of other years, the newest year first; today's when no day is given. One query."""
    today = timezone.localdate()
    try:
        date = datetime.date(LEAP_YEAR, month, day) if month or day else today.replace(year=LEAP_YEAR)
    except ValueError as error:
        raise Http404 from error
    dates = [
        date.replace(year=year)
        for year in range(FIRST_YEAR, today.year + 1)
        if date.day <= calendar.monthrange(year, date.month)[1]
    ]
    found = Article.objects.published().filter(published_on__in=dates).exclude(published_on=today)
    articles = found.for_lists().newest_first()[:REMEMBERED]
    years = itertools.groupby(articles, key=lambda article: article.published_on)
    context = {
        "date": date,
        "is_today": (date.month, date.day) == (today.month, today.day),
        "years": [(day_of_year, list(group)) for day_of_year, group in years],
        "earlier": date - DAY,
        "later": date + DAY,
    }
    return render(request, "articles/on_this_day.html", context)
