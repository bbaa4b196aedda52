"""Run by `manage.py shell`: writes articles and topics in every way there is, and prints whether counts keep pace."""

import datetime
import json
import sys

from django.db import connection, transaction
from django.utils import timezone

from articles.models import (
    Article,
    Source,
    Tag,
    TaggedArticle,
    TopicCount,
    drift,
    months_counted,
    recount,
    topics_counted,
)

DAY = datetime.date(2024, 5, 20)
IS_POSTGRES = connection.vendor == "postgresql"
ROUNDS = 700 if IS_POSTGRES else 20  # enough for rows to be folded
kept = {}


def keep(name):
    found = drift()
    kept[name] = [
        found.months + found.topics,
        sorted([one.source, str(one.month), one.articles] for one in months_counted()),
        [[row["tag__slug"], row["count"]] for row in topics_counted()],
    ]


def made(number, status="published", day=DAY, **facts):
    return Article(
        source=sources[number % 2], title=f"題 {number}", slug=f"t-{number}", status=status, published_on=day, **facts
    )


sources = [Source.objects.create(slug=name, name=name) for name in ("a", "b")]
first, second = (Tag.objects.create(name=name, slug=name) for name in ("x", "y"))
Article.objects.bulk_create([*(made(number) for number in range(6)), made(6, "draft"), made(7, day=None)])
every = list(Article.objects.order_by("pk"))
TaggedArticle.objects.bulk_create(TaggedArticle(content_object=one, tag=first) for one in every)
every[0].tags.add("y")
keep("made")
Article.objects.filter(pk__in=[one.pk for one in every[:3]]).update(status="withdrawn")
keep("withdrawn in a set")
draft = every[6]
draft.status = "published"
draft.save()
keep("published by hand")
Article.objects.filter(pk=draft.pk).update(published_on=datetime.date(2023, 12, 31), source=sources[1])
keep("moved")
TaggedArticle.objects.filter(content_object__in=every[4:6], tag=first).update(tag=second)
keep("topics merged")
every[5].tags.remove("y")
every[4].delete()
keep("taken away")
try:
    with transaction.atomic():
        Article.objects.update(status="inbox")
        raise InterruptedError
except InterruptedError:
    keep("rolled back")
now, hour = timezone.now(), datetime.timedelta(hours=1)
Article.objects.filter(pk=every[5].pk).update(go_live_at=now + hour)
Article.objects.filter(pk=draft.pk).update(expire_at=now - hour)
keep("hidden")
if IS_POSTGRES:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
for number in range(ROUNDS):
    Article.objects.filter(pk=every[7].pk).update(status="withdrawn" if number % 2 else "published")
keep("back and forth")
folded = TopicCount.objects.count() < TopicCount.objects.latest("pk").pk if IS_POSTGRES else True
recount()
keep("counted anew")
first.delete()
keep("topic gone")
Article.objects.all().delete()
keep("emptied")
sys.stdout.write(json.dumps({"steps": kept, "folded": folded}))
