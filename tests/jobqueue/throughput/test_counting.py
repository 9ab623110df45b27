"""Executions are counted by the statement that stores their outcome: each once, whatever the door."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jobqueue import transitions
from jobqueue.models import Job, Throughput
from jobqueue.reports import encode_report
from jobqueue.rescue import rescue
from jobqueue.states import AttemptOutcome, Status
from jobqueue.throughput import BOUNDS, totals
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import Held, hold
from tests.jobqueue.sql.conftest import door  # noqa: F401  a fixture
from tests.jobqueue.sql.doors import Door
from tests.jobqueue.threads import in_threads

pytestmark = pytest.mark.django_db


def counted() -> list[tuple[str, str, str, int]]:
    """Task type, outcome, status and count, without the times."""
    return [(one.task_type, one.outcome, one.status, one.count) for one in totals()]


class TestThroughEitherDoor:
    def test_a_success(self, door: Door) -> None:  # noqa: F811
        for _ in range(3):
            door.enqueue("noop")
        for held in door.claim(3):
            door.succeed(held)

        assert counted() == [("noop", "succeeded", "succeeded", 3)]

    def test_errors_by_where_they_lead(self, door: Door) -> None:  # noqa: F811
        for _ in range(2):
            door.enqueue("noop", max_attempts=2)
        first, second = door.claim(2)
        door.fail(first, "no retry mends this")
        door.fail(second, "too slow", timedelta())

        assert counted() == [("noop", "error", "failed", 1), ("noop", "error", "retrying", 1)]

    def test_not_what_is_recorded_no_more(self, door: Door) -> None:  # noqa: F811
        door.enqueue("noop")
        (held,) = door.claim()
        door.succeed(held)

        assert not door.succeed(held)
        assert counted() == [("noop", "succeeded", "succeeded", 1)]

    def test_what_is_deleted_stays_counted(self, door: Door) -> None:  # noqa: F811
        door.enqueue("noop")
        (held,) = door.claim()
        door.succeed(held)
        door.clean_up(timedelta())
        Job.objects.all().delete()

        assert counted() == [("noop", "succeeded", "succeeded", 1)]


def test_a_job_handed_back_was_not_executed() -> None:
    hold().finish(Status.PENDING, outcome=AttemptOutcome.RETURNED.value)

    assert counted() == []


def test_a_cancelled_job_counts_as_what_it_became() -> None:
    held = hold()
    transitions.cancel([held.id])
    held.finish(Status.RETRYING, delay=1.0)

    assert counted() == [("noop", "error", "cancelled", 1)]


def test_a_lost_job_is_counted_by_who_rescues_it() -> None:
    worker = make_worker().pk
    held = hold(worker)
    held.mark_started()
    rescue(worker)

    assert counted() == [("noop", "lost", "retrying", 1)]
    assert held.finish(Status.SUCCEEDED) == 0
    assert counted() == [("noop", "lost", "retrying", 1)]


def test_times_are_added_up_and_sorted_between_the_bounds() -> None:
    for seconds in (0.001, 0.3, 0.5, 1000.0):
        hold().finish(Status.SUCCEEDED, finished=Held.STARTED + seconds)

    (total,) = totals()
    assert total.seconds == pytest.approx(1000.801, abs=1e-3)
    assert total.longest == pytest.approx(1000.0)
    assert list(total.durations) == [1, 0, 0, 2, *[0] * 6, 1]
    assert len(total.durations) == len(BOUNDS) + 1
    assert (total.count, total.waited) == (4, 4)


def test_the_wait_is_from_due_to_begun() -> None:
    due = datetime.fromtimestamp(Held.STARTED - 30, UTC)
    held = hold()
    Job.objects.filter(pk=held.id).update(run_at=due)
    held.finish(Status.SUCCEEDED)

    (total,) = totals()
    assert (total.waited, total.wait_seconds, total.longest_wait) == (1, 30.0, 30.0)


def test_a_job_that_is_due_later_again_has_no_known_wait() -> None:
    hold().finish(Status.RETRYING, delay=60.0)

    (total,) = totals()
    assert (total.count, total.waited, total.wait_seconds) == (1, 0, 0.0)


def test_the_minute_is_that_of_the_end() -> None:
    at = datetime(2026, 11, 28, 9, 59, 59, tzinfo=UTC).timestamp()
    for seconds in (0.5, 1.5):
        hold().finish(Status.SUCCEEDED, started=at, finished=at + seconds)

    minutes = [row.start.strftime("%H:%M:%S") for row in Throughput.objects.order_by("start")]
    assert minutes == ["09:59:00", "10:00:00"]


def test_a_set_of_jobs_is_one_row_per_kind_of_end() -> None:
    worker = make_worker().pk
    held = [hold(worker) for _ in range(20)]
    reports = [
        encode_report(one.report(Status.FAILED if at % 4 == 0 else Status.SUCCEEDED)) for at, one in enumerate(held)
    ]
    transitions.finish(worker, reports, [one.claimed.id for one in held])

    assert counted() == [("noop", "error", "failed", 5), ("noop", "succeeded", "succeeded", 15)]
    assert Throughput.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_workers_that_finish_at_the_same_time_count_each() -> None:
    workers: list[UUID] = [make_worker().pk for _ in range(4)]
    held = [[hold(worker) for _ in range(10)] for worker in workers]

    def finish(at: int) -> None:
        for one in held[at]:
            one.finish(Status.SUCCEEDED)

    in_threads(4, finish)

    assert counted() == [("noop", "succeeded", "succeeded", 40)]
