"""What becomes of a job whose handler does not simply return."""

from datetime import timedelta

from django.utils import timezone

from jobqueue.api import enqueue, retry
from jobqueue.models import Attempt, Job
from jobqueue.states import AttemptOutcome, Status

from .outcomes import attempts, ended, inserted, outcomes, reached, run
from .processes import WorkerProcess
from .waiting import eventually


def test_a_job_that_fails_at_first_is_retried_until_it_succeeds(worker: WorkerProcess) -> None:
    job = run("fail_until", {"number": 3})
    assert (job.status, job.result, job.attempts) == (Status.SUCCEEDED, "attempt 3", 3)
    assert [(a.number, a.outcome) for a in attempts(job)] == [
        (1, AttemptOutcome.ERROR),
        (2, AttemptOutcome.ERROR),
        (3, AttemptOutcome.SUCCEEDED),
    ]
    assert job.error_message == ""


def test_each_failed_attempt_keeps_its_error_with_the_whole_traceback(worker: WorkerProcess) -> None:
    first, *_ = attempts(run("fail_until", {"number": 2}))
    assert (first.error_code, first.error_message) == ("ValueError", "attempt 1 is too early")
    assert "in fail_until" in first.traceback
    assert first.traceback.endswith("ValueError: attempt 1 is too early\n")


def test_a_job_that_failed_waits_as_retrying_for_as_long_as_its_policy_says(worker: WorkerProcess) -> None:
    id_ = enqueue("fail_slowly").id
    job = reached(id_, Status.RETRYING)
    assert (job.attempts, job.error_code, job.finished_at) == (1, "ValueError", None)
    assert timedelta(minutes=59) < job.run_at - timezone.now() <= timedelta(hours=1)


def test_a_job_that_used_up_its_attempts_is_dead(worker: WorkerProcess) -> None:
    job = run("fail_until", {"number": 100})
    assert (job.status, job.attempts, len(attempts(job))) == (Status.DEAD, 3, 3)
    assert job.error_message == "attempt 3 is too early"


def test_an_operators_retry_of_a_dead_job_gives_fresh_attempts_and_keeps_the_history(worker: WorkerProcess) -> None:
    job = run("fail_until", {"number": 100})
    retry([job.pk])
    again = ended(job.pk)
    assert (again.status, again.attempts) == (Status.DEAD, 3)
    assert [attempt.number for attempt in attempts(again)] == [1, 2, 3, 1, 2, 3]


def test_an_error_that_no_retry_can_mend_fails_at_once(worker: WorkerProcess) -> None:
    job = run("refuse")
    assert (job.status, job.attempts) == (Status.FAILED, 1)
    assert (job.error_code, job.error_message) == ("NOT_FOUND", "There is no such thing.")


def test_a_postponed_job_runs_later_and_uses_no_attempt(worker: WorkerProcess) -> None:
    id_ = enqueue("postpone").id
    eventually(Attempt.objects.filter(job_id=id_).exists, "the job was postponed")
    job = Job.objects.get(pk=id_)
    assert (job.status, job.attempts, outcomes(job)) == (Status.PENDING, 0, [AttemptOutcome.POSTPONED])
    assert timedelta(minutes=59) < job.run_at - timezone.now() <= timedelta(hours=1)
    assert job.error_message == "The platform asks for patience."


def test_a_job_that_gives_up_is_cancelled_with_its_reason(worker: WorkerProcess) -> None:
    job = run("give_up")
    assert (job.status, job.error_message) == (Status.CANCELLED, "Nothing to do.")
    assert outcomes(job) == [AttemptOutcome.CANCELLED]


def test_a_job_not_started_by_its_deadline_is_cancelled_as_expired_and_never_runs(worker: WorkerProcess) -> None:
    job = run("add_one", {"number": 1}, deadline=timezone.now() - timedelta(seconds=1))
    assert (job.status, job.error_code, job.attempts) == (Status.CANCELLED, "EXPIRED", 0)
    assert job.result is None


def test_a_row_whose_attempts_are_used_up_already_runs_once_more_and_stops_no_worker(worker: WorkerProcess) -> None:
    job = ended(inserted(task_type="fail_until", payload={"number": 100}, attempts=2, max_attempts=2))
    assert (job.status, job.attempts) == (Status.DEAD, 2)
    assert run("noop").status == Status.SUCCEEDED
