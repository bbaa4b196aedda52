"""How gunicorn serves: threads in a few processes, since pages wait for the database more than they calculate."""

import itertools
import os
import pathlib
import shutil
import tempfile

from newsroom import environment, logs

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))  # with the database's pool of eight, each has a connection
timeout = 60  # seconds until a process that does not answer is replaced
graceful_timeout = 30  # seconds that requests in hand have when it is told to stop
keepalive = 15  # longer than the pauses of a proxy in front
max_requests, max_requests_jitter = 100_000, 10_000  # a start takes a second: not every few seconds when many ask
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - a heartbeat must not wait for a disk
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
logconfig_dict = logs.configuration(environment.flag("NEWSROOM_DEBUG", False))


def on_starting(server):
    """Make room for the counters of /metrics, which processes share by files."""
    if environment.secret("NEWSROOM_METRICS_TOKEN"):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="newsroom-metrics-", dir=worker_tmp_dir)


def on_exit(server):
    """Throw the counters away."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(pathlib.Path(folder), ignore_errors=True)


def pre_fork(server, worker):
    """Give the process the least place that none has: whoever follows it there goes on with its counters."""
    taken = {getattr(fellow, "place", None) for fellow in server.WORKERS.values()}
    worker.place = next(number for number in itertools.count() if number not in taken)


def post_fork(server, worker):
    """Tell the process its place, before it loads the program."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        os.environ["NEWSROOM_METRICS_PLACE"] = str(worker.place)
