"""Telling workers that something changed: PostgreSQL notifications, sent only when somebody sleeps."""

from django.db import connection, transaction

WORK_CHANNEL = "jobqueue_work"
CONTROL_CHANNEL = "jobqueue_control"


def wake_workers() -> None:
    """Notify the sleeping workers, when the current transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT jobqueue_wake_sleepers()")


def wake_after_commit() -> None:
    """Notify the sleepers once the current transaction is committed, however often it asks for that."""
    waiting = connection.run_on_commit
    # Whatever undoes the last request, a savepoint rolled back, undoes what was done since, too.
    if not waiting or waiting[-1][1] is not wake_workers:
        transaction.on_commit(wake_workers)


def notify_control() -> None:
    """Make every worker look now for cancel requests and pauses, when the current transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CONTROL_CHANNEL])
