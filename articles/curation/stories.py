"""Stories at the desk: an editor confirms, corrects or dismisses what the program proposes."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.curation.workflow import Refused
from articles.models import Article, Story, StoryArticle, record, slug_of

CONFIRMED, DISMISSED, PROPOSED = Story.State.CONFIRMED, Story.State.DISMISSED, Story.State.PROPOSED
IN, OUT = StoryArticle.State.IN, StoryArticle.State.OUT
LEAST = 2  # reports of a story
LONGEST_SLUG = Story._meta.get_field("slug").max_length


def may_decide(user) -> bool:
    """Whether this person may say what a story is."""
    return user.has_perm("articles.change_story")


def confirm_story(story: Story, user, words: dict[str, str], reports: Collection[int]) -> None:
    """Publish a story, or change a published one: its title, slug and standfirst (`words`), and which of its articles
    belong to it; the others stay out for good. An address that readers know leads to the new one. Raises Refused.
    """
    _refuse_others(user)
    title = words["title"].strip()
    slug = slug_of(words["slug"].strip() or title)[:LONGEST_SLUG] if words["slug"].strip() != story.slug else story.slug
    if not title:
        raise Refused(_("It has no title."))
    if Story.objects.filter(slug=slug).exclude(pk=story.pk).exists():
        raise Refused(_("Another story has the address “%(slug)s”.") % {"slug": slug})
    with transaction.atomic():
        Story.objects.select_for_update().filter(pk=story.pk).values("pk").get()
        wanted = set(story.places.filter(article__in=reports).values_list("article_id", flat=True))
        if len(wanted) < LEAST:
            raise Refused(_("A story needs two reports at least."))
        story.places.filter(article__in=wanted).exclude(state=IN).update(state=IN)
        story.places.exclude(article__in=wanted).exclude(state=OUT).update(state=OUT)
        if story.state == CONFIRMED and slug != story.slug:
            story.former_slug = story.slug
        story.title, story.slug, story.standfirst = title[:300], slug, words["standfirst"].strip()
        story.began_at = story.places.filter(state=IN).aggregate(at=Min("article__listed_at"))["at"]
        _decide(story, CONFIRMED, user)
        record("change", story, by=user, state=str(CONFIRMED), reports=len(wanted))


def dismiss_story(story: Story, user) -> None:
    """Say that it is no story: its page is gone, and its articles are not proposed together again. Raises Refused."""
    _refuse_others(user)
    with transaction.atomic():
        _decide(story, DISMISSED, user)
        record("change", story, by=user, state=str(DISMISSED))


def reopen_story(story: Story, user) -> None:
    """Make it a proposal again. Raises Refused."""
    _refuse_others(user)
    with transaction.atomic():
        _decide(story, PROPOSED, user)
        record("change", story, by=user, state=str(PROPOSED))


def add_report(story: Story, number: int, user) -> Article:
    """Put an article into a story by its number; returns it. Raises Refused."""
    _refuse_others(user)
    article = Article.objects.only("title").filter(pk=number).first()
    if article is None:
        raise Refused(_("There is no article of that number."))
    with transaction.atomic():
        StoryArticle.objects.update_or_create(story=story, article=article, defaults={"state": IN})
        record("change", story, by=user, added=number)
    return article


def _refuse_others(user) -> None:
    if not may_decide(user):
        raise Refused(_("This is not yours to decide."))


def _decide(story: Story, state: str, user) -> None:
    story.state, story.decided_by, story.decided_at = state, user, timezone.now()
    story.save()
