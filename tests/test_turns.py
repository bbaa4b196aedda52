"""Long work of workers goes in turns: what one message leaves goes on with the next, and ends as in one piece."""

import types

import pytest

from articles import images, importing, likeness, tasks
from articles.models import Article, Image, ImportRun, Signature
from tests import makers
from tests.importing.readings import entries, reading


@pytest.fixture
def messages(monkeypatch):
    """What is handed to workers, by task."""
    found = []
    for name in ("go_on_undoing", "find_alike", "make_renditions"):
        monkeypatch.setattr(getattr(tasks, name), "delay", lambda *args, name=name: found.append((name, *args)))
    return found


@pytest.fixture
def run(db):
    run = importing.start_run({})
    importing.store_and_record(run, entries(*(reading(number) for number in range(3))), publish=True)
    return importing.finish_run(run)


def test_an_undo_goes_on_with_another_message_when_its_turn_is_over(run, messages, monkeypatch):
    monkeypatch.setattr(tasks.imports, "TURN", -1)
    tasks.go_on_undoing.apply([run.pk])
    run.refresh_from_db()
    assert (run.state, messages) == (ImportRun.State.UNDOING, [("go_on_undoing", run.pk)])
    monkeypatch.setattr(tasks.imports, "TURN", 60)
    tasks.go_on_undoing.apply([run.pk])
    run.refresh_from_db()
    assert (run.state, Article.objects.count(), len(messages)) == (ImportRun.State.UNDONE, 0, 1)


def test_likeness_is_learned_first_and_stories_are_looked_for_with_the_messages_after(run, messages, monkeypatch):
    days = []
    monkeypatch.setattr(likeness, "propose_stories", lambda some: days.append(list(some)) or 1)
    monkeypatch.setattr(tasks.alike, "ARTICLES_AT_ONCE", 2)
    clock = iter([0, 0, 1, 1000, 1000])
    # Not that of the module: other threads ask, too.
    monkeypatch.setattr(tasks.alike, "time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(tasks.alike, "TURN", 1)
    tasks.find_alike.apply()
    [(name, told)] = messages
    assert (name, days, Signature.objects.filter(has_terms=False).count()) == ("find_alike", [], 1)
    monkeypatch.undo()
    monkeypatch.setattr(likeness, "propose_stories", lambda some: days.append(list(some)) or 1)
    assert tasks.find_alike.apply([told]).get() == len(days) == 1
    assert {day.isoformat() for day in days[0]} == set(told)
    assert not likeness.unlearned(1)


def test_a_command_that_looks_for_likeness_is_given_all_the_time(run, messages, monkeypatch):
    monkeypatch.setattr(tasks.alike, "TURN", -1)
    tasks.find_alike()
    assert (likeness.unlearned(1), messages) == ([], [])


def test_articles_whose_message_was_lost_are_learned_by_the_clock_when_no_import_runs(run, messages, settings):
    settings.HAS_BROKER = True
    other = importing.start_run({})
    assert (tasks.find_alike_left(), messages) == (False, [])
    importing.finish_run(other)
    assert (tasks.find_alike_left(), messages) == (True, [("find_alike",)])
    tasks.find_alike()
    assert (tasks.find_alike_left(), len(messages)) == (False, 1)
    settings.HAS_BROKER = False  # the next import, or `find_duplicates`, learns what a killed one has left
    Signature.objects.update(has_terms=False)
    assert (tasks.find_alike_left(), len(messages)) == (False, 1)


def test_a_picture_that_cannot_be_drawn_holds_up_no_other(db, monkeypatch):
    bad, good = (makers.ImageMaker(state="stored", file=f"{name}.jpg") for name in "ab")
    done = []

    def prepare(image):
        if image.pk == bad.pk:
            raise images.Rejected(Image.State.NOT_AN_IMAGE, "broken")
        done.append(image.pk)
        return 1

    monkeypatch.setattr(images, "prepare", prepare)
    assert tasks.make_renditions([bad.pk, good.pk]) == 1
    assert done == [good.pk]
