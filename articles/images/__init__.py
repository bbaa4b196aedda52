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
from articles.images.keeping import keep, mirrored, place, remove, waiting
from articles.images.renditions import can_be_shown, cards, make_on_demand, prepare, whole
from articles.images.verifying import LARGEST, Rejected, Verified, verify

__all__ = [
    "LARGEST",
    "TERMS",
    "Rejected",
    "Terms",
    "Verified",
    "begin_again",
    "can_be_shown",
    "cards",
    "due",
    "fetch_all",
    "fetch_image",
    "hand_out",
    "in_turns",
    "keep",
    "make_on_demand",
    "mirrored",
    "note_hosts",
    "place",
    "prepare",
    "remove",
    "verify",
    "waiting",
    "whole",
]
