"""The database cuts every connection of the worker and its children, several times in one sync."""

import pytest
from django.db import connection

from gameplatform.models import EventResult, Solve
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.waiting import eventually

from .mirror import check_mirror
from .syncs import BATCH, accounts_done, ask_for_sync, succeeded, wait_until_done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault, pytest.mark.usefixtures("worker")]

_CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_the_sync_ends_right_by_itself(platform: Platform) -> None:
    id_ = ask_for_sync()
    for _ in range(2):
        wait_until_done(id_, accounts_done(id_) + BATCH)
        assert cut_connections() >= 2
        # And again, just when they come back.
        for _ in range(3):
            eventually(cut_connections, "somebody connects again")

    job = succeeded(id_)

    check_mirror(platform)
    assert job.result is not None
    assert job.result["solves_added"] == Solve.objects.count()
    assert job.result["events_added"] == EventResult.objects.count()


def cut_connections() -> int:
    """End all connections to the database but ours; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_CUT)
        return int(cursor.fetchone()[0])
