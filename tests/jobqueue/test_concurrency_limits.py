"""Concurrency keys: at most so many jobs of one key run at once, and every one of them runs in the end."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobqueue import housekeeping
from jobqueue.api import NewJob, edit, enqueue, enqueue_many
from jobqueue.claim import ClaimedJob, claim
from jobqueue.editing import JobChanges
from jobqueue.exceptions import InvalidOptionError
from jobqueue.models import Job
from jobqueue.rescue import rescue
from jobqueue.states import Parked, Priority, Status
from jobqueue.transitions import Moved, cancel, delete, release, retry, run_now
from tests.jobqueue.ear import raw_connection
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import Held, status_of
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock

_RUNNING = "SELECT concurrency_key, count(*) FROM jobqueue_job WHERE status = 'running' GROUP BY 1"


@pytest.fixture
def worker() -> UUID:
    return make_worker().pk


def _limited(number: int, key: str = "k", limit: int = 1, **options: Any) -> list[UUID]:
    job = NewJob(**{"task_type": "noop", "concurrency_key": key, "concurrency_limit": limit, **options})
    return [one.id for one in enqueue_many([job] * number)]


def _held(jobs: Sequence[ClaimedJob], worker: UUID) -> list[Held]:
    return [Held(claimed=job, worker=worker) for job in jobs]


def _take(worker: UUID, limit: int = 100) -> list[Held]:
    return _held(claim(worker, limit), worker)


def _ids(held: Sequence[Held]) -> list[UUID]:
    return [one.id for one in held]


def _parked() -> list[UUID]:
    return list(Job.objects.filter(parked=Parked.LIMITED).order_by("pk").values_list("pk", flat=True))


@pytest.mark.django_db
class TestOneWorker:
    def test_a_claim_takes_no_more_than_there_are_places(self, worker: UUID) -> None:
        ids = _limited(5, limit=3)

        assert _ids(_take(worker)) == ids[:3]
        assert _parked() == ids[3:]
        assert _take(worker) == []

    def test_what_was_put_back_waits_as_if_it_had_not_been_claimed(self, worker: UUID) -> None:
        _, second = _limited(2)
        _take(worker)

        job = Job.objects.get(pk=second)
        assert (job.status, job.attempts, job.worker_id, job.started_at) == (Status.PENDING, 0, None, None)

    @pytest.mark.parametrize("status", [s for s in Status if s not in (Status.RUNNING, Status.PENDING)])
    def test_a_job_that_ends_gives_its_place_to_the_next(self, worker: UUID, status: Status) -> None:
        ids = _limited(3)
        (first,) = _take(worker)

        first.finish(status, delay=3600.0 if status == Status.RETRYING else None)

        assert _ids(_take(worker)) == ids[1:2]
        assert _parked() == ids[2:]

    def test_a_job_that_waits_for_its_retry_holds_no_place_and_gets_one_when_it_is_due(self, worker: UUID) -> None:
        first, second = _limited(2)
        (held,) = _take(worker)
        held.finish(Status.RETRYING, delay=3600.0)
        (held,) = _take(worker)
        assert held.id == second

        retry([first])
        assert _take(worker) == []
        held.finish(Status.SUCCEEDED)

        (held,) = _take(worker)
        assert (held.id, held.claimed.number) == (first, 2)

    def test_a_postponed_job_gives_its_place_away(self, worker: UUID) -> None:
        _, second = _limited(2)
        (held,) = _take(worker)

        held.finish(Status.PENDING, outcome="postponed", delay=3600.0)

        assert _ids(_take(worker)) == [second]

    def test_a_job_that_is_handed_back_gives_its_place_away_and_keeps_its_turn(self, worker: UUID) -> None:
        ids = _limited(3)
        (held,) = _take(worker)

        release([(held.claimed.id, held.claimed.claim)])

        assert _ids(_take(worker)) == ids[:1]

    def test_keys_have_places_of_their_own_and_jobs_without_key_need_none(self, worker: UUID) -> None:
        a, b, free = _limited(3, "a"), _limited(3, "b", limit=2), [enqueue("noop").id for _ in range(2)]

        assert set(_ids(_take(worker))) == {a[0], *b[:2], *free}

    def test_what_has_no_place_does_not_stand_in_the_way_of_what_is_behind_it(self, worker: UUID) -> None:
        _limited(20, priority=Priority.CRITICAL)
        behind = enqueue("noop", priority=Priority.LOW).id
        assert len(_take(worker, 1)) == 1

        assert _ids(_take(worker, 1)) == [behind]

    def test_the_highest_priority_goes_first_then_the_oldest(self, worker: UUID) -> None:
        first = enqueue("noop", concurrency_key="k").id
        (held,) = _take(worker)
        assert held.id == first
        low, old, new = (
            *_limited(1, priority=Priority.LOW, run_at=timezone.now() - timedelta(hours=2)),
            *_limited(1, priority=Priority.HIGH, run_at=timezone.now() - timedelta(hours=1)),
            *_limited(1, priority=Priority.HIGH),
        )
        assert _take(worker) == []

        for expected in (old, new, low):
            held.finish(Status.SUCCEEDED)
            (held,) = _take(worker)
            assert held.id == expected

    def test_each_job_goes_by_its_own_limit(self, worker: UUID) -> None:
        (narrow,), wide = _limited(1, limit=1), _limited(3, limit=3)
        held = _take(worker)
        assert _ids(held) == [narrow, *wide[:2]]

        for one in held:
            one.finish(Status.SUCCEEDED)

        assert _ids(_take(worker)) == wide[2:]

    def test_a_job_with_the_narrower_limit_waits_until_it_may_run_and_then_runs(self, worker: UUID) -> None:
        wide = _limited(2, limit=3)
        held = _take(worker)
        (narrow,) = _limited(1, limit=1, priority=Priority.CRITICAL)
        assert (_ids(held), _take(worker)) == (wide, [])

        held[0].finish(Status.SUCCEEDED)
        assert _take(worker) == []
        held[1].finish(Status.SUCCEEDED)

        assert _ids(_take(worker)) == [narrow]

    def test_a_limit_that_was_raised_by_sql_holds_from_the_next_look_on(self, worker: UUID) -> None:
        ids = _limited(4)
        assert _ids(_take(worker)) == ids[:1]
        Job.objects.update(concurrency_limit=3)

        housekeeping.keep()

        assert _ids(_take(worker)) == ids[1:3]

    def test_a_limit_that_was_lowered_by_sql_lets_run_what_runs_and_nothing_more(self, worker: UUID) -> None:
        ids = _limited(5, limit=3)
        held = _take(worker)
        Job.objects.update(concurrency_limit=1)

        held[0].finish(Status.SUCCEEDED)
        housekeeping.keep()
        assert _take(worker) == []
        held[1].finish(Status.SUCCEEDED)
        held[2].finish(Status.SUCCEEDED)

        assert _ids(_take(worker)) == ids[3:4]

    @pytest.mark.parametrize("wrong", [0, -1, 32_768, 1.5, "many"])
    def test_an_impossible_limit_is_refused(self, wrong: Any) -> None:
        with pytest.raises(InvalidOptionError, match=r"concurrency_limit is .*: expected 1 to 32767"):
            enqueue("noop", concurrency_key="k", concurrency_limit=wrong)

        assert not Job.objects.exists()


@pytest.mark.django_db
class TestPeople:
    def test_a_job_without_a_place_is_cancelled_and_retried_and_takes_its_turn(self, worker: UUID) -> None:
        first, second = _limited(2)
        (held,) = _take(worker)

        assert cancel([second]) == Moved(done=[second])
        assert Job.objects.get(pk=second).blockers == 0
        retry([second])
        assert _take(worker) == []
        held.finish(Status.SUCCEEDED)

        assert held.id == first
        assert _ids(_take(worker)) == [second]

    def test_run_now_gives_no_place_that_is_taken(self, worker: UUID) -> None:
        _, second = _limited(2)
        (held,) = _take(worker)

        assert run_now([second]) == Moved(done=[second])
        assert _take(worker) == []
        held.finish(Status.SUCCEEDED)
        assert _ids(_take(worker)) == [second]

    @pytest.mark.parametrize("verb", [cancel, delete])
    def test_the_place_that_was_kept_for_a_job_goes_to_the_next_if_that_one_ends(
        self, worker: UUID, verb: Callable[[list[UUID]], Moved]
    ) -> None:
        ids = _limited(3)
        (held,) = _take(worker)
        held.finish(Status.SUCCEEDED)
        assert _parked() == ids[2:]

        assert verb([ids[1]]) == Moved(done=[ids[1]])

        assert _ids(_take(worker)) == ids[2:]

    def test_a_running_job_that_is_cancelled_holds_its_place_until_it_has_stopped(self, worker: UUID) -> None:
        ids = _limited(2)
        (held,) = _take(worker)

        cancel([ids[0]])
        assert _take(worker) == []
        held.finish(Status.CANCELLED)

        assert _ids(_take(worker)) == ids[1:]

    def test_a_job_that_has_run_is_run_again_in_its_turn(self, worker: UUID) -> None:
        first, second = _limited(2)
        (held,) = _take(worker)
        held.finish(Status.SUCCEEDED)
        (held,) = _take(worker)

        retry([first])
        assert _take(worker) == []
        held.finish(Status.SUCCEEDED)

        assert held.id == second
        assert _ids(_take(worker)) == [first]

    def test_an_edit_to_a_free_key_lets_a_job_run(self, worker: UUID) -> None:
        _, second = _limited(2)
        _take(worker)
        Job.objects.filter(pk=second).update(concurrency_key="other")

        assert edit(second, JobChanges(queue="mail")) == Moved(done=[second])

        assert _ids(_take(worker)) == [second]


@pytest.mark.django_db
def test_the_places_of_a_lost_worker_are_free_after_its_rescue(worker: UUID) -> None:
    lost = make_worker(host="host-2").pk
    ids = _limited(6, limit=3)
    started, not_started, _ = _take(lost)
    started.mark_started()
    assert _take(worker) == []

    assert rescue(lost) == 3

    taken = _take(worker)
    assert len(taken) == 3
    assert not_started.id in _ids(taken)
    assert set(_parked()) < set(ids)


@pytest.mark.django_db(transaction=True)
class TestManyWorkers:
    def test_no_more_run_than_the_limit_however_many_claim_and_all_run_in_the_end(self) -> None:
        keys, worker = ("a", "b", "c"), make_worker().pk
        ids = {id_ for key in keys for id_ in _limited(60, key, limit=3)}
        most, has_ended = dict.fromkeys(keys, 0), threading.Event()

        def watch() -> None:
            with raw_connection() as raw:
                while not has_ended.is_set():
                    for key, running in raw.execute(_RUNNING).fetchall():
                        most[key] = max(most[key], running)

        def work(at: int) -> list[UUID]:
            dice, done, give_up_at = random.Random(at), [], time.monotonic() + 120
            while Job.objects.exclude(status=Status.SUCCEEDED).exists() and time.monotonic() < give_up_at:
                for held in _take(worker, dice.randint(1, 5)):
                    time.sleep(dice.random() / 500)
                    held.finish(Status.SUCCEEDED)
                    done.append(held.id)
            return done

        with ThreadPoolExecutor(1) as pool:
            watching = pool.submit(watch)
            try:
                done = [id_ for some in in_threads(50, work) for id_ in some]
            finally:
                has_ended.set()
            watching.result()

        assert sorted(done) == sorted(ids)
        assert all(0 < running <= 3 for running in most.values()), most

    def test_a_place_that_is_freed_while_a_claim_looks_for_one_is_not_missed(self, worker: UUID) -> None:
        first, second = _limited(2)
        (held,) = _take(worker, 1)

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                assert _take(worker) == []
                finishing = beside(pool, lambda: held.finish(Status.SUCCEEDED))
                until_one_waits_for_a_lock()
            finishing.result()

        assert held.id == first
        assert _ids(_take(worker)) == [second]

    def test_a_claim_waits_for_a_finish_that_is_about_to_free_a_place(self, worker: UUID) -> None:
        _, second = _limited(2)
        (held,) = _take(worker, 1)

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                held.finish(Status.SUCCEEDED)
                claiming = beside(pool, lambda: _take(worker))
                until_one_waits_for_a_lock()
            claimed = claiming.result()

        assert _ids(claimed) == [second]

    def test_two_claims_of_one_key_do_not_share_a_place(self, worker: UUID) -> None:
        first, second = _limited(2)

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                mine = _take(worker, 1)
                theirs = beside(pool, lambda: _take(worker, 1))
                until_one_waits_for_a_lock()
            assert (_ids(mine), theirs.result()) == ([first], [])

        assert _parked() == [second]

    def test_claims_and_finishes_of_many_keys_in_any_order_do_not_deadlock(self, worker: UUID) -> None:
        for at in range(40):
            _limited(6, f"key-{at}", limit=2)

        def work(_: int) -> None:
            while True:
                held = _take(worker, 20)
                if not held and not Job.objects.exclude(status=Status.SUCCEEDED).exists():
                    return
                for one in held:
                    one.finish(Status.SUCCEEDED)

        in_threads(8, work)

    def test_more_keys_than_postgresql_has_locks_end_at_once(self, worker: UUID) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('max_locks_per_transaction')::int * current_setting('max_connections')::int"
            )
            (locks,) = cursor.fetchone() or (0,)
        jobs = [NewJob(task_type="noop", concurrency_key=f"key-{at}") for at in range(min(locks * 2, 60_000))]
        ids = [one.id for one in enqueue_many(jobs)]

        assert len(cancel(ids).done) == len(ids)

        assert status_of(ids[-1]) == Status.CANCELLED
