"""Two at once: whoever comes second sees what the first has done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import transaction

from jobqueue.api import enqueue
from jobqueue.models import Attempt
from jobqueue.states import Status
from jobqueue.transitions import Moved, cancel, delete, retry, run_now
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import hold, job_in, status_of, take
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)


def _second_after_first[T](first: Callable[[], object], second: Callable[[], T]) -> T:
    """Call `second` while `first` has changed its jobs and not committed; returns what `second` says in the end."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            waiting = beside(pool, second)
            until_one_waits_for_a_lock()
        return waiting.result()


def test_a_cancel_that_commits_while_the_outcome_waits_for_the_row_wins() -> None:
    held = hold()

    recorded = _second_after_first(lambda: cancel([held.id]), lambda: held.finish(Status.RETRYING, delay=5.0))

    assert recorded == 1
    assert status_of(held.id) == Status.CANCELLED
    assert held.row().finished_at is not None


def test_a_cancel_that_waits_for_the_outcome_cancels_the_retry() -> None:
    held = hold()

    moved = _second_after_first(lambda: held.finish(Status.RETRYING, delay=5.0), lambda: cancel([held.id]))

    assert moved == Moved(done=[held.id])
    assert status_of(held.id) == Status.CANCELLED


def test_a_cancel_that_waits_for_a_success_says_so() -> None:
    held = hold()

    moved = _second_after_first(lambda: held.finish(Status.SUCCEEDED), lambda: cancel([held.id]))

    assert moved == Moved(skipped={held.id: "succeeded"})


def test_a_cancel_that_waits_for_a_claim_asks_the_worker_to_stop() -> None:
    id_, worker = enqueue("noop").id, make_worker().pk

    moved = _second_after_first(lambda: take(id_, worker), lambda: cancel([id_]))

    assert moved == Moved(requested=[id_])


def test_run_now_that_waits_for_a_retry_makes_the_job_due() -> None:
    id_ = job_in(Status.FAILED)

    moved = _second_after_first(lambda: retry([id_]), lambda: run_now([id_]))

    assert moved == Moved(done=[id_])
    assert status_of(id_) == Status.PENDING


def test_run_now_that_waits_for_an_outcome_makes_the_retry_due() -> None:
    held = hold()

    moved = _second_after_first(lambda: held.finish(Status.RETRYING, delay=60.0), lambda: run_now([held.id]))

    assert moved == Moved(done=[held.id])
    assert take(held.id).claimed.number == 2


def test_a_retry_that_waits_for_a_failure_retries_the_job() -> None:
    held = hold()

    moved = _second_after_first(lambda: held.finish(Status.FAILED), lambda: retry([held.id]))

    assert moved == Moved(done=[held.id])


def test_a_cancel_that_waits_for_a_retry_cancels_the_job() -> None:
    id_ = job_in(Status.FAILED)

    moved = _second_after_first(lambda: retry([id_]), lambda: cancel([id_]))

    assert moved == Moved(done=[id_])


def test_two_operators_retry_a_job_once() -> None:
    id_ = job_in(Status.FAILED)

    moved = _second_after_first(lambda: retry([id_]), lambda: retry([id_]))

    assert moved == Moved(skipped={id_: "pending"})


def test_a_retry_of_a_job_that_was_deleted_meanwhile_says_so() -> None:
    id_ = job_in(Status.FAILED)

    moved = _second_after_first(lambda: delete([id_]), lambda: retry([id_]))

    assert moved == Moved(skipped={id_: "unknown job"})


def test_a_retry_that_loses_its_unique_key_to_an_undecided_enqueue_is_skipped() -> None:
    id_ = job_in(Status.FAILED, unique_key="k")

    moved = _second_after_first(lambda: enqueue("noop", unique_key="k"), lambda: retry([id_]))

    assert moved == Moved(skipped={id_: "its unique key is taken"})


def test_two_workers_finish_a_claim_once() -> None:
    held = hold()

    recorded = in_threads(4, lambda _: held.finish(Status.SUCCEEDED))

    assert sorted(recorded) == [0, 0, 0, 1]
    assert Attempt.objects.count() == 1


def test_bulk_actions_in_any_order_do_not_deadlock() -> None:
    ids = [job_in(Status.FAILED) for _ in range(30)]
    verbs: list[Callable[[list[UUID]], Moved]] = [retry, cancel, run_now, retry]

    def work(at: int) -> None:
        for turn in range(15):
            verbs[(at + turn) % 4](ids if at % 2 else ids[::-1])

    in_threads(4, work)
