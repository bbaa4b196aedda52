"""How close an import comes to its floor: the time that bleach and nh3 alone need for the same bodies.

    python bench/import.py 1000              so many files made from the seeds
    python bench/import.py 1000 --like DIR   made from the articles in DIR
    python bench/import.py --folder ARCHIVE  the files of an archive

Prints the import's wall time as a ratio to the floor on the same number of processes, twice: the floor over the
bodies as the files have them, and over the bodies as our own cleaning leaves them to the sanitizers (harder: what
is cut before bleach sees it does not count for us). Then the second import's time to the first's, and the memory.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import make_archive  # noqa: E402 - beside this file

from articles.ingest import Unreadable, reading, sanitize  # noqa: E402

BATCH = 50


def bodies_of(paths: list[Path]) -> tuple[list[str], list[str]]:
    """Bodies as the files have them, and as our cleaning hands them to the sanitizers."""
    handed: list[str] = []
    policy = sanitize.apply_policy

    def listen(html: str) -> str:
        handed.append(html)
        return policy(html)

    sanitize.apply_policy = listen
    raw = []
    try:
        for path in paths:
            content = path.read_bytes()
            try:
                reading.read(content, str(path))
            except Unreadable:
                continue
            text = content.decode("utf-8", "replace")
            raw.append(re.split(r"\n------\n|\n---\n", text, maxsplit=1)[-1])
    finally:
        sanitize.apply_policy = policy
    return raw, handed


def clean_all(bodies: list[str]) -> int:
    """Both sanitizers over a batch."""
    for body in bodies:
        sanitize.apply_policy(body)
    return len(bodies)


def floor(bodies: list[str], jobs: int) -> float:
    """Seconds that the sanitizers alone need on `jobs` processes that are warm already."""
    batches = [bodies[start : start + BATCH] for start in range(0, len(bodies), BATCH)]
    if jobs == 1:
        clean_all(batches[0][:1])
        began = time.perf_counter()
        for batch in batches:
            clean_all(batch)
        return time.perf_counter() - began
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context) as pool:
        list(pool.map(clean_all, [[bodies[0]]] * jobs * 2))
        began = time.perf_counter()
        list(pool.map(clean_all, batches))
        return time.perf_counter() - began


def peak_of(process: subprocess.Popen, peak: list[int]) -> None:
    """Note the highest memory, in kB, of a process and its children together (shared pages counted once)."""
    while process.poll() is None:
        total = 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                if f"NSpgid:\t{process.pid}\n" in status.read_text():
                    total += int(re.search(r"^Pss:\s+(\d+)", (status.parent / "smaps_rollup").read_text(), re.M)[1])
            except (OSError, TypeError):
                continue
        peak[0] = max(peak[0], total)
        time.sleep(0.3)


def import_(folder: Path, environment: dict, jobs: int) -> tuple[float, int]:
    """Seconds from the command's own report (process start left out), and the peak of memory in kB."""
    report = Path(environment["NEWSROOM_DATA_DIR"]) / "report.json"
    command = [sys.executable, "manage.py", "import_articles", str(folder), "--jobs", str(jobs), "-v", "0"]
    process = subprocess.Popen(
        [*command, "--publish", "--report", str(report)], env=environment, cwd=ROOT, start_new_session=True
    )
    peak = [0]
    watch = threading.Thread(target=peak_of, args=(process, peak))
    watch.start()
    process.wait()
    watch.join()
    return float(re.search(r'"seconds": ([\d.]+)', report.read_text(encoding="utf-8"))[1]), peak[0]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", type=int, nargs="?", default=1000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--like", type=Path, help="vary the articles of this folder instead of the seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, default=2000, help="files the floor is measured on (scaled up)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = arguments.folder
        if folder is None:
            folder = Path(place) / "archive"
            make_archive.make(folder, arguments.number, arguments.like)
        paths = [path for path in sorted(folder.rglob("*.md")) if path.name != "README.md"]
        chosen = paths[:: max(1, len(paths) // arguments.sample)]
        raw, handed = bodies_of(chosen)
        scale = len(paths) / len(chosen)
        before = floor(raw, arguments.jobs), floor(handed, arguments.jobs)
        data = Path(place) / "data"
        environment = {**os.environ, "NEWSROOM_DATA_DIR": str(data), "NEWSROOM_SECRET_KEY": "bench"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], env=environment, cwd=ROOT, check=True)
        first, peak = import_(folder, environment, arguments.jobs)
        second, _ = import_(folder, environment, arguments.jobs)
        after = floor(raw, arguments.jobs), floor(handed, arguments.jobs)
    floors = [(a + b) / 2 * scale for a, b in zip(before, after, strict=True)]
    print(f"{len(paths)} files, {arguments.jobs} processes; floor measured before and after on {len(chosen)} of them")
    print(f"import / floor over the bodies as they come     {first / floors[0]:6.2f}")
    print(f"import / floor over the bodies as we cut them   {first / floors[1]:6.2f}")
    print(f"first import / second import                    {first / second:6.1f}")
    print(f"peak memory of all processes together           {peak / 1024:6.0f} MB")
    print(f"files a second (this machine, now)              {len(paths) / first:6.0f}")


if __name__ == "__main__":
    main()
