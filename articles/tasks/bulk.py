"""Tasks of editors on many articles at once."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.utils import timezone

from articles.curation import bulk
from articles.models import BulkJob
from articles.tasks.offering import LONGEST_TASK, named_task, offer

BULK_AT_ONCE = 500  # articles of a bulk job that are not worth a worker
BULK_SECONDS = 2  # of a request
BULK_TASK_SECONDS = 300
BULK_SILENCE = datetime.timedelta(minutes=5)


def go_on_with_bulk_job(job: BulkJob) -> bool:
    """Hand a large job to a worker; a small one, or any where there is no worker, gets two seconds here and now.

    What is left then is done by the job's page, which asks again. False when no worker could be asked: the job's page
    and the clock go on with it all the same.
    """
    is_large = settings.HAS_BROKER and job.total > BULK_AT_ONCE
    if not is_large and not (bulk.advance(job.pk, BULK_SECONDS).is_active and settings.HAS_BROKER):
        return True
    if offer(bulk_job, job.pk):
        return True
    if is_large:
        bulk.advance(job.pk, BULK_SECONDS)
    return False


@named_task(time_limit=LONGEST_TASK)
def bulk_job(job_id: int) -> None:
    """Take a bulk job on, for five minutes at a time, so that others have their turn."""
    if bulk.advance(job_id, BULK_TASK_SECONDS).is_active:
        bulk_job.delay(job_id)


@named_task()
def go_on_with_silent_bulk_jobs() -> int:
    """Hand out bulk jobs whose worker has died; run by the clock. Returns their number."""
    silent = BulkJob.objects.filter(state__in=BulkJob.ACTIVE, heartbeat_at__lt=timezone.now() - BULK_SILENCE)
    numbers = list(silent.values_list("pk", flat=True)) if settings.HAS_BROKER else []
    for number in numbers:
        bulk_job.delay(number)
    return len(numbers)
