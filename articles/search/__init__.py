"""Finds articles by words in either script: the index, the query language, the order of the answers."""

from articles.search.alternatives import query_of, synonyms_read_once
from articles.search.finding import CAP, PAGE, Facet, Results, find, matching, newest_of
from articles.search.guessing import guesses
from articles.search.index import (
    Faults,
    check,
    check_some,
    has_vectors,
    index,
    rebuild,
    settle,
    settling,
    write_imported,
)
from articles.search.marking import Piece, mark, pattern_of, snippet
from articles.search.query import Query, Word, parse
from articles.search.showing import Shown, shown
from articles.search.waiting import index_waiting

__all__ = [
    "CAP",
    "PAGE",
    "Facet",
    "Faults",
    "Piece",
    "Query",
    "Results",
    "Shown",
    "Word",
    "check",
    "check_some",
    "find",
    "guesses",
    "has_vectors",
    "index",
    "index_waiting",
    "mark",
    "matching",
    "newest_of",
    "parse",
    "pattern_of",
    "query_of",
    "rebuild",
    "settle",
    "settling",
    "shown",
    "snippet",
    "synonyms_read_once",
    "write_imported",
]
