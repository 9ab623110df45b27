"""The schedule tick: what it fires, how often, and what happens to schedules that cannot be fired."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from time_machine import Traveller

from jobqueue.api import run_schedule
from jobqueue.exceptions import InvalidPayloadError
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.occurrence import Trigger
from jobqueue.models.schedule import MissedPolicy, ScheduleKind
from jobqueue.registry import Unique
from jobqueue.scheduler import tick
from jobqueue.states import Priority, Status
from tests.jobqueue.factories import SELDOM, make_schedule
from tests.jobqueue.letters import letters
from tests.jobqueue.lifecycle import take
from tests.jobqueue.threads import in_threads

NOON = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """The application's clock, standing at half a minute past noon until it is moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def _at(hour: int, minute: int) -> datetime:
    return NOON.replace(hour=hour, minute=minute, second=0)


@pytest.mark.django_db
class TestTick:
    def test_before_its_time_a_schedule_is_left_alone(self, clock: Traveller) -> None:
        schedule = make_schedule()

        assert tick() == 0
        assert not Job.objects.exists()
        assert schedule.next_run_at == _at(12, 30)

    def test_a_due_schedule_enqueues_its_job_and_advances(self, clock: Traveller) -> None:
        alice = User.objects.create_user("alice")
        schedule = make_schedule(
            task_type="add_one",
            payload={"number": 4},
            queue="sync",
            priority=Priority.HIGH,
            max_attempts=2,
            created_by=alice,
        )
        clock.shift(HALF_HOUR)

        assert tick() == 1

        job, occurrence = Job.objects.get(), Occurrence.objects.get()
        assert (job.task_type, job.payload, job.queue) == ("add_one", {"number": 4}, "sync")
        assert (job.priority, job.max_attempts, job.created_by) == (Priority.HIGH, 2, alice)
        assert (job.schedule, job.occurrence, job.status) == (schedule, _at(12, 30), Status.PENDING)
        assert (occurrence.schedule, occurrence.scheduled_at, occurrence.job_id) == (schedule, _at(12, 30), job.pk)
        assert (occurrence.trigger, occurrence.fired_at) == (Trigger.SCHEDULE, NOON + HALF_HOUR)
        schedule.refresh_from_db()
        assert schedule.next_run_at == _at(13, 0)

    def test_the_handler_is_told_for_which_time_it_runs(self, clock: Traveller) -> None:
        make_schedule(queue="lane")
        clock.shift(HALF_HOUR)
        tick()
        Job.objects.update(run_at=datetime(2020, 1, 1, tzinfo=UTC))  # the database's clock does not travel

        assert take(Job.objects.get().pk).claimed.occurrence == _at(12, 30).timestamp()

    def test_a_second_tick_at_the_same_time_fires_nothing(self, clock: Traveller) -> None:
        make_schedule()
        clock.shift(HALF_HOUR)

        assert (tick(), tick()) == (1, 0)
        assert Job.objects.count() == 1

    def test_every_occurrence_of_a_day_is_fired_once(self, clock: Traveller) -> None:
        make_schedule()
        for _ in range(24 * 60 // 7):
            clock.shift(timedelta(minutes=7))
            tick()
            Job.objects.filter(finished_at=None).update(status=Status.SUCCEEDED, finished_at=timezone.now())

        times = [one.scheduled_at for one in Occurrence.objects.order_by("scheduled_at")]
        assert times == [_at(12, 30) + HALF_HOUR * n for n in range(len(times))]
        assert len(times) == Job.objects.count() == 47

    def test_times_missed_by_a_standstill_are_made_up_by_one_run_for_the_latest(self, clock: Traveller) -> None:
        schedule = make_schedule()
        clock.shift(timedelta(hours=5))

        assert tick() == 1

        assert Job.objects.get().occurrence == _at(17, 0)
        assert [one.scheduled_at for one in Occurrence.objects.filter(skipped="missed")] == [
            _at(12, 30) + HALF_HOUR * n for n in reversed(range(9))
        ]
        schedule.refresh_from_db()
        assert schedule.next_run_at == _at(17, 30)

    def test_a_standstill_of_a_month_is_made_up_by_one_run(self, clock: Traveller) -> None:
        schedules = [
            make_schedule(expression, expression=expression, missed_window=timedelta(days=28))
            for expression in ("* * * * *", "0 7 * * *", "0 7 11 * *")
        ]
        clock.shift(timedelta(days=28))

        assert tick() == 3

        assert [Job.objects.get(schedule=schedule).occurrence for schedule in schedules] == [
            datetime(2026, 4, 7, 12, 0, tzinfo=UTC),
            datetime(2026, 4, 7, 7, 0, tzinfo=UTC),
            datetime(2026, 3, 11, 7, 0, tzinfo=UTC),
        ]
        assert tick() == 0
        assert all(when > timezone.now() for when in Schedule.objects.values_list("next_run_at", flat=True) if when)

    def test_a_clock_that_is_set_back_fires_nothing_twice(self, clock: Traveller) -> None:
        make_schedule()
        clock.shift(HALF_HOUR)
        tick()

        clock.shift(-2 * HALF_HOUR)
        assert tick() == 0
        Schedule.objects.update(next_run_at=_at(12, 30))
        clock.shift(2 * HALF_HOUR)
        tick()

        assert Job.objects.count() == Occurrence.objects.count() == 1

    def test_a_fixed_time_in_the_repeated_hour_of_autumn_runs_once(self, clock: Traveller) -> None:
        zone = ZoneInfo("America/New_York")
        clock.move_to(datetime(2026, 11, 1, 0, 45, tzinfo=zone))
        make_schedule(expression="30 1 * * *", timezone="America/New_York")
        for _ in range(12):
            clock.shift(timedelta(minutes=15))
            tick()

        assert [one.scheduled_at for one in Occurrence.objects.all()] == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC)]

    def test_an_inactive_schedule_is_not_fired(self, clock: Traveller) -> None:
        make_schedule(is_active=False)
        Schedule.objects.update(next_run_at=NOON - HALF_HOUR)

        assert tick() == 0
        assert not Job.objects.exists()

    def test_an_edit_counts_at_once(self, clock: Traveller) -> None:
        schedule = make_schedule()
        schedule.expression = "45 * * * *"
        schedule.reschedule()
        schedule.save()

        clock.shift(HALF_HOUR)
        assert tick() == 0
        clock.move_to(_at(12, 45))
        assert tick() == 1

    def test_a_deleted_job_does_not_make_its_time_due_again(self, clock: Traveller) -> None:
        make_schedule()
        clock.shift(HALF_HOUR)
        tick()
        Job.objects.all().delete()
        Schedule.objects.update(next_run_at=_at(12, 30))

        tick()

        assert not Job.objects.exists()

    def test_a_schedule_that_cannot_be_stored_leaves_no_trace_of_half_a_run(self, clock: Traveller) -> None:
        make_schedule()
        clock.shift(HALF_HOUR)
        with transaction.atomic():
            tick()
            transaction.set_rollback(True)

        assert not Occurrence.objects.exists()
        assert tick() == 1


