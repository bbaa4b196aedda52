"""The search entry of an article, and the one lookup that narrows any list of articles by words.

On SQLite the tokens stand in an FTS5 table beside this one (contentless: it keeps tokens only), on PostgreSQL in a
tsvector with a GIN index (see `ingest.vectors`); `filter(entry__words__match=…)` means the same on both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models.lookups import Lookup
from django.utils.translation import gettext_lazy as _

from articles.ingest.vectors import FORMS, HEAD, WEIGHTS
from articles.ingest.words import DIVIDER, FIELDS

TOKENS_TABLE = "articles_entry_words"  # of SQLite
HEAD_FIELDS = FIELDS[:3]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that stand side by side; the last may be only a beginning. `field`: one of FIELDS, HEAD, or any."""

    tokens: tuple[str, ...]
    is_prefix: bool = False
    field: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """What must be there (any of the phrases), or must not."""

    phrases: tuple[Phrase, ...]
    excluded: bool = False

    def within(self, field: str) -> Term:
        """The same, looked for in one field."""
        return Term(tuple(Phrase(p.tokens, p.is_prefix, field) for p in self.phrases), self.excluded)


def _fts5(term: Term) -> str:
    """A term in the language of FTS5; tokens are letters and digits, so that nothing in them can be syntax."""
    phrases = []
    for phrase in term.phrases:
        words = f'"{" ".join(phrase.tokens)}"{" *" if phrase.is_prefix else ""}'
        fields = " ".join(HEAD_FIELDS) if phrase.field == HEAD else phrase.field
        phrases.append(f"{{{fields}}} : {words}" if fields else words)
    return f"({' OR '.join(phrases)})"


def fts5(terms: Sequence[Term]) -> tuple[str, str]:
    """Terms in the language of FTS5: what is asked for, without what is excluded; and what is excluded where nothing
    is asked for.
    """
    wanted = " AND ".join(_fts5(term) for term in terms if not term.excluded)
    excluded = " OR ".join(_fts5(term) for term in terms if term.excluded)
    return (f"({wanted}) NOT ({excluded})", "") if wanted and excluded else (wanted, excluded)


def _tsquery(term: Term, *, exact: bool) -> str:
    """A term in the language of tsquery. Titles and heads have tokens of their own: a weight is not in the index."""
    phrases = []
    for phrase in term.phrases:
        form = FORMS.get(phrase.field, "")
        weight = WEIGHTS[FIELDS.index(phrase.field)] if exact and phrase.field and not form else ""
        labels = [f":{weight}" if weight else ""] * len(phrase.tokens)
        if phrase.is_prefix:
            labels[-1] = f":*{weight}"
        words = (" <-> " if exact else " & ").join(
            f"'{form}{token}'{label}" for token, label in zip(phrase.tokens, labels, strict=True)
        )
        phrases.append(f"({words})")
    return f"{'!' if term.excluded else ''}({' | '.join(phrases)})"


def tsquery(terms: Sequence[Term]) -> str:
    """Terms in the language of tsquery."""
    return " & ".join(_tsquery(term, exact=True) for term in terms)


def index_tsquery(terms: Sequence[Term]) -> str:
    """What the index alone can tell of `tsquery`: as much or more is found. The same text where that is all.

    Neither the places of tokens nor their fields are in a GIN index: for a phrase or a field it must read every row.
    """
    asked = (term for term in terms if not term.excluded or _tsquery(term, exact=True) == _tsquery(term, exact=False))
    return " & ".join(_tsquery(term, exact=False) for term in asked)


