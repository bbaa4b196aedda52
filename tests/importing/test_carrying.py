"""What is left of a run is found, loaded ahead by a thread, and taken in batch by batch."""

import threading
from functools import partial

import pytest

from articles import importing
from articles.archives import Found
from articles.importing import batches, carrying
from articles.models import Article, ImportFile, Result
from tests.importing import archive

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    root = archive.write(tmp_path / "archive", range(6))
    (root / "articles/dw/bad.md").write_text("no header", "utf-8")
    return root


def run_of(folder, **more):
    return importing.start_run({"paths": [str(folder)], "publish": True, **more})


def imported(run, jobs=1):
    return [outcome for outcomes in importing.carry_on(run, jobs) for outcome in outcomes]


def test_a_thread_may_walk_since_the_database_is_asked_before(folder, django_assert_num_queries):
    run = run_of(folder)
    imported(run)
    again = importing.start_run({"retry": run.pk, "paths": []})
    left, bad = carrying.left_of(run_of(folder)), carrying.left_of(again)
    with django_assert_num_queries(0):
        assert len(list(left)) == 7
        assert [found.path for found in bad] == ["articles/dw/bad.md"]


def test_the_next_batch_is_loaded_by_a_thread_while_this_one_is_dealt_with(folder, monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 2)
    loaders, is_loaded = [], threading.Semaphore(0)
    load = batches.load

    def told(found):
        loaders.append(threading.current_thread())
        is_loaded.release()
        return load(found)

    monkeypatch.setattr(batches, "load", told)
    found = importing.found_of({"paths": [str(folder)]})
    coming = batches._loaded(found, 2, lambda: True)
    assert len(next(coming)) == 2
    for _ in range(4):  # two that are here, two that nobody has asked for
        assert is_loaded.acquire(timeout=60)
    assert not is_loaded.acquire(timeout=0.2)  # and no more than these
    assert [len(files) for files in coming] == [2, 2, 1]
    assert threading.main_thread() not in loaders


def test_files_that_stand_alone_are_fetched_side_by_side_and_all_keep_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "SHARE", 2)
    meeting = threading.Barrier(2)
    asked = []

    def members():
        for number in range(20):
            alone = number not in (6, 7, 8)
            asked.append(number)
            yield Found(f"{number}.md", str(number), partial(fetched, number, alone), stands_alone=alone)

    def fetched(number, alone):
        if number in (2, 4):
            meeting.wait(30)  # neither ends before the other has begun
        if not alone:
            assert asked[-1] == number, "an archive's member, and the next one is asked for already"
        return str(number).encode()

    files = [file for batch in batches._loaded(members(), 2, lambda: True) for file in batch]
    assert [file.content for file in files] == [str(number).encode() for number in range(20)]
    assert not meeting.broken


def test_what_was_loaded_when_a_run_is_stopped_is_taken_in_when_it_goes_on(folder, monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 2)
    run = run_of(folder)
    stopping = iter([True, True, False])
    for _ in importing.carry_on(run, 2, lambda: next(stopping, False)):
        pass
    run.refresh_from_db()
    assert run.state == "stopped"
    before = ImportFile.objects.filter(run=run).count()
    assert 0 < before < 7
    assert importing.take_up(run, queue=False)
    imported(run, 2)
    assert ImportFile.objects.filter(run=run).count() == 7
    assert Article.objects.count() == 6


def test_a_batch_that_is_known_costs_two_statements_and_a_transaction(folder, django_assert_num_queries):
    imported(run_of(folder))
    run = run_of(folder)
    found = [one for one in importing.found_of(run.options) if "bad" not in one.path]
    [entries] = importing.read_in_batches(found, importing.Options(publish=True))
    with django_assert_num_queries(5):  # of which two are the transaction, a savepoint here, and two one insert
        outcomes = importing.store_and_record(run, entries, publish=True)
    assert {outcome.result for outcome in outcomes} == {Result.UNCHANGED}
