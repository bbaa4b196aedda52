"""Merges, renames, deletes and clears tags in sets of rows, with a record from which a merge is undone.

What changes the topics of articles keeps a revision of each and writes its search entry (or, where they are many, a row
that has it written), in the transaction of the change itself: nothing can be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from articles import search
from articles.models import (
    Revision,
    Tag,
    TagAlias,
    TaggedArticle,
    TagMerge,
    TagVerdict,
    keep_baseline,
    keep_revisions,
    record,
    tag_key,
    want_entries,
)

NAMED = 200  # cleared tags that the audit names
IDS_A_STATEMENT = 10_000  # SQLite takes 32,766
ARTICLES_AT_ONCE = 500  # whose texts are in memory while their revisions are kept
INDEXED_AT_ONCE = (
    500  # beyond it, search entries would hold all writers up for seconds: they follow, and nothing is lost
)


class Refused(Exception):
    """A deed at the tag desk that does not take place; the message says why, for a person."""


@dataclass(frozen=True)
class MergeCounts:
    """What a merge would do: uses that move, uses that both tags have, aliases and narrower topics that move."""

    moved: int
    doubled: int
    aliases: int
    children: int


def merge_counts(tag: Tag, target: Tag) -> MergeCounts:
    """Counted before anything is done; four queries."""
    doubled = _doubled(tag, target).count()
    return MergeCounts(tag.uses.count() - doubled, doubled, tag.aliases.count(), tag.children.count())


def _doubled(tag: Tag, target: Tag):
    having = TaggedArticle.objects.filter(tag=target).values("content_object")
    return TaggedArticle.objects.filter(tag=tag, content_object__in=having)


def merge_tags(tag: Tag, target: Tag, user) -> TagMerge:
    """Make `tag` another name of `target`: its uses, aliases and narrower topics move, its address redirects.

    The tags change in one set of statements whatever the number of uses; revisions of the articles follow in parts,
    within the same transaction. The record is what `undo_merge` needs. Raises Refused.
    """
    if tag.pk == target.pk:
        raise Refused(_("A tag cannot be merged with itself."))
    with transaction.atomic():
        locked = Tag.objects.select_for_update().filter(pk__in=[tag.pk, target.pk]).values_list("pk", flat=True)
        if len(locked) < 2:
            raise Refused(_("One of the two tags is gone."))
        doubled = _doubled(tag, target)
        doubles = list(doubled.values_list("content_object", "origin", "pk"))
        uses = TaggedArticle.objects.filter(tag=tag)
        articles = list(uses.values_list("content_object", flat=True))
        _keep_before(articles)
        doubled.delete()
        moved = list(uses.values_list("pk", flat=True))
        aliases = list(tag.aliases.values_list("pk", flat=True))
        children = list(tag.children.exclude(pk=target.pk).values_list("pk", flat=True))
        uses.update(tag=target)
        TagAlias.objects.filter(tag=tag).update(tag=target)
        judged = TagVerdict.objects.filter(tag=target).values("article")
        TagVerdict.objects.filter(tag=tag).exclude(article__in=judged).update(tag=target)
        if target.parent_id == tag.pk:
            Tag.objects.filter(pk=target.pk).update(parent=tag.parent)
        Tag.objects.filter(parent=tag).exclude(pk=target.pk).update(parent=target)
        kept = {
            "name": tag.name,
            "slug": tag.slug,
            "intro": tag.intro,
            "parent": tag.parent_id,
            "moved": moved,
            "doubled": doubles,
            "aliases": aliases,
            "children": children,
            "into": [target.pk, target.name],
            "merges": list(TagMerge.objects.filter(target=tag).values_list("pk", flat=True)),
            "target_was_child": target.parent_id == tag.pk,
        }
        number = tag.pk
        Tag.objects.filter(pk=tag.pk).delete()
        TagAlias.objects.create(tag=target, name=tag.name, slug=tag.slug)
        merge = TagMerge.objects.create(tag_number=number, name=tag.name, target=target, made_by=user, kept=kept)
        record("merge", target, by=user, name=tag.name, merge=merge.pk, moved=len(moved), doubled=len(doubles))
        reason = _("Tag “%(name)s” merged into “%(target)s”") % {"name": tag.name, "target": target.name}
        _keep_after(articles, user, reason)
    return merge


def undo_merge(merge: TagMerge, user) -> TagMerge:
    """Make the merged tag anew with its old number, address and uses; what came to the target since stays there.

    Raises Refused when it was undone before, its target was merged away since (that merge is to be undone first) or
    deleted, or its name or address belongs to another tag by now.
    """
    kept = merge.kept
    with transaction.atomic():
        mine = TagMerge.objects.filter(pk=merge.pk, undone_at__isnull=True)
        if not mine.update(undone_at=timezone.now(), undone_by=user):
            raise Refused(_("This merge has been undone already."))
        _refuse_taken(merge)
        parent = Tag.objects.filter(pk=kept["parent"]).first()
        tag = Tag(pk=merge.tag_number, name=kept["name"], slug=kept["slug"], intro=kept["intro"], parent=parent)
        back = _doubled_once(kept["doubled"])
        articles = list(_moved_to(merge)) + [use.content_object_id for use in back]
        _keep_before(articles)
        tag.save(force_insert=True)
        for ids in _in_parts(kept["moved"]):
            TaggedArticle.objects.filter(pk__in=ids, tag=merge.target_id).update(tag=tag)
        for use in back:
            use.tag = tag
        TaggedArticle.objects.bulk_create(back)
        TagAlias.objects.filter(pk__in=kept["aliases"], tag=merge.target_id).update(tag=tag)
        Tag.objects.filter(pk__in=kept["children"], parent=merge.target_id).update(parent=tag)
        TagMerge.objects.filter(pk__in=kept.get("merges", ()), target=None).update(target=tag)
        if kept["target_was_child"]:
            Tag.objects.filter(pk=merge.target_id).update(parent=tag)
        record("undo", tag, by=user, merge=merge.pk, moved=len(articles) - len(back), doubled=len(back))
        reason = _("Tag “%(name)s” is a tag of its own again") % {"name": tag.name}
        _keep_after(articles, user, reason)
    merge.refresh_from_db()
    return merge


def _refuse_taken(merge: TagMerge) -> None:
    """Raises Refused where the merged tag cannot be made anew; its name stops being an alias of the target."""
    kept = merge.kept
    if merge.target_id is None:
        later = later_merge(merge)
        if later is None:
            raise Refused(_("The target of this merge is gone."))
        raise Refused(
            _("“%(name)s” has been merged into “%(target)s” since: undo that merge first.")
            % {"name": later.name, "target": name_of_target(later)}
        )
    key = tag_key(kept["name"])
    TagAlias.objects.filter(tag=merge.target_id, key=key).delete()
    if Tag.objects.filter(key=key).exists() or TagAlias.objects.filter(key=key).exists():
        raise Refused(_("“%(name)s” belongs to another tag by now.") % {"name": kept["name"]})
    if Tag.objects.filter(slug=kept["slug"]).exists():
        raise Refused(_("The old address belongs to another tag by now."))


def later_merge(merge: TagMerge) -> TagMerge | None:
    """The merge by which the target of this one became another tag's name; a query."""
    number = merge.kept.get("into", (None,))[0]
    later = TagMerge.objects.filter(tag_number=number, undone_at=None).select_related("target")
    return later.first() if number is not None else None


