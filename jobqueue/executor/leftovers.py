"""What a job may leave behind in its process, and must not: open transactions and unusable connections."""

from django.db import connections


def tidy_connections() -> None:
    """Make this thread's database connections fit for the next job."""
    for connection in connections.all(initialized_only=True):
        if connection.connection is None:
            continue
        connection.queries_log.clear()  # with DEBUG on, Django keeps thousands of them
        if connection.in_atomic_block or not connection.get_autocommit():
            # The handler left a transaction open: it must not leak into the next job.
            connection.close()
            del connections[connection.alias]
        else:
            connection.close_if_unusable_or_obsolete()


def drop_connections() -> None:
    """Close this thread's database connections."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        del connections[connection.alias]
