"""Today's rules on kept originals: what changes is told field by field, and what people wrote stands."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from articles import curation, importing
from articles.importing import recleaning
from articles.ingest import RULES_VERSION
from articles.models import Article, ArticleImage, ImportRun, Original
from tests import makers
from tests.importing import archive
from tests.services import Installation, postgres_database

pytestmark = pytest.mark.django_db


def key(number):
    return f"dw.com/a-{7000000 + number}"


def age(number, **facts):
    """Make an article look as other rules would have read it."""
    articles = Article.objects.filter(address_key=key(number))
    articles.update(rules_version="old", **facts)
    Original.objects.filter(article__in=articles).update(rules_version="old", content_sha256="old")


@pytest.fixture
def twelve(tmp_path):
    call_command("import_articles", str(archive.write(tmp_path / "a", range(12))), jobs=1, verbosity=0)
    age(1, title="舊規則的標題", body="<p>廣告</p>")
    age(2, excerpt="舊的摘要")
    age(3)
    age(4, title="舊的")
    article = Article.objects.get(address_key=key(4))
    article.title = "編輯的標題"
    curation.save_edited(article, makers.UserMaker())
    ArticleImage.objects.filter(article__address_key=key(5)).delete()
    age(5)
    return Article.objects.order_by("pk")


def run(tmp_path, **options):
    call_command("reclean", jobs=1, verbosity=0, report=str(tmp_path / "r.json"), **options)
    return json.loads((tmp_path / "r.json").read_text("utf-8"))


def state():
    return list(Article.objects.order_by("pk").values_list("title", "body", "excerpt", "rules_version"))


def test_a_dry_run_tells_what_the_real_one_does_and_keeps_nothing(twelve, tmp_path):
    before, runs = state(), ImportRun.objects.count()
    dry = run(tmp_path, dry_run=True)
    assert (state(), ImportRun.objects.count()) == (before, runs)
    real = run(tmp_path)
    assert dry["items"] == real["items"]
    told = ("originals", "updated", "kept", "unchanged", "refused", "fields")
    assert {name: dry[name] for name in told} == {name: real[name] for name in told}
    assert (real["originals"], real["updated"], real["kept"], real["dry_run"]) == (5, 4, 1, False)
    assert real["fields"] == {"title": 2, "body": 1, "excerpt": 1, "pictures": 1} | {
        name: number for name, number in real["fields"].items() if name not in ("title", "body", "excerpt", "pictures")
    }


def test_articles_say_what_todays_rules_read_and_editors_words_stand(twelve, tmp_path):
    report = run(tmp_path)
    one, edited = Article.objects.get(address_key=key(1)), Article.objects.get(address_key=key(4))
    assert (one.title, one.rules_version) == ("第1號倉庫變身城市農場", RULES_VERSION)
    assert "碼頭" in one.body
    assert Article.objects.get(address_key=key(2)).excerpt != "舊的摘要"
    assert ArticleImage.objects.filter(article__address_key=key(5)).count() == 1
    assert edited.title == "編輯的標題"
    item = next(item for item in report["items"] if item["article"] == one.pk)
    assert item["fields"]["title"] == {"before": "舊規則的標題", "after": "第1號倉庫變身城市農場"}
    assert next(item["result"] for item in report["items"] if item["article"] == edited.pk) == "kept"
    again = run(tmp_path)
    assert (again["originals"], again["items"]) == (0, [])


def test_an_edited_article_whose_address_key_changes_goes_along_and_is_kept(twelve, tmp_path):
    for number in (1, 4):
        Article.objects.filter(address_key=key(number)).update(address_key=f"{key(number)}?once")
    dry = run(tmp_path, dry_run=True)
    real = run(tmp_path)
    assert dry["items"] == real["items"]
    assert (real["updated"], real["kept"], real["failed"]) == (4, 1, 0)
    assert Article.objects.get(address_key=key(4)).title == "編輯的標題"
    assert not Article.objects.filter(address_key__endswith="?once").exists()


def test_it_can_be_done_in_parts_and_by_source(twelve, tmp_path):
    assert run(tmp_path, limit=2)["originals"] == 2
    assert recleaning.outdated().count() == 3
    makers.SourceMaker(slug="other")
    assert run(tmp_path, source="other")["originals"] == 0
    assert run(tmp_path, source="dw")["originals"] == 3
    with pytest.raises(CommandError, match="no source"):
        run(tmp_path, source="nobody")
    with pytest.raises(CommandError, match="at least 1"):
        run(tmp_path, limit=0)


def test_it_stops_between_two_batches_and_goes_on(twelve, monkeypatch):
    monkeypatch.setattr(recleaning, "CHUNK", 2)
    one = importing.start_run({})
    tellings = recleaning.reclean(one)
    next(tellings)
    assert importing.ask(one, ImportRun.Wish.CANCEL)
    list(tellings)
    assert 0 < recleaning.outdated().count() < 5
    list(recleaning.reclean(importing.start_run({})))
    assert not recleaning.outdated().exists()


def test_a_batch_asks_as_much_for_forty_originals_as_for_four(tmp_path):
    asked = []
    for number in (4, 40):
        call_command("import_articles", str(archive.write(tmp_path / str(number), range(number))), jobs=1, verbosity=0)
        Original.objects.update(rules_version="old")
        one = importing.start_run({})
        with CaptureQueriesContext(connection) as caught:
            list(recleaning.reclean(one))
        asked.append(len(caught))
    assert asked[0] == asked[1]


@pytest.mark.django_db(transaction=True)
def test_it_is_the_same_on_postgres(tmp_path):
    with postgres_database() as address:
        installation = Installation(tmp_path, DATABASE_URL=address)
        installation.manage("import_articles", archive.write(tmp_path / "a", range(6)))
        script = (
            "from articles.models import *; Original.objects.update(rules_version='old');"
            "Article.objects.update(title='舊')"
        )
        installation.manage("shell", "-v0", "-c", script)
        installation.manage("reclean", "--dry-run", "--report", tmp_path / "d.json")
        installation.manage("reclean", "--report", tmp_path / "r.json", "--jobs", "2")
        dry, real = (json.loads((tmp_path / name).read_text("utf-8")) for name in ("d.json", "r.json"))
        assert dry["items"] == real["items"]
        assert (real["updated"], real["fields"]["title"]) == (6, 6)
