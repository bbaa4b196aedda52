"""Reading beside this process: what kills or hangs is told from the rest, and nothing else is blamed."""

import hashlib
import signal
import subprocess

import pytest

from articles.ingest import apart
from articles.ingest.batch import Job, read_job
from tests.importing import archive
from tests.importing.test_background import PLUG


def job(number, **facts):
    raw = archive.dw(number, **facts).encode()
    return Job(f"dw/{number}.md", f"dw/{number}.md", raw, hashlib.sha256(raw).hexdigest())


@pytest.fixture
def plugged(tmp_path, monkeypatch):
    """Does something else with a file that has POISON in it, in every process that is started from here."""

    def plug(deed):
        (tmp_path / "sitecustomize.py").write_text(PLUG.replace("os._exit(9)", deed))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return plug


@pytest.mark.parametrize(
    ("deed", "code", "seconds"),
    [("os._exit(9)", "reader_killed", 60), ("[None for _ in iter(int, 1)]", "reader_hangs", 2)],
)
def test_one_file_is_at_fault_and_the_others_are_read_in_order(plugged, deed, code, seconds):
    plugged(deed)
    jobs = [job(1), job(2, title="POISON"), job(3)]
    first, bad, last = apart.read_apart(jobs, seconds)
    assert (first, last) == (read_job(jobs[0]), read_job(jobs[2]))
    assert (bad.path, bad.code, bad.broken, bad.document) == ("dw/2.md", code, True, None)


def test_a_reader_that_was_struck_once_blames_nobody(plugged, tmp_path):
    plugged(f"open({str(tmp_path / 'struck')!r}, 'x').close() or os._exit(9)")
    jobs = [job(1), job(2, title="POISON")]
    killed = list(apart.read_apart(jobs[1:], 60))  # by an exception the second time: the file is there
    assert [one.code for one in killed] == ["reader_fault"]


def test_a_reader_that_cannot_begin_blames_no_file(monkeypatch):
    monkeypatch.setattr(apart, "COMMAND", ("false",))
    with pytest.raises(apart.NoReader):
        list(apart.read_apart([job(1)], 60))


def test_a_watched_process_ends_when_a_file_hangs(plugged):
    plugged("[None for _ in iter(int, 1)]")
    script = (
        "from tests.ingest.test_apart import job; from articles.ingest import apart;"
        " apart.read_watched([job(1)], 60); print('read', flush=True); apart.read_watched([job(2, title='POISON')], 1)"
    )
    command = [apart.COMMAND[0], "-c", script]
    done = subprocess.run(command, cwd=apart.ROOT, capture_output=True, check=False, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (-signal.SIGALRM, "read\n")
    assert "in _watched" in done.stderr  # where it hung
