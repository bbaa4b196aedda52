"""Merges, renames and clears tags in sets of rows, with a record from which a merge is undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Tag, TagAlias, TaggedArticle, TagMerge, TagVerdict, record, tag_key

NAMED = 200  # cleared tags that the audit names
IDS_A_STATEMENT = 10_000  # SQLite takes 32,766


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

    One set of statements whatever the number of uses. The record names the articles whose search entries are to be
    written anew, and is what `undo_merge` needs. Raises Refused.
    """
    if tag.pk == target.pk:
        raise Refused(_("A tag cannot be merged with itself."))
    with transaction.atomic():
        locked = Tag.objects.select_for_update().filter(pk__in=[tag.pk, target.pk]).values_list("pk", flat=True)
        if len(locked) < 2:
            raise Refused(_("One of the two tags is gone."))
        doubled = _doubled(tag, target)
        doubles = list(doubled.values_list("content_object", "origin"))
        doubled.delete()
        uses = TaggedArticle.objects.filter(tag=tag)
        moved = list(uses.values_list("pk", "content_object"))
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
            "moved": [pk for pk, _article in moved],
            "doubled": doubles,
            "aliases": aliases,
            "children": children,
            "target_was_child": target.parent_id == tag.pk,
        }
        number = tag.pk
        Tag.objects.filter(pk=tag.pk).delete()
        TagAlias.objects.create(tag=target, name=tag.name, slug=tag.slug)
        merge = TagMerge.objects.create(tag_number=number, name=tag.name, target=target, made_by=user, kept=kept)
        record("merge", target, by=user, name=tag.name, merge=merge.pk, moved=len(moved), doubled=len(doubles))
    merge.articles = [article for _pk, article in moved] + [article for article, _origin in doubles]
    return merge


def undo_merge(merge: TagMerge, user) -> TagMerge:
    """Make the merged tag anew with its old number, address and uses; what came to the target since stays there.

    Raises Refused when it was undone before, or its name or address belongs to another tag by now.
    """
    kept = merge.kept
    with transaction.atomic():
        mine = TagMerge.objects.filter(pk=merge.pk, undone_at__isnull=True)
        if not mine.update(undone_at=timezone.now(), undone_by=user):
            raise Refused(_("This merge has been undone already."))
        if merge.target_id is None:
            raise Refused(_("The target of this merge is gone."))
        key = tag_key(kept["name"])
        TagAlias.objects.filter(tag=merge.target_id, key=key).delete()
        if Tag.objects.filter(key=key).exists() or TagAlias.objects.filter(key=key).exists():
            raise Refused(_("“%(name)s” belongs to another tag by now.") % {"name": kept["name"]})
        if Tag.objects.filter(slug=kept["slug"]).exists():
            raise Refused(_("The old address belongs to another tag by now."))
        parent = Tag.objects.filter(pk=kept["parent"]).first()
        tag = Tag(pk=merge.tag_number, name=kept["name"], slug=kept["slug"], intro=kept["intro"], parent=parent)
        tag.save(force_insert=True)
        articles = []
        for ids in _in_parts(kept["moved"]):
            uses = TaggedArticle.objects.filter(pk__in=ids, tag=merge.target_id)
            articles += uses.values_list("content_object", flat=True)
            uses.update(tag=tag)
        still = _present([article for article, _origin in kept["doubled"]])
        back = [(article, origin) for article, origin in kept["doubled"] if article in still]
        TaggedArticle.objects.bulk_create(
            TaggedArticle(tag=tag, content_object_id=article, origin=origin) for article, origin in back
        )
        TagAlias.objects.filter(pk__in=kept["aliases"], tag=merge.target_id).update(tag=tag)
        Tag.objects.filter(pk__in=kept["children"], parent=merge.target_id).update(parent=tag)
        if kept["target_was_child"]:
            Tag.objects.filter(pk=merge.target_id).update(parent=tag)
        record("undo", tag, by=user, merge=merge.pk, moved=len(articles), doubled=len(back))
    merge.refresh_from_db()
    merge.articles = articles + [article for article, _origin in back]
    return merge


def _present(articles: list[int]) -> set[int]:
    """Of these articles, those that are still here."""
    model = TaggedArticle._meta.get_field("content_object").related_model
    found: set[int] = set()
    for ids in _in_parts(articles):
        found.update(model.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return found


def _in_parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + IDS_A_STATEMENT] for start in range(0, len(ids), IDS_A_STATEMENT))


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
