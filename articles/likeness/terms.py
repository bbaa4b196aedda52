"""How common terms are here, and which rare ones articles have in common."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable

from django.core.cache import cache
from django.db.models import Max

from articles.ingest.subjects import TOPIC, Rarity, counted, sampled, words_of
from articles.ingest.words import DIVIDER, RUNS, stem
from articles.models import Article, Entry

SAMPLE = 3000  # leads that tell how common a term is
KEPT = 6 * 3600  # seconds


def rarity() -> Rarity:
    """How common terms are here, from a sample of leads spread over the archive; kept until the archive doubles, for
    some hours. Two statements when it is not kept.
    """
    last = Article.objects.aggregate(last=Max("pk"))["last"] or 0
    name = f"likeness:told:{last if last < SAMPLE else last.bit_length()}"
    return cache.get_or_set(name, lambda: _sampled(last), KEPT)


def _sampled(last: int) -> Rarity:
    step = max(1, last // SAMPLE)
    leads = Entry.objects.filter(article__in=list(range(last, 0, -step))).values_list("lead", flat=True)
    return sampled(leads.iterator(chunk_size=500))


def words_in_common(leads: Iterable[str], rare: Rarity) -> list[str]:
    """The rare words that stand in most of these leads, the rarest first, in full: for telling a person why.

    Pairs of characters that follow each other in a lead are put together to the words they come from.
    """
    leads = list(leads)
    holders = Counter(term for lead in leads for term in counted(lead))
    shared = {t for t, number in holders.items() if number * 3 >= len(leads) * 2 and number > 1 and rare.of(t) > 0}
    parts = [lead.split(DIVIDER) for lead in leads]
    texts = ["\n".join((title, standfirst, opening)) for title, standfirst, *_, opening in parts]
    words: dict[str, float] = {term.removeprefix(TOPIC): rare.of(term) for term in shared if term.startswith(TOPIC)}
    for text in texts:
        for run in RUNS.finditer(text):
            for word in _joined(run[0], shared) if run[1] else [run[0]] if stem(run[0]) in shared else []:
                if sum(word in other for other in texts) * 3 >= len(texts) * 2:
                    words[word] = max(map(rare.of, words_of(word)))
    whole = [word for word in words if not any(word != other and word in other for other in words)]
    return sorted(whole, key=lambda word: (-words[word], -len(word), word))


def _joined(run: str, shared: set[str]) -> list[str]:
    """Stretches of a run of characters whose every pair is among `shared`."""
    found, word = [], ""
    for pair in map("".join, itertools.pairwise(run)):
        if pair in shared:
            word = word + pair[-1] if word else pair
        elif word:
            found.append(word)
            word = ""
    return [*found, word] if word else found
