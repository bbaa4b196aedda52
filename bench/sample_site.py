"""The sample site as readers would meet it, for what looks at it from outside: gunicorn, hashed, compressed files."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
# The import proposes that the reports of one voyage are a story; here somebody says yes, as a chief would.
CONFIRM = """
from django.contrib.auth import get_user_model
from articles.curation.stories import confirm_story
from articles.models import Story
chief, _ = get_user_model().objects.get_or_create(username="chief", defaults={"is_superuser": True})
for story in Story.objects.filter(state=Story.State.PROPOSED)[:1]:
    words = {"title": story.title, "slug": story.slug or "", "standfirst": story.standfirst or ""}
    confirm_story(story, chief, words, list(story.places.values_list("article", flat=True)))
"""
# What the samples have nothing of: a text that its source changed, articles without a date, a take-down, a shaped front
# page. Prints what pages show them.
FURTHER = """
import datetime, json, zlib
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from articles.curation import front, takedowns
from articles.models import UNDATED, Article, Original, Plan, TakeDown, front_preview_address
from articles.models.front import Breaking, Kind, Layout, Part, Pin
chief = get_user_model().objects.get(username="chief")
newest = list(Article.objects.published().select_related("source").newest_first())
changed = Original.objects.filter(newest=True, article=newest[0]).get()
raw = zlib.decompress(changed.bytes).decode()
later = raw[: len(raw) // 2] + raw[len(raw) // 2 :].replace("，", "；", 3).replace("的", "之", 2)
Original.objects.create(
    article=newest[0], path=changed.path, path_sha256=changed.path_sha256, sha256="1" * 64, content_sha256="1" * 64,
    rules_version=changed.rules_version, archived_at=changed.archived_at + datetime.timedelta(days=2),
    bytes=zlib.compress(later.encode()),
)
nameless = {"published_at": None, "published_on": None, "published_precision": "", "listed_at": UNDATED}
Article.objects.filter(pk__in=[one.pk for one in newest[-3:]]).update(**nameless)
facts = {"scope": "article", "basis": "court", "requester_kind": "court", "reason": "-", "begins_at": timezone.now()}
gone = takedowns.take(TakeDown(article_number=newest[-4].pk, public_note="依法院裁定。", **facts), chief)
kinds = [Part(Kind.SOURCE, str(newest[number].source_id), layout=layout) for number, layout in enumerate(Layout)]
line = Breaking("瓦倫港今晨恢復通航", newest[1].pk)
shape = front.save_draft(Plan(lead=Pin(newest[2].pk), parts=(*kinds, *Plan().parts), breaking=line), None, chief)
print(json.dumps({
    "changes": reverse("changes", args=[newest[0].pk]), "undated": reverse("undated"),
    "transparency": reverse("transparency"), "tombstone": reverse("article_by_number", args=[gone.article_number]),
    "front-shaped": front_preview_address(shape.pk, shape.saves),
}))
"""
PATIENCE = 60  # seconds until the server must answer


def _free_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return plug.getsockname()[1]


def _environment(folder: Path, address: str) -> dict[str, str]:
    return {
        **os.environ,
        "NEWSROOM_DATA_DIR": str(folder),
        "NEWSROOM_SECRET_KEY": "only-to-look-at-pages",
        "NEWSROOM_DEBUG": "false",
        "NEWSROOM_SITE_URL": address,
        "NEWSROOM_FETCH_IMAGES": "false",
    }


def further_pages(folder: Path, address: str) -> dict[str, str]:
    """Add to a served sample site what the samples have nothing of; returns the addresses of pages that show it."""
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", FURTHER]
    environment = _environment(folder, address)
    told = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    return json.loads(told.splitlines()[-1])


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Fill a data folder from the seeds unless it is filled, serve it, yield the address."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    environment = _environment(folder, address)
    for arguments in (
        ["migrate", "--verbosity", "0"],
        ["collectstatic", "--noinput", "--verbosity", "0"],
        ["import_articles", "seeds", "--publish", "--images", "seeds/images", "--verbosity", "0"],
        ["shell", "--verbosity", "0", "--command", CONFIRM],
    ):
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)
    command = [sys.executable, "-m", "gunicorn", "newsroom.wsgi", "--worker-class", "gthread", "--threads", "4"]
    command += ["--timeout", "120", "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait(address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def _wait(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
            return
        time.sleep(0.2)
    sys.exit(f"{address} does not answer")


def _told(address: str) -> dict:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def pages_of(address: str) -> dict[str, str]:
    """An address of each kind of page, found by asking the site itself."""
    articles = [one for one in _told(f"{address}/api/articles/?limit=100")["articles"] if one["published"]]
    whole = [_told(one["record"]) | {"page": one["page"]} for one in articles[:30]]
    longest = max(whole, key=lambda one: len(one["html"]) + 2000 * len(one["images"]))
    english = next((one for one in articles if one["language"].startswith("en")), articles[0])
    tags = _told(f"{address}/api/tags/")["tags"]
    topic = max(tags, key=lambda tag: tag["articles"])
    day = longest["published"][:10].replace("-", "/")
    with urllib.request.urlopen(f"{address}/stories/", timeout=30) as answer:
        story = re.search(r'href="(/story/[^"]+)"', answer.read().decode())
    film = next((one for one in whole if one["embeds"]), whole[0])
    source = next(one for one in _told(f"{address}/api/sources/")["sources"] if one["slug"] == longest["source"])
    return {
        "front": "/",
        "article": urlsplit(longest["page"]).path,
        "article-english": urlsplit(english["page"]).path,
        "article-other-script": f"/zh-hans{urlsplit(longest['page']).path}",
        "article-film": urlsplit(film["page"]).path,
        "source": urlsplit(source["page"]).path,
        "sources": "/sources/",
        "topic": urlsplit(topic["page"]).path,
        "topics": "/tags/",
        "topics-by-name": "/tags/by-name/",
        "archive": "/archive/",
        "year": f"/{day[:4]}/",
        "month": f"/{day[:7]}/",
        "day": f"/{day}/",
        "on-this-day": f"/on-this-day/{day[5:7]}-{day[8:]}/",
        "search": "/search/",
        "search-found": f"/search/?q={quote(topic['name'])}",
        "search-nothing": f"/search/?q={quote('沒有這個詞')}",
        "stories": "/stories/",
        "story": story[1] if story else "/stories/",
        "programs": "/api/",
        "missing": "/nothing/",
    }
