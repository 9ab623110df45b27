"""The state machine: one verb per transition, each a guarded UPDATE over any number of jobs.

Nothing else writes `status`, but for the claim (`claim.py`) and the insert (`enqueuing.py`). The worker's verbs are
fenced by the claim: a worker that lost its job changes nothing. Losing a race is a return value, not an error.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from jobqueue.wakeup import notify_control, wake_after_commit


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What a verb did to the jobs it was asked for."""

    done: list[UUID] = field(default_factory=list)
    requested: list[UUID] = field(default_factory=list)
    """Running jobs that were asked to stop and will, within seconds."""
    skipped: dict[UUID, str] = field(default_factory=dict)
    """Why the others were left alone: their state, "unknown job", or "its unique key is taken"."""

    def summary(self, verb: str) -> str:
        """One line such as "5 retried, 2 skipped: running"."""
        parts = [f"{len(self.done)} {verb}"]
        if self.requested:
            parts.append(f"{len(self.requested)} asked to stop")
        if self.skipped:
            reasons = Counter(self.skipped.values()).most_common()
            listed = ", ".join(reason if len(reasons) == 1 else f"{n} {reason}" for reason, n in reasons)
            parts.append(f"{len(self.skipped)} skipped: {listed}")
        return ", ".join(parts)


# -- what people do ---------------------------------------------------------------------------------------------

# When a row was changed after the statement began, PostgreSQL tests the check constraints on the old row with our
# changes before it turns to the new one. So each SET below makes a possible row of any row.

# A fresh budget for what had ended; a job that waits for its retry keeps the attempts it has used. What succeeded
# starts from its beginning, what failed goes on from its checkpoint.
_RETRY = """
WITH asked AS MATERIALIZED (
    SELECT id, status, unique_key, unique_states FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[])
    ORDER BY id FOR UPDATE
), judged AS (
    SELECT asked.id, CASE
        WHEN asked.status IN ('pending', 'running') THEN asked.status
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
    SET status = 'pending', run_at = statement_timestamp(), finished_at = NULL, worker_id = NULL, result = NULL,
        attempts = CASE WHEN job.status = 'retrying' THEN job.attempts ELSE 0 END,
        checkpoint = CASE WHEN job.status = 'succeeded' THEN NULL ELSE job.checkpoint END,
        progress_done = NULL, progress_total = NULL, progress_message = '', deadline = NULL,
        cancel_requested_at = NULL, cancel_requested_by_id = NULL, cancel_reason = ''
    FROM judged
    WHERE job.id = judged.id AND judged.refusal IS NULL
    RETURNING job.id
)
SELECT judged.id, judged.refusal FROM judged
"""

_RUN_NOW = """
WITH asked AS MATERIALIZED (
    SELECT id, status FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR UPDATE
), moved AS (
    UPDATE jobqueue_job AS job
    SET status = 'pending', run_at = statement_timestamp(), finished_at = NULL, worker_id = NULL
    FROM asked WHERE job.id = asked.id AND asked.status IN ('pending', 'retrying')
)
SELECT id, CASE WHEN status NOT IN ('pending', 'retrying') THEN status END FROM asked
"""

_CANCEL = """
WITH asked AS MATERIALIZED (
    SELECT id, status FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR UPDATE
), moved AS (
    UPDATE jobqueue_job AS job
    SET status = CASE WHEN job.status = 'running' THEN 'running' ELSE 'cancelled' END,
        finished_at = CASE WHEN job.status = 'running' THEN NULL ELSE statement_timestamp() END,
        cancel_requested_at = coalesce(job.cancel_requested_at, statement_timestamp()),
        cancel_requested_by_id = CASE WHEN job.cancel_requested_at IS NULL THEN %(by)s
                                      ELSE job.cancel_requested_by_id END,
        cancel_reason = CASE WHEN job.cancel_requested_at IS NULL THEN %(reason)s ELSE job.cancel_reason END
    FROM asked WHERE job.id = asked.id AND asked.status IN ('pending', 'retrying', 'running')
)
SELECT id, CASE WHEN status NOT IN ('pending', 'retrying') THEN status END FROM asked
"""

