"""Whether pages cost the same however large the archive is.

    python bench/pages.py                 1,000 articles against 100,000
    python bench/pages.py 1000 20000      other numbers
    python bench/pages.py --keep FOLDER   keep the archives there, for the next time
    python bench/pages.py --only month    kinds of page with this in their name

Prints for each kind of page the queries at both sizes, the ratio of the median times, and the same for the first visit
after an edit, when what counts the whole archive is counted anew. Times are processor time of the program and its
SQLite, asked in turns, so that a busy machine says little about their ratio. Whole pages are not kept: each visit makes
its page anew. Each page has as many rows at both sizes: a rare topic is as rare, a month and a day have more than a
page, the month of the sitemap has as many articles.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import ipaddress
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
SOURCES, TAGS, ROUNDS, EDITS, BATCH = 8, 600, 41, 7, 1000
WORDS = "冬天的碼頭風大得讓人睜不開眼，燈光仍然是一筆開銷。島上的圖書船每星期來一次，孩子們在雨裡等它靠岸。"
SELDOM = "鐘樓"  # in 40 articles at every size, and so is the rare topic
RARE = 40
END = datetime.datetime(2025, 6, 1, tzinfo=datetime.UTC)
DENSE = datetime.datetime(2024, 5, 20, tzinfo=datetime.UTC)  # a day of 80 articles more: every list is full
SITEMAP = datetime.datetime(2019, 2, 1, tzinfo=datetime.UTC)  # a month of 300 articles, and no more
CHANGED = 2  # number of an article with versions
VERSIONS = 6
REPORTS = 12  # of the one story
UNDATED_ONES = 40
FIRST_VISITOR = ipaddress.ip_address("10.0.0.1")  # each visit is somebody else's: the API stops whoever asks too often
TAKEN = 60  # take-downs in the public list
MIDDLE = datetime.datetime(2020, 6, 1, tzinfo=datetime.UTC)


def moments(number: int) -> list[datetime.datetime]:
    """When the articles were published: evenly over ten years, but for the day and the month that are made alike."""
    found = [DENSE + datetime.timedelta(minutes=15 * n) for n in range(80)]
    found += [SITEMAP + datetime.timedelta(hours=2 * n) for n in range(300)]
    rest = number - len(found)
    for n in range(rest):
        moment = END - datetime.timedelta(days=3650) / rest * n
        is_apart = (moment.year, moment.month) == (SITEMAP.year, SITEMAP.month)
        found.append(moment - datetime.timedelta(days=31) if is_apart else moment)
    return sorted(found, reverse=True)


def make(number: int) -> None:
    """Fill an empty database with `number` published articles over some ten years."""
    from articles import search  # noqa: PLC0415 - needs Django
    from articles.models import Article, Image, Reference, Source, Tag, TaggedArticle  # noqa: PLC0415

    chance = random.Random(7)
    sources = Source.objects.bulk_create(Source(slug=f"s{n}", name=f"來源 {n}") for n in range(SOURCES))
    tags = Tag.objects.bulk_create(Tag(name=f"主題 {n}", slug=f"t{n}", key=f"主题 {n}") for n in range(TAGS))
    rare = Tag.objects.create(name="罕見", slug="rare")
    pictures = Image.objects.bulk_create(
        Image(origin_url=f"https://p.example/{n}.jpg", state="stored", file=f"images/{n}.jpg", width=1200, height=800,
              sha256=f"{n:064x}")
        for n in range(200)
    )  # fmt: skip
    every, seldom = moments(number), number // RARE
    for start in range(0, number, BATCH):
        rows = []
        for n in range(start, min(start + BATCH, number)):
            moment, text = every[n], f"{WORDS}\n" * 12 + (SELDOM if n % seldom == 0 else "")
            rows.append(
                Article(source=sources[n % SOURCES], title=f"瓦倫港第 {n} 號倉庫變身城市農場", slug=f"w-{n}",
                        status="published", published_at=moment, published_precision="second",
                        published_on=moment.date(), listed_at=moment, excerpt=WORDS, language="zh-Hant", script="hant",
                        canonical_url=f"https://n.example/{n}", address_key=f"n.example/{n}",
                        source_url=f"https://n.example/{n}", lead_image=pictures[n % 200],
                        body="".join(f"<p>{line}</p>" for line in text.split("\n")), text=text)
            )  # fmt: skip
        articles = Article.objects.bulk_create(rows)
        uses = []
        for n, article in enumerate(articles, start):
            wanted = {rare} if n % seldom == 0 else set()
            wanted |= {tags[0]} if n % 3 == 0 else set()
            wanted |= {tags[n % TAGS], tags[min(TAGS - 1, int(chance.expovariate(1) * 90))]}
            ordered = sorted(wanted, key=lambda tag: (tag != rare, tag.pk))
            uses += [TaggedArticle(content_object=article, tag=tag) for tag in ordered]
        TaggedArticle.objects.bulk_create(uses)
        Reference.objects.bulk_create(
            Reference(article=article, url="https://n.example/x", key=f"n.example/{chance.randrange(number)}")
            for article in articles
        )
        search.index([article.pk for article in articles])


def make_beside(number: int) -> None:
    """What there is the same of at every size: a story, versions of a text, take-downs, undated articles, news."""
    from articles.models import UNDATED, Article, Original, Story, StoryArticle, TakeDown  # noqa: PLC0415

    published = Article.objects.order_by("pk")
    nameless = list(published.reverse().values_list("pk", flat=True)[:UNDATED_ONES])
    undated = {"published_at": None, "published_on": None, "published_precision": "", "listed_at": UNDATED}
    Article.objects.filter(pk__in=nameless).update(**undated)
    Article.objects.filter(pk__in=published.values("pk")[:RARE]).update(
        listed_at=datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=3)
    )
    story = Story.objects.create(title="一艘船", slug="told", state="confirmed", language="zh-Hant", began_at=END)
    StoryArticle.objects.bulk_create(
        StoryArticle(story=story, article_id=number // REPORTS * n + 1, state="in") for n in range(REPORTS)
    )
    for version in range(VERSIONS):
        raw = f"[燈塔](https://n.example/1)\n------\n\n<p>{WORDS}第 {version} 天。</p>".encode()
        Original.objects.create(
            article_id=CHANGED, path=f"articles/s1/1_{version}.md", path_sha256=f"{version:064x}",
            sha256=f"{version:064x}", content_sha256=str(version), newest=version == VERSIONS - 1, rules_version="1",
            archived_at=END + datetime.timedelta(days=version), bytes=zlib.compress(raw),
        )  # fmt: skip
    TakeDown.objects.bulk_create(
        TakeDown(article_number=10_000_000 + n, subject="x", basis="court", requester_kind="court", reason="x",
                 begins_at=END - datetime.timedelta(days=n), decided_at=END, state="in_force")
        for n in range(TAKEN)
    )  # fmt: skip


def fill(number: int) -> None:
    """Make the archive unless it is there already."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from articles.models import Article  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if Article.objects.count() != number:
        make(number)
        make_beside(number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def serve(number: int) -> None:
    """Make the archive, then answer each line of standard input with what it cost: an address, after a tag that the
    asker holds or "-"; "edit" turns the edition.
    """
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from articles.models import new_edition  # noqa: PLC0415

    fill(number)
    client = Client(SERVER_NAME="127.0.0.1")
    print("ready", flush=True)
    for visitor, line in enumerate(sys.stdin):
        held, address = line.strip().split(" ", 1)
        if address == "edit":
            new_edition()
            print("{}", flush=True)
            continue
        began = time.process_time()
        asked = {"HTTP_IF_NONE_MATCH": "" if held == "-" else held, "REMOTE_ADDR": str(FIRST_VISITOR + visitor)}
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address, **asked)
        spent = (time.process_time() - began) * 1000
        told = {"milliseconds": spent, "queries": len(queries), "status": answer.status_code}
        print(json.dumps(told | {"etag": answer.get("ETag", "")}), flush=True)


