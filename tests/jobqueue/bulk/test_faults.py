"""Operations on many jobs by real workers that are killed, cancelled and started again."""

import signal
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from jobqueue import transitions
from jobqueue.bulk import BulkOperation, BulkState, Selection, settle, undo
from jobqueue.models import BulkChange, Job
from jobqueue.states import Status
from tests.jobqueue.worker.waiting import eventually

from .acting import ALICE, cancel, job_of, retry
from .conftest import StartWorker

pytestmark = pytest.mark.fault

_MANY = 100_000
_INSERT = """
INSERT INTO jobqueue_job (id, task_type, status, attempts, run_at, created_at, started_at, finished_at, error_code)
SELECT ('01900000-' || lpad(to_hex(n / 65536), 4, '0') || '-7000-8000-' || lpad(to_hex(n %% 65536), 12, '0'))::uuid,
       'noop', %(status)s, 1, now(), now(), now(), CASE WHEN %(status)s = 'failed' THEN now() END, 'TIMEOUT'
FROM generate_series(1, %(number)s) AS n
"""


def _insert(number: int, status: Status) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"number": number, "status": status.value})


def _wait(operation: BulkOperation, reached: Callable[[BulkOperation], object], what: str) -> None:
    def holds() -> object:
        operation.refresh_from_db()
        return reached(operation)

    eventually(holds, what)


def _wait_for(operation: BulkOperation, *, done: int) -> None:
    _wait(operation, lambda now: now.done >= done, f"{done:,} are done")


def _is_consistent(operation: BulkOperation) -> bool:
    """Whether the counter, the rows to undo it by and the jobs themselves tell of the same number."""
    changed = BulkChange.objects.filter(operation=operation).count()
    moved = Job.objects.filter(task_type="noop", status=Status.PENDING).count()
    return operation.done == changed == moved


def _sizes_of_transactions() -> list[int]:
    """How many jobs each transaction changed, by the transaction that wrote the rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM jobqueue_bulkchange GROUP BY xmin::text")
        return [count for (count,) in cursor.fetchall()]


def test_a_hundred_thousand_are_retried_once_each_though_the_worker_is_killed_twice(start_worker: StartWorker) -> None:
    _insert(_MANY, Status.FAILED)
    operation = retry(delay=timedelta(hours=1))
    assert (operation.state, operation.matched) == (BulkState.RUNNING, _MANY)

    for done in (10_000, 40_000):
        worker = start_worker()
        _wait_for(operation, done=done)
        worker.signal(signal.SIGKILL)
        worker.wait_until_gone()
        operation.refresh_from_db()
        assert done <= operation.done < _MANY
        assert _is_consistent(operation)
    start_worker()
    for done in range(50_000, _MANY + 1, 10_000):
        _wait_for(operation, done=done)
    _wait(operation, lambda now: now.state == BulkState.DONE, "the operation is done")

    assert (operation.done, operation.requested, operation.skipped) == (_MANY, 0, {})
    assert _is_consistent(operation)
    assert not Job.objects.filter(task_type="noop", run_at__lt=timezone.now() + timedelta(minutes=30)).exists()
    sizes = _sizes_of_transactions()
    assert (max(sizes), len(sizes)) == (1_000, _MANY // 1_000)


def test_cancelling_its_job_stops_it_between_two_batches(start_worker: StartWorker) -> None:
    _insert(5_000, Status.FAILED)
    operation = retry(delay=timedelta(hours=1), batch=10)
    assert operation.job_id is not None
    start_worker()
    _wait_for(operation, done=100)

    transitions.cancel([operation.job_id])
    _wait(operation, lambda now: now.state == BulkState.STOPPED, "the operation is stopped")
    eventually(Job.objects.filter(pk=job_of(operation).pk, status=Status.CANCELLED).exists, "its job is cancelled")

    operation.refresh_from_db()
    assert 100 <= operation.done < 5_000
    assert _is_consistent(operation)


def test_one_that_nobody_could_tell_of_its_end_is_settled(start_worker: StartWorker) -> None:
    _insert(5_000, Status.FAILED)
    operation = retry(delay=timedelta(hours=1), batch=10)
    Job.objects.filter(pk=job_of(operation).pk).update(max_attempts=1)
    worker = start_worker()
    _wait_for(operation, done=100)
    worker.signal(signal.SIGKILL)
    worker.wait_until_gone()
    start_worker()
    eventually(Job.objects.filter(pk=job_of(operation).pk, status=Status.DEAD).exists, "its job is dead")

    operation = settle(operation)

    assert operation.state == BulkState.STOPPED
    assert _is_consistent(operation)


def test_undoing_goes_on_after_a_kill_and_restores_each_job(start_worker: StartWorker) -> None:
    _insert(4_000, Status.RETRYING)
    Job.objects.update(run_at=timezone.now() + timedelta(days=1))
    before = list(Job.objects.order_by("pk").values_list("pk", "status", "run_at", "attempts", "error_code"))
    operation = cancel(Selection(statuses=(Status.RETRYING,)), batch=500)
    worker = start_worker()
    _wait(operation, lambda now: now.state == BulkState.DONE, "all are cancelled")

    undo(operation, ALICE, batch=20)
    _wait(operation, lambda now: now.undone >= 100, "some are restored")
    worker.signal(signal.SIGKILL)
    worker.wait_until_gone()
    start_worker()
    _wait(operation, lambda now: now.state == BulkState.UNDONE, "all are restored")

    assert (operation.undone, operation.not_undone) == (4_000, {})
    jobs = Job.objects.filter(task_type="noop").order_by("pk")
    assert list(jobs.values_list("pk", "status", "run_at", "attempts", "error_code")) == before
