"""What editors do to articles: edit, move through the workflow, restore; every deed leaves a record."""

from articles.curation.checks import Check, checks_of, is_blocked
from articles.curation.comparing import Piece, changed_fields, compare
from articles.curation.editing import mark_edited, save_edited
from articles.curation.merging import CHOICES, Newer, Unmergeable, newer_of, settle_source
from articles.curation.presence import leave, others_at
from articles.curation.restoring import Missing, restore
from articles.curation.roles import REPORTER_STATES, ROLES, may_change, repair_roles
from articles.curation.triage import (
    ORDERS,
    UNDO,
    add_topic,
    claim,
    inbox_for,
    reject_as_duplicate,
    release,
    undo_last_move,
)
from articles.curation.workflow import MOVES, Move, Refused, move, moves_for

__all__ = [
    "CHOICES",
    "MOVES",
    "ORDERS",
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
    "add_topic",
    "changed_fields",
    "checks_of",
    "claim",
    "compare",
    "inbox_for",
    "is_blocked",
    "leave",
    "mark_edited",
    "may_change",
    "move",
    "moves_for",
    "newer_of",
    "others_at",
    "reject_as_duplicate",
    "release",
    "repair_roles",
    "restore",
    "save_edited",
    "settle_source",
    "undo_last_move",
]
