"""Run by `manage.py shell`: four processes write and twenty read one SQLite database; prints what went wrong as JSON.

The archive that one of the writers imports is named by CROWD_ARCHIVE.
"""

import json
import logging
import os
import sys
import traceback

from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client

from articles.models import Article, record

WRITERS, READERS, DEEDS, VISITS = 4, 20, 30, 2
NUMBERS = list(Article.objects.order_by("pk").values_list("pk", flat=True))
logging.disable(logging.CRITICAL)


def write(number):
    if not number:
        call_command("import_articles", os.environ["CROWD_ARCHIVE"], "--jobs", "1", "--no-images", verbosity=0)
        return
    for deed in range(DEEDS):
        with transaction.atomic():  # reads before it writes: what a deferred transaction fails at
            article = Article.objects.get(pk=NUMBERS[(number + deed) % len(NUMBERS)])
            article.title = f"第 {number} 人的第 {deed} 次"
            article.save(update_fields=["title", "updated_at"])
            record("change", article)


def read(number):
    client = Client(SERVER_NAME="127.0.0.1", headers={"accept-language": "zh-hant"})
    for visit in range(VISITS):
        for address in ("/", f"/a/{NUMBERS[(number + visit) % len(NUMBERS)]}/", "/search/?q=倉庫", "/feed.xml"):
            answer = client.get(address, follow=True)
            assert answer.status_code == 200, (address, answer.status_code)


def child(deed, number, pipe):
    status = 0
    try:
        deed(number)
    except SystemExit as end:
        status = end.code
    except BaseException:
        os.write(pipe, (traceback.format_exc()[-1500:] + "\0").encode()[-3000:])
        status = 1
    os._exit(status)


connections.close_all()
out, into = os.pipe()
children = []
for deed, number in [*((write, n) for n in range(WRITERS)), *((read, n) for n in range(READERS))]:
    pid = os.fork()
    if not pid:
        child(deed, number, into)
    children.append(pid)
ends = [os.waitpid(pid, 0)[1] for pid in children]
os.close(into)
with os.fdopen(out) as told:
    faults = [fault for fault in told.read().split("\0") if fault]
titles = Article.objects.filter(title__startswith="第 ").count()
sys.stdout.write(json.dumps({"ends": ends, "faults": faults, "articles": Article.objects.count(), "titles": titles}))
