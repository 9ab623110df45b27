"""What the end of jobs sets free: the jobs that depend on them, and the places of their concurrency keys.

Set free at once by whoever ends a job; `sweep` finds what a process that died in between left behind.
"""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import connection, transaction

# A dependency that was declared while its parent ended, or a finish whose process died before it settled.
_OVERDUE = """
SELECT array_agg(DISTINCT edge.parent_id)
FROM jobqueue_dependency AS edge LEFT JOIN jobqueue_job AS parent ON parent.id = edge.parent_id
WHERE NOT edge.is_met
  AND (parent.id IS NULL OR parent.status = 'succeeded'
       OR (parent.status IN ('failed', 'dead', 'cancelled') AND edge.on_failure <> 'hold'))
"""
# The distinct keys of parked jobs by hops over their index.
_KEYS = """
WITH RECURSIVE keys (key) AS (
    (SELECT concurrency_key FROM jobqueue_job WHERE parked = 'limited' ORDER BY concurrency_key LIMIT 1)
    UNION ALL
    SELECT (SELECT job.concurrency_key FROM jobqueue_job AS job
            WHERE job.parked = 'limited' AND job.concurrency_key > keys.key ORDER BY job.concurrency_key LIMIT 1)
    FROM keys WHERE keys.key IS NOT NULL
)
SELECT jobqueue_admit(array_agg(key)) FROM keys WHERE key IS NOT NULL HAVING count(*) > 0
"""


_IN_FLIGHT = """
SELECT count(*) FROM (
    SELECT 1 FROM jobqueue_job WHERE id = ANY (%s::uuid[]) AND status = 'running' ORDER BY id FOR SHARE) AS awaited
"""


def settle(ids: Collection[UUID | str]) -> None:
    """Set free what waited for these jobs, as far as they have ended or left `running`; any other is ignored."""
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT jobqueue_settle(%s::uuid[])", [_array(ids)])


def settle_after_commit(ids: Collection[UUID]) -> None:
    """Settle once more after the commit: who declares a dependency meanwhile sees nothing of this transaction.

    A failure then is only logged: what was done is stored, and upkeep repeats the rest.
    """
    if ids:
        transaction.on_commit(partial(settle, ids), robust=True)


def settle_parents_after_commit(ids: Collection[UUID]) -> None:
    """For who declares dependencies on these jobs: settle those that end before the commit, or at the same time."""
    transaction.on_commit(partial(_settle_parents, ids), robust=True)


def _settle_parents(ids: Collection[UUID]) -> None:
    with connection.cursor() as cursor:
        # Waits for the finish of those that are just ending; see `jobqueue_somebody_waits`.
        cursor.execute(_IN_FLIGHT, [_array(ids)])
    settle(ids)


def sweep() -> None:
    """Settle what should have been settled and was not."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OVERDUE)
        (overdue,) = cursor.fetchone() or (None,)
        if overdue:
            cursor.execute("SELECT jobqueue_settle(%s::uuid[])", [overdue])
        cursor.execute(_KEYS)
        (admitted,) = cursor.fetchone() or (0,)
        if admitted:
            cursor.execute("SELECT jobqueue_wake_sleepers()")


def _array(ids: Collection[UUID | str]) -> str:
    return "{" + ",".join(map(str, ids)) + "}"
