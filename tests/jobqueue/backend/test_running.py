"""Tasks run by a real worker, which has imported none of them before."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.tasks import TaskResultStatus
from django.tasks.base import TaskResult

from jobqueue.api import cancel, retry
from jobqueue.models import Job, LogLine
from jobqueue.states import AttemptOutcome, Status
from tests.jobqueue.sample import tasks
from tests.jobqueue.worker.outcomes import ended, inserted, outcomes, reached
from tests.jobqueue.worker.processes import WorkerProcess

type Result = TaskResult[..., Any]

MODULE = "tests.jobqueue.sample.tasks"


def finished(result: Result) -> Result:
    """The result, refreshed as soon as its job has ended."""
    ended(UUID(result.id))
    result.refresh()
    return result


def job_of(result: Result) -> Job:
    return Job.objects.get(pk=result.id)


@pytest.mark.parametrize("task", [tasks.add, tasks.add_async])
def test_a_task_is_run_and_its_return_value_comes_back(worker: WorkerProcess, task: Any) -> None:
    result = task.enqueue(40, two=2)
    assert (result.status, result.attempts, result.started_at) == (TaskResultStatus.READY, 0, None)
    with pytest.raises(ValueError, match="not finished"):
        assert result.return_value

    finished(result)

    assert (result.status, result.return_value) == (TaskResultStatus.SUCCESSFUL, 42)
    assert (result.errors, result.worker_ids, result.attempts) == ([], [str(worker.id)], 1)
    assert result.enqueued_at <= result.started_at == result.last_attempted_at <= result.finished_at


def test_a_result_is_refreshed_and_got_in_async_code_too(worker: WorkerProcess) -> None:
    result = tasks.add.enqueue(1)
    ended(UUID(result.id))

    async def look() -> Result:
        await result.arefresh()
        again: Result = await tasks.add.aget_result(result.id)
        await sync_to_async(connections.close_all)()
        return again

    assert asyncio.run(look()) == result
    assert result.return_value == 1


@pytest.mark.parametrize(("task", "error"), [(tasks.fail, ValueError), (tasks.fail_async, tasks.NoSuchAccount)])
def test_a_failing_task_is_retried_and_each_error_is_told_with_its_traceback(
    worker: WorkerProcess, task: Any, error: type[Exception]
) -> None:
    result = finished(task.enqueue("the cat is away"))

    assert (result.status, job_of(result).status) == (TaskResultStatus.FAILED, Status.DEAD)
    assert [one.exception_class for one in result.errors] == [error, error]
    assert all(one.traceback.endswith(f"{error.__name__}: the cat is away\n") for one in result.errors)
    assert all(task.name in one.traceback for one in result.errors)
    assert result.attempts == 2
    with pytest.raises(ValueError, match="Task failed"):
        assert result.return_value


def test_a_task_that_succeeds_at_last_keeps_the_errors_before(worker: WorkerProcess) -> None:
    result = finished(tasks.succeed_at.enqueue(3))

    assert (result.status, result.return_value, result.attempts) == (TaskResultStatus.SUCCESSFUL, 3, 3)
    assert [one.exception_class for one in result.errors] == [tasks.NoSuchAccount] * 2


def test_an_error_that_no_retry_can_mend_fails_at_once(worker: WorkerProcess) -> None:
    result = finished(tasks.fail_for_good.enqueue())

    assert (job_of(result).status, result.attempts) == (Status.FAILED, 1)


def test_a_task_that_exits_fails_and_leaves_the_worker_alone(worker: WorkerProcess) -> None:
    result = tasks.exit_process.enqueue()
    job = reached(UUID(result.id), Status.RETRYING)
    cancel([job.pk])
    result.refresh()

    assert result.errors[0].exception_class is SystemExit


def test_the_context_knows_the_result_and_the_attempt(worker: WorkerProcess) -> None:
    result = finished(tasks.tell_context.enqueue())
    asynchronous = finished(tasks.tell_context_async.enqueue())

    assert result.return_value == [result.id, 1, "RUNNING", 1, []]
    assert asynchronous.return_value == [asynchronous.id, 1]


def test_a_return_value_that_json_cannot_hold_fails_without_retry(worker: WorkerProcess) -> None:
    result = finished(tasks.return_what_json_cannot.enqueue())

    assert (job_of(result).status, job_of(result).error_code) == (Status.FAILED, "RESULT_INVALID")
    assert "Unsupported type: <class 'datetime.datetime'>" in result.errors[0].traceback


def test_arguments_arrive_as_they_were_told(worker: WorkerProcess) -> None:
    result = tasks.echo.enqueue((1, b"two"), None, three={4: [5.5, True]}, über="ß")

    finished(result)

    assert result.return_value == [[[1, "two"], None], {"three": {"4": [5.5, True]}, "über": "ß"}]
    assert result.return_value == [result.args, result.kwargs]


def test_a_running_task_is_cancelled_and_says_so(worker: WorkerProcess) -> None:
    result = tasks.hang.enqueue()
    reached(UUID(result.id), Status.RUNNING)
    result.refresh()
    assert (result.status, result.attempts) == (TaskResultStatus.RUNNING, 1)

    cancel([UUID(result.id)], reason="It was a mistake.")
    finished(result)

    assert result.status == TaskResultStatus.FAILED
    assert [one.exception_class_path for one in result.errors] == ["jobqueue.exceptions.JobCancelled"]
    assert "It was a mistake." in result.errors[0].traceback


def test_a_task_with_a_timeout_is_stopped(worker: WorkerProcess) -> None:
    result = finished(tasks.hang_too_long.enqueue())

    assert outcomes(job_of(result)) == [AttemptOutcome.TIMED_OUT]
    assert result.errors[0].exception_class_path == "jobqueue.exceptions.JobTimedOut"


def test_a_task_that_kills_its_process_fails_saying_how(worker: WorkerProcess) -> None:
    result = finished(tasks.die.enqueue())

    assert result.errors[0].exception_class_path == "jobqueue.exceptions.JobInterrupted"
    assert "exit" in result.errors[0].traceback


def test_a_failed_task_is_retried_by_hand_and_keeps_its_history(worker: WorkerProcess) -> None:
    result = finished(tasks.fail.enqueue())
    retry([UUID(result.id)])
    finished(result)

    assert (len(result.errors), result.attempts) == (4, 4)


@pytest.mark.parametrize("task", [tasks.signalled, tasks.signalled_async])
def test_signals_are_sent_around_each_call_and_failing_receivers_hurt_nobody(worker: WorkerProcess, task: Any) -> None:
    good, bad = finished(task.enqueue(should_fail=False)), finished(task.enqueue(should_fail=True))

    def heard(result: Result) -> list[str]:
        lines = LogLine.objects.filter(job_id=result.id).order_by("claim", "number").values_list("text", flat=True)
        return [line for line in lines if "JobQueueBackend" in line]

    assert heard(good) == ["started JobQueueBackend RUNNING 1", "finished JobQueueBackend SUCCESSFUL 1"]
    assert heard(bad) == [
        "started JobQueueBackend RUNNING 1",
        "finished JobQueueBackend READY 1",
        "started JobQueueBackend RUNNING 2",
        "finished JobQueueBackend FAILED 2",
    ]
    assert good.status == TaskResultStatus.SUCCESSFUL


@pytest.mark.parametrize("name", ["gone", "no_task", "not_ours"])
def test_a_function_that_is_no_task_any_more_fails_that_job_only_and_is_named(worker: WorkerProcess, name: str) -> None:
    job = ended(inserted(task_type=f"{MODULE}.{name}", payload={"args": [], "kwargs": {}}))

    assert (job.status, job.error_code) == (Status.FAILED, "UNKNOWN_TASK_TYPE")
    assert f"'{MODULE}.{name}'" in job.error_message
    assert finished(tasks.add.enqueue(1)).return_value == 1


def test_arguments_that_do_not_fit_the_function_fail_saying_so(worker: WorkerProcess) -> None:
    result = tasks.hang_too_long.enqueue(1, 2, 3)
    finished(result)

    assert result.errors[0].exception_class is TypeError
