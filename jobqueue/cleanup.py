"""Deleting what is past its retention, in small batches that lock nothing for long."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jobqueue.conf import conf
from jobqueue.contexts import JobContext
from jobqueue.ids import first_id_at
from jobqueue.models import Worker
from jobqueue.states import Status

_BATCH = 1_000

# What finished before the cut was made before it, so the bound on the id (which begins with a time) keeps the walk
# over the index (status, id) to old jobs, and no index on `finished_at` is needed.
_DELETE_BATCH = """
DELETE FROM jobqueue_job WHERE id = ANY (ARRAY(
    SELECT id FROM jobqueue_job
    WHERE status = %(status)s AND id < %(bound)s AND finished_at < %(cut)s
    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
"""


def clean_up(job: JobContext) -> dict[str, int]:
    """Delete finished jobs past their retention with their history; returns the number deleted by status."""
    settings = conf()
    spans = {
        Status.SUCCEEDED: settings.RETENTION_SUCCEEDED,
        Status.CANCELLED: settings.RETENTION_SUCCEEDED,
        Status.FAILED: settings.RETENTION_FAILED,
        Status.DEAD: settings.RETENTION_FAILED,
    }
    deleted = {status.value: _delete(job, status, span) for status, span in spans.items()}
    # A row without an end may be of a worker whose loss nobody has noticed yet: its jobs are still to be rescued.
    ended = Worker.objects.exclude(stopped_at=None, lost_at=None)
    ended.filter(beat_at__lt=timezone.now() - settings.KEEP_WORKERS).delete()
    return deleted


def _delete(job: JobContext, status: Status, span: timedelta) -> int:
    total, cut = 0, timezone.now() - span
    bound = first_id_at(cut)
    while True:
        job.check_cancelled()
        with connection.cursor() as cursor:
            cursor.execute(_DELETE_BATCH, {"status": status.value, "bound": bound, "cut": cut, "limit": _BATCH})
            deleted = int(cursor.rowcount)
        total += deleted
        if deleted < _BATCH:
            return total
