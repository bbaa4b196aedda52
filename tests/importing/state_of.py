"""Run by `manage.py shell`: prints all that imports have left, without numbers and times of the run, as one JSON.

Key terms are left out: how rare a word is depends on what was there when an article was learned.
"""

import hashlib
import json
import sys
import time

from articles import search
from articles.models import (
    Article,
    ArticleImage,
    Band,
    Entry,
    Image,
    Original,
    PossibleDuplicate,
    Poster,
    Reference,
    Signature,
    Source,
    TaggedArticle,
    drift,
    months_counted,
    topics_counted,
)

ADDRESS = "article__address_key"
FACTS = (
    *(
        "address_key",
        "canonical_url",
        "source_url",
        "archive_id",
        "title",
        "title_raw",
        "slug",
        "standfirst",
        "excerpt",
    ),
    *("body", "text", "byline", "copyright", "language", "script", "warnings", "stub", "source_changed", "links"),
    *("published_at", "published_precision", "published_from", "published_on", "listed_at", "archived_at"),
    *("dateline_at", "status", "source__slug", "lead_image__origin_url", "text_sha256"),
)
PAIRS, KIND = PossibleDuplicate.objects, ("reason", "likeness")
PAIR = (ADDRESS, "other__address_key")
SOURCES = dict(Source.objects.values_list("pk", "slug"))


def digest(raw):
    return hashlib.sha256(bytes(raw)).hexdigest()


end = time.monotonic() + 60  # for workers that learn what is alike when all files are there
while Signature.objects.filter(has_terms=False).exists() and time.monotonic() < end:
    time.sleep(0.2)
index, counts = search.check(), drift()
state = {
    "articles": sorted(map(str, Article.objects.values_list(*FACTS))),
    "removed": sorted(
        [key, json.dumps(told, sort_keys=True)] for key, told in Article.objects.values_list("address_key", "removed")
    ),
    "embeds": sorted(
        [key, json.dumps(told, sort_keys=True)] for key, told in Article.objects.values_list("address_key", "embeds")
    ),
    "tags": sorted(map(list, TaggedArticle.objects.values_list("content_object__address_key", "tag__key", "origin"))),
    "places": sorted(
        map(list, ArticleImage.objects.values_list(ADDRESS, "position", "image__origin_url", "caption", "credit"))
    ),
    "posters": sorted(map(list, Poster.objects.values_list(ADDRESS, "image__origin_url"))),
    "images": sorted(map(list, Image.objects.values_list("origin_url", "state", "sha256"))),
    "references": sorted(map(list, Reference.objects.values_list(ADDRESS, "key"))),
    # All of them, since no text here has more that are alike than are offered (likeness.pairs.MOST_PAIRS).
    "pairs": sorted([*sorted(pair), reason, share] for *pair, reason, share in PAIRS.values_list(*PAIR, *KIND)),
    "originals": sorted(
        [path, sha, newest, waiting, key, digest(raw)]
        for path, sha, newest, waiting, key, raw in Original.objects.values_list(
            "path", "sha256", "newest", "waiting", ADDRESS, "bytes"
        )
    ),
    "entries": sorted(map(list, Entry.objects.values_list(ADDRESS, "digest", "lead"))),
    "index": [index.missing, index.stale],
    "signatures": sorted([key, digest(kept)] for key, kept in Signature.objects.values_list(ADDRESS, "values")),
    "bands": sorted(map(list, Band.objects.values_list(ADDRESS, "key"))),
    "months": sorted([SOURCES[one.source], str(one.month), one.articles] for one in months_counted()),
    "topics": sorted([row["tag__slug"], row["count"]] for row in topics_counted()),
    "drift": [counts.months, counts.topics],
}
sys.stdout.write(json.dumps(state, ensure_ascii=False))
