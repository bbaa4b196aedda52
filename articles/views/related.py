"""What stands around an article: where its links lead in this archive, who links here, what comes before and after,
and what tells of the same subject.
"""

import dataclasses

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from articles.models import Article, ArticleMerge, KeyTerm, Reference, Tag, TaggedArticle
from articles.models.article import ArticleQuerySet

MORE = 4
ALIKE_AMONG = 24  # that share most terms; some of them may not be published
SHARED = 2  # terms at least, of two dozen
NEAR = 410  # what shared terms weigh in the other article at least, in thousandths of all that its terms weigh
CITED_AT_MOST = 20
LINKED_AT_MOST = 100


@dataclasses.dataclass(frozen=True)
class Related:
    """Published articles around one, newest first (`alike`: the nearest); `earlier` and `later` are its neighbours in
    `topic`.
    """

    copies: list[Article]
    cited_by: list[Article]
    alike: list[Article]
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
        published.filter(pk__in=_merged(mentions).values("winner")).newest_first()[:LINKED_AT_MOST],
        published.filter(pk__in=_sharing(article)).newest_first(),
        published.filter(pk__in=citing.values("article")).newest_first()[:CITED_AT_MOST],
        published.filter(source=article.source).newest_first()[: 2 * MORE],
        *_neighbours(published, article, topic),
    ]
    found = (
        Article.objects.published()
        .for_lists()
        .newest_first()
        .filter(pk__in=_union(parts))
        .annotate(
            is_linked=Exists(mentions.filter(key=OuterRef("address_key"))),
            linked_as=Subquery(
                _merged(mentions).filter(winner=OuterRef("pk")).order_by("pk").values("article__address_key")[:1]
            ),
            nearness=Coalesce(
                Subquery(_shared(article, article=OuterRef("pk")).annotate(weight_=Sum("weight")).values("weight_")), 0
            ),
            cites=Exists(citing.filter(article=OuterRef("pk"))),
            is_in_topic=Exists(TaggedArticle.objects.filter(content_object=OuterRef("pk"), tag=topic)),
        )
    )
    return _sorted_out(article, topic, list(found))


def _citing(article: Article) -> QuerySet[Reference]:
    """Links to the article; what was written here has no address that anybody could have linked to."""
    key = article.address_key
    return Reference.objects.filter(key=key) if key else Reference.objects.none()


def _merged(mentions: QuerySet[Reference]) -> QuerySet[ArticleMerge]:
    """Merges of articles that are linked: whoever follows the link wants the article that stays."""
    return ArticleMerge.objects.filter(undone_at=None, article__address_key__in=mentions.values("key"))


def _shared(mine: Article, **which) -> QuerySet:
    """Terms that others have in common with an article, grouped by the other."""
    keys = KeyTerm.objects.filter(article=mine).values("key")
    return KeyTerm.objects.filter(key__in=keys, **which).order_by().values("article")


def _sharing(article: Article) -> QuerySet:
    """Numbers of the articles that share most terms; answered from an index."""
    others = _shared(article).exclude(article=article).annotate(number=Count("pk"), near=Sum("weight"))
    near = others.filter(number__gte=SHARED, near__gte=NEAR)
    return near.order_by("-near", "-article").values("article")[:ALIKE_AMONG]


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
    copies = [one for one in found if one.is_linked or one.linked_as]
    cited_by = [one for one in found if one.cites]
    shown = {one.pk for one in (*copies, *cited_by)}
    near = [one for one in found if one.nearness >= NEAR and one.pk not in shown]
    alike = sorted(near, key=lambda one: -one.nearness)[:MORE]
    shown.update(one.pk for one in alike)
    for one in copies:
        if not one.is_linked:
            one.address_key = one.linked_as  # it stands for the article that was merged into it
    return Related(
        copies=copies,
        cited_by=cited_by,
        alike=alike,
        more=[one for one in found if one.source_id == article.source_id and one.pk not in shown][:MORE],
        topic=topic,
        earlier=next((one for one in in_topic if (one.listed_at, one.pk) < place), None),
        later=next((one for one in reversed(in_topic) if (one.listed_at, one.pk) > place), None),
    )
