"""An editor in chief at the desks, and a newsroom of any size."""

import datetime
import zlib

import pytest

from articles.models import (
    Article,
    Block,
    Claim,
    Hold,
    Image,
    PossibleDuplicate,
    Remainder,
    TagAlias,
    TaggedArticle,
    TagVerdict,
    WithheldPicture,
)
from tests import makers

NOW = datetime.datetime(2025, 1, 28, 6, tzinfo=datetime.UTC)


@pytest.fixture
def chief(db):
    """May do everything that anybody may."""
    return makers.UserMaker(username="chief", is_superuser=True)


@pytest.fixture
def desk(client, chief):
    """A browser signed in as the chief."""
    client.force_login(chief)
    return client


def fill(number: int) -> dict:
    """`number` rows of everything, and as many parts in the first of each; the first ones by model name."""
    articles = makers.ArticleMaker.create_batch(number)
    targets = makers.ArticleMaker.create_batch(number, source=articles[0].source)
    article, tag, run = articles[0], makers.TagMaker(), makers.ImportRunMaker(counts={"failed": number})
    for position, (other, target) in enumerate(zip(articles, targets, strict=True)):
        place = makers.ArticleImageMaker(article=article, position=position)
        makers.ArticleImageMaker(article=other, image=makers.ImageMaker(), position=99 + position)
        if position:
            makers.ArticleImageMaker(article=other, image=article.article_images.first().image, position=position)
        makers.ReferenceMaker(article=article, url=target.canonical_url, key=target.address_key)
        makers.OriginalMaker(article=article, run=run, newest=not position, bytes=zlib.compress(b"text"))
        PossibleDuplicate.objects.create(article=article, other=target, reason="same text")
        makers.ImportFileMaker(run=run, result="failed", code=f"cause_{position}", article=other)
        makers.ImportRunMaker(started_by=makers.UserMaker())
        TaggedArticle.objects.create(tag=makers.TagMaker(), content_object=article)
        TaggedArticle.objects.create(tag=tag, content_object=other)
        makers.StepMaker(article=article)
        makers.RevisionMaker(article=article)
        TagAlias.objects.create(tag=tag, name=f"又名 {tag.pk} {position}")
    Image.objects.filter(pk=place.image_id).update(state="stored", file="a.jpg")
    Article.objects.filter(pk__in=[row.pk for row in articles]).update(lead_image=place.image, stub=True)
    article.refresh_from_db()
    places = makers.StoryPlaceMaker.create_batch(number, article=article)
    return {
        "article": article,
        "possibleduplicate": PossibleDuplicate.objects.first(),
        "reference": article.references.first(),
        "image": article.article_images.first().image,
        "articleimage": article.article_images.first(),
        "imagehost": makers.ImageHostMaker.create_batch(number)[0],
        "rendition": makers.RenditionMaker.create_batch(number)[0],
        "tag": tag,
        "tagalias": tag.aliases.first(),
        "taggedarticle": tag.uses.first(),
        "source": article.source,
        "importrun": run,
        "importfile": run.files.first(),
        "original": article.originals.first(),
        "revision": article.revisions.first(),
        "articlemerge": makers.ArticleMergeMaker.create_batch(number)[0],
        "story": places[0].story,
        "storyarticle": places[0],
        **_behind_the_desks(articles, tag, run),
        "takedown": makers.TakeDownMaker.create_batch(number)[0],
        "tagmerge": makers.TagMergeMaker.create_batch(number)[0],
        "correction": makers.CorrectionMaker.create_batch(number, article=article)[0],
        "frontpage": makers.FrontPageMaker.create_batch(number)[0],
        "deed": makers.DeedMaker.create_batch(number, subject=article)[0],
        "ping": makers.PingMaker.create_batch(number)[0],
        "bulkjob": makers.BulkJobMaker.create_batch(number)[0],
        "bulkitem": makers.BulkItemMaker.create_batch(number, article=article)[0],
        "savedfilter": makers.SavedFilterMaker.create_batch(number)[0],
        "step": article.steps.first(),
        "spelling": makers.SpellingMaker.create_batch(number)[0],
        "synonymset": makers.SynonymSetMaker.create_batch(number)[0],
    }


def _behind_the_desks(articles: list, tag, run) -> dict:
    """As many rows of what the program remembers beside the desks' own; the first ones by model name."""
    rows = {}
    for article in articles:
        take_down = makers.TakeDownMaker()
        user = makers.UserMaker()
        made = {
            "hold": Hold.objects.create(take_down=take_down, article_number=10**9 + article.pk, begins_at=NOW),
            "block": Block.objects.create(take_down=take_down, kind="bytes", key=article.pk, value=f"{article.pk:064}"),
            "withheldpicture": WithheldPicture.objects.create(
                take_down=take_down, image=article.lead_image, origin_url=f"https://p.example/{article.pk}.jpg"
            ),
            "remainder": Remainder.objects.create(run=run, article=article, reason="edited"),
            "tagverdict": TagVerdict.objects.create(article=article, tag=tag, accepted=False, made_by=user),
            "claim": Claim.objects.create(article=article, user=user, ends_at=NOW),
        }
        rows = rows or made
    return rows
