"""Chains and groups over several workers, and in single cycles."""

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest

from jobqueue.api import NewJob, chain, enqueue, group
from jobqueue.models import Job
from jobqueue.states import OnFailure, Status

from .conftest import StartWorker
from .outcomes import ended, run
from .turns import order, table_of_turns
from .waiting import eventually


@pytest.fixture(autouse=True)
def turns_table(database: None) -> Iterator[None]:
    with table_of_turns():
        yield


def _turn(**options: object) -> NewJob:
    return NewJob(**{"task_type": "note_turn", **options})  # type: ignore[arg-type]


def test_a_worker_of_another_queue_is_woken_for_what_depends_on_this_ones_job(start_worker: StartWorker) -> None:
    start_worker("--queues", "a", POLL_SECONDS=60)
    start_worker("--queues", "b", POLL_SECONDS=60)

    ids = [one.id for one in chain([_turn(queue=queue) for queue in "abab"])]

    ended(ids[-1])
    assert order() == ids


def test_one_cycle_runs_a_chain_to_its_end(start_worker: StartWorker) -> None:
    ids = [one.id for one in chain([_turn() for _ in range(5)])]

    assert start_worker("--once", is_ready=False).wait() == 0

    assert order() == ids


def test_one_cycle_keeps_house_first(start_worker: StartWorker) -> None:
    late = enqueue("noop", delay=timedelta(hours=1)).id
    Job.objects.filter(pk=late).update(deadline="2026-01-01T00:00Z")
    child = enqueue("note_turn", depends_on=[late], on_failure=OnFailure.RUN).id

    assert start_worker("--once", is_ready=False).wait() == 0

    assert Job.objects.get(pk=late).error_code == "EXPIRED"
    assert order() == [child]


@pytest.mark.fault
def test_a_killed_workers_group_is_finished_by_the_next_one(start_worker: StartWorker) -> None:
    first = start_worker(LOST_AFTER_SECONDS=2, HEARTBEAT_SECONDS=0.5)
    members, last = group([_turn(payload={"seconds": 0.01}) for _ in range(200)], _turn())
    eventually(lambda: len(order()) > 20, "some have run")

    first.signal_all(signal.SIGKILL)
    start_worker(LOST_AFTER_SECONDS=2, HEARTBEAT_SECONDS=0.5)

    assert ended(last.id).status == Status.SUCCEEDED
    assert order()[-1] == last.id
    assert {member.id for member in members} <= set(order()[:-1])
    assert run("noop").status == Status.SUCCEEDED
