"""Numbers for Prometheus: who may read them, and that they are true."""

import datetime

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from articles import health, tasks
from articles.models import Deed, ImportFile, ImportRun, Pulse, record
from tests.makers import ArticleMaker, ImageMaker

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def numbers(client, db, settings):
    """The numbers by name and labels."""
    settings.METRICS_TOKEN = TOKEN

    def ask():
        answer = client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
        assert answer.status_code == 200
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return ask


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}"])
def test_metrics_are_nowhere_without_the_token(client, db, settings, given):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", HTTP_AUTHORIZATION=given).status_code == 404


def test_metrics_are_nowhere_unless_a_token_is_set(client, db, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 404


def test_requests_are_counted_by_route_and_status(client, numbers):
    before = numbers()
    client.get("/robots.txt")
    client.get("/robots.txt?q=word")
    client.get("/nowhere/at/all")
    after = numbers()
    grown = {key: after[key] - before.get(key, 0) for key in after if key[0] == "newsroom_requests_total"}
    assert grown["newsroom_requests_total", "200", "GET", "robots"] == 2
    assert grown["newsroom_requests_total", "404", "GET", ""] == 1
    assert (
        after["newsroom_request_seconds_count", "robots"]
        == before.get(("newsroom_request_seconds_count", "robots"), 0) + 2
    )


def test_the_newsroom_stands_as_its_rows_say(numbers):
    for status, number in (("published", 2), ("inbox", 1)):
        ArticleMaker.create_batch(number, status=status)
    ImageMaker(state="waiting")
    run = ImportRun.objects.create(state=ImportRun.State.RUNNING)
    ImportFile.objects.bulk_create(ImportFile(run=run, path=f"{n}.md", result="" if n else "created") for n in range(4))
    record("back_up", "backup", note="/somewhere")
    found = numbers()
    assert (found["newsroom_articles", "published"], found["newsroom_articles", "inbox"]) == (2, 1)
    assert found["newsroom_pictures", "waiting"] == 1
    assert found["newsroom_imports", "running"] == 1
    assert found["newsroom_import_files_waiting",] == 3
    made = Deed.objects.get(verb="back_up").made_at
    assert found["newsroom_last_backup_timestamp_seconds",] == pytest.approx(made.timestamp())
    assert found["newsroom_ready",] == 0  # the made articles are not in the search index
    assert found["newsroom_disk_free_bytes",] > 0


def test_a_newsroom_costs_the_same_queries_at_any_size(numbers, django_assert_num_queries):
    ArticleMaker.create_batch(3)
    with django_assert_num_queries(10):
        numbers()


def test_the_pulse_tells_which_machines_work_and_how_long_messages_wait(db):
    now = timezone.now()
    assert health.pulse().is_late
    Pulse.objects.create(machine="gone", sent_at=now, felt_at=now - 2 * health.FORGOTTEN)
    health.feel_pulse("celery@one", now - datetime.timedelta(seconds=7))
    beat = health.pulse()
    assert [each.machine for each in beat.machines] == ["celery@one"]
    assert 7 <= beat.waited < 60
    assert not beat.is_late
    assert not Pulse.objects.filter(machine="gone").exists()
    Pulse.objects.update(felt_at=now - health.LATE)
    assert health.pulse().is_late


def test_a_pulse_that_was_sent_by_nobody_is_not_felt(db):
    tasks.feel_pulse.apply()
    assert not Pulse.objects.exists()


def test_where_there_is_a_broker_its_queue_is_told(numbers, settings, monkeypatch):
    settings.HAS_BROKER = True
    monkeypatch.setattr("articles.health.messages_waiting", lambda: 12)
    health.feel_pulse("celery@one", timezone.now() - datetime.timedelta(seconds=3))
    found = numbers()
    assert found["newsroom_queue_messages",] == 12
    assert 3 <= found["newsroom_queue_wait_seconds",] < 60
