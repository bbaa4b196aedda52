"""How a process that reads or writes by the thousand treats its memory."""

import ctypes
import gc
import subprocess
import sys

import pytest

from articles.ingest.apart import ROOT
from articles.ingest.batch import THRESHOLDS, collecting_rarely, give_memory_back


def test_garbage_is_looked_for_rarely_and_then_as_before():
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with collecting_rarely():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > frozen
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_it_is_as_before_when_the_work_fails_too():
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), collecting_rarely():
        raise ZeroDivisionError
    assert gc.get_threshold() == before


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library")
def test_what_is_freed_is_given_back():
    def held() -> int:
        with open("/proc/self/statm", encoding="ascii") as told:
            return int(told.read().split()[1])

    blocks = [bytes(50_000) for _ in range(2_000)]  # below what the C library maps by itself
    last = bytes(50_000)  # above them, so that the heap cannot shrink from its end
    full = held()
    del blocks
    give_memory_back()
    assert held() < full - 15_000  # pages
    assert last


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries do not keep what is freed like that")
def test_what_is_large_goes_back_to_the_system_when_it_is_freed():
    script = """
from articles.ingest.batch import hold_little
def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
hold_little()
bytearray(8_000_000)  # whose end has the C library, left alone, map by itself only what is larger
before = held()
blocks = [bytearray(200_000) for _ in range(400)]  # 80 MB; every other one stays, so that no end can be cut off
full = held()
del blocks[::2]
print(full - before, full - held())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    taken, given = map(int, done.stdout.split())
    assert taken > 75_000_000
    assert given > 35_000_000
