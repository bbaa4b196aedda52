"""Work that is shared among processes: the same answers, in order, whatever becomes of a process."""

import itertools
import os
import subprocess
import sys

import pytest

from articles.ingest import crew
from tests.ingest import crews_deeds as deeds


@pytest.mark.parametrize("jobs", [0, 1, 2])
@pytest.mark.parametrize("number", [0, 1, 3, 40])
def test_every_input_is_answered_in_order_with_what_is_known(jobs, number):
    assert list(crew.each(deeds.times, range(number), 7, jobs)) == [one * 7 for one in range(number)]


def test_it_is_done_by_other_processes_where_that_is_worth_their_start():
    assert set(crew.each(deeds.process, range(20), None, 2)).isdisjoint({os.getpid()})
    assert set(crew.each(deeds.process, range(3), None, 2)) == {os.getpid()}


def test_what_a_dying_process_was_to_do_is_done_here():
    answers = list(crew.each(deeds.dies_elsewhere, range(30), os.getpid(), 2))
    assert answers == list(range(30))


def test_a_few_inputs_are_in_hand_at_a_time():
    taken = []
    inputs = (taken.append(one) or one for one in range(100))
    answers = crew.each(deeds.times, inputs, 1, 2)
    next(answers)
    assert len(taken) <= 5
    answers.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_something_else_is_done_while_there_is_an_answer_to_wait_for(jobs):
    steps = itertools.count()
    assert list(crew.each(deeds.slowly, range(6), None, jobs, steps)) == list(range(6))
    assert (next(steps) > 0) == (jobs == 2)


def test_an_answer_is_waited_for_when_nothing_else_is_left_to_do():
    steps = iter(range(3))
    assert list(crew.each(deeds.slowly, range(6), None, 2, steps)) == list(range(6))
    assert next(steps, "none") == "none"


def test_a_fault_of_the_work_itself_is_told():
    with pytest.raises(ZeroDivisionError):
        list(crew.each(deeds.fails, range(10), None, 2))


def test_its_processes_stand_behind_the_one_that_everybody_waits_for():
    assert min(crew.each(deeds.niceness, range(10), None, 2)) > os.nice(0)


def test_the_process_that_they_are_forked_from_can_be_started_beforehand():
    script = (
        "import os; from articles.ingest import crew; crew.get_ready(); crew.get_ready();"
        " print(len(open(f'/proc/self/task/{os.getpid()}/children').read().split()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, timeout=60)
    assert done.stdout == "2\n"  # with the one that clears up after them
