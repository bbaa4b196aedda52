"""The chiefs' page of how the newsroom stands."""

import datetime

import pytest
from django.utils import timezone

from articles import health, search
from articles.models import Article, Deed, ImportFile, ImportRun, Pulse, record
from tests.makers import ArticleMaker, ImageMaker

ADDRESS = "/admin/status/"


def wrongs(answer):
    return [row.label for row in answer.context["wrong"]]


def rows(answer, section):
    (found,) = [each for each in answer.context["sections"] if each["name"] == section]
    return {row.label: row for row in found["rows"]}


def test_a_newsroom_that_was_backed_up_today_is_well(desk, db):
    record("back_up", "backup", note="/somewhere")
    answer = desk.get(ADDRESS)
    assert (wrongs(answer), "All is well" in answer.content.decode()) == ([], True)
    assert rows(answer, "program")["Latest backup"].value == "less than a minute ago"


@pytest.mark.parametrize(("days", "is_wrong"), [(None, True), (8, True), (6, False)])
def test_a_backup_that_is_missing_or_old_needs_somebody(desk, db, days, is_wrong):
    if days:
        Deed.objects.create(verb="back_up", kind="backup", made_at=timezone.now() - datetime.timedelta(days=days))
    assert wrongs(desk.get(ADDRESS)) == (["Latest backup"] if is_wrong else [])


def test_what_cannot_be_found_and_a_full_disk_need_somebody(desk, db, monkeypatch):
    record("back_up", "backup")
    ArticleMaker()
    monkeypatch.setattr("articles.health.LEAST_FREE", 1 << 80)
    assert wrongs(desk.get(ADDRESS)) == ["Search index", "Disk"]


def test_imports_and_pictures_are_told_by_state_with_their_lists(desk, db):
    run = ImportRun.objects.create(state=ImportRun.State.RUNNING)
    ImportFile.objects.bulk_create(ImportFile(run=run, path=f"{n}.md") for n in range(5))
    ImageMaker(state="waiting")
    answer = desk.get(ADDRESS)
    found = rows(answer, "imports")
    assert found["Latest import"].value.startswith(f"#{run.pk} · running")
    assert found["Files that wait for workers"].value == "5"
    assert desk.get(found["Running"].address).status_code == 200
    (picture,) = rows(answer, "pictures").values()
    assert desk.get(picture.address).status_code == 200


def test_a_stalled_import_needs_somebody(desk, db):
    record("back_up", "backup")
    ImportRun.objects.create(state=ImportRun.State.INTERRUPTED)
    assert wrongs(desk.get(ADDRESS)) == ["Latest import"]


@pytest.mark.parametrize(
    ("sent", "felt", "expected"),
    [(None, None, ["Latest pulse"]), (3, 1, []), (120, 1, ["Wait in the queue"]), (900, 899, ["Latest pulse"])],
)
def test_workers_that_are_late_or_away_need_somebody(desk, db, settings, monkeypatch, sent, felt, expected):
    record("back_up", "backup")
    settings.HAS_BROKER = True
    monkeypatch.setattr("articles.health.messages_waiting", lambda: 3)
    if sent:
        now = timezone.now()
        ago = [now - datetime.timedelta(seconds=seconds) for seconds in (sent, felt)]
        Pulse.objects.create(machine="celery@one", sent_at=ago[0], felt_at=ago[1])
    answer = desk.get(ADDRESS)
    assert wrongs(answer) == expected
    assert ("celery@one" in answer.content.decode()) == bool(sent)
    assert rows(answer, "workers")["Broker"].value == "3 messages wait"


def test_a_broker_that_is_away_is_told_and_the_page_comes(desk, db, settings, monkeypatch):
    record("back_up", "backup")
    settings.HAS_BROKER = True

    def away():
        raise OSError

    monkeypatch.setattr("articles.health.messages_waiting", away)
    health.feel_pulse("celery@one", timezone.now())
    assert wrongs(desk.get(ADDRESS)) == ["Broker"]


def test_it_asks_as_much_for_many_articles_as_for_few(desk, db, django_assert_num_queries):
    def cost():
        with django_assert_num_queries(14):
            desk.get(ADDRESS)

    ArticleMaker()
    search.index(list(Article.objects.values_list("pk", flat=True)))
    cost()
    ArticleMaker.create_batch(20)
    search.index(list(Article.objects.values_list("pk", flat=True)))
    cost()
