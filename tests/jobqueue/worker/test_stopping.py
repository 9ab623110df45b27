"""A stop uses up no attempt and leaves nothing behind."""

import signal

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import Job, Worker
from jobqueue.states import AttemptOutcome, Status

from .conftest import StartWorker
from .outcomes import begun, outcomes, wait_for_successes
from .waiting import eventually


def assert_nothing_runs() -> None:
    assert not Job.objects.filter(status=Status.RUNNING).exists()
    assert not Worker.objects.filter(stopped_at=None).exists()


def test_a_running_job_may_end(start_worker: StartWorker) -> None:
    worker = start_worker()
    id_ = enqueue("report_progress").id
    begun(id_)
    worker.signal(signal.SIGINT)
    assert worker.wait() == 0
    assert outcomes(Job.objects.get(pk=id_)) == [AttemptOutcome.SUCCEEDED]
    assert_nothing_runs()


def test_a_job_that_takes_longer_than_the_grace_is_handed_back_with_all_its_attempts(
    start_worker: StartWorker,
) -> None:
    worker = start_worker(SHUTDOWN_GRACE_SECONDS=0.3)
    id_ = enqueue("hang").id
    begun(id_)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    job = Job.objects.get(pk=id_)
    assert (job.status, job.attempts, outcomes(job)) == (Status.PENDING, 0, [AttemptOutcome.RETURNED])
    assert_nothing_runs()


def test_a_job_in_its_second_attempt_is_handed_back_in_its_second_attempt(start_worker: StartWorker) -> None:
    worker = start_worker(SHUTDOWN_GRACE_SECONDS=0.1)
    id_ = enqueue("hang_on_second").id
    eventually(Job.objects.filter(pk=id_, claim=2).exists, "it runs again")
    begun(id_)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    job = Job.objects.get(pk=id_)
    assert (job.status, job.attempts) == (Status.RETRYING, 1)
    assert outcomes(job) == [AttemptOutcome.ERROR, AttemptOutcome.RETURNED]


def test_a_second_signal_does_not_wait_for_anything(start_worker: StartWorker) -> None:
    worker = start_worker(SHUTDOWN_GRACE_SECONDS=300, INTERRUPT_GRACE_SECONDS=300)
    ids = [enqueue(task_type).id for task_type in ("hang", "stubborn_hang")]
    for id_ in ids:
        begun(id_)
    worker.signal(signal.SIGTERM)
    eventually(lambda: "Stopping" in worker.log.read_text(), "it heard the first")
    assert not worker.has_ended()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    for id_ in ids:
        job = Job.objects.get(pk=id_)
        assert (job.status, job.attempts, outcomes(job)) == (Status.PENDING, 0, [AttemptOutcome.RETURNED])
    assert_nothing_runs()


def test_a_signal_to_all_its_processes_as_by_a_service_manager_is_no_different(start_worker: StartWorker) -> None:
    worker = start_worker()
    id_ = enqueue("report_progress").id
    begun(id_)
    worker.signal_all(signal.SIGTERM)
    assert worker.wait() == 0
    assert outcomes(Job.objects.get(pk=id_)) == [AttemptOutcome.SUCCEEDED]


def test_jobs_claimed_ahead_are_handed_back(start_worker: StartWorker) -> None:
    worker = start_worker(SHUTDOWN_GRACE_SECONDS=0.3)
    enqueue_many([NewJob(task_type="nap", payload={"seconds": 0.02})] * 3_000)
    wait_for_successes(100)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    assert_nothing_runs()
    left = Job.objects.filter(status=Status.PENDING)
    assert left.exists()
    assert not left.exclude(attempts=0).exists()
    assert Job.objects.filter(status=Status.SUCCEEDED).count() + left.count() == 3_000


def test_a_worker_is_stopped_under_full_load_again_and_again(start_worker: StartWorker) -> None:
    for _ in range(2):
        # Anew each time: a fast machine may have drained all that a stop came too late for.
        enqueue_many([NewJob(task_type="noop")] * 15_000)
        before = Job.objects.filter(status=Status.SUCCEEDED).count()
        worker = start_worker()
        wait_for_successes(before + 500)
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0
        assert_nothing_runs()
    assert not Job.objects.exclude(status__in=[Status.SUCCEEDED, Status.PENDING]).exists()


def test_an_idle_worker_stops_and_says_so_in_its_row(start_worker: StartWorker) -> None:
    worker = start_worker()
    id_ = worker.id
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    row = Worker.objects.get(pk=id_)
    assert row.stopped_at is not None
    assert (row.lost_at, row.is_sleeping) == (None, False)
