"""Which child gets which job, and that none waits for long behind another."""

from datetime import timedelta

from django.utils import timezone

from jobqueue.api import NewJob, cancel, enqueue, enqueue_many
from jobqueue.models import Job
from jobqueue.states import AttemptOutcome, Status

from .conftest import StartWorker
from .outcomes import all_ended, outcomes
from .processes import WorkerProcess
from .waiting import eventually


def naps(number: int, seconds: float = 0.001) -> list[NewJob]:
    return [NewJob(task_type="nap", payload={"seconds": seconds})] * number


def taught(worker: WorkerProcess) -> WorkerProcess:
    """The worker has learned that naps are short, so that it claims them ahead."""
    all_ended(made.id for made in enqueue_many(naps(40)))
    return worker


def test_short_jobs_do_not_wait_behind_a_long_one_of_their_kind(start_worker: StartWorker) -> None:
    taught(start_worker("--concurrency", "2"))
    long = enqueue("nap", {"seconds": 30}).id
    eventually(Job.objects.filter(pk=long, started_at__isnull=False).exists, "the long one runs")
    for _ in range(5):
        all_ended(made.id for made in enqueue_many(naps(200)))
    assert Job.objects.get(pk=long).status == Status.RUNNING


def test_what_a_frozen_child_did_not_begin_goes_back_and_runs_later_with_all_its_attempts(
    start_worker: StartWorker,
) -> None:
    worker = taught(start_worker("--concurrency", "1"))
    (child,) = worker.children()
    child.suspend()
    ids = [made.id for made in enqueue_many(naps(6))]
    eventually(lambda: Job.objects.filter(pk__in=ids, status=Status.RUNNING).count() == 6, "all are handed out")
    for_long = timezone.now() + timedelta(seconds=0.3)
    taken_for_begun = Job.objects.filter(pk=ids[0], started_at__isnull=False)
    eventually(lambda: taken_for_begun.exists() and timezone.now() > for_long, "the first is taken for begun")
    child.resume()
    first, *others = all_ended(ids)
    assert {(job.status, job.attempts) for job in (first, *others)} == {(Status.SUCCEEDED, 1)}
    assert outcomes(first) == [AttemptOutcome.RETURNED, AttemptOutcome.SUCCEEDED]
    assert all(outcomes(job) == [AttemptOutcome.SUCCEEDED] for job in others)


def test_a_cancelled_job_that_waits_behind_another_never_starts(start_worker: StartWorker) -> None:
    worker = taught(start_worker("--concurrency", "1"))
    (child,) = worker.children()
    child.suspend()
    ids = [made.id for made in enqueue_many(naps(6, 0.05))]
    eventually(lambda: Job.objects.filter(pk__in=ids, status=Status.RUNNING).count() == 6, "all are handed out")
    assert cancel([ids[-1]]).requested == [ids[-1]]
    child.resume()
    *others, last = all_ended(ids)
    assert (last.status, last.attempts, outcomes(last)) == (Status.CANCELLED, 0, [])
    assert {job.status for job in others} == {Status.SUCCEEDED}


def test_a_child_that_grew_too_large_is_replaced_between_jobs(start_worker: StartWorker) -> None:
    worker = start_worker("--concurrency", "1", CHILD_MAX_RSS_MIB=150)
    pids = [job.result for job in all_ended(enqueue("leak").id for _ in range(4))]
    assert len(set(pids)) > 1
    assert all(outcomes(job) == [AttemptOutcome.SUCCEEDED] for job in Job.objects.all())
    assert not set(pids[:1]) & {child.pid for child in worker.children()}
