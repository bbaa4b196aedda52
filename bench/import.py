"""How close an import comes to its floor: what bleach and nh3 alone need for the same bodies.

    python bench/import.py 1000                    so many files made from the seeds
    python bench/import.py 1000 10000 100000       several sizes, and what a file costs at each
    python bench/import.py 1500 --like DIR         made from the articles in DIR
    python bench/import.py --folder ARCHIVE        the files of an archive
    python bench/import.py 1000 --postgres         into a database of its own on the PostgreSQL of the tests
    python bench/import.py 1000 --postgres --queue   through Celery workers and a Redis of its own

For each size: the import's wall time and its CPU time (of all its processes, workers and the database's server, less
what an import of one file takes) as ratios to the floor's on the same number of processes. The floor is measured
before and after over the bodies as the files have them, with bleach's own Cleaner. On a machine that does other things
as well, only the ratio of CPU times says something. The command ends when it has also looked for what is alike and for
stories, which workers do afterwards; so the time until every file is stored, searchable and recorded is told beside it.
Then the second import's time to the first's, and the memory.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import ctypes
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import bleach.sanitizer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import make_archive  # noqa: E402 - beside this file

from articles.ingest import sanitize  # noqa: E402
from tests import services  # noqa: E402

BATCH = 50
STORED = (
    "from articles.models import ImportRun; run = ImportRun.objects.latest('pk');"
    " print((run.finished_at - run.started_at).total_seconds())"
)
TICK = os.sysconf("SC_CLK_TCK")
PARENT_OF_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER: readers are counted, though their own parent ends before them
BLEACH = bleach.sanitizer.Cleaner(
    tags=sanitize.TAGS, attributes=sanitize._is_allowed, protocols=sanitize.SCHEMES, strip=True, strip_comments=True
)


@dataclass
class Spent:
    """Seconds of the clock and of processors, and the peak of memory in kB."""

    wall: float
    processors: float
    memory: int = 0
    stored: float = 0.0  # seconds until every file was stored, searchable and recorded


def body_of(path: Path) -> str:
    """What stands below a file's header."""
    return re.split(r"\n------\n|\n---\n", path.read_text("utf-8", "replace"), maxsplit=1)[-1]


def clean_all(bodies: list[str]) -> float:
    """Both sanitizers over a batch; seconds of the processor."""
    began = time.process_time()
    for body in bodies:
        sanitize._NH3.clean(BLEACH.clean(body))
    return time.process_time() - began


def floor(bodies: list[str], jobs: int) -> Spent:
    """What the sanitizers alone need on `jobs` processes that are warm already."""
    batches = [bodies[start : start + BATCH] for start in range(0, len(bodies), BATCH)]
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context) as pool:
        list(pool.map(clean_all, [[bodies[0]]] * jobs * 2))
        began = time.perf_counter()
        processors = sum(pool.map(clean_all, batches))
        return Spent(time.perf_counter() - began, processors)


def peak_of(process: subprocess.Popen, others: list[subprocess.Popen], peak: list[int]) -> None:
    """Note the highest memory, in kB, of a process, others and all their children together (shared pages once)."""
    groups = [f"NSpgid:\t{one.pid}\n" for one in (process, *others)]
    while process.poll() is None:
        total = 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                told = status.read_text()
                if any(group in told for group in groups):
                    total += int(re.search(r"^Pss:\s+(\d+)", (status.parent / "smaps_rollup").read_text(), re.M)[1])
            except (OSError, TypeError):
                continue
        peak[0] = max(peak[0], total)
        time.sleep(0.3)


