"""A cancelled job stops and stays cancelled."""

from jobqueue.api import NewJob, cancel, enqueue, enqueue_many
from jobqueue.models import Job
from jobqueue.states import AttemptOutcome, Status

from .outcomes import all_ended, begun, ended, outcomes
from .processes import WorkerProcess


def test_a_running_job_is_stopped_and_says_why(worker: WorkerProcess) -> None:
    id_ = enqueue("hang").id
    begun(id_)
    moved = cancel([id_], reason="It was a mistake.")
    assert moved.requested == [id_]
    job = ended(id_)
    assert (job.status, job.error_code, job.error_message) == (Status.CANCELLED, "CANCELLED", "It was a mistake.")
    assert outcomes(job) == [AttemptOutcome.CANCELLED]


def test_it_does_not_come_back_though_it_had_attempts_left(worker: WorkerProcess) -> None:
    id_ = enqueue("hang", max_attempts=5).id
    begun(id_)
    cancel([id_])
    ended(id_)
    all_ended(made.id for made in enqueue_many([NewJob(task_type="noop")] * 50))
    assert Job.objects.get(pk=id_).status == Status.CANCELLED


def test_a_handler_that_swallows_the_interruption_is_cancelled_all_the_same(worker: WorkerProcess) -> None:
    id_ = enqueue("swallow_long").id
    begun(id_)
    cancel([id_])
    job = ended(id_)
    assert (job.status, outcomes(job)) == (Status.CANCELLED, [AttemptOutcome.CANCELLED])


def test_a_job_that_fails_after_it_was_asked_to_stop_is_not_retried(worker: WorkerProcess) -> None:
    id_ = enqueue("fail_when_stopped", max_attempts=5).id
    begun(id_)
    cancel([id_])
    assert ended(id_).status == Status.CANCELLED
