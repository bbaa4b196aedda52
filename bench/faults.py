"""Whether an import ends as a clean one however it was struck: SIGKILL at random moments, in real processes.

    python bench/faults.py                            20 times 3,000 files on SQLite, and on PostgreSQL with Redis
    python bench/faults.py --files 300 --times 4      smaller
    python bench/faults.py --on postgres --first 8 --times 4    a part of the twenty (moments hang on the number alone)

On SQLite the import is one command with its readers; on PostgreSQL with Redis the command hands its files to a Celery
worker. Struck are, in turns, the command, one of its readers, the worker with its processes, the broker and the
database's server (both run here with a folder of their own, as an operator runs them), at a moment drawn anew each
time from the whole length of a clean import. Then what was struck is started again, and the operator does what the
README says: the same command once more. What is in the database then must be what a clean import left.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.importing import archive  # noqa: E402
from tests.killable import PostgreSQL, Redis, give_back_unacknowledged, let_time_pass, state  # noqa: E402
from tests.services import Installation, wait_for  # noqa: E402

VICTIMS = {"sqlite": ("command", "reader"), "postgres": ("command", "worker", "broker", "database")}
SEED = 20250128
PATIENCE = 900  # seconds for a command that nobody strikes
ENDS = {"1"}  # of a command that was not struck itself: some files are at fault, or it said that it cannot go on


@dataclass
class Site:
    """One installation with the servers that it needs."""

    folder: Path
    archive: Path
    kind: str
    stack: contextlib.ExitStack
    environment: dict = field(default_factory=dict)
    worker: subprocess.Popen | None = None

    def begin(self) -> None:
        """Make the place, and start its servers."""
        if self.kind == "postgres":
            self.redis = self.stack.enter_context(Redis(self.folder / "redis"))
            self.postgres = self.stack.enter_context(PostgreSQL())
            self.environment = {"DATABASE_URL": self.postgres.address, "CELERY_BROKER_URL": self.redis.address}
        self.place = Installation(self.folder / "site", **self.environment)
        if self.kind == "postgres":
            self.start_worker()
            self.stack.callback(lambda: kill(self.worker))

    def start_worker(self) -> None:
        """As in the Procfile."""
        command = [sys.executable, "-m", "celery", "--app", "newsroom", "worker", "--concurrency", "2"]
        log = open(self.folder / "worker.log", "ab")  # noqa: SIM115 - the process keeps it
        environment = self.place.environment
        self.worker = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )

    def importing(self) -> subprocess.Popen:
        """The command of the README."""
        how = ["--queue"] if self.kind == "postgres" else ["--jobs", "2"]
        options = ("--images", self.archive / "images", "--publish", *how)
        return self.place.start("import_articles", self.archive, *options)

    def strike(self, victim: str, command: subprocess.Popen, chance: random.Random) -> None:
        """SIGKILL."""
        if victim == "command":
            with contextlib.suppress(ProcessLookupError):
                os.kill(command.pid, signal.SIGKILL)
        elif victim == "reader":
            readers = children_of(command.pid)
            if readers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(chance.choice(readers), signal.SIGKILL)
        elif victim == "worker":
            kill(self.worker)
        else:
            {"broker": self.redis, "database": self.postgres}[victim].kill()

    def mend(self, victim: str) -> None:
        """Start again what was struck; what waits for the clock to pass has waited."""
        if victim == "worker":
            give_back_unacknowledged(self.redis.address)
            self.start_worker()
        elif victim in ("broker", "database"):
            {"broker": self.redis, "database": self.postgres}[victim].start()
        if self.kind == "postgres":
            time.sleep(2)  # what is in hand is said to be so
            if victim == "broker":
                give_back_unacknowledged(self.redis.address, is_quiet=False)
            let_time_pass(self.place)

    def ask(self, question: str) -> int:
        """A number out of the database itself, which costs no start of the program."""
        if self.kind == "postgres":
            with psycopg.connect(self.postgres.address.replace("postgres://", "postgresql://")) as connection:
                return connection.execute(question).fetchone()[0]
        with contextlib.closing(sqlite3.connect(self.folder / "site/newsroom.sqlite3", timeout=20)) as connection:
            return connection.execute(question).fetchone()[0]

    def wait_for_begin(self) -> None:
        """Until there is a run: what comes before it, the start of Python, is nothing to strike at."""
        wait_for(lambda: self.ask("SELECT count(*) FROM articles_importrun"), 60, "the run")


def children_of(pid: int) -> list[int]:
    """All processes below one, however deep."""
    found = []
    for child in subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split():
        found += [int(child), *children_of(int(child))]
    return found


def kill(process: subprocess.Popen) -> None:
    """SIGKILL to a process and all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def clean(root: Path, folder: Path, kind: str) -> tuple[dict, float]:
    """What one undisturbed import leaves, and how long it takes."""
    with contextlib.ExitStack() as stack:
        site = Site(folder, root, kind, stack)
        site.begin()
        command = site.importing()
        site.wait_for_begin()
        began = time.monotonic()
        if command.wait(timeout=PATIENCE) != 1:  # some files are at fault
            sys.exit(f"a clean import ended with {command.returncode}: {site.place.log()}")
        length = time.monotonic() - began
        return state(site.place), length


