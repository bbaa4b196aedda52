"""Numbers for Prometheus at /metrics: what requests cost, and how the newsroom stands.

Only for who has NEWSROOM_METRICS_TOKEN; without that setting the address is nowhere, and nothing is counted. Under
gunicorn the counters of its processes are summed: each has a number of its own (gunicorn.conf.py), and who takes the
place of another goes on with its file, so that there are never more files than processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from articles import health

PLACE = os.environ.get("NEWSROOM_METRICS_PLACE")  # of this process among its fellows
if PLACE:
    values.ValueClass = values.MultiProcessValue(lambda: PLACE)
OWN = CollectorRegistry()
REQUESTS = Counter(
    "newsroom_requests", "Requests by route, method and status.", ["route", "method", "code"], registry=OWN
)
SECONDS = Histogram(
    "newsroom_request_seconds",
    "Seconds until a response begins, by route.",
    ["route"],
    registry=OWN,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
METHODS = frozenset({"GET", "HEAD", "POST"})


def count(route: str, method: str, code: int, seconds: float) -> None:
    """Count a request that was answered."""
    if settings.METRICS_TOKEN:
        REQUESTS.labels(route, method if method in METHODS else "other", code).inc()
        SECONDS.labels(route).observe(seconds)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All numbers; 404 where they are switched off or the bearer's token is another. Sixteen queries."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    requests = CollectorRegistry()
    if PLACE:
        MultiProcessCollector(requests)
    standing = CollectorRegistry()
    standing.register(Standing())
    content = generate_latest(requests if PLACE else OWN) + generate_latest(standing)
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


class Standing:
    """Looks the newsroom's state up when it is asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What `health` knows, in Prometheus' words; moments are seconds since 1970. No more than that it is not ready
        when the database is away.
        """
        wanting = health.wanting()
        yield _of("newsroom_ready", "1 when /readyz is content.", not wanting)
        if health.DATABASE_AWAY in wanting:  # the rest stands in it
            return
        yield _by("newsroom_articles", "Articles by state.", "state", health.articles_by_state())
        yield _by("newsroom_pictures", "Pictures by state.", "state", health.pictures_by_state())
        yield _by("newsroom_imports", "Imports that are not over, by state.", "state", health.imports_by_state())
        yield _of("newsroom_import_files_waiting", "Files that workers have not finished.", health.files_waiting())
        disk = health.disk()
        yield _of("newsroom_disk_free_bytes", "Bytes left for the data folder.", disk.free)
        yield _of("newsroom_disk_bytes", "Bytes of the disk under the data folder.", disk.total)
        backup, run = health.latest_backup(), health.latest_import()
        if backup:
            yield _of("newsroom_last_backup_timestamp_seconds", "When the latest backup was made.", backup.timestamp())
        if run:
            moment = (run.finished_at or run.heartbeat_at).timestamp()
            yield _of("newsroom_last_import_timestamp_seconds", "When the latest import ended, or lived.", moment)
        if settings.HAS_BROKER:
            yield from _of_workers()


def _of_workers() -> Iterator[GaugeMetricFamily]:
    try:
        yield _of("newsroom_queue_messages", "Messages that no worker has taken.", health.messages_waiting())
    except health.BROKER_FAULTS:
        yield _of("newsroom_broker_away", "1 when the broker does not answer.", 1)
    beat = health.pulse()
    if beat.felt_at:
        moment = beat.felt_at.timestamp()
        yield _of("newsroom_pulse_timestamp_seconds", "When a worker last took beat's message.", moment)
        yield _of("newsroom_queue_wait_seconds", "How long that message lay in the queue.", beat.waited)


def _of(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=float(value))


def _by(name: str, about: str, label: str, numbers: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, number in numbers.items():
        family.add_metric([value], number)
    return family
