"""What the newsroom keeps, one module a subject."""

from articles.models.article import UNDATED, Article, PossibleDuplicate, Reference, slug_of
from articles.models.image import ArticleImage, Image
from articles.models.imports import ImportFile, ImportRun, Original, Result
from articles.models.source import Source
from articles.models.tagging import Tag, TagAlias, TaggedArticle, tag_key

__all__ = [
    "UNDATED",
    "Article",
    "ArticleImage",
    "Image",
    "ImportFile",
    "ImportRun",
    "Original",
    "PossibleDuplicate",
    "Reference",
    "Result",
    "Source",
    "Tag",
    "TagAlias",
    "TaggedArticle",
    "slug_of",
    "tag_key",
]
