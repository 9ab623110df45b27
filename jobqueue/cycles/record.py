"""The row of a cycle: begun, kept up to date, and ended exactly once, by whoever comes first."""

import os
import socket
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from jobqueue.cycles.result import jobs_ended
from jobqueue.cycles.tally import Numbers
from jobqueue.models import WorkerCycle
from jobqueue.models.worker_cycle import STATUS_CODES, CycleStatus

_MOST_STARTING = 300.0
"""Seconds; a process that was to run a cycle and has not begun by then will not come any more."""

# Its jobs are rescued by whoever found the worker dead.
_ABANDONED = """
UPDATE jobqueue_workercycle AS cycle
SET finished_at = statement_timestamp(), status = 'failed', status_code = 500,
    message = CASE WHEN cycle.worker_id IS NULL THEN 'It did not begin: its process is gone.'
                   ELSE 'Its process is gone. The job that it was running is repeated.' END
WHERE cycle.finished_at IS NULL AND CASE
    WHEN cycle.worker_id IS NULL THEN cycle.started_at < statement_timestamp() - make_interval(secs => %s)
    ELSE NOT EXISTS (SELECT FROM jobqueue_worker AS worker WHERE worker.id = cycle.worker_id
                     AND worker.lost_at IS NULL AND (
                         worker.stopped_at IS NULL
                         OR worker.stopped_at > statement_timestamp() - make_interval(secs => %s)))
    END
"""
_UNTOLD = 60.0
"""Seconds; a worker that has stopped in good order tells of its cycle next."""


def adopt(cycle: UUID) -> bool:
    """Say that this process runs the cycle; returns False if it has ended before it began."""
    here = {"host": socket.gethostname(), "pid": os.getpid()}
    return bool(WorkerCycle.objects.filter(pk=cycle, finished_at=None, pid=None).update(**here))


def update(cycle: UUID, worker: UUID, numbers: Numbers) -> None:
    """Store what it has done so far."""
    WorkerCycle.objects.filter(pk=cycle, finished_at=None).update(worker=worker, **asdict(numbers))


def end(cycle: UUID, status: CycleStatus, message: str = "", numbers: Numbers | None = None) -> bool:
    """End it, unless somebody has ended it already; returns whether it was us.

    Args:
        message: why; without it the numbers in words.
    """
    fields = asdict(numbers) if numbers else {}
    said = message or f"{jobs_ended(WorkerCycle(**fields)).capitalize()}."
    return bool(
        WorkerCycle.objects.filter(pk=cycle, finished_at=None).update(
            finished_at=timezone.now(), status=status, status_code=STATUS_CODES[status], message=said, **fields
        )
    )


def end_abandoned() -> int:
    """End the cycles whose process is gone without a word; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_ABANDONED, [_MOST_STARTING, _UNTOLD])
        return int(cursor.rowcount)


def forget(before: timedelta) -> None:
    """Delete the rows of cycles that ended so long ago."""
    WorkerCycle.objects.filter(~Q(finished_at=None), started_at__lt=timezone.now() - before).delete()
