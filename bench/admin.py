"""Whether editors' pages cost the same however large the archive is.

    python bench/admin.py                    1,000 articles against 100,000, on SQLite
    python bench/admin.py 1000 20000         other numbers
    python bench/admin.py --postgres ADDRESS on PostgreSQL: two databases are made there, newsroom_bench_NUMBER
    python bench/admin.py --keep FOLDER      keep the archives there, for the next time (so does --postgres)
    python bench/admin.py --only triage      addresses with this in their name
    python bench/admin.py --make             only make the archives
    python bench/admin.py --rounds 3         ask less often (else 9 times)

Asks as an editor in chief for every list (with each of its filters, a search, its last page), the form, history and
deleting of every kind of row, triage in every order, the pages below an article, a tag, an import, a bulk job, a story,
and the front of the desk. Prints the queries at both sizes and the ratio of the median times, asked in turns; the
worst last. Times are processor time of the program and of its database. Exit status 1 when an address takes more than
three times as long, or asks more, in the large archive; but for the whole of what an undo of an import of everything
would do, which the page of the undo offers.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
MOST = 3.0  # times the time with the small archive
SEARCHES = ("圖書", "鐘樓", "17", "主題 1", "images")
BESIDE = {  # pages below a row, by the name of their address
    "article": ("compare", "original", "source", "corrections"),
    "tag": ("merge",),
    "importrun": ("undo", "progress"),
}
NO_ROW = ("tag_unused", "importrun_upload", "frontpage_shape", "article_triage", "deed_export")
GROWS = ("importrun, largest: undo of all",)  # asked of every article of the run, here all there are, when one wants it
STREAMED = ("deed_export",)  # as long as the audit is, and meant to be


class Cost:
    """Processor time of this process and of the database server's process that answers it."""

    def __init__(self, connection) -> None:
        self.server = None
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.server = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def now(self) -> float:
        """Milliseconds spent so far; those of a server on another machine are not seen."""
        spent = time.process_time() * 1000
        with contextlib.suppress(OSError):
            spent += int(self.server.read_text().split()[0]) / 1e6 if self.server else 0
        return spent


