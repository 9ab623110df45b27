"""What workers do to the jobs they have claimed: start, finish, release."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

from jobqueue.settling import settle
from jobqueue.throughput.bounds import COLUMNS, COUNTED, ON_CONFLICT

# Two things keep every plan below at one look-up by primary key per job, whatever the planner's statistics say:
# the redundant `= ANY` over an array that the planner cannot count, and `worker_id IS NOT NULL` for "running" (a
# check constraint makes them one), because it would rather walk a whole partial index of the running jobs.
#
# What `throughput/` reads is counted here, because here alone is known what was recorded, and nothing can be counted
# twice or not at all. Each worker has rows of its own: none waits for another's commit.
#
# A cancel request wins over anything but success: a cancelled job never comes back by itself. A delay is a century
# at most: Python could not read a time after the year 9999.
_FINISH = f"""
WITH report AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(reports)s) AS report (
        id uuid, claim bigint, number smallint, started float8, finished float8, outcome text, status text,
        result json, code text, message text, traceback text, exception text, fingerprint text, delay float8)
), moved AS (
    UPDATE jobqueue_job AS job
    SET status = CASE WHEN job.cancel_requested_at IS NOT NULL AND report.status <> 'succeeded'
                      THEN 'cancelled' ELSE report.status END,
        finished_at = CASE WHEN job.cancel_requested_at IS NULL AND report.status IN ('pending', 'retrying')
                           THEN NULL ELSE to_timestamp(report.finished) END,
        worker_id = NULL, result = report.result, started_at = to_timestamp(report.started),
        attempts = report.number - (report.outcome IN ('postponed', 'returned'))::int,
        postponed = CASE report.outcome WHEN 'postponed' THEN least(job.postponed + 1, 32767)
                                        WHEN 'returned' THEN job.postponed ELSE 0 END,
        error_code = coalesce(report.code, ''), error_message = coalesce(report.message, ''),
        fingerprint = coalesce(report.fingerprint, ''),
        run_at = CASE WHEN report.delay IS NULL THEN job.run_at
                      ELSE statement_timestamp() + make_interval(secs => least(report.delay, 3155760000)) END
    FROM report
    WHERE job.id = report.id AND job.id = ANY (ARRAY(SELECT unnest(%(ids)s::uuid[])))
      AND job.claim = report.claim AND job.worker_id IS NOT NULL
    RETURNING job.id, job.task_type, job.concurrency_key, job.status, job.run_at
), recorded AS (
    INSERT INTO jobqueue_attempt (job_id, claim, number, worker_id, started_at, finished_at, outcome, error_code,
                                  error_class, error_message, traceback)
    SELECT report.id, report.claim, report.number, %(worker)s, to_timestamp(report.started),
           to_timestamp(report.finished), report.outcome, coalesce(report.code, ''), coalesce(report.exception, ''),
           coalesce(report.message, ''), coalesce(report.traceback, '')
    FROM report JOIN moved USING (id)
), grouped AS (
    INSERT INTO jobqueue_failure AS known (task_type, fingerprint, error_code, error_message, count,
                                           first_seen_at, last_seen_at, last_job_id)
    SELECT moved.task_type, report.fingerprint, (array_agg(coalesce(report.code, '')))[1],
           (array_agg(coalesce(report.message, '')))[1], count(*),
           to_timestamp(min(report.finished)), to_timestamp(max(report.finished)), (array_agg(report.id))[1]
    FROM report JOIN moved USING (id)
    WHERE report.fingerprint IS NOT NULL
    GROUP BY moved.task_type, report.fingerprint
    ORDER BY moved.task_type, report.fingerprint
    ON CONFLICT (task_type, fingerprint) DO UPDATE
    SET count = known.count + excluded.count, error_code = excluded.error_code,
        error_message = excluded.error_message, last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at),
        last_job_id = excluded.last_job_id
), counted AS (
    INSERT INTO jobqueue_throughput AS known ({COLUMNS})
    SELECT to_timestamp(60 * run.minute), run.task_type, run.outcome, run.status, %(slot)s, count(*),
           sum(run.took), max(run.took), count(run.wait), coalesce(sum(run.wait), 0), coalesce(max(run.wait), 0),
           ARRAY[{COUNTED}]
    FROM (
        SELECT floor(report.finished / 60) AS minute, moved.task_type, report.outcome, moved.status,
               greatest(report.finished - report.started, 0) AS took,
               CASE WHEN report.delay IS NULL
                    THEN greatest(report.started - date_part('epoch', moved.run_at), 0) END AS wait
        FROM report JOIN moved USING (id)
        WHERE report.outcome <> 'returned'
    ) AS run
    GROUP BY run.minute, run.task_type, run.outcome, run.status
    ORDER BY run.minute, run.task_type, run.outcome, run.status
    {ON_CONFLICT}
)
SELECT count(*), count(moved.concurrency_key) > 0 OR jobqueue_somebody_waits() FROM moved
"""  # noqa: S608  constants only

_SLOTS = 0xFFFF
"""Of the worker's random bits; those of SQL are above."""

