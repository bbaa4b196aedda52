"""How many articles readers may see, by source and month and by topic: kept by the database, never counted by pages.

The triggers of `articles.models.counting` keep the rows; what their rule leaves to the moment (scheduled, expired and
taken-down articles) is subtracted here. `manage.py recount --check` compares with a count of all articles.
"""

import collections
import dataclasses
import datetime
from collections.abc import Collection

from django.db import connection, models, transaction
from django.db.models import Count, Max, OuterRef, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.counting import count_always, count_anew
from articles.models.edition import turn_edition
from articles.models.source import Source
from articles.models.tagging import Tag, TaggedArticle
from articles.models.takedown import Hold

Month = datetime.date | None  # its first day; None: undated
AT_ONCE = 5000  # numbers in a query


class MonthCount(models.Model):
    """A part of the number of published articles of a source and month: the sum of such rows is the number.

    `changed_at`: when the last of their articles was changed, or one was deleted.
    """

    source = models.ForeignKey(Source, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    month = models.DateField(_("month"), null=True)
    articles = models.IntegerField(_("articles"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        """Bookkeeping; no desk shows it."""

        verbose_name = _("count of a month")
        verbose_name_plural = _("counts of months")
        indexes = [models.Index(fields=["source", "month"], name="count_of_a_month")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.month}: {self.articles}"


class TopicCount(models.Model):
    """A part of the number of published articles of a topic: the sum of such rows is the number."""

    tag = models.ForeignKey(Tag, on_delete=models.DO_NOTHING, db_constraint=False, related_name="counts")
    articles = models.IntegerField(_("articles"))

    class Meta:
        """Bookkeeping; no desk shows it."""

        verbose_name = _("count of a topic")
        verbose_name_plural = _("counts of topics")

    def __str__(self) -> str:
        return f"{self.tag_id}: {self.articles}"


@dataclasses.dataclass(frozen=True)
class Counted:
    """Articles of a source in a month that readers may see, and when they last changed."""

    source: int
    month: Month
    articles: int
    changed_at: datetime.datetime


def months_counted(first: Month = None, last: Month = None) -> list[Counted]:
    """What readers may see of each source in each month that has any, from the month `first` to `last` or in all.

    Two queries: of a row for each source and month, and of the few hidden articles.
    """
    rows = MonthCount.objects.order_by().values_list("source", "month")
    if first:
        rows = rows.filter(month__range=(first, last))
    less = collections.Counter((source, day and day.replace(day=1)) for _pk, source, day in _hidden())
    counted = (
        Counted(source, month, number - less[source, month], changed_at)
        for source, month, number, changed_at in rows.annotate(number=Sum("articles"), at=Max("changed_at"))
    )
    return [one for one in counted if one.articles > 0]


def topics_counted(most: int | None = None, without: Collection[str] = ()) -> list[dict]:
    """Topics that readers may see something of, as `tag__name`, `tag__slug` and `count`, the `most` used ones first (by
    name where equal; None: all), but for those `without` (folded names).

    Two queries, and one for each some thousand hidden articles.
    """
    less = _less_by_topic()
    rows = (
        TopicCount.objects.values("tag", "tag__name", "tag__slug")
        .annotate(count=Sum("articles"))
        .filter(count__gt=0)
        .exclude(tag__key__in=without)
        .order_by("-count", "tag__name")
    )
    found = list(rows[: most + len(less)] if most else rows)
    if less:
        for row in found:
            row["count"] -= less[row["tag"]]
        found = sorted((row for row in found if row["count"] > 0), key=lambda row: (-row["count"], row["tag__name"]))
    return found[:most]


def topics_by_name(after: str, most: int) -> list[Tag]:
    """At most so many topics that readers may see something of, with `count`, by name from behind the name `after`.

    Two queries, and one for each some thousand hidden articles; they walk along the names and read no article.
    """
    less = _less_by_topic()
    number = TopicCount.objects.filter(tag=OuterRef("pk")).order_by().values("tag").annotate(number=Sum("articles"))
    rows = Tag.objects.filter(name__gt=after).annotate(count=Subquery(number.values("number"))).filter(count__gt=0)
    found = list(rows.order_by("name")[: most + len(less)])
    for tag in found:
        tag.count -= less[tag.pk]
    return [tag for tag in found if tag.count > 0][:most]


def _less_by_topic() -> collections.Counter:
    """How many of a topic's counted articles readers may not see at this moment."""
    less = collections.Counter()
    hidden = [pk for pk, _source, _day in _hidden()]
    for start in range(0, len(hidden), AT_ONCE):
        uses = TaggedArticle.objects.filter(content_object__in=hidden[start : start + AT_ONCE])
        less.update(uses.values_list("tag", flat=True))
    return less


def sources_counted() -> list[Source]:
    """Sources that readers may see something of, by name, with `count`, `newest_on` and `oldest_on`; three queries."""
    counts = collections.Counter()
    for one in months_counted():
        counts[one.source] += one.articles
    dated = Article.objects.published().filter(source=OuterRef("pk"), published_on__isnull=False)
    days = dated.order_by("published_on").values("published_on")
    found = Source.objects.filter(pk__in=counts).order_by("name")
    found = found.annotate(oldest_on=Subquery(days[:1]), newest_on=Subquery(days.reverse()[:1]))
    for one in found:
        one.count = counts[one.pk]
    return list(found)


def _hidden() -> list[tuple[int, int, Month]]:
    """Number, source and day of what is published but for the moment: not live yet, expired or taken down.

    The few of them are found by their own indexes: no database may walk along all that is published for them, so it is
    not told the status. One query.
    """
    now = timezone.now()
    facts = Article.objects.order_by().values_list("pk", "status", "source", "published_on")
    held = Hold.objects.at(now).order_by().values("article_number")
    found = facts.filter(go_live_at__gt=now).union(facts.filter(expire_at__lte=now), facts.filter(pk__in=held))
    return [(pk, source, day) for pk, status, source, day in found if status == Article.Status.PUBLISHED]


@dataclasses.dataclass(frozen=True)
class Drift:
    """Months and topics whose kept counts are not those of the articles."""

    months: int
    topics: int


def drift() -> Drift:
    """Compare the kept counts with a count of all articles; four queries, which read every article once."""
    articles = Article.objects.filter(status=Article.Status.PUBLISHED).order_by()
    true_months = collections.Counter()
    for source, day, number in articles.values_list("source", "published_on").annotate(number=Count("pk")):
        true_months[source, day and day.replace(day=1)] += number
    uses = TaggedArticle.objects.filter(content_object__status=Article.Status.PUBLISHED).order_by()
    true_topics = collections.Counter(dict(uses.values_list("tag").annotate(number=Count("pk"))))
    months, topics = collections.Counter(), collections.Counter()
    kept = MonthCount.objects.order_by().values_list("source", "month").annotate(number=Sum("articles"))
    for source, month, number in kept:
        months[source, month] += number
    for tag, number in TopicCount.objects.order_by().values_list("tag").annotate(number=Sum("articles")):
        topics[tag] += number
    return Drift(_differing(months, true_months), _differing(topics, true_topics))


def _differing(one: collections.Counter, other: collections.Counter) -> int:
    return sum(one[key] != other[key] for key in {*one, *other})


@transaction.atomic
def recount() -> None:
    """Set the triggers again and count anew; on PostgreSQL writers of articles wait meanwhile."""
    count_always(connection)
    count_anew(connection)
    turn_edition()
