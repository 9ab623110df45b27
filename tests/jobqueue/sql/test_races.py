"""Several sessions at once, and what sleeping workers hear of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from jobqueue import known_types
from jobqueue.claim import claim
from jobqueue.models import Job, Worker
from jobqueue.rescue import rescue
from jobqueue.states import Status
from tests.jobqueue.ear import Ear, raw_connection
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import job_in, put, status_of
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock

from .doors import Sql

pytestmark = pytest.mark.django_db(transaction=True)
_SQL = Sql()


@pytest.fixture(autouse=True)
def _known_types(transactional_db: None) -> None:
    known_types.sync()


def test_of_many_sessions_each_job_goes_to_one() -> None:
    ids = {put() for _ in range(40)}

    taken = in_threads(4, lambda _: [one.id for _ in range(10) for one in _SQL.claim(2)])

    everything = [id_ for some in taken for id_ in some]
    assert len(everything) == len(set(everything)) == len(ids)
    assert set(Job.objects.values_list("claim", flat=True)) == {1}


def test_sql_and_a_worker_do_not_take_the_same_job() -> None:
    ids = {put() for _ in range(40)}
    worker = make_worker().pk

    def one(number: int) -> list[UUID]:
        return [held.id for held in _SQL.claim(20)] if number % 2 else [UUID(held.id) for held in claim(worker, 20)]

    everything = [id_ for some in in_threads(4, one) for id_ in some]

    assert len(everything) == len(set(everything))
    assert set(everything) <= ids


def test_two_sessions_together_keep_to_a_concurrency_limit() -> None:
    for _ in range(12):
        put(concurrency_key="k", concurrency_limit=3)

    in_threads(4, lambda _: _SQL.claim(4))

    assert Job.objects.filter(status=Status.RUNNING).count() == 3


def test_a_session_with_an_open_transaction_does_not_keep_another_of_its_name_waiting() -> None:
    put()
    put()
    _SQL.claim()  # now there is a row of the worker to contend for
    with transaction.atomic():
        _SQL.claim(0)
        with raw_connection() as other:
            other.execute("SET lock_timeout = '10s'")
            found = other.execute("SELECT id FROM job_queue_claim(1, 'w')").fetchall()

    assert len(found) == 1
    assert Worker.objects.filter(host="w").count() == 2


def test_nobody_declares_a_worker_lost_while_it_claims() -> None:
    put()
    _SQL.claim(0)
    worker = Worker.objects.get()
    with transaction.atomic():
        (held,) = _SQL.claim()
        assert in_threads(1, lambda _: rescue(worker.pk)) == [0]

    assert status_of(held.id) == Status.RUNNING
    assert Worker.objects.get().lost_at is None


def test_a_finish_that_waited_for_the_rescue_of_its_job_changes_nothing() -> None:
    put(task_type="nap")
    (held,) = _SQL.claim()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            rescue(Worker.objects.get().pk)
            late = beside(pool, lambda: _SQL.succeed(held))
            until_one_waits_for_a_lock()
        assert late.result() is False

    assert status_of(held.id) == Status.RETRYING


def test_two_retries_of_one_job_make_it_pending_once() -> None:
    id_ = job_in(Status.FAILED)

    told = in_threads(2, lambda _: _SQL.retry(id_))

    assert sorted(told) == ["retried", "skipped: pending"]


@pytest.mark.parametrize("deed", ["enqueue", "retry", "mark_failed"])
def test_workers_hear_of_new_work_when_it_is_committed_even_if_they_fall_asleep_before_that(deed: str) -> None:
    failed = job_in(Status.FAILED)
    put()
    deeds: dict[str, Callable[[], object]] = {
        "enqueue": lambda: _SQL.enqueue("noop"),
        "retry": lambda: _SQL.retry(failed),
        "mark_failed": lambda: _SQL.fail(_SQL.claim()[0], "too slow", timedelta(0)),
    }
    with Ear() as ear:
        with transaction.atomic():
            deeds[deed]()
            # Nobody slept so far.
            make_worker(is_sleeping=True)
        assert ear.count() == 1
