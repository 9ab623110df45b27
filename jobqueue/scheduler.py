"""The schedule tick: enqueues what is due, each occurrence at most once."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from jobqueue import cron
from jobqueue.enqueuing import Enqueued, NewJob, insert
from jobqueue.exceptions import JobQueueError
from jobqueue.models import Occurrence, Schedule
from jobqueue.models.occurrence import Trigger

# Any number of workers tick; who holds this lock until the end of its transaction leads. There is no term that
# could go stale and so nothing that would have to be fenced.
_LEAD = "SELECT pg_try_advisory_xact_lock(hashtextextended('jobqueue.scheduler', 0))"
_MOST_PER_TICK = 500
_LOOK_BACK = timedelta(days=1)  # bounds the walk to the latest missed time of an every-minute schedule


def tick() -> int:
    """Fire the schedules that are due; returns how many. Does nothing while another process ticks.

    After a standstill a schedule fires once for all the times it missed, as of the latest of them.
    """
    if not Schedule.objects.filter(is_active=True, next_run_at__lte=timezone.now()).exists():
        return 0
    with transaction.atomic():
        if not _leads():
            return 0
        now = timezone.now()
        due = (
            Schedule.objects.select_for_update(skip_locked=True)
            .filter(is_active=True, next_run_at__lte=now)
            .order_by("next_run_at")[:_MOST_PER_TICK]
        )
        return sum(_fire_due(schedule, now) for schedule in due)


def run_schedule(schedule: Schedule, *, by: int | None = None) -> Enqueued:
    """Enqueue the schedule's job now, without using up its next occurrence.

    Raises:
        JobQueueError: the schedule's task type or payload is not valid any more.
    """
    with transaction.atomic():
        return _enqueue(schedule, timezone.now(), Trigger.MANUAL, by)


def _leads() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LEAD)
        row = cursor.fetchone()
    return bool(row and row[0])


def _fire_due(schedule: Schedule, now: datetime) -> int:
    assert schedule.next_run_at is not None  # noqa: S101  a check constraint says so
    latest = schedule.next_run_at
    try:
        for moment in cron.upcoming(schedule.expression, schedule.timezone, max(latest, now - _LOOK_BACK)):
            schedule.next_run_at = moment
            if moment > now:
                break
            latest = moment
        with transaction.atomic():
            _enqueue(schedule, latest, Trigger.SCHEDULE, schedule.created_by_id)
    except JobQueueError as error:
        # Switched off with the reason at hand rather than failing again every second.
        schedule.is_active = False
        schedule.next_run_at = None
        schedule.notes = f"{schedule.notes}\nSwitched off at {now:%Y-%m-%d %H:%M} UTC: {error}".strip()
        schedule.save(update_fields=["is_active", "next_run_at", "notes"])
        return 0
    schedule.save(update_fields=["next_run_at"])
    return 1


def _enqueue(schedule: Schedule, scheduled_at: datetime, trigger: Trigger, by: int | None) -> Enqueued:
    occurrence, is_new = Occurrence.objects.get_or_create(
        schedule=schedule,
        scheduled_at=scheduled_at,
        trigger=trigger,
        defaults={"fired_at": timezone.now()},
    )
    if not is_new and occurrence.job_id is not None:
        return Enqueued(id=occurrence.job_id, created=False)
    enqueued = insert(
        NewJob(
            task_type=schedule.task_type,
            payload=schedule.payload,
            queue=schedule.queue,
            priority=schedule.priority,
            max_attempts=schedule.max_attempts,
            schedule=schedule.pk,
            occurrence=scheduled_at,
            created_by=by,
        )
    )
    occurrence.job_id = enqueued.id
    occurrence.save(update_fields=["job"])
    return enqueued
