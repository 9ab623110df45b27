"""Rescuing what a lost worker held: started jobs used their attempt, the others go back unused."""

import time
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from jobqueue import transitions
from jobqueue.giving_up import tell_if_final
from jobqueue.reports import Report, after_error, encode_report, fingerprint_of_code
from jobqueue.retry import WORKER_LOST
from jobqueue.states import AttemptOutcome
from jobqueue.wakeup import wake_after_commit

# SKIP LOCKED: if two judge at once, one rescues and the other goes on with its work.
_CONDEMN = """
UPDATE jobqueue_worker SET lost_at = statement_timestamp(), is_sleeping = false
WHERE id = (
    SELECT id FROM jobqueue_worker WHERE id = %s AND lost_at IS NULL AND stopped_at IS NULL
    FOR UPDATE SKIP LOCKED)
"""
_HELD = """
SELECT id::text, claim, task_type, attempts, max_attempts, extract(epoch FROM started_at)::float8
FROM jobqueue_job WHERE worker_id = %s AND status = 'running' ORDER BY id FOR UPDATE
"""


def rescue(worker: UUID) -> int:
    """Declare a worker lost and make its jobs due again, or dead if that was their last attempt.

    Returns:
        How many jobs it held; 0 also if another process rescues them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CONDEMN, [worker])
        if not cursor.rowcount:
            return 0
        cursor.execute(_HELD, [worker])
        rows = cursor.fetchall()
        started = [row for row in rows if row[5] is not None]
        if started:
            reports = [(_lost(*row), str(row[2])) for row in started]
            transitions.finish(worker, [encode_report(report) for report, _ in reports], [row[0] for row in started])
            transaction.on_commit(lambda: _tell(reports), robust=True)
        transitions.release([(row[0], row[1]) for row in rows if row[5] is None])
        if rows:
            wake_after_commit()
        return len(rows)


def _tell(reports: Sequence[tuple[Report, str]]) -> None:
    for report, task_type in reports:
        tell_if_final(report, task_type)


def _lost(id_: str, claim: int, task_type: str, number: int, max_attempts: int, started: float) -> Report:
    status, delay = after_error(task_type, number, max_attempts, WORKER_LOST)
    return Report(
        id=id_,
        claim=claim,
        number=number,
        started=started,
        finished=max(time.time(), started),
        outcome=AttemptOutcome.LOST.value,
        status=status.value,
        code=WORKER_LOST,
        message="The worker was lost while it ran this job.",
        fingerprint=fingerprint_of_code(task_type, WORKER_LOST),
        delay=delay,
    )
