"""How many requests a second the application server answers, beside a bare Django view that returns the same bytes.

    python bench/load.py                       100,000 articles on SQLite
    python bench/load.py 1000 --keep FOLDER    other numbers; the archive is kept there (bench/pages.py shares it)
    python bench/load.py --postgres            in a database of its own on the PostgreSQL of the tests

gunicorn runs with the project's own configuration, wrk asks over sixteen connections for some seconds, first ours, then
the bare one (no middleware, no database, bytes in memory, the same processes and threads), in turns. Printed are the
medians of the rounds: requests a second, the time that 99 of 100 requests were answered in, and the ratio of ours to
the bare one. Ours keeps whole answers (NEWSROOM_KEPT_PAGES); with --anew it makes each page for each request, which
says what a page costs that nobody has asked for since the last edit. All three (two servers and wrk) share the machine,
so only the ratios say something.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pages  # noqa: E402 - beside this file

from tests.services import free_port, postgres_database, wait_for  # noqa: E402

CONNECTIONS, ROUNDS = 16, 3
PROCESSES, THREADS = 2, 4  # of gunicorn
UNITS = {"us": 0.001, "ms": 1, "s": 1000}
PAGES = ("front page", "article", "source", "common topic", "month", "search, common word", "search, rare word", "Atom")


def bare() -> object:
    """A Django of one view, for gunicorn: the answers that were written down, from memory."""
    from django.conf import settings  # noqa: PLC0415
    from django.core.handlers.wsgi import WSGIHandler  # noqa: PLC0415
    from django.http import HttpResponse  # noqa: PLC0415
    from django.urls import re_path  # noqa: PLC0415

    kept = json.loads(Path(os.environ["BENCH_ANSWERS"]).read_text("utf-8"))
    bodies = {address: body.encode("utf-8") for address, body in kept.items()}

    def view(request):
        if request.headers.get("If-None-Match"):
            return HttpResponse(status=304)
        return HttpResponse(bodies[request.get_full_path()], content_type="text/html; charset=utf-8")

    urls = type(sys)("bench_urls")
    urls.urlpatterns = [re_path("", view)]
    sys.modules["bench_urls"] = urls
    settings.configure(ROOT_URLCONF="bench_urls", ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[], SECRET_KEY="bench")
    import django  # noqa: PLC0415

    django.setup()
    return WSGIHandler()


@contextlib.contextmanager
def serving(application: str, environment: dict, configuration: list[str]):
    """Gunicorn with this application; yields its port."""
    port = free_port()
    environment = {**environment, "PORT": str(port), "WEB_CONCURRENCY": str(PROCESSES), "WEB_THREADS": str(THREADS)}
    command = [sys.executable, "-m", "gunicorn", application, *configuration, "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: answers(port), 60, application)
            yield port
        finally:
            process.terminate()


def answers(port: int) -> bool:
    """Whether something speaks HTTP there."""
    with contextlib.suppress(OSError):
        ask(port, "/healthz")
        return True
    return False


def ask(port: int, address: str, held: str = "") -> tuple[int, str, str]:
    """One visit: status, body and ETag."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", address, headers={"If-None-Match": held} if held else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace"), answer.getheader("ETag", "")


def load(port: int, address: str, seconds: int, held: str = "") -> tuple[float, float]:
    """Requests a second, and milliseconds of the ninety-ninth of a hundred."""
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
    command += ["-H", f"If-None-Match: {held}"] if held else []
    told = subprocess.run([*command, f"http://127.0.0.1:{port}{address}"], capture_output=True, text=True, check=True)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", told.stdout)
    if wrong:
        sys.exit(f"{address}: {wrong[0]}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", told.stdout).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told.stdout)[1]), float(number) * UNITS[unit]


def compare(ours: int, theirs: int, address: str, seconds: int, held: str = "") -> list[float]:
    """Medians of both, in turns: requests a second and milliseconds of ours, then of the bare one."""
    rounds = [[*load(ours, address, seconds, held), *load(theirs, address, seconds, held)] for _ in range(ROUNDS)]
    return [statistics.median(values) for values in zip(*rounds, strict=True)]


def fill(number: int, environment: dict) -> None:
    """Make the archive, unless it is there."""
    with subprocess.Popen(
        [sys.executable, str(ROOT / "bench/pages.py"), "--serve", str(number)],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as filling:  # fmt: skip
        filling.stdout.readline()
        filling.stdin.close()


def main(given: argparse.Namespace, folder: Path) -> None:
    """Measure and print."""
    environment = {
        **os.environ,
        "NEWSROOM_DATA_DIR": str(folder),
        "NEWSROOM_SECRET_KEY": "bench",
        "NEWSROOM_DEBUG": "false",
        "NEWSROOM_LOG_LEVEL": given.log,
        "NEWSROOM_KEPT_PAGES": "0" if given.anew else "300",
    }
    with contextlib.ExitStack() as stack:
        if given.postgres:
            environment["DATABASE_URL"] = stack.enter_context(postgres_database())
        fill(given.number, environment)
        if given.fill_only:
            return
        ours = stack.enter_context(serving("newsroom.wsgi", environment, ["--config", "gunicorn.conf.py"]))
        wanted = {name: address for name, address in pages.addresses(given.number).items() if name in PAGES}
        wanted["article"] = re.search(r'href="(/a/\d+/[^"]+)"', ask(ours, "/")[1])[1]
        wanted = {name: address for name, address in wanted.items() if given.only in name}
        kept, etag = {}, ""
        for name, address in wanted.items():
            status, body, tag = ask(ours, address)
            if status != 200:
                sys.exit(f"{name}: {address} answers {status}")
            kept[address], etag = body, etag or tag
        book = folder / "answers.json"
        book.write_text(json.dumps(kept), "utf-8")
        plain = {**environment, "BENCH_ANSWERS": str(book), "PYTHONPATH": str(ROOT / "bench")}
        how = [
            "--worker-class",
            "gthread",
            "--workers",
            str(PROCESSES),
            "--threads",
            str(THREADS),
            "--keep-alive",
            "15",
        ]
        theirs = stack.enter_context(serving("load:bare()", plain, how))
        print("| page | bytes | requests/s | p99 ms | bare, requests/s | p99 ms | ratio |")
        print("|---|--:|--:|--:|--:|--:|--:|", flush=True)
        rows = [(name, address, "") for name, address in wanted.items()]
        first = next(iter(wanted.values()))
        for name, address, held in [*rows, ("304 of the first", first, etag)]:
            load(ours, address, 1, held)  # what is kept in memory is kept by each process
            one, slow, other, quick = compare(ours, theirs, address, given.seconds, held)
            size = 0 if held else len(kept[address].encode())
            print(
                f"| {name} | {size:,} | {one:,.0f} | {slow:.1f} | {other:,.0f} | {quick:.1f} | {one / other:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", nargs="?", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--seconds", type=int, default=4, help="of each round")
    parser.add_argument("--only", default="", help="kinds of page with this in their name")
    parser.add_argument("--log", default="info", help="NEWSROOM_LOG_LEVEL: a line a request by default, as operated")
    parser.add_argument("--anew", action="store_true", help="keep no answers")
    parser.add_argument("--fill-only", action="store_true", help="make the archive, and measure another time")
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as thrown_away:
        main(given, (given.keep or Path(thrown_away)) / str(given.number))
