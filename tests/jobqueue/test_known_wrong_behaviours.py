"""Twelve ways in which queues like this one are known to go wrong; none of them may be found here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobqueue import transitions
from jobqueue.api import enqueue, run_schedule
from jobqueue.claim import claim
from jobqueue.cleanup import delete_finished
from jobqueue.exceptions import RetryLater
from jobqueue.executor.context import RunningJob
from jobqueue.executor.execution import Execution
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.reports import encode_report
from jobqueue.rescue import rescue
from jobqueue.scheduler import tick
from jobqueue.states import AttemptOutcome, Status
from tests.jobqueue.factories import SELDOM, make_job, make_schedule, make_worker
from tests.jobqueue.lifecycle import Held, hold, job_in, put, status_of, take
from tests.jobqueue.sample import behaviours
from tests.jobqueue.threads import in_threads

pytestmark = pytest.mark.django_db


def _make_due(schedule: Schedule) -> None:
    Schedule.objects.filter(pk=schedule.pk).update(next_run_at=timezone.now())


def _recurring(**fields: Any) -> Schedule:
    return make_schedule(**{"name": "recurring", "expression": SELDOM, "queue": "recurring", **fields})


def _fire(schedule: Schedule) -> Job:
    """Let the schedule's time come; returns the job."""
    _make_due(schedule)
    assert tick() == 1
    return Job.objects.filter(schedule=schedule).latest("id")


def _execute(held: Held, behaviour: Callable[[], object]) -> Job:
    """Execute as a child does, and store what came of it."""
    with behaviours.doing(behaviour):
        context = RunningJob(held.claimed, Held.STARTED, lambda message: None)
        report = Execution(1_000_000).run(held.claimed, context, Held.STARTED)
    transitions.finish(held.worker, [encode_report(report)], [held.claimed.id])
    return held.row()


def test_a_recurring_job_whose_first_run_throws_runs_again_next_time() -> None:
    schedule = _recurring()
    first = take(_fire(schedule).pk)
    first.finish(Status.DEAD, code="ValueError")

    second = _fire(schedule)

    assert second.pk != first.id
    assert take(second.pk).finish(Status.SUCCEEDED) == 1


def test_a_cancelled_running_recurring_job_does_not_come_back() -> None:
    schedule = _recurring()
    held = take(_fire(schedule).pk)
    transitions.cancel([held.id])
    # Its handler answers the interruption with an error of its own, which would deserve a retry.
    held.finish(Status.RETRYING, code="TIMEOUT", delay=0.0)

    assert status_of(held.id) == Status.CANCELLED
    assert claim(make_worker().pk, 10) == []
    assert _fire(schedule).pk != held.id


def test_an_exception_on_attempt_one_of_five_does_not_end_the_job() -> None:
    job = _execute(hold(task_type="behave", max_attempts=5), lambda: behaviours.throw(ValueError("hiccup")))

    assert (job.status, job.attempts) == (Status.RETRYING, 1)
    Job.objects.update(run_at=timezone.now())
    assert _execute(take(job.pk), lambda: None).status == Status.SUCCEEDED


def test_retry_of_a_running_job_does_not_run_it_twice() -> None:
    held = hold()

    moved = transitions.retry([held.id])

    assert moved.skipped == {held.id: "running"}
    assert claim(make_worker().pk, 10) == []
    assert held.finish(Status.SUCCEEDED) == 1


@pytest.mark.parametrize("status", [Status.RETRYING, Status.FAILED, Status.DEAD])
def test_retry_now_of_a_recurring_job_does_not_wait_for_its_interval(status: Status) -> None:
    schedule = _recurring(expression=SELDOM)
    held = take(_fire(schedule).pk)
    held.finish(status, code="TIMEOUT", delay=86_400.0 if status == Status.RETRYING else None)

    transitions.retry([held.id])

    assert take(held.id).claimed.id == held.claimed.id
    schedule.refresh_from_db()
    assert schedule.next_run_at is not None
    assert schedule.next_run_at > timezone.now()


