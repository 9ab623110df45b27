"""Only one unfinished job may hold a unique key."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from jobqueue.api import Enqueued, cancel, enqueue
from jobqueue.models import Job
from jobqueue.states import FINISHED, UNFINISHED, Status
from tests.jobqueue.lifecycle import job_in
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock


@pytest.mark.django_db
@pytest.mark.parametrize("status", UNFINISHED)
def test_a_second_enqueue_returns_the_unfinished_holder(status: Status) -> None:
    holder = job_in(status, unique_key="k")

    assert enqueue("add_one", {"number": 5}, unique_key="k") == Enqueued(id=holder, created=False)
    assert Job.objects.count() == 1
    assert Job.objects.get().task_type == "noop"


@pytest.mark.django_db
@pytest.mark.parametrize("status", FINISHED)
def test_a_key_is_free_again_when_its_holder_has_ended(status: Status) -> None:
    holder = job_in(status, unique_key="k")

    enqueued = enqueue("noop", unique_key="k")

    assert enqueued.created
    assert enqueued.id != holder


@pytest.mark.django_db
def test_other_keys_and_no_key_are_not_concerned() -> None:
    assert all(enqueue("noop", unique_key=key).created for key in ("k", "K", "k ", None, None))


@pytest.mark.django_db
def test_a_task_types_own_rule_makes_the_key_from_the_payload() -> None:
    first = enqueue("only_once", {"number": 1})

    assert enqueue("only_once", {"number": 1}) == Enqueued(id=first.id, created=False)
    assert enqueue("only_once", {"number": 2}).created
    assert Job.objects.get(pk=first.id).unique_key == "only:1"


@pytest.mark.django_db
def test_a_key_given_by_the_caller_replaces_the_task_types_rule() -> None:
    enqueue("only_once", {"number": 1})

    assert enqueue("only_once", {"number": 1}, unique_key="mine").created


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_with_one_key_make_one_job() -> None:
    results = in_threads(16, lambda _: enqueue("noop", unique_key="k"))

    assert sum(result.created for result in results) == 1
    assert len({result.id for result in results}) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_enqueue_waits_for_an_undecided_holder_and_joins_it() -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            holder = enqueue("noop", unique_key="k")
            second = beside(pool, lambda: enqueue("noop", unique_key="k"))
            until_one_waits_for_a_lock()

        assert second.result() == Enqueued(id=holder.id, created=False)


@pytest.mark.django_db(transaction=True)
def test_an_enqueue_waits_for_an_undecided_holder_and_takes_its_place() -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            enqueue("noop", unique_key="k")
            second = beside(pool, lambda: enqueue("noop", unique_key="k"))
            until_one_waits_for_a_lock()
            transaction.set_rollback(True)

        assert second.result().created
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_keys_that_are_freed_all_the_time_never_confuse_an_enqueue() -> None:
    def work(at: int) -> int:
        created = 0
        for _ in range(20):
            enqueued = enqueue("noop", unique_key="k")
            created += enqueued.created
            if at % 2:
                cancel([enqueued.id])
        return created

    created = in_threads(4, work)

    assert Job.objects.count() == sum(created)
    assert Job.objects.unfinished().count() <= 1
