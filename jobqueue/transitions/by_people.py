"""What people do to jobs: retry, run now, cancel, delete."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from jobqueue.exceptions import InvalidOptionError
from jobqueue.settling import settle, settle_after_commit
from jobqueue.transitions.moved import Moved
from jobqueue.wakeup import notify_control, wake_after_commit

_LONGEST_DELAY = timedelta(days=36_525)

# Rows are changed by an array of their ids: where PostgreSQL believes the table empty, because it looked at it when it
# was, it would compare each job with each other in a join.
#
# When a row was changed after the statement began, PostgreSQL tests the check constraints on the old row with our
# changes before it turns to the new one. So each SET below makes a possible row of any row.

# A fresh budget for what had ended; a job that waits for its retry keeps the attempts it has used. What succeeded
# starts from its beginning, what failed goes on from its checkpoint.
_RETRY = """
WITH asked AS MATERIALIZED (
    SELECT id, status, unique_key, unique_states, blockers FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[])
    ORDER BY id FOR UPDATE
), judged AS (
    SELECT asked.id, CASE
        WHEN asked.status IN ('pending', 'running') THEN asked.status
        WHEN asked.blockers > 0 AND asked.status NOT IN ('pending', 'retrying') AND EXISTS (
            SELECT 1 FROM jobqueue_dependency AS edge JOIN jobqueue_job AS parent ON parent.id = edge.parent_id
            WHERE edge.job_id = asked.id AND NOT edge.is_met AND edge.on_failure = 'cancel'
              AND parent.status IN ('failed', 'dead', 'cancelled') AND parent.id <> ALL (%(ids)s::uuid[])
        ) THEN 'a job that it depends on did not succeed'
        WHEN 'pending' = ANY (asked.unique_states) AND (
            EXISTS (SELECT 1 FROM jobqueue_job AS other
                    WHERE other.unique_key = asked.unique_key AND other.id <> asked.id
                      AND other.unique_key IS NOT NULL AND other.status = ANY (other.unique_states))
            OR row_number() OVER (PARTITION BY asked.unique_key
                                  ORDER BY (asked.status = ANY (asked.unique_states)) DESC, asked.id DESC) > 1
        ) THEN 'its unique key is taken'
        END AS refusal
    FROM asked
), moved AS (
    UPDATE jobqueue_job AS job
    SET status = 'pending', run_at = statement_timestamp() + %(delay)s::interval,
        finished_at = NULL, worker_id = NULL, result = NULL, postponed = 0,
        attempts = CASE WHEN job.status = 'retrying' THEN job.attempts ELSE 0 END,
        checkpoint = CASE WHEN job.status = 'succeeded' THEN NULL ELSE job.checkpoint END,
        progress_done = NULL, progress_total = NULL, progress_message = '', deadline = NULL,
        cancel_requested_at = NULL, cancel_requested_by_id = NULL, cancel_reason = ''
    WHERE job.id = ANY (ARRAY(SELECT judged.id FROM judged WHERE judged.refusal IS NULL))
    RETURNING job.id
)
SELECT judged.id, judged.refusal FROM judged
"""

_RUN_NOW = """
WITH asked AS MATERIALIZED (
    SELECT id, CASE WHEN status NOT IN ('pending', 'retrying') THEN status
                    WHEN blockers > (parked <> '')::integer THEN 'waiting for other jobs' END AS refusal
    FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR UPDATE
), moved AS (
    UPDATE jobqueue_job AS job
    SET status = 'pending', run_at = statement_timestamp(), finished_at = NULL, worker_id = NULL
    WHERE job.id = ANY (ARRAY(SELECT asked.id FROM asked WHERE asked.refusal IS NULL))
)
SELECT id, refusal FROM asked
"""

_CANCEL = """
WITH asked AS MATERIALIZED (
    SELECT id, status FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR UPDATE
), moved AS (
    UPDATE jobqueue_job AS job
    SET status = CASE WHEN job.status = 'running' THEN 'running' ELSE 'cancelled' END,
        finished_at = CASE WHEN job.status = 'running' THEN NULL ELSE statement_timestamp() END,
        blockers = job.blockers - (job.parked <> '')::integer, parked = '',
        cancel_requested_at = coalesce(job.cancel_requested_at, statement_timestamp()),
        cancel_requested_by_id = CASE WHEN job.cancel_requested_at IS NULL THEN %(by)s
                                      ELSE job.cancel_requested_by_id END,
        cancel_reason = CASE WHEN job.cancel_requested_at IS NULL THEN %(reason)s ELSE job.cancel_reason END
    WHERE job.id = ANY (ARRAY(SELECT asked.id FROM asked WHERE asked.status IN ('pending', 'retrying', 'running')))
)
SELECT id, CASE WHEN status NOT IN ('pending', 'retrying') THEN status END FROM asked
"""

_DELETE = """
WITH asked AS MATERIALIZED (
    SELECT id, status FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR UPDATE
), moved AS (
    DELETE FROM jobqueue_job AS job
    WHERE job.id = ANY (ARRAY(SELECT asked.id FROM asked WHERE asked.status NOT IN ('running', 'retrying')))
)
SELECT id, CASE WHEN status IN ('running', 'retrying') THEN status END FROM asked
"""


def retry(ids: Iterable[UUID], *, delay: timedelta | None = None) -> Moved:
    """Make finished jobs pending again with a fresh attempt budget, and retrying ones due now.

    The history of attempts stays. A running job is refused: it would run twice.

    Args:
        delay: due only after this time.

    Raises:
        InvalidOptionError: the delay is negative, or longer than a hundred years.
    """
    wanted, wait = list(ids), _checked_delay(delay)
    try:
        with transaction.atomic():
            return _move(_RETRY, wanted, wake=True, delay=wait)
    except IntegrityError:
        # Somebody enqueued the same unique key between our look and our update: now the look sees it.
        with transaction.atomic():
            return _move(_RETRY, wanted, wake=True, delay=wait)


def run_now(ids: Iterable[UUID]) -> Moved:
    """Make waiting jobs due now."""
    with transaction.atomic():
        return _move(_RUN_NOW, list(ids), wake=True)


def cancel(ids: Iterable[UUID], *, by: int | None = None, reason: str = "") -> Moved:
    """Cancel waiting jobs and ask running ones to stop; a job that has ended is left alone.

    Args:
        by: the id of the user who asks.
    """
    with transaction.atomic():
        moved = _move(_CANCEL, list(ids), by=by, reason=reason)
        requested = [id_ for id_, why in moved.skipped.items() if why == "running"]
        if requested:
            notify_control()
        skipped = {id_: why for id_, why in moved.skipped.items() if why != "running"}
        settle(moved.done)
        settle_after_commit(moved.done)
    return Moved(done=moved.done, requested=requested, skipped=skipped)


def delete(ids: Iterable[UUID]) -> Moved:
    """Delete jobs with their attempts and logs; running and retrying ones must be cancelled first."""
    with transaction.atomic():
        moved = _move(_DELETE, list(ids))
        settle_after_commit(moved.done)
    return moved


def _checked_delay(delay: timedelta | None) -> timedelta:
    if delay is None:
        return timedelta()
    if not timedelta() <= delay <= _LONGEST_DELAY:
        raise InvalidOptionError(f"delay is {delay}: expected a time from nothing to a hundred years.")
    return delay


def _move(sql: str, ids: list[UUID], *, wake: bool = False, **params: Any) -> Moved:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": ids, **params})
        found: dict[UUID, str | None] = dict(cursor.fetchall())
    done = [id_ for id_, refusal in found.items() if refusal is None]
    skipped = {id_: refusal for id_, refusal in found.items() if refusal is not None}
    skipped |= {id_: "unknown job" for id_ in ids if id_ not in found}
    if wake and done:
        wake_after_commit()
    return Moved(done=done, skipped=skipped)
