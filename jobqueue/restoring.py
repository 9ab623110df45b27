"""The verb that undoes: gives jobs back what they were before a bulk operation, unless something happened since.

`remember` keeps what a job was, `keep` how the operation's own verb left it, and `restore` compares and goes back.
"""

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from jobqueue.states import WAITING, Status
from jobqueue.transitions import Moved
from jobqueue.wakeup import wake_after_commit

_COLUMNS = (
    "status", "run_at", "deadline", "attempts", "started_at", "finished_at", "cancel_requested_at",
    "cancel_requested_by_id", "cancel_reason", "error_code", "error_message", "fingerprint", "result", "checkpoint",
    "progress_done", "progress_total", "progress_message", "postponed",
)  # fmt: skip

# All are locked, also those that are not remembered: the verb that follows must find what is remembered here.
_REMEMBER = f"""
WITH asked AS MATERIALIZED (
    SELECT * FROM jobqueue_job WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR UPDATE
)
INSERT INTO jobqueue_bulkchange (operation_id, job_id, claim, before)
SELECT %(operation)s, id, claim, jsonb_build_object({", ".join(f"'{name}', {name}" for name in _COLUMNS)})
FROM asked WHERE status = ANY (%(statuses)s)
"""  # noqa: S608  constants only

# Whatever PostgreSQL believes of the table's size, jobs are looked up by their ids: by a subquery for each row, or by
# an array that the planner cannot count; see transitions/.
_LEFT_AT = "CASE job.status WHEN 'cancelled' THEN job.finished_at ELSE job.run_at END"
_KEEP = f"""
WITH forgotten AS (
    DELETE FROM jobqueue_bulkchange WHERE operation_id = %(operation)s AND job_id = ANY (%(skipped)s::uuid[])
)
UPDATE jobqueue_bulkchange AS change
SET left_at = (SELECT {_LEFT_AT} FROM jobqueue_job AS job WHERE job.id = change.job_id)
WHERE change.operation_id = %(operation)s AND change.job_id = ANY (%(done)s::uuid[])
"""  # noqa: S608  constants only

# What a job waits for is as it is today, not as it was: `blockers` and `parked` stay, but that only waiting jobs can be
# parked. As in transitions/, each SET makes a possible row of any row.
_KEPT = frozenset({"attempts", "cancel_requested_by_id"})
_RESTORE = f"""
WITH asked AS MATERIALIZED (
    SELECT id, status, claim, unique_key, unique_states, {_LEFT_AT} AS left_at
    FROM jobqueue_job AS job WHERE id = ANY (%(ids)s::uuid[]) ORDER BY id FOR UPDATE
), compared AS (
    SELECT asked.id, asked.unique_key, change.before,
           change.before->>'status' = ANY (asked.unique_states)
           AND NOT asked.status = ANY (asked.unique_states) AS takes_key,
           CASE WHEN asked.status <> %(left)s THEN asked.status
                WHEN asked.claim <> change.claim OR asked.left_at <> change.left_at THEN 'changed since'
           END AS refusal
    FROM asked JOIN jobqueue_bulkchange AS change ON change.operation_id = %(operation)s AND change.job_id = asked.id
), judged AS (
    SELECT compared.id, compared.before, coalesce(compared.refusal, CASE
        WHEN compared.takes_key AND (
            EXISTS (SELECT 1 FROM jobqueue_job AS other
                    WHERE other.unique_key = compared.unique_key AND other.id <> compared.id
                      AND other.unique_key IS NOT NULL AND other.status = ANY (other.unique_states))
            OR row_number() OVER (PARTITION BY compared.unique_key, compared.takes_key AND compared.refusal IS NULL
                                  ORDER BY compared.id DESC) > 1
        ) THEN 'its unique key is taken'
        END) AS refusal
    FROM compared
), restored AS (
    UPDATE jobqueue_job AS job
    SET {", ".join(f"{name} = old.{name}" for name in _COLUMNS if name not in _KEPT)},
        attempts = least(old.attempts, job.max_attempts), worker_id = NULL,
        cancel_requested_by_id = (
            SELECT person.{{key}} FROM {{users}} AS person WHERE person.{{key}} = old.cancel_requested_by_id),
        blockers = CASE WHEN old.status = ANY (%(waiting)s) THEN job.blockers
                        ELSE job.blockers - (job.parked <> '')::integer END,
        parked = CASE WHEN old.status = ANY (%(waiting)s) THEN job.parked ELSE '' END
    FROM judged CROSS JOIN LATERAL jsonb_populate_record(NULL::jobqueue_job, judged.before) AS old
    WHERE job.id = judged.id AND job.id = ANY (ARRAY(SELECT unnest(%(ids)s::uuid[]))) AND judged.refusal IS NULL
)
SELECT id, refusal FROM judged
"""  # noqa: S608  constants only


def remember(operation: UUID, ids: Collection[UUID], statuses: Collection[Status]) -> None:
    """Lock these jobs, and keep what those of them are that are in one of the statuses."""
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, {"operation": operation, "ids": list(ids), "statuses": _values(statuses)})


def keep(operation: UUID, done: Collection[UUID], skipped: Collection[UUID]) -> None:
    """Note how the operation's verb left the jobs that it moved, and forget those that it left alone."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"operation": operation, "done": list(done), "skipped": list(skipped)})


def restore(operation: UUID, ids: Collection[UUID], left: Status) -> Moved:
    """Give jobs back the state, times, attempts and errors that they had before a bulk operation.

    A job that ran, was claimed, or was acted upon since is left alone. So are jobs that depended on one that was
    cancelled, and were cancelled or let run by that: they were never part of the operation.

    Args:
        left: the status in which the operation left them.
    """
    wanted = list(ids)
    try:
        with transaction.atomic():
            return _restore(operation, wanted, left)
    except IntegrityError:
        # Somebody enqueued the same unique key between our look and our update: now the look sees it.
        with transaction.atomic():
            return _restore(operation, wanted, left)


def _restore(operation: UUID, ids: list[UUID], left: Status) -> Moved:
    # A user who was deleted meanwhile cannot be named again.
    quoted = connection.ops.quote_name
    users = get_user_model()._meta  # noqa: SLF001  Django documents it
    sql = _RESTORE.format(users=quoted(users.db_table), key=quoted(str(users.pk.column)))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"operation": operation, "ids": ids, "left": left.value, "waiting": _values(WAITING)})
        found: dict[UUID, str | None] = dict(cursor.fetchall())
    done = [id_ for id_, refusal in found.items() if refusal is None]
    skipped = {id_: refusal for id_, refusal in found.items() if refusal is not None}
    if done and left == Status.CANCELLED:
        wake_after_commit()
    return Moved(done=done, skipped=skipped | {id_: "unknown job" for id_ in ids if id_ not in found})


def _values(statuses: Collection[Status]) -> list[str]:
    return [status.value for status in statuses]
