"""The same bytes are read once, however many files of the batches in hand have them."""

import hashlib

import pytest

from articles import importing
from articles.importing import recleaning
from articles.importing.reading import read_batches
from articles.importing.twins import Twins
from articles.ingest import batch
from articles.ingest.batch import Job, read_job
from articles.models import Article, Original
from tests.importing import archive


def job(number, path=None, name=None):
    raw = archive.dw(number).encode()
    path = path or f"dw/{number}.md"
    return Job(path, name or path, raw, hashlib.sha256(raw).hexdigest())


@pytest.fixture
def read(monkeypatch):
    """Paths of the files that are read indeed, by this process."""
    paths = []

    def noted(one):
        paths.append(one.path)
        return read_job(one)

    monkeypatch.setattr(batch, "read_job", noted)
    return paths


def test_twins_of_a_batch_and_of_the_batches_in_hand_are_read_once_and_each_has_its_own_names():
    first = [job(1), job(1, "dw/copy.md"), job(2)]
    second = [job(3), job(1, "dw/later.md"), job(3, "dw/3b.md")]
    third = [job(1, "dw/latest.md")]
    twins = Twins()
    asked = [twins.first_of(one) for one in (first, second, third)]
    assert [[one.path for one in jobs] for jobs in asked] == [["dw/1.md", "dw/2.md"], ["dw/3.md"], []]
    told = [twins.all_of([read_job(one) for one in jobs]) for jobs in asked]
    for jobs, readings in zip((first, second, third), told, strict=True):
        assert readings == [read_job(one) for one in jobs]
    assert not twins.in_hand


def test_a_folder_that_may_tell_another_source_makes_another_reading():
    other = [job(1), job(1, "rfa/1.md"), job(1, "1.md"), job(1, "dw/77.md")]
    assert [one.path for one in Twins().first_of(other)] == ["dw/1.md", "rfa/1.md", "1.md"]


def test_readings_that_no_later_batch_asks_for_are_not_remembered():
    twins = Twins()
    holder = (twins.first_of([job(1), job(2)]), twins.in_hand[0])[1]
    twins.first_of([job(2, "dw/2b.md")])
    twins.all_of([read_job(job(1)), read_job(job(2))])
    assert [reading.path for reading in holder.wanted.values()] == ["dw/2.md"]


def test_a_batch_that_is_done_holds_neither_its_files_nor_the_batches_before_it():
    twins, seen = Twins(), []
    twins.first_of([job(0), job(1)])
    for number in range(1, 4):
        twins.first_of([job(number, f"dw/{number}b.md"), job(number + 1)])
        seen.append(twins.in_hand[0])
        twins.all_of([read_job(job(one)) for one in ((0, 1) if number == 1 else (number,))])
    assert [(batch.jobs, batch.elsewhere) for batch in seen] == [((), {})] * 3


@pytest.mark.parametrize("jobs", [0, 2])
def test_readings_come_back_for_every_file_of_every_batch(jobs):
    batches = [(n, [job(1, f"dw/{n}-{m}.md") for m in range(3)] + [job(10 + n)]) for n in range(5)]
    told = dict(read_batches(iter(batches), jobs))
    assert {n: [one.path for one in readings] for n, readings in told.items()} == {
        n: [one.path for one in wanted] for n, wanted in batches
    }


def test_an_import_reads_copies_once(db, tmp_path, read):
    folder = tmp_path / "dw"
    folder.mkdir()
    for number in range(4):
        for copy in "abc":
            (folder / f"{copy}{number}.md").write_text(archive.dw(number), "utf-8")
    run = importing.start_run({"paths": [str(folder)]})
    [outcomes] = importing.import_all(run, importing.found_of(run.options), importing.Options())
    assert len(read) == 4
    assert [outcome.result for outcome in outcomes] == ["created"] * 4 + ["duplicate"] * 8
    assert (Article.objects.count(), Original.objects.count()) == (4, 12)


def test_reclean_reads_copies_once(db, tmp_path, read):
    test_an_import_reads_copies_once(db, tmp_path, read)
    Original.objects.update(rules_version="old")
    read.clear()
    run = importing.start_run({})
    list(recleaning.reclean(run, jobs=0))
    assert len(read) == 4
    assert not recleaning.outdated().exists()
