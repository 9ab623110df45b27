"""Reading the history of schedules, whether the jobs are still there or not."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from jobqueue.models import Schedule
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.states import Status

# The job's row tells while it is there. Results may be large, so the numbers are taken out where they lie.
_COLUMNS = """
    one.id, one.schedule_id, one.schedule_name, one.scheduled_at, one.fired_at, one.trigger, one.skipped, one.times,
    one.job_id, job.id IS NOT NULL, coalesce(job.status, one.status), coalesce(job.started_at, one.started_at),
    coalesce(job.finished_at, one.finished_at),
    CASE WHEN job.id IS NULL THEN one.metrics ELSE jobqueue_metrics(job.result) END::text,
    coalesce(nullif(job.error_message, ''), one.error)
"""
_HISTORY = f"""
SELECT {_COLUMNS}
FROM (
    SELECT occurrence.*, schedule.name AS schedule_name
    FROM jobqueue_occurrence AS occurrence JOIN jobqueue_schedule AS schedule ON schedule.id = occurrence.schedule_id
    WHERE {{condition}}
    ORDER BY {{order}} LIMIT %(limit)s
) AS one
LEFT JOIN jobqueue_job AS job ON job.id = one.job_id
ORDER BY {{outer_order}}
"""  # noqa: S608  constants only
# Of a long row of skipped ones only the beginning is read.
_LATEST = f"""
SELECT {_COLUMNS}
FROM unnest(%(schedules)s::bigint[]) AS asked (id)
JOIN jobqueue_schedule AS schedule ON schedule.id = asked.id
CROSS JOIN LATERAL (
    SELECT near.*, schedule.name AS schedule_name
    FROM (
        SELECT occurrence.* FROM jobqueue_occurrence AS occurrence
        WHERE occurrence.schedule_id = asked.id AND occurrence.scheduled_at <= statement_timestamp()
        ORDER BY occurrence.scheduled_at DESC LIMIT 50
    ) AS near
    WHERE near.skipped = '' ORDER BY near.scheduled_at DESC LIMIT 1
) AS one
LEFT JOIN jobqueue_job AS job ON job.id = one.job_id
"""  # noqa: S608  constants only
_RECENT = """
SELECT asked.id, array_agg(coalesce(nullif(one.skipped, ''), job.status, one.status) ORDER BY one.scheduled_at)
FROM unnest(%(schedules)s::bigint[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT occurrence.* FROM jobqueue_occurrence AS occurrence
    WHERE occurrence.schedule_id = asked.id AND occurrence.scheduled_at <= statement_timestamp()
    ORDER BY occurrence.scheduled_at DESC LIMIT %(each)s
) AS one
LEFT JOIN jobqueue_job AS job ON job.id = one.job_id
GROUP BY asked.id
"""
# Schedule by schedule along its own index, no further than a page can need; those of a customer are few.
_FOUND = f"""
SELECT {_COLUMNS}
FROM jobqueue_schedule AS schedule
CROSS JOIN LATERAL (
    SELECT occurrence.*, schedule.name AS schedule_name
    FROM (
        SELECT near.* FROM jobqueue_occurrence AS near
        WHERE near.schedule_id = schedule.id AND {{page}}
        ORDER BY near.scheduled_at DESC, near.id DESC LIMIT %(deepest)s
    ) AS occurrence
    LEFT JOIN jobqueue_job AS own ON own.id = occurrence.job_id
    WHERE {{outcome}}
    ORDER BY occurrence.scheduled_at DESC, occurrence.id DESC LIMIT %(limit)s
) AS one
LEFT JOIN jobqueue_job AS job ON job.id = one.job_id
WHERE {{schedules}}
ORDER BY one.scheduled_at DESC, one.id DESC LIMIT %(limit)s
"""  # noqa: S608  constants only
_PAGE = """(near.scheduled_at, near.id) < (SELECT last.scheduled_at, last.id FROM jobqueue_occurrence AS last
                                           WHERE last.id = %(before)s)"""
_DEEPEST = 10_000


@dataclass(frozen=True, kw_only=True)
class Run:
    """One occurrence as people see it."""

    id: int
    schedule_id: int
    schedule: str
    scheduled_at: datetime
    fired_at: datetime
    trigger: Trigger
    skipped: Skipped | None
    times: int
    """How many times a skipped one stands for."""
    job_id: UUID | None
    has_job: bool
    """Whether the job's row is still there."""
    status: Status | None
    """Of the job; None for a skipped one, and for one whose job vanished without a trace."""
    started_at: datetime | None
    finished_at: datetime | None
    metrics: Mapping[str, float]
    error: str

    @property
    def duration(self) -> timedelta | None:
        """From the start of the last attempt to its end."""
        return self.finished_at - self.started_at if self.started_at and self.finished_at else None


def history(schedule: Schedule | None = None, *, limit: int = 50, before: int | None = None) -> list[Run]:
    """The latest occurrences, of one schedule or of all, the newest first.

    Args:
        before: only what comes after the occurrence with this id in that order, for the next page.
    """
    if schedule is None:
        return _read("%(before)s::bigint IS NULL OR occurrence.id < %(before)s", "id DESC", limit, before=before)
    condition = "occurrence.schedule_id = %(schedule)s"
    if before is not None:
        condition += """ AND (occurrence.scheduled_at, occurrence.id)
            < (SELECT last.scheduled_at, last.id FROM jobqueue_occurrence AS last WHERE last.id = %(before)s)"""
    return _read(condition, "scheduled_at DESC, id DESC", limit, schedule=schedule.pk, before=before)


def find_runs(
    *,
    schedule: int | None = None,
    scope: Mapping[str, int] | None = None,
    status: str = "",
    limit: int = 50,
    before: int | None = None,
) -> list[Run]:
    """The latest occurrences of some schedules, the newest first by the time that they are for.

    Args:
        schedule: the id of one.
        scope: those that run for these only, such as {"coach": 12}.
        status: of the job, or "skipped"; found among the last 10,000 occurrences of each schedule.
        before: only what comes after the occurrence with this id in that order, for the next page.
    """
    outcomes = {"": "TRUE", "skipped": "occurrence.skipped <> ''"}
    sql = _FOUND.format(
        page="TRUE" if before is None else _PAGE,
        outcome=outcomes.get(
            status, "occurrence.skipped = '' AND coalesce(own.status, occurrence.status) = %(status)s"
        ),
        schedules=" AND ".join(
            [
                "TRUE" if schedule is None else "schedule.id = %(schedule)s",
                "schedule.scope @> %(scope)s::jsonb AND schedule.scope <> '{}'" if scope else "TRUE",
            ]
        ),
    )
    values = {
        "schedule": schedule,
        "scope": json.dumps(dict(scope or {})),
        "status": status,
        "limit": limit,
        "deepest": _DEEPEST if status else limit,
        "before": before,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [_run(row) for row in cursor.fetchall()]


def find_run(occurrence: int) -> Run | None:
    """The one with this id, if it is there."""
    return next(iter(_read("occurrence.id = %(id)s", "id DESC", 1, id=occurrence)), None)


def latest_runs(schedules: Iterable[int]) -> dict[int, Run]:
    """By schedule, its latest occurrence so far that was not skipped, if that is among its last 50."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, {"schedules": list(schedules)})
        return {run.schedule_id: run for run in map(_run, cursor.fetchall())}


def recent_outcomes(schedules: Iterable[int], *, each: int = 12) -> dict[int, Sequence[str]]:
    """By schedule, how its latest occurrences ended, oldest first: a job's status, or why there was none."""
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, {"schedules": list(schedules), "each": each})
        return dict(cursor.fetchall())


def _read(condition: str, order: str, limit: int, **values: Any) -> list[Run]:
    """The SQL parts are constants of this module."""
    outer = ", ".join(f"one.{part.strip()}" for part in order.split(","))
    inner = ", ".join(f"occurrence.{part.strip()}" for part in order.split(","))
    sql = _HISTORY.format(condition=condition, order=inner, outer_order=outer)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"limit": limit, **values})
        return [_run(row) for row in cursor.fetchall()]


def _run(row: tuple[Any, ...]) -> Run:
    return Run(
        id=row[0],
        schedule_id=row[1],
        schedule=row[2],
        scheduled_at=row[3],
        fired_at=row[4],
        trigger=Trigger(row[5]),
        skipped=Skipped(row[6]) if row[6] else None,
        times=row[7],
        job_id=row[8],
        has_job=row[9],
        status=Status(row[10]) if row[10] else None,
        started_at=row[11],
        finished_at=row[12],
        metrics=json.loads(row[13]) if row[13] else {},
        error=row[14],
    )
