"""Whether search finds everything, and stays quick when the archive grows.

    python bench/search.py                       1,000 and 20,000 articles on SQLite
    python bench/search.py 1000 100000           these two sizes
    python bench/search.py --postgres            on a PostgreSQL database of its own (NEWSROOM_TEST_POSTGRES)
    python bench/search.py --folder ARCHIVE      texts of an archive's articles instead of the seeds'

Articles are made of the clauses of real ones. Recall and precision are measured on the smaller size against
substrings of the folded texts (English: whole words, singular and plural alike); latency is that of a whole page of
results, ranked, with its counts.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

CLAUSE = re.compile(r"[^，。！？；\n]{4,60}[，。！？；\n]?")
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
ENGLISH = re.compile(r"[A-Za-z]{3,}")
KINDS = {"two characters": 200, "longer": 100, "English": 50, "several words": 30}
PASSES = 3  # beside one that only warms up
SCANS = 12  # queries that are also answered by LIKE: each reads every text
CHUNK = 500
UNTIL = 2_000_000_000  # seconds; the last moment that an article can have


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
        self.length = max(5, round(statistics.mean(len(CLAUSE.findall(text)) for text in texts)))

    def text(self, number: int) -> tuple[str, str]:
        """Title and text of one article."""
        chance = random.Random(number)
        body = "".join(chance.choices(self.clauses, k=chance.randint(self.length // 2, self.length * 2)))
        return chance.choice(self.clauses).strip()[:60], body


def queries_of(made: Made, number: int) -> dict[str, list[str]]:
    """Queries by kind, taken from the articles, every second one in the other script."""
    import opencc  # noqa: PLC0415

    chance = random.Random(7)
    other = {name: opencc.OpenCC(name) for name in ("s2t", "t2s")}
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}

    def piece(length: int) -> str:
        while True:
            runs = [run for run in CHINESE.findall(made.text(chance.randrange(number))[1]) if len(run) >= length]
            if runs:
                run = chance.choice(runs)
                start = chance.randrange(len(run) - length + 1)
                word = run[start : start + length]
                converter = other["s2t" if other["t2s"].convert(word) == word else "t2s"]
                turned = converter.convert(word)
                return turned if chance.random() < 0.5 and len(turned) == length else word

    english = sorted({word for clause in made.clauses for word in ENGLISH.findall(clause)})
    for _ in range(KINDS["two characters"]):
        found["two characters"].append(piece(2))
    for _ in range(KINDS["longer"]):
        found["longer"].append(piece(chance.randint(3, 6)))
    found["English"] = chance.sample(english, min(KINDS["English"], len(english)))
    for _ in range(KINDS["several words"]):
        found["several words"].append(f"{piece(2)} {piece(2)}")
    return found


def fill(made: Made, first: int, last: int) -> tuple[float, int]:
    """Store and index articles; returns the seconds that indexing took and the bytes of their texts."""
    import datetime  # noqa: PLC0415

    from django.db import transaction  # noqa: PLC0415

    from articles import search  # noqa: PLC0415
    from articles.ingest.text import fold  # noqa: PLC0415
    from articles.ingest.words import prepare  # noqa: PLC0415
    from articles.models import Article, Source  # noqa: PLC0415

    source, _ = Source.objects.get_or_create(slug="made", defaults={"name": "made"})
    seconds, size = 0.0, 0
    for start in range(first, last, CHUNK):
        rows = []
        for number in range(start, min(start + CHUNK, last)):
            title, text = made.text(number)
            moment = datetime.datetime.fromtimestamp(random.Random(number).randrange(UNTIL // 2, UNTIL), datetime.UTC)
            facts = {"title": title, "text": text, "body": f"<p>{text}</p>", "slug": "made", "status": "published"}
            rows.append(Article(source=source, listed_at=moment, published_on=moment.date(), **facts))
            size += len(text.encode())
        with transaction.atomic():
            Article.objects.bulk_create(rows)
            began = time.perf_counter()
            words = [(row.pk, row.listed_at, prepare(row.title, "", "", [], fold(row.text))) for row in rows]
            search.write_imported(words, new=True)
        seconds += time.perf_counter() - began
    return seconds, size


def truth(folded: dict[int, str], tokens: dict[int, set[str]], typed: str) -> set[int]:
    """Numbers of the articles that have every word of a query, or what the other script says for it."""
    from articles import search  # noqa: PLC0415
    from articles.ingest.words import stem  # noqa: PLC0415

    right = set(folded)
    for word in search.query_of(typed).words:
        if ENGLISH.fullmatch(word.shown):
            right &= {pk for pk, words in tokens.items() if stem(word.shown) in words}
        else:
            right &= {pk for pk, text in folded.items() if any(form in text for form in word.written)}
    return right


def exactness(queries: dict[str, list[str]]) -> dict[str, tuple[float, float]]:
    """Recall and precision of each kind of query over all articles."""
    from articles import search  # noqa: PLC0415
    from articles.ingest.text import fold  # noqa: PLC0415
    from articles.ingest.words import cut  # noqa: PLC0415
    from articles.models import Article  # noqa: PLC0415

    rows = Article.objects.values_list("pk", "title", "text")
    folded = {pk: fold(f"{title}\n{text}") for pk, title, text in rows}
    tokens = {pk: set(cut(text)) for pk, text in folded.items()}
    figures = {}
    for kind, typed in queries.items():
        right = found = both = 0
        for query in typed:
            expected = truth(folded, tokens, query)
            answer = set(search.matching(Article.objects.all(), search.query_of(query)).values_list("pk", flat=True))
            right, found, both = right + len(expected), found + len(answer), both + len(expected & answer)
        figures[kind] = (both / right if right else 1.0, both / found if found else 1.0)
    return figures


def latencies(queries: dict[str, list[str]]) -> dict[str, list[float]]:
    """Milliseconds of a page of results for each query, by kind: the median of PASSES over all of them.

    Other work on the machine then disturbs one pass of a query, not its figure.
    """
    from articles import search  # noqa: PLC0415
    from articles.models import Article  # noqa: PLC0415

    asked = [(kind, query) for kind, typed in queries.items() for query in typed]
    passes: list[list[float]] = [[] for _ in asked]
    for _ in range(PASSES + 1):
        for (_kind, query), times in zip(asked, passes, strict=True):
            began = time.perf_counter()
            search.find(Article.objects.published(), search.query_of(query, synonyms=""))
            times.append((time.perf_counter() - began) * 1000)
    figures: dict[str, list[float]] = {kind: [] for kind in queries}
    for (kind, _), times in zip(asked, passes, strict=True):
        figures[kind].append(statistics.median(times[1:]))
    return figures


def scans(queries: list[str]) -> list[float]:
    """Milliseconds of the same question asked by LIKE."""
    from django.db.models import Q  # noqa: PLC0415

    from articles.models import Article  # noqa: PLC0415

    times = []
    for query in queries[:SCANS]:
        began = time.perf_counter()
        Article.objects.published().filter(Q(title__contains=query) | Q(text__contains=query)).count()
        times.append((time.perf_counter() - began) * 1000)
    return times


def p95(times: list[float]) -> float:
    """The time that 95 of 100 stay below."""
    return statistics.quantiles(times, n=20)[-1]


def index_bytes() -> int:
    """What the index takes on disk."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('articles_entry')")
        else:
            cursor.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%articles_entry%'")
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

    make_archive.make(folder, 500)
    began = time.perf_counter()
    call_command("import_articles", str(folder), "--jobs", "1", "--publish", "-v", "0")
    imported = time.perf_counter() - began
    began = time.perf_counter()
    search.rebuild()
    return (time.perf_counter() - began) / imported


