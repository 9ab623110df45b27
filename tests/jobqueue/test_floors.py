"""Claims that go on where the last one ended, and find all the same what came in behind."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from jobqueue import claim as claiming
from jobqueue.api import NewJob, enqueue, enqueue_many
from jobqueue.claim import claim
from jobqueue.floors import Floors
from jobqueue.models import Job
from jobqueue.states import Priority
from jobqueue.transitions import release
from tests.jobqueue.ear import raw_connection
from tests.jobqueue.explaining import nodes
from tests.jobqueue.factories import make_worker


class Clock:
    """A worker's clock that stands still."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class SlowFloors(Floors):
    """As on a table that is full of what cannot be forgotten."""

    def looked(self, seconds: float, jobs: int) -> None:
        super().looked(2.0, jobs)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def floors(clock: Clock) -> Floors:
    """Of a worker whose looks from the beginning are slow, for a time that does not pass."""
    return SlowFloors(clock)


@pytest.fixture
def worker(db: None) -> UUID:
    return make_worker().pk


def due(minutes_ago: int, **options: Any) -> str:
    """A job that has been due for so long."""
    return str(enqueue("noop", run_at=timezone.now() - timedelta(minutes=minutes_ago), **options).id)


def ids(worker: UUID, limit: int, floors: Floors, queues: tuple[str, ...] = ()) -> list[str]:
    """Those of the jobs that a claim takes."""
    return [job.id for job in claim(worker, limit, queues, floors=floors)]


@pytest.mark.parametrize("queues", [(), ("default", "mail")])
class TestGoingOn:
    def test_jobs_come_in_their_order(self, worker: UUID, floors: Floors, queues: tuple[str, ...]) -> None:
        made = [due(minutes) for minutes in range(9, 0, -1)]

        assert [ids(worker, 3, floors, queues) for _ in range(4)] == [made[:3], made[3:6], made[6:], []]

    def test_what_comes_in_behind_waits_while_there_is_enough_else(
        self, worker: UUID, floors: Floors, queues: tuple[str, ...]
    ) -> None:
        made = [due(minutes) for minutes in range(9, 1, -1)]
        taken = ids(worker, 3, floors, queues)
        behind = due(60)

        assert taken + ids(worker, 3, floors, queues) == made[:6]
        assert ids(worker, 3, floors, queues) == [*made[6:], behind]

    def test_and_no_longer_than_ten_times_what_the_look_took(
        self, worker: UUID, clock: Clock, floors: Floors, queues: tuple[str, ...]
    ) -> None:
        made = [due(minutes) for minutes in range(9, 1, -1)]
        taken = ids(worker, 3, floors, queues)
        behind = due(60)
        clock.now += 19.9
        taken += ids(worker, 3, floors, queues)
        assert taken == made[:6]

        clock.now += 0.2
        assert ids(worker, 1, floors, queues) == [behind]

    def test_what_this_worker_hands_back_goes_first_again(
        self, worker: UUID, floors: Floors, queues: tuple[str, ...]
    ) -> None:
        urgent = [due(minutes, priority=Priority.HIGH) for minutes in (5, 4, 3)]
        made = [due(minutes) for minutes in range(9, 1, -1)]
        assert ids(worker, 4, floors, queues) == [*urgent, made[0]]

        for claims in (1, 2):
            release([(id_, claims) for id_ in urgent[1:]])
            floors.returned(urgent[1:])
            assert ids(worker, 2, floors, queues) == urgent[1:]

    def test_a_higher_priority_goes_first_as_ever(self, worker: UUID, floors: Floors, queues: tuple[str, ...]) -> None:
        made = [due(minutes) for minutes in range(9, 1, -1)]
        taken = ids(worker, 3, floors, queues)
        urgent = due(0, priority=Priority.HIGH)

        assert taken == made[:3]
        assert ids(worker, 1, floors, queues) == [urgent]


def test_each_queue_has_its_own_place(worker: UUID, floors: Floors) -> None:
    mails = [due(minutes, queue="mail") for minutes in (30, 29, 28)]
    others = [due(minutes) for minutes in (9, 8, 7)]

    assert ids(worker, 2, floors, ("default", "mail")) == others[:2]
    assert ids(worker, 2, floors, ("mail", "default")) == mails[:2]
    assert ids(worker, 2, floors, ("default", "mail")) == [mails[2], others[2]]


@pytest.fixture
def looker_on(transactional_db: None) -> Iterator[None]:
    """A transaction that may still see all jobs as they are now, such as a backup's."""
    with raw_connection() as raw:
        raw.execute("TRUNCATE jobqueue_job CASCADE")  # with what tests before have left to step over
        enqueue_many([NewJob(task_type="noop")] * 20_000)
        raw.execute("ANALYZE jobqueue_job")
        raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        raw.execute("SELECT count(*) FROM jobqueue_job")
        yield
        raw.execute("ROLLBACK")


def test_a_claim_costs_the_same_however_many_were_claimed_under_a_long_transaction(looker_on: None) -> None:
    worker, floors = make_worker().pk, SlowFloors(Clock())
    floors.looked(0, 0)
    first = _pages(worker, floors)

    for _ in range(19):
        assert len(claim(worker, 1_000, floors=floors)) == 1_000

    assert _pages(worker, floors) < 2 * first
    # What it is for: from the beginning it steps over all of them.
    assert _pages(worker, Floors()) > 10 * first
    assert Job.objects.running().count() == 19_000


def _pages(worker: UUID, floors: Floors) -> int:
    """How many pages a claim touches that is taken back."""
    params: dict[str, Any] = {"worker": worker, "limit": 100, **claiming._lanes([])}
    explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING OFF) " + claiming._BEYOND_ALL
    with claiming._in_index_order() as cursor:
        cursor.execute(explain, params | floors.parameters(claiming._keys(params)))
        ((answer,),) = cursor.fetchall()
        transaction.set_rollback(True)
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    (walk,) = [node for node in nodes(plan) if node.get("Index Name") == "job_due"]
    return int(walk["Shared Hit Blocks"] + walk["Shared Read Blocks"])