@pytest.mark.django_db
class TestRunSchedule:
    def test_it_enqueues_now_without_using_up_the_next_occurrence(self, clock: Traveller) -> None:
        schedule, bob = make_schedule(), User.objects.create_user("bob")

        enqueued = run_schedule(schedule, by=bob.pk)

        job, occurrence = Job.objects.get(), Occurrence.objects.get()
        assert (job.pk, job.schedule, job.created_by, job.occurrence) == (enqueued.id, schedule, bob, None)
        assert (occurrence.trigger, occurrence.scheduled_at) == (Trigger.MANUAL, NOON)
        schedule.refresh_from_db()
        assert schedule.next_run_at == _at(12, 30)
        clock.shift(HALF_HOUR)
        assert tick() == 1
        assert Job.objects.count() == 2

    def test_at_the_very_moment_of_an_occurrence_both_run(self, clock: Traveller) -> None:
        schedule = make_schedule()
        clock.move_to(_at(12, 30))

        run_schedule(schedule)
        tick()

        assert {(one.trigger, one.scheduled_at) for one in Occurrence.objects.all()} == {
            ("manual", _at(12, 30)),
            ("schedule", _at(12, 30)),
        }
        assert Job.objects.count() == 2

    def test_an_inactive_schedule_can_be_run_by_hand(self, clock: Traveller) -> None:
        schedule = make_schedule(is_active=False)

        assert run_schedule(schedule).created

    def test_a_run_by_hand_that_is_unfinished_is_no_overlap(self, clock: Traveller) -> None:
        schedule = make_schedule(overlap="skip")
        by_hand = run_schedule(schedule)
        clock.shift(HALF_HOUR)

        assert tick() == 1

        assert Job.objects.exclude(pk=by_hand.id).get().occurrence == _at(12, 30)
        assert not Occurrence.objects.exclude(skipped="").exists()

    def test_a_run_by_hand_runs_beside_what_is_unfinished(self, clock: Traveller) -> None:
        schedule = make_schedule(overlap="skip")
        clock.shift(HALF_HOUR)
        tick()

        assert run_schedule(schedule).created

    def test_it_joins_a_job_with_the_same_unique_key(self, clock: Traveller) -> None:
        with letters(unique=Unique()):
            schedule = make_schedule(task_type="letter")
            first, second = run_schedule(schedule), run_schedule(schedule)

        assert (first.created, second.created, second.id) == (True, False, first.id)
        assert list(Occurrence.objects.order_by("id").values_list("skipped", "job_id")) == [
            ("", first.id),
            ("joined", first.id),
        ]

    def test_a_payload_that_does_not_fit_any_more_is_an_error_and_leaves_nothing(self, clock: Traveller) -> None:
        schedule = make_schedule(payload={"x": 1})

        with pytest.raises(InvalidPayloadError):
            run_schedule(schedule)

        assert not Occurrence.objects.exists()
        schedule.refresh_from_db()
        assert schedule.is_active


