"""Binds PostgreSQL's planner where its statistics must not decide."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper


@contextmanager
def by_index(*, sorts: bool = False) -> Iterator[CursorWrapper]:
    """A cursor whose statements go by indexes and, unless they may, sort nothing, if that is possible at all.

    A queue's statistics are stale by nature; whoever asks for health or cleans up must not set off a walk over the
    history for that.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"SET LOCAL enable_sort = {'on' if sorts else 'off'}")
        yield cursor
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")  # the caller's transaction may go on
        cursor.execute("SET LOCAL enable_sort TO DEFAULT")
