"""Keeping house: the small regular duties that hold for the queue as a whole. Any worker may do them at any time."""

from django.db import connection, transaction

from jobqueue import parking, settling, throughput
from jobqueue.cycles.record import end_abandoned
from jobqueue.transitions import expire

_BATCH = 1_000
_MOST = 50_000
"""So many of each at a time, so that the scheduler does not wait long for its next tick."""
# Held for the length of the duty only: nothing can go stale, and a second worker has better things to do.
_LEAD = "SELECT pg_try_advisory_xact_lock(hashtextextended('jobqueue.housekeeping', 0))"


def keep(*, sweep: bool = True) -> None:
    """Park and unpark what pauses hold, and cancel what has passed its deadline.

    Args:
        sweep: look also for what a process that died left unsettled; this reads more.
    """
    parking.park_paused()
    parking.unpark(_MOST)
    for _ in range(_MOST // _BATCH):
        if len(expire(_BATCH)) < _BATCH:
            break
    if sweep:
        end_abandoned()
        _sweep()


def _sweep() -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LEAD)
            (leads,) = cursor.fetchone() or (False,)
        if leads:
            settling.sweep()
            throughput.fold()