class _KilledError(BaseException):
    """No `except Exception` notices it."""


def _dies(at: int, _: int) -> bool:
    """Tick, but end before that statement; returns whether it came to that."""
    count = itertools.count()

    def execute(proceed: Any, *given: Any) -> Any:
        if next(count) == at:
            raise _KilledError
        return proceed(*given)

    try:
        with connection.execute_wrapper(execute):
            tick()
    except _KilledError:
        return True
    return False


@pytest.mark.django_db(transaction=True)
class TestManySchedulers:
    def test_four_at_once_fire_every_schedule_once(self) -> None:
        for name in "abcdefgh":
            make_schedule(name, expression=SELDOM, overlap="allow")
        Schedule.objects.update(next_run_at=timezone.now() - timedelta(seconds=1))

        in_threads(4, lambda _: [tick() for _ in range(5)])

        assert Job.objects.count() == Occurrence.objects.count() == 8
        assert {job.schedule_id for job in Job.objects.all()} == {one.pk for one in Schedule.objects.all()}

    def test_while_one_ticks_the_others_do_nothing_and_do_not_wait(self) -> None:
        make_schedule(expression=SELDOM)
        Schedule.objects.update(next_run_at=timezone.now() - timedelta(seconds=1))

        with transaction.atomic():
            assert tick() == 1
            assert in_threads(3, lambda _: tick()) == [0, 0, 0]

        assert Job.objects.count() == 1

    def test_while_one_leads_the_others_leave_to_it_what_becomes_due_meanwhile(self) -> None:
        make_schedule("first", expression=SELDOM)
        make_schedule("second", expression=SELDOM)
        Schedule.objects.filter(name="first").update(next_run_at=timezone.now() - timedelta(seconds=1))

        def make_due_and_tick(_: int) -> int:
            Schedule.objects.filter(name="second").update(next_run_at=timezone.now() - timedelta(seconds=1))
            return tick()

        with transaction.atomic():
            assert tick() == 1
            assert in_threads(1, make_due_and_tick) == [0]

        assert tick() == 1

    def test_a_scheduler_that_dies_at_any_of_its_statements_loses_and_doubles_nothing(self) -> None:
        made, deaths = 0, 0
        while deaths == made:
            Schedule.objects.all().delete()
            Job.objects.all().delete()
            interval = {"expression": "", "kind": ScheduleKind.INTERVAL, "interval": timedelta(days=1)}
            make_schedule("interval", **interval)
            make_schedule("missed", expression=SELDOM, missed=MissedPolicy.ALL, overlap="skip")
            Schedule.objects.update(next_run_at=timezone.now() - timedelta(minutes=20))

            (is_dead,) = in_threads(1, partial(_dies, made))
            made, deaths = made + 1, deaths + is_dead
            tick()
            tick()

            assert sorted(Job.objects.values_list("schedule__name", flat=True)) == ["interval", "missed"]
            assert Occurrence.objects.filter(skipped="").count() == 2
        assert deaths > 8

    def test_a_scheduler_that_dies_in_the_middle_leaves_its_work_to_the_next(self) -> None:
        make_schedule(expression=SELDOM)
        Schedule.objects.update(next_run_at=timezone.now() - timedelta(seconds=1))
        with transaction.atomic():
            tick()
            transaction.set_rollback(True)

        assert in_threads(1, lambda _: tick()) == [1]
        assert Job.objects.count() == Occurrence.objects.count() == 1

    def test_a_schedule_that_is_being_edited_is_left_to_the_next_tick(self) -> None:
        schedule = make_schedule(expression=SELDOM)
        Schedule.objects.update(next_run_at=timezone.now() - timedelta(seconds=1))

        with transaction.atomic():
            Schedule.objects.select_for_update().get(pk=schedule.pk)
            assert in_threads(1, lambda _: tick()) == [0]

        assert tick() == 1
