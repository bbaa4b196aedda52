"""Finds names of tags in folded text in one pass, whatever the number of tags; and the words that are learned from."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping

from articles.ingest.rules.words import words
from articles.ingest.words import RUNS, cut

HEAD = 2  # characters by which names are looked up; shorter names are found in everything
LONGEST_GRAM = 4  # Chinese characters of a learned word of a title
SHORTEST_WORD = 3  # letters of a learned word

# Names that say what every article is; folded.
STOP_NAMES = words("""
    新闻 消息 文章 评论 观点 视频 图片 图集 音频 报道 专题 专栏 其他 其它 更多 首页 原创 转载 推荐 热点 编辑 记者 作者
    news article articles opinion opinions video photo photos image audio other more home editor report update the and
""")
# English words that tell of nothing.
STOP_WORDS = words("""
    the and for are was were with that this from have has had not but you all can will his her its their they she who
    what when where how why into over about after before more than out one new says said say per via also been being
    our your there which would could should http https www com html
""")
# Chinese characters that only hold sentences together: a pair with one of them is a seam, not a word.
SEAMS = frozenset(
    "的了在是这那和与就也都不我你您他她它们个为以对被把从到上下中里后前又或而且但如若因所于之其此该各每很更最已将会能可要让使给"
    "向由着过吗呢吧啊么什怎谁哪几有没无一二两三"
)
_SPACES = dict.fromkeys(map(ord, "\n\t\r\u3000\xa0"), " ")


def heads_of(folded: str) -> set[str]:
    """The two characters with which a name that stands in the text can begin."""
    heads = {folded[run.start() : run.start() + HEAD] for run in RUNS.finditer(folded)}
    for run in RUNS.finditer(folded):
        if run[1]:
            heads.update(map("".join, itertools.pairwise(run[1])))
            heads.add(folded[run.end() - 1 : run.end() - 1 + HEAD])  # Chinese that goes on in letters
    return {head for head in heads if len(head) == HEAD}


def flat(folded: str) -> str:
    """The text with every kind of white space as a space, at the same positions: as names have it."""
    return folded.translate(_SPACES)


class Names:
    """Names (folded) by how they begin, the longest first."""

    def __init__(self, names: Mapping[str, int]) -> None:
        self._by_head: defaultdict[str, list[str]] = defaultdict(list)
        for key in sorted(names, key=len, reverse=True):
            if len(key) >= HEAD and key not in STOP_NAMES:
                self._by_head[key[:HEAD]].append(key)
        self._names = names

    def found_in(self, text: str) -> dict[int, list[tuple[int, int]]]:
        """Places of each tag in flat folded text: the longest name at each place, none inside another."""
        places: dict[int, list[tuple[int, int]]] = {}
        at, end = 0, len(text) - HEAD + 1
        while at < end:
            keys = self._by_head.get(text[at : at + HEAD])
            key = (
                next((key for key in keys if text.startswith(key, at) and _stands_alone(text, at, key)), "")
                if keys
                else ""
            )
            if key:
                places.setdefault(self._names[key], []).append((at, at + len(key)))
            at += len(key) or 1
        return places


def _stands_alone(text: str, at: int, key: str) -> bool:
    """Letters of a name begin and end with a word (or its plural); Chinese needs no boundary."""
    end = at + len(key)
    if _is_letter(key[0]) and at and _is_letter(text[at - 1]):
        return False
    if not _is_letter(key[-1]):
        return True
    if text[end : end + 1] == "s" and key[-1].isascii():
        end += 1
    return not (end < len(text) and _is_letter(text[end]))


def _is_letter(character: str) -> bool:
    """A letter or digit of a script that divides words."""
    run = RUNS.match(character)
    return run is not None and not run[1]


def words_of(title: str, opening: str) -> set[str]:
    """Words to learn from: pairs of Chinese characters and whole words, of the title also longer stretches. Folded."""
    found = {word for word in cut(f"{title}\n{opening}") if _says_something(word)}
    for run in RUNS.finditer(title):
        if run[1]:
            found.update(_grams(run[1]))
    return found


def _grams(chinese: str) -> Iterable[str]:
    for size in range(HEAD + 1, LONGEST_GRAM + 1):
        grams = (chinese[at : at + size] for at in range(len(chinese) - size + 1))
        yield from (gram for gram in grams if gram[0] not in SEAMS and gram[-1] not in SEAMS)


def _says_something(word: str) -> bool:
    if word.isascii():
        return len(word) >= SHORTEST_WORD and not word.isdigit() and word not in STOP_WORDS
    return len(word) >= HEAD and SEAMS.isdisjoint(word)
