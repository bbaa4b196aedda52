"""Learns from articles that have tags: how often a name in a title means the tag, which words, sources and authors do.

What is learned is a set of rows, made anew as a whole: the strongest signs of each tag, no matter how many articles.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction

from articles.ingest.words import DIVIDER
from articles.models import Entry, Tag, TagAlias, TagClue, TaggedArticle, record
from articles.proposing.matching import Names, flat, words_of

LEARNED_FROM = 40_000  # articles, the newest with tags: what tags mean changes, and memory is finite
FEWEST_USES = 3  # of a tag that words are learned for
FEWEST_TOGETHER = 3  # articles with the word and the tag
STRONG = 15.0  # log-likelihood ratio; 10.83 is one chance in a thousand, and there are many words
MOST_CLUES = 25  # words kept for a tag
DOUBT = 5.0  # articles' worth of doubt: few sights prove little
COMMONEST = 0.3  # a word in more of all articles says nothing
LIFT = 1.5  # a word tells of a tag when the tag is so much oftener with it than without
SPECIAL = {"\x01": TagClue.Kind.SOURCE, "\x02": TagClue.Kind.BYLINE}  # first characters that no word has
ROWS = 2000  # a statement
LONGEST = TagClue._meta.get_field("words").max_length
K = TagClue.Kind


@dataclass
class _Counts:
    """Of one tag: how often its name stands somewhere, and how often the tag is there too."""

    named: Counter = field(default_factory=Counter)
    meant: Counter = field(default_factory=Counter)


def learn() -> int:
    """Make all clues anew; returns their number.

    Reads the search entries of at most 40,000 articles, never a body; seconds, and about 200 MB at that number.
    """
    tags_of = _tags_by_article()
    names = Names(_names())
    numbers: dict[str, int] = {}
    seen: Counter = Counter()
    words_of_tag: defaultdict[int, list[array]] = defaultdict(list)
    counts: defaultdict[int, _Counts] = defaultdict(_Counts)
    total = 0
    for article, title, opening, source, byline in _leads(tags_of):
        total += 1
        tags = tags_of[article]
        words = words_of(title, opening) | {f"\x01{source}"} | ({f"\x02{byline}"} if byline else set())
        found = array("L", {numbers.setdefault(word, len(numbers)) for word in words})
        seen.update(found)
        for tag in tags:
            words_of_tag[tag].append(found)
        for kind, text in ((K.IN_TITLE, title), (K.IN_OPENING, opening)):
            for tag in names.found_in(flat(text)):
                counts[tag].named[kind] += 1
                counts[tag].meant[kind] += tag in tags
    clues = [*_of_names(counts), *_of_words(words_of_tag, seen, list(numbers), total)]
    with transaction.atomic():
        TagClue.objects.all().delete()
        TagClue.objects.bulk_create(clues, batch_size=ROWS)
        record("learn", "tagclue", articles=total, clues=len(clues))
    return len(clues)


def _tags_by_article() -> dict[int, set[int]]:
    tags: defaultdict[int, set[int]] = defaultdict(set)
    uses = TaggedArticle.objects.order_by("-content_object").values_list("content_object", "tag")
    for article, tag in uses.iterator(chunk_size=ROWS):
        if len(tags) == LEARNED_FROM and article not in tags:
            break
        tags[article].add(tag)
    return tags


def _names() -> dict[str, int]:
    """Every name of every tag, folded."""
    return dict(TagAlias.objects.values_list("key", "tag")) | dict(Tag.objects.values_list("key", "pk"))


def _leads(wanted: dict[int, set[int]]) -> Iterator[tuple[int, str, str, str, str]]:
    """Number, folded title, folded opening, source and folded byline of each."""
    numbers = list(wanted)
    for start in range(0, len(numbers), ROWS):
        rows = Entry.objects.filter(article__in=numbers[start : start + ROWS])
        for article, lead, source in rows.values_list("article", "lead", "article__source__slug"):
            title, standfirst, _topics, byline, _captions, opening = lead.split(DIVIDER)
            yield article, title, f"{standfirst}\n{opening}", source, byline.strip()


def _of_names(counts: dict[int, _Counts]) -> Iterator[TagClue]:
    """How often a name means the tag; a tag that nobody has named yet is believed like the average."""
    for kind in (K.IN_TITLE, K.IN_OPENING):
        named = sum(one.named[kind] for one in counts.values())
        usual = sum(one.meant[kind] for one in counts.values()) / named if named else 0
        for tag, one in counts.items():
            if one.named[kind]:
                share = (one.meant[kind] + DOUBT * usual) / (one.named[kind] + DOUBT)
                yield TagClue(tag_id=tag, kind=kind, share=share, seen=one.named[kind])


def _of_words(words_of_tag: dict, seen: Counter, words: list[str], total: int) -> Iterator[TagClue]:
    for tag, articles in words_of_tag.items():
        if len(articles) < FEWEST_USES:
            continue
        together: Counter = Counter()
        for found in articles:
            together.update(found)
        uses, strong = len(articles), []
        for word, both in together.items():
            if both < FEWEST_TOGETHER or (seen[word] > COMMONEST * total and words[word][0] not in SPECIAL):
                continue
            if both / seen[word] <= LIFT * uses / total:
                continue
            likelihood = _likelihood_ratio(both, seen[word], uses, total)
            if likelihood >= STRONG:
                strong.append((likelihood, word, both))
        strong.sort(reverse=True)
        for _likelihood, word, both in strong[:MOST_CLUES]:
            share = (both + DOUBT * uses / total) / (seen[word] + DOUBT)
            text = words[word]
            kind = SPECIAL.get(text[0], K.WORDS)
            text = text if kind == K.WORDS else text[1:]
            yield TagClue(tag_id=tag, kind=kind, words=text[:LONGEST], share=share, seen=seen[word])


def _likelihood_ratio(both: int, word: int, tag: int, total: int) -> float:
    """Dunning's G² of a word and a tag: how surprising it would be if they had nothing to do with each other."""
    table = ((both, word, tag), (word - both, word, total - tag), (tag - both, total - word, tag))
    rest = total - word - tag + both
    cells = (*table, (rest, total - word, total - tag))
    return 2 * sum(n * math.log(n * total / (row * column)) for n, row, column in cells if n > 0)