_DELETE = """
WITH asked AS MATERIALIZED (
    SELECT id, status FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR UPDATE
), moved AS (
    DELETE FROM jobqueue_job AS job USING asked
    WHERE job.id = asked.id AND asked.status NOT IN ('running', 'retrying')
)
SELECT id, CASE WHEN status IN ('running', 'retrying') THEN status END FROM asked
"""


def retry(ids: Iterable[UUID]) -> Moved:
    """Make finished jobs pending again with a fresh attempt budget, and retrying ones due now.

    The history of attempts stays. A running job is refused: it would run twice.
    """
    wanted = list(ids)
    try:
        with transaction.atomic():
            return _move(_RETRY, wanted, wake=True)
    except IntegrityError:
        # Somebody enqueued the same unique key between our look and our update: now the look sees it.
        with transaction.atomic():
            return _move(_RETRY, wanted, wake=True)


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
    return Moved(done=moved.done, requested=requested, skipped=skipped)


def delete(ids: Iterable[UUID]) -> Moved:
    """Delete jobs with their attempts and logs; running and retrying ones must be cancelled first."""
    with transaction.atomic():
        return _move(_DELETE, list(ids))


def _move(sql: str, ids: list[UUID], *, wake: bool = False, **params: int | str | None) -> Moved:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": ids, **params})
        found: dict[UUID, str | None] = dict(cursor.fetchall())
    done = [id_ for id_, refusal in found.items() if refusal is None]
    skipped = {id_: refusal for id_, refusal in found.items() if refusal is not None}
    skipped |= {id_: "unknown job" for id_ in ids if id_ not in found}
    if wake and done:
        wake_after_commit()
    return Moved(done=done, skipped=skipped)


# -- what workers do --------------------------------------------------------------------------------------------

# Two things keep every plan below at one look-up by primary key per job, whatever the planner's statistics say:
# the redundant `= ANY` over an array that the planner cannot count, and `worker_id IS NOT NULL` for "running" (a
# check constraint makes them one), because it would rather walk a whole partial index of the running jobs.
#
# A cancel request wins over anything but success: a cancelled job never comes back by itself. A delay is a century
# at most: Python could not read a time after the year 9999.
_FINISH = """
WITH report AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(reports)s) AS report (
        id uuid, claim bigint, number smallint, started float8, finished float8, outcome text, status text,
        result json, code text, message text, traceback text, delay float8)
), moved AS (
    UPDATE jobqueue_job AS job
    SET status = CASE WHEN job.cancel_requested_at IS NOT NULL AND report.status <> 'succeeded'
                      THEN 'cancelled' ELSE report.status END,
        finished_at = CASE WHEN job.cancel_requested_at IS NULL AND report.status IN ('pending', 'retrying')
                           THEN NULL ELSE to_timestamp(report.finished) END,
        worker_id = NULL, result = report.result, started_at = to_timestamp(report.started),
        attempts = report.number - (report.outcome IN ('postponed', 'returned'))::int,
        error_code = coalesce(report.code, ''), error_message = coalesce(report.message, ''),
        run_at = CASE WHEN report.delay IS NULL THEN job.run_at
                      ELSE statement_timestamp() + make_interval(secs => least(report.delay, 3155760000)) END
    FROM report
    WHERE job.id = report.id AND job.id = ANY (ARRAY(SELECT unnest(%(ids)s::uuid[])))
      AND job.claim = report.claim AND job.worker_id IS NOT NULL
    RETURNING job.id
)
INSERT INTO jobqueue_attempt (job_id, claim, number, worker_id, started_at, finished_at, outcome, error_code,
                              error_message, traceback)
SELECT report.id, report.claim, report.number, %(worker)s, to_timestamp(report.started),
       to_timestamp(report.finished), report.outcome, coalesce(report.code, ''), coalesce(report.message, ''),
       coalesce(report.traceback, '')
FROM report JOIN moved USING (id)
"""

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
"""


def finish(worker: UUID, reports: Sequence[bytes], ids: Sequence[str]) -> int:
    """Record how executions ended: the jobs' next states and one attempt each.

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
            {"worker": worker, "reports": (b"[" + b",".join(reports) + b"]").decode(), "ids": _array(ids)},
        )
        return int(cursor.rowcount)


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
        return int(cursor.rowcount)


def _array(ids: Iterable[str]) -> str:
    # The literal of a uuid array: ten times cheaper than adapting each element.
    return "{" + ",".join(ids) + "}"
