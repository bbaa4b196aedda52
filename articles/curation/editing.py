"""Saves an article as a person left it: the words so that they stay, whatever later imports bring."""

import datetime
import zoneinfo
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser, LexborNode

from articles import likeness, search
from articles.curation.captions import Change, follow_captions, with_words, without_pictures
from articles.ingest import sanitize
from articles.ingest.links import address_key
from articles.ingest.text import excerpt
from articles.models import (
    UNDATED,
    Article,
    Image,
    Reference,
    Revision,
    Tag,
    TaggedArticle,
    keep_baseline,
    keep_revisions,
    slug_of,
)

BLOCKS = frozenset(("p", "h2", "h3", "h4", "pre", "li", "dt", "dd", "tr", "caption"))
LONGEST_ADDRESS = Reference._meta.get_field("url").max_length
FUTURE = datetime.timedelta(days=1)  # a date further ahead is a mistake, and must not lead the lists


# All that a person's save may write; the state and what imports say of it are others', and never written back stale.
SAVED = (
    "source",
    "title",
    "slug",
    "standfirst",
    "excerpt",
    "byline",
    "language",
    "published_at",
    "published_precision",
    "published_from",
    "published_on",
    "listed_at",
    "go_live_at",
    "expire_at",
    "entered_at",
    "lead_image",
    "copyright",
    "policy_version",
    "updated_at",
    "edited_at",
    "edited_by",
    "links",
    "body",
    "text",
)


def save_edited(
    article: Article, editor, topics: Iterable[Tag] | None = None, reason: str = "", *, keep: bool = True
) -> None:
    """Save an article, new or old, as a person left it.

    The body is sanitized; text, excerpt, links, slug and the dates that follow from others are kept in step; the
    article is marked as edited, so that imports keep these words. `topics` are its tags from now on (None: as they
    are). A revision is kept with `reason`, unless `keep` is false: then the caller keeps it when all parts are saved,
    and what drifted from the latest one before the first is.
    """
    keep_words_in_step(article)
    _keep_dates_in_step(article)
    with transaction.atomic():
        article.edited_at, article.edited_by = timezone.now(), editor
        if article.pk:
            keep_baseline([article.pk], drifted=keep)
            before = Article.objects.values_list("body", flat=True).get(pk=article.pk)
            article.save(update_fields=SAVED)
            follow_captions(article, before)
        else:
            article.save()
        set_references(article)
        if topics is not None:
            _set_topics(article, topics)
        if keep:
            keep_revisions([article.pk], editor, reason, Revision.Kind.EDIT)
        search.index([article.pk])
        likeness.note([article.pk])


def write_words(article: Article, editor, captions: dict[str, Change], alts: dict[str, Change]) -> None:
    """Words that were changed beside the text, by the pictures' addresses, stand in the text, too."""
    body = with_words(article.body, captions, alts)
    if body != article.body:
        article.body = body
        save_edited(article, editor, keep=False)


def take_out_of_text(article: Article, editor, images: Iterable[Image]) -> None:
    """Pictures that were taken out of the article stand no longer in its text, and none of them leads it.

    The caller keeps the revision.
    """
    images = list(images)
    addresses = {image.origin_url for image in images} | {image.file.url for image in images if image.is_stored}
    body = without_pictures(article.body, addresses)
    led = article.lead_image_id in {image.pk for image in images}
    if body != article.body or led:
        article.body, article.lead_image = body, None if led else article.lead_image
        save_edited(article, editor, keep=False)


def mark_edited(article: Article, editor) -> None:
    """Say that a person changed something that belongs to the article, such as the words under a picture."""
    with transaction.atomic():
        article.edited_at, article.edited_by = timezone.now(), editor
        article.save(update_fields=["edited_at", "edited_by", "updated_at"])
        search.index([article.pk])


def keep_words_in_step(article: Article) -> None:
    """Sanitize the body, and make what follows from the words follow: text, links, excerpt, slug. In memory alone."""
    excerpt_was_made = not article.excerpt or article.excerpt == excerpt(article.text)
    article.body = sanitize.sanitize(article.body)
    article.policy_version = sanitize.POLICY_VERSION
    body = LexborHTMLParser(f"<!doctype html><body>{article.body}").body
    for figure in body.css("figure"):
        figure.decompose()  # neither captions nor cards are the article's own words
    article.text = _text_of(body)
    addresses = (link.attributes.get("href") or "" for link in body.css("a"))
    article.links = list(dict.fromkeys(url for url in addresses if url.startswith(("http://", "https://"))))
    if excerpt_was_made:
        article.excerpt = excerpt(article.text)
    article.slug = article.slug or slug_of(article.title)


def _text_of(body: LexborNode) -> str:
    """Plain text, a line a block, as imports keep it."""
    lines = [""]
    for node in body.traverse(include_text=True):
        if node.tag in BLOCKS:
            lines.append("")
        elif node.tag == "br":
            lines[-1] += "\n"
        elif node.tag in {"td", "th"} and lines[-1]:
            lines[-1] += "\t"
        elif node.tag == "-text":
            lines[-1] += node.text_content or ""
    return "\n".join(line.strip() for line in lines if line.strip())


def set_references(article: Article) -> None:
    """Keep the links of the text by the key that finds a local copy, as imports do; two statements."""
    keys: dict[str, str] = {}
    for url in article.links:
        keys.setdefault(address_key(url)[:LONGEST_ADDRESS], url[:LONGEST_ADDRESS])
    for own in ("", article.address_key):
        keys.pop(own, None)
    article.references.all().delete()
    Reference.objects.bulk_create(Reference(article=article, url=url, key=key) for key, url in keys.items())


def _keep_dates_in_step(article: Article) -> None:
    if article.published_at is None:
        article.published_precision, article.published_from = "", ""
        article.published_on, article.listed_at = None, UNDATED
        return
    article.published_precision = article.published_precision or Article.Precision.SECOND
    is_day = article.published_precision == Article.Precision.DAY
    zone = datetime.UTC if is_day else zoneinfo.ZoneInfo(article.source.timezone)
    article.published_on = article.published_at.astimezone(zone).date()
    in_future = article.published_at > timezone.now() + FUTURE
    article.listed_at = UNDATED if in_future else article.published_at


def _set_topics(article: Article, topics: Iterable[Tag]) -> None:
    """Tags that stay keep their origin; those that come are an editor's."""
    wanted = {tag.pk for tag in topics}
    present = set(article.tagged.values_list("tag_id", flat=True))
    article.tagged.filter(tag__in=present - wanted).delete()
    TaggedArticle.objects.bulk_create(
        TaggedArticle(content_object=article, tag_id=tag, origin=TaggedArticle.Origin.EDITOR)
        for tag in sorted(wanted - present)
    )
