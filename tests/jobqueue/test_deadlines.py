"""Deadlines: what was not started by then is cancelled, whatever it waits for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from jobqueue import housekeeping
from jobqueue.api import enqueue, pause
from jobqueue.claim import claim
from jobqueue.models import Attempt, Job
from jobqueue.models.pause import PauseScope
from jobqueue.states import OnFailure, Status
from jobqueue.transitions import Moved, cancel, expire, retry
from tests.jobqueue.dependents import child_of, fate
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import hold, job_in, put, status_of, take
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock

pytestmark = pytest.mark.django_db


def _past() -> datetime:
    return timezone.now() - timedelta(seconds=1)


def _future() -> datetime:
    return timezone.now() + timedelta(hours=1)


def test_a_job_past_its_deadline_is_cancelled_and_says_why() -> None:
    late, early, without = put(deadline=_past()), put(deadline=_future()), put()

    assert expire() == [late]

    job = Job.objects.get(pk=late)
    assert (job.status, job.error_code, job.attempts) == (Status.CANCELLED, "EXPIRED", 0)
    assert job.error_message == "It was not started by its deadline."
    assert job.finished_at is not None
    assert not Attempt.objects.exists()
    assert [status_of(id_) for id_ in (early, without)] == [Status.PENDING] * 2


def _of_the_future() -> UUID:
    return put(run_at=_future(), deadline=_past())


def _held_by_another() -> UUID:
    return child_of(put(), deadline=_past())


def _paused() -> UUID:
    id_ = put(queue="mail", deadline=_past())
    pause(reason="down", scope=PauseScope.QUEUE, name="mail")
    return id_


def _all_paused() -> UUID:
    pause(reason="deploy")
    return put(deadline=_past())


def _without_a_place() -> UUID:
    hold(concurrency_key="k")
    id_ = put(concurrency_key="k", deadline=_past())
    claim(make_worker().pk, 10)
    return id_


@pytest.mark.parametrize("waiting", [_of_the_future, _held_by_another, _paused, _all_paused, _without_a_place])
def test_it_does_not_matter_what_the_job_waits_for(waiting: Callable[[], UUID]) -> None:
    id_ = waiting()

    housekeeping.keep()

    job = Job.objects.get(pk=id_)
    assert (job.status, job.error_code, job.parked) == (Status.CANCELLED, "EXPIRED", "")


def test_the_deadline_is_for_the_first_start_only() -> None:
    for status in (Status.RETRYING, Status.RUNNING):
        Job.objects.filter(pk=job_in(status)).update(deadline=_past())
    tried = job_in(Status.RETRYING)
    retry([tried])
    Job.objects.filter(pk=tried).update(deadline=_past())

    assert expire() == []


def test_a_manual_retry_takes_the_deadline_away() -> None:
    id_ = put(deadline=_past())
    expire()

    assert retry([id_]) == Moved(done=[id_])

    assert expire() == []
    assert fate(id_) == "runs"


@pytest.mark.parametrize(
    ("policy", "expected"), [(OnFailure.HOLD, "waits"), (OnFailure.CANCEL, "cancelled"), (OnFailure.RUN, "runs")]
)
def test_what_waits_for_an_expired_job_goes_by_its_policy(policy: OnFailure, expected: str) -> None:
    child = child_of(put(deadline=_past()), on_failure=policy)

    housekeeping.keep()

    assert fate(child) == expected


def test_the_place_that_was_kept_for_an_expired_job_goes_to_the_next() -> None:
    held = hold(concurrency_key="k")
    first, second = (enqueue("noop", concurrency_key="k").id for _ in range(2))
    claim(make_worker().pk, 10)
    held.finish(Status.SUCCEEDED)
    Job.objects.filter(pk=first).update(deadline=_past())

    expire()

    assert [UUID(job.id) for job in claim(make_worker().pk, 10)] == [second]


def test_the_longest_overdue_go_first_and_housekeeping_takes_all() -> None:
    late = [put(deadline=_past() - timedelta(minutes=n)) for n in range(5)]

    assert set(expire(2)) == set(late[3:])
    housekeeping.keep()

    assert {status_of(id_) for id_ in late} == {Status.CANCELLED}


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_a_claim_that_comes_first_wins(self) -> None:
        id_ = put(deadline=_past())

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            take(id_)
            assert beside(pool, expire).result() == []

        assert expire() == []
        assert status_of(id_) == Status.RUNNING

    def test_a_cancel_that_waits_for_the_clock_finds_the_job_ended(self) -> None:
        id_ = put(deadline=_past())

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                expire()
                cancelling = beside(pool, lambda: cancel([id_]))
                until_one_waits_for_a_lock()
            moved = cancelling.result()

        assert moved == Moved(skipped={id_: "cancelled"})

    def test_several_who_look_at_once_expire_each_job_once(self) -> None:
        late = {put(deadline=_past()) for _ in range(40)}

        expired = [id_ for some in in_threads(4, lambda _: expire()) for id_ in some]

        assert (len(expired), set(expired)) == (40, late)
