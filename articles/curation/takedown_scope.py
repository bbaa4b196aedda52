"""What a take-down reaches, and what of it readers see now: the same for the preview and for the deed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from articles.ingest.links import address_key
from articles.models import (
    Article,
    ArticleImage,
    ArticleMerge,
    Entry,
    Image,
    Original,
    PossibleDuplicate,
    Poster,
    Reference,
    Rendition,
    Story,
    StoryArticle,
    TaggedArticle,
    TakeDown,
    live_plan,
)

MOST = 500  # articles of one take-down: more than that is no decision about articles any more
SHOWN_COPIES = 20
SURE = 60  # per cent of the wording: copies as alike as this are offered ticked
Scope = TakeDown.Scope


@dataclass(frozen=True)
class Reach:
    """Numbers of the articles and pictures that are to go, as the database stands now."""

    articles: list[int]
    images: list[int]


@dataclass(frozen=True)
class Consequences:
    """What readers would no longer find, counted before it is done; and what they still would."""

    pages: int  # articles that readers see now
    articles: int  # all that are held, in whatever state
    pictures: int
    renditions: int
    search_entries: int
    originals: int  # files that stay here, unseen
    topics: int  # lists by topic that have one of them
    sources: int
    stories: int
    front: int  # places on the front page that editors gave
    linked_from: int  # other articles whose texts link there
    also_showing: list[Article]  # other articles that show one of the pictures and lose it
    shared: int  # pictures of theirs that stay, because other articles show them


def reach(take_down: TakeDown) -> Reach:
    """What the take-down reaches; three to eight statements, whatever the number of articles."""
    if take_down.scope == Scope.PICTURE:
        return Reach([], _same_bytes([take_down.image_number]))
    if take_down.scope == Scope.PICTURES:
        return Reach([], _same_bytes(_pictures_of([take_down.article_number])))
    if take_down.scope == Scope.ADDRESSES:
        first = list(under(take_down.pattern).values_list("pk", flat=True)[:MOST])
    else:
        first = [take_down.article_number, *take_down.copies]
    articles = sorted({*first, *_merged_into(first)})
    pictures = _pictures_of(articles)
    if take_down.everywhere:
        return Reach(articles, _same_bytes(pictures))
    return Reach(articles, _only_of(articles, pictures))


def beginning(pattern: str) -> str:
    """The beginning of address keys that an editor means by an address, or by the first part of one; "" for none.

    A host alone means all of it, and never a longer host.
    """
    words = pattern.strip()
    key = address_key(words if "://" in words else f"https://{words}") if words else ""
    if not key:
        return ""
    return f"{key.rstrip('/')}/" if words.endswith("/") or "/" not in key else key


def under(pattern: str) -> QuerySet[Article]:
    """Articles whose address begins so, by number; none for an empty pattern.

    A source's own aliases make keys of their own: then the address as it is known counts as well.
    """
    start = beginning(pattern)
    if not start:
        return Article.objects.none()
    begins = Q(address_key__startswith=start)
    for scheme in ("https://", "https://www.", "http://", "http://www."):
        begins |= Q(canonical_url__startswith=f"{scheme}{start}")
    return Article.objects.filter(begins).order_by("pk")


def _merged_into(articles: list[int]) -> list[int]:
    """Articles that an editor merged into these: their words are the same, and their addresses lead here."""
    merges = ArticleMerge.objects.filter(winner__in=articles, undone_at=None)
    return list(merges.values_list("article", flat=True))


def _pictures_of(articles: Iterable[int]) -> list[int]:
    """Pictures that articles show: in the text, as a lead, on a card."""
    places = ArticleImage.objects.filter(article__in=articles).values_list("image", flat=True)
    leads = Article.objects.filter(pk__in=articles, lead_image__isnull=False).values_list("lead_image", flat=True)
    posters = Poster.objects.filter(article__in=articles).values_list("image", flat=True)
    return sorted({*places, *leads, *posters})


def _same_bytes(images: list[int]) -> list[int]:
    """These pictures, and those that came from elsewhere with the same bytes."""
    shas = Image.objects.filter(pk__in=images).exclude(sha256="").values_list("sha256", flat=True)
    return sorted({*images, *Image.objects.filter(sha256__in=set(shas)).values_list("pk", flat=True)})


def _only_of(articles: list[int], images: list[int]) -> list[int]:
    """Of these pictures those whose bytes no other article shows, with their doubles."""
    doubles = _same_bytes(images)
    elsewhere = _shown_by(doubles).exclude(pk__in=articles).values_list("pk", flat=True)
    kept = set(_pictures_of(elsewhere)) & set(doubles)
    bytes_kept = set(Image.objects.filter(pk__in=kept).exclude(sha256="").values_list("sha256", flat=True))
    rows = Image.objects.filter(pk__in=doubles).exclude(pk__in=kept).exclude(sha256__in=bytes_kept)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _shown_by(images: Iterable[int]) -> QuerySet[Article]:
    """Articles that show one of these pictures."""
    shown = Q(pk__in=ArticleImage.objects.filter(image__in=images).values("article"))
    shown |= Q(pk__in=Poster.objects.filter(image__in=images).values("article"))
    return Article.objects.filter(shown | Q(lead_image__in=images))


def copies_of(number: int) -> list[tuple[Article, int]]:
    """Other articles that tell much the same, each with the share of the wording: they might have to go, too.

    Two statements.
    """
    mine = PossibleDuplicate.objects.filter(Q(article=number) | Q(other=number))
    mine = mine.exclude(verdict=PossibleDuplicate.Verdict.DIFFERENT).order_by("-likeness", "id")
    shares = {
        other if one == number else one: likeness
        for one, other, likeness in mine.values_list("article", "other", "likeness")[:SHOWN_COPIES]
    }
    found = Article.objects.for_lists().in_bulk(shares)
    return [(found[pk], share) for pk, share in shares.items() if pk in found]


def consequences(take_down: TakeDown) -> Consequences:
    """What would go, counted; some twenty statements, whatever the numbers."""
    reached = reach(take_down)
    articles, images = reached.articles, reached.images
    published = Article.objects.published()
    keys = Article.objects.filter(pk__in=articles, address_key__isnull=False).values("address_key")
    linked = Reference.objects.filter(key__in=keys, article__in=published.values("pk")).exclude(article__in=articles)
    losing = _shown_by(images).exclude(pk__in=articles).filter(pk__in=published.values("pk"))
    in_stories = StoryArticle.objects.filter(article__in=articles, state=StoryArticle.State.IN)
    uses = TaggedArticle.objects.filter(content_object__in=articles)
    return Consequences(
        pages=published.filter(pk__in=articles).count(),
        articles=Article.objects.filter(pk__in=articles).count(),
        pictures=len(images),
        renditions=Rendition.objects.filter(image__in=images).count(),
        search_entries=Entry.objects.filter(article__in=articles).count(),
        originals=Original.objects.filter(article__in=articles).count(),
        topics=uses.values("tag").distinct().count(),
        sources=Article.objects.filter(pk__in=articles).order_by().values("source").distinct().count(),
        stories=in_stories.filter(story__state=Story.State.CONFIRMED).values("story").distinct().count(),
        front=_on_front(set(articles)),
        linked_from=linked.values("article").distinct().count(),
        also_showing=list(losing.for_lists().newest_first()[:SHOWN_COPIES]),
        shared=len(_pictures_of(articles)) - len(set(_pictures_of(articles)) & set(images)),
    )


def _on_front(articles: set[int]) -> int:
    """Places of the live front page that editors gave to these articles."""
    plan = live_plan()
    pinned = [pin.article for pin in (plan.lead, *plan.seconds) if pin]
    return sum(number in articles for number in (*pinned, plan.breaking and plan.breaking.article))
