"""Sleeping workers are notified of new work, and only they cost a notification."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from jobqueue.api import NewJob, cancel, enqueue, enqueue_many, pause, resume, retry, run_now
from jobqueue.models import Worker
from jobqueue.rescue import rescue
from jobqueue.states import Status
from tests.jobqueue.ear import Ear
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import hold, job_in, put
from tests.jobqueue.threads import beside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as ear:
        yield ear


def _fall_asleep(worker: Worker) -> None:
    Worker.objects.filter(pk=worker.pk).update(is_sleeping=True)


def test_a_sleeping_worker_is_notified_of_a_new_job(ear: Ear) -> None:
    make_worker(is_sleeping=True)

    enqueue("noop")

    assert ear.count() == 1


def test_three_sleeping_workers_share_one_notification(ear: Ear) -> None:
    for _ in range(3):
        make_worker(is_sleeping=True)

    enqueue("noop")

    assert ear.count() == 1


def test_a_notification_comes_with_the_commit(ear: Ear) -> None:
    make_worker(is_sleeping=True)

    with transaction.atomic():
        enqueue("noop")
        with ThreadPoolExecutor(1) as pool:
            assert beside(pool, ear.count).result() == 0

    assert ear.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"is_sleeping": False},
        {"is_sleeping": True, "stopped_at": timezone.now()},
        {"is_sleeping": True, "lost_at": timezone.now()},
    ],
)
def test_nobody_is_notified_while_no_worker_sleeps(ear: Ear, fields: dict[str, Any]) -> None:
    make_worker(**fields)

    enqueue("noop")
    enqueue_many([NewJob(task_type="noop")] * 3)
    with transaction.atomic():
        enqueue("noop")

    assert ear.count() == 0


def test_a_worker_that_fell_asleep_between_insert_and_commit_is_notified(ear: Ear) -> None:
    worker = make_worker()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        enqueue("noop")
        beside(pool, lambda: _fall_asleep(worker)).result()

    assert ear.count() == 1


def test_a_worker_that_fell_asleep_while_many_were_inserted_is_notified(ear: Ear) -> None:
    worker = make_worker()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        enqueue_many([NewJob(task_type="noop")] * 3)
        beside(pool, lambda: _fall_asleep(worker)).result()

    assert ear.count() == 1


def test_what_was_rolled_back_wakes_nobody(ear: Ear) -> None:
    make_worker(is_sleeping=True)

    with transaction.atomic():
        enqueue("noop")
        transaction.set_rollback(True)

    assert ear.count() == 0


def test_a_duplicate_wakes_nobody(ear: Ear) -> None:
    enqueue("noop", unique_key="k")
    make_worker(is_sleeping=True)

    enqueue("noop", unique_key="k")

    assert ear.count() == 0


def test_what_operators_make_due_wakes_workers(ear: Ear) -> None:
    failed, later = job_in(Status.FAILED), put()
    make_worker(is_sleeping=True)

    retry([failed])
    run_now([later])

    assert ear.count() == 2


def test_a_retry_wakes_a_worker_that_fell_asleep_before_the_commit(ear: Ear) -> None:
    failed, worker = job_in(Status.FAILED), make_worker()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        retry([failed])
        beside(pool, lambda: _fall_asleep(worker)).result()

    assert ear.count() == 1


def test_cancelling_makes_nothing_due_and_wakes_nobody(ear: Ear) -> None:
    job = put()
    make_worker(is_sleeping=True)

    cancel([job])

    assert ear.count() == 0


def test_resuming_wakes_workers(ear: Ear) -> None:
    pause(reason="maintenance")
    make_worker(is_sleeping=True)

    resume()

    assert ear.count() == 1


def test_a_rescue_wakes_a_worker_that_fell_asleep_before_it_committed(ear: Ear) -> None:
    held, worker = hold(), make_worker()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert rescue(held.worker) == 1
        beside(pool, lambda: _fall_asleep(worker)).result()

    assert ear.count() == 1