def addresses() -> Iterator[tuple[str, str]]:
    """Name and address of each page to ask for; the names are the same at every size."""
    from django.contrib import admin  # noqa: PLC0415 - needs Django
    from django.urls import reverse  # noqa: PLC0415

    yield "front of the desk", reverse("admin:index")
    yield "front of the desk, a year", reverse("admin:index") + "?year=2024"
    yield from _triage(reverse("admin:articles_article_triage"))
    for model, desk in sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.model_name):
        meta = model._meta
        base = f"admin:{meta.app_label}_{meta.model_name}"
        yield from _lists(model, desk, reverse(f"{base}_changelist"))
        keys = model._default_manager.order_by("pk").values_list("pk", flat=True)
        for place, pk in (("middle", keys[keys.count() // 2] if keys else None), ("last", keys.last())):
            if pk is None or (place == "last" and meta.model_name not in ("importrun", "bulkjob", "article")):
                continue
            for page in ("change", "history", "delete"):
                yield f"{meta.model_name}, {place}: {page}", reverse(f"{base}_{page}", args=[pk])
            for page in BESIDE.get(meta.model_name, ()):
                yield f"{meta.model_name}, {place}: {page}", reverse(f"{base}_{page}", args=[pk])
        if desk.search_fields:
            yield from _completions(model)
    for name in NO_ROW:
        if name not in STREAMED:
            yield name.replace("_", ", "), reverse(f"admin:articles_{name}")
    yield from _common(reverse("admin:articles_article_changelist"))


def _triage(home: str) -> Iterator[tuple[str, str]]:
    from articles.curation import filters  # noqa: PLC0415

    for order in filters.ORDERS:
        yield f"triage, {order}", f"{home}?{urlencode({'order': order})}"
    for need in filters.NEEDS:
        yield f"triage, has {need}", f"{home}?{urlencode({'has': need})}"
    yield "triage, source", f"{home}?source=s1"
    yield "triage, words", f"{home}?q={quote('鐘樓')}"
    yield "triage, days", f"{home}?from=2024-01-01&to=2024-12-31"
    yield "triage, page 5", f"{home}?p=5&all=1"


def _lists(model, desk, home: str) -> Iterator[tuple[str, str]]:
    """A list: plain, narrowed by each filter that it offers, searched, and at its end."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415
    from django.urls import resolve  # noqa: PLC0415

    name = model._meta.model_name
    yield f"{name} list", home
    asked = RequestFactory().get(home)
    asked.user, asked.resolver_match = get_user_model().objects.get(username="bench"), resolve(home)
    changes = desk.get_changelist_instance(asked)
    for spec in changes.filter_specs:
        choices = [choice["query_string"] for choice in spec.choices(changes)][1:]
        for at, query in {0: choices[0], len(choices) - 1: choices[-1]}.items() if choices else ():
            yield f"{name} list, {spec.title} {at}", f"{home}{query}"
    if changes.paginator.num_pages > 1:
        yield f"{name} list, last page", f"{home}?p={changes.paginator.num_pages}"
    if desk.search_fields:
        for words in SEARCHES:
            yield f"{name} list, search {words}", f"{home}?q={quote(words)}"


def _common(home: str) -> Iterator[tuple[str, str]]:
    """Ways into the list of articles that its filters do not offer by themselves."""
    from articles.models import Image, Original, Tag  # noqa: PLC0415

    common, picture = Tag.objects.get(slug="common").pk, Image.objects.order_by("pk").first().pk
    for name, query in {
        "common tag": f"topic={common}",
        "picture": f"picture={picture}",
        "day": "day=2024-05-20",
        "month": "day=2024-05-01..2024-05-31",
        "year of published": "status__exact=published&year=2024",
        "inbox of a source": "status__exact=inbox&source__id__exact=2",
        "common word in drafts": f"status__exact=draft&q={quote('圖書')}",
        "no topic in inbox": "status__exact=inbox&has=no_topic",
        "files failed": "",
    }.items():
        if query:
            yield f"article list, {name}", f"{home}?{query}"
    largest = Original.objects.order_by("pk").first().run_id
    run = f"run={largest}"
    for page in ("change", "undo", "progress"):
        yield f"importrun, largest: {page}", home.replace("/article/", f"/importrun/{largest}/{page}/")
    yield "importrun, largest: undo of all", home.replace("/article/", f"/importrun/{largest}/undo/") + "?all"
    files = home.replace("/article/", "/importfile/")
    yield "importfile list, of a run", f"{files}?{run}"
    yield "importfile list, failed of a run", f"{files}?{run}&result=failed"
    yield "importfile list, a cause of a run", f"{files}?{run}&result=failed&code=cause_1"
    yield "common tag: change", home.replace("/article/", f"/tag/{common}/change/")
    yield "common tag: merge", home.replace("/article/", f"/tag/{common}/merge/") + f"?target={quote('主題 0')}"
    yield "common tag: delete", home.replace("/article/", f"/tag/{common}/delete/")


def _completions(model) -> Iterator[tuple[str, str]]:
    """What fields that complete what is typed ask for, where some field leads to this kind of row."""
    from django.contrib import admin  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    for desk in admin.site._registry.values():
        for field in desk.autocomplete_fields:
            if desk.model._meta.get_field(field).related_model is model:
                meta = desk.model._meta
                asked = {"app_label": meta.app_label, "model_name": meta.model_name, "field_name": field}
                yield (
                    f"{meta.model_name}, completion of {field}",
                    f"{reverse('admin:autocomplete')}?{urlencode(asked | {'term': '1'})}",
                )


def fill(number: int) -> None:
    """Make the archive unless it is there already."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from bench import admin_archive  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    chief, _ = get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    if not admin_archive.make(number, chief):
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def serve(number: int) -> None:
    """Make the archive, tell the addresses, then answer each line of standard input, an address, with its cost."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
    import django  # noqa: PLC0415

    django.setup()
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    fill(number)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.get(username="bench"))
    client.get("/admin/", headers={"accept-language": "en"})
    print(json.dumps(list(addresses())), flush=True)
    cost = Cost(connection)
    for line in sys.stdin:
        began = cost.now()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(line.strip(), headers={"accept-language": "en"})
            size = len(answer.getvalue())
        told = {"milliseconds": cost.now() - began, "queries": len(queries), "status": answer.status_code, "size": size}
        print(json.dumps(told), flush=True)


class Site:
    """One program over a database of its own."""

    def __init__(self, number: int, folder: Path, postgres: str) -> None:
        self.number = number
        environment = {**os.environ, "NEWSROOM_DATA_DIR": str(folder), "NEWSROOM_SECRET_KEY": "bench"}
        environment |= {"NEWSROOM_DEBUG": "false", "NEWSROOM_FETCH_IMAGES": "false"}
        if postgres:
            environment["DATABASE_URL"] = f"{postgres.rstrip('/')}/{_database(postgres, number)}"
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(number)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait(self) -> dict[str, str]:
        """Until the archive is made; its addresses by name."""
        return dict(json.loads(self.process.stdout.readline() or sys.exit("The program ended.")))

    def ask(self, address: str) -> dict:
        """One visit."""
        self.process.stdin.write(f"{address}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline() or sys.exit(f"The program ended at {address}."))

    def close(self) -> None:
        """End the program."""
        self.process.stdin.close()
        self.process.wait()


def _database(postgres: str, number: int) -> str:
    """The name of a database for an archive of that size, which is made unless it is there."""
    import psycopg  # noqa: PLC0415

    name = f"newsroom_bench_{number}"
    with psycopg.connect(f"{postgres.rstrip('/')}/postgres", autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(f'CREATE DATABASE "{name}"')
    return name


def compare(sites: list[Site], pages: list[str], rounds: int) -> dict:
    """What a page costs at both sites, asked in turns."""
    times, last = ([], []), [{}, {}]
    for _ in range(rounds):
        for which, site in enumerate(sites):
            last[which] = site.ask(pages[which])
            times[which].append(last[which]["milliseconds"])
    one, two = (statistics.median(values[1:]) for values in times)
    return {"times": (one, two), "ratio": two / one, "ends": last}


def main(small: int, large: int, keep: Path, given: argparse.Namespace) -> int:
    """Measure, print, and say how it went."""
    with contextlib.ExitStack() as stack:
        sites = [Site(number, keep / str(number), given.postgres) for number in (small, large)]
        for site in sites:
            stack.callback(site.close)
        pages = [site.wait() for site in sites]
        if given.make:
            return 0
        names = [name for name in pages[0] if name in pages[1] and given.only in name]
        alone = sorted(set(pages[0]) ^ set(pages[1]))
        print(f"{len(names)} addresses{', only at one size: ' + '; '.join(alone) if alone else ''}\n", flush=True)
        rows = []
        for name in names:
            found = compare(sites, [page[name] for page in pages], given.rounds)
            ends = found["ends"]
            if {end["status"] for end in ends} == {403}:
                continue  # nobody may, at any size
            told = [
                *(["FAILS"] if any(end["status"] not in (200, 302) for end in ends) else []),
                *(["MORE QUERIES"] if ends[0]["queries"] < ends[1]["queries"] else []),
                *(["SLOWER"] if found["ratio"] > MOST and name not in GROWS else []),
            ]
            rows.append((found["ratio"], name, found, told))
        print(f"| address | queries at {small:,} | at {large:,} | ms | ms | ratio | kB | kB | |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|---|")
        for ratio, name, found, told in sorted(rows, key=lambda row: row[:2]):
            one, two = found["ends"]
            print(
                f"| {name} | {one['queries']} | {two['queries']} | {found['times'][0]:.1f} | {found['times'][1]:.1f}"
                f" | {ratio:.2f} | {one['size'] / 1000:.0f} | {two['size'] / 1000:.0f} | {', '.join(told)} |"
            )
        bad = [row for row in rows if row[3]]
        print(f"\n{len(rows)} addresses, {len(bad)} to be looked at")
        return 1 if bad else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", type=int, default=[1000, 100_000])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--postgres", default="", help="as in postgres://postgres@127.0.0.1:5432")
    parser.add_argument("--only", default="")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.serve:
        serve(wanted.serve)
    else:
        with tempfile.TemporaryDirectory() as thrown_away:
            sys.exit(main(*wanted.numbers, wanted.keep or Path(thrown_away), wanted))
