"""The dead man's check: a schedule that has not fired within its grace raises an alert, whatever the reason."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from jobqueue.alerts import clear_alerts, raise_alert
from jobqueue.durations import say_duration
from jobqueue.models import Alert, Schedule, SchedulerBeat
from jobqueue.models.alert import AlertKind
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.registry import registry

MOST = 100


def late_schedules(now: datetime) -> list[Schedule]:
    """Those that should have fired longer ago than their grace, the most overdue first; `MOST` at most."""
    # The first condition is the index's: what is due and has not fired is little, whatever the number of schedules.
    due = Schedule.objects.filter(is_active=True, next_run_at__lte=now)
    return list(due.filter(next_run_at__lt=now - F("grace")).order_by("next_run_at")[:MOST])


def check() -> list[Schedule]:
    """Raise an alert for each late schedule, and clear those of the others; returns the late ones."""
    now = timezone.now()
    late = late_schedules(now)
    for schedule in late:
        raise_alert(AlertKind.SCHEDULE_LATE, schedule, _message(schedule, now), now)
    if len(late) < MOST:
        well_again = Alert.objects.filter(kind=AlertKind.SCHEDULE_LATE, cleared_at=None)
        well_again = well_again.exclude(schedule__in=[schedule.pk for schedule in late])
        clear_alerts(AlertKind.SCHEDULE_LATE, list(well_again.values_list("schedule_id", flat=True)), now)
    return late


def _message(schedule: Schedule, now: datetime) -> str:
    assert schedule.next_run_at is not None  # noqa: S101  it is due
    lateness = say_duration(now - schedule.next_run_at)
    said = f"{schedule} has not fired: it was due {lateness} ago, at {schedule.next_run_at:%Y-%m-%d %H:%M} UTC."
    return f"{said} {_why(schedule, now)}"


def _why(schedule: Schedule, now: datetime) -> str:
    if schedule.task_type not in registry:
        return f"No running scheduler knows its task type {schedule.task_type}: deploy the code that has it."
    beat = SchedulerBeat.objects.first()
    if beat is None:
        return "No scheduler has run yet: start a worker (manage.py run_worker) or manage.py run_scheduler."
    if now - beat.at > timedelta(minutes=2):
        ago = say_duration(now - beat.at)
        by_crontab = beat.source == TickSource.CRONTAB
        remedy = "look at manage.py crontab show" if by_crontab else "start a worker or run_scheduler"
        return f"No scheduler has ticked for {ago} ({beat.holder} was the last): {remedy}."
    return f"A scheduler is at work ({beat.holder}), so look at its log for errors."
