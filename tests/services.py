"""Real parts for tests: the program in processes of its own, Redis, PostgreSQL, Celery workers."""

import atexit
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("NEWSROOM_", "DJANGO_")  # what tests set for themselves, and no process of an installation inherits
SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
SQLITE = "newsroom.sqlite3"
PATIENCE = 4  # how much slower than a quiet machine a busy one may be
DEMANDED = os.environ.get("NEWSROOM_REQUIRE_SERVICES") == "true"


def missing(what: str) -> None:
    """Skip with one line that says what is missing; fail where services are demanded."""
    if DEMANDED:
        pytest.fail(f"{what} (demanded by NEWSROOM_REQUIRE_SERVICES)")
    pytest.skip(what)


def free_port() -> int:
    """A port on which nothing listens, below those from which systems take the ends of outgoing connections: none of
    these can sit on it before the server that is started next.
    """
    while True:
        port = secrets.choice(range(15_000, 32_000))
        with socket.socket() as plug, contextlib.suppress(OSError):
            plug.bind(("127.0.0.1", port))
            return port


def wait_for(happens, seconds: float, what: str) -> None:
    """Wait until `happens()` is true; fail with `what` after so many seconds of a machine that has nothing else to do,
    which are as many times more on a busy one.
    """
    end = time.monotonic() + seconds * PATIENCE
    while not happens():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds * PATIENCE:.0f} s for {what}")
        time.sleep(0.05)


@contextlib.contextmanager
def redis_server(folder: Path):
    """A Redis of the test's own; yields its address."""
    if not shutil.which("redis-server"):
        missing("redis-server is not installed")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: listens(port), 10, "redis-server")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


@contextlib.contextmanager
def postgres_database():
    """A PostgreSQL database of the test's own, thrown away at the end; yields its address."""
    psycopg = pytest.importorskip("psycopg")
    server = os.environ.get("NEWSROOM_TEST_POSTGRES", SERVER)
    name = f"newsroom_{uuid.uuid4().hex[:12]}"
    try:
        connection = psycopg.connect(
            server.replace("postgres://", "postgresql://"), autocommit=True, connect_timeout=30
        )
    except psycopg.OperationalError as error:
        missing(f"no PostgreSQL answers at {server} ({str(error).splitlines()[0]})")
    with connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield server.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with psycopg.connect(server.replace("postgres://", "postgresql://"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


_models: dict[str, str] = {}  # of databases as the migrations leave them


def _server(statement: str) -> list[tuple]:
    psycopg = pytest.importorskip("psycopg")
    server = os.environ.get("NEWSROOM_TEST_POSTGRES", SERVER)
    with psycopg.connect(server.replace("postgres://", "postgresql://"), autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchall() if found.description else []


def _made_before(address: str) -> bool:
    """Whether an empty PostgreSQL database has been made anew from the model."""
    psycopg = pytest.importorskip("psycopg")
    name, model = address.rpartition("/")[2], _models.get("postgres")
    if model is None or not _is_on_server(address):
        return False
    with psycopg.connect(address.replace("postgres://", "postgresql://")) as connection:
        if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone():
            return False
    _server(f"DROP DATABASE {name}")
    _server(f"CREATE DATABASE {name} TEMPLATE {model}")
    return True


def _is_on_server(address: str) -> bool:
    """Whether it is a database of the server that all tests share, and not of one that is there to be killed."""
    return address.rpartition("/")[0] == os.environ.get("NEWSROOM_TEST_POSTGRES", SERVER).rpartition("/")[0]


def _keep_as_model(address: str) -> None:
    if "postgres" not in _models and _is_on_server(address):
        model = _models["postgres"] = f"newsroom_model_{uuid.uuid4().hex[:12]}"
        _server(f"CREATE DATABASE {model} TEMPLATE {address.rpartition('/')[2]}")
        atexit.register(_server, f"DROP DATABASE IF EXISTS {model} WITH (FORCE)")


def _made_before_as_file(folder: Path) -> bool:
    """Whether a folder without a database has been given a copy of the model."""
    if "sqlite" not in _models or (folder / SQLITE).exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(_models["sqlite"], folder / SQLITE)
    return True


def _keep_file(folder: Path) -> None:
    if "sqlite" not in _models:
        place = tempfile.mkdtemp(prefix="newsroom-model-")
        atexit.register(shutil.rmtree, place, ignore_errors=True)
        _models["sqlite"] = shutil.copy(folder / SQLITE, place)


class Installation:
    """One installation of the program: a data folder, a database, and commands in processes of their own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(OURS)},
            "NEWSROOM_SECRET_KEY": "only-for-tests",
            "NEWSROOM_DATA_DIR": str(folder),
            "NEWSROOM_FETCH_IMAGES": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        }
        for name in ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL"):
            if name not in environment:
                self.environment.pop(name, None)
        self.set_up()

    def set_up(self) -> None:
        """Give the database its tables. Migrations run once for all installations of this process; what they made is
        copied.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        address = self.environment.get("DATABASE_URL")
        made = _made_before(address) if address else _made_before_as_file(Path(self.environment["NEWSROOM_DATA_DIR"]))
        if not made:
            self.manage("migrate", "--verbosity", "0")
            _keep_as_model(address) if address else _keep_file(Path(self.environment["NEWSROOM_DATA_DIR"]))

    def command(self, *args: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *map(str, args)]

    def manage(self, *args: str, code: int = 0) -> str:
        """Run a management command to its end; returns its standard output."""
        done = subprocess.run(
            self.command(*args),
            check=False,
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300 * PATIENCE,
        )
        assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def start(self, *args: str) -> subprocess.Popen:
        """Start a management command in a process group of its own."""
        log = open(self.folder / "log.txt", "ab")  # noqa: SIM115 - the process keeps it
        return subprocess.Popen(
            self.command(*args), env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )

    @contextlib.contextmanager
    def worker(self, *options: str, name: str = "worker"):
        """A Celery worker, which writes to a log of its name; yields its process."""
        log = open(self.folder / f"{name}.log", "ab")  # noqa: SIM115 - the process keeps it
        command = [sys.executable, "-m", "celery", "-A", "newsroom", "worker", "--hostname", f"{name}@%h"]
        command += options or ["--concurrency", "2"]
        process = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait(timeout=30 * PATIENCE)

    def log(self) -> str:
        texts = [(self.folder / name) for name in ("log.txt", "worker.log")]
        return "\n".join(text.read_text(errors="replace")[-4000:] for text in texts if text.exists())
