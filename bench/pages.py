"""Whether pages cost the same however large the archive is.

    python bench/pages.py                 1,000 articles against 100,000
    python bench/pages.py 1000 20000      other numbers

Prints for each kind of page the queries at both sizes and the ratio of the median times. Times of a busy machine say
little; the two sizes are asked in turns, so that their ratio says something. Warm pages: what counts the whole archive
is kept an edition long. A rare topic and a month have fewer than a page of articles at 1,000, so they weigh less there.
"""

from __future__ import annotations

import datetime
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES, TAGS, ROUNDS, BATCH = 8, 2000, 21, 2000
WORDS = "冬天的碼頭風大得讓人睜不開眼，燈光仍然是一筆開銷。島上的圖書船每星期來一次，孩子們在雨裡等它靠岸。"


def make(number: int) -> None:
    """Fill an empty database with `number` published articles over some ten years."""
    from articles.models import Article, Image, Reference, Source, Tag, TaggedArticle  # noqa: PLC0415 - needs Django

    chance = random.Random(7)
    sources = Source.objects.bulk_create(Source(slug=f"s{n}", name=f"來源 {n}") for n in range(SOURCES))
    tags = Tag.objects.bulk_create(Tag(name=f"主題 {n}", slug=f"t{n}", key=f"主题 {n}") for n in range(TAGS))
    pictures = Image.objects.bulk_create(
        Image(origin_url=f"https://p.example/{n}.jpg", state="stored", file=f"images/{n}.jpg", width=1200, height=800)
        for n in range(200)
    )
    end = datetime.datetime(2025, 6, 1, tzinfo=datetime.UTC)
    step = datetime.timedelta(days=3650) / number
    for start in range(0, number, BATCH):
        rows = []
        for n in range(start, min(start + BATCH, number)):
            moment = end - step * n
            rows.append(
                Article(source=sources[n % SOURCES], title=f"瓦倫港第 {n} 號倉庫變身城市農場", slug=f"w-{n}",
                        status="published", published_at=moment, published_precision="second",
                        published_on=moment.date(), listed_at=moment, excerpt=WORDS, language="zh-Hant", script="hant",
                        canonical_url=f"https://n.example/{n}", address_key=f"n.example/{n}",
                        source_url=f"https://n.example/{n}", lead_image=pictures[n % 200],
                        body=f"<p>{WORDS}</p>" * 12, text=f"{WORDS}\n" * 12)
            )  # fmt: skip
        articles = Article.objects.bulk_create(rows)
        uses = [
            TaggedArticle(content_object=article, tag=tags[min(TAGS - 1, int(chance.expovariate(1) * 150)) if k else 0])
            for article in articles
            for k in range(3)
            if k or article.pk % 3 == 0
        ]
        TaggedArticle.objects.bulk_create(uses, ignore_conflicts=True)
        Reference.objects.bulk_create(
            Reference(article=article, url="https://n.example/x", key=f"n.example/{chance.randrange(number)}")
            for article in articles
        )


def serve(number: int) -> None:
    """Make the database, then answer each line of standard input (an address) with its milliseconds and queries."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    make(number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(SERVER_NAME="127.0.0.1")
    print("ready", flush=True)
    for line in sys.stdin:
        address, *headers = line.strip().split(" ")
        began = time.perf_counter()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(address, HTTP_IF_NONE_MATCH=headers[0] if headers else "")
        spent = (time.perf_counter() - began) * 1000
        told = {"milliseconds": spent, "queries": len(queries), "status": answer.status_code}
        print(json.dumps(told | {"etag": answer.get("ETag", "")}), flush=True)


class Site:
    """One program over a database of its own."""

    def __init__(self, number: int, folder: str) -> None:
        self.number = number
        environment = {**os.environ, "NEWSROOM_DATA_DIR": folder, "NEWSROOM_SECRET_KEY": "bench"}
        environment["NEWSROOM_DEBUG"] = "false"
        command = [sys.executable, __file__, "--serve", str(number)]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.process.stdout.readline()

    def ask(self, address: str) -> dict:
        """One visit."""
        self.process.stdin.write(address + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def addresses(number: int) -> dict[str, str]:
    """Pages to ask for; the same dates exist at every size."""
    middle = number // 2
    return {
        "front page": "/",
        "article": f"/a/{middle}/w-{middle - 1}/",
        "source": "/source/s1/",
        "common topic": "/tag/t0/",
        "rare topic": "/tag/t300/",
        "topics": "/tags/",
        "sources": "/sources/",
        "archive": "/archive/",
        "year": "/2024/",
        "month": "/2024/05/",
        "day": "/2025/06/01/",
        "Atom feed": "/feed.xml",
        "feed of a topic": "/tag/t0/feed.xml",
        "API, articles": "/api/articles/",
        "sitemap index": "/sitemap.xml",
    }


def main(small: int, large: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        sites = [Site(small, one), Site(large, two)]
        print(f"| page | queries at {small:,} | queries at {large:,} | ms at {small:,} | ms at {large:,} | ratio |")
        print("|---|--:|--:|--:|--:|--:|")
        pages = [addresses(site.number) for site in sites]
        for name in pages[0]:
            times, queries = ([], []), [0, 0]
            for _ in range(ROUNDS):
                for which, site in enumerate(sites):
                    answer = site.ask(pages[which][name])
                    times[which].append(answer["milliseconds"])
                    queries[which] = answer["queries"]
                    if answer["status"] != 200:
                        sys.exit(f"{pages[which][name]} answers {answer['status']} at {site.number:,}")
            medians = [statistics.median(values[1:]) for values in times]
            print(
                f"| {name} | {queries[0]} | {queries[1]} | {medians[0]:.1f} | {medians[1]:.1f}"
                f" | {medians[1] / medians[0]:.2f} |",
                flush=True,
            )
        held = [site.ask("/")["etag"] for site in sites]
        visits = [
            [site.ask(f"/ {tag}")["milliseconds"] for _ in range(ROUNDS)] for site, tag in zip(sites, held, strict=True)
        ]
        again = [statistics.median(times) for times in visits]
        print(f"| any page, 304 | 1 | 1 | {again[0]:.1f} | {again[1]:.1f} | {again[1] / again[0]:.2f} |")
        for site in sites:
            site.process.stdin.close()
            site.process.wait()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve(int(sys.argv[-1]))
    else:
        main(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (1000, 100_000)))
