"""Servers that are killed and started again over what they left on the disk: a PostgreSQL, a Redis, a RabbitMQ."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.services import ROOT, Installation, free_port, listens, missing, wait_for


class Server:
    """A process with a folder and a port that outlive it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Start it, and wait until it answers; anew as often as it finds that what was killed has not ended yet."""
        self._begin()

        def answers() -> bool:
            if self.process.poll() is not None:
                time.sleep(0.5)
                self._begin()
            return self.answers()

        wait_for(answers, 60, f"{self.command()[0]}, see {self.folder}.log")

    def _begin(self) -> None:
        with open(f"{self.folder}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, start_new_session=True, **self.owner()
            )

    def owner(self) -> dict:
        return {}

    def answers(self) -> bool:
        return listens(self.port)

    def kill(self) -> None:
        """SIGKILL to it and all that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.kill()


class Redis(Server):
    """As compose.yaml has it: with a log of what was said, which is on the disk after a second."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("redis-server"):
            missing("redis-server is not installed")
        super().__init__(folder)
        folder.mkdir(parents=True)

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        kept = ["--appendonly", "yes", "--save", "", "--dir", str(self.folder)]
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", *kept]


class PostgreSQL(Server):
    """A cluster of its own, with the safety of one (fsync), since it is killed."""

    def __init__(self) -> None:
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not found:
            missing("PostgreSQL's server is not installed")
        # Not below a folder of the tests, which is for who runs them alone: the server is another user.
        super().__init__(Path(tempfile.mkdtemp(prefix="newsroom-postgres-")))
        self.programs = Path(found[-1])
        if self.owner():
            shutil.chown(self.folder, "postgres", "postgres")
        command = [str(self.programs / "initdb"), "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*command, "--locale", "C.UTF-8"], check=True, capture_output=True, **self.owner())

    def __exit__(self, *_) -> None:
        super().__exit__(*_)
        shutil.rmtree(self.folder, ignore_errors=True)
        Path(f"{self.folder}.log").unlink(missing_ok=True)

    @property
    def address(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def owner(self) -> dict:
        return {"user": "postgres", "group": "postgres", "cwd": self.folder} if os.geteuid() == 0 else {}

    def command(self) -> list[str]:
        how = [
            "-c",
            f"port={self.port}",
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"unix_socket_directories={self.folder}",
        ]
        return [str(self.programs / "postgres"), "-D", str(self.folder), *how]

    def answers(self) -> bool:
        ready = [str(self.programs / "pg_isready"), "-q", "-U", "postgres", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def kill(self) -> None:
        """Backends have groups of their own: without their parent they end by themselves."""
        super().kill()
        end = time.monotonic() + 20
        while time.monotonic() < end and listens(self.port):
            time.sleep(0.05)


class RabbitMQ(Server):
    """A node of its own, beside any other on this machine."""

    PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"

    def __init__(self, folder: Path) -> None:
        if not os.path.exists(self.PROGRAM):
            missing("rabbitmq-server is not installed")
        super().__init__(folder)
        folder.mkdir(parents=True)

    @property
    def address(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def command(self) -> list[str]:
        return [self.PROGRAM]

    def owner(self) -> dict:
        place = str(self.folder)
        facts = {
            "NODENAME": f"newsroom{self.port}@localhost",
            "NODE_IP_ADDRESS": "127.0.0.1",
            "NODE_PORT": str(self.port),
            "DIST_PORT": str(free_port()),
            "MNESIA_BASE": place,
            "LOG_BASE": place,
            "ENABLED_PLUGINS_FILE": f"{place}/plugins",
            "CONFIG_FILE": f"{place}/config",
        }
        settings = {f"RABBITMQ_{name}": fact for name, fact in facts.items()}
        # What it leaves of itself when it is killed lies in its own folder.
        return {"cwd": place, "env": {**os.environ, "HOME": place, "ERL_CRASH_DUMP_SECONDS": "0", **settings}}


# Ten minutes of silence pass in a moment; then the clock's task looks whose messages were lost.
TIME_PASSES = (
    "import datetime; from django.utils import timezone; from articles import tasks; from articles.models import *;"
    " ImportRun.objects.filter(state='running').update(heartbeat_at=timezone.now() - datetime.timedelta(minutes=11));"
    " tasks.go_on_with_silent_imports()"
)


def let_time_pass(installation: Installation) -> None:
    """As if nobody had heard of running imports for so long that the clock asks after them."""
    installation.manage("shell", "--verbosity", "0", "--command", TIME_PASSES)


def state(installation: Installation) -> dict:
    """What imports have left, without numbers and times of the run."""
    with open(ROOT / "tests/importing/state_of.py", encoding="utf-8") as script:
        done = subprocess.run(
            installation.command("shell", "--verbosity", "0"),
            stdin=script,
            env=installation.environment,
            cwd=ROOT,
            capture_output=True,
            check=False,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def give_back_unacknowledged(broker: str, *, is_quiet: bool = True) -> None:
    """What a killed worker held comes back after the visibility timeout; nobody waits for half an hour here.

    `is_quiet`: no worker lives that could take some of it at once.
    """
    script = (
        "import os\nfrom newsroom.celery import app\n"
        "with app.connection_for_read() as connection:\n"
        "    channel = connection.default_channel\n"
        "    channel.visibility_timeout = 0\n    channel.qos.visibility_timeout = 0\n"
        "    channel.client.delete(channel.unacked_mutex_key)\n"  # a worker may be killed while it holds it
        "    channel.qos.restore_visible(num=1000)\n"
    )
    if is_quiet:
        script += "    assert channel.client.hlen('unacked') == 0\n"
    environment = {**os.environ, "CELERY_BROKER_URL": broker, "NEWSROOM_SECRET_KEY": "x", "NEWSROOM_DATA_DIR": "/tmp"}
    subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, check=True, timeout=60)
