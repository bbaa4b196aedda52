"""The tags that an article may be about: names found in it, and what was learned, weighed into one order."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.ingest.text import fold
from articles.ingest.words import OPENING
from articles.models import Article, Source, Tag, TagAlias, TagClue, TagVerdict
from articles.proposing.matching import Names, flat, heads_of, words_of
from articles.search import Piece

MOST = 9  # one a digit of the keyboard
READ = 20_000  # characters of a text that are looked through
LEAST = 0.12  # chance below which nothing is proposed
IN_TITLE, IN_TEXT = 0.5, 0.2  # chance that a name means the tag while nothing has been learned
LATER = 0.6  # a name that stands only behind the opening says less
MORE = 0.3  # what each further mention adds, three at most
WORDS_WEIGHED = 3  # learned words that count; more of them say the same again
FEEDBACK = 2.0  # verdicts' worth of doubt
CANDIDATES = 400
SNIPPETS = 2
AROUND = 22  # characters of a snippet on each side
K = TagClue.Kind
NAMED = (K.IN_TITLE, K.IN_OPENING)


@dataclass(frozen=True)
class Reason:
    """Why a tag is proposed; `places` are stretches of the article with the name marked."""

    words: str
    places: tuple[tuple[Piece, ...], ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A tag and the chance that it fits, between nought and one."""

    tag: Tag
    chance: float
    reasons: tuple[Reason, ...]

    @property
    def percent(self) -> int:
        """The chance for people."""
        return round(100 * self.chance)


@dataclass
class _Signs:
    """All that speaks for one tag."""

    title: list[tuple[int, int]] = field(default_factory=list)
    text: list[tuple[int, int]] = field(default_factory=list)
    clues: list[TagClue] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)
    accepted: int = 0
    refused: int = 0


class _Read:
    """An article as it is looked through: shown text and folded text, position by position."""

    def __init__(self, article: Article) -> None:
        self.title = unicodedata.normalize("NFC", article.title)
        standfirst = unicodedata.normalize("NFC", article.standfirst)
        text = unicodedata.normalize("NFC", article.text[:READ])
        self.text = f"{standfirst}\n{text}" if standfirst else text
        self.opening = len(self.text) - len(text) + OPENING
        self.folded_title, self.folded_text = flat(fold(self.title)), flat(fold(self.text))


def proposals_for(article: Article, most: int = MOST) -> list[Proposal]:
    """The likeliest tags that the article does not have and nobody refused for it, best first; eight queries at most.

    Reads the article's text (the caller has loaded it), never another's; whatever the number of tags.
    """
    read = _Read(article)
    known = set(article.tagged.values_list("tag", flat=True))
    known.update(TagVerdict.objects.filter(article=article, accepted=False).values_list("tag", flat=True))
    signs = _signs(article, read)
    for tag in known:
        signs.pop(tag, None)
    chances = {tag: _chance(one, read.opening) for tag, one in signs.items()}
    best = sorted((tag for tag in chances if chances[tag] >= LEAST / 2), key=lambda tag: (-chances[tag], tag))[
        : 4 * most
    ]
    _hear_editors({tag: signs[tag] for tag in best})
    for tag in best:
        chances[tag] = _with_feedback(chances[tag], signs[tag])
    chosen = sorted((tag for tag in best if chances[tag] >= LEAST), key=lambda tag: (-chances[tag], tag))
    tags = Tag.objects.in_bulk(chosen[: 2 * most])
    publishers = _publishers()
    fitting = [tags[tag] for tag in chosen if tag in tags and tags[tag].key not in publishers][:most]
    return [Proposal(tag, chances[tag.pk], tuple(_reasons(signs[tag.pk], read))) for tag in fitting]


def refused_for(article: Article) -> list[Tag]:
    """Tags that were proposed for the article and refused; one query."""
    return list(Tag.objects.filter(verdicts__article=article, verdicts__accepted=False).order_by("name"))


def _publishers() -> set[str]:
    """Folded names of sources: they stand in every article of theirs."""
    return {flat(fold(name)) for pair in Source.objects.values_list("name", "slug") for name in pair}


