"""Undoing gives back exactly what was, and overwrites nothing that happened since."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobqueue import transitions
from jobqueue.api import enqueue
from jobqueue.bulk import BulkOperation, BulkState, BulkVerb, Selection, Undone, begin, stop, undo
from jobqueue.exceptions import JobCancelled, NotUndoableError
from jobqueue.models import AuditEntry, BulkChange, Job
from jobqueue.settling import settle
from jobqueue.states import Parked, Status
from tests.jobqueue.factories import make_job, make_jobs
from tests.jobqueue.lifecycle import hold, put, status_of, take

from .acting import ALICE, PENDING, cancel, retry, work

pytestmark = pytest.mark.django_db
ENDED = Selection(statuses=(Status.FAILED, Status.DEAD, Status.CANCELLED, Status.SUCCEEDED, Status.RETRYING))


def _rows() -> list[dict[str, Any]]:
    return [dict(row) for row in Job.objects.exclude(task_type="job_queue_bulk").order_by("pk").values()]


def _eventful() -> dict[str, Any]:
    """Columns that a verb would write, each with a value of its own."""
    now = timezone.now()
    return {
        "run_at": now - timedelta(days=1, microseconds=1),
        "deadline": now + timedelta(days=1),
        "started_at": now - timedelta(hours=1),
        "attempts": 3,
        "error_code": "ODD",
        "error_message": 'it said "no"',
        "fingerprint": "0123456789abcdef",
        "checkpoint": {"next": [1, None, "ü"]},
        "progress_done": 3,
        "progress_total": 7,
        "progress_message": "half way",
        "postponed": 2,
    }


def test_an_undone_retry_leaves_no_trace() -> None:
    user = User.objects.create_user("alice")
    make_job(Status.FAILED, **_eventful())
    make_job(Status.DEAD, **_eventful())
    make_job(Status.SUCCEEDED, **_eventful() | {"result": {"sum": 10**20, "list": [1.5]}})
    make_job(Status.RETRYING, **_eventful())
    asked = {"cancel_requested_at": timezone.now(), "cancel_requested_by": user, "cancel_reason": "wrong"}
    make_job(Status.CANCELLED, **_eventful() | asked)
    before = _rows()

    operation = retry(ENDED)
    assert {row["status"] for row in _rows()} == {"pending"}
    assert undo(operation, ALICE) == Undone(done=5)

    assert _rows() == before
    operation.refresh_from_db()
    assert (operation.state, operation.undone) == (BulkState.UNDONE, 5)
    assert not BulkChange.objects.exists()


def test_an_undone_cancellation_leaves_no_trace() -> None:
    make_job(**_eventful() | {"attempts": 0})
    make_job(Status.RETRYING, **_eventful())
    before = _rows()

    undone = undo(cancel(Selection(task_types=("noop",))), ALICE)

    assert undone == Undone(done=2)
    assert _rows() == before


def test_a_restored_job_runs() -> None:
    id_ = put()

    undo(cancel(), ALICE)

    take(id_).finish(Status.SUCCEEDED)
    assert status_of(id_) == "succeeded"


def _ran(job: Job) -> None:
    take(job.pk).finish(Status.FAILED)
    transitions.retry([job.pk])


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (lambda job: take(job.pk), "running"),
        (lambda job: take(job.pk).release(), "changed since"),
        (lambda job: take(job.pk).finish(Status.SUCCEEDED), "succeeded"),
        (_ran, "changed since"),
        (lambda job: transitions.run_now([job.pk]), "changed since"),
        (lambda job: transitions.cancel([job.pk]), "cancelled"),
        (lambda job: (transitions.cancel([job.pk]), transitions.retry([job.pk])), "changed since"),
        (lambda job: transitions.delete([job.pk]), "unknown job"),
    ],
)
def test_a_retried_job_to_which_something_happened_is_left_alone(
    happened: Callable[[Job], object], reason: str
) -> None:
    hit, other = make_job(Status.FAILED, queue="lane"), make_job(Status.FAILED)
    operation = retry()
    happened(hit)
    after = Job.objects.filter(pk=hit.pk).values().first()

    undone = undo(operation, ALICE)

    assert (undone.done, undone.skipped) == (1, {reason: 1})
    assert Job.objects.filter(pk=hit.pk).values().first() == after
    assert status_of(other.pk) == "failed"


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (lambda job: transitions.retry([job.pk]), "pending"),
        (lambda job: (transitions.retry([job.pk]), transitions.cancel([job.pk])), "changed since"),
    ],
)
def test_a_cancelled_job_to_which_something_happened_is_left_alone(
    happened: Callable[[Job], object], reason: str
) -> None:
    hit = make_job()
    operation = cancel()
    happened(hit)

    assert undo(operation, ALICE).skipped == {reason: 1}


def test_a_key_that_was_taken_meanwhile_stays_with_its_new_holder() -> None:
    first, other = enqueue("only_once", {"number": 1}), put()
    operation = cancel()
    second = enqueue("only_once", {"number": 1})
    assert second.created

    undone = undo(operation, ALICE)

    assert (undone.done, undone.skipped) == (1, {"its unique key is taken": 1})
    assert [status_of(id_) for id_ in (first.id, second.id, other)] == ["cancelled", "pending", "pending"]


def test_two_that_want_the_same_key_back_do_not_both_get_it() -> None:
    states = {"unique_key": "k", "unique_states": ["succeeded"]}
    jobs = [make_job(Status.SUCCEEDED, **states), make_job(Status.FAILED, **states)]
    operation = retry(Selection(ids=tuple(job.pk for job in jobs)))
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(unique_states=["succeeded", "failed"])

    assert undo(operation, ALICE).skipped == {"its unique key is taken": 1}


def test_what_a_job_waits_for_is_as_it_is_today() -> None:
    parent = put()
    child = put(depends_on=[parent])
    operation = cancel(Selection(ids=(child,)))
    take(parent).finish(Status.SUCCEEDED)
    settle([parent])

    undo(operation, ALICE)

    assert (status_of(child), Job.objects.get(pk=child).blockers) == ("pending", 0)


@pytest.mark.parametrize("status", [Status.FAILED, Status.RETRYING])
def test_a_job_that_was_parked_since_its_retry_is_not_when_it_has_ended(status: Status) -> None:
    job = make_job(status)
    operation = retry(ENDED)
    Job.objects.filter(pk=job.pk).update(parked=Parked.PAUSED, blockers=1)

    assert undo(operation, ALICE).done == 1

    job.refresh_from_db()
    assert (job.parked, job.blockers) == (("paused", 1) if status == Status.RETRYING else ("", 0))


def test_a_user_who_is_gone_is_not_named_again() -> None:
    user = User.objects.create_user("bob")
    job = make_job(Status.CANCELLED, cancel_requested_at=timezone.now(), cancel_requested_by=user)
    operation = retry(ENDED)
    user.delete()

    assert undo(operation, ALICE).done == 1

    job.refresh_from_db()
    assert (job.status, job.cancel_requested_by) == (Status.CANCELLED, None)


def test_a_smaller_budget_that_was_set_since_is_kept() -> None:
    job = make_job(Status.FAILED, attempts=5)
    operation = retry()
    Job.objects.filter(pk=job.pk).update(max_attempts=2)

    assert undo(operation, ALICE).done == 1

    job.refresh_from_db()
    assert (job.attempts, job.max_attempts) == (2, 2)


def test_running_jobs_that_were_asked_to_stop_are_not_part_of_it() -> None:
    held, waiting = hold(), put()

    operation = cancel(Selection(task_types=("noop",)))

    assert undo(operation, ALICE) == Undone(done=1)
    assert held.row().cancel_requested_at is not None
    assert status_of(waiting) == "pending"


def test_many_are_restored_by_a_job_that_can_be_interrupted() -> None:
    make_jobs(7)
    before = _rows()
    operation = cancel(batch=3)
    work(operation)
    transitions.retry([before[4]["id"]])
    touched = _rows()[4]

    begun = undo(operation, ALICE, batch=3)
    operation.refresh_from_db()
    assert (begun.done, begun.job, operation.state) == (0, operation.job_id, BulkState.UNDOING)
    with pytest.raises(JobCancelled):
        work(operation, cancelled_after=1)
    context = work(operation)

    assert (operation.state, operation.undone, operation.not_undone) == (BulkState.UNDONE, 6, {"pending": 1})
    assert context.said[-1] == (7, 7, "6 restored, 1 skipped: pending")
    assert _rows() == [*before[:4], touched, *before[5:]]
    assert not BulkChange.objects.exists()


def test_what_a_stopped_operation_did_can_be_undone_and_that_stopped_and_gone_on_with() -> None:
    make_jobs(9)
    operation = cancel(batch=2)
    with pytest.raises(JobCancelled):
        work(operation, cancelled_after=3)

    undo(operation, ALICE, batch=2)
    stop(operation, ALICE)
    operation.refresh_from_db()
    assert (operation.state, operation.undone) == (BulkState.STOPPED, 0)
    undo(operation, ALICE, batch=2)
    work(operation)

    assert (operation.state, operation.done, operation.undone) == (BulkState.UNDONE, 6, 6)
    assert Job.objects.filter(task_type="noop", status=Status.PENDING).count() == 9


def _deleted() -> BulkOperation:
    return begin(BulkVerb.DELETE, PENDING, ALICE)


def _going_on() -> BulkOperation:
    make_jobs(3)
    return cancel(batch=2)


def _undone() -> BulkOperation:
    operation = cancel()
    undo(operation, ALICE)
    return operation


def _old() -> BulkOperation:
    operation = cancel()
    BulkOperation.objects.update(finished_at=timezone.now() - timedelta(days=1, minutes=1))
    return operation


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (_deleted, "Deleted jobs are gone"),
        (_going_on, "goes on still"),
        (_undone, "undone already"),
        (_old, "more than a day ago"),
    ],
)
def test_what_cannot_be_undone_is_refused_with_a_sentence(made: Callable[[], BulkOperation], problem: str) -> None:
    make_job()
    operation = made()
    before = _rows()

    with pytest.raises(NotUndoableError, match=problem):
        undo(operation, ALICE)

    assert _rows() == before


def test_undoing_is_recorded() -> None:
    make_jobs(2)
    operation = cancel()
    undo(operation, ALICE)

    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.actor, entry.object_id) == ("BULK_UNDO", "alice", str(operation.pk))
    assert entry.after == {"changes": 2, "undone": 2, "skipped": {}}
