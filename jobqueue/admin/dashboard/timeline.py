"""The timeline of schedules: what ran in the last hours, what is to run in the next, around now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
_MOST_TIMES = 400
"""So many of a schedule are looked at to each side: all, unless it runs twice a minute."""
_GAP = 12.0
"""Between two dots, so that each can be made out and pointed at."""
_NEVER_LEFT_OUT = {Status.FAILED, Status.DEAD}

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
    """Those that there is room for."""
    runs: str
    """How many there are, such as "12", or "400 or more"."""
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
    lanes = [_lane(schedule, past.get(schedule.pk, ()), latest.get(schedule.pk), now) for schedule in schedules]
    return Timeline(lanes=lanes, active=active.count(), total=Schedule.objects.count())


def _lane(schedule: Schedule, past: Sequence[Dot], last: Run | None, now: datetime) -> Lane:
    coming = list(_coming(schedule, now))
    has_more = max(len(past), len(coming)) == _MOST_TIMES
    return Lane(
        schedule=schedule,
        words=describe(schedule),
        last=last,
        dots=[*_apart(past), *_apart(coming)],
        runs=f"{len(past) + len(coming):,}{' or more' if has_more else ''}",
        is_late=schedule.next_run_at is not None and schedule.next_run_at < now - schedule.grace,
    )


def _past(schedules: Sequence[int], now: datetime) -> Mapping[int, list[Dot]]:
    found: dict[int, list[Dot]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PAST, {"schedules": list(schedules), "since": now - AROUND, "until": now, "most": _MOST_TIMES})
        for schedule, at, skipped, status in cursor.fetchall():
            known = status if status in Status else "skipped"
            dot = Dot(at=at, x=_x(at, now), status="skipped" if skipped else known)
            found.setdefault(schedule, []).append(dot)
    return {schedule: sorted(dots, key=lambda dot: dot.at) for schedule, dots in found.items()}


def _coming(schedule: Schedule, now: datetime) -> Iterator[Dot]:
    try:
        times = takewhile(lambda at: at <= now + AROUND, times_of(schedule, now))
        for at in islice(times, _MOST_TIMES):
            yield Dot(at=at, x=_x(at, now), status="due")
    except JobQueueError:
        return  # its own page says what is wrong with it


def _apart(dots: Iterable[Dot]) -> Iterator[Dot]:
    """Those that have room beside each other, oldest first; of a schedule that runs every minute each fifth."""
    last = -_GAP
    for dot in dots:
        if dot.x - last >= _GAP or dot.status in _NEVER_LEFT_OUT:
            yield dot
            last = dot.x


def _x(at: datetime, now: datetime) -> float:
    return round(WIDTH / 2 + WIDTH / 2 * ((at - now) / AROUND), 1)
