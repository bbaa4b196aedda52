"""Tells what is alike: texts that repeat each other, articles on the same subject, reports of the same event."""

from articles.likeness.events import days_of, propose_stories
from articles.likeness.following import learn_and_propose
from articles.likeness.learning import learn, note, unlearned
from articles.likeness.pairs import Faults, check, fill, keep_signatures, pair_again

__all__ = [
    "Faults",
    "check",
    "days_of",
    "fill",
    "keep_signatures",
    "learn",
    "learn_and_propose",
    "note",
    "pair_again",
    "propose_stories",
    "unlearned",
]
