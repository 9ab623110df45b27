"""Throughput by task type: which are slow, and which fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from jobqueue.throughput.bounds import SUMMED, quantile
from jobqueue.throughput.series import _FAILED


@dataclass(frozen=True, kw_only=True)
class TypeSummary:
    """The executions of one task type. Times are seconds."""

    task_type: str
    runs: int
    failed: int
    """Attempts that failed, whether a retry follows or not."""
    ended_badly: int
    """Jobs that failed for good."""
    mean: float
    longest: float
    p95: float
    """95 of 100 took no longer than this bound; infinity if it is above the last one."""
    mean_wait: float | None
    """From being due to being begun; None if not known of any."""
    longest_wait: float

    @property
    def failure_rate(self) -> float:
        """From 0 to 1."""
        return self.failed / self.runs if self.runs else 0.0


_BY_TYPE = f"""
SELECT row.task_type, {SUMMED},
       coalesce(sum(row.count) FILTER (WHERE row.outcome = ANY (%(failed)s)), 0)::bigint,
       coalesce(sum(row.count) FILTER (WHERE row.status IN ('failed', 'dead')), 0)::bigint
FROM jobqueue_throughput AS row
WHERE row.start >= %(since)s AND row.slot > -2
GROUP BY row.task_type
ORDER BY row.task_type
"""  # noqa: S608  constants only


def by_type(span: timedelta) -> Sequence[TypeSummary]:
    """All task types that ran within the span up to now, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_TYPE, {"since": timezone.now() - span, "failed": list(_FAILED)})
        return [
            TypeSummary(
                task_type=task_type,
                runs=runs,
                failed=failed,
                ended_badly=ended_badly,
                mean=seconds / runs,
                longest=longest,
                p95=quantile(durations, 0.95) or 0.0,
                mean_wait=wait_seconds / waited if waited else None,
                longest_wait=longest_wait,
            )
            for (
                task_type, runs, seconds, longest, waited, wait_seconds, longest_wait, durations, failed, ended_badly,
            ) in cursor.fetchall()
        ]  # fmt: skip
