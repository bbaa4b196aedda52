"""The search page, and the same answers for programs."""

import dataclasses

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from articles import search
from articles.exporting import instant
from articles.models import Article

PARAMETERS = ("q", "source", "tag", "from", "to", "order")  # what an address of results says, in this order
LAST_PAGE = search.CAP // search.PAGE + 5
NEWEST = "newest"


@dataclasses.dataclass(frozen=True)
class Hit:
    """A found article with its found words marked."""

    article: Article
    shown: search.Shown


@dataclasses.dataclass(frozen=True)
class Choice:
    """A facet as a link: narrows the results, or takes the narrowing back when it is chosen."""

    facet: search.Facet
    address: str
    chosen: bool


class Asked:
    """What a request asks for."""

    def __init__(self, request: HttpRequest) -> None:
        self.given = {name: request.GET.get(name, "")[:1000] for name in PARAMETERS}
        given = self.given
        narrowed = {"source": given["source"], "tag": given["tag"], "first": given["from"], "last": given["to"]}
        self.query = search.query_of(given["q"], **_kept_for(request), **narrowed)
        self.newest = given["order"] == NEWEST
        self.after = request.GET.get("after", "")
        page = request.GET.get("page", "")
        self.page = min(int(page), LAST_PAGE) if page.isdecimal() and len(page) < 9 and int(page) else 1

    def results(self) -> search.Results:
        """Published articles that are asked for."""
        found = Article.objects.published()
        return search.find(found, self.query, newest=self.newest, after=self.after, page=self.page)

    def address(self, name: str, **changes: object) -> str:
        """Address of other results: these parameters are changed, the others stay, the page is the first one."""
        given = {**self.given, **changes}
        return f"{reverse(name)}?{urlencode({key: value for key, value in given.items() if value})}"

    def next(self, name: str, results: search.Results) -> str:
        """Address of the next page; empty on the last one."""
        return self.address(name, after=results.after) if results.after else ""


def _kept_for(request: HttpRequest) -> dict[str, str]:
    """What tells whether the synonyms and the names of sources that are kept are those of now."""
    return {"synonyms": request.validators.synonyms, "edition": request.validators.edition}


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Results for readers; an empty query shows the form and what it understands."""
    asked = Asked(request)
    found = asked.results()
    hits = [Hit(article, search.shown(article, asked.query.wanted)) for article in found.articles]
    nothing = not found.total and asked.query.wanted
    guesses = search.guesses(Article.objects.published(), asked.query) if nothing else []
    context = {
        "asked": asked.given,
        "is_asked": asked.query.asked or not asked.query.is_empty,
        "hits": hits,
        "total": found.total,
        "more": found.more,
        "ranked": found.ranked,
        "next": asked.next("search", found),
        "is_first": not asked.after and asked.page == 1,
        "first_page": asked.address("search"),
        "newest": asked.newest,
        "other_order": asked.address("search", order="" if asked.newest else NEWEST),
        "sources": _choices(asked, "source", found.sources),
        "topics": _choices(asked, "tag", found.topics),
        "topics_of": found.topics_of if found.topics_of < found.total else 0,
        "years": _years(asked, found.years),
        "guesses": [(guess, asked.address("search", q=guess)) for guess in guesses],
        "widened": asked.address("search", source="", tag="", **{"from": "", "to": ""}) if _is_narrowed(asked) else "",
    }
    response = render(request, "articles/search.html", context)
    if context["is_asked"]:
        response["X-Robots-Tag"] = "noindex"
    return response


def _is_narrowed(asked: Asked) -> bool:
    return any(asked.given[name] for name in ("source", "tag", "from", "to"))


def _choices(asked: Asked, name: str, facets: list[search.Facet]) -> list[Choice]:
    """Links of one parameter; nothing to choose from is nothing to show."""
    chosen = asked.given[name]
    if len(facets) < 2 and not chosen:
        return []
    links = []
    for facet in facets:
        is_chosen = facet.value == chosen
        links.append(Choice(facet, asked.address("search", **{name: "" if is_chosen else facet.value}), is_chosen))
    return links


def _years(asked: Asked, facets: list[search.Facet]) -> list[Choice]:
    first, last = asked.given["from"], asked.given["to"]
    if len(facets) < 2 and not (first or last):
        return []
    links = []
    for facet in facets:
        is_chosen = facet.value == first == last
        year = "" if is_chosen else facet.value
        links.append(Choice(facet, asked.address("search", **{"from": year, "to": year}), is_chosen))
    return links


@require_safe
def results_json(request: HttpRequest) -> JsonResponse:
    """The same articles in the same order; `more` says that `total` is only the number that was counted."""
    asked = Asked(request)
    found = asked.results()
    following = asked.next("search_json", found)
    answer = {
        "total": found.total,
        "more": found.more,
        "results": [
            {
                "id": article.pk,
                "url": request.build_absolute_uri(article.get_absolute_url()),
                "title": article.title,
                "published": instant(article.published_at),
                "source": article.source.slug,
            }
            for article in found.articles
        ],
        "next": request.build_absolute_uri(following) if following else None,
    }
    response = JsonResponse(answer, json_dumps_params={"ensure_ascii": False})
    response["X-Robots-Tag"] = "noindex"
    return response
