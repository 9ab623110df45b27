"""kill -9 of the process that runs a sync: it goes on by itself, and nothing is lost or doubled."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from gameplatform.models import Account, EventResult, Solve, SyncState
from jobqueue.states import AttemptOutcome
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.outcomes import attempts
from tests.jobqueue.worker.processes import WorkerProcess
from tests.jobqueue.worker.waiting import eventually

from .mirror import check_mirror
from .syncs import BATCH, accounts_done, ask_for_sync, succeeded, wait_until_done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]

_IS_AWAITED = """
SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database AS db ON db.oid = database
                WHERE db.datname = current_database() AND relation = 'gameplatform_eventresult'::regclass
                  AND NOT granted)
"""


def test_a_killed_sync_goes_on_where_it_was(platform: Platform, worker: WorkerProcess) -> None:
    id_ = ask_for_sync(forceFullSync=True)
    wait_until_done(id_, 3 * BATCH)
    kill_children(worker)
    asked_before = platform.requests()["total"]

    job = succeeded(id_)

    check_mirror(platform)
    first, second = attempts(job)
    assert (first.number, first.outcome, first.error_code) == (1, AttemptOutcome.KILLED, "KILLED")
    assert "killed by signal 9 (SIGKILL)" in first.error_message
    assert (second.number, second.outcome) == (2, AttemptOutcome.SUCCEEDED)
    accounts = Account.objects.competitors()
    from_scratch = 3 * accounts.filter(status="approved").count() + accounts.exclude(status="approved").count()
    assert platform.requests()["total"] - asked_before < from_scratch - 2 * BATCH
    assert job.result is not None
    assert job.result["competitors"]["synced"] + job.result["competitors"]["skipped"] == accounts.count()
    assert job.result["solves_added"] == Solve.objects.count()


def test_a_sync_killed_while_it_writes_a_batch_keeps_nothing_of_that_batch(
    platform: Platform, worker: WorkerProcess
) -> None:
    id_ = ask_for_sync()
    for _ in range(2):
        wait_until_done(id_, accounts_done(id_) + BATCH)
        with writes_stuck_behind_their_solves():
            kill_children(worker)
            written = SyncState.objects.filter(last_attempt_at__isnull=False)
            assert written.count() == accounts_done(id_)
            assert not Solve.objects.exclude(account__in=written.values("pk")).exists()

    job = succeeded(id_)

    check_mirror(platform)
    assert [attempt.outcome for attempt in attempts(job)] == ["killed", "killed", "succeeded"]
    assert job.result is not None
    assert job.result["solves_added"] == Solve.objects.count()
    assert job.result["events_added"] == EventResult.objects.count()


def kill_children(worker: WorkerProcess) -> None:
    """All executors: one of them runs the sync."""
    for child in worker.children():
        child.kill()
        child.wait(10)


@contextmanager
def writes_stuck_behind_their_solves() -> Iterator[None]:
    """A batch is in the middle of its transaction: its solves are in, its results are not."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE gameplatform_eventresult IN EXCLUSIVE MODE")
        eventually(_somebody_waits, "a batch waits for the lock")
        yield


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_IS_AWAITED)
        return bool(cursor.fetchone()[0])
