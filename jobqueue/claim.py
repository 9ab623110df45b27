"""Claiming: one statement that takes up to n due jobs for a worker, skipping what others hold."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from jobqueue.states import Priority

_LEVELS = "{" + ",".join(str(level) for level in sorted(Priority.values, reverse=True)) + "}"

# One index scan per priority level, each exactly the due part of the index `job_due` in its order: no sort, no
# walk over jobs of the future, no look at history. The levels come highest first and the outer LIMIT stops the
# loop, so lower levels are not even visited while higher ones fill the batch.
# The ids go through an array so that the update is n look-ups by primary key, whatever the planner's statistics.
_CLAIM = f"""
WITH due AS MATERIALIZED (
    SELECT picked.id
    FROM unnest('{_LEVELS}'::smallint[]) AS level (priority)
    CROSS JOIN LATERAL (
        SELECT job.id
        FROM jobqueue_job AS job
        WHERE job.status IN ('pending', 'retrying')
          AND job.blockers = 0
          AND job.priority = level.priority
          AND job.run_at <= statement_timestamp()
          AND (%(queues)s::text[] IS NULL OR job.queue = ANY (%(queues)s::text[]))
          AND job.queue NOT IN (
              SELECT name FROM jobqueue_pause
              WHERE scope = 'queue' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
          AND job.task_type NOT IN (
              SELECT name FROM jobqueue_pause
              WHERE scope = 'task_type' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
        ORDER BY job.run_at, job.id
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ) AS picked
    WHERE NOT EXISTS (
        SELECT 1 FROM jobqueue_pause
        WHERE scope = 'everything' AND (ends_at IS NULL OR ends_at > statement_timestamp()))
    LIMIT %(limit)s
)
UPDATE jobqueue_job AS job
SET status = 'running', claim = job.claim + 1, worker_id = %(worker)s, started_at = NULL,
    progress_done = NULL, progress_total = NULL, progress_message = ''
WHERE job.id = ANY (ARRAY(SELECT due.id FROM due))
RETURNING job.id::text, job.claim, job.task_type, job.payload::text, job.attempts + 1, job.max_attempts,
    extract(epoch FROM job.timeout)::float8, extract(epoch FROM job.deadline)::float8,
    extract(epoch FROM job.occurrence)::float8, job.checkpoint::text, job.priority, job.run_at
"""  # noqa: S608  constants only

# One probe of the same index per level. What is due already was claimed or is held back by something.
_NEXT_DUE = f"""
SELECT extract(epoch FROM min(soonest.run_at) - statement_timestamp())::float8
FROM unnest('{_LEVELS}'::smallint[]) AS level (priority)
CROSS JOIN LATERAL (
    SELECT job.run_at FROM jobqueue_job AS job
    WHERE job.status IN ('pending', 'retrying') AND job.blockers = 0 AND job.priority = level.priority
      AND job.run_at > statement_timestamp()
      AND (%(queues)s::text[] IS NULL OR job.queue = ANY (%(queues)s::text[]))
    ORDER BY job.run_at LIMIT 1
) AS soonest
"""  # noqa: S608  constants only


class ClaimedJob(NamedTuple):
    """What the executor needs of a claimed job. Times are seconds since 1970, JSON is text."""

    id: str
    claim: int
    task_type: str
    payload: str
    number: int
    """The attempt that this claim begins, 1 for the first."""
    max_attempts: int
    timeout: float | None
    deadline: float | None
    occurrence: float | None
    checkpoint: str | None


def claim(worker: UUID, limit: int, queues: Sequence[str] = ()) -> list[ClaimedJob]:
    """Take up to `limit` due jobs for the worker; they are `running` when this returns.

    Args:
        queues: take jobs of these queues only; empty for all.

    Returns:
        The jobs in the order in which they should run.
    """
    with _in_index_order() as cursor:
        cursor.execute(_CLAIM, {"worker": worker, "limit": limit, "queues": list(queues) if queues else None})
        rows = cursor.fetchall()
    # RETURNING keeps no order.
    rows.sort(key=lambda row: (-row[10], row[11], row[0]))
    return [ClaimedJob._make(row[:10]) for row in rows]


def seconds_until_due(queues: Sequence[str] = ()) -> float | None:
    """How long until the next job of the future is due, or None if none waits."""
    with _in_index_order() as cursor:
        cursor.execute(_NEXT_DUE, {"queues": list(queues) if queues else None})
        row = cursor.fetchone()
    return None if row is None else row[0]


@contextmanager
def _in_index_order() -> Iterator[CursorWrapper]:
    # Statistics of a queue are stale by nature: they may say that nothing waits while a million jobs do, and then
    # the planner would read and sort them all rather than walk the index. It must not have that choice.
    is_inner = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        yield cursor
        if is_inner:
            cursor.execute("SET LOCAL enable_sort TO DEFAULT")  # the caller's transaction goes on
