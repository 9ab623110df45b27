"""Throughput over time, for charts: one point per step, also where nothing ran."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

_FAILED = ("error", "timed_out", "killed", "lost")


@dataclass(frozen=True, kw_only=True)
class Span:
    """How far back, by which steps."""

    name: str
    label: str
    """What follows "the last"."""
    length: timedelta
    step: timedelta


SPANS = {
    span.name: span
    for span in (
        Span(name="1h", label="hour", length=timedelta(hours=1), step=timedelta(minutes=1)),
        Span(name="24h", label="24 hours", length=timedelta(days=1), step=timedelta(minutes=20)),
        Span(name="7d", label="7 days", length=timedelta(days=7), step=timedelta(hours=2)),
    )
}
"""By name; what is past an hour is known by ten minutes."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """What was executed in one step. Every execution is in one of the three."""

    start: datetime
    succeeded: int = 0
    failed: int = 0
    """Attempts that failed, whether a retry follows or not."""
    other: int = 0
    """Cancelled, or put off."""
    ended_badly: int = 0
    """Jobs that failed for good: `failed` or `dead`."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.succeeded + self.failed + self.other


_SERIES = """
SELECT date_bin(make_interval(secs => %(step)s), start, 'epoch'),
       coalesce(sum(count) FILTER (WHERE outcome = 'succeeded'), 0)::bigint,
       coalesce(sum(count) FILTER (WHERE outcome = ANY (%(failed)s)), 0)::bigint,
       sum(count)::bigint,
       coalesce(sum(count) FILTER (WHERE status IN ('failed', 'dead')), 0)::bigint
FROM jobqueue_throughput
WHERE start >= %(since)s AND slot > -2
GROUP BY 1
"""


def series(span: Span, task_type: str | None = None) -> Sequence[Point]:
    """The points of the span up to now, oldest first; the last one is not over yet.

    Args:
        task_type: of this one only.
    """
    now, step = timezone.now(), span.step.total_seconds()
    last = int(now.timestamp() // step)
    starts = [datetime.fromtimestamp(at * step, UTC) for at in range(last - span.length // span.step + 1, last + 1)]
    sql = _SERIES.replace("GROUP BY", "AND task_type = %(task_type)s GROUP BY") if task_type else _SERIES
    with connection.cursor() as cursor:
        cursor.execute(sql, {"step": step, "since": starts[0], "failed": list(_FAILED), "task_type": task_type})
        found = {
            start: Point(start=start, succeeded=good, failed=bad, other=total - good - bad, ended_badly=ended_badly)
            for start, good, bad, total, ended_badly in cursor.fetchall()
        }
    return [found.get(start) or Point(start=start) for start in starts]
