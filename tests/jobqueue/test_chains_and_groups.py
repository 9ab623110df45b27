"""Chains and groups: jobs one after another, and one after many."""

from uuid import UUID, uuid4

import pytest
from django.db import transaction

from jobqueue.api import NewJob, chain, enqueue, group
from jobqueue.exceptions import InvalidPayloadError, UnknownTaskTypeError
from jobqueue.models import Dependency, Job
from jobqueue.states import OnFailure, Status
from tests.jobqueue.dependents import fails, fate, succeeds
from tests.jobqueue.lifecycle import put, status_of

pytestmark = pytest.mark.django_db


def _job(**options: object) -> NewJob:
    return NewJob(**{"task_type": "noop", "queue": uuid4().hex, **options})  # type: ignore[arg-type]


def _fates(ids: list[UUID]) -> list[str]:
    return [fate(id_) for id_ in ids]


def test_each_job_of_a_chain_waits_for_the_one_before_it() -> None:
    first, second, third = (one.id for one in chain([_job(), _job(), _job()]))

    assert _fates([second, third]) == ["waits", "waits"]
    succeeds(first)
    assert fate(third) == "waits"
    succeeds(second)
    assert fate(third) == "runs"


def test_a_job_of_a_chain_waits_for_its_own_dependencies_too() -> None:
    other = put()
    first, second = (one.id for one in chain([_job(), _job(depends_on=[other])]))

    succeeds(first)
    assert fate(second) == "waits"
    succeeds(other)
    assert fate(second) == "runs"


def test_a_chain_that_breaks_is_cancelled_to_its_end_if_its_jobs_say_so() -> None:
    first, *others = (one.id for one in chain([_job(on_failure=OnFailure.CANCEL) for _ in range(4)]))

    fails(first)

    assert _fates(others) == ["cancelled"] * 3


def test_a_chain_of_none_is_none() -> None:
    assert chain([]) == []


def test_a_chain_over_a_job_that_exists_already_waits_for_that_one() -> None:
    holder = put(unique_key="k")
    duplicate, second = chain([_job(unique_key="k"), _job()])

    assert (duplicate.id, duplicate.created) == (holder, False)
    succeeds(holder)
    assert fate(second.id) == "runs"


def test_a_chain_in_which_a_job_comes_twice_does_not_wait_for_itself() -> None:
    first, again = chain([_job(unique_key="k"), _job(unique_key="k")])

    assert (again.id, again.created) == (first.id, False)
    assert fate(first.id) == "runs"


def test_a_group_runs_side_by_side_and_its_last_job_after_all() -> None:
    members, last = group([_job() for _ in range(3)], _job())
    assert last.created

    for member in members:
        assert fate(last.id) == "waits"
        succeeds(member.id)

    assert fate(last.id) == "runs"


def test_a_group_of_none_is_its_last_job_alone() -> None:
    members, last = group([], _job())

    assert members == []
    assert fate(last.id) == "runs"


def test_a_job_after_a_group_may_run_whatever_becomes_of_the_members() -> None:
    (one, other), last = group([_job(), _job()], _job(on_failure=OnFailure.RUN))

    fails(one.id)
    assert fate(last.id) == "waits"
    succeeds(other.id)
    assert fate(last.id) == "runs"


def test_a_member_may_be_the_end_of_a_chain() -> None:
    links = chain([_job(), _job()])
    _, last = group([_job(depends_on=[links[-1].id])], _job())

    assert Dependency.objects.count() == 3
    assert fate(last.id) == "waits"


@pytest.mark.parametrize("wrong", [_job(task_type="nobody knows"), _job(task_type="add_one", payload={"no": 1})])
def test_a_chain_or_group_with_one_wrong_job_stores_nothing(wrong: NewJob) -> None:
    for begin in (
        lambda: chain([_job(), wrong]),
        lambda: group([_job(), wrong], _job()),
        lambda: group([_job(), _job()], wrong),
    ):
        with pytest.raises((UnknownTaskTypeError, InvalidPayloadError)):
            begin()

    assert (Job.objects.count(), Dependency.objects.count()) == (0, 0)


def test_a_group_in_a_transaction_that_is_rolled_back_leaves_nothing() -> None:
    with transaction.atomic():
        group([_job() for _ in range(3)], _job())
        chain([_job(), _job()])
        transaction.set_rollback(True)

    assert (Job.objects.count(), Dependency.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_job_enqueued_and_ended_in_one_transaction_frees_its_child_in_it() -> None:
    with transaction.atomic():
        first, second = (one.id for one in chain([_job(), _job()]))
        succeeds(first)

    assert fate(second) == "runs"
    assert status_of(first) == Status.SUCCEEDED


def test_dependents_may_be_of_other_queues_and_task_types() -> None:
    first, second = chain([_job(queue="mail"), _job(queue="sync", task_type="add_one", payload={"number": 1})])

    succeeds(first.id)

    assert fate(second.id) == "runs"
    assert enqueue("noop").created
