"""What the clock does to jobs."""

from uuid import UUID

from django.db import connection, transaction

from jobqueue.settling import settle, settle_after_commit

# The deadline is for the first start; a job that has begun may retry beyond it.
_EXPIRE = """
UPDATE jobqueue_job AS job
SET status = 'cancelled', finished_at = statement_timestamp(), worker_id = NULL,
    blockers = job.blockers - (job.parked <> '')::integer, parked = '',
    error_code = 'EXPIRED', error_message = 'It was not started by its deadline.'
WHERE job.status = 'pending' AND job.id = ANY (ARRAY(
    SELECT late.id FROM jobqueue_job AS late
    WHERE late.status = 'pending' AND late.attempts = 0 AND late.deadline IS NOT NULL
      AND late.deadline < statement_timestamp()
    ORDER BY late.deadline LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
RETURNING job.id
"""


def expire(limit: int = 1_000) -> list[UUID]:
    """Cancel jobs that were not started by their deadline, whatever they waited for; returns their ids."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"limit": limit})
        expired = [row[0] for row in cursor.fetchall()]
        settle(expired)
        settle_after_commit(expired)
    return expired