def exactly(terms: Sequence[Term], table: str = "articles_entry") -> tuple[str, list[str]]:
    """The condition of PostgreSQL that a row of entries has the terms, and its values; no index helps with it."""
    held, values = [], []
    for term in terms:
        sought = []
        for phrase in term.phrases:
            words = f" {' '.join(phrase.tokens)}{'' if phrase.is_prefix else ' '}"
            places = HEAD_FIELDS if phrase.field == HEAD else (phrase.field,)
            for field in places:
                part = f"split_part({table}.whole, chr({ord(DIVIDER)}), {FIELDS.index(field) + 1})" if field else ""
                sought.append(f"strpos({part or f'{table}.whole'}, %s) > 0")
                values.append(words)
        held.append(f"{'NOT ' if term.excluded else ''}({' OR '.join(sought)})")
    by_vector = f"{table}.words @@ %s::tsquery"
    return f"CASE WHEN {table}.whole IS NULL THEN {by_vector} ELSE {' AND '.join(held)} END", [tsquery(terms), *values]


class WordsField(models.Field):
    """The tokens of an entry; written by `articles.search` alone, gives nothing back worth reading."""

    def db_type(self, connection) -> str:
        """Only PostgreSQL keeps them in this column."""
        return "tsvector" if connection.vendor == "postgresql" else "varchar(1)"

    def get_placeholder(self, value, compiler, connection) -> str:
        """PostgreSQL is told what the literal is."""
        return "%s::tsvector" if connection.vendor == "postgresql" else "%s"


@WordsField.register_lookup
class Match(Lookup):
    """Entries that have all the wanted terms and none of the excluded ones; the right side is a tuple of terms."""

    lookup_name = "match"
    prepare_rhs = False

    def get_db_prep_lookup(self, value, connection):
        """The terms as they are; each database has its own language for them."""
        return "%s", [value]

    def as_sql(self, compiler, connection):
        """On SQLite: the entry's number is among those that FTS5 finds."""
        column = f"{compiler.quote_name_unless_alias(self.lhs.alias)}.{connection.ops.quote_name('id')}"
        clauses, parameters = [], []
        for words, sense in zip(fts5(self.rhs), ("IN", "NOT IN"), strict=True):
            if words:
                clauses.append(
                    f"{column} {sense} (SELECT rowid FROM {TOKENS_TABLE} WHERE {TOKENS_TABLE} MATCH %s)"  # noqa: S608
                )
                parameters.append(words)
        return " AND ".join(clauses) or "1 = 1", parameters

    def as_postgresql(self, compiler, connection):
        """On PostgreSQL: the entry's number is among those whose tsvector matches.

        OFFSET 0 keeps the question apart from the order of the list, and the SELECT within hides how common the words
        are: the planner takes reading a tsvector for cheap, and would read every one instead of asking the index.
        """
        if not self.rhs:
            return "true", []
        column = f"{compiler.quote_name_unless_alias(self.lhs.alias)}.{connection.ops.quote_name('id')}"
        asked, exact = index_tsquery(self.rhs), tsquery(self.rhs)
        clauses, values = (["words @@ (SELECT %s::tsquery)"], [asked]) if asked else ([], [])
        if asked != exact:
            clause, told = exactly(self.rhs)
            clauses, values = [*clauses, clause], [*values, *told]
        return f"{column} IN (SELECT id FROM articles_entry WHERE {' AND '.join(clauses)} OFFSET 0)", values  # noqa: S608


class Entry(models.Model):
    """What search knows of one article.

    The number says the place in time, newest greatest, so that going through entries by number is going by date. An
    entry that is written anew gets another number, so that it never meets the tokens of the one before.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    article = models.OneToOneField("articles.Article", on_delete=models.CASCADE, related_name="entry")
    digest = models.CharField(max_length=32)
    lead = models.TextField()
    more = models.TextField(null=True)  # of the text, behind the lead; ranking reads it
    words = WordsField()
    whole = models.TextField(null=True)  # of long articles on PostgreSQL: see above

    class Meta:
        """Never listed."""

        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = [models.Index(fields=["id", "article"], name="entry_to_article")]  # covers the walk along matches

    def __str__(self) -> str:
        return f"entry of article {self.article_id}"
