"""Writes the articles of one batch with their tags, pictures and references, in sets of rows."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.utils import timezone

from articles.importing.deciding import Version
from articles.importing.sources import Sources
from articles.ingest import Document, Picture
from articles.ingest.batch import Reading
from articles.ingest.links import address_key
from articles.models import (
    UNDATED,
    Article,
    ArticleImage,
    Image,
    Poster,
    Reference,
    Source,
    Tag,
    TagAlias,
    TaggedArticle,
    slug_of,
    tag_key,
)
from articles.models.rows import insert_objects, insert_rows

LONGEST_ADDRESS = 2000
FUTURE = datetime.timedelta(days=1)  # clocks differ; beyond that a date is a mistake of the file


def publication(version: Version | None, source: Source) -> dict:
    """The fields that tell when an article was published, from its earliest dated version (None: undated).

    `published_on` is the day in the source's own zone; `listed_at` sorts lists, where undated articles and those
    with a date in the future stand last instead of on top.
    """
    if version is None:
        return {
            "published_at": None,
            "published_precision": "",
            "published_from": "",
            "published_on": None,
            "listed_at": UNDATED,
        }
    instant = version.published_at
    day = instant if version.published_precision == "day" else instant.astimezone(zoneinfo.ZoneInfo(source.timezone))
    return {
        "published_at": instant,
        "published_precision": version.published_precision,
        "published_from": version.published_from,
        "published_on": day.date(),
        "listed_at": instant if instant <= timezone.now() + FUTURE else UNDATED,
    }


def fields_of(reading: Reading, source: Source) -> dict:
    """What a document gives to its article; times of publication come from all its versions, not from here."""
    document = reading.document
    return {
        "source": source,
        "title": document.title,
        "title_raw": document.title_raw,
        "slug": slug_of(document.title),
        "standfirst": document.standfirst,
        "excerpt": document.excerpt,
        "byline": document.byline[:500],
        "language": document.language,
        "script": document.script,
        "source_url": document.url,
        "canonical_url": document.canonical_url,
        "address_key": document.address_key,
        "archive_id": document.archive_id[:32],
        "archived_at": document.archived_at,
        "dateline_at": document.dateline_at,
        "copyright": document.copyright[:1000],
        "stub": document.stub,
        "warnings": list(document.warnings),
        "text_sha256": reading.text_sha256,
        "rules_version": document.rules_version,
        "policy_version": document.policy_version,
        "embeds": [
            {"url": embed.url, "provider": embed.provider, "title": embed.title, "poster": embed.poster}
            for embed in document.embeds
        ],
        "links": list(document.links),
        "removed": dict(document.removed),
        "body": document.html,
        "text": document.text,
    }


def wanted_by(document: Document) -> Iterator[Picture]:
    """All pictures that a document's page shows: those of its text, then the stills of what it embeds."""
    yield from document.images
    yield from (Picture(src=embed.poster, decorative=True) for embed in document.embeds if embed.poster)


class Pictures:
    """The picture rows of a batch, found or made, by origin address; three statements."""

    def __init__(self, documents: Iterable[Document]) -> None:
        facts: dict[str, Picture] = {}
        for document in documents:
            for picture in wanted_by(document):
                if len(picture.src) <= LONGEST_ADDRESS:
                    facts.setdefault(picture.src, picture)
        self.rows = dict(Image.objects.filter(origin_url__in=facts).values_list("origin_url", "pk"))
        new = [_image(picture) for address, picture in facts.items() if address not in self.rows]
        self.unclaimed = {image.origin_url for image in new}
        insert_objects(new, "origin_url")
        self.rows.update((image.origin_url, image.pk) for image in new)

    def of(self, document: Document) -> dict[int, Picture]:
        """A document's pictures by row number, in reading order, each once."""
        mine: dict[int, Picture] = {}
        for picture in document.images:
            if picture.src in self.rows:
                mine.setdefault(self.rows[picture.src], picture)
        return mine

    def posters(self, document: Document) -> list[int]:
        """Row numbers of the still pictures of what a document embeds, in reading order, each once."""
        rows = (self.rows.get(embed.poster) for embed in document.embeds)
        return list(dict.fromkeys(row for row in rows if row))

    def lead(self, document: Document) -> int | None:
        """The first picture that is no decoration; for want of any, the first still picture of an embed."""
        shown = (row for row, picture in self.of(document).items() if not picture.decorative)
        return next(itertools.chain(shown, self.posters(document)), None)

    def claim(self, document: Document) -> int:
        """How many of the document's pictures it is the first to want."""
        mine = {picture.src for picture in wanted_by(document)} & self.unclaimed
        self.unclaimed -= mine
        return len(mine)


def create_articles(
    winners: list[tuple[Reading, Version | None]], sources: Sources, pictures: Pictures, status_of
) -> dict[str, Article]:
    """New articles by address key; two statements. `status_of(source)` tells what they become."""
    articles = []
    for reading, earliest in winners:
        source = sources.of(reading.document)
        articles.append(
            Article(
                status=status_of(source),
                lead_image_id=pictures.lead(reading.document),
                **fields_of(reading, source),
                **publication(earliest, source),
            )
        )
    for article in articles:
        article.enter(in_a_set=True)
    insert_objects(articles, "address_key")
    return {article.address_key: article for article in articles}


