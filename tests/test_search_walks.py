"""The walk along a query's matches finds what a list of all matches would, on either database."""

import datetime
import subprocess
import sys
from types import SimpleNamespace

import pytest

from articles import search
from articles.models import UNDATED, Article
from articles.search import finding, walking
from tests.makers import ArticleMaker, SourceMaker, TagMaker
from tests.services import Installation, postgres_database

ASKED = ["倉庫", "港", '"倉庫變身"', "倉庫 -燈", "燈 -“第 2 號”", "-燈"]
ASKED += ["by:小安", "倉庫 by:小安", "source:dw 倉庫", "倉 tag:農場"]
DAYS = ["", " after:2024", " before:2024-06", " after:2024-02-03 before:2024-09", " after:2031", " before:1990"]


def numbers(typed):
    """Numbers of what a search finds, page by page, newest first."""
    seen, after = [], ""
    query = search.query_of(typed)
    while True:
        found = search.find(Article.objects.published(), query, newest=True, after=after)
        seen += [article.pk for article in found.articles]
        if not found.after:
            return seen
        after = found.after


@pytest.mark.django_db
class TestOnSQLite:
    """In the tests' own database."""

    @pytest.fixture(autouse=True)
    def articles(self, monkeypatch):
        """Of several years, some undated or of the future, some not to be seen."""
        monkeypatch.setattr(finding, "CAP", 7)
        dw, topic = SourceMaker(slug="dw"), TagMaker(name="農場")
        for number in range(24):
            moment = datetime.datetime(2023 + number % 3, 1 + number % 12, 3, tzinfo=datetime.UTC)
            facts = {"published_at": moment, "published_on": moment.date(), "text": "燈" if number % 4 == 1 else "港口"}
            if number % 6 == 5:
                facts |= {"source": dw}
            if number == 7:
                facts |= {"published_at": None, "published_precision": "", "published_on": None, "listed_at": UNDATED}
            if number in (8, 9):
                facts |= {"published_on": datetime.date(2032, 5, number), "listed_at": UNDATED}
            if number == 10:
                facts |= {"status": "draft"}
            article = ArticleMaker(title=f"第 {number % 5} 號倉庫變身", **facts)
            if number % 2:
                article.tags.add(topic)
        search.index(Article.objects.values_list("pk", flat=True))

    @pytest.mark.parametrize("days", DAYS)
    def test_every_match_is_met_once_newest_first(self, days):
        for words in ASKED:
            typed = words + days
            matches = search.matching(Article.objects.published(), search.query_of(typed)).order_by("-entry__id")
            assert numbers(typed) == [article.pk for article in matches], typed

    def test_some_are_found_in_each_span_of_days(self):
        assert [len(numbers(f"倉庫{days}")) for days in DAYS] == [23, 15, 11, 5, 2, 0]


SCRIPT = """
import sys
from urllib.parse import urlencode
from django.conf import settings as site
from django.test import Client
from hypothesis import given, settings, strategies as st
from articles import search
from articles.models import Article
from articles.search import finding, walking

walking.NEAR, finding.CAP, finding.WINDOW = 5, 9, 4  # so that few articles go every way
site.ALLOWED_HOSTS = ["*"]
SYNTAX = ["倉庫", "港",
    "source:", "tag:", "by:", "after:", "before:2025", "-", '"', "“", "」", "NEAR(", "*", "OR", "&", "|",
    "!", "<->", ":*", "'", "\\\\", "\\x00", "\\ud800", "\\u202e", "::", "library"]
client = Client(headers={"host": "localhost"})

@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(SYNTAX)), max_size=8), st.text(max_size=5))
def ask(pieces, other):
    typed = "".join(pieces)
    asked = urlencode({"q": typed, "tag": other, "from": other}, errors="surrogatepass")
    for address in ("/search/", "/search.json", "/search/feed.xml"):
        status = client.get(f"{address}?{asked}", secure=True).status_code
        assert status in (200, 404), (address, status, typed)
    query, seen, after = search.query_of(typed), [], ""
    while not query.is_empty:
        found = search.find(Article.objects.published(), query, newest=True, after=after)
        seen += [article.pk for article in found.articles]
        if not found.after:
            break
        after = found.after
    if not query.is_empty:
        every = search.matching(Article.objects.published(), query).filter(entry__isnull=False)
        assert seen == [article.pk for article in every.order_by("-entry__id")], typed

ask()
print("asked")
"""


def test_whatever_is_asked_postgres_answers_it_and_walks_along_every_match(tmp_path):
    with postgres_database() as address:
        site = Installation(tmp_path, DATABASE_URL=address, NEWSROOM_DEBUG="true")
        site.manage("import_articles", "seeds", "--publish", "--no-images", "-v", "0")
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", SCRIPT]
        done = subprocess.run(command, check=False, env=site.environment, capture_output=True, text=True)
        assert done.stdout.strip().endswith("asked"), done.stderr[-3000:]


def test_what_only_excludes_is_read_from_the_newest_on_where_postgres_has_the_words(monkeypatch):
    terms = search.parse("-燈").terms
    assert not walking.can_walk(terms)
    monkeypatch.setattr(walking, "connection", SimpleNamespace(vendor="postgresql"))

    assert walking.can_walk(terms)
    sql, _ = walking._postgres(("SELECT id FROM side", ()), terms, True, 10, (None, None))
    assert "ORDER BY id DESC" in sql
    assert "words @@ (SELECT" not in sql  # of the index, which would gather all that lacks the word
