"""A worker that was frozen for so long that others took its jobs changes nothing when it wakes."""

import signal

import pytest

from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.models import Attempt, Job, Worker
from jobqueue.states import AttemptOutcome, Status

from .conftest import StartWorker
from .effects import wait_for_runs
from .outcomes import all_ended, begun, outcomes, run
from .processes import WorkerProcess
from .waiting import eventually
from .wire import Wire

pytestmark = pytest.mark.fault

_QUICK = {"HEARTBEAT_SECONDS": 0.5, "LOST_AFTER_SECONDS": 2.0}


def frozen(worker: WorkerProcess) -> Worker:
    """The worker stands still, on another host as far as others can tell."""
    worker.signal_all(signal.SIGSTOP)
    row = Worker.objects.get(pk=worker.id)
    Worker.objects.filter(pk=row.pk).update(machine="elsewhere")
    return row


def test_its_jobs_are_finished_by_another_and_it_goes_on_under_a_new_identity(
    start_worker: StartWorker, runs_table: None, wire: Wire
) -> None:
    jobs = [NewJob(task_type="note_run", payload={"seconds": 0.01})] * 1_000
    ids = [made.id for made in enqueue_many(jobs)]
    first = start_worker("--concurrency", "2", variables={"DATABASE_URL": wire.url}, **_QUICK)
    wait_for_runs(50)
    # The worst moment: between storing outcomes and committing them, it holds locks on the jobs.
    wire.stall_before(b"INTO jobqueue_attempt", b"COMMIT")
    eventually(lambda: wire.stalls, "it is in the middle of a transaction")
    row = frozen(first)
    second = start_worker("--concurrency", "2", **_QUICK)
    eventually(Worker.objects.filter(pk=row.pk, lost_at__isnull=False).exists, "it is declared lost")
    assert Job.objects.filter(status=Status.PENDING).exists(), "There is work left for the one that wakes."
    first.signal_all(signal.SIGCONT)
    assert {job.status for job in all_ended(ids)} == {Status.SUCCEEDED}
    succeeded = Attempt.objects.filter(outcome=AttemptOutcome.SUCCEEDED)
    assert succeeded.count() == succeeded.values("job_id").distinct().count() == len(ids)
    eventually(lambda: first.id != row.pk, "it registers anew")
    second.end()
    assert run("noop").status == Status.SUCCEEDED


def test_it_cannot_touch_a_job_that_another_runs_by_now(start_worker: StartWorker) -> None:
    first = start_worker("--concurrency", "1", **_QUICK)
    id_ = enqueue("hang_on_second").id
    begun(id_)
    frozen(first)
    second = start_worker("--concurrency", "1", **_QUICK)
    eventually(Job.objects.filter(pk=id_, claim=2).exists, "it runs elsewhere")
    before = begun(id_)
    # A stop that finds a worker frozen is heard when it wakes.
    first.signal(signal.SIGTERM)
    first.signal_all(signal.SIGCONT)
    assert first.wait() == 0
    after = Job.objects.get(pk=id_)
    assert (after.status, after.claim, after.worker_id) == (Status.RUNNING, 2, second.id)
    assert (after.started_at, after.attempts) == (before.started_at, 2)
    assert outcomes(after) == [AttemptOutcome.LOST]