def update_articles(
    changes: list[tuple[int, Reading, Version | None]], sources: Sources, pictures: Pictures
) -> dict[str, Article]:
    """Articles written anew from a better version, by address key; one statement an article."""
    articles = {}
    for pk, reading, earliest in changes:
        source = sources.of(reading.document)
        facts = {**fields_of(reading, source), **publication(earliest, source)}
        article = Article(pk=pk, lead_image_id=pictures.lead(reading.document), **facts)
        article.save(update_fields=[*facts, "lead_image", "updated_at"], force_update=True)
        articles[article.address_key] = article
    return articles


def write_tags(documents: dict[int, Document]) -> None:
    """Set the imported tags of articles (by number); an editor's tags are left alone."""
    names: dict[str, str] = {}
    for document in documents.values():
        for name in document.tags:
            names.setdefault(tag_key(name), name.strip()[:200])
    names.pop("", None)
    tags = tags_by_key(names)
    wanted = {
        (pk, tags[key]) for pk, document in documents.items() for key in map(tag_key, document.tags) if key in tags
    }
    present = set(
        TaggedArticle.objects.filter(content_object__in=documents).values_list("content_object_id", "tag_id", "origin")
    )
    gone = [(pk, tag) for pk, tag, origin in present if origin == "import" and (pk, tag) not in wanted]
    by_tag = defaultdict(list)
    for pk, tag in gone:
        by_tag[tag].append(pk)
    for tag, pks in by_tag.items():
        TaggedArticle.objects.filter(tag=tag, content_object__in=pks, origin="import").delete()
    held = {(pk, tag) for pk, tag, _ in present}
    fresh = [(pk, tag, "import") for pk, tag in sorted(wanted - held)]
    insert_rows(TaggedArticle, ("content_object", "tag", "origin"), fresh)


def tags_by_key(names: dict[str, str]) -> dict[str, int]:
    """Numbers of the tags with these folded keys; aliases lead to their target, missing tags are made.

    `names` gives the spelling for a new tag. Two statements, five when a tag is new.
    """
    found = dict(TagAlias.objects.filter(key__in=names).values_list("key", "tag_id"))
    found.update(Tag.objects.filter(key__in=names).values_list("key", "pk"))
    missing = {key: name for key, name in names.items() if key not in found}
    if not missing:
        return found
    slugs = {key: slug_of(name) for key, name in missing.items()}
    taken = set(Tag.objects.filter(slug__in=slugs.values()).values_list("slug", flat=True))
    taken |= set(TagAlias.objects.filter(slug__in=slugs.values()).values_list("slug", flat=True))
    tags = []
    for key, name in missing.items():
        slug = slugs[key]
        if slug in taken or slug == "article":  # slug_of says "article" for a name of punctuation alone
            slug = f"{slug}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
        taken.add(slug)
        tags.append(Tag(name=name, key=key, slug=slug))
    found.update((tag.key, tag.pk) for tag in Tag.objects.bulk_create(tags))
    return found


def write_images(articles: dict[int, Document], pictures: Pictures) -> dict[int, int]:
    """Place the pictures of articles; returns how many pictures each article is the first to want."""
    ArticleImage.objects.filter(article__in=articles).delete()
    insert_rows(
        ArticleImage,
        ("article", "image", "position", "caption", "credit"),
        (
            (pk, row, position, p.caption, p.credit)
            for pk, document in articles.items()
            for position, (row, p) in enumerate(pictures.of(document).items())
        ),
    )
    posters = [(pk, row) for pk, document in articles.items() for row in pictures.posters(document)]
    Poster.objects.filter(article__in=articles).delete()
    insert_rows(Poster, ("article", "image"), posters)
    return {pk: pictures.claim(document) for pk, document in articles.items()}


def _image(picture: Picture) -> Image:
    return Image(
        origin_url=picture.src,
        proxy_url=picture.proxy if len(picture.proxy) <= LONGEST_ADDRESS else "",
        host=picture.src.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0].lower()[:255],
        alt=picture.alt,
        credit=picture.credit,
        decorative=picture.decorative,
    )


def write_references(articles: dict[int, Document]) -> None:
    """Keep the links of articles by their address key; links to the article itself are none."""
    Reference.objects.filter(article__in=articles).delete()
    rows = []
    for pk, document in articles.items():
        keys = {document.address_key}
        for url in document.links:
            key = address_key(url)[:LONGEST_ADDRESS]
            if key and key not in keys:
                keys.add(key)
                rows.append((pk, url[:LONGEST_ADDRESS], key))
    insert_rows(Reference, ("article", "url", "key"), rows)


def keys_of(readings: Iterable[Reading]) -> list[str]:
    """Distinct address keys of the documents, in order."""
    return list(dict.fromkeys(reading.document.address_key for reading in readings if reading.document))
