"""Which articles go out, and what their collection is called."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from articles import search
from articles.models import Article, Source, Tag, tag_key
from articles.models.article import ArticleQuerySet


class NoSuchChoice(Exception):
    """A choice that cannot be met; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for; everything that is given narrows. `everything`: in every state, not only what readers see."""

    source: str = ""  # slug
    topic: str = ""  # name, slug or another name of a tag
    search: str = ""  # as readers write it
    since: datetime.date | None = None
    until: datetime.date | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The articles, oldest first, and the name of what holds them."""

    articles: ArticleQuerySet
    title: str


def choose(choice: Choice) -> Chosen:
    """Articles of a choice: those that readers may see now, unless it says everything.

    A query for each of source and topic, one for the synonyms of a search. Raises NoSuchChoice.
    """
    articles = Article.objects.not_taken_down() if choice.everything else Article.objects.published()
    names = []
    if choice.topic:
        tag = _tag(choice.topic)
        names.append(tag.name)
        articles = articles.filter(tagged__tag=tag)
    if choice.search:
        query = search.query_of(choice.search)
        if query.is_empty:
            raise NoSuchChoice(f"There is nothing to search for in {choice.search!r}.")
        names.append(f"“{choice.search}”")
        articles = search.matching(articles, query)
    if choice.source:
        source = Source.objects.filter(slug=choice.source).first()
        if source is None:
            raise NoSuchChoice(f"There is no source {choice.source!r}: see the list of sources in the admin.")
        names.append(source.name)
        articles = articles.filter(source=source)
    if choice.since:
        articles = articles.filter(published_on__gte=choice.since)
    if choice.until:
        articles = articles.filter(published_on__lte=choice.until)
    return Chosen(articles.order_by("listed_at", "id"), " · ".join(names) or settings.SITE_NAME)


def _tag(name: str) -> Tag:
    key = tag_key(name)
    tag = Tag.objects.filter(Q(key=key) | Q(slug=name) | Q(aliases__key=key)).order_by("pk").first()
    if tag is None:
        raise NoSuchChoice(f"There is no tag {name!r}: give its name or slug.")
    return tag
