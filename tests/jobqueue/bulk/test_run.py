"""Retry, cancel and delete of many: few at once, many in batches, each job once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from jobqueue import transitions
from jobqueue.api import enqueue
from jobqueue.audit import Actor
from jobqueue.bulk import BulkState, BulkVerb, Selection, begin
from jobqueue.exceptions import InvalidOptionError, InvalidPayloadError, JobCancelled, PermanentError
from jobqueue.ids import uuid7
from jobqueue.jobs import BulkPayload, job_queue_bulk
from jobqueue.models import AuditEntry, BulkChange, Job
from jobqueue.models.audit_entry import Channel
from jobqueue.registry import JobContext
from jobqueue.states import FINISHED, Priority, Status
from jobqueue.transitions import Moved
from tests.jobqueue.factories import make_job, make_jobs
from tests.jobqueue.lifecycle import status_of

from .acting import ALICE, FAILED, PENDING, Context, cancel, job_of, retry, work

pytestmark = pytest.mark.django_db


def _statuses() -> list[str]:
    return sorted(set(Job.objects.exclude(task_type="job_queue_bulk").values_list("status", flat=True)))


def test_few_are_done_at_once() -> None:
    make_jobs(3, Status.FAILED)
    others = make_jobs(2, Status.DEAD)

    operation = retry()

    assert (operation.state, operation.matched, operation.done, operation.job_id) == (BulkState.DONE, 3, 3, None)
    assert operation.finished_at is not None
    assert _statuses() == ["dead", "pending"]
    assert {status_of(job.pk) for job in others} == {"dead"}


def test_a_retry_may_be_delayed() -> None:
    make_jobs(2, Status.FAILED)

    retry(delay=timedelta(hours=1))

    assert not Job.objects.filter(run_at__lt=timezone.now() + timedelta(minutes=59)).exists()


def test_what_is_cancelled_says_who_and_why() -> None:
    user = User.objects.create_user("alice")
    jobs = make_jobs(2), make_job(Status.RUNNING)

    operation = begin(
        BulkVerb.CANCEL,
        Selection(task_types=("noop",)),
        Actor(name="alice", channel=Channel.API, user_id=user.pk),
        reason="a wrong import",
    )

    assert (operation.done, operation.requested) == (2, 1)
    assert (operation.channel, operation.created_by, operation.reason) == (Channel.API, user, "a wrong import")
    stored = Job.objects.filter(cancel_requested_by=user, cancel_reason="a wrong import")
    assert {job.status for job in stored} == {Status.CANCELLED, Status.RUNNING}
    assert stored.count() == len(jobs[0]) + 1


def test_what_is_deleted_is_gone() -> None:
    make_jobs(3, Status.SUCCEEDED)
    make_job(Status.RETRYING)

    operation = begin(BulkVerb.DELETE, Selection(task_types=("noop",)), ALICE)

    assert (operation.done, operation.skipped) == (3, {"retrying": 1})
    assert _statuses() == ["retrying"]
    assert not BulkChange.objects.exists()


def test_why_jobs_were_left_alone_is_counted() -> None:
    make_job(Status.FAILED, unique_key="only", unique_states=["pending"])
    make_job(unique_key="only", unique_states=["pending"])
    make_job(Status.RUNNING)
    ids = tuple(Job.objects.values_list("pk", flat=True))

    operation = retry(Selection(ids=(*ids, uuid7())))

    assert operation.matched == 3
    assert operation.skipped == {"its unique key is taken": 1, "pending": 1, "running": 1, "unknown job": 1}
    assert not BulkChange.objects.exists()


@pytest.mark.parametrize("verb", [BulkVerb.CANCEL, BulkVerb.DELETE])
def test_a_delay_is_for_retry_only(verb: BulkVerb) -> None:
    with pytest.raises(InvalidOptionError, match="A delay is for retry only"):
        begin(verb, PENDING, ALICE, delay=timedelta(seconds=1))


def test_an_impossible_delay_changes_nothing() -> None:
    make_jobs(2, Status.FAILED)

    with pytest.raises(InvalidOptionError, match="delay"):
        retry(delay=timedelta(seconds=-1))

    assert _statuses() == ["failed"]
    assert not AuditEntry.objects.exists()


def test_many_are_left_to_a_job_that_comes_first() -> None:
    make_jobs(5, Status.FAILED)

    operation = retry(batch=4)

    assert (operation.state, operation.matched, operation.done) == (BulkState.RUNNING, 5, 0)
    job = job_of(operation)
    assert (job.task_type, job.priority) == ("job_queue_bulk", Priority.CRITICAL)
    assert Job.objects.filter(status=Status.FAILED).count() == 5


@pytest.mark.parametrize("number", [6, 7, 8, 9])
def test_the_job_does_each_of_them_once(number: int) -> None:
    make_jobs(number, Status.FAILED)

    operation = retry(batch=3)
    context = work(operation)

    assert (operation.state, operation.done, operation.skipped) == (BulkState.DONE, number, {})
    assert _statuses() == ["pending"]
    assert context.said[0] == (3, number, "3 retried")
    assert context.said[-1] == (number, number, f"{number} retried")


def test_several_statuses_are_walked_together() -> None:
    for status in (Status.DEAD, Status.FAILED, Status.CANCELLED, Status.DEAD, Status.DEAD, Status.FAILED) * 2:
        make_job(status)
    make_job(Status.SUCCEEDED)

    operation = retry(Selection(statuses=(Status.FAILED, Status.DEAD, Status.CANCELLED)), batch=2)
    work(operation)

    assert (operation.matched, operation.done) == (12, 12)
    assert _statuses() == ["pending", "succeeded"]


def test_given_ids_are_done_in_batches_too() -> None:
    jobs = make_jobs(5, Status.FAILED)

    operation = retry(Selection(ids=(*[job.pk for job in jobs], uuid7(), uuid7())), batch=2)
    work(operation)

    assert (operation.matched, operation.done, operation.skipped) == (5, 5, {"unknown job": 2})


def test_jobs_made_after_the_start_are_left_alone() -> None:
    make_jobs(5, Status.FAILED)

    operation = retry(batch=2)
    late = make_jobs(3, Status.FAILED)
    work(operation)

    assert operation.done == 5
    assert {status_of(job.pk) for job in late} == {"failed"}


def test_what_changed_before_its_turn_is_not_acted_upon() -> None:
    jobs = make_jobs(5, Status.FAILED)

    operation = retry(batch=2)
    transitions.delete([jobs[1].pk])
    transitions.retry([jobs[3].pk])
    work(operation)

    assert (operation.matched, operation.done, operation.skipped) == (5, 3, {})


def test_it_never_chooses_the_jobs_of_operations() -> None:
    make_jobs(3)
    others = [cancel(batch=2), cancel(Selection(queues=("default",)), batch=2)]

    for operation in others:
        work(operation)

    assert [operation.done for operation in others] == [3, 0]
    assert {status_of(operation.job_id) for operation in others if operation.job_id} == {"pending"}


def test_after_any_batch_another_attempt_goes_on_where_the_last_one_ended() -> None:
    make_jobs(9, Status.FAILED)
    operation = retry(batch=2)

    for done in (2, 4):
        with pytest.raises(JobCancelled):
            work(operation, cancelled_after=1)
        operation.refresh_from_db()
        assert (operation.state, operation.done) == (BulkState.STOPPED, done)
    work(operation)

    assert (operation.state, operation.done) == (BulkState.DONE, 9)
    assert BulkChange.objects.filter(operation=operation).count() == 9


def test_a_batch_that_fails_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    make_jobs(5, Status.FAILED)
    operation = retry(batch=2)

    with monkeypatch.context() as patch:
        patch.setattr("jobqueue.bulk.run.keep", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work(operation)

    assert _statuses() == ["failed"]
    assert not BulkChange.objects.exists()
    work(operation)
    assert operation.done == 5


def test_a_job_that_is_run_again_after_the_end_does_nothing() -> None:
    make_jobs(3, Status.FAILED)
    operation = retry(batch=2)
    work(operation)
    Job.objects.update(status=Status.FAILED, finished_at=timezone.now())

    work(operation)

    assert operation.done == 3


def test_no_batch_locks_more_jobs_than_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    really = transitions.cancel

    def noted(ids: Sequence[UUID], **options: Any) -> Moved:
        sizes.append(len(ids))
        return really(ids, **options)

    monkeypatch.setattr(transitions, "cancel", noted)
    make_jobs(11)

    work(cancel(batch=4))

    assert sizes == [4, 4, 3]


def test_who_did_what_to_how_many_is_recorded() -> None:
    make_jobs(3, Status.FAILED)

    few, many = retry(reason="the token is renewed"), begin(BulkVerb.DELETE, PENDING, ALICE, batch=2)

    entries = AuditEntry.objects.order_by("number")
    assert [(entry.action, entry.actor, entry.object_type, entry.object_id) for entry in entries] == [
        ("BULK_RETRY", "alice", "bulk operation", str(few.pk)),
        ("BULK_DELETE", "alice", "bulk operation", str(many.pk)),
    ]
    assert (entries[0].object_label, entries[0].reason) == (FAILED.describe(), "the token is renewed")
    assert entries[0].after == {
        "selection": {"statuses": ["failed"]},
        "matched": 3,
        "done": 3,
        "requested": 0,
        "skipped": {},
    }
    assert entries[1].after == {"selection": {"statuses": ["pending"]}, "matched": 3, "job": str(many.job_id)}


def test_an_entry_names_some_of_many_ids() -> None:
    make_job(Status.FAILED)
    ids = tuple(sorted(uuid7() for _ in range(150)))

    retry(Selection(ids=ids))

    entry = AuditEntry.objects.get()
    assert entry.is_refused
    assert entry.after is not None
    assert entry.after["selection"] == {"ids": [str(id_) for id_ in ids[:100]], "number_of_ids": 150}


def test_a_job_for_an_operation_that_is_not_there_fails_for_good() -> None:
    with pytest.raises(PermanentError, match="There is no bulk operation"):
        job_queue_bulk(cast(JobContext, Context(uuid7())), BulkPayload(operation_id=uuid7()))


@pytest.mark.parametrize("batch", [0, -1, 1_001])
def test_a_job_that_somebody_made_by_hand_cannot_take_impossible_batches(batch: int) -> None:
    with pytest.raises(InvalidPayloadError, match="batch"):
        enqueue("job_queue_bulk", {"operationId": str(uuid7()), "batch": batch})


def test_nothing_to_do_is_done_at_once() -> None:
    operation = retry()

    assert (operation.state, operation.matched, operation.done) == (BulkState.DONE, 0, 0)


def test_all_finished_statuses_can_be_chosen_at_once() -> None:
    for status in FINISHED:
        make_job(status)

    assert retry(Selection(statuses=FINISHED, until=timezone.now() + timedelta(days=1))).done == len(FINISHED)


def test_the_rows_of_an_operation_fit_its_jobs() -> None:
    jobs = make_jobs(3, Status.FAILED)

    operation = retry()

    assert set(BulkChange.objects.values_list("operation_id", "job_id")) == {(operation.pk, job.pk) for job in jobs}
    assert operation.cursor == UUID(int=max(job.pk.int for job in jobs))
