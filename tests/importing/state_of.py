"""Run by `manage.py shell`: prints all that imports have left, without numbers and times of the run, as one JSON."""

import hashlib
import json
import sys

from articles.models import Article, ArticleImage, Image, Original, PossibleDuplicate, Reference, TaggedArticle

ADDRESS = "article__address_key"
FACTS = (
    *("address_key", "title", "body", "text", "byline", "warnings", "stub", "source_changed"),
    *("published_at", "published_precision", "archived_at", "status", "source__slug", "lead_image__origin_url"),
)
PAIRS, KIND = PossibleDuplicate.objects, ("reason", "likeness")
PAIR = (ADDRESS, "other__address_key")

state = {
    "articles": sorted(map(str, Article.objects.values_list(*FACTS))),
    "tags": sorted(map(list, TaggedArticle.objects.values_list("content_object__address_key", "tag__key", "origin"))),
    "places": sorted(map(list, ArticleImage.objects.values_list(ADDRESS, "position", "image__origin_url", "caption"))),
    "images": sorted(map(list, Image.objects.values_list("origin_url", "state", "sha256"))),
    "references": sorted(map(list, Reference.objects.values_list(ADDRESS, "key"))),
    # All of them, since no text here has more that are alike than are offered (likeness.pairs.MOST_PAIRS).
    "pairs": sorted([*sorted(pair), reason, share] for *pair, reason, share in PAIRS.values_list(*PAIR, *KIND)),
    "originals": sorted(
        [path, sha, newest, key, hashlib.sha256(bytes(raw)).hexdigest()]
        for path, sha, newest, key, raw in Original.objects.values_list("path", "sha256", "newest", ADDRESS, "bytes")
    ),
}
sys.stdout.write(json.dumps(state, ensure_ascii=False))
