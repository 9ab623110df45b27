"""Interval schedules: whatever becomes of a job, one that is unfinished is there, at the right time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from time_machine import Traveller

from jobqueue import operations, transitions
from jobqueue.cleanup import delete_finished
from jobqueue.exceptions import CancelJob, PermanentError, RetryLater
from jobqueue.models import Job, Occurrence, Schedule
from jobqueue.models.schedule import ScheduleKind
from jobqueue.scheduler import tick
from jobqueue.states import Priority, Status
from jobqueue.testing import run_due_jobs, run_job
from tests.jobqueue.audited import ALICE
from tests.jobqueue.factories import make_worker
from tests.jobqueue.sample import behaviours

pytestmark = pytest.mark.django_db

# Ahead of the database's clock, by which people's verbs go: for it, no time of a schedule has come yet.
NOON = datetime(2101, 3, 10, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traveller]:
    """The application's clock, standing at noon. Jobs succeed unless a test says otherwise."""
    monkeypatch.setattr("jobqueue.ids._last", 0)  # ids grow, so those of later tests would be of that future, too
    with time_machine.travel(NOON, tick=False) as traveller, behaviours.doing(lambda: None):
        yield traveller


def _schedule(**fields: Any) -> Schedule:
    """Every ten minutes, saved as people do, and seen by the scheduler once."""
    given = {"name": "s", "kind": ScheduleKind.INTERVAL, "interval": 10 * MINUTE, "task_type": "behave"}
    schedule = Schedule(**{**given, **fields})
    schedule.full_clean()
    operations.save_schedule(schedule, ALICE)
    tick()
    return schedule


def _edit(schedule: Schedule, **changes: Any) -> None:
    schedule.refresh_from_db()
    for name, value in changes.items():
        setattr(schedule, name, value)
    schedule.full_clean()
    operations.save_schedule(schedule, ALICE)
    tick()


def _unfinished() -> list[float]:
    """The times of unfinished jobs, in minutes after noon."""
    times = Job.objects.filter(finished_at=None).order_by("occurrence").values_list("occurrence", flat=True)
    return [(moment - NOON) / MINUTE for moment in times if moment]


def _job() -> Job:
    return Job.objects.get(finished_at=None)


def _live(clock: Traveller, minutes: int, worker_runs: bool = True) -> None:
    """Minute by minute, with a scheduler and perhaps a worker at work."""
    for _ in range(minutes):
        clock.shift(MINUTE)
        tick()
        if worker_runs:
            run_due_jobs()
        tick()


def _ran() -> list[float]:
    ended = Job.objects.exclude(finished_at=None).exclude(occurrence=None).order_by("occurrence")
    return [(job.occurrence - NOON) / MINUTE for job in ended if job.occurrence]


class TestBegin:
    def test_a_new_one_has_its_job_at_once(self, clock: Traveller) -> None:
        schedule = _schedule()

        assert (_job().run_at, _job().occurrence, _job().schedule) == (NOON, NOON, schedule)
        assert Occurrence.objects.get().job_id == _job().pk

    def test_with_a_start_it_begins_then(self, clock: Traveller) -> None:
        _schedule(starts_at=NOON + 7 * MINUTE)
        assert _unfinished() == [7]
        _live(clock, 30)

        assert _ran() == [7, 17, 27]

    def test_a_start_in_the_past_sets_the_grid(self, clock: Traveller) -> None:
        _schedule(starts_at=NOON - 3 * MINUTE)
        _live(clock, 20)

        assert _ran() == [7, 17]


