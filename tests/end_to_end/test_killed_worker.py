"""kill -9 of the whole worker in the middle of a sync: the next one takes over by itself."""

import signal
from contextlib import suppress

import psutil
import pytest

from gameplatform.models import Solve, SyncRun
from jobqueue.models import Job, Worker
from jobqueue.states import AttemptOutcome, Status
from tests.gameplatform.platform import Platform
from tests.jobqueue.worker.outcomes import attempts
from tests.jobqueue.worker.processes import WorkerProcess
from tests.jobqueue.worker.waiting import eventually

from .conftest import StartWorker
from .mirror import check_mirror
from .syncs import BATCH, accounts_done, ask_for_sync, succeeded, wait_until_done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


def test_the_next_worker_goes_on_with_the_sync(platform: Platform, start_worker: StartWorker) -> None:
    id_ = ask_for_sync(forceFullSync=True)
    killed = start_worker()
    wait_until_done(id_, 3 * BATCH)
    kill(killed)
    lost = killed.id
    done_before = accounts_done(id_)

    start_worker()
    job = succeeded(id_)

    check_mirror(platform)
    first, second = attempts(job)
    assert (first.outcome, first.number, first.worker_id) == (AttemptOutcome.LOST, 1, lost)
    assert (second.outcome, second.number) == (AttemptOutcome.SUCCEEDED, 2)
    assert Worker.objects.get(pk=lost).lost_at is not None
    run = SyncRun.objects.get(job_id=id_)
    assert run.done == run.total > done_before
    assert run.solves_added == Solve.objects.count()


def test_a_worker_that_wakes_up_after_it_was_given_up_changes_nothing(
    platform: Platform, start_worker: StartWorker
) -> None:
    id_ = ask_for_sync()
    paused = start_worker()
    wait_until_done(id_, 2 * BATCH)
    paused.signal_all(signal.SIGSTOP)
    try:
        lost = Worker.objects.get(jobs=id_)
        start_worker()
        others = Job.objects.filter(pk=id_, status=Status.RUNNING).exclude(worker=lost)
        eventually(others.exists, "another worker runs it")
    finally:
        wake(paused)

    job = succeeded(id_)

    check_mirror(platform)
    assert [(attempt.number, attempt.outcome) for attempt in attempts(job)] == [
        (1, AttemptOutcome.LOST),
        (2, AttemptOutcome.SUCCEEDED),
    ]


def wake(worker: WorkerProcess) -> None:
    """The executors first: they go on writing before their supervisor learns that it was given up and kills them."""
    for process in reversed(worker.everything()):
        with suppress(psutil.NoSuchProcess):
            process.resume()


def kill(worker: WorkerProcess) -> None:
    """kill -9 of the supervisor alone; that its processes die with it is part of the promise."""
    worker.signal(signal.SIGKILL)
    worker.wait()
    eventually(lambda: not worker.everything(), "the zygote and the children died with it")
