"""Ways through the archive beside time and use: topics letter by letter, this day in other years."""

import calendar
import collections
import datetime
import itertools

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, TaggedArticle
from articles.views.letters import OTHERS, letter_of, spelled

MOST_TOPICS = 20_000  # that are sorted, the most used of them
FIRST_YEAR = 1990  # there was no web page before
LEAP_YEAR = 2024  # a year that has every day
REMEMBERED = 60  # articles
DAY = datetime.timedelta(days=1)


@require_safe
def topics_by_name(request: HttpRequest) -> HttpResponse:
    """Topics of published articles under one letter of the alphabet, Chinese ones by their pinyin. One query."""
    counted = (
        TaggedArticle.objects.filter(content_object__in=Article.objects.published().values("pk"))
        .values("tag__name", "tag__slug")
        .annotate(count=Count("pk"))
        .order_by("-count", "tag__name")
    )
    letters = collections.defaultdict(list)
    for topic in counted[:MOST_TOPICS]:
        letters[letter_of(topic["tag__name"])].append(topic)
    known = sorted(letters, key=lambda letter: (letter == OTHERS, letter))
    asked = request.GET.get("letter", "").upper()
    letter = asked if asked in known else next(iter(known), "")
    topics = sorted(letters[letter], key=lambda topic: (spelled(topic["tag__name"]), topic["tag__name"]))
    return render(request, "articles/topics_by_name.html", {"tags": topics, "letters": known, "letter": letter})


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