def _ticks(name: str) -> float:
    """Seconds that all processes of a name, and their children that have ended, have had of the processors."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            label, _, fields = stat.read_text().partition(") ")
            if label.partition("(")[2] == name:
                ticks += sum(map(int, fields.split()[11:15]))
    return ticks / TICK


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def workers(environment: dict[str, str], number: int):
    """Celery workers that have begun to wait for tasks, one process each."""
    command = [sys.executable, "-m", "celery", "-A", "newsroom", "worker", "--concurrency", "1", "--loglevel", "error"]
    started = [
        subprocess.Popen(
            [*command, "--hostname", f"bench{place}@%h"], env=environment, cwd=ROOT, start_new_session=True
        )
        for place in range(number)
    ]
    time.sleep(8)
    try:
        yield started
    finally:
        for process in started:
            os.killpg(process.pid, 15)
        for process in started:
            process.wait(timeout=60)


def import_(folder: Path, environment: dict[str, str], jobs: int, *, queue: bool) -> Spent:
    """One import: seconds from the command's own report (process start left out)."""
    report = Path(environment["NEWSROOM_DATA_DIR"]) / "report.json"
    command = [sys.executable, "manage.py", "import_articles", str(folder), "--jobs", str(jobs), "-v", "0", "--publish"]
    command += ["--report", str(report), "--no-images", *(["--queue"] if queue else [])]
    before, server, peak = _of_children(), _ticks("postgres"), [0]
    with workers(environment, jobs) if queue else contextlib.nullcontext([]) as others:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
        watch = threading.Thread(target=peak_of, args=(process, others, peak))
        watch.start()
        process.wait()
        watch.join()
    with contextlib.suppress(ChildProcessError):
        while not queue:  # readers that outlived the command; with workers there are none, and Redis goes on
            os.waitpid(-1, 0)
    server = _ticks("postgres") - server if environment.get("DATABASE_URL") else 0
    used = _of_children() - before + server
    wall = float(re.search(r'"seconds": ([\d.]+)', report.read_text(encoding="utf-8"))[1])
    asked = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", STORED]
    told = subprocess.run(asked, env=environment, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return Spent(wall, used, peak[0], float(told))


def measure(folder: Path, place: Path, arguments: argparse.Namespace, services_: dict[str, str]) -> float:
    """Measure one archive and print; returns the seconds of processors a file."""
    paths = [path for path in sorted(folder.rglob("*.md")) if path.name != "README.md"]
    chosen = [body_of(path) for path in paths[:: max(1, len(paths) // arguments.sample)]]
    one = place / "one" / "dw"
    one.mkdir(parents=True, exist_ok=True)
    (one / "1.md").write_bytes(paths[0].read_bytes())
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(dir=place))
        environment = {**os.environ, **services_, "NEWSROOM_DATA_DIR": data, "NEWSROOM_SECRET_KEY": "bench"}
        if arguments.postgres:
            environment["DATABASE_URL"] = stack.enter_context(services.postgres_database())
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], env=environment, cwd=ROOT, check=True)
        begin = import_(one, environment, arguments.jobs, queue=arguments.queue)
        before = floor(chosen, arguments.jobs)
        first = import_(folder, environment, arguments.jobs, queue=arguments.queue)
        after = floor(chosen, arguments.jobs)
        second = import_(folder, environment, arguments.jobs, queue=arguments.queue)
    scale = len(paths) / len(chosen) / 2
    wall, processors = (before.wall + after.wall) * scale, (before.processors + after.processors) * scale
    used = first.processors - begin.processors
    print(f"{len(paths)} files, {arguments.jobs} processes; floor measured before and after on {len(chosen)} of them")
    print(f"import / floor, time of the clock               {first.wall / wall:6.2f}")
    print(f"the same until every file is stored             {first.stored / wall:6.2f}")
    print(f"import / floor, time of the processors          {used / processors:6.2f}")
    print(f"first import / second import, clock             {first.wall / second.wall:6.1f}")
    print(f"peak memory of command, readers and workers     {first.memory / 1024:6.0f} MB")
    print(f"a file, processors (this machine, now)          {used / len(paths) * 1000:6.2f} ms")
    print(f"files a second (this machine, now)              {len(paths) / first.wall:6.0f}", flush=True)
    return used / processors


def main() -> None:
    """Measure each size and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", type=int, nargs="*", default=[1000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--like", type=Path, help="vary the articles of this folder instead of the seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="reading processes, or workers")
    parser.add_argument("--postgres", action="store_true", help="into PostgreSQL instead of SQLite")
    parser.add_argument("--queue", action="store_true", help="through Celery workers of one process each")
    parser.add_argument("--sample", type=int, default=1000, help="files the floor is measured on (scaled up)")
    arguments = parser.parse_args()
    ctypes.CDLL(None).prctl(PARENT_OF_ORPHANS, 1, 0, 0, 0)
    ratios = []
    with contextlib.ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        services_ = {}
        if arguments.queue:
            services_["CELERY_BROKER_URL"] = stack.enter_context(services.redis_server(place))
        for number in arguments.numbers if arguments.folder is None else [0]:
            folder = arguments.folder or place / f"archive{number}"
            if arguments.folder is None:
                make_archive.make(folder, number, arguments.like)
            ratios.append(measure(folder, place, arguments, services_))
    for number, ratio in zip(arguments.numbers[1:], ratios[1:], strict=False):
        print(f"a file of {number} / a file of {arguments.numbers[0]}, each in floors    {ratio / ratios[0]:6.2f}")


if __name__ == "__main__":
    main()
