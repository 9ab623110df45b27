"""Parking: a backlog of paused jobs leaves the claim's way, and all of it comes back."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from jobqueue import claim as claiming
from jobqueue import housekeeping, parking
from jobqueue.api import NewJob, edit, enqueue, enqueue_many, pause, resume
from jobqueue.claim import claim
from jobqueue.editing import JobChanges
from jobqueue.ids import uuid7
from jobqueue.models import Job, Pause
from jobqueue.models.pause import PauseScope
from jobqueue.states import Parked, Priority, Status
from jobqueue.transitions import Moved, cancel, delete, expire, retry, run_now
from tests.jobqueue.ear import Ear
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import job_in, status_of
from tests.jobqueue.threads import beside, in_threads

pytestmark = pytest.mark.django_db
QUEUE, TASK_TYPE, EVERYTHING = PauseScope.QUEUE, PauseScope.TASK_TYPE, PauseScope.EVERYTHING


def _backlog(number: int, **options: Any) -> list[UUID]:
    return [one.id for one in enqueue_many([NewJob(**{"task_type": "noop", "queue": "mail", **options})] * number)]


def _parked() -> int:
    return Job.objects.filter(parked=Parked.PAUSED).count()


def _claimed(limit: int = 10) -> list[UUID]:
    return [UUID(job.id) for job in claim(make_worker().pk, limit)]


def _rows_touched(limit: int = 1) -> int:
    """How many rows of the highest level a claim reads, used or thrown away; it is not carried out.

    Of several levels PostgreSQL would tell the mean, rounded.
    """
    with claiming._in_index_order() as cursor:
        before = transaction.savepoint_create()
        cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) " + claiming._CLAIM_ALL, {"worker": uuid7(), "limit": limit}
        )
        ((answer,),) = cursor.fetchall()
        transaction.savepoint_rollback(before)
    return _touched((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])


def _touched(plan: dict[str, Any]) -> int:
    own = 0
    if plan.get("Index Name", "").startswith("job_due"):
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return int(own) + sum(_touched(child) for child in plan.get("Plans", []))


@pytest.mark.parametrize(("scope", "name"), [(QUEUE, "mail"), (TASK_TYPE, "noop")])
class TestABacklog:
    def test_it_stands_in_the_way_only_until_the_next_housekeeping(self, scope: PauseScope, name: str) -> None:
        _backlog(500, priority=Priority.CRITICAL)
        behind = enqueue("add_one", {"number": 1}, priority=Priority.CRITICAL).id
        pause(reason="down", scope=scope, name=name)
        assert _rows_touched() >= 500

        housekeeping.keep()

        assert _parked() == 500
        assert _rows_touched() == 1
        assert _claimed() == [behind]

    def test_all_of_it_comes_back_when_the_pause_is_ended(self, scope: PauseScope, name: str) -> None:
        ids = _backlog(50)
        pause(reason="down", scope=scope, name=name)
        housekeeping.keep()

        resume(scope=scope, name=name)

        assert _claimed(100) == ids

    def test_all_of_it_comes_back_when_the_pause_ends_by_itself(self, scope: PauseScope, name: str) -> None:
        ids = _backlog(5)
        row = pause(reason="down", scope=scope, name=name, ends_at=timezone.now() + timedelta(hours=1))
        housekeeping.keep()
        assert _parked() == 5

        Pause.objects.filter(pk=row.pk).update(ends_at=timezone.now() - timedelta(seconds=1))
        assert _claimed() == []
        housekeeping.keep()

        assert _claimed() == ids


def test_more_than_a_resume_brings_back_at_once_comes_with_the_next_housekeeping() -> None:
    _backlog(5_300)
    pause(reason="down", scope=QUEUE, name="mail")
    housekeeping.keep()
    assert _parked() == 5_300

    resume(scope=QUEUE, name="mail")
    assert _parked() == 300
    housekeeping.keep()

    assert _parked() == 0
    assert Job.objects.filter(blockers=0).count() == 5_300


@pytest.mark.parametrize("first", [(QUEUE, "mail"), (TASK_TYPE, "noop")])
def test_a_job_under_two_pauses_comes_back_when_both_are_gone(first: tuple[PauseScope, str]) -> None:
    ids = _backlog(3)
    pauses = {(QUEUE, "mail"), (TASK_TYPE, "noop")}
    for scope, name in pauses:
        pause(reason="down", scope=scope, name=name)
    housekeeping.keep()
    (second,) = pauses - {first}

    resume(scope=first[0], name=first[1])
    housekeeping.keep()
    assert (_parked(), _claimed()) == (3, [])
    resume(scope=second[0], name=second[1])

    assert _claimed() == ids


def test_a_pause_of_everything_parks_nothing() -> None:
    _backlog(3)
    pause(reason="deploy", scope=EVERYTHING)

    housekeeping.keep()

    assert (_parked(), _claimed()) == (0, [])


def test_what_is_not_due_or_not_paused_is_not_parked() -> None:
    _backlog(1, delay=timedelta(hours=1))
    enqueue("noop", queue="other")
    pause(reason="down", scope=QUEUE, name="mail")

    housekeeping.keep()

    assert _parked() == 0


def test_a_retrying_job_is_parked_and_comes_back_as_what_it_was() -> None:
    id_ = job_in(Status.RETRYING, queue="mail")
    Job.objects.filter(pk=id_).update(run_at=timezone.now() - timedelta(seconds=1))
    pause(reason="down", scope=QUEUE, name="mail")
    housekeeping.keep()
    assert Job.objects.get(pk=id_).parked == Parked.PAUSED

    resume(scope=QUEUE, name="mail")

    assert status_of(id_) == Status.RETRYING
    assert _claimed() == [id_]


@pytest.fixture
def parked() -> UUID:
    """A job whose queue is paused, parked."""
    (id_,) = _backlog(1)
    pause(reason="down", scope=QUEUE, name="mail")
    housekeeping.keep()
    assert _parked() == 1
    return id_


class TestAParkedJob:
    def test_it_can_be_cancelled_and_retried(self, parked: UUID) -> None:
        assert cancel([parked]) == Moved(done=[parked])
        job = Job.objects.get()
        assert (job.status, job.parked, job.blockers) == (Status.CANCELLED, "", 0)

        assert retry([parked]) == Moved(done=[parked])
        assert _claimed() == []
        resume(scope=QUEUE, name="mail")
        assert _claimed() == [parked]

    def test_it_can_be_deleted(self, parked: UUID) -> None:
        assert delete([parked]) == Moved(done=[parked])
        assert resume(scope=QUEUE, name="mail")
        assert not Job.objects.exists()

    def test_a_retry_now_of_one_that_retries_leaves_it_parked_until_the_pause_ends(self, parked: UUID) -> None:
        Job.objects.update(status=Status.RETRYING, attempts=1)

        assert retry([parked]) == Moved(done=[parked])
        assert _claimed() == []
        resume(scope=QUEUE, name="mail")

        assert _claimed() == [parked]

    def test_run_now_leaves_it_paused(self, parked: UUID) -> None:
        assert run_now([parked]) == Moved(done=[parked])
        assert _claimed() == []

    def test_it_runs_if_it_is_moved_to_another_queue(self, parked: UUID) -> None:
        assert edit(parked, JobChanges(queue="other")) == Moved(done=[parked])
        assert _claimed() == [parked]

    def test_it_stays_paused_if_the_other_queue_is_paused_too(self, parked: UUID) -> None:
        pause(reason="down", scope=QUEUE, name="other")

        edit(parked, JobChanges(queue="other"))
        assert _claimed() == []
        housekeeping.keep()
        resume(scope=QUEUE, name="mail")
        assert (_claimed(), _parked()) == ([], 1)

        resume(scope=QUEUE, name="other")
        assert _claimed() == [parked]

    def test_it_expires_at_its_deadline(self, parked: UUID) -> None:
        Job.objects.update(deadline=timezone.now() - timedelta(seconds=1))

        assert expire() == [parked]

        job = Job.objects.get()
        assert (job.status, job.parked, job.error_code) == (Status.CANCELLED, "", "EXPIRED")


def test_a_job_that_was_met_while_its_queue_was_paused_waits_for_the_end_of_the_pause() -> None:
    parent = enqueue("noop", queue="other").id
    (child,) = _backlog(1, depends_on=[parent])
    pause(reason="down", scope=QUEUE, name="mail")
    (claimed,) = claim(make_worker().pk, 1)
    Job.objects.filter(pk=claimed.id).update(status=Status.SUCCEEDED, worker=None, finished_at=timezone.now())
    housekeeping.keep()
    housekeeping.keep()
    assert (_parked(), _claimed()) == (1, [])

    resume(scope=QUEUE, name="mail")

    assert _claimed() == [child]


def test_more_than_one_look_reaches_is_parked_in_several() -> None:
    _backlog(6_000)
    pause(reason="down", scope=QUEUE, name="mail")

    assert parking.park_paused() == 6_000

    assert _rows_touched() == 0


@pytest.mark.parametrize("duty", [parking.park_paused, parking.unpark, expire, housekeeping.keep])
def test_a_quiet_queue_is_left_alone(duty: Callable[[], object]) -> None:
    id_ = enqueue("noop", delay=timedelta(hours=1)).id

    duty()

    assert Job.objects.get() == Job.objects.get(pk=id_, status=Status.PENDING, blockers=0)


def test_saturated_keys_that_were_parked_cost_the_claims_of_others_nothing() -> None:
    _backlog(10_000, concurrency_key="k", priority=Priority.CRITICAL)
    behind = [enqueue("noop", priority=Priority.CRITICAL).id for _ in range(5)]
    worker = make_worker().pk

    claim(worker, 1)
    claimed = claim(worker, 1)

    assert [UUID(job.id) for job in claimed] == behind[:1]
    assert _rows_touched(1) == 1


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_a_pause_stops_new_claims_at_once_while_others_claim(self) -> None:
        _backlog(300)
        worker = make_worker().pk

        def work(at: int) -> int:
            if at == 0:
                pause(reason="down", scope=QUEUE, name="mail")
                return Job.objects.filter(status=Status.RUNNING).count()
            while claim(worker, 1):
                pass
            return Job.objects.filter(status=Status.RUNNING).count()

        in_threads(4, work)

        assert claim(worker, 1000) == []
        housekeeping.keep()
        assert _parked() == Job.objects.filter(status=Status.PENDING).count()

    def test_housekeeping_waits_for_no_one_and_takes_what_others_hold_next_time(self) -> None:
        first, _ = _backlog(2)
        pause(reason="down", scope=QUEUE, name="mail")

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            Job.objects.select_for_update().get(pk=first)
            beside(pool, housekeeping.keep).result()
            assert _parked() == 1
        housekeeping.keep()

        assert _parked() == 2

    def test_what_is_parked_while_its_pause_ends_comes_back(self) -> None:
        ids = _backlog(2)
        pause(reason="down", scope=QUEUE, name="mail")

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            parking.park_paused()
            beside(pool, lambda: resume(scope=QUEUE, name="mail")).result()
        assert _parked() == 2
        housekeeping.keep()

        assert _claimed() == ids

    def test_several_who_keep_house_at_once_undo_each_pause_once(self) -> None:
        _backlog(400)
        for _ in range(5):
            pause(reason="down", scope=QUEUE, name="mail")
            in_threads(4, lambda _: housekeeping.keep())
            assert _parked() == 400
            Pause.objects.all().delete()
            in_threads(4, lambda _: housekeeping.keep())

            assert set(Job.objects.values_list("blockers", flat=True)) == {0}

    def test_sleeping_workers_hear_when_a_pause_has_ended_by_itself(self) -> None:
        _backlog(2)
        pause(reason="down", scope=QUEUE, name="mail")
        housekeeping.keep()
        make_worker(is_sleeping=True)

        with Ear() as ear:
            Pause.objects.all().delete()
            housekeeping.keep()
            assert ear.count() == 1


def test_the_clock_of_the_database_decides_when_a_pause_ends() -> None:
    _backlog(1)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        pause(reason="down", scope=QUEUE, name="mail", ends_at=timezone.now() + timedelta(hours=1))
    housekeeping.keep()

    assert _parked() == 1
