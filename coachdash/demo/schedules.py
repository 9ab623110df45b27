"""What is different about the schedules of a demo."""

from datetime import timedelta

from django.utils import timezone

from jobqueue.api import Schedule, schedule

_SYNC = "game_platform_sync_incremental"
_SCORES = "coach_scores"
_USUAL = "*/30 * * * *"
_EVERY_MINUTE = "* * * * *"
_NOTES = "Fetches what is new for every account that is due. Every 30 minutes is usual; the demo is impatient."


def hurry_schedules() -> None:
    """Sync every minute, so that a new solve is soon to be seen; what somebody changed stays so."""
    usual = Schedule.objects.filter(name=_SYNC, expression=_USUAL, is_active=True).exclude(notes=_NOTES).first()
    if usual is not None:
        usual.expression, usual.notes = _EVERY_MINUTE, _NOTES
        usual.reschedule()
        usual.save()


def add_scores() -> None:
    """Collect and score every quarter of an hour, so that the line of points has something to show."""
    if not Schedule.objects.filter(name=_SCORES).exists():
        schedule(
            _SCORES,
            "data_collection_and_scoring",
            every=timedelta(minutes=15),
            starts_at=timezone.now() + timedelta(minutes=1),  # after the first sync, which tells who is approved
            payload={"collectors": ["solves", "events"]},
            notes="Feeds the points on the coaches' dashboards.",
        )
