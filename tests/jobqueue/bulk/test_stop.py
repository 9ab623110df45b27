"""An operation can be stopped between two batches, and none seems to go on for ever."""

import pytest

from jobqueue import transitions
from jobqueue.bulk import BulkState, settle, stop
from jobqueue.exceptions import JobCancelled
from jobqueue.models import AuditEntry, BulkOperation, Job
from jobqueue.states import Status
from tests.jobqueue.factories import make_jobs, make_worker
from tests.jobqueue.lifecycle import status_of

from .acting import ALICE, job_of, retry, work

pytestmark = pytest.mark.django_db


def _begun(number: int = 7) -> BulkOperation:
    make_jobs(number, Status.FAILED)
    return retry(batch=2)


def _set_running(operation: BulkOperation) -> None:
    Job.objects.filter(pk=job_of(operation).pk).update(status=Status.RUNNING, worker=make_worker(), claim=1)


def test_it_ends_after_the_batch_that_it_is_in() -> None:
    operation = _begun()
    _set_running(operation)

    assert stop(operation, ALICE).state == BulkState.RUNNING
    work(operation)

    assert (operation.state, operation.done) == (BulkState.STOPPED, 0)
    assert operation.finished_at is not None


def test_one_that_has_not_begun_ends_now() -> None:
    operation = _begun()

    stopped = stop(operation, ALICE)

    assert (stopped.state, stopped.done) == (BulkState.STOPPED, 0)
    assert operation.job_id is not None
    assert status_of(operation.job_id) == "cancelled"


def test_what_a_person_stopped_stays_stopped_when_its_job_is_retried() -> None:
    operation = _begun()
    stop(operation, ALICE)

    work(operation)

    assert (operation.state, operation.done) == (BulkState.STOPPED, 0)


def test_stopping_is_recorded_once_and_what_is_over_is_left_alone() -> None:
    operation, over = _begun(), retry()
    _set_running(operation)

    for _ in range(2):
        stop(operation, ALICE)
    assert stop(over, ALICE).state == BulkState.DONE

    assert list(AuditEntry.objects.filter(action="BULK_STOP").values_list("object_id", flat=True)) == [
        str(operation.pk)
    ]


def test_cancelling_its_job_stops_it() -> None:
    operation = _begun()

    with pytest.raises(JobCancelled):
        work(operation, cancelled_after=2)

    operation.refresh_from_db()
    assert (operation.state, operation.done) == (BulkState.STOPPED, 4)


def test_one_whose_job_was_cancelled_before_it_began_is_seen_to_be_stopped() -> None:
    operation = _begun()
    assert operation.job_id is not None
    transitions.cancel([operation.job_id])

    assert settle(operation).state == BulkState.STOPPED


def test_one_whose_job_is_gone_is_seen_to_be_stopped() -> None:
    operation = _begun()
    Job.objects.filter(pk=job_of(operation).pk).delete()

    assert settle(operation).state == BulkState.STOPPED


@pytest.mark.parametrize("status", [Status.PENDING, Status.RETRYING])
def test_one_whose_job_waits_goes_on(status: Status) -> None:
    operation = _begun()
    Job.objects.filter(pk=job_of(operation).pk).update(status=status)

    assert settle(operation).state == BulkState.RUNNING


def test_one_that_ended_just_now_is_not_taken_for_stopped() -> None:
    operation = _begun()
    seen = BulkOperation.objects.get(pk=operation.pk)
    work(operation)
    Job.objects.filter(pk=job_of(operation).pk).delete()

    assert settle(seen).state == BulkState.DONE


def test_one_whose_job_died_goes_on_when_that_is_retried() -> None:
    operation = _begun()
    Job.objects.filter(pk=job_of(operation).pk).delete()
    assert operation.job_id is not None
    settle(operation)
    Job.objects.create(
        pk=operation.job_id,
        task_type="job_queue_bulk",
        payload={"operationId": str(operation.pk), "undo": False, "batch": 2},
    )

    work(operation)

    assert (operation.state, operation.done, operation.finished_at is None) == (BulkState.DONE, 7, False)
