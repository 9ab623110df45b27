"""Under a stopped clock it is Python's time that decides, not the database's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from jobqueue.api import Schedule, enqueue, pause
from jobqueue.models import Attempt, Job
from jobqueue.testing import fire_due_schedules, run_due_jobs, run_job

pytestmark = pytest.mark.django_db

PAST, FUTURE = datetime(2001, 2, 3, 4, 5, tzinfo=UTC), datetime(2101, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(params=[PAST, FUTURE], ids=["past", "future"])
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr("jobqueue.ids._last", 0)  # ids grow, so those of later tests would be of that future, too
    with time_machine.travel(request.param, tick=False) as traveller:
        yield traveller


def test_a_job_is_due_when_the_clock_says_so(clock: time_machine.Traveller) -> None:
    enqueue("noop", delay=timedelta(hours=1))

    assert run_due_jobs().ran == 0
    clock.shift(timedelta(hours=1))
    assert run_due_jobs().ran == 1


def test_a_retry_is_due_after_its_wait_by_that_clock(clock: time_machine.Traveller) -> None:
    id_ = enqueue("fail_slowly").id
    run_due_jobs()

    assert Job.objects.get(pk=id_).run_at == timezone.now() + timedelta(hours=1)
    clock.shift(timedelta(minutes=59))
    assert run_due_jobs().ran == 0
    clock.shift(timedelta(minutes=1))
    assert run_due_jobs().retrying == 1


def test_what_asked_to_be_run_later_is_due_by_that_clock(clock: time_machine.Traveller) -> None:
    enqueue("postpone")

    assert (run_due_jobs().ran, run_due_jobs().ran) == (1, 0)
    clock.shift(timedelta(hours=1))
    assert run_due_jobs().postponed == 1


def test_attempts_carry_that_time(clock: time_machine.Traveller) -> None:
    id_ = enqueue("noop").id
    run_job(id_)

    assert Attempt.objects.get(job_id=id_).finished_at == timezone.now()


def test_a_deadline_passes_by_that_clock(clock: time_machine.Traveller) -> None:
    enqueue("noop", deadline=timezone.now() + timedelta(hours=1))
    enqueue("noop", deadline=timezone.now() + timedelta(hours=3))
    clock.shift(timedelta(hours=2))

    summary = run_due_jobs()

    assert (summary.cancelled, summary.succeeded) == (1, 1)


def test_a_pause_ends_by_that_clock(clock: time_machine.Traveller) -> None:
    pause(reason="for an hour", ends_at=timezone.now() + timedelta(hours=1))
    enqueue("noop")

    assert run_due_jobs().ran == 0
    clock.shift(timedelta(hours=1))
    assert run_due_jobs().ran == 1


def test_a_schedule_fires_by_that_clock(clock: time_machine.Traveller) -> None:
    schedule = Schedule(name="nightly", expression="0 3 * * *", task_type="noop")
    schedule.reschedule()
    schedule.save()

    assert fire_due_schedules() == 0
    clock.move_to(timezone.now().replace(hour=3, minute=0) + timedelta(days=1))
    assert (fire_due_schedules(), run_due_jobs().succeeded) == (1, 1)