def struck(root: Path, folder: Path, kind: str, number: int, length: float) -> tuple[dict, dict]:
    """What an import leaves that was struck once, and how it went."""
    victim = VICTIMS[kind][number % len(VICTIMS[kind])]
    chance = random.Random(f"{SEED} {kind} {number}")
    moment = chance.random() * length
    with contextlib.ExitStack() as stack:
        site = Site(folder, root, kind, stack)
        site.begin()
        command = site.importing()
        site.wait_for_begin()
        time.sleep(moment)
        lived = command.poll() is None
        done = site.ask("SELECT count(*) FROM articles_importfile WHERE result <> ''")
        site.strike(victim, command, chance)
        time.sleep(chance.random() * 3)
        if victim in ("broker", "database"):
            wait_for(lambda: not (site.redis if victim == "broker" else site.postgres).answers(), 20, "its end")
        began = time.monotonic()
        site.mend(victim)
        ended = "killed"
        if victim != "command":
            ended = str(command.wait(timeout=PATIENCE))
            if ended not in ENDS:
                sys.exit(f"the first command ended with {ended}: {site.place.log()}")
        again = site.importing()
        if again.wait(timeout=PATIENCE) != 1:
            sys.exit(f"the second command ended with {again.returncode}: {site.place.log()}")
        facts = {
            "victim": victim, "at": moment, "lived": lived, "done": done, "ended": ended,
            "mended in": time.monotonic() - began,
        }  # fmt: skip
        return state(site.place), facts


def differences(one: dict, other: dict) -> list[str]:
    """Which kinds of rows differ, and by how many."""
    return [f"{name}: {len(one[name])} and {len(other[name])}" for name in one if one[name] != other[name]]


def main(given: argparse.Namespace) -> int:
    """Strike, compare and print; returns how many ended otherwise."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="newsroom-faults-", ignore_cleanup_errors=True) as thrown_away:
        top = Path(thrown_away)
        top.chmod(0o711)
        root = archive.write_all(top / "archive", given.files)
        print("| number | database | struck | at | of | files done | the command ended with | mended in | as clean |")
        print("|--:|---|---|--:|--:|--:|--:|--:|---|", flush=True)
        for kind in given.on:
            wanted, length = clean(root, top / f"clean-{kind}", kind)
            for number in range(given.first, given.first + given.times):
                folder = top / f"{kind}-{number}"
                found, facts = struck(root, folder, kind, number, length)
                differ = differences(wanted, found)
                wrong += bool(differ)
                late = "" if facts["lived"] else " (over by then)"
                print(
                    f"| {number} | {kind} | {facts['victim']} | {facts['at']:.1f} s{late} | {length:.1f} s |"
                    f" {facts['done']:,} | {facts['ended']} | {facts['mended in']:.1f} s |"
                    f" {'; '.join(differ) or 'yes'} |",
                    flush=True,
                )
                shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{given.times * len(given.on)} strikes, {wrong} ended otherwise than a clean import.")
    return wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="number of the first strike")
    parser.add_argument("--on", nargs="+", choices=list(VICTIMS), default=list(VICTIMS))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # its servers end with it
    sys.exit(min(main(parser.parse_args()), 1))
