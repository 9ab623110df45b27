"""What Django's result tells of a job in each of its states."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.tasks import TaskResult, TaskResultStatus, task_backends
from django.tasks.exceptions import TaskResultDoesNotExist, TaskResultMismatch

from jobqueue.api import cancel, enqueue
from jobqueue.models import Job
from jobqueue.states import FINISHED, AttemptOutcome, Priority, Status
from tests.jobqueue.factories import make_attempt, make_job, make_worker
from tests.jobqueue.sample import tasks

pytestmark = pytest.mark.django_db

MODULE = "tests.jobqueue.sample.tasks"

type Result = TaskResult[..., Any]


def make(status: Status = Status.PENDING, **fields: Any) -> Job:
    """A job of the task `add`."""
    return make_job(status, **{"task_type": f"{MODULE}.add", "payload": {"args": [1], "kwargs": {}}, **fields})


def result_of(job: Job) -> Result:
    result: Result = tasks.add.get_result(str(job.pk))
    return result


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.PENDING, TaskResultStatus.READY),
        (Status.RETRYING, TaskResultStatus.READY),
        (Status.RUNNING, TaskResultStatus.RUNNING),
        (Status.SUCCEEDED, TaskResultStatus.SUCCESSFUL),
        (Status.FAILED, TaskResultStatus.FAILED),
        (Status.DEAD, TaskResultStatus.FAILED),
        (Status.CANCELLED, TaskResultStatus.FAILED),
    ],
)
def test_each_state_has_its_word(status: Status, told: TaskResultStatus) -> None:
    result = result_of(make(status))

    assert (result.status, result.is_finished) == (told, status in FINISHED)


def test_a_return_value_of_none_is_told_from_none_at_all() -> None:
    assert result_of(make(Status.SUCCEEDED, result=None)).return_value is None
    with pytest.raises(ValueError, match="Task has not finished yet"):
        assert result_of(make()).return_value
    with pytest.raises(ValueError, match="Task failed"):
        assert result_of(make(Status.DEAD)).return_value


def test_times_are_those_of_the_first_and_the_last_attempt() -> None:
    job = make(Status.SUCCEEDED, claim=2)
    assert job.started_at is not None
    first = make_attempt(job, 1, started_at=job.started_at - timedelta(hours=1))
    make_attempt(job, 2, outcome=AttemptOutcome.SUCCEEDED, started_at=job.started_at)

    result = result_of(job)

    assert (result.started_at, result.last_attempted_at) == (first.started_at, job.started_at)
    assert result.finished_at == job.finished_at


def test_attempts_are_counted_by_the_workers_that_made_them() -> None:
    ann, bob = make_worker(), make_worker()
    job = make(Status.RUNNING, worker=bob, claim=4)
    make_attempt(job, 1, worker=ann)
    make_attempt(job, 2, outcome=AttemptOutcome.RETURNED, worker=ann)
    make_attempt(job, 3, outcome=AttemptOutcome.POSTPONED, worker=ann)

    result = result_of(job)

    assert (result.worker_ids, result.attempts) == ([str(ann.pk), str(bob.pk)], 2)


def test_an_attempt_that_ended_after_the_job_was_read_is_not_told() -> None:
    job = make(Status.RUNNING, claim=1)
    make_attempt(job, 1)

    assert (result_of(job).errors, result_of(job).attempts) == ([], 1)


@pytest.mark.parametrize(
    ("outcome", "recorded", "told"),
    [
        (AttemptOutcome.ERROR, "ValueError", "builtins.ValueError"),
        (AttemptOutcome.ERROR, f"{MODULE}.NoSuchAccount", f"{MODULE}.NoSuchAccount"),
        (AttemptOutcome.ERROR, "", "builtins.Exception"),
        (AttemptOutcome.TIMED_OUT, "", "jobqueue.exceptions.JobTimedOut"),
        (AttemptOutcome.KILLED, "", "jobqueue.exceptions.JobInterrupted"),
        (AttemptOutcome.LOST, "", "jobqueue.exceptions.JobInterrupted"),
    ],
)
def test_each_failed_attempt_is_an_error_with_a_class_that_can_be_imported(
    outcome: AttemptOutcome, recorded: str, told: str
) -> None:
    job = make(Status.DEAD, claim=1)
    make_attempt(job, 1, outcome=outcome, error_class=recorded)

    (error,) = result_of(job).errors

    assert error.exception_class_path == told
    assert issubclass(error.exception_class, BaseException)
    assert error.traceback.endswith("ValueError: no such account\n")


def test_without_a_traceback_an_error_tells_its_message() -> None:
    job = make(Status.DEAD, claim=1)
    make_attempt(job, 1, outcome=AttemptOutcome.KILLED, traceback="", error_message="killed by signal 9")

    assert result_of(job).errors[0].traceback == "killed by signal 9"


def test_a_task_cancelled_before_it_began_failed_and_says_why() -> None:
    result = tasks.add.enqueue(1)
    cancel([uuid.UUID(result.id)], reason="No longer wanted.")
    result.refresh()

    assert result.status == TaskResultStatus.FAILED
    (error,) = result.errors
    assert (error.exception_class_path, error.traceback) == ("jobqueue.exceptions.JobCancelled", "No longer wanted.")


def test_the_task_of_a_result_is_as_it_was_enqueued() -> None:
    job = make(queue="mail", priority=Priority.CRITICAL)

    task = result_of(job).task

    assert (task.queue_name, task.priority, task.func) == ("mail", 100, tasks.add.func)
    assert result_of(make()).task == tasks.add


def test_a_job_moved_to_a_queue_that_the_backend_does_not_name_still_has_a_result() -> None:
    assert result_of(make(queue="elsewhere")).status == TaskResultStatus.READY


@pytest.mark.parametrize("id_", ["01938f00-0000-7000-8000-000000000000", "123", "", "not-a-uuid", 123, None, "\0"])
def test_an_id_of_no_job_has_no_result(id_: Any) -> None:
    with pytest.raises(TaskResultDoesNotExist):
        tasks.add.get_result(id_)


def test_the_result_of_another_task_is_refused() -> None:
    other = tasks.send_mail.enqueue("ann")

    with pytest.raises(TaskResultMismatch, match="Task does not match"):
        tasks.add.get_result(other.id)
    assert task_backends["default"].get_result(other.id).id == other.id


@pytest.mark.parametrize("task_type", ["noop", f"{MODULE}.gone"])
def test_a_job_that_is_no_tasks_has_no_result_and_the_reason_is_said(task_type: str) -> None:
    job = make(task_type=task_type)

    with pytest.raises(TaskResultMismatch, match=task_type.rpartition(".")[2]):
        task_backends["default"].get_result(str(job.pk))


def test_a_job_enqueued_by_its_path_is_the_tasks_too() -> None:
    id_ = enqueue(f"{MODULE}.add", {"args": [1]}).id

    result = tasks.add.get_result(str(id_))

    assert (result.args, result.kwargs) == ([1], {})


def test_a_result_takes_two_statements(django_assert_num_queries: Any) -> None:
    result = tasks.add.enqueue(1)
    with django_assert_num_queries(2):
        result.refresh()
