"""What a task type's policy makes of errors, as far as it takes a real worker to see it."""

from datetime import timedelta

from django.utils import timezone

from jobqueue.api import enqueue, retry
from jobqueue.states import AttemptOutcome, Status

from .outcomes import attempts, ended, outcomes, reached, run
from .processes import WorkerProcess


def test_an_error_that_asks_for_a_longer_wait_than_the_backoffs_gets_it(worker: WorkerProcess) -> None:
    job = reached(enqueue("ask_to_wait").id, Status.RETRYING)
    assert (job.attempts, job.error_code) == (1, "BusyError")
    assert timedelta(minutes=29) < job.run_at - timezone.now() <= timedelta(minutes=30)


def test_an_error_whose_class_is_hopeless_fails_at_once_and_its_base_class_does_not(worker: WorkerProcess) -> None:
    hopeless, hopeful = run("choosy", {"text": "hopeless"}), run("choosy", {"text": "hopeful"})
    assert (hopeless.status, hopeless.attempts, hopeless.error_code) == (Status.FAILED, 1, "HopelessError")
    assert (hopeful.status, hopeful.attempts, hopeful.error_code) == (Status.DEAD, 2, "ValueError")


def test_a_job_that_asks_to_be_run_later_again_and_again_fails_in_the_end(worker: WorkerProcess) -> None:
    job = run("postpone_always")
    assert (job.status, job.attempts, job.error_code) == (Status.FAILED, 1, "POSTPONED_TOO_OFTEN")
    assert "3 times in a row" in job.error_message
    assert "There is always something." in job.error_message
    assert outcomes(job) == [AttemptOutcome.POSTPONED, AttemptOutcome.POSTPONED, AttemptOutcome.ERROR]


def test_an_operators_retry_lets_it_ask_as_often_again(worker: WorkerProcess) -> None:
    job = run("postpone_always")
    retry([job.pk])
    assert len(attempts(ended(job.pk))) == 6


def test_every_failed_attempt_says_the_class_of_its_error(worker: WorkerProcess) -> None:
    (attempt,) = attempts(run("choosy", {"text": "hopeless"}))
    assert attempt.error_class == "tests.jobqueue.sample.jobs.HopelessError"


def test_errors_that_look_alike_have_one_fingerprint(worker: WorkerProcess) -> None:
    first, second, other = run("fail_until", {"number": 9}), run("fail_until", {"number": 10}), run("exit_hard")
    assert first.fingerprint == second.fingerprint
    assert len({first.fingerprint, other.fingerprint, ""}) == 3
