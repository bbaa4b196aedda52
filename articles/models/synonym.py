"""Words that mean the same to whoever searches: editors keep them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.ingest.text import fold, one_line
from articles.ingest.words import cut_query
from articles.models.edition import Public, PublicQuerySet

MOST_WORDS = 20  # of one set
LONGEST = 60  # characters of one word


class SynonymSet(Public):
    """Words of one meaning, a line each: whoever searches for one of them finds the articles that have any."""

    words = models.TextField(
        _("words"),
        help_text=_(
            "One a line, such as two transcriptions of a name. Whoever searches for one of them finds all of them; "
            "Traditional and Simplified characters need no line each."
        ),
    )

    changed_at = models.DateTimeField(auto_now=True, editable=False)  # tells which sets are the ones that are kept

    objects = PublicQuerySet.as_manager()

    class Meta:
        """The newest first: there is no order of meanings."""

        ordering = ["-id"]
        verbose_name = _("set of synonyms")
        verbose_name_plural = _("sets of synonyms")

    def __str__(self) -> str:
        return " = ".join(self.words.splitlines())

    def clean(self) -> None:
        """Keep each word once, tidily. Raises ValidationError unless two words are left to be told apart."""
        lines: dict[str, str] = {}
        for line in filter(None, map(one_line, self.words.splitlines())):
            lines.setdefault(fold(line), line)
        for line in lines.values():
            if len(line) > LONGEST:
                raise ValidationError({"words": _("A word has %(most)s characters at most.") % {"most": LONGEST}})
            if not cut_query(fold(line))[0]:
                raise ValidationError({"words": _("“%(word)s” has no letter to search for.") % {"word": line}})
        if len(lines) < 2:
            raise ValidationError(
                {"words": _("Two words at least, of which neither is the other in other characters.")}
            )
        if len(lines) > MOST_WORDS:
            raise ValidationError({"words": _("One set has %(most)s words at most.") % {"most": MOST_WORDS}})
        self.words = "\n".join(lines.values())


def folded_words(written: str) -> tuple[str, ...]:
    """The lines of a set as they are searched for, each once."""
    return tuple(dict.fromkeys(" ".join(fold(line).split()) for line in written.splitlines() if line.strip()))
