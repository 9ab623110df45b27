"""Every arrow of the state diagram and every row of the table of states, each by its name.

The details of each verb are in the tests of the verbs; here is that none is missing.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from jobqueue import transitions
from jobqueue.api import JobChanges, edit
from jobqueue.exceptions import CancelJob, JobCancelled, JobReturned, PermanentError, RetryLater
from jobqueue.executor.context import RunningJob
from jobqueue.executor.execution import Execution, interrupted
from jobqueue.models import Attempt, Job
from jobqueue.reports import encode_report
from jobqueue.rescue import rescue
from jobqueue.states import FINISHED, AttemptOutcome, Status
from jobqueue.transitions import Moved
from tests.jobqueue.lifecycle import Held, hold, job_in, put, status_of, take
from tests.jobqueue.sample import behaviours

pytestmark = pytest.mark.django_db

# -- the operator's arrows


@pytest.mark.parametrize("status", [Status.PENDING, Status.RETRYING])
def test_pending_and_retrying_claim_running(status: Status) -> None:
    id_ = job_in(status)
    Job.objects.filter(pk=id_).update(run_at=timezone.now())
    take(id_)
    assert status_of(id_) == Status.RUNNING


@pytest.mark.parametrize("status", [Status.PENDING, Status.RETRYING])
def test_pending_and_retrying_cancel_cancelled(status: Status) -> None:
    id_ = job_in(status)
    transitions.cancel([id_])
    assert status_of(id_) == Status.CANCELLED


def test_retrying_retry_now_pending() -> None:
    id_ = job_in(Status.RETRYING)
    transitions.retry([id_])
    assert (status_of(id_), Job.objects.get().attempts) == (Status.PENDING, 1)


@pytest.mark.parametrize("status", FINISHED)
def test_failed_dead_cancelled_succeeded_retry_pending(status: Status) -> None:
    id_ = job_in(status)
    transitions.retry([id_])
    assert (status_of(id_), Job.objects.get().attempts) == (Status.PENDING, 0)


# -- the worker's arrows


def _run(held: Held) -> Status:
    """Execute as a child does, and store the report as the supervisor does; returns where that led."""
    context = RunningJob(held.claimed, Held.STARTED, lambda message: None)
    try:
        report = Execution(1_000_000).run(held.claimed, context, Held.STARTED)
    except (JobCancelled, JobReturned) as interruption:
        report = interrupted(held.claimed, Held.STARTED, interruption)
    transitions.finish(held.worker, [encode_report(report)], [held.claimed.id])
    return Status(held.row().status)


def _attempts_used(held: Held) -> int:
    return held.row().attempts


def test_running_handler_returned_succeeded() -> None:
    held = hold(task_type="behave")
    with behaviours.doing(lambda: {"kept": True}):
        assert _run(held) == Status.SUCCEEDED
    assert held.row().result == {"kept": True}


def test_running_retryable_error_attempts_left_retrying() -> None:
    held = hold(task_type="behave", max_attempts=2)
    with behaviours.doing(lambda: behaviours.throw(TimeoutError("slow"))):
        assert _run(held) == Status.RETRYING
    assert (_attempts_used(held), held.row().error_code) == (1, "TIMEOUT")


def test_running_retryable_error_none_left_dead() -> None:
    held = hold(task_type="behave", max_attempts=1)
    with behaviours.doing(lambda: behaviours.throw(TimeoutError("slow"))):
        assert _run(held) == Status.DEAD


def test_running_permanent_error_failed() -> None:
    held = hold(task_type="behave", max_attempts=5)
    with behaviours.doing(lambda: behaviours.throw(PermanentError("AUTH_ERROR", "refused"))):
        assert _run(held) == Status.FAILED


def test_running_cancel_honoured_cancelled() -> None:
    held = hold(task_type="behave")
    assert transitions.cancel([held.id], reason="no longer wanted").requested == [held.id]
    with behaviours.doing(lambda: behaviours.throw(JobCancelled("no longer wanted"))):
        assert _run(held) == Status.CANCELLED
    assert Attempt.objects.get().outcome == AttemptOutcome.CANCELLED


def test_running_cancel_job_cancelled() -> None:
    held = hold(task_type="behave")
    with behaviours.doing(lambda: behaviours.throw(CancelJob("nothing to do"))):
        assert _run(held) == Status.CANCELLED
    assert held.row().error_message == "nothing to do"


def _second_attempt() -> Held:
    id_ = job_in(Status.RETRYING, task_type="behave")
    Job.objects.filter(pk=id_).update(run_at=timezone.now())
    return take(id_)


@pytest.mark.parametrize(
    ("held", "status", "used"),
    [
        (lambda: hold(task_type="behave"), Status.PENDING, 0),
        (_second_attempt, Status.RETRYING, 1),
    ],
)
@pytest.mark.parametrize(
    "raised", [JobReturned("The worker is stopping."), RetryLater(timedelta(seconds=5), "not yet")]
)
def test_running_shutdown_hand_back_or_retry_later_pending_or_retrying(
    held: Callable[[], Held], status: Status, used: int, raised: BaseException
) -> None:
    """No attempt is used."""
    job = held()
    with behaviours.doing(lambda: behaviours.throw(raised)):
        assert _run(job) == status
    assert _attempts_used(job) == used


@pytest.mark.parametrize(("max_attempts", "status"), [(2, Status.RETRYING), (1, Status.DEAD)])
def test_running_worker_lost_retrying_or_dead(max_attempts: int, status: Status) -> None:
    held = hold(max_attempts=max_attempts)
    held.mark_started()
    rescue(held.worker)
    assert (status_of(held.id), _attempts_used(held)) == (status, 1)
    assert Attempt.objects.get().outcome == AttemptOutcome.LOST


# -- the table of states: what an operator may do in each


def _edited(ids: list[UUID]) -> Moved:
    return edit(ids[0], JobChanges(tags=["edited"]))


VERBS: dict[str, Callable[[list[UUID]], Moved]] = {
    "run now": transitions.run_now,
    "cancel": transitions.cancel,
    "delete": transitions.delete,
    "edit": _edited,
    "retry": transitions.retry,
}
ALLOWED = {
    Status.PENDING: {"run now", "cancel", "delete", "edit"},
    Status.RUNNING: {"cancel"},
    Status.RETRYING: {"run now", "retry", "cancel"},
    Status.SUCCEEDED: {"retry", "delete"},
    Status.FAILED: {"retry", "delete"},
    Status.DEAD: {"retry", "delete"},
    Status.CANCELLED: {"retry", "delete"},
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", Status)
def test_each_state_allows_what_its_row_says_and_refuses_the_rest_with_the_reason(status: Status, verb: str) -> None:
    id_ = job_in(status)
    before = Job.objects.filter(pk=id_).values().get()

    moved = VERBS[verb]([id_])

    if verb in ALLOWED[status]:
        assert moved.done == [id_] or moved.requested == [id_]
    else:
        assert moved == Moved(skipped={id_: status.value})
        assert Job.objects.filter(pk=id_).values().get() == before


def test_the_readme_draws_every_state() -> None:
    drawn = (Path(__file__).parents[2] / "README.md").read_text()
    assert all(status.value in drawn for status in Status)


def test_nothing_is_made_in_another_state_than_pending() -> None:
    assert status_of(put()) == Status.PENDING
