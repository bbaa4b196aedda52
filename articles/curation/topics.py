"""Tags by name, as people type them: in either script, or by an alias."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from articles.curation.workflow import Refused
from articles.models import Tag, TagAlias, record, slug_of, tag_key


def topic_named(name: str) -> Tag | None:
    """The tag of that name or alias; two queries at most."""
    key = tag_key(name)
    tag = Tag.objects.filter(key=key).first()
    alias = None if tag else TagAlias.objects.filter(key=key).select_related("tag").first()
    return tag or (alias.tag if alias else None)


def topics_named(names: Iterable[str]) -> list[Tag]:
    """The tags of those names or aliases, each once; names of tags that are gone are left out. Two queries at most."""
    keys = {tag_key(name) for name in names}
    found = {tag.key: tag for tag in Tag.objects.filter(key__in=keys)}
    missing = keys - found.keys()
    if missing:
        aliases = TagAlias.objects.filter(key__in=missing).select_related("tag")
        found |= {alias.key: alias.tag for alias in aliases}
    return list({tag.pk: tag for tag in found.values()}.values())


def topic_for(name: str, user) -> Tag:
    """The same, made anew by those who may make tags. Raises Refused."""
    tag = topic_named(name)
    if tag is not None:
        return tag
    if not tag_key(name) or not user.has_perm("articles.add_tag"):
        raise Refused(_("There is no tag of that name."))
    slug = slug_of(name)
    if Tag.objects.filter(slug=slug).exists() or TagAlias.objects.filter(slug=slug).exists():
        slug = f"{slug}-{Tag.objects.order_by('-pk').values_list('pk', flat=True).first() or 0}"
    tag = Tag.objects.create(name=name.strip()[:200], slug=slug)
    record("add", tag, by=user)
    return tag
