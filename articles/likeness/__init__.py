"""Tells what is alike: texts that repeat each other, articles on the same subject, reports of the same event."""

from articles.likeness.events import days_of, propose_stories
from articles.likeness.pairs import Faults, check, fill, note, write_imported
from articles.likeness.terms import learn, unlearned, words_in_common

__all__ = [
    "Faults",
    "check",
    "days_of",
    "fill",
    "learn",
    "note",
    "propose_stories",
    "unlearned",
    "words_in_common",
    "write_imported",
]
