"""The timeline of schedules: what ran in the last hours, what is to run in the next, around now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from django.db import connection
from django.utils import timezone

from jobqueue import occurrences
from jobqueue.exceptions import JobQueueError
from jobqueue.forecast import describe, times_of
from jobqueue.models import Schedule
from jobqueue.occurrences import Run
from jobqueue.states import Status

MOST_SCHEDULES = 10
AROUND = timedelta(hours=3)
WIDTH = 1000.0
"""Of the drawing; now is in the middle."""
_MOST_DOTS = 40

_PAST = """
SELECT asked.id, one.scheduled_at, one.skipped, coalesce(job.status, one.status)
FROM unnest(%(schedules)s::bigint[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT occurrence.scheduled_at, occurrence.skipped, occurrence.job_id, occurrence.status
    FROM jobqueue_occurrence AS occurrence
    WHERE occurrence.schedule_id = asked.id AND occurrence.scheduled_at BETWEEN %(since)s AND %(until)s
    ORDER BY occurrence.scheduled_at DESC LIMIT %(most)s
) AS one
LEFT JOIN jobqueue_job AS job ON job.id = one.job_id
"""


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One time of a schedule."""

    at: datetime
    x: float
    status: str
    """The job's, whose colour it has; `skipped`, or `due` for what is to come."""


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One schedule."""

    schedule: Schedule
    words: str
    last: Run | None
    dots: Sequence[Dot]
    is_late: bool


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The schedules that are on, the next to run first."""

    lanes: Sequence[Lane]
    active: int
    total: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.active - len(self.lanes)


def timeline() -> Timeline:
    """In a fixed number of queries."""
    now = timezone.now()
    active = Schedule.objects.filter(is_active=True)
    schedules = list(active.order_by("next_run_at", "name")[:MOST_SCHEDULES])
    keys = [schedule.pk for schedule in schedules]
    past, latest = _past(keys, now), occurrences.latest_runs(keys)
    lanes = [
        Lane(
            schedule=schedule,
            words=describe(schedule),
            last=latest.get(schedule.pk),
            dots=[*past.get(schedule.pk, ()), *_coming(schedule, now)],
            is_late=schedule.next_run_at is not None and schedule.next_run_at < now - schedule.grace,
        )
        for schedule in schedules
    ]
    return Timeline(lanes=lanes, active=active.count(), total=Schedule.objects.count())


def _past(schedules: Sequence[int], now: datetime) -> Mapping[int, list[Dot]]:
    found: dict[int, list[Dot]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PAST, {"schedules": list(schedules), "since": now - AROUND, "until": now, "most": _MOST_DOTS})
        for schedule, at, skipped, status in cursor.fetchall():
            known = status if status in Status else "skipped"
            dot = Dot(at=at, x=_x(at, now), status="skipped" if skipped else known)
            found.setdefault(schedule, []).append(dot)
    return found


def _coming(schedule: Schedule, now: datetime) -> Iterator[Dot]:
    try:
        times = takewhile(lambda at: at <= now + AROUND, times_of(schedule, now))
        for at in islice(times, _MOST_DOTS):
            yield Dot(at=at, x=_x(at, now), status="due")
    except JobQueueError:
        return  # its own page says what is wrong with it


def _x(at: datetime, now: datetime) -> float:
    return round(WIDTH / 2 + WIDTH / 2 * ((at - now) / AROUND), 1)
