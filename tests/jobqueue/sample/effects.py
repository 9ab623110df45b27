"""Handlers that apply an effect through the ledger, and die or fail after it."""

import os
import signal
from uuid import UUID

from django.db import connection

from jobqueue.registry import JobContext, Payload, fixed, job_handler


class Shared(Payload, frozen=True):
    key: str = ""


def count(id_: UUID) -> None:
    """Add one to the job's counter in a table of the test's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO counters (job_id, times) VALUES (%s, 1) "
            "ON CONFLICT (job_id) DO UPDATE SET times = counters.times + 1",
            [id_],
        )


@job_handler("count_once_and_die", max_attempts=3, backoff=fixed(0.01, jitter=0))
def count_once_and_die(job: JobContext, payload: Shared) -> bool:
    """On its first attempt it dies after the effect is committed and before anybody hears of it."""
    with job.effect(payload.key or str(job.id)) as is_first:
        if is_first:
            count(job.id)
    if job.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return is_first


@job_handler("die_inside_effect", max_attempts=3, backoff=fixed(0.01, jitter=0))
def die_inside_effect(job: JobContext) -> bool:
    """On its first attempt it dies before the effect is committed."""
    with job.effect(str(job.id)) as is_first:
        if is_first:
            count(job.id)
        if job.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    return is_first
