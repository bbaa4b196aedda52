"""The article page, its preview and its record."""

import datetime
import re

from django.db.models import F, FilteredRelation, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.exporting import records
from articles.ingest.rules.sources import SOURCES
from articles.models import Article, ArticleImage, Image, Poster, Tag, notes_of, previewed, tag_key
from articles.views.provenance import with_provenance
from articles.views.related import related_to
from articles.views.stories import successor_of, with_story
from articles.views.takedowns import tombstone, tombstone_json, tombstone_of

FRESH_NOTE = datetime.timedelta(days=7)  # as long a note stands above the text, too
PLACE = ("id", "position", "caption", "credit")  # of a picture in an article
PART = re.compile("[1-9][0-9]{0,2}")
PUBLISHERS = {  # names that files give as tags, and that are no topics
    tag_key(word) for rule in SOURCES.values() for word in (rule.name, *rule.folders, *rule.bylines)
}


@require_safe
def article(request: HttpRequest, number: int, slug: str = "") -> HttpResponse:
    """An article for reading, in five queries with validation; the number decides, a wrong or old slug redirects,
    and so does a merged article.
    """
    published = with_story(with_provenance(Article.objects.published().select_related("source", "lead_image")))
    found = published.defer("text", "title_raw", "links").filter(pk=number).first() or successor_of(number)
    if found is None:
        return _missing(request, number)
    if found.pk != number or slug != found.slug:
        return HttpResponsePermanentRedirect(found.get_absolute_url())
    return render(request, "articles/article.html", _story(found) | {"part": _part(request)})


def _part(request: HttpRequest) -> int:
    """The part of a long text that is asked for; the template finds out whether it has one. Raises Http404."""
    asked = request.GET.get("part", "1")
    if not PART.fullmatch(asked):
        raise Http404
    return int(asked)


def _missing(request: HttpRequest, number: int) -> HttpResponse:
    """A tombstone for what was taken down; raises Http404 for all else. One query."""
    take_down = tombstone_of(number)
    if take_down is None:
        raise Http404
    return tombstone(request, take_down)


def _story(found: Article) -> dict:
    """What the page of an article shows; four queries."""
    tags = list(Tag.objects.with_commonness().filter(uses__content_object=found).order_by("uses__id"))
    topic = next((tag for tag in tags if tag.key not in PUBLISHERS), None)
    notes, first_day = notes_of(found, standing=False), timezone.localdate() - FRESH_NOTE
    return {
        "article": found,
        "notes": notes,
        "fresh_notes": [note for note in notes if not note.withdrawn_at and note.made_at.date() >= first_day],
        "places": pictures_of(found),
        "tags": tags,
        "related": related_to(found, topic),
    }


def pictures_of(found: Article) -> list[ArticleImage]:
    """The pictures of an article at their places, in reading order, then the stills of what it embeds, which have none
    (no number and no position); one query.
    """
    placed, posters = ArticleImage.objects.filter(article=found), Poster.objects.filter(article=found)
    pictures = Image.objects.filter(pk__in=placed.order_by().values("image").union(posters.values("image")))
    pictures = pictures.annotate(place=FilteredRelation("places", condition=Q(places__article=found))).annotate(
        **{f"place_{name}": F(f"place__{name}") for name in PLACE}
    )
    every = [
        ArticleImage(article=found, image=image, **{name: getattr(image, f"place_{name}") for name in PLACE})
        for image in pictures.order_by("id")
    ]
    return sorted(every, key=lambda place: (place.id is None, place.position or 0, place.id or place.image.id))


@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """An article of any state as readers would see it, for whoever has its signed address; never kept by anybody."""
    number = previewed(token)
    articles = with_provenance(Article.objects.select_related("source", "lead_image"))
    found = get_object_or_404(articles.defer("text", "title_raw", "links"), pk=number) if number else None
    if found is None:
        raise Http404
    take_down = tombstone_of(found.pk)
    return tombstone(request, take_down) if take_down else as_preview(request, found)


def as_preview(request: HttpRequest, found: Article) -> HttpResponse:
    """The page of an article (that came `with_provenance`) for one pair of eyes: nobody keeps it or lists it."""
    response = render(request, "articles/article.html", _story(found) | {"part": _part(request), "is_preview": True})
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def article_json(request: HttpRequest, number: int) -> HttpResponse:
    """The export record of a published article; of one that was merged, the address of the one it is part of."""
    for record in records(Article.objects.published().filter(pk=number)):
        response = JsonResponse(record, json_dumps_params={"ensure_ascii": False})
        response["X-Robots-Tag"] = "noindex"  # the page is what shall be found, or not even that
        return response
    successor = successor_of(number)
    if successor is not None:
        return HttpResponsePermanentRedirect(reverse("article_json", args=[successor.pk]))
    take_down = tombstone_of(number)
    if take_down is None:
        raise Http404
    return tombstone_json(take_down)
