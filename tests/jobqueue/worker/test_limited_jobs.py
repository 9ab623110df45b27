"""Concurrency keys, pauses and queues in real workers."""

import signal
from collections.abc import Iterator
from uuid import UUID

import pytest

from jobqueue.api import NewJob, enqueue, enqueue_many, pause, resume
from jobqueue.models import Job
from jobqueue.models.pause import PauseScope
from jobqueue.states import Parked, Priority, Status

from .conftest import StartWorker
from .outcomes import all_ended, begun, ended, inserted, reached
from .turns import most_at_once, order, table_of_turns
from .waiting import eventually


@pytest.fixture(autouse=True)
def turns_table(database: None) -> Iterator[None]:
    with table_of_turns():
        yield


def _turns(number: int, **options: object) -> list[UUID]:
    job = NewJob(**{"task_type": "note_turn", **options})  # type: ignore[arg-type]
    return [one.id for one in enqueue_many([job] * number)]


def test_two_workers_never_run_more_of_a_key_than_its_limit_and_all_run_in_the_end(start_worker: StartWorker) -> None:
    one, two = (
        _turns(40, payload={"seconds": 0.01}, concurrency_key=key, concurrency_limit=limit)
        for key, limit in (("one", 1), ("two", 2))
    )
    free = _turns(40)
    for _ in range(2):
        start_worker("--concurrency", "4")

    assert {job.status for job in all_ended([*one, *two, *free])} == {Status.SUCCEEDED}
    most = most_at_once()
    assert most["one"] == 1
    assert 1 <= most["two"] <= 2


def test_a_job_that_is_retried_later_holds_no_place_meanwhile(start_worker: StartWorker) -> None:
    start_worker("--concurrency", "2")
    first = enqueue("fail_slowly", concurrency_key="k").id
    reached(first, Status.RETRYING)

    assert ended(enqueue("noop", concurrency_key="k").id).status == Status.SUCCEEDED


def test_a_postponed_job_frees_its_place(start_worker: StartWorker) -> None:
    start_worker("--concurrency", "2")
    ids = [enqueue("postpone", concurrency_key="k").id, enqueue("noop", concurrency_key="k").id]

    assert ended(ids[1]).status == Status.SUCCEEDED
    eventually(Job.objects.filter(pk=ids[0], postponed=1, status=Status.PENDING).exists, "the first is postponed")


@pytest.mark.fault
def test_a_killed_workers_places_are_free_after_its_rescue(start_worker: StartWorker) -> None:
    first = start_worker("--concurrency", "2", LOST_AFTER_SECONDS=2, HEARTBEAT_SECONDS=0.5)
    running = [enqueue("hang", concurrency_key="k", concurrency_limit=2).id for _ in range(2)]
    for id_ in running:
        begun(id_)
    Job.objects.filter(pk__in=running).update(task_type="noop")
    waiting = _turns(10, concurrency_key="k", concurrency_limit=2)

    first.signal_all(signal.SIGKILL)
    start_worker("--concurrency", "2", LOST_AFTER_SECONDS=2, HEARTBEAT_SECONDS=0.5)

    assert {job.status for job in all_ended([*running, *waiting])} == {Status.SUCCEEDED}


def test_a_worker_that_is_stopped_hands_its_places_back(start_worker: StartWorker) -> None:
    first = start_worker("--concurrency", "1", SHUTDOWN_GRACE_SECONDS=0.2, INTERRUPT_GRACE_SECONDS=1)
    running = enqueue("hang", concurrency_key="k").id
    begun(running)
    (waiting,) = _turns(1, concurrency_key="k")

    first.signal(signal.SIGTERM)
    assert first.wait() == 0
    Job.objects.filter(pk=running).update(task_type="noop")
    start_worker()

    assert {job.status for job in all_ended([running, waiting])} == {Status.SUCCEEDED}


def test_a_worker_of_some_queues_takes_only_theirs_by_priority_and_in_turns(start_worker: StartWorker) -> None:
    low, high = (
        {queue: _turns(6, queue=queue, priority=level) for queue in "abc"} for level in (Priority.LOW, Priority.HIGH)
    )

    # By a limit and not by their order in one run: a job claimed ahead of a slow one is handed back and begins later.
    once = ("--queues", "a,b", "--concurrency", "1", "--once")
    assert start_worker(*once, "--limit", "12", is_ready=False).wait() == 0
    assert set(order()) == {*high["a"], *high["b"]}

    assert start_worker(*once, is_ready=False).wait() == 0
    assert set(order()[12:]) == {*low["a"], *low["b"]}
    assert Job.objects.filter(queue="c", status=Status.PENDING).count() == 12


@pytest.mark.parametrize("scope", [PauseScope.QUEUE, PauseScope.TASK_TYPE])
def test_a_pause_is_kept_by_running_workers_and_its_backlog_parked_until_it_ends(
    start_worker: StartWorker, scope: PauseScope
) -> None:
    start_worker("--concurrency", "2", POLL_SECONDS=60)
    pause(reason="down", scope=scope, name="paused" if scope == PauseScope.QUEUE else "note_turn")

    ids = _turns(20, queue="paused")
    other = enqueue("noop")

    assert ended(other.id).status == Status.SUCCEEDED
    eventually(lambda: Job.objects.filter(parked=Parked.PAUSED).count() == 20, "the backlog is parked")
    assert order() == []
    resume(scope=scope, name="paused" if scope == PauseScope.QUEUE else "note_turn")
    all_ended(ids)
    assert sorted(order()) == sorted(ids)


def test_one_cycle_brings_back_what_an_ended_pause_had_parked(start_worker: StartWorker) -> None:
    id_ = inserted(task_type="note_turn", payload={}, parked=Parked.PAUSED, blockers=1)

    assert start_worker("--once", is_ready=False).wait() == 0

    assert order() == [id_]
