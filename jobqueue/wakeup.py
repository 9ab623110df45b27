"""Telling workers that something changed: PostgreSQL notifications, sent only when somebody sleeps."""

from django.db import connection

WORK_CHANNEL = "jobqueue_work"
CONTROL_CHANNEL = "jobqueue_control"


def wake_workers() -> bool:
    """Notify the sleeping workers, when the current transaction commits; returns whether there was any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT jobqueue_wake_sleepers()")
        row = cursor.fetchone()
    return bool(row and row[0])


def notify_control() -> None:
    """Make every worker look now for cancel requests and pauses, when the current transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CONTROL_CHANNEL])
