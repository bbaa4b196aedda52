"""The table of what pages weigh and cost, for the README: asked of the program itself, over whatever is published."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models.functions import Length
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Article, Tag

STYLE = re.compile(r'<link rel="stylesheet" (?:media="[a-z]+" )?href="/?static/([^"?]+)"')
SCRIPT = re.compile(r'<script[^>]* src="/?static/([^"?]+)"')
HASH = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")  # of a collected file's name
MOST = 60_000  # bytes of HTML, CSS and JavaScript together, compressed


class Command(BaseCommand):
    """Print a line of Markdown a kind of page: compressed bytes of HTML, CSS, JavaScript, and queries."""

    help = "Print what pages weigh (gzip, kB) and how many queries they cost, as a Markdown table."

    def handle(self, *args, **options) -> None:
        """Ask each page once without a copy of it and once with one."""
        self.stdout.write("| page | HTML kB | CSS kB | JavaScript kB | queries | queries for a 304 |")
        self.stdout.write("|---|--:|--:|--:|--:|--:|")
        too_heavy = []
        _ = connection.features.supports_json_field  # Django asks SQLite so once a process: it is no page's cost
        for name, address in _addresses().items():
            sizes, queries, again = _weigh(address)
            columns = [f"{size / 1000:.1f}" for size in sizes] + [str(queries), str(again)]
            self.stdout.write(f"| {name} | {' | '.join(columns)} |")
            if sum(sizes) > MOST:
                too_heavy.append(name)
        if too_heavy:
            raise CommandError(f"Heavier than {MOST / 1000:.0f} kB: {', '.join(too_heavy)}.")


def _addresses() -> dict[str, str]:
    """An address of each kind of page; of articles the newest and the longest of all, which reads every text."""
    published = Article.objects.published().select_related("source")
    article = published.newest_first().exclude(published_on=None).first()
    if article is None:
        raise CommandError("Nothing is published: import an archive first, as `make run` does.")
    longest = published.order_by(Length("body").desc()).first()
    tag = Tag.objects.filter(uses__content_object=article).first()
    day = article.published_on
    addresses = {
        "front page": reverse("front"),
        "article": article.get_absolute_url(),
        "long article": longest.get_absolute_url(),
        "source": article.source.get_absolute_url(),
        "sources": reverse("sources"),
        "topics": reverse("tags"),
        "archive": reverse("archive"),
        "year": reverse("year", args=[day.year]),
        "month": reverse("month", args=[day.year, day.month]),
        "day": reverse("day", args=[day.year, day.month, day.day]),
        "search": f"{reverse('search')}?q={article.title[:2]}",
        "Atom feed": reverse("site_feed_xml"),
    }
    return addresses | ({"topic": tag.get_absolute_url()} if tag else {})


def _weigh(address: str) -> tuple[list[int], int, int]:
    """Compressed bytes of HTML, CSS and JavaScript, queries of a first visit, queries of a second one."""
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_ENCODING="gzip", HTTP_X_FORWARDED_PROTO="https")
    with CaptureQueriesContext(
        connection,
    ) as first:
        answer = client.get(address)
    if answer.status_code != 200:
        raise CommandError(f"{address} answers {answer.status_code}.")
    with CaptureQueriesContext(
        connection,
    ) as second:
        client.get(address, HTTP_IF_NONE_MATCH=answer["ETag"])
    page = gzip.decompress(answer.content).decode()
    parts = [sum(map(_compressed, dict.fromkeys(kind.findall(page)))) for kind in (STYLE, SCRIPT)]
    return [len(answer.content), *parts], len(first), len(second)


def _compressed(name: str) -> int:
    path = finders.find(HASH.sub("", name))
    return len(gzip.compress(Path(path).read_bytes())) if path else 0
