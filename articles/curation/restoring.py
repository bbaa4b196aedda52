"""An earlier revision becomes the article's text again, as a change of its own that can be taken back."""

import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from articles import search
from articles.curation.editing import save_edited
from articles.curation.roles import may_change_source, may_tag
from articles.curation.topics import topics_named
from articles.models import Article, ArticleImage, Image, Revision, Source, keep_baseline, keep_revisions
from articles.models.revision import WORDS

DATES = ("published_at",)
PLAIN = ("language", "published_precision")


class Missing(Exception):
    """The revision names a source that is gone; the message says so to a person."""


def restore(revision: Revision, user) -> Article:
    """Make the article say what the revision says: words, date, source, lead picture, pictures, captions and tags.

    A picture that was taken out since stands at its place again, unless it was deleted; one that came since goes when
    this person may take pictures out.

    The alternative text of a picture comes back with it where the picture stands in no other article, and this person
    may change pictures: elsewhere others' words would go. Source and tags come back for those who may change them.
    State and schedule stay as they are: restoring words never publishes. Raises Missing.
    """
    facts = revision.facts
    with transaction.atomic():
        article = Article.objects.select_for_update(of=("self",)).select_related("source").get(pk=revision.article_id)
        source = Source.objects.filter(pk=facts["source_id"]).first()
        if source is None:
            raise Missing(_("The source of this revision has been deleted."))
        for name in WORDS:
            setattr(article, name, getattr(revision, name))
        for name in PLAIN:
            setattr(article, name, facts[name])
        for name in DATES:
            setattr(article, name, datetime.datetime.fromisoformat(facts[name]) if facts[name] else None)
        if may_change_source(user):
            article.source = source
        keep_baseline([article.pk], drifted=True)
        article.lead_image = Image.objects.filter(pk=facts["lead_image_id"]).first()
        save_edited(article, user, topics_named(facts["tags"]) if may_tag(user) else None, keep=False)
        if user.has_perm("articles.delete_articleimage"):
            article.article_images.exclude(image__in=[image for image, *_words in facts["pictures"]]).delete()
        _bring_back(article, facts["pictures"])
        _restore_captions(article, facts["pictures"])
        if user.has_perm("articles.change_image"):
            _restore_alts(article, facts["pictures"])
        search.index([article.pk])
        reason = _("Restored as of %(when)s") % {"when": f"{revision.made_at:%Y-%m-%d %H:%M}"}
        keep_revisions([article.pk], user, reason, Revision.Kind.RESTORE)
    return article


def _bring_back(article: Article, pictures: list) -> None:
    """Put pictures that were taken out at their places again, in the revision's order; nothing when none is missing."""
    there = {place.image_id: place for place in article.article_images.all()}
    missing = Image.objects.in_bulk([image for image, *_words in pictures if image not in there])
    if not missing:
        return
    order = [image for image, *_words in pictures if image in there or image in missing]
    order += [image for image in there if image not in order]
    for position, image in enumerate(order):
        place = there.get(image) or ArticleImage(article=article, image=missing[image])
        place.position = position
        place.save()


def _restore_captions(article: Article, pictures: list) -> None:
    """Captions and credits of pictures that are in the article."""
    wanted = {image: (caption, credit) for image, caption, credit, *_alt in pictures}
    for place in article.article_images.all():
        words = wanted.get(place.image_id)
        if words and words != (place.caption, place.credit):
            place.caption, place.credit = words
            place.save(update_fields=["caption", "credit"])


def _restore_alts(article: Article, pictures: list) -> None:
    """Alternative texts, as far as the revision knows them."""
    known = {image: alt[0] for image, _caption, _credit, *alt in pictures if alt}
    elsewhere = ArticleImage.objects.filter(image=OuterRef("pk")).exclude(article=article)
    mine = Image.objects.filter(pk__in=known, places__article=article).exclude(Exists(elsewhere))
    for image in mine.only("alt"):
        if image.alt != known[image.pk]:
            image.alt = known[image.pk]
            image.save(update_fields=["alt"])
