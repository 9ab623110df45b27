"""Forgetting what jobs were before operations that are too old to be undone."""

from django.db import connection
from django.utils import timezone

from jobqueue.bulk.stop import settle_all
from jobqueue.bulk.undo import UNDOABLE_FOR

_DELETE_BATCH = """
WITH old AS (
    SELECT change.operation_id, change.job_id
    FROM jobqueue_bulkchange AS change JOIN jobqueue_bulkoperation AS operation ON operation.id = change.operation_id
    WHERE operation.finished_at < %(cut)s AND operation.state NOT IN ('running', 'undoing')
    LIMIT %(limit)s
)
DELETE FROM jobqueue_bulkchange AS change USING old
WHERE change.operation_id = old.operation_id AND change.job_id = old.job_id
"""


def clean_up(batch: int = 10_000) -> int:
    """Delete what it would take to undo operations that ended more than a day ago; returns how many jobs' worth."""
    settle_all()
    total, cut = 0, timezone.now() - UNDOABLE_FOR
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DELETE_BATCH, {"cut": cut, "limit": batch})
            deleted = int(cursor.rowcount)
        total += deleted
        if deleted < batch:
            return total
