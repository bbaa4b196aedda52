"""Whether search finds everything, and stays quick when the archive grows.

    python bench/search.py                       1,000 and 20,000 articles on SQLite
    python bench/search.py 1000 100000           these two sizes
    python bench/search.py --postgres            on a PostgreSQL database of its own (NEWSROOM_TEST_POSTGRES)
    python bench/search.py --folder ARCHIVE      an archive's articles instead of the seeds', first as they are

Articles are made of the clauses of others and have the length of real ones, one in a hundred that of a book's chapter.
Recall and precision are measured at the smallest size, and on the articles of a folder unmixed, against substrings of
the folded texts, in any form that the query stands for. English is told by a grammar of its own here, which knows
nothing of the index: right is an article with the word that was typed, between characters that are no letters, and not
wrong is one that has another regular form of the same word (-s, -ed, -ing). How many more hold the letters inside other
words is printed beside.

Times are of `find` (the ranked articles with their counts) and of the whole page (snippets, facets, template). Each
query is asked once: a pass has new ones, and of the passes' figures the median counts. Exit status 1 when a limit is
not kept: recall 1.0, precision 0.98; p95 at the largest size at most 3 times that at the smallest; from 50,000 articles
on a LIKE scan at least 20 times as long as p95.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import logging
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

CLAUSE = re.compile(r"[^，。！？；\n]{4,60}[，。！？；\n]?")
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
ENGLISH = re.compile(r"[A-Za-z]{3,}")
WORD = re.compile(r"[a-z0-9]+")
KINDS = {"two characters": 200, "longer": 100, "English": 50, "several words": 30}
HOSTILE = {"one character": 20, "twelve terms": 20, "only minus": 10, "did you mean": 20}
PASSES = 3
SCANS = 12  # queries that are also answered by LIKE: each reads every text
CHUNK = 500
UNTIL = 2_000_000_000  # seconds; the last moment that an article can have
SOURCES, TOPICS = 8, 200
LONG = 100  # one article in so many has TIMES the length
TIMES = 25
CHARACTERS = 3000  # of an article on the average, long ones included: as many Chinese ones as 248 real articles have
RECALL, PRECISION, GROWTH, SCAN, SCANNED_FROM = 1.0, 0.98, 3.0, 20.0, 50_000


class Limits:
    """What was promised, and what of it was not kept."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def hold(self, kept: bool, told: str) -> None:
        """Remember what is not kept."""
        if not kept:
            self.broken.append(told)


def texts_of(folder: Path | None) -> list[str]:
    """Plain texts of an archive's articles."""
    from articles.ingest import Unreadable, read  # noqa: PLC0415 - after the path is set

    texts = []
    for path in sorted((folder or ROOT / "seeds").rglob("*.md")):
        with contextlib.suppress(Unreadable):
            document = read(path.read_bytes(), str(path))
            texts.append(f"{document.title}\n{document.text}")
    return texts


