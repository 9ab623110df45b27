"""The schedules that a fresh demo has."""

from jobqueue.api import Schedule

# (name, expression, task type, notes); the demo syncs every minute, so that a new solve is soon to be seen.
_SCHEDULES = (
    (
        "game_platform_sync_incremental",
        "* * * * *",
        "game_platform_sync",
        "Fetches what is new for every account that is due. Every 30 minutes is usual; the demo is impatient.",
    ),
    (
        "game_platform_totals_sweep_hourly",
        "0 * * * *",
        "game_platform_totals_sweep",
        "Adds up the totals of accounts with new solves.",
    ),
    (
        "job_queue_cleanup_daily",
        "15 3 * * *",
        "job_queue_cleanup",
        "Deletes finished jobs that are past their retention.",
    ),
)


def load_schedules() -> None:
    """Add the schedules that are missing; one that was changed or switched off stays so."""
    for name, expression, task_type, notes in _SCHEDULES:
        if not Schedule.objects.filter(name=name).exists():
            schedule = Schedule(name=name, expression=expression, task_type=task_type, notes=notes)
            schedule.reschedule()
            schedule.full_clean()
            schedule.save()