_MARK_STARTED = """
UPDATE jobqueue_job AS job
SET started_at = to_timestamp(mark.started), attempts = mark.number
FROM json_to_recordset(%(marks)s) AS mark (id uuid, claim bigint, number smallint, started float8)
WHERE job.id = mark.id AND job.id = ANY (ARRAY(SELECT unnest(%(ids)s::uuid[])))
  AND job.claim = mark.claim AND job.worker_id IS NOT NULL
"""

_RELEASE = """
UPDATE jobqueue_job AS job
SET worker_id = NULL,
    status = CASE WHEN job.cancel_requested_at IS NOT NULL THEN 'cancelled'
                  WHEN job.attempts > 0 THEN 'retrying' ELSE 'pending' END,
    finished_at = CASE WHEN job.cancel_requested_at IS NOT NULL THEN statement_timestamp() END
FROM unnest(%(ids)s::uuid[], %(claims)s::bigint[]) AS held (id, claim)
WHERE job.id = held.id AND job.id = ANY (ARRAY(SELECT unnest(%(ids)s::uuid[])))
  AND job.claim = held.claim AND job.worker_id IS NOT NULL AND job.started_at IS NULL
RETURNING job.id, job.status = 'cancelled' OR job.concurrency_key IS NOT NULL
"""

_DROP = """
DELETE FROM jobqueue_job AS job
WHERE job.id = ANY (ARRAY(
    SELECT done.id FROM jobqueue_job AS done
    WHERE done.id = ANY (ARRAY(SELECT unnest(%(ids)s::uuid[]))) AND done.status = 'succeeded'
    ORDER BY done.id FOR UPDATE))
"""


def finish(worker: UUID, reports: Sequence[bytes], ids: Sequence[str]) -> int:
    """Record how executions ended: the jobs' next states, one attempt each, and what their end sets free.

    Args:
        worker: who ran them.
        reports: encoded `reports.Report`s.
        ids: the same jobs' ids.

    Returns:
        How many were recorded; the others' claims are no longer this worker's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _FINISH,
            {
                "worker": worker,
                "slot": worker.int & _SLOTS,
                "reports": (b"[" + b",".join(reports) + b"]").decode(),
                "ids": _array(ids),
            },
        )
        recorded, may_free = cursor.fetchone() or (0, False)
    if recorded and may_free:
        # In a statement of its own, which sees what the first wrote; should we die in between, upkeep does it.
        settle(ids)
    return int(recorded)


def drop(ids: Sequence[str]) -> None:
    """Delete those of the jobs that have succeeded: their task type keeps none."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP, {"ids": _array(ids)})


def mark_started(marks: bytes, ids: Sequence[str]) -> None:
    """Record that executions have begun, so that a rescue knows that their attempt is used.

    Args:
        marks: a JSON array of {id, claim, number, started}.
        ids: the same jobs' ids.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MARK_STARTED, {"marks": marks.decode(), "ids": _array(ids)})


def release(held: Sequence[tuple[str, int]]) -> int:
    """Hand back claimed jobs that were not started: no attempt is used.

    Args:
        held: pairs of job id and claim.

    Returns:
        How many went back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"ids": _array(id_ for id_, _ in held), "claims": [claim for _, claim in held]})
        rows = cursor.fetchall()
    settle([id_ for id_, may_free in rows if may_free])
    return len(rows)


def _array(ids: Iterable[str]) -> str:
    # The literal of a uuid array: ten times cheaper than adapting each element.
    return "{" + ",".join(ids) + "}"
