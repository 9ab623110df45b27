"""The schedule tick: enqueues what is due, each occurrence at most once."""

import logging
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from jobqueue.alerts import raise_alert
from jobqueue.enqueuing import Enqueued, insert
from jobqueue.firing.batch import fire
from jobqueue.firing.job import job_of
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.alert import AlertKind
from jobqueue.models.occurrence import Skipped, Trigger
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.registry import registry
from jobqueue.transitions import run_now

log = logging.getLogger("jobqueue.scheduler")

# Any number of processes tick; who holds this lock until the end of its transaction leads. There is no term that
# could go stale: a leader that hangs and wakes finds its transaction, and with it all that it did, rolled back.
# One that waits for somebody's unique key gives up before it is part of a deadlock, and leaves that schedule due.
_LEAD = """
SELECT pg_try_advisory_xact_lock(hashtextextended('jobqueue.scheduler', 0)), set_config('lock_timeout', '300ms', true),
       set_config('idle_in_transaction_session_timeout', '30s', true)
"""
_MOST_AT_ONCE = 1_000
_BEAT = """
INSERT INTO jobqueue_schedulerbeat AS beat (id, at, source, holder) VALUES (1, %(at)s, %(source)s, %(holder)s)
ON CONFLICT (id) DO UPDATE SET at = excluded.at, source = excluded.source, holder = excluded.holder
WHERE beat.at NOT BETWEEN excluded.at - interval '9 seconds' AND excluded.at
"""
# A job that nobody has begun is no history yet, and neither is its occurrence, nor that of a time which is still to
# come and was refused: what the schedule has become may use it.
_WITHDRAW = """
WITH gone AS (
    DELETE FROM jobqueue_job WHERE id = ANY (ARRAY(
        SELECT job.id FROM jobqueue_job AS job
        WHERE job.schedule_id = %(schedule)s AND job.occurrence IS NOT NULL AND job.finished_at IS NULL
          AND job.status = 'pending' AND job.attempts = 0
        FOR UPDATE SKIP LOCKED))
    RETURNING id
)
DELETE FROM jobqueue_occurrence
WHERE job_id = ANY (ARRAY(SELECT gone.id FROM gone))
   OR schedule_id = %(schedule)s AND scheduled_at > %(now)s AND trigger <> 'manual' AND skipped <> ''
"""


def tick() -> int:
    """Fire the schedules that are due; returns how many jobs that made. Does nothing while another process ticks.

    What a standstill has missed, and what is unfinished still, is dealt with by each schedule's policies. A schedule
    whose task type this process does not know is left to one that does, as in a deploy; one that fails, to the next
    tick.
    """
    failed: set[int] = set()
    jobs, has_more = 0, True
    while has_more and (types := _due_types(failed)):
        try:
            fired, has_more = _fire_some(_due(types, failed))
        except Exception:
            if not connection.is_usable():
                raise
            fired = _fire_each(types, failed)
        jobs += fired
    return jobs


def beat(source: TickSource, holder: str) -> None:
    """Let it be known that a scheduler is at work; writes every ten seconds at most, whoever calls."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, {"at": timezone.now(), "source": source.value, "holder": holder[:255]})


def clock_skew() -> float:
    """By how many seconds this host's clock is ahead of the database's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (theirs,) = cursor.fetchone() or (0.0,)
    return timezone.now().timestamp() - float(theirs)


def run_schedule(schedule: Schedule, *, by: int | None = None) -> Enqueued:
    """Enqueue the schedule's job now, without using up its next occurrence.

    Raises:
        JobQueueError: the schedule's task type, payload or scope is not valid any more.
    """
    now = timezone.now()
    with transaction.atomic():
        enqueued = insert(job_of(schedule, by=by))
        if not enqueued.created and _run_upcoming(schedule, enqueued.id, now):
            return Enqueued(id=enqueued.id, created=True)
        Occurrence.objects.create(
            schedule=schedule,
            scheduled_at=now,
            fired_at=now,
            trigger=Trigger.MANUAL,
            job_id=enqueued.id,
            skipped="" if enqueued.created else Skipped.JOINED,
        )
    return enqueued


def withdraw_upcoming(schedule: Schedule) -> None:
    """Delete what the schedule has enqueued and nobody has begun, with its occurrence: the schedule has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHDRAW, {"schedule": schedule.pk, "now": timezone.now()})


def _run_upcoming(schedule: Schedule, id_: UUID, now: datetime) -> bool:
    """With a unique key, what an interval schedule has in the queue is the only job there can be: it runs by hand now.

    Its time is free again, and is used once it has ended.
    """
    upcoming = Job.objects.filter(pk=id_, schedule=schedule, occurrence__isnull=False, run_at__gt=now)
    if not upcoming.exists() or not run_now([id_]).done:
        return False
    Job.objects.filter(pk=id_).update(occurrence=now)
    Occurrence.objects.filter(job_id=id_).update(trigger=Trigger.MANUAL, scheduled_at=now, fired_at=now)
    return True


def _fire_some(due: QuerySet[Schedule]) -> tuple[int, bool]:
    """Fire some of what is due; returns how many jobs that made, and whether more may be due."""
    with transaction.atomic():
        if not _leads():
            return 0, False
        # Foreign keys to a schedule may be written meanwhile: a run by hand does not wait for us while we wait for it.
        locked = list(due.select_for_update(skip_locked=True, of=("self",), no_key=True)[:_MOST_AT_ONCE])
        fired = fire(locked, timezone.now())
    return fired.jobs, len(locked) == _MOST_AT_ONCE or fired.schedules < len(locked)


def _fire_each(types: Collection[str], failed: set[int]) -> int:
    """Fire what is due one by one, and add to the failed ones; returns how many jobs that made.

    Whatever is wrong with one schedule, and whoever wrote it, must not keep the others from firing.
    """
    jobs = 0
    for schedule in list(_due(types, failed)[:_MOST_AT_ONCE]):
        try:
            jobs += _fire_some(_due(types, failed).filter(pk=schedule.pk))[0]
        except Exception as error:
            if not connection.is_usable():
                raise
            failed.add(schedule.pk)
            _tell(schedule, error)
    return jobs


def _tell(schedule: Schedule, error: Exception) -> None:
    if isinstance(error, OperationalError):
        # Somebody's lock, for a while: if it lasts, the schedule is late, and that is told.
        log.info("%s is left to the next tick: %s", schedule, str(error).strip())
    elif raise_alert(AlertKind.SCHEDULE_INVALID, schedule, f"{schedule} cannot be fired: {error!r}", timezone.now()):
        log.error("What kept %s from firing:", schedule, exc_info=error)


def _due_types(failed: Collection[int]) -> set[str]:
    """The task types that this process knows, of what is due."""
    due = Schedule.objects.filter(is_active=True, next_run_at__lte=timezone.now()).exclude(pk__in=failed)
    return {name for name in due.order_by().values_list("task_type", flat=True).distinct() if name in registry}


def _due(types: Collection[str], failed: Collection[int]) -> QuerySet[Schedule]:
    due = Schedule.objects.filter(is_active=True, next_run_at__lte=timezone.now(), task_type__in=types)
    return due.exclude(pk__in=failed).order_by("next_run_at")


def _leads() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LEAD)
        row = cursor.fetchone()
    return bool(row and row[0])
