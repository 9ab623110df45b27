"""What there ever was, for counters that must never go back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from jobqueue.throughput.bounds import SUMMED


@dataclass(frozen=True, kw_only=True)
class Total:
    """All executions of one task type that ended alike. Times are seconds."""

    task_type: str
    outcome: str
    """A word of `AttemptOutcome`."""
    status: str
    """The job's own thereafter."""
    count: int
    seconds: float
    longest: float
    waited: int
    """How many of them the waits are about: a job that is to be retried has another due time already."""
    wait_seconds: float
    longest_wait: float
    durations: Sequence[int]
    """How many took up to each of `BOUNDS` but longer than the one before, then how many took longer."""


_TOTALS = f"""
SELECT row.task_type, row.outcome, row.status, {SUMMED}
FROM (SELECT * FROM jobqueue_throughput WHERE slot >= 0
      UNION ALL
      SELECT * FROM jobqueue_throughput WHERE start = 'epoch' AND slot = -2) AS row
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
"""  # noqa: S608  constants only


def totals() -> Sequence[Total]:
    """Since counting began. Each number only ever grows, whatever is cleaned up."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        return [
            Total(
                task_type=row[0], outcome=row[1], status=row[2], count=row[3], seconds=row[4], longest=row[5],
                waited=row[6], wait_seconds=row[7], longest_wait=row[8], durations=row[9],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip
