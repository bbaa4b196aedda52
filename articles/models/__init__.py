"""What the newsroom keeps, one module a subject."""

from articles.models.article import FRESH, UNDATED, Article, Reference, slug_of
from articles.models.audit import Deed, deed_of, record
from articles.models.bulk import BulkItem, BulkJob
from articles.models.correction import Correction, Note, changed_at, notes_of, with_notes
from articles.models.counts import (
    Drift,
    MonthCount,
    TopicCount,
    drift,
    months_counted,
    recount,
    sources_counted,
    topics_by_name,
    topics_counted,
)
from articles.models.edition import Edition, kept, kept_for, new_edition, turn_edition
from articles.models.filters import FirstFilter, SavedFilter, TriageDeed
from articles.models.front import (
    FrontMoment,
    FrontPage,
    Plan,
    front_preview_address,
    front_previewed,
    live_plan,
    plan_of,
)
from articles.models.image import ArticleImage, Image, ImageHost, Poster, Rendition
from articles.models.imports import ImportFile, ImportRun, Original, Remainder, Result, lock_writers
from articles.models.likeness import ArticleMerge, Band, KeyTerm, PossibleDuplicate, Signature
from articles.models.preview import preview_address, previewed, previewed_unsaved, unsaved_preview_address
from articles.models.proposing import TagClue, TagVerdict
from articles.models.pulse import Pulse
from articles.models.revision import Contents, Revision, contents_of, keep_baseline, keep_revisions
from articles.models.search import Entry
from articles.models.signing_in import FactorDemand, StaffSession
from articles.models.source import Source
from articles.models.spelling import Spelling
from articles.models.story import Story, StoryArticle
from articles.models.synonym import SynonymSet
from articles.models.tagging import Tag, TagAlias, TaggedArticle, TagMerge, tag_key
from articles.models.takedown import Block, Hold, TakeDown, WithheldFile, WithheldPicture, block_key, not_held
from articles.models.unsaved import Unsaved
from articles.models.waiting import WaitingEntry, want_entries
from articles.models.websub import Announced, Ping
from articles.models.workflow import Claim, Presence, Step

__all__ = [
    "FRESH",
    "UNDATED",
    "Announced",
    "Article",
    "ArticleImage",
    "ArticleMerge",
    "Band",
    "Block",
    "BulkItem",
    "BulkJob",
    "Claim",
    "Contents",
    "Correction",
    "Deed",
    "Drift",
    "Edition",
    "Entry",
    "FactorDemand",
    "FirstFilter",
    "FrontMoment",
    "FrontPage",
    "Hold",
    "Image",
    "ImageHost",
    "ImportFile",
    "ImportRun",
    "KeyTerm",
    "MonthCount",
    "Note",
    "Original",
    "Ping",
    "Plan",
    "PossibleDuplicate",
    "Poster",
    "Presence",
    "Pulse",
    "Reference",
    "Remainder",
    "Rendition",
    "Result",
    "Revision",
    "SavedFilter",
    "Signature",
    "Source",
    "Spelling",
    "StaffSession",
    "Step",
    "Story",
    "StoryArticle",
    "SynonymSet",
    "Tag",
    "TagAlias",
    "TagClue",
    "TagMerge",
    "TagVerdict",
    "TaggedArticle",
    "TakeDown",
    "TopicCount",
    "TriageDeed",
    "Unsaved",
    "WaitingEntry",
    "WithheldFile",
    "WithheldPicture",
    "block_key",
    "changed_at",
    "contents_of",
    "deed_of",
    "drift",
    "front_preview_address",
    "front_previewed",
    "keep_baseline",
    "keep_revisions",
    "kept",
    "kept_for",
    "live_plan",
    "lock_writers",
    "months_counted",
    "new_edition",
    "not_held",
    "notes_of",
    "plan_of",
    "preview_address",
    "previewed",
    "previewed_unsaved",
    "record",
    "recount",
    "slug_of",
    "sources_counted",
    "tag_key",
    "topics_by_name",
    "topics_counted",
    "turn_edition",
    "unsaved_preview_address",
    "want_entries",
    "with_notes",
]
