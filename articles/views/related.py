"""What stands around an article: where its links lead in this archive, who links here, what comes before and after."""

import dataclasses

from django.db.models import Exists, OuterRef, Q, QuerySet

from articles.models import Article, Reference, Tag, TaggedArticle
from articles.models.article import ArticleQuerySet

MORE = 4
CITED_AT_MOST = 20
LINKED_AT_MOST = 100


@dataclasses.dataclass(frozen=True)
class Related:
    """Published articles around one, newest first; `earlier` and `later` are its neighbours in `topic`."""

    copies: list[Article]
    cited_by: list[Article]
    more: list[Article]
    topic: Tag | None
    earlier: Article | None
    later: Article | None


def related_to(article: Article, topic: Tag | None) -> Related:
    """Everything around `article` in one query: each part is found by an index, the rows are fetched once."""
    published = Article.objects.published().exclude(pk=article.pk)
    mentions = Reference.objects.filter(article=article)
    citing = _citing(article)
    parts = [
        published.filter(address_key__in=mentions.values("key")).newest_first()[:LINKED_AT_MOST],
        published.filter(pk__in=citing.values("article")).newest_first()[:CITED_AT_MOST],
        published.filter(source=article.source).newest_first()[:MORE],
        *_neighbours(published, article, topic),
    ]
    found = (
        Article.objects.published()
        .for_lists()
        .newest_first()
        .filter(pk__in=_union(parts))
        .annotate(
            is_linked=Exists(mentions.filter(key=OuterRef("address_key"))),
            cites=Exists(citing.filter(article=OuterRef("pk"))),
            is_in_topic=Exists(TaggedArticle.objects.filter(content_object=OuterRef("pk"), tag=topic)),
        )
    )
    return _sorted_out(article, topic, list(found))


def _citing(article: Article) -> QuerySet[Reference]:
    """Links to the article; what was written here has no address that anybody could have linked to."""
    key = article.address_key
    return Reference.objects.filter(key=key) if key else Reference.objects.none()


def _neighbours(published: ArticleQuerySet, article: Article, topic: Tag | None) -> list[ArticleQuerySet]:
    if topic is None:
        return []
    here, number = article.listed_at, article.pk
    same = published.of_topic(topic)
    before = same.filter(Q(listed_at__lt=here) | Q(pk__lt=number), listed_at__lte=here).newest_first()
    after = same.filter(Q(listed_at__gt=here) | Q(pk__gt=number), listed_at__gte=here).order_by("listed_at", "id")
    return [before[:1], after[:1]]


def _union(parts: list[ArticleQuerySet]) -> ArticleQuerySet:
    """Numbers of all parts. SQLite allows a limit in a part of a union only inside a subquery."""
    first, *rest = (Article.objects.order_by().filter(pk__in=part.values("pk")).values("pk") for part in parts)
    return first.union(*rest, all=True)


def _sorted_out(article: Article, topic: Tag | None, found: list[Article]) -> Related:
    place = (article.listed_at, article.pk)
    in_topic = [one for one in found if topic and one.is_in_topic]
    return Related(
        copies=[one for one in found if one.is_linked],
        cited_by=[one for one in found if one.cites],
        more=[one for one in found if one.source_id == article.source_id][:MORE],
        topic=topic,
        earlier=next((one for one in in_topic if (one.listed_at, one.pk) < place), None),
        later=next((one for one in reversed(in_topic) if (one.listed_at, one.pk) > place), None),
    )
