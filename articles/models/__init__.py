"""What the newsroom keeps, one module a subject."""

from articles.models.article import FRESH, UNDATED, Article, PossibleDuplicate, Reference, slug_of
from articles.models.edition import Edition, new_edition
from articles.models.image import ArticleImage, Image, ImageHost, Rendition
from articles.models.imports import ImportFile, ImportRun, Original, Result
from articles.models.search import Entry
from articles.models.source import Source
from articles.models.tagging import Tag, TagAlias, TaggedArticle, tag_key

__all__ = [
    "FRESH",
    "UNDATED",
    "Article",
    "ArticleImage",
    "Edition",
    "Entry",
    "Image",
    "ImageHost",
    "ImportFile",
    "ImportRun",
    "Original",
    "PossibleDuplicate",
    "Reference",
    "Rendition",
    "Result",
    "Source",
    "Tag",
    "TagAlias",
    "TaggedArticle",
    "new_edition",
    "slug_of",
    "tag_key",
]
