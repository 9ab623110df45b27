"""A parent ends while its child is being stored, settled, cancelled or deleted: nobody waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, transaction

from jobqueue import housekeeping
from jobqueue.models import Dependency, Job
from jobqueue.states import OnFailure, Status
from jobqueue.transitions import cancel, delete, retry
from tests.jobqueue.dependents import child_of, fate, is_claimable
from tests.jobqueue.lifecycle import Held, hold, put, status_of, take
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)

type Ending = Callable[[Held], object]


def _succeeds(held: Held) -> None:
    held.finish(Status.SUCCEEDED)


def _fails(held: Held) -> None:
    held.finish(Status.FAILED)


def _stored_and_forgotten(parent: UUID, policy: OnFailure) -> UUID:
    with transaction.atomic():
        child = child_of(parent, on_failure=policy)
        connection.run_on_commit.clear()
    return child


@pytest.mark.parametrize(
    ("end", "policy", "expected"),
    [
        (_succeeds, OnFailure.HOLD, "runs"),
        (_fails, OnFailure.HOLD, "waits"),
        (_fails, OnFailure.CANCEL, "cancelled"),
        (_fails, OnFailure.RUN, "runs"),
    ],
)
class TestAParentThatRuns:
    def test_it_ends_after_its_child_was_stored_and_before_that_is_committed(
        self, end: Ending, policy: OnFailure, expected: str
    ) -> None:
        held = hold()

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            child = child_of(held.id, on_failure=policy)
            beside(pool, lambda: end(held)).result()

        assert fate(child) == expected

    def test_its_child_is_stored_after_it_ended_and_before_that_is_committed(
        self, end: Ending, policy: OnFailure, expected: str
    ) -> None:
        held = hold()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                end(held)
                waiting = beside(pool, lambda: child_of(held.id, on_failure=policy))
                until_one_waits_for_a_lock()
            child = waiting.result()

        assert fate(child) == expected

    def test_its_child_is_stored_by_a_process_that_dies_after_the_commit_while_the_finish_waits_for_the_row(
        self, end: Ending, policy: OnFailure, expected: str
    ) -> None:
        held = hold()

        with ThreadPoolExecutor(2) as pool:
            with transaction.atomic():
                Job.objects.select_for_update().get(pk=held.id)
                finishing = beside(pool, lambda: end(held))
                until_one_waits_for_a_lock()
                child = beside(pool, lambda: _stored_and_forgotten(held.id, policy)).result()
            finishing.result()

        assert fate(child) == expected


@pytest.mark.parametrize("verb", [cancel, delete])
def test_a_person_ends_a_waiting_parent_while_its_child_is_on_its_way(verb: Callable[[list[UUID]], object]) -> None:
    parent = put()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        verb([parent])
        child = beside(pool, lambda: child_of(parent, on_failure=OnFailure.CANCEL)).result()

    assert status_of(child) == Status.CANCELLED


@pytest.mark.parametrize("verb", [cancel, delete])
def test_a_child_is_committed_after_a_person_ended_its_parent(verb: Callable[[list[UUID]], object]) -> None:
    parent = put()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        child = child_of(parent, on_failure=OnFailure.CANCEL)
        beside(pool, lambda: verb([parent])).result()

    assert status_of(child) == Status.CANCELLED


def test_housekeeping_frees_the_child_of_a_process_that_died_after_its_commit() -> None:
    held = hold()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        child = child_of(held.id)
        connection.run_on_commit.clear()
        beside(pool, lambda: held.finish(Status.SUCCEEDED)).result()
    assert fate(child) == "waits"

    housekeeping.keep()

    assert fate(child) == "runs"


def test_housekeeping_settles_what_a_worker_died_without_settling() -> None:
    held = hold()
    children = [child_of(held.id, on_failure=policy) for policy in OnFailure]
    Job.objects.filter(pk=held.id).update(status=Status.DEAD, worker=None, finished_at="2026-01-01T00:00Z")

    housekeeping.keep()

    assert [fate(child) for child in children] == ["waits", "cancelled", "runs"]


def test_parents_that_end_at_once_free_their_child_once() -> None:
    parents = [hold() for _ in range(16)]
    child = child_of(*(parent.id for parent in parents))

    in_threads(16, lambda at: parents[at].finish(Status.SUCCEEDED))

    assert Job.objects.get(pk=child).blockers == 0
    assert is_claimable(child)


def test_children_of_the_same_parents_in_any_order_do_not_deadlock() -> None:
    for _ in range(10):
        parents = [hold() for _ in range(8)]
        ids = [parent.id for parent in parents]
        children = [child_of(*(ids if at % 2 else ids[::-1])) for at in range(10)]

        in_threads(8, lambda at: parents[at].finish(Status.SUCCEEDED))  # noqa: B023  ended before the next turn

        assert set(Job.objects.filter(pk__in=children).values_list("blockers", flat=True)) == {0}


@pytest.mark.parametrize("verb", [delete, cancel])
def test_a_child_ends_while_its_parent_does(verb: Callable[[list[UUID]], object]) -> None:
    for _ in range(20):
        parent = hold()
        child = child_of(parent.id)

        in_threads(2, lambda at: verb([child]) if at else parent.finish(Status.SUCCEEDED))  # noqa: B023

        assert not Job.objects.filter(pk=child, status=Status.PENDING).exists()
        assert not Dependency.objects.filter(job_id=child, is_met=False).exists()


def test_a_child_that_is_deleted_while_its_parent_settles_does_not_stop_it() -> None:
    parent = hold()
    child, other = child_of(parent.id), child_of(parent.id)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=child)  # as a delete does first
            finishing = beside(pool, lambda: parent.finish(Status.SUCCEEDED))
            until_one_waits_for_a_lock()
            delete([child])
        assert finishing.result() == 1

    assert fate(other) == "runs"


def test_a_child_is_retried_while_its_parent_fails() -> None:
    parent = hold()
    child = child_of(parent.id, on_failure=OnFailure.CANCEL)
    cancel([child])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            retry([child])
            failing = beside(pool, lambda: parent.finish(Status.FAILED))
            until_one_waits_for_a_lock()
        failing.result()

    assert status_of(child) == Status.CANCELLED


def test_finishing_takes_the_job_only_once_however_many_children_settle_it() -> None:
    parent = put()
    held = take(parent)

    def work(at: int) -> UUID | None:
        if at == 0:
            held.finish(Status.SUCCEEDED)
            return None
        return child_of(parent)

    children = [child for child in in_threads(9, work) if child]

    assert [fate(child) for child in children] == ["runs"] * 8
