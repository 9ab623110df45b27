"""Threads with database connections of their own, for tests of races."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection

from tests.jobqueue.ear import raw_connection

_PATIENCE = 30.0
_WAITS = """
SELECT EXISTS (SELECT 1 FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active')
"""


def _connect() -> None:
    # A test whose threads wait for each other without end fails instead.
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '30s'")


def in_threads[T](number: int, work: Callable[[int], T]) -> list[T]:
    """Call `work(0)`, `work(1)` ... at the same moment, each in a thread; returns what they returned, in order."""
    barrier = threading.Barrier(number)

    def one(at: int) -> T:
        try:
            _connect()
            barrier.wait(_PATIENCE)
            return work(at)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def beside[T](pool: ThreadPoolExecutor, work: Callable[[], T]) -> Future[T]:
    """Start `work` in another thread with its own connection."""

    def one() -> T:
        try:
            _connect()
            return work()
        finally:
            connection.close()

    return pool.submit(one)


def until_one_waits_for_a_lock() -> None:
    """Return as soon as some connection to this database waits for a lock that another holds."""
    give_up_at = time.monotonic() + _PATIENCE
    with raw_connection() as raw:
        while time.monotonic() < give_up_at:
            if raw.execute(_WAITS).fetchone() == (True,):
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits for a lock.")