class _TooManyRequestsError(Exception):
    error_code = "RATE_LIMIT"
    retry_after = timedelta(minutes=30)


@pytest.mark.parametrize("raised", [_TooManyRequestsError("slow down"), RetryLater(timedelta(minutes=30), "not yet")])
def test_a_requested_retry_delay_is_kept(raised: Exception) -> None:
    job = _execute(hold(task_type="behave", max_attempts=5), lambda: behaviours.throw(raised))

    assert job.status in (Status.RETRYING, Status.PENDING)
    assert timedelta(minutes=29) < job.run_at - timezone.now() <= timedelta(minutes=31)


def test_cleanup_deletes_all_rows_that_qualify_at_once() -> None:
    long_ago = timezone.now() - timedelta(days=60)
    for _ in range(2):
        job = make_job(Status.SUCCEEDED, finished_at=long_ago)
        Job.objects.filter(pk=job.pk).update(id=f"00000000-0000-7000-8000-{job.id.hex[-12:]}")

    assert delete_finished()["succeeded"] == 2
    assert not Job.objects.exists()


def test_recurring_work_does_not_starve_one_off_work() -> None:
    schedules = [_recurring(name=f"recurring {n}", queue="default", overlap="allow") for n in range(5)]
    for schedule in schedules:
        _fire(schedule)
    one_off = enqueue("noop").id
    order = []
    for _ in range(8):
        for schedule in schedules:
            _fire(schedule)  # there is always more recurring work than anybody can do
        (claimed,) = claim(make_worker().pk, 1)
        order.append(claimed.id)

    assert str(one_off) in order


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_do_not_double() -> None:
    schedules = [_recurring(name=f"recurring {n}", queue="default", overlap="allow") for n in range(20)]
    for schedule in schedules:
        _make_due(schedule)

    in_threads(4, lambda _: [tick() for _ in range(5)])

    assert Job.objects.count() == Occurrence.objects.count() == len(schedules)


def test_a_job_longer_than_its_interval_is_not_starved() -> None:
    schedule = _recurring()
    ran = []
    held = take(_fire(schedule).pk)
    for _ in range(3):
        _fire(schedule)  # the next time comes while the last one runs still
        held.finish(Status.SUCCEEDED)
        ran.append(held.id)
        held = take(Job.objects.waiting().earliest("run_at", "id").pk)

    assert len(set(ran)) == 3


def test_run_now_does_not_use_up_the_next_occurrence() -> None:
    schedule = _recurring()
    expected = schedule.next_run_at

    by_hand = run_schedule(schedule)

    schedule.refresh_from_db()
    assert schedule.next_run_at == expected
    assert _fire(schedule).pk != by_hand.id


@pytest.mark.parametrize("second", ["finish", "release", "rescue", "cancel"])
def test_a_place_is_not_given_back_twice(second: str) -> None:
    first, *others = [put(queue="lane", concurrency_key="door", concurrency_limit=1) for _ in range(4)]
    held = take(first)
    assert claim(make_worker().pk, 10) == []

    held.finish(Status.SUCCEEDED)
    match second:
        case "finish":
            held.finish(Status.FAILED, outcome=AttemptOutcome.ERROR.value)
        case "release":
            held.release()
        case "rescue":
            rescue(held.worker)
        case "cancel":
            transitions.cancel([held.id])

    claimed = claim(make_worker().pk, 10) + claim(make_worker().pk, 10)
    assert [one.id for one in claimed] == [str(others[0])]


def test_a_job_that_waits_for_its_retry_holds_no_place() -> None:
    first = job_in(Status.RETRYING, queue="lane", concurrency_key="door", concurrency_limit=1)
    second = put(queue="lane", concurrency_key="door", concurrency_limit=1)

    assert take(second).id == second != first
