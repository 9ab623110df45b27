"""Firing many schedules at once: a fixed number of statements, however many are due."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from jobqueue import new_job
from jobqueue.alerts import clear_alerts, raise_alert
from jobqueue.enqueuing import Enqueued, NewJob, chain, insert_many
from jobqueue.exceptions import JobQueueError
from jobqueue.firing.job import job_of
from jobqueue.firing.plan import Firing, Plan, Skip, Unfinished, plan
from jobqueue.models import Schedule
from jobqueue.models.alert import AlertKind
from jobqueue.models.occurrence import Skipped

# By its own small index, so that a schedule's history costs nothing.
_UNFINISHED = """
SELECT job.schedule_id, job.id, job.status = 'pending' AND job.attempts = 0 AND job.postponed = 0
FROM jobqueue_job AS job
WHERE job.schedule_id = ANY (%s) AND job.schedule_id IS NOT NULL AND job.occurrence IS NOT NULL
  AND job.finished_at IS NULL
ORDER BY job.id
"""
_LAST = """
SELECT asked.id, latest.scheduled_at
FROM unnest(%s::bigint[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT one.scheduled_at FROM jobqueue_occurrence AS one
    WHERE one.schedule_id = asked.id AND one.trigger <> 'manual'
    ORDER BY one.scheduled_at DESC LIMIT 1
) AS latest
"""
# The guard: whoever comes second for the same time inserts nothing, and enqueues nothing.
_INSERT = """
INSERT INTO jobqueue_occurrence (schedule_id, scheduled_at, fired_at, trigger, skipped, times, error)
SELECT schedule_id, scheduled_at, %s, trigger, skipped, times, error
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::int[], %s::text[])
    AS new (schedule_id, scheduled_at, trigger, skipped, times, error)