class Site:
    """One program over a database of its own."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        environment = {**os.environ, "NEWSROOM_DATA_DIR": str(folder), "NEWSROOM_SECRET_KEY": "bench"}
        environment |= {"NEWSROOM_DEBUG": "false", "NEWSROOM_KEPT_PAGES": "0"}
        command = [sys.executable, __file__, "--serve", str(number)]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait(self) -> None:
        """Until the archive is made."""
        self.process.stdout.readline()

    def ask(self, address: str, held: str = "-") -> dict:
        """One visit."""
        self.process.stdin.write(f"{held} {address}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if answer.get("status", 200) not in (200, 304):
            sys.exit(f"{address} answers {answer['status']} at {self.number:,}")
        return answer

    def close(self) -> None:
        """End the program."""
        self.process.stdin.close()
        self.process.wait()


def addresses(number: int) -> dict[str, str]:
    """Pages to ask for; the same dates exist at every size."""
    middle = number // 2
    first_rare = number // RARE * (RARE // 2)
    deep = f"?before={int(MIDDLE.timestamp()) * 1_000_000}-1"
    word, seldom = quote("圖書"), quote(SELDOM)
    return {
        "front page": "/",
        "article": f"/a/{middle + 1}/w-{middle}/",
        "article of a rare topic": f"/a/{first_rare + 1}/w-{first_rare}/",
        "source": "/source/s1/",
        "source, deep": f"/source/s1/{deep}",
        "common topic": "/tag/t0/",
        "common topic, deep": f"/tag/t0/{deep}",
        "rare topic": "/tag/rare/",
        "topics": "/tags/",
        "topics by name": "/tags/by-name/",
        "sources": "/sources/",
        "archive": "/archive/",
        "year": "/2024/",
        "month": "/2024/05/",
        "day": "/2024/05/20/",
        "undated": "/archive/undated/",
        "on this day": "/on-this-day/05-20/",
        "stories": "/stories/",
        "story": "/story/told/",
        "changes at the source": f"/a/{CHANGED}/changes/",
        "take-downs": "/transparency/",
        "front page, other script": "/zh-hans/",
        "article, other script": f"/zh-hans/a/{middle + 1}/w-{middle}/",
        "month, other script": "/zh-hans/2024/05/",
        "search, common word": f"/search/?q={word}",
        "search, rare word": f"/search/?q={seldom}",
        "Atom": "/feed.xml",
        "RSS": "/rss.xml",
        "JSON Feed": "/feed.json",
        "Atom of a source": "/source/s1/feed.xml",
        "Atom of a common topic": "/tag/t0/feed.xml",
        "Atom of a rare topic": "/tag/rare/feed.xml",
        "Atom of a search": f"/search/feed.xml?q={seldom}",
        "sitemap index": "/sitemap.xml",
        "sitemap of pages": "/sitemap-pages.xml",
        "sitemap of topics": "/sitemap-topics.xml",
        "sitemap of news": "/sitemap-news.xml",
        "sitemap of a month": "/sitemap-2019-02.xml",
        "API, articles": "/api/articles/",
        "API, deep": f"/api/articles/{deep}",
        "API, topics": "/api/tags/",
        "API, sources": "/api/sources/",
    }


def compare(sites: list[Site], pages: list[str], rounds: int, *, after_edits: bool) -> tuple[list[float], list[int]]:
    """Median milliseconds and queries of a page at both sites, asked in turns."""
    times, queries = ([], []), [0, 0]
    for _ in range(rounds):
        for which, site in enumerate(sites):
            if after_edits:
                site.ask("edit")
            answer = site.ask(pages[which])
            times[which].append(answer["milliseconds"])
            queries[which] = answer["queries"]
    return [statistics.median(values[1:]) for values in times], queries


def main(small: int, large: int, keep: Path, only: str) -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        sites = [Site(number, keep / str(number)) for number in (small, large)]
        for site in sites:
            stack.callback(site.close)
        for site in sites:
            site.wait()
        print(f"| page | queries at {small:,} | at {large:,} | ms | ms | ratio | after an edit, ms | ms | ratio |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
        pages = [addresses(site.number) for site in sites]
        for name in (name for name in pages[0] if only in name):
            asked = [page[name] for page in pages]
            (cold_one, cold_two), _ = compare(sites, asked, EDITS, after_edits=True)
            (one, two), queries = compare(sites, asked, ROUNDS, after_edits=False)
            print(
                f"| {name} | {queries[0]} | {queries[1]} | {one:.1f} | {two:.1f} | {two / one:.2f}"
                f" | {cold_one:.1f} | {cold_two:.1f} | {cold_two / cold_one:.2f} |",
                flush=True,
            )
        held = [site.ask("/")["etag"] for site in sites]
        visits = [
            [site.ask("/", tag)["milliseconds"] for _ in range(ROUNDS)] for site, tag in zip(sites, held, strict=True)
        ]
        one, two = map(statistics.median, visits)
        print(f"| any page, 304 | 1 | 1 | {one:.1f} | {two:.1f} | {two / one:.2f} | | | |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", type=int, default=[1000, 100_000])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
    else:
        with tempfile.TemporaryDirectory() as thrown_away:
            main(*given.numbers, given.keep or Path(thrown_away), given.only)