class TestContinuing:
    @pytest.fixture
    def schedule(self, clock: Traveller) -> Schedule:
        return _schedule()

    def test_while_its_job_is_unfinished_there_is_no_other(self, clock: Traveller, schedule: Schedule) -> None:
        for _ in range(30):
            clock.shift(MINUTE)
            tick()
            assert _unfinished() == [0]

    @pytest.mark.parametrize(
        ("raised", "status"),
        [
            (None, Status.SUCCEEDED),
            (PermanentError("NOT_FOUND", "There is no such thing."), Status.FAILED),
            (CancelJob("Nothing to do."), Status.CANCELLED),
        ],
    )
    def test_however_a_job_ends_the_next_is_there_at_once(
        self, clock: Traveller, schedule: Schedule, raised: Exception | None, status: Status
    ) -> None:
        clock.shift(2 * MINUTE)
        ended = _job()
        with behaviours.doing(lambda: behaviours.throw(raised) if raised else None):
            assert run_job(ended.pk).status == status

        assert tick() == 1
        assert _unfinished() == [10]
        assert _job().run_at == NOON + 10 * MINUTE
        assert tick() == 0

    def test_a_job_that_used_up_its_attempts_is_followed_by_the_next(
        self, clock: Traveller, schedule: Schedule
    ) -> None:
        first = _job()
        Job.objects.filter(pk=first.pk).update(max_attempts=1)
        with behaviours.doing(lambda: behaviours.throw(ValueError("hiccup"))):
            assert run_job(first.pk).status == Status.DEAD

        assert tick() == 1
        assert _unfinished() == [10]

    @pytest.mark.parametrize("raised", [ValueError("hiccup"), RetryLater(HOUR, "not yet")])
    def test_one_that_waits_for_its_next_attempt_is_still_the_one(
        self, clock: Traveller, schedule: Schedule, raised: Exception
    ) -> None:
        first = _job()
        with behaviours.doing(lambda: behaviours.throw(raised)):
            run_job(first.pk)
        for _ in range(25):
            clock.shift(MINUTE)
            tick()

        assert _job().pk == first.pk
        clock.shift(HOUR + MINUTE)
        run_job(first.pk)
        assert tick() == 1
        assert _job().occurrence == NOON + 90 * MINUTE

    def test_a_cancelled_one_is_followed_by_the_next(self, clock: Traveller, schedule: Schedule) -> None:
        transitions.cancel([_job().pk])

        assert tick() == 1
        assert _unfinished() == [10]

    def test_a_deleted_one_is_followed_by_the_next(self, clock: Traveller, schedule: Schedule) -> None:
        transitions.delete([_job().pk])

        assert tick() == 1
        assert _unfinished() == [10]

    def test_the_deletion_of_ended_ones_changes_nothing(self, clock: Traveller, schedule: Schedule) -> None:
        _live(clock, 25)
        before = Schedule.objects.get().next_run_at

        assert delete_finished(older_than=timedelta())["succeeded"] == 3

        assert Schedule.objects.get().next_run_at == before
        assert tick() == 0
        assert _unfinished() == [30]

    def test_a_job_of_nine_minutes_runs_every_ten(self, clock: Traveller, schedule: Schedule) -> None:
        run_job(_job().pk)
        clock.shift(9 * MINUTE)
        tick()

        assert _unfinished() == [10]

    @pytest.mark.parametrize(("lasts", "following"), [(10, 10), (12, 10), (15, 10), (16, 20), (47, 50)])
    def test_one_that_overran_is_followed_within_the_grace_or_at_the_next_time(
        self, clock: Traveller, schedule: Schedule, lasts: int, following: int
    ) -> None:
        first = _job()
        for _ in range(lasts):
            clock.shift(MINUTE)
            tick()
        run_job(first.pk)

        assert tick() == 1
        assert _unfinished() == [following]

    def test_day_in_day_out_every_time_has_its_run(self, clock: Traveller, schedule: Schedule) -> None:
        _live(clock, 95)

        assert _ran() == [10 * n for n in range(10)]
        assert _unfinished() == [100]
        assert not Occurrence.objects.exclude(skipped="").exists()

    def test_runs_by_hand_are_beside_it(self, clock: Traveller, schedule: Schedule) -> None:
        by_hand = operations.run_schedule(schedule, ALICE)
        run_job(_job_of_the_grid().pk)

        assert tick() == 1
        assert _unfinished() == [10]
        run_job(by_hand.id)
        assert tick() == 0

    def test_with_a_unique_key_a_run_by_hand_is_its_upcoming_job_whose_time_is_used_later(
        self, clock: Traveller
    ) -> None:
        schedule = _schedule(name="one at a time", task_type="only_once", payload={"number": 1})
        own = Job.objects.filter(schedule=schedule)
        run_job(own.get().pk)
        clock.shift(MINUTE)
        tick()

        enqueued = operations.run_schedule(schedule, ALICE)

        assert enqueued.created
        assert own.filter(finished_at=None).get().pk == enqueued.id
        by_hand = own.get(pk=enqueued.id)
        assert (by_hand.run_at < timezone.now(), by_hand.occurrence) == (True, timezone.now())
        run_job(enqueued.id)
        tick()
        assert own.get(finished_at=None).occurrence == NOON + 10 * MINUTE
        assert list(schedule.occurrences.order_by("pk").values_list("trigger", flat=True)) == [
            "schedule",
            "manual",
            "schedule",
        ]


