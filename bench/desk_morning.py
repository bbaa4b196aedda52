"""A morning in a newsroom of four, made of the sample articles by the services that editors use; Django is set up."""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from articles import curation, tagging
from articles.models import Article, ImportRun, PossibleDuplicate, Tag
from bench.sample_site import ROOT

INBOX, REVIEW, DRAFT = 9, 2, 3  # how many wait where


def people(staff: dict[str, str], password: str) -> dict:
    """Make the staff, by name."""
    return {name: _person(name, role, password) for name, role in staff.items()}


def begin(folder: Path, people: dict, again: dict[str, tuple[str, str, str]], broken: dict[str, str]) -> dict[str, str]:
    """Make the morning in an installation that holds the seeds; returns the addresses of what there is to see."""
    run = _import(folder, again, broken)
    chief, editor, second, reporter = people.values()
    newest = list(Article.objects.published().order_by("-listed_at", "-id"))
    story, waiting = newest[0], newest[1:]
    _tell(story, editor, second, reporter)
    for article in waiting[:INBOX]:
        curation.move(article, "unpublish", editor, "came in without a topic")
        curation.move(article, "requeue", editor)
    for article in waiting[INBOX : INBOX + REVIEW + DRAFT]:
        curation.move(article, "unpublish", second, "the numbers want a second look")
    for article in waiting[INBOX : INBOX + REVIEW]:
        curation.move(article, "submit", reporter)
    later = waiting[INBOX + REVIEW + DRAFT]
    later.go_live_at = timezone.now() + datetime.timedelta(hours=3)
    curation.save_edited(later, editor, reason="for the evening")
    pair = PossibleDuplicate.objects.filter(reason="alike").order_by("-likeness").first()
    tag, target = _tags(chief, newest)
    change = {"args": [story.pk]}
    return {
        "triage": reverse("admin:articles_article_triage"),
        "editor": reverse("admin:articles_article_change", **change),
        "history": reverse("admin:articles_article_history", **change),
        "bulk": f"{reverse('admin:articles_article_changelist')}?{urlencode({'status__exact': 'inbox'})}",
        "pair": reverse("admin:articles_possibleduplicate_change", args=[pair.pk]),
        "merge": f"{reverse('admin:articles_tag_merge', args=[tag.pk])}?{urlencode({'target': target.name})}",
        "run": reverse("admin:articles_importrun_change", args=[run.pk]),
        "audit": reverse("admin:articles_deed_changelist"),
        "download": f"{reverse('admin:articles_article_download')}?{urlencode({'search': '城市'})}",
    }


def _person(name: str, role: str, password: str):
    user = get_user_model().objects.create_user(name, password=password, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def _import(folder: Path, again: dict[str, tuple[str, str, str]], broken: dict[str, str]) -> ImportRun:
    """A run with a text that is told twice, and with files at fault."""
    place = folder / "this-morning" / "articles" / "voa"
    place.mkdir(parents=True)
    for name, (seed, old, new) in again.items():
        text = (
            (ROOT / "seeds" / seed)
            .read_text("utf-8")
            .replace(old, new)
            .replace("最近被同行拍成视频", "被同行拍成了视频")
        )
        (place / name).write_text(text, "utf-8")
    for name, text in broken.items():
        (place / name).write_text(text, "utf-8")
    with contextlib.chdir(folder), contextlib.suppress(SystemExit):  # some are refused, as they should
        call_command("import_articles", "this-morning", "--inbox", verbosity=0)
    return ImportRun.objects.latest("pk")


def _tell(story: Article, editor, second, reporter) -> None:
    """The life of one article: taken up, edited twice, reviewed, published, corrected."""
    curation.move(story, "unpublish", editor, "the standfirst wants work")
    story.standfirst = story.excerpt.partition("。")[0] + "。"
    curation.save_edited(story, reporter, reason="a shorter standfirst")
    curation.move(story, "submit", reporter)
    curation.move(story, "return", second, "say in the title where it is")
    story.title = f"{story.title}（試行第三個月）"
    curation.save_edited(story, reporter, reason="title")
    curation.move(story, "submit", reporter)
    curation.move(story, "publish", second)
    curation.correct(story, "correction", "館員的人數原作十二人，應為十四人。", editor)


def _tags(chief, newest: list[Article]) -> tuple[Tag, Tag]:
    """Two names of one thing, on some of the same articles; another pair was merged already."""
    first, second, third = (Tag.objects.create(name=name) for name in ("手工藝", "老手艺", "傳統手藝"))
    for number, article in enumerate(newest):
        for tag, each in ((first, 4), (second, 3), (third, 5)):
            if number % each == 0:
                article.tags.add(tag)
    tagging.merge_tags(third, first, chief)
    return second, first
