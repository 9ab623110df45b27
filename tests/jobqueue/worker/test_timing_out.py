"""An attempt that takes too long ends, whatever it does, and within the grace period (one second in tests)."""

from datetime import timedelta

import pytest

from jobqueue.api import NewJob, enqueue_many
from jobqueue.models import LogLine
from jobqueue.states import AttemptOutcome, Status

from .outcomes import all_ended, attempts, outcomes, run
from .processes import WorkerProcess


@pytest.mark.parametrize("task_type", ["busy_loop", "busy_in_c", "swallow"])
def test_a_job_that_runs_too_long_is_stopped(worker: WorkerProcess, task_type: str) -> None:
    job = run(task_type)
    assert (job.status, job.error_code) == (Status.DEAD, "TIMEOUT")
    assert job.error_message == "It ran longer than its timeout of 0.3 s."
    (attempt,) = attempts(job)
    assert attempt.outcome == AttemptOutcome.TIMED_OUT
    assert attempt.duration >= timedelta(seconds=0.25)
    assert job.result is None


def test_where_it_was_when_it_was_stopped_is_in_the_traceback(worker: WorkerProcess) -> None:
    (attempt,) = attempts(run("busy_loop"))
    assert "in busy_loop" in attempt.traceback


def test_a_jobs_own_timeout_beats_that_of_its_task_type(worker: WorkerProcess) -> None:
    job = run("nap", {"seconds": 30}, timeout=timedelta(seconds=0.2), max_attempts=1)
    assert (job.status, job.error_message) == (Status.DEAD, "It ran longer than its timeout of 0.2 s.")


def test_a_job_that_timed_out_is_retried_as_after_any_passing_error(worker: WorkerProcess) -> None:
    job = run("nap", {"seconds": 30}, timeout=timedelta(seconds=0.1), max_attempts=2)
    assert (job.status, outcomes(job)) == (Status.DEAD, [AttemptOutcome.TIMED_OUT] * 2)


def test_a_job_that_is_stopped_may_clean_up(worker: WorkerProcess) -> None:
    job = run("clean_up_when_stopped", timeout=timedelta(seconds=0.2), max_attempts=1)
    assert outcomes(job) == [AttemptOutcome.TIMED_OUT]
    assert [line.text for line in LogLine.objects.filter(job_id=job.pk)] == ["cleaned up"]


def test_a_handler_that_catches_every_exception_is_stopped_all_the_same(worker: WorkerProcess) -> None:
    job = run("stubborn", timeout=timedelta(seconds=0.2), max_attempts=1)
    assert outcomes(job) == [AttemptOutcome.TIMED_OUT]


def test_jobs_behind_one_that_times_out_lose_no_attempt(worker: WorkerProcess) -> None:
    all_ended(made.id for made in enqueue_many([NewJob(task_type="nap", payload={"seconds": 0.001})] * 50))
    jobs = [NewJob(task_type="nap", payload={"seconds": 30}, timeout=timedelta(seconds=0.05), max_attempts=1)] * 2
    jobs += [NewJob(task_type="nap", payload={"seconds": 0.001})] * 40
    first, second, *others = all_ended(made.id for made in enqueue_many(jobs))
    assert outcomes(first) == outcomes(second) == [AttemptOutcome.TIMED_OUT]
    for job in others:
        assert (job.status, job.attempts) == (Status.SUCCEEDED, 1)
        assert AttemptOutcome.KILLED not in outcomes(job)
