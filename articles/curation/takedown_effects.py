"""Carries take-downs out and back: what stands beside the articles follows what may be shown, in one transaction.

That readers see nothing more needs none of this: the holds are compared at the moment of reading. Here search entries
and files go, stories lose a title, and the ways back in are closed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from articles import images, search
from articles.curation.takedown_scope import Reach, beginning, consequences, reach
from articles.ingest import likeness
from articles.ingest.batch import text_hash
from articles.ingest.links import address_key
from articles.ingest.text import fold
from articles.likeness.events import free_slug
from articles.models import (
    Article,
    Block,
    Entry,
    Hold,
    Image,
    Original,
    Story,
    StoryArticle,
    TakeDown,
    block_key,
    record,
    slug_of,
    turn_edition,
)

NAMED = 200  # articles and pictures that a receipt names one by one
TOLD = ("pages", "articles", "pictures", "renditions", "search_entries", "originals", "topics", "sources", "stories")
TOLD += ("front", "linked_from", "shared")
LONGEST = Block._meta.get_field("value").max_length


def hold(take_down: TakeDown) -> Reach:
    """Within the caller's transaction: write down what is held since when, and close the ways in; what it reaches.

    A dozen statements and three an article.
    """
    reached = reach(take_down)
    Hold.objects.bulk_create(
        Hold(take_down=take_down, article_number=pk, begins_at=take_down.begins_at, ends_at=take_down.ends_at)
        for pk in reached.articles
    )
    known = set(take_down.blocks.values_list("kind", "key", "value"))
    blocks = (block for block in _blocks(take_down, reached) if (block.kind, block.key, block.value) not in known)
    Block.objects.bulk_create(blocks, batch_size=500)
    return reached


def _blocks(take_down: TakeDown, reached: Reach) -> Iterable[Block]:
    """Everything by which these articles and pictures could come in again, each once."""
    values = {(Block.Kind.BYTES, sha) for sha in _shas(reached.articles)}
    signatures: dict[int, str] = {}
    rows = Article.objects.filter(pk__in=reached.articles)
    for *addresses, text in rows.values_list("address_key", "canonical_url", "source_url", "text").iterator(50):
        key, *urls = addresses
        values |= {(Block.Kind.ADDRESS, value) for value in (key, *map(address_key, filter(None, urls))) if value}
        folded = fold(text)
        values.add((Block.Kind.TEXT, text_hash(folded)))
        kept = likeness.signature(folded)
        signatures |= dict.fromkeys(likeness.bands(kept), kept.hex())
    if take_down.scope == TakeDown.Scope.ADDRESSES:
        values.add((Block.Kind.BEGINNING, beginning(take_down.pattern)))
    pictures = Image.objects.filter(pk__in=reached.images)
    for address, sha in pictures.values_list("origin_url", "sha256"):
        values |= {(Block.Kind.PICTURE_ADDRESS, address), (Block.Kind.PICTURE, sha)}
    for look in sorted(images.looks_of(pictures)):
        yield Block(take_down=take_down, kind=Block.Kind.LOOK, key=block_key(Block.Kind.LOOK, ""), value=look)
    for kind, value in sorted(values):
        if value and len(value) <= LONGEST:
            yield Block(take_down=take_down, kind=kind, key=block_key(kind, value), value=value)
    for band, kept in signatures.items():
        yield Block(take_down=take_down, kind=Block.Kind.LIKENESS, key=band, value=kept)


def _shas(articles: list[int]) -> set[str]:
    return set(Original.objects.filter(article__in=articles).values_list("sha256", flat=True))


def apply(take_down: TakeDown) -> None:
    """Within the caller's transaction: hold what it reaches now, take search entries, pictures and titles of stories
    away, and write the receipt.

    Some fifty statements, three an article and four a picture; files follow with `images.settle_files`.
    """
    take_down.held.all().delete()  # of one that was planned: what it reaches may have changed, and counts are of before
    numbers = consequences(take_down)
    reached = hold(take_down)
    take_down.effects = {name: getattr(numbers, name) for name in TOLD} | _named(reached)
    Entry.objects.filter(article__in=reached.articles).delete()
    images.withhold(take_down, Image.objects.filter(pk__in=reached.images))
    take_down.effects["renamed_stories"] = _rename_stories(reached.articles)
    take_down.applied_at = timezone.now()
    take_down.save(update_fields=["effects", "applied_at"])
    turn_edition()
    transaction.on_commit(images.settle_files, robust=True)


def _named(reached: Reach) -> dict:
    """Articles, files and pictures by number, address and sha256, as the receipt names them."""
    articles = Article.objects.filter(pk__in=reached.articles).order_by("pk")
    rows = articles.values("pk", "title", "slug", "canonical_url", "source__name", "status")[:NAMED]
    originals = Original.objects.filter(article__in=reached.articles).order_by("pk")
    pictures = Image.objects.filter(pk__in=reached.images).order_by("pk")
    return {
        "named": list(rows),
        "files": list(originals.values("article_id", "path", "sha256", "size")[:NAMED]),
        "images": [
            {"pk": image.pk, "origin_url": image.origin_url, "sha256": image.sha256, "addresses": _addresses(image)}
            for image in pictures[:NAMED]
        ],
    }


def _addresses(image: Image) -> list[str]:
    """Where readers could have a stored picture from: what a CDN must be told to throw away."""
    if not image.is_stored:
        return []
    stems = image.renditions.values_list("stem", "suffixes")
    made = [default_storage.url(f"{stem}.{suffix}") for stem, suffixes in stems for suffix in suffixes.split()]
    return [image.file.url, *made]


def _rename_stories(articles: list[int]) -> list[dict]:
    """Stories that are called as one of these articles get the name of another report; returns what they were called.

    The slug goes with it, since it repeats the title.
    """
    titles = set(Article.objects.filter(pk__in=articles).values_list("title", flat=True))
    slugs = {slug_of(title) for title in titles}
    renamed = []
    for story in Story.objects.filter(places__article__in=articles).distinct():
        named = story.title in {title[:300] for title in titles}
        if not named and not any(story.slug.startswith(slug) for slug in slugs):
            continue
        renamed.append({"pk": story.pk, "title": story.title, "slug": story.slug, "former": story.former_slug})
        others = StoryArticle.objects.filter(story=story).exclude(state=StoryArticle.State.OUT)
        other = Article.objects.filter(pk__in=others.exclude(article__in=articles).values("article")).order_by(
            "listed_at", "pk"
        )
        first = other.not_taken_down().only("title", "listed_at").first()
        if named:
            story.title = first.title[:300] if first else f"#{story.pk}"
        story.slug = free_slug(first.title, first.listed_at) if first else f"story-{story.pk}"
        story.former_slug = ""
        story.save(update_fields=["title", "slug", "former_slug"])
    return renamed


def lift(take_down: TakeDown) -> None:
    """Within the caller's transaction: what was taken away comes back, but for what another take-down holds.

    A dozen statements, and three a picture and article.
    """
    numbers = list(take_down.held.values_list("article_number", flat=True))
    take_down.held.all().delete()
    images.give_back(take_down)
    for before in take_down.effects.get("renamed_stories", ()):
        _name_again(before)
    search.index(numbers)
    turn_edition()
    transaction.on_commit(images.settle_files, robust=True)


def _name_again(before: dict) -> None:
    """A story's former title and slug, unless another one has the slug now."""
    if not Story.objects.filter(slug=before["slug"]).exclude(pk=before["pk"]).exists():
        names = {"title": before["title"], "slug": before["slug"], "former_slug": before["former"]}
        Story.objects.filter(pk=before["pk"]).update(**names)


def settle(now: datetime.datetime | None = None) -> int:
    """Let everything beside the articles follow take-downs that have begun or ended by themselves; returns how many
    did. Safe to run twice, by any number of processes. One query when there is none.
    """
    now = now or timezone.now()
    return sum(_settle(number, now) for number in TakeDown.objects.due(now).values_list("pk", flat=True))


@transaction.atomic
def _settle(number: int, now: datetime.datetime) -> bool:
    """One of them; of two processes at once the second finds it done."""
    due = TakeDown.objects.due(now).select_for_update(of=("self",)).filter(pk=number)
    take_down = due.first()
    if take_down is None:
        return False
    if take_down.ends_at and take_down.ends_at <= now:
        if take_down.applied_at:
            lift(take_down)
        else:
            take_down.held.all().delete()
        take_down.state = TakeDown.State.ENDED
        take_down.save(update_fields=["state"])
        record("end", take_down)
    else:
        apply(take_down)
        record("take_down", take_down, **{name: take_down.effects[name] for name in TOLD})
    return True
