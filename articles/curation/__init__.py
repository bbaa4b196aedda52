"""What editors do to articles: edit, move through the workflow, restore; every deed leaves a record."""

from articles.curation.checks import Check, checks_of, is_blocked
from articles.curation.comparing import Piece, changed_fields, compare
from articles.curation.corrections import correct, corrections_of, may_correct, withdraw_correction
from articles.curation.describing import articles_with, changing, describe, save_place, take_out
from articles.curation.editing import mark_edited, save_edited, take_out_of_text, write_words
from articles.curation.merging import CHOICES, Newer, Unmergeable, newer_of, settle_source
from articles.curation.presence import leave, others_at
from articles.curation.restoring import Missing, restore
from articles.curation.roles import REPORTER_STATES, ROLES, may_change, may_change_source, may_tag, repair_roles
from articles.curation.triage import (
    claim,
    decide,
    held_by_other,
    inbox_for,
    inbox_page,
    note_deed,
    release,
    renew,
    take_over,
    undo_last_deed,
)
from articles.curation.unsaved import as_new, as_typed, discard_unsaved, keep_unsaved, unsaved_of
from articles.curation.workflow import MOVES, UNDO, Move, Refused, move, moves_for

__all__ = [
    "CHOICES",
    "MOVES",
    "REPORTER_STATES",
    "ROLES",
    "UNDO",
    "Check",
    "Missing",
    "Move",
    "Newer",
    "Piece",
    "Refused",
    "Unmergeable",
    "articles_with",
    "as_new",
    "as_typed",
    "changed_fields",
    "changing",
    "checks_of",
    "claim",
    "compare",
    "correct",
    "corrections_of",
    "decide",
    "describe",
    "discard_unsaved",
    "held_by_other",
    "inbox_for",
    "inbox_page",
    "is_blocked",
    "keep_unsaved",
    "leave",
    "mark_edited",
    "may_change",
    "may_change_source",
    "may_correct",
    "may_tag",
    "move",
    "moves_for",
    "newer_of",
    "note_deed",
    "others_at",
    "release",
    "renew",
    "repair_roles",
    "restore",
    "save_edited",
    "save_place",
    "settle_source",
    "take_out",
    "take_out_of_text",
    "take_over",
    "undo_last_deed",
    "unsaved_of",
    "withdraw_correction",
    "write_words",
]
