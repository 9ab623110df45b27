"""Chains and groups in real workers: the order in which things happen."""

from collections.abc import Iterator

import pytest

from jobqueue.api import NewJob, cancel, chain, enqueue, group, retry
from jobqueue.models import Job
from jobqueue.states import OnFailure, Status

from .outcomes import all_ended, ended, reached
from .processes import WorkerProcess
from .turns import order, table_of_turns, turns
from .waiting import eventually


@pytest.fixture(autouse=True)
def turns_table(database: None) -> Iterator[None]:
    with table_of_turns():
        yield


def _turn(**options: object) -> NewJob:
    return NewJob(**{"task_type": "note_turn", **options})  # type: ignore[arg-type]


def test_a_chain_of_three_runs_one_after_another(worker: WorkerProcess) -> None:
    ids = [one.id for one in chain([_turn(payload={"seconds": 0.05}) for _ in range(3)])]

    assert {job.status for job in all_ended(ids)} == {Status.SUCCEEDED}
    assert turns() == [(id_, is_begin) for id_ in ids for is_begin in (True, False)]


def test_a_long_chain_gets_to_its_end(worker: WorkerProcess) -> None:
    ids = [one.id for one in chain([_turn() for _ in range(100)])]

    ended(ids[-1])
    assert order() == ids


def test_what_comes_after_a_thousand_jobs_runs_once_and_last(worker: WorkerProcess) -> None:
    members, last = group([_turn() for _ in range(1_000)], _turn())

    assert ended(last.id).status == Status.SUCCEEDED
    ids = {member.id for member in members}
    done = order()
    assert (len(done), set(done[:-1]), done[-1]) == (1_001, ids, last.id)
    assert turns()[-2:] == [(last.id, True), (last.id, False)]


def test_a_thousand_jobs_that_wait_for_one_run_after_it(worker: WorkerProcess) -> None:
    first = enqueue("note_turn", {"seconds": 0.2}).id
    children = {enqueue("note_turn", depends_on=[first]).id for _ in range(1_000)}

    all_ended(children)
    assert turns()[:2] == [(first, True), (first, False)]
    assert set(order()[1:]) == children


def test_the_dead_jobs_child_is_cancelled_held_or_run_by_its_policy(worker: WorkerProcess) -> None:
    parent = enqueue("fail_until", {"number": 100}).id
    hold, stop, go = (enqueue("noop", depends_on=[parent], on_failure=policy).id for policy in OnFailure)

    assert ended(parent).status == Status.DEAD
    assert (ended(stop).error_code, ended(go).status) == ("DEPENDENCY_FAILED", Status.SUCCEEDED)
    assert Job.objects.get(pk=hold).status == Status.PENDING


def test_a_held_job_runs_when_its_parent_was_retried_and_succeeds(worker: WorkerProcess) -> None:
    parent = enqueue("fail_until", {"number": 4}).id
    child = enqueue("noop", depends_on=[parent]).id
    ended(parent)
    Job.objects.filter(pk=parent).update(max_attempts=5)

    retry([parent])

    assert ended(child).status == Status.SUCCEEDED
    assert ended(parent).result == "attempt 4"


def test_a_running_job_that_is_cancelled_takes_its_dependents_with_it(worker: WorkerProcess) -> None:
    parent = enqueue("hang").id
    child = enqueue("noop", depends_on=[parent], on_failure=OnFailure.CANCEL).id
    reached(parent, Status.RUNNING)

    cancel([parent])

    assert ended(child).status == Status.CANCELLED


def test_the_child_of_a_job_that_leaves_no_trace_runs(worker: WorkerProcess) -> None:
    first, second = chain([NewJob(task_type="leave_no_trace", payload={"text": ""}), _turn()])

    assert ended(second.id).status == Status.SUCCEEDED
    eventually(lambda: not Job.objects.filter(pk=first.id).exists(), "the first is gone")