ON CONFLICT (schedule_id, scheduled_at) WHERE trigger <> 'manual' DO NOTHING
RETURNING schedule_id, scheduled_at, id
"""
_LINK = """
UPDATE jobqueue_occurrence AS occurrence SET job_id = done.job_id, skipped = done.skipped
FROM unnest(%s::bigint[], %s::uuid[], %s::text[]) AS done (id, job_id, skipped)
WHERE occurrence.id = done.id
"""
_MOVE_ON = """
UPDATE jobqueue_schedule AS schedule SET next_run_at = moved.next_run_at, is_active = moved.next_run_at IS NOT NULL
FROM unnest(%s::bigint[], %s::timestamptz[]) AS moved (id, next_run_at)
WHERE schedule.id = moved.id
"""

# What a standstill has left to do is done in transactions that are short: each holds the schedules' rows, and
# PostgreSQL ends one that idles for long while we reckon.
_ENOUGH = 50_000

type Key = tuple[int, datetime]


class Fired(NamedTuple):
    """What `fire` did."""

    schedules: int
    """The first ones of those given; the others are due still."""
    jobs: int


@dataclass(frozen=True, kw_only=True)
class _Planned:
    schedule: Schedule
    plan: Plan
    unfinished: Unfinished


def fire(schedules: Sequence[Schedule], now: datetime) -> Fired:
    """Do what is due of these schedules, which the caller has locked, or of so many that it is enough for once."""
    if not schedules:
        return Fired(0, 0)
    with connection.cursor() as cursor:
        planned = list(_enough(_planned(cursor, schedules, now)))
        occurrences = _insert_occurrences(cursor, planned, now)
        created = _enqueue(cursor, planned, occurrences)
        _move_on(cursor, planned)
    clear_alerts(AlertKind.SCHEDULE_INVALID, [one.schedule.pk for one in planned if one.plan.firings], now)
    return Fired(len(planned), created)


def _enough(planned: Iterable[_Planned]) -> Iterator[_Planned]:
    times = 0
    for one in planned:
        yield one
        times += len(one.plan.firings) + sum(skip.times for skip in one.plan.skips)
        if times >= _ENOUGH:
            return


def _planned(cursor: CursorWrapper, schedules: Sequence[Schedule], now: datetime) -> Iterator[_Planned]:
    unfinished = _unfinished(cursor, schedules)
    nothing = Unfinished()
    last = _last(cursor, [one.pk for one in schedules if one.is_interval and one.pk not in unfinished])
    for schedule in schedules:
        own = unfinished.get(schedule.pk, nothing)
        try:
            found = plan(schedule, now, own, last.get(schedule.pk))
        except JobQueueError as error:
            # Somebody has written past the rules. No next time can be told, so it cannot be left as it is.
            _refuse(schedule, error, now)
            found = Plan(next_run_at=None)
        yield _Planned(schedule=schedule, plan=_checked(schedule, found, now), unfinished=own)


def _checked(schedule: Schedule, found: Plan, now: datetime) -> Plan:
    """The same, but without firings if the job could not be enqueued: those are told as skipped."""
    if not found.firings:
        return found
    try:
        new_job.row(job_of(schedule, found.firings[0]), now)
    except JobQueueError as error:
        _refuse(schedule, error, now)
        refused = [
            Skip(scheduled_at=one.scheduled_at, reason=Skipped.INVALID, trigger=one.trigger, error=str(error))
            for one in found.firings
        ]
        return replace(found, firings=[], skips=[*found.skips, *refused])
    return found


def _refuse(schedule: Schedule, error: JobQueueError, now: datetime) -> None:
    raise_alert(AlertKind.SCHEDULE_INVALID, schedule, f"{schedule} cannot be fired: {error}", now)


def _unfinished(cursor: CursorWrapper, schedules: Sequence[Schedule]) -> dict[int, Unfinished]:
    cursor.execute(_UNFINISHED, [[schedule.pk for schedule in schedules]])
    waiting: dict[int, list[UUID]] = {}
    begun: dict[int, list[UUID]] = {}
    for schedule, job, is_waiting in cursor.fetchall():
        (waiting if is_waiting else begun).setdefault(schedule, []).append(job)
    return {
        key: Unfinished(waiting=waiting.get(key, ()), begun=begun.get(key, ())) for key in waiting.keys() | begun.keys()
    }


def _last(cursor: CursorWrapper, keys: list[int]) -> dict[int, datetime]:
    if not keys:
        return {}
    cursor.execute(_LAST, [keys])
    return dict(cursor.fetchall())


def _insert_occurrences(cursor: CursorWrapper, planned: Iterable[_Planned], now: datetime) -> dict[Key, int]:
    """By schedule and time, the ids of those that are new."""
    rows: list[tuple[Any, ...]] = []
    for one in planned:
        key = one.schedule.pk
        rows += [(key, skip.scheduled_at, skip.trigger, skip.reason, skip.times, skip.error) for skip in one.plan.skips]
        rows += [(key, firing.scheduled_at, firing.trigger, "", 1, "") for firing in one.plan.firings]
    if not rows:
        return {}
    cursor.execute(_INSERT, [now, *(list(column) for column in zip(*rows, strict=True))])
    return {(schedule, scheduled_at): id_ for schedule, scheduled_at, id_ in cursor.fetchall()}


def _enqueue(cursor: CursorWrapper, planned: Iterable[_Planned], occurrences: dict[Key, int]) -> int:
    """Enqueue what has a new occurrence, and tell each its job; returns how many jobs that made."""
    single: list[tuple[int, NewJob]] = []
    done: list[tuple[int, Enqueued]] = []
    for one in planned:
        firings = [firing for firing in one.plan.firings if (one.schedule.pk, firing.scheduled_at) in occurrences]
        ids = [occurrences[one.schedule.pk, firing.scheduled_at] for firing in firings]
        jobs = [_job(one, firing, is_first=firing is firings[0]) for firing in firings]
        if len(jobs) > 1 and firings[0].is_behind:
            done += zip(ids, chain(jobs), strict=True)
        else:
            single += zip(ids, jobs, strict=True)
    done += zip((id_ for id_, _ in single), insert_many(job for _, job in single), strict=True)
    if done:
        skipped = ["" if enqueued.created else Skipped.JOINED.value for _, enqueued in done]
        cursor.execute(_LINK, [[id_ for id_, _ in done], [enqueued.id for _, enqueued in done], skipped])
    return sum(enqueued.created for _, enqueued in done)


def _job(one: _Planned, firing: Firing, *, is_first: bool) -> NewJob:
    behind = one.unfinished.all if firing.is_behind and is_first else ()
    return job_of(one.schedule, firing, behind=behind)


def _move_on(cursor: CursorWrapper, planned: Sequence[_Planned]) -> None:
    cursor.execute(_MOVE_ON, [[one.schedule.pk for one in planned], [one.plan.next_run_at for one in planned]])
