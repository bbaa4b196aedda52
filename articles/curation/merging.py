"""Source changed: the text as it first came, the text edited here and the source's new one, put together again."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from selectolax.lexbor import LexborHTMLParser

from articles import search
from articles.curation.comparing import ALIKE, Piece, around_changes, compare, text_of
from articles.curation.editing import save_edited
from articles.ingest import Document, Picture, Unreadable, read
from articles.models import (
    Article,
    ArticleImage,
    Image,
    Original,
    Revision,
    contents_of,
    keep_baseline,
    keep_revisions,
    record,
)

OURS, THEIRS, BOTH = "ours", "theirs", "both"
CHOICES = (OURS, THEIRS, BOTH)
TAKEN = ("title", "standfirst", "byline", "excerpt")  # of the source's text, besides its body
PICKED = ("title", "standfirst")  # of them, what is picked by itself when texts are merged


class Unmergeable(Exception):
    """There is nothing to decide, or it was decided on another text; the message says which, to a person."""


@dataclass(frozen=True)
class Stretch:
    """Blocks that are the same on both sides (`number` is None), or differ and await a choice."""

    number: int | None
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    proposal: str = ""
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Line:
    """A title or standfirst that differs; whoever has changed the first one is proposed, ours if both have."""

    name: str
    ours: str
    theirs: str
    proposal: str


@dataclass(frozen=True)
class Newer:
    """A newer text of the source beside ours; `base` is None when the first text cannot be read any more.

    `token` names both texts: a choice is made on these two and no others.
    """

    original: Original
    document: Document
    base: Document | None
    stretches: list[Stretch]
    ours_since: list[Piece]
    theirs_since: list[Piece]
    lines: list[Line]
    token: str


def newer_of(article: Article) -> Newer:
    """The three texts of an article whose source has changed; five queries. Raises Unmergeable."""
    waiting = article.originals.filter(waiting=True).order_by("-id").first()
    document = _read(waiting) if waiting else None
    if document is None:
        raise Unmergeable(_("No newer text of the source waits here."))
    base = _read(article.originals.filter(newest=True).first())
    first = base.html if base else article.body
    return Newer(
        waiting,
        document,
        base,
        stretches_of(first, article.body, document.html),
        around_changes(compare(text_of(first), text_of(article.body))),
        around_changes(compare(text_of(first), text_of(document.html))),
        _lines(article, base, document),
        f"{contents_of([article.pk])[article.pk].digest}.{waiting.pk}",
    )


def _lines(article: Article, base: Document | None, document: Document) -> list[Line]:
    lines = []
    for name in PICKED:
        ours, theirs = getattr(article, name), getattr(document, name)
        if ours != theirs:
            touched_here = base is None or getattr(base, name) != ours
            lines.append(Line(name, ours, theirs, OURS if touched_here else THEIRS))
    return lines


def _read(original: Original | None) -> Document | None:
    if original is None or not original.bytes:
        return None
    try:
        return read(zlib.decompress(original.bytes), original.path)
    except (Unreadable, zlib.error):
        return None


def blocks_of(html: str) -> list[tuple[str, str]]:
    """The top blocks of a body: (what identifies it, its markup)."""
    body = LexborHTMLParser(f"<!doctype html><body>{html}").body
    blocks = []
    for node in body.iter(include_text=True):
        markup = node.html if node.tag != "-text" else node.text_content
        if markup and markup.strip():
            blocks.append((text_of(markup) or markup.strip(), markup))
    return blocks


def stretches_of(base: str, ours: str, theirs: str) -> list[Stretch]:
    """Both texts in stretches. Where they differ, whoever has changed the first text is proposed; ours, if both."""
    known = {key for key, _markup in blocks_of(base)}
    stretches: list[Stretch] = []
    number = 0
    for same, mine, new in _aligned(blocks_of(ours), blocks_of(theirs)):
        left, right = tuple(html for _key, html in mine), tuple(html for _key, html in new)
        if same:
            stretches.append(Stretch(None, left, right))
            continue
        deleted_here = not mine and all(key in known for key, _html in new)
        touched_here = deleted_here or any(key not in known for key, _html in mine)
        pieces = compare(text_of("".join(left)), text_of("".join(right)))
        stretches.append(Stretch(number, left, right, OURS if touched_here else THEIRS, tuple(pieces)))
        number += 1
    return stretches


def _aligned(ours: list, theirs: list) -> Iterator[tuple[bool, list, list]]:
    """Blocks side by side: (are they the same, ours, theirs). Neighbours that are alike stand in pairs of their own."""
    matcher = difflib.SequenceMatcher(None, [key for key, _ in ours], [key for key, _ in theirs], autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        while op == "replace" and a < b and c < d and _are_alike(ours[a][0], theirs[c][0]):
            yield False, ours[a : a + 1], theirs[c : c + 1]
            a, c = a + 1, c + 1  # noqa: PLW2901
        if a < b or c < d:
            yield op == "equal", ours[a:b], theirs[c:d]


def _are_alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).quick_ratio() >= ALIKE


def settle_source(article: Article, user, choice: str, picks: dict[str, str], seen: str) -> None:
    """Take theirs, keep ours, or merge as picked (by number of stretch, or name of line); the source's text then waits
    no more. A choice that leaves the article as it is leaves a deed.

    `seen` is the token of the texts that the choice was made on. Raises Unmergeable.
    """
    with transaction.atomic():
        Article.objects.select_for_update(of=("self",)).filter(pk=article.pk).values("pk").get()
        article.refresh_from_db()
        newer = newer_of(article)
        if newer.token != seen:
            raise Unmergeable(_("The article, or the source's text, has been changed meanwhile: look, then choose."))
        keep_baseline([article.pk])
        if choice != OURS:
            _take(article, newer, picks if choice == BOTH else None)
            save_edited(article, user, keep=False)
            _place_pictures(article, newer.document.images)
        reasons = {OURS: _("Kept ours"), THEIRS: _("Took the source's text"), BOTH: _("Merged with the source's text")}
        if not keep_revisions([article.pk], user, reasons[choice], Revision.Kind.SOURCE):
            record("settle", article, by=user, note=reasons[choice], original=newer.original.pk)
        _let_wait_no_more(article, newer.original)
        search.index([article.pk])


def _take(article: Article, newer: Newer, picks: dict[str, str] | None) -> None:
    if picks is None:
        for name in TAKEN:
            setattr(article, name, getattr(newer.document, name))
        article.body = newer.document.html
        return
    for line in newer.lines:
        if picks.get(line.name, line.proposal) == THEIRS:
            setattr(article, line.name, line.theirs)
    blocks: list[str] = []
    for stretch in newer.stretches:
        picked = OURS if stretch.number is None else picks.get(str(stretch.number), stretch.proposal)
        blocks += [] if picked == THEIRS else stretch.ours
        blocks += [] if picked == OURS else stretch.theirs
    article.body = "\n".join(blocks)


def _place_pictures(article: Article, pictures: tuple[Picture, ...]) -> None:
    """Pictures of the source that stand in the body now and have no place yet get one, after those that have."""
    wanted = {picture.src: picture for picture in pictures if picture.src in article.body}
    placed = set(article.article_images.values_list("image__origin_url", flat=True))
    missing = {src: picture for src, picture in wanted.items() if src not in placed}
    images = {image.origin_url: image for image in Image.objects.filter(origin_url__in=missing)}
    for src, picture in missing.items():
        if src not in images:
            host = src.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0].lower()
            images[src] = Image.objects.create(origin_url=src, host=host, alt=picture.alt, credit=picture.credit)
    last = max(article.article_images.values_list("position", flat=True), default=-1)
    ArticleImage.objects.bulk_create(
        ArticleImage(
            article=article, image=images[src], position=position, caption=picture.caption, credit=picture.credit
        )
        for position, (src, picture) in enumerate(missing.items(), start=last + 1)
    )


def _let_wait_no_more(article: Article, original: Original) -> None:
    """From now on later files are compared with this original, whichever text was chosen."""
    mine = Original.objects.filter(article=article)
    mine.filter(newest=True).exclude(pk=original.pk).update(newest=False)
    mine.filter(pk=original.pk).update(newest=True)
    mine.filter(waiting=True).update(waiting=False)
    Article.objects.filter(pk=article.pk).update(source_changed=False)
