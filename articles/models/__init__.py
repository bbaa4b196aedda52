"""What the newsroom keeps, one module a subject."""

from articles.models.article import FRESH, UNDATED, Article, PossibleDuplicate, Reference, slug_of
from articles.models.edition import Edition, kept, new_edition
from articles.models.image import ArticleImage, Image, ImageHost, Rendition
from articles.models.imports import ImportFile, ImportRun, Original, Result
from articles.models.preview import preview_address, previewed
from articles.models.revision import Contents, Revision, contents_of, keep_baseline, keep_revisions
from articles.models.search import Entry
from articles.models.source import Source
from articles.models.spelling import Spelling
from articles.models.tagging import Tag, TagAlias, TaggedArticle, TagMerge, tag_key
from articles.models.workflow import Claim, Presence, Step

__all__ = [
    "FRESH",
    "UNDATED",
    "Article",
    "ArticleImage",
    "Claim",
    "Contents",
    "Edition",
    "Entry",
    "Image",
    "ImageHost",
    "ImportFile",
    "ImportRun",
    "Original",
    "PossibleDuplicate",
    "Presence",
    "Reference",
    "Rendition",
    "Result",
    "Revision",
    "Source",
    "Spelling",
    "Step",
    "Tag",
    "TagAlias",
    "TagMerge",
    "TaggedArticle",
    "contents_of",
    "keep_baseline",
    "keep_revisions",
    "kept",
    "new_edition",
    "preview_address",
    "previewed",
    "slug_of",
    "tag_key",
]
