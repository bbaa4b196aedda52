"""Stories for readers: one event, as each source told it."""

import collections
import dataclasses
import re

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from articles.ingest.text import fold
from articles.models import Article, ArticleMerge, Source, Story, StoryArticle, kept

STORIES_AT_MOST = 200
ALONE_AT_MOST = 6
LARGEST_NUMBER = 2**63 - 1
LONGEST_CHAIN = 5  # of merges that are followed
DATE = "年月日号號點点時时"  # behind a figure: it is a date or a time
FIGURE = re.compile(rf"(?<![A-Za-z\d.,])\d[\d,.]*(?<![.,])(?:\s?[%％万萬亿億])?(?!\s?[{DATE}\d])[天人个個岁歲度次米]?")
NUMBER = re.compile(r"[\d.]+")
QUOTED = re.compile(r"[「『“《]([^「『“《」』”》\n]{2,16})[」』”》]")
NAME = re.compile(r"\b[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+)*")


@dataclasses.dataclass(frozen=True)
class Telling:
    """What one source told of an event: its reports in order, and what stands in them and in nobody else's."""

    source: Source
    reports: list[Article]
    alone: list[str]


def with_story(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Articles with `story_slug` and `story_title` of the newest confirmed story that they belong to, or None."""
    places = StoryArticle.objects.filter(
        article=OuterRef("pk"), state=StoryArticle.State.IN, story__state=Story.State.CONFIRMED
    ).order_by("-story")
    return articles.annotate(
        story_slug=Subquery(places.values("story__slug")[:1]), story_title=Subquery(places.values("story__title")[:1])
    )


def successor_of(number: int) -> Article | None:
    """The published article that a merged one leads to; None when it leads nowhere. Two queries, one for no merge."""
    for _ in range(LONGEST_CHAIN if number <= LARGEST_NUMBER else 0):
        merge = ArticleMerge.objects.filter(article=number, undone_at=None).values_list("winner", flat=True).first()
        if merge is None:
            return None
        found = Article.objects.published().only("slug").filter(pk=merge).first()
        if found:
            return found
        number = merge
    return None


@require_safe
def story(request: HttpRequest, slug: str) -> HttpResponse:
    """How each source told an event, in the order of their first reports; four queries. A former address redirects."""
    found = Story.objects.confirmed().filter(slug=slug).first()
    if found is None:
        moved = Story.objects.confirmed().filter(former_slug=slug).exclude(former_slug="").first()
        if moved is None:
            raise Http404
        return HttpResponsePermanentRedirect(moved.get_absolute_url())
    reports = list(_reports_of(found).for_lists().order_by("listed_at", "pk"))
    if not reports:
        raise Http404
    alone = kept(request.validators.edition, f"story {found.pk}", lambda: _alone(found))
    context = {"story": found, "reports": reports, "tellings": _by_source(reports, alone)}
    return render(request, "articles/story.html", context)


@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    """Stories, the latest first; two queries."""
    shown = Article.objects.published().filter(pk=OuterRef("article"))
    places = StoryArticle.objects.filter(Exists(shown), story=OuterRef("pk"), state=StoryArticle.State.IN)
    told = Story.objects.confirmed().filter(Exists(places))
    return render(request, "articles/stories.html", {"stories": told.order_by("-began_at", "-id")[:STORIES_AT_MOST]})


def _reports_of(found: Story) -> QuerySet[Article]:
    places = StoryArticle.objects.filter(story=found, state=StoryArticle.State.IN)
    return Article.objects.published().filter(pk__in=places.values("article"))


def _by_source(reports: list[Article], alone: dict[int, list[str]]) -> list[Telling]:
    grouped: dict[int, list[Article]] = collections.defaultdict(list)
    for report in reports:
        grouped[report.source_id].append(report)
    return [Telling(own[0].source, own, alone.get(source, [])) for source, own in grouped.items()]


def _alone(found: Story) -> dict[int, list[str]]:
    """By number of source: figures, names and quotations that stand in its reports, and literally in no other's.

    Names and quotations are told only where all reports are in one language: a translation would hide that others say
    the same. One query.
    """
    rows = _reports_of(found).values_list("source_id", "title", "text", "language")
    texts: dict[int, str] = collections.defaultdict(str)
    languages = set()
    for source, title, text, language in rows:
        texts[source] += f"{title}\n{text}\n"
        languages.add(language[:2])
    patterns = (FIGURE, QUOTED, NAME) if len(languages) == 1 else (FIGURE,)
    bare = {source: _bare(text) for source, text in texts.items()}
    return {
        source: _first_of_each(text, patterns, [other for number, other in bare.items() if number != source])
        for source, text in texts.items()
        if len(texts) > 1
    }


def _first_of_each(text: str, patterns: tuple[re.Pattern, ...], others: list[str]) -> list[str]:
    """What the patterns find in a text and in none of the others, the most repeated first."""
    times: dict[str, int] = {}
    shown: dict[str, str] = {}
    for pattern in patterns:
        for match in pattern.finditer(text):
            words = (
                match[0] if pattern is not QUOTED else f"{match[0][0]}{match[1].rstrip('，,。！？!?')}{match[0][-1]}"
            )
            key = _bare(words.strip("「」『』“”《》"))
            sought = re.compile(
                rf"(?<!\d){re.escape(NUMBER.match(key)[0])}(?!\d)" if pattern is FIGURE else re.escape(key)
            )
            if len(key) > 1 and not any(map(sought.search, others)):
                times[key] = times.get(key, 0) + 1
                shown.setdefault(key, words)
    best = sorted(times, key=lambda key: -times[key])[:ALONE_AT_MOST]
    return [shown[key] for key in best]


def _bare(text: str) -> str:
    """Folded, without spaces and the marks that divide thousands."""
    return re.sub(r"[\s,]", "", fold(text))
