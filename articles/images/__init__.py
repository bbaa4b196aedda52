"""Pictures: brought in, verified, stored once, made ready for pages, removed with their files."""

from articles.images.fetching import (
    TERMS,
    Terms,
    begin_again,
    due,
    fetch_all,
    fetch_image,
    hand_out,
    in_turns,
    note_hosts,
)
from articles.images.files import clear_halves
from articles.images.keeping import keep, mirrored, place, remove, waiting
from articles.images.renditions import Shown, can_be_shown, cards, make_on_demand, prepare, shared, shown, whole
from articles.images.verifying import LARGEST, Rejected, Verified, verify
from articles.images.withholding import blocked, give_back, looks_of, settle_files, withheld_at, withhold

__all__ = [
    "LARGEST",
    "TERMS",
    "Rejected",
    "Shown",
    "Terms",
    "Verified",
    "begin_again",
    "blocked",
    "can_be_shown",
    "cards",
    "clear_halves",
    "due",
    "fetch_all",
    "fetch_image",
    "give_back",
    "hand_out",
    "in_turns",
    "keep",
    "looks_of",
    "make_on_demand",
    "mirrored",
    "note_hosts",
    "place",
    "prepare",
    "remove",
    "settle_files",
    "shared",
    "shown",
    "verify",
    "waiting",
    "whole",
    "withheld_at",
    "withhold",
]