def _signs(article: Article, read: _Read) -> dict[int, _Signs]:
    """Tags whose names stand in the article, and tags that its words, source and author speak for; three queries."""
    heads = heads_of(read.folded_title) | heads_of(read.folded_text)
    names = dict(TagAlias.objects.filter(head__in=heads).values_list("key", "tag"))
    names |= dict(Tag.objects.filter(head__in=heads).order_by().values_list("key", "pk"))
    finder = Names(names)
    signs: defaultdict[int, _Signs] = defaultdict(_Signs)
    for tag, places in finder.found_in(read.folded_title).items():
        signs[tag].title = places
    for tag, places in finder.found_in(read.folded_text).items():
        signs[tag].text = places
    words = words_of(read.folded_title, read.folded_text[: read.opening])
    wanted = Q(kind=K.WORDS, words__in=words) | Q(kind=K.SOURCE, words=article.source.slug)
    byline = fold(article.byline).strip()
    wanted |= Q(kind=K.BYLINE, words=byline) if byline else Q()
    wanted |= Q(tag__in=list(signs)[:CANDIDATES], kind__in=NAMED)
    for clue in TagClue.objects.filter(wanted):
        if clue.kind in NAMED:
            signs[clue.tag_id].shares[clue.kind] = clue.share
        else:
            signs[clue.tag_id].clues.append(clue)
    return signs


def _hear_editors(signs: dict[int, _Signs]) -> None:
    """How often each was accepted and refused elsewhere; one query, answered from an index."""
    rows = TagVerdict.objects.filter(tag__in=signs).order_by().values_list("tag", "accepted")
    for tag, accepted, number in rows.annotate(number=Count("pk")):
        setattr(signs[tag], "accepted" if accepted else "refused", number)


def _chance(signs: _Signs, opening: int) -> float:
    """Of independent signs at least one is right."""
    wrong = 1.0
    if signs.title:
        wrong *= 1 - signs.shares.get(K.IN_TITLE, IN_TITLE)
    if signs.text:
        share = signs.shares.get(K.IN_OPENING, IN_TEXT)
        share *= 1 if signs.text[0][0] < opening else LATER
        wrong *= 1 - min(share * (1 + MORE * min(len(signs.text) - 1, 3)), 0.95)
    for clue in _weighed(signs.clues):
        wrong *= 1 - clue.share
    return 1 - wrong


def _weighed(clues: Iterable[TagClue]) -> list[TagClue]:
    """The strongest clues of which none is a part of another."""
    chosen: list[TagClue] = []
    for clue in sorted(clues, key=lambda one: (-one.share, -len(one.words), one.words)):
        if not any(_share_a_pair(clue.words, other.words) for other in chosen):
            chosen.append(clue)
        if len(chosen) == WORDS_WEIGHED:
            break
    return chosen


def _share_a_pair(one: str, other: str) -> bool:
    """Whether two words overlap: neighbouring pairs of one Chinese word are the same sign."""
    return one in other or other in one or one[-1] == other[0] or other[-1] == one[0]


def _with_feedback(chance: float, signs: _Signs) -> float:
    """The odds go with what editors said of the tag."""
    odds = min(chance, 0.99) / (1 - min(chance, 0.99))
    odds *= (signs.accepted + FEEDBACK) / (signs.refused + FEEDBACK)
    return odds / (1 + odds)


def _reasons(signs: _Signs, read: _Read) -> Iterable[Reason]:
    if signs.title:
        yield Reason(_("named in the title"), (tuple(_marked(read.title, signs.title)),))
    if signs.text:
        number = len(signs.text)
        told = ngettext("named once in the text", "named %(number)d times in the text", number) % {"number": number}
        yield Reason(told, tuple(_snippet(read.text, place) for place in signs.text[:SNIPPETS]))
    weighed = _weighed(signs.clues)
    words = [clue.words for clue in weighed if clue.kind == K.WORDS]
    if words:
        yield Reason(_("articles with these words often have it: %s") % ", ".join(words))
    if any(clue.kind == K.SOURCE for clue in weighed):
        yield Reason(_("usual for this source"))
    if any(clue.kind == K.BYLINE for clue in weighed):
        yield Reason(_("usual for this author"))
    if signs.accepted or signs.refused:
        verdicts = {"accepted": signs.accepted, "refused": signs.refused}
        yield Reason(_("accepted %(accepted)d times elsewhere, refused %(refused)d times") % verdicts)


def _marked(text: str, places: Iterable[tuple[int, int]]) -> Iterable[Piece]:
    at = 0
    for start, end in places:
        if start > at:
            yield Piece(text[at:start])
        yield Piece(text[start:end], marked=True)
        at = end
    if at < len(text):
        yield Piece(text[at:])


def _snippet(text: str, place: tuple[int, int]) -> tuple[Piece, ...]:
    start, end = place
    before = text[max(0, start - AROUND) : start].rpartition("\n")[2]
    after = text[end : end + AROUND].partition("\n")[0]
    pieces = (Piece(before), Piece(text[start:end], marked=True), Piece(after))
    return tuple(piece for piece in pieces if piece.text)