def measure(sizes: list[int], folder: Path | None, place: Path) -> None:
    """All figures, on the database that Django is set up with."""
    from django.core.management import call_command  # noqa: PLC0415

    from articles.models import Article  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    print(f"index made anew / import of the same files      {import_ratio(place / 'archive'):7.3f}")
    Article.objects.all().delete()
    made = Made(texts_of(folder))
    before, seconds, size, base = 0, 0.0, 0, None
    for number in sizes:
        more, bytes_ = fill(made, before, number)
        seconds, size, before = seconds + more, size + bytes_, number
        tidy()
        queries = queries_of(made, number)
        print(f"\n{number} articles, {size / 1e6:.0f} MB of text")
        if base is None:
            for kind, (recall, precision) in exactness(queries).items():
                print(f"{kind:16} recall {recall:.4f}  precision {precision:.4f}")
        times = latencies(queries)
        for kind, own in times.items():
            print(f"{kind:16} p50 {statistics.median(own):7.1f} ms  p95 {p95(own):7.1f} ms")
        whole = p95([one for own in times.values() for one in own])
        scan = p95(scans(queries["two characters"]))
        print(f"p95 of all queries                              {whole:7.1f} ms")
        if base:
            print(f"p95 / p95 of the smallest size                  {whole / base:7.2f}")
        print(f"p95 of a LIKE scan / p95                        {scan / whole:7.1f}")
        print(f"index bytes / text bytes                        {index_bytes() / size:7.2f}")
        print(f"indexing, ms an article                         {seconds / number * 1000:7.2f}")
        base = base or whole


def main() -> None:
    """Set up a database of its own and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[1000, 20_000])
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ.update(NEWSROOM_DATA_DIR=place, NEWSROOM_SECRET_KEY="bench", NEWSROOM_DEBUG="false")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
        if arguments.postgres:
            from tests.services import postgres_database  # noqa: PLC0415

            os.environ["DATABASE_URL"] = stack.enter_context(postgres_database())
        import django  # noqa: PLC0415

        django.setup()
        measure(sorted(arguments.sizes), arguments.folder, Path(place))


if __name__ == "__main__":
    main()