class TestStandstills:
    def test_a_scheduler_that_was_away_makes_one_job(self, clock: Traveller) -> None:
        _schedule()
        run_due_jobs()
        clock.shift(5 * HOUR + 7 * MINUTE)

        assert tick() == 1
        assert _unfinished() == [310]
        _live(clock, 4)
        assert _ran() == [0, 310]

    def test_a_scheduler_that_is_back_within_the_grace_makes_up_for_the_time(self, clock: Traveller) -> None:
        _schedule()
        run_due_jobs()
        clock.shift(5 * HOUR + 2 * MINUTE)

        assert tick() == 1
        assert _unfinished() == [300]

    def test_workers_that_were_away_find_one_job(self, clock: Traveller) -> None:
        _schedule()
        _live(clock, 300, worker_runs=False)
        assert _unfinished() == [0]

        _live(clock, 30)

        assert _ran() == [0, 300, 310, 320, 330]
        assert _unfinished() == [340]


class TestEnd:
    def test_until_an_hour_later_it_has_seven_runs(self, clock: Traveller) -> None:
        schedule = _schedule(ends_at=NOON + HOUR)
        _live(clock, 120)

        assert _ran() == [0, 10, 20, 30, 40, 50, 60]
        assert _unfinished() == []
        schedule.refresh_from_db()
        assert (schedule.is_active, schedule.next_run_at) == (False, None)

    def test_a_job_that_runs_past_the_end_is_the_last(self, clock: Traveller) -> None:
        schedule = _schedule(ends_at=NOON + 5 * MINUTE)
        clock.shift(20 * MINUTE)
        tick()
        run_due_jobs()
        _live(clock, 5)

        assert _ran() == [0]
        schedule.refresh_from_db()
        assert not schedule.is_active


class TestChanges:
    @pytest.fixture
    def schedule(self, clock: Traveller) -> Schedule:
        """Its first job has ended, its second waits for its time."""
        schedule = _schedule()
        _live(clock, 3)
        assert (_ran(), _unfinished()) == ([0], [10])
        return schedule

    def test_another_interval_counts_from_the_edit(self, clock: Traveller, schedule: Schedule) -> None:
        _edit(schedule, interval=4 * MINUTE)
        assert _unfinished() == [7]
        _live(clock, 10)

        assert _ran() == [0, 7, 11]
        assert _unfinished() == [15]

    def test_another_payload_is_that_of_the_next_job(self, clock: Traveller, schedule: Schedule) -> None:
        _edit(schedule, task_type="add_one", payload={"number": 4})

        assert _unfinished() == [10]
        assert (_job().task_type, _job().payload) == ("add_one", {"number": 4})
        assert Occurrence.objects.count() == 2

    def test_an_edit_while_its_job_runs_lets_it_run(self, clock: Traveller, schedule: Schedule) -> None:
        clock.shift(7 * MINUTE)
        running = _job()
        Job.objects.filter(pk=running.pk).update(
            status=Status.RUNNING, worker=make_worker(), claim=1, attempts=1, started_at=timezone.now()
        )

        _edit(schedule, priority=Priority.HIGH, interval=30 * MINUTE)

        assert _job().pk == running.pk

    def test_switched_off_it_leaves_nothing_in_the_queue(self, clock: Traveller, schedule: Schedule) -> None:
        _edit(schedule, is_active=False)
        _live(clock, 30)

        assert (_ran(), _unfinished()) == ([0], [])
        assert Occurrence.objects.count() == 1

    def test_switched_off_while_no_worker_comes_its_due_job_goes_too(
        self, clock: Traveller, schedule: Schedule
    ) -> None:
        clock.shift(12 * MINUTE)
        _edit(schedule, is_active=False)

        assert _unfinished() == []

    def test_switched_on_again_it_runs_after_its_interval(self, clock: Traveller, schedule: Schedule) -> None:
        _edit(schedule, is_active=False)
        _live(clock, 30)
        _edit(schedule, is_active=True)
        assert _unfinished() == [43]
        _live(clock, 15)

        assert _ran() == [0, 43]
        assert _unfinished() == [53]

    def test_deleted_it_leaves_nothing_in_the_queue(self, clock: Traveller, schedule: Schedule) -> None:
        operations.delete_schedule(schedule, ALICE)
        _live(clock, 30)

        assert not Job.objects.filter(finished_at=None).exists()
        assert not Occurrence.objects.exists()

    def test_as_a_cron_schedule_it_has_no_job_before_its_time(self, clock: Traveller, schedule: Schedule) -> None:
        _edit(schedule, kind=ScheduleKind.CRON, interval=None, expression="30 * * * *")
        assert _unfinished() == []
        _live(clock, 30)

        assert _ran() == [0, 30]

    def test_a_change_of_the_notes_leaves_its_job_alone(self, clock: Traveller, schedule: Schedule) -> None:
        job = _job()

        _edit(schedule, notes="see the wiki")

        assert _job().pk == job.pk


def _job_of_the_grid() -> Job:
    return Job.objects.get(finished_at=None, occurrence__isnull=False)
