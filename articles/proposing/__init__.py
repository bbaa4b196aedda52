"""Proposes tags for an article, with reasons and places; learns from tagged articles and from editors' verdicts."""

from articles.proposing.judging import accept, judge, offer_again, refuse
from articles.proposing.learning import learn
from articles.proposing.offering import MOST, Proposal, Reason, proposals_for, refused_for

__all__ = [
    "MOST",
    "Proposal",
    "Reason",
    "accept",
    "judge",
    "learn",
    "offer_again",
    "proposals_for",
    "refuse",
    "refused_for",
]
