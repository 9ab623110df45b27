"""A stop uses up no attempt of an async handler either."""

import signal

import pytest

from jobqueue.api import enqueue
from jobqueue.models import Job
from jobqueue.states import AttemptOutcome, Status

from .conftest import StartWorker
from .outcomes import begun, outcomes


@pytest.mark.parametrize("where", ["gather", "thread"])
def test_a_stopping_worker_hands_it_back_with_all_its_attempts(start_worker: StartWorker, where: str) -> None:
    worker = start_worker(SHUTDOWN_GRACE_SECONDS=0.1)
    id_ = enqueue("async_hang", {"where": where}).id
    begun(id_)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    job = Job.objects.get(pk=id_)
    assert (job.status, job.attempts, outcomes(job)) == (Status.PENDING, 0, [AttemptOutcome.RETURNED])
