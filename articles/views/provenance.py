"""Where an article comes from and what was noted since: fetched with it."""

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, Subquery

from articles.models import Original, with_notes
from articles.models.article import ArticleQuerySet


def with_provenance(articles: ArticleQuerySet) -> ArticleQuerySet:
    """`articles` with `original_sha256` and `versions`, the number of different texts their source gave; no query
    of its own. Its notes come too.
    """
    contents = Original.objects.filter(article=OuterRef("pk")).order_by().values("article")
    return with_notes(articles).annotate(
        original=FilteredRelation("originals", condition=Q(originals__newest=True)),
        original_sha256=F("original__sha256"),
        versions=Subquery(contents.annotate(number=Count("content_sha256", distinct=True)).values("number")),
    )