def name_of_target(merge: TagMerge) -> str:
    """What the tag is called that stayed, or was called when it went."""
    return merge.target.name if merge.target else merge.kept.get("into", (None, "–"))[1]


def _moved_to(merge: TagMerge) -> Iterable[int]:
    """Articles of the uses that a merge moved, where they are still the target's."""
    for ids in _in_parts(merge.kept["moved"]):
        yield from TaggedArticle.objects.filter(pk__in=ids, tag=merge.target_id).values_list(
            "content_object", flat=True
        )


def _doubled_once(doubled: list) -> list[TaggedArticle]:
    """Unsaved uses of a merged tag on articles that had both, with the numbers that they had: an earlier merge knows
    them by these.
    """
    still = _present([article for article, *_rest in doubled])
    return [
        TaggedArticle(pk=number[0] if number else None, content_object_id=article, origin=origin)
        for article, origin, *number in doubled
        if article in still
    ]


def standing_for(numbers: Iterable[int]) -> dict[int, int | None]:
    """Which tags stand for those of these numbers that are gone: the target of their merge, None when there is none.

    One query when none is gone; two a merge along the way.
    """
    asked = set(numbers)
    gone = asked - set(Tag.objects.filter(pk__in=asked).values_list("pk", flat=True))
    found: dict[int, int | None] = {}
    for number in gone:
        found[number] = _standing_for(number)
    return found


