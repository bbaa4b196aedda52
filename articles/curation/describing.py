"""What editors do to pictures and tags beside the text: each article concerned keeps it, and search follows at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from articles import search
from articles.curation.captions import with_words
from articles.curation.editing import keep_words_in_step, set_references, take_out_of_text, write_words
from articles.models import Article, ArticleImage, Image, Revision, keep_baseline, keep_revisions

BATCH = 100  # articles whose texts are in memory at once
REWRITTEN = ("body", "text", "excerpt", "links", "slug", "policy_version")


@contextlib.contextmanager
def changing(article_ids: Iterable[int], editor, reason: str = "", *, mark: bool = True) -> Iterator[None]:
    """Whatever is done inside to the pictures or tags of these articles is an edit of each.

    They are locked until the end of the transaction; revisions are kept of what they said before and say after; they
    are indexed, and marked as edited so that imports keep what was done (not when `mark` is false: the caller marks).
    A picture's or tag's own record tells of many at once, so that only a single article gets a deed of its own. About
    20 statements for each 100 articles.
    """
    with transaction.atomic():
        rows = Article.objects.select_for_update(of=("self",)).filter(pk__in=list(article_ids))
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        for batch in _batches(ids):
            keep_baseline(batch, drifted=True)
        yield
        kind = Revision.Kind.EDIT if len(ids) == 1 else Revision.Kind.BULK
        for batch in _batches(ids):
            if mark:
                _mark(batch, editor)
            keep_revisions(batch, editor, reason, kind)
            search.index(batch)


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _mark(ids: Iterable[int], editor) -> None:
    now = timezone.now()
    Article.objects.filter(pk__in=ids).update(edited_at=now, edited_by=editor, updated_at=now)


def articles_with(images: Iterable[Image]) -> list[int]:
    """Numbers of the articles that show one of these pictures, or lead with it; one query."""
    shown = ArticleImage.objects.filter(image__in=images).values("article")
    return list(Article.objects.filter(Q(pk__in=shown) | Q(lead_image__in=images)).values_list("pk", flat=True))


def describe(
    image: Image, editor, *, alt: str | None = None, caption: str | None = None, besides: int | None = None
) -> None:
    """Give a picture its alternative text, and all its places one caption (None: as they are).

    Both are changed in the texts, too, where those say what was said before: readers see the words of the text. What
    imports could take back marks its article as edited; an alternative text of the picture itself is none of that. The
    article `besides` is the caller's to keep. One transaction; about 30 statements for each 100 articles.
    """
    with transaction.atomic():
        before = Image.objects.select_for_update().get(pk=image.pk)
        ids = list(image.places.exclude(article=besides).order_by("article").values_list("article", flat=True))
        with changing(ids, editor, mark=False):
            if alt is not None:
                Image.objects.filter(pk=image.pk).update(alt=alt)
            for batch in _batches(ids):
                changed = _rewrite(before, batch, alt, caption)
                _mark(changed if caption is None else batch, editor)


def _rewrite(image: Image, ids: list[int], alt: str | None, caption: str | None) -> list[int]:
    """Write the words at the places and into the texts; returns the articles whose text changed."""
    places = image.places.filter(article__in=ids)
    captions = dict(places.values_list("article", "caption")) if caption is not None else {}
    alts = {image.origin_url: (image.alt, alt)} if alt is not None else {}
    changed = []
    for article in Article.objects.filter(pk__in=ids):
        told = {image.origin_url: (captions[article.pk], caption)} if article.pk in captions else {}
        body = with_words(article.body, told, alts)
        if body != article.body:
            article.body, links = body, article.links
            keep_words_in_step(article)
            changed.append(article)
            if article.links != links:
                set_references(article)
    Article.objects.bulk_update(changed, REWRITTEN)
    if caption is not None:
        places.update(caption=caption)
    return [article.pk for article in changed]


def save_place(place: ArticleImage, editor) -> None:
    """Save a picture's place, new or old; a changed caption stands in the text, too."""
    with changing([place.article_id], editor):
        before = ArticleImage.objects.filter(pk=place.pk).values_list("caption", flat=True).first()
        place.save()
        if before not in (None, place.caption):
            article = Article.objects.get(pk=place.article_id)
            write_words(article, editor, {place.image.origin_url: (before, place.caption)}, {})


def take_out(place: ArticleImage, editor) -> None:
    """Take a picture out of an article: out of its place, of the text, and from the lead."""
    with changing([place.article_id], editor):
        ArticleImage.objects.filter(pk=place.pk).delete()
        article = Article.objects.select_related("source").get(pk=place.article_id)
        take_out_of_text(article, editor, [place.image])
