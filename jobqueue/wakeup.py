"""Telling workers that something changed: PostgreSQL notifications, sent only when somebody sleeps."""

from django.db import connection

WORK_CHANNEL = "jobqueue_work"
CONTROL_CHANNEL = "jobqueue_control"

# A NOTIFY takes a database-wide lock at commit, so a busy queue must not send one per job. A worker commits
# "sleeping" before its last look for work: either that look sees our job, or we see it sleeping.
_WAKE_SLEEPERS = f"""
SELECT pg_notify('{WORK_CHANNEL}', '')
WHERE EXISTS (SELECT 1 FROM jobqueue_worker WHERE is_sleeping AND stopped_at IS NULL AND lost_at IS NULL)
"""  # noqa: S608  constants only


def wake_workers() -> bool:
    """Notify the sleeping workers, when the current transaction commits; returns whether there was any."""
    with connection.cursor() as cursor:
        cursor.execute(_WAKE_SLEEPERS)
        return bool(cursor.rowcount)


def notify_control() -> None:
    """Make every worker look now for cancel requests and pauses, when the current transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CONTROL_CHANNEL])
