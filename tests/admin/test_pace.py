"""How fast an import goes and how long it will take, on its page."""

import datetime

import pytest
from django.utils import translation

from articles import importing
from articles.admin.pace import pace_of
from articles.models import ImportFile, ImportRun
from tests import makers

BEGAN = datetime.datetime(2025, 1, 28, 6, tzinfo=datetime.UTC)


def run_of(seconds: float, state="running", before: int = 0) -> ImportRun:
    options = {"taken_up_at": BEGAN.isoformat(), "done_before": before}
    return ImportRun(state=state, options=options, heartbeat_at=BEGAN + datetime.timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("run", "done", "total", "speed", "left"),
    [
        (run_of(10), 250, 20_000, "25 files a second", "about 13 minutes left"),
        (run_of(10), 25, 50, "2.5 files a second", "less than a minute left"),
        (run_of(60), 12, 2000, "12 files a minute", "about 3 hours left"),
        (run_of(10, before=200), 250, 300, "5.0 files a second", "less than a minute left"),
        (run_of(10), 250, None, "25 files a second", ""),
        (run_of(10, "finished"), 250, 250, "25 files a second", ""),
    ],
)
def test_speed_and_time_left_are_told(run, done, total, speed, left):
    with translation.override("en"):
        pace = pace_of(run, done, total)
    assert (pace.speed, pace.left) == (speed, left)


@pytest.mark.parametrize("run", [run_of(0.5), run_of(10, "stopped"), ImportRun(state="running", heartbeat_at=BEGAN)])
def test_nothing_is_told_that_nobody_knows(run):
    assert pace_of(run, 100, 200) is None
    assert pace_of(run, 0, 200) is None


def test_a_run_that_goes_on_is_measured_from_there(db):
    run = makers.ImportRunMaker(state="stopped", options={"paths": []})
    makers.ImportFileMaker.create_batch(3, run=run, result="created")
    ImportFile.objects.create(run=run, path="a.md")
    assert importing.take_up(run)
    assert run.options["done_before"] == 3


def test_the_page_of_a_run_tells_it(desk):
    run = makers.ImportRunMaker(total=100)
    makers.ImportFileMaker.create_batch(4, run=run, result="created")
    options = run_of(0).options | {"queue": True}
    beat = BEGAN + datetime.timedelta(seconds=2)
    ImportRun.objects.filter(pk=run.pk).update(state="finished", options=options, heartbeat_at=beat, finished_at=beat)
    page = desk.get(f"/admin/articles/importrun/{run.pk}/change/").content.decode()
    assert "4 of 100 files · 2.0 files a second" in page
