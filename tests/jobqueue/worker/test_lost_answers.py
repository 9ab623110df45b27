"""The connection breaks after PostgreSQL did what it was told and before the worker hears of it."""

import pytest

from jobqueue.api import NewJob, enqueue_many
from jobqueue.states import AttemptOutcome, Status

from .conftest import StartWorker
from .outcomes import all_ended, outcomes
from .wire import Wire

pytestmark = pytest.mark.fault

_CLAIM = b"claim = job.claim + 1"
_FINISH = b"INTO jobqueue_attempt"


@pytest.mark.parametrize(
    ("what", "task_type"), [((_CLAIM, b"COMMIT"), "noop"), ((_FINISH,), "noop"), ((_FINISH, b"COMMIT"), "chatty")]
)
def test_jobs_are_run_and_recorded_once_although_the_answer_is_lost(
    start_worker: StartWorker, wire: Wire, what: tuple[bytes, ...], task_type: str
) -> None:
    wire.cut_after(*what)
    payload = {"number": 1} if task_type == "chatty" else None
    ids = [made.id for made in enqueue_many([NewJob(task_type=task_type, payload=payload)] * 40)]
    start_worker("--no-scheduler", variables={"DATABASE_URL": wire.url})
    jobs = all_ended(ids)
    assert wire.cuts == 1
    assert {job.status for job in jobs} == {Status.SUCCEEDED}
    assert {tuple(outcomes(job)) for job in jobs} == {(AttemptOutcome.SUCCEEDED,)}