class Made:
    """Articles made of other articles' clauses; the same number gives the same ones."""

    def __init__(self, texts: list[str]) -> None:
        self.clauses = [clause for text in texts for clause in CLAUSE.findall(text)]
        usual = CHARACTERS / statistics.mean(map(len, self.clauses)) / (1 + (TIMES - 1) / LONG)
        self.length = max(5, round(usual / 1.25))  # `article` takes half to twice as many
        self.english = sorted({word for clause in self.clauses for word in ENGLISH.findall(clause)})

    def article(self, number: int) -> tuple[str, str]:
        """Title and text of one article."""
        chance = random.Random(number)
        times = TIMES if number % LONG == LONG - 1 else 1
        text = "".join(chance.choices(self.clauses, k=chance.randint(self.length // 2, self.length * 2) * times))
        return chance.choice(self.clauses).strip()[:60], text


class Real:
    """The articles of a folder, as they are."""

    def __init__(self, texts: list[str]) -> None:
        self.articles = [tuple(text.split("\n", 1)) for text in texts]
        self.english = Made(texts).english

    def article(self, number: int) -> tuple[str, str]:
        """Title and text of one article."""
        return self.articles[number]


class Asking:
    """Queries of every kind, taken from the articles, every second one in the other script; never the same twice."""

    def __init__(self, made: Made | Real, number: int) -> None:
        import opencc  # noqa: PLC0415

        self.made, self.number, self.chance = made, number, random.Random(7)
        self.other = {name: opencc.OpenCC(name) for name in ("s2t", "t2s")}
        self.asked: set[str] = set()

    def piece(self, length: int) -> str:
        """So many characters that stand in an article, in either script."""
        while True:
            text = self.made.article(self.chance.randrange(self.number))[1]
            runs = [run for run in CHINESE.findall(text) if len(run) >= length]
            if runs:
                run = self.chance.choice(runs)
                start = self.chance.randrange(len(run) - length + 1)
                word = run[start : start + length]
                turned = self.other["s2t" if self.other["t2s"].convert(word) == word else "t2s"].convert(word)
                return turned if self.chance.random() < 0.5 and len(turned) == length else word

    def slip(self) -> str:
        """A word with a character that is another's."""
        word = self.piece(4)
        return f"{word[:2]}{self.piece(2)[0]}{word[3:]}"

    def next(self, kind: str) -> str:
        """A query of a kind that was not asked yet, while there are any."""
        ways: dict[str, Callable[[], str]] = {
            "two characters": lambda: self.piece(2),
            "longer": lambda: self.piece(self.chance.randint(3, 6)),
            "English": lambda: self.chance.choice(self.made.english),
            "several words": lambda: f"{self.piece(2)} {self.piece(2)}",
            "one character": lambda: self.piece(2)[0],
            "twelve terms": lambda: " ".join(self.piece(2) for _ in range(12)),
            "only minus": lambda: f"-{self.piece(2)}",
            "did you mean": self.slip,
        }
        for _ in range(50):
            query = ways[kind]()
            if query not in self.asked:
                break
        self.asked.add(query)
        return query

    def some(self, kinds: dict[str, int]) -> dict[str, list[str]]:
        """So many of each kind."""
        return {kind: [self.next(kind) for _ in range(number)] for kind, number in kinds.items()}


def fill(made: Made | Real, first: int, last: int) -> tuple[float, int]:
    """Store and index articles; returns the seconds that indexing took and the bytes of their texts."""
    import datetime  # noqa: PLC0415

    from django.db import transaction  # noqa: PLC0415

    from articles import search  # noqa: PLC0415
    from articles.ingest.text import fold  # noqa: PLC0415
    from articles.ingest.words import prepare  # noqa: PLC0415
    from articles.models import Article, Source, Tag, TaggedArticle  # noqa: PLC0415

    sources = [
        Source.objects.get_or_create(slug=f"made-{n}", defaults={"name": f"made {n}"})[0] for n in range(SOURCES)
    ]
    topics = [Tag.objects.get_or_create(name=f"topic {n}", defaults={"slug": f"t{n}"})[0] for n in range(TOPICS)]
    seconds, size = 0.0, 0
    for start in range(first, last, CHUNK):
        rows, uses = [], []
        for number in range(start, min(start + CHUNK, last)):
            title, text = made.article(number)
            moment = datetime.datetime.fromtimestamp(random.Random(number).randrange(UNTIL // 2, UNTIL), datetime.UTC)
            facts = {"title": title, "text": text, "slug": "made", "status": "published"}
            facts |= {"published_at": moment, "published_on": moment.date(), "published_precision": "second"}
            rows.append(Article(source=sources[number % SOURCES], listed_at=moment, **facts))
            size += len(text.encode())
        with transaction.atomic():
            Article.objects.bulk_create(rows)
            for row in rows:
                uses += [TaggedArticle(content_object=row, tag=topics[row.pk * n % TOPICS]) for n in (1, 7)]
            TaggedArticle.objects.bulk_create(uses, ignore_conflicts=True)
            began = time.perf_counter()
            words = [(row.pk, row.listed_at, prepare(row.title, "", "", [], fold(row.text))) for row in rows]
            search.write_imported(words, new=True)
        seconds += time.perf_counter() - began
    search.settle(last - first)  # as an import does at its end
    return seconds, size


def inflected(base: str) -> set[str]:
    """The regular forms of an English word, by the grammar."""
    forms = {base, f"{base}s", f"{base}es", f"{base}ed", f"{base}d", f"{base}ing", f"{base}ings"}
    doubled = f"{base}{base[-1]}"
    forms |= {f"{doubled}ed", f"{doubled}ing"}
    if base.endswith("e"):
        forms |= {f"{base[:-1]}ing", f"{base[:-1]}ings"}
    if base.endswith("y"):
        forms |= {f"{base[:-1]}ies", f"{base[:-1]}ied"}
    return forms


def relatives(word: str) -> set[str]:
    """A word with all regular forms of whatever word it may itself be a form of."""
    cuts = {word, *(word.removesuffix(ending) for ending in ("s", "es", "ed", "d", "ing", "ings"))}
    cuts |= {cut[:-1] for cut in cuts if len(cut) > 3 and cut[-1] == cut[-2]}
    cuts |= {f"{cut}e" for cut in cuts} | {f"{cut[:-1]}y" for cut in cuts if cut.endswith("i")}
    cuts |= {f"{word[:-3]}y" for _ in range(word.endswith(("ies", "ied")))}
    return {form for cut in cuts if len(cut) > 1 and word in inflected(cut) for form in inflected(cut)}


class Truth:
    """What stands in the articles, told without the index."""

    def __init__(self) -> None:
        from articles.ingest.text import fold  # noqa: PLC0415
        from articles.models import Article, TaggedArticle  # noqa: PLC0415

        topics: dict[int, list[str]] = {}
        for pk, name in TaggedArticle.objects.values_list("content_object_id", "tag__name"):
            topics.setdefault(pk, []).append(name)
        self.folded = {
            pk: fold("\n".join([title, text, *topics.get(pk, [])]))
            for pk, title, text in Article.objects.values_list("pk", "title", "text")
        }
        self.words = {pk: set(WORD.findall(text)) for pk, text in self.folded.items()}

    def having(self, forms: set[str]) -> set[int]:
        """Articles with one of these words."""
        return {pk for pk, words in self.words.items() if words & forms}

    def containing(self, forms: tuple[str, ...]) -> set[int]:
        """Articles with one of these letters side by side."""
        return {pk for pk, text in self.folded.items() if any(form in text for form in forms)}

    def of(self, typed: str) -> tuple[set[int], set[int]]:
        """Articles that must be found, and those that may be."""
        from articles import search  # noqa: PLC0415

        must, may = set(self.folded), set(self.folded)
        for word in search.query_of(typed).words:
            if ENGLISH.fullmatch(word.shown):
                must &= self.having({word.shown})
                may &= self.having({word.shown} | relatives(word.shown))
            else:
                holding = self.containing(word.written)
                must, may = must & holding, may & holding
        return must, may


def exactness(queries: dict[str, list[str]], limits: Limits) -> None:
    """Print recall and precision of each kind of query over all articles."""
    from articles import search  # noqa: PLC0415
    from articles.models import Article  # noqa: PLC0415

    truth = Truth()
    for kind, typed in queries.items():
        right = both = found = sound = inside = 0
        for query in typed:
            must, may = truth.of(query)
            answer = set(search.matching(Article.objects.all(), search.query_of(query)).values_list("pk", flat=True))
            right, both = right + len(must), both + len(must & answer)
            found, sound = found + len(answer), sound + len(answer & may)
            inside += len(truth.containing((query.lower(),)) - answer) if kind == "English" else 0
        recall, precision = both / right if right else 1.0, sound / found if found else 1.0
        more = f"  (inside other words: {inside} more)" if kind == "English" else ""
        print(f"{kind:16} recall {recall:.4f}  precision {precision:.4f}{more}")
        limits.hold(
            recall >= RECALL and precision >= PRECISION, f"{kind}: recall {recall:.4f}, precision {precision:.4f}"
        )


def answer(query: str) -> None:
    """The ranked articles of the first page, with their counts."""
    from articles import search  # noqa: PLC0415
    from articles.models import Article  # noqa: PLC0415

    search.find(Article.objects.published(), search.query_of(query, synonyms=""))


@functools.cache
def reader():
    """A client whose middleware is loaded once."""
    from django.test import Client  # noqa: PLC0415

    return Client(headers={"host": "127.0.0.1"})


def page(query: str) -> None:
    """The page as readers get it."""
    status = reader().get("/search/", {"q": query}, secure=True).status_code
    if status != 200:
        raise SystemExit(f"The page of {query!r} answered {status}.")


def milliseconds(way: Callable[[str], None], queries: list[str]) -> list[float]:
    """How long each takes."""
    times = []
    for query in queries:
        began = time.perf_counter()
        way(query)
        times.append((time.perf_counter() - began) * 1000)
    return times


def latencies(asking: Asking, way: Callable[[str], None]) -> float:
    """Print times by kind, over passes of fresh queries; returns p95 of all usual queries."""
    milliseconds(way, [asking.next("two characters") for _ in range(20)])  # warms up
    passes = [
        {kind: milliseconds(way, typed) for kind, typed in asking.some(KINDS | HOSTILE).items()} for _ in range(PASSES)
    ]

    def median(figure: Callable[[list[float]], float], *kinds: str) -> float:
        return statistics.median(figure([one for kind in kinds for one in times[kind]]) for times in passes)

    for kind in (*KINDS, *HOSTILE):
        print(
            f"{way.__name__:7}{kind:16} p50 {median(statistics.median, kind):7.1f} ms  p95 {median(p95, kind):7.1f} ms"
        )
    return median(p95, *KINDS)


def scans(queries: list[str]) -> list[float]:
    """Milliseconds of the same question asked by LIKE."""
    from django.db.models import Q  # noqa: PLC0415

    from articles.models import Article  # noqa: PLC0415

    published = Article.objects.published()
    return milliseconds(lambda q: published.filter(Q(title__contains=q) | Q(text__contains=q)).count(), queries[:SCANS])


def p95(times: list[float]) -> float:
    """The time that 95 of 100 stay below."""
    return statistics.quantiles(times, n=20)[-1]


def index_bytes() -> int:
    """What the index takes on disk: entries, the indexes on them, and the tables of tokens."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('articles_entry')")
        else:
            cursor.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master"
                " WHERE tbl_name = 'articles_entry' OR tbl_name LIKE 'articles_entry_words%')"
            )
        return cursor.fetchone()[0]


def tidy() -> None:
    """What a database does by itself after a while."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def import_ratio(folder: Path) -> float:
    """Seconds of making an index to those of the whole import of the same articles, on one process."""
    import make_archive  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from articles import search  # noqa: PLC0415

    make_archive.make(folder, 300)
    began = time.perf_counter()
    call_command("import_articles", str(folder), "--jobs", "1", "--publish", "-v", "0")
    imported = time.perf_counter() - began
    began = time.perf_counter()
    search.rebuild()
    return (time.perf_counter() - began) / imported


def forget_all() -> None:
    """Delete every article, and from the index what they leave there."""
    from django.db import connection  # noqa: PLC0415

    from articles import search  # noqa: PLC0415
    from articles.models import Article  # noqa: PLC0415

    Article.objects.all().delete()
    search.rebuild()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM FULL articles_entry")


def unmixed(folder: Path, limits: Limits) -> None:
    """Recall and precision on the articles of a folder as they are."""
    real = Real(texts_of(folder))
    _, size = fill(real, 0, len(real.articles))
    print(f"{len(real.articles)} articles as they are, {size / 1e6:.1f} MB of text")
    exactness(Asking(real, len(real.articles)).some(KINDS), limits)
    forget_all()


def measure(sizes: list[int], folder: Path | None, place: Path) -> Limits:
    """All figures, on the database that Django is set up with."""
    from django.core.management import call_command  # noqa: PLC0415

    limits = Limits()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    logging.disable()  # a line a page
    print(f"index made anew / import of the same files      {import_ratio(place / 'archive'):7.3f}")
    forget_all()
    if folder:
        unmixed(folder, limits)
    made = Made(texts_of(folder))
    base: dict[str, float] = {}
    seconds, size = 0.0, 0
    for before, number in itertools.pairwise([0, *sizes]):
        more, bytes_ = fill(made, before, number)
        seconds, size = seconds + more, size + bytes_
        tidy()
        asking = Asking(made, number)
        print(f"\n{number} articles, {size / 1e6:.0f} MB of text")
        if not base:
            exactness(asking.some(KINDS), limits)
        whole = {way.__name__: latencies(asking, way) for way in (answer, page)}
        scan = p95(scans(asking.some({"two characters": SCANS})["two characters"]))
        for name, time_ in whole.items():
            print(f"{name}: p95 of the usual queries                {time_:7.1f} ms")
            if base:
                print(f"{name}: p95 / p95 of the smallest size          {time_ / base[name]:7.2f}")
                limits.hold(
                    time_ <= GROWTH * base[name], f"{name}: p95 is {time_ / base[name]:.2f} times the smallest's"
                )
        print(f"p95 of a LIKE scan / p95 of an answer           {scan / whole['answer']:7.1f}")
        enough = number < SCANNED_FROM or scan >= SCAN * whole["answer"]
        limits.hold(enough, f"a LIKE scan takes only {scan / whole['answer']:.1f} times as long")
        print(f"index bytes / text bytes                        {index_bytes() / size:7.2f}")
        print(f"indexing, ms an article                         {seconds / number * 1000:7.2f}")
        base = base or whole
    return limits


def main() -> None:
    """Set up a database of its own and measure. Exits with 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[1000, 20_000])
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ.update(NEWSROOM_DATA_DIR=place, NEWSROOM_SECRET_KEY="bench", NEWSROOM_DEBUG="false")
        os.environ.update(NEWSROOM_ALLOWED_HOSTS="127.0.0.1", NEWSROOM_KEPT_PAGES="0")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
        if arguments.postgres:
            from tests.services import postgres_database  # noqa: PLC0415

            os.environ["DATABASE_URL"] = stack.enter_context(postgres_database())
        import django  # noqa: PLC0415

        django.setup()
        limits = measure(sorted(arguments.sizes), arguments.folder, Path(place))
    for told in limits.broken:
        print(f"not kept: {told}", file=sys.stderr)
    sys.exit(1 if limits.broken else 0)


if __name__ == "__main__":
    main()