def _standing_for(number: int) -> int | None:
    seen: set[int] = set()
    while number not in seen:
        seen.add(number)
        merge = TagMerge.objects.filter(tag_number=number, undone_at=None).order_by("-id").first()
        if merge is None:
            return None
        if merge.target_id is not None:
            return merge.target_id
        number = merge.kept.get("into", (0,))[0]
    return None


def rename_tag(tag: Tag, old_name: str, user, save: Callable[[], None]) -> None:
    """Save a tag under another name (`save` does it); the old one stays as an alias, the address stays.

    Its articles have the new name in their revisions and in the search at once.
    """
    with transaction.atomic():
        articles = list(tag.uses.values_list("content_object", flat=True))
        _keep_before(articles)
        save()
        keep_old_name(tag, old_name)
        reason = _("Tag “%(name)s” is called “%(now)s” now") % {"name": old_name, "now": tag.name}
        _keep_after(articles, user, reason)


def delete_tag(tag: Tag, user) -> int:
    """Delete a tag with its uses and aliases; returns the number of articles that lose it, each with a revision."""
    with transaction.atomic():
        articles = list(tag.uses.values_list("content_object", flat=True))
        _keep_before(articles)
        name = tag.name
        tag.delete()
        _keep_after(articles, user, _("Tag “%(name)s” deleted") % {"name": name})
    return len(articles)


def _keep_before(articles: list[int]) -> None:
    """Articles whose latest revision does not say what they say, or that have none, are kept as they are."""
    for ids in _in_parts(articles, ARTICLES_AT_ONCE):
        keep_baseline(ids, drifted=True)


def _keep_after(articles: list[int], user, reason: str) -> None:
    """A revision of each article, as its topics are now, and its search entry; the audit has one line for all.

    The entries of many are left to `search.index_waiting`, with a row each that says so.
    """
    for ids in _in_parts(articles, ARTICLES_AT_ONCE):
        keep_revisions(ids, user, reason, Revision.Kind.BULK)
    if len(articles) > INDEXED_AT_ONCE:
        want_entries(articles)
    else:
        search.index(articles)


def _present(articles: list[int]) -> set[int]:
    """Of these articles, those that are still here."""
    model = TaggedArticle._meta.get_field("content_object").related_model
    found: set[int] = set()
    for ids in _in_parts(articles):
        found.update(model.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return found


def _in_parts(ids: list[int], size: int = IDS_A_STATEMENT) -> Iterable[list[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def keep_old_name(tag: Tag, old_name: str) -> None:
    """After a rename: the old name stays as an alias, so that imports and readers find the tag; the address stays."""
    key = tag_key(old_name)
    TagAlias.objects.filter(tag=tag, key=tag.key).delete()  # what was an alias is the name now
    if key != tag.key and not TagAlias.objects.filter(key=key).exists():
        TagAlias.objects.create(tag=tag, name=old_name)


def unused_tags():
    """Tags on no article, above no other and without an intro: nobody would miss them."""
    uses, children = TaggedArticle.objects.filter(tag=OuterRef("pk")), Tag.objects.filter(parent=OuterRef("pk"))
    return Tag.objects.filter(~Exists(uses), ~Exists(children), intro="").order_by("name")


def delete_unused() -> int:
    """Delete unused tags; returns their number."""
    names = dict(unused_tags().values_list("pk", "name"))
    ids = list(names)
    with transaction.atomic():
        for part in _in_parts(ids):
            Tag.objects.filter(pk__in=part, uses__isnull=True).delete()
        if ids:
            record("clear", "tag", number=len(ids), names=list(names.values())[:NAMED])
    return len(ids)
