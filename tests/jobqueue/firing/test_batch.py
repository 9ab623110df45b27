"""Firing what is due: many at once, each time once, by its policies, and what is unfinished counts."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import Traveller

from jobqueue.api import enqueue
from jobqueue.firing import batch
from jobqueue.firing.plan import Unfinished
from jobqueue.models import Dependency, Job, Occurrence, Schedule
from jobqueue.registry import Unique
from jobqueue.scheduler import tick
from jobqueue.settling import settle
from jobqueue.states import Status
from tests.jobqueue.factories import make_schedule, make_worker
from tests.jobqueue.letters import letters

from .conftest import NOON

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def _make(name: str = "s", minutes: int = 5, **fields: object) -> Schedule:
    return make_schedule(name, **{"expression": f"*/{minutes} * * * *", **fields})


def _begin(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(
        status=Status.RUNNING, worker=make_worker(), claim=1, attempts=1, started_at=timezone.now()
    )


def _end(job: Job, status: Status = Status.SUCCEEDED) -> None:
    Job.objects.filter(pk=job.pk).update(status=status, worker=None, finished_at=timezone.now())
    settle([job.pk])


def _told() -> list[tuple[int, str, str, int]]:
    """Of each occurrence: minutes after noon, trigger, why skipped, how many times it stands for."""
    told = Occurrence.objects.order_by("scheduled_at", "id")
    return [((one.scheduled_at - NOON) // MINUTE, one.trigger, one.skipped, one.times) for one in told]


def _parents(job: Job) -> set[object]:
    return set(Dependency.objects.filter(job_id=job.pk).values_list("parent_id", flat=True))


class TestManyAtOnce:
    @pytest.mark.parametrize("overlap", ["skip", "queue_one", "allow"])
    def test_three_hundred_cost_as_many_queries_as_three(self, clock: Traveller, overlap: str) -> None:
        counts = []
        for number in (3, 300):
            for n in range(number):
                _make(f"{number} {n}", overlap=overlap, missed=("skip", "once")[n % 2])
            clock.shift(7 * MINUTE)
            with CaptureQueriesContext(connection) as asked:
                assert tick() == number
            counts.append(len(asked))
            Schedule.objects.all().delete()

        assert counts[0] == counts[1] <= 14

    def test_the_most_overdue_come_first_and_all_are_fired(
        self, clock: Traveller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("jobqueue.scheduler._MOST_AT_ONCE", 2)
        for name, minutes in (("c", 4), ("a", 2), ("b", 3), ("d", 5), ("e", 6)):
            _make(name, minutes, expression=f"{minutes} * * * *")
        clock.shift(10 * MINUTE)

        assert tick() == 5

        assert list(Job.objects.order_by("id").values_list("schedule__name", flat=True)) == ["a", "b", "c", "d", "e"]


class TestEachTimeOnce:
    @pytest.fixture(params=["skip", "once", "all"])
    def schedule(self, clock: Traveller, request: pytest.FixtureRequest) -> Schedule:
        return _make(minutes=10, missed=request.param, overlap="allow", missed_window=timedelta(hours=3))

    def _tick_every_minute(self, clock: Traveller, minutes: int) -> None:
        for _ in range(minutes):
            clock.shift(MINUTE)
            tick()

    def _edit(self, schedule: Schedule) -> None:
        schedule.refresh_from_db()
        schedule.reschedule()
        schedule.save()

    def test_a_clock_that_is_set_back_and_an_edit_double_nothing(self, clock: Traveller, schedule: Schedule) -> None:
        self._tick_every_minute(clock, 60)
        clock.shift(-60 * MINUTE)
        self._edit(schedule)
        self._tick_every_minute(clock, 70)

        assert [minute for minute, *_ in _told()] == [10, 20, 30, 40, 50, 60, 70]
        assert Job.objects.count() == 7

    def test_a_clock_that_jumps_ahead_and_back_doubles_nothing(self, clock: Traveller, schedule: Schedule) -> None:
        self._tick_every_minute(clock, 10)
        clock.shift(60 * MINUTE)
        self._tick_every_minute(clock, 1)
        clock.shift(-61 * MINUTE)
        self._edit(schedule)
        self._tick_every_minute(clock, 80)

        times = [minute for minute, *_ in _told()]
        assert times == [10, 20, 30, 40, 50, 60, 70, 80, 90]
        assert Job.objects.count() == Occurrence.objects.filter(skipped="").count()

    def test_a_time_that_has_its_occurrence_already_enqueues_nothing(
        self, clock: Traveller, schedule: Schedule
    ) -> None:
        clock.shift(10 * MINUTE)
        Occurrence.objects.create(
            schedule=schedule, scheduled_at=timezone.now(), fired_at=timezone.now(), trigger="schedule"
        )

        assert tick() == 0
        assert not Job.objects.exists()


class TestUnfinished:
    def test_a_job_longer_than_its_interval_runs_again_and_what_it_was_in_the_way_of_is_told(
        self, clock: Traveller
    ) -> None:
        _make()
        jobs: list[Job] = []
        for minute in range(1, 31):
            clock.shift(MINUTE)
            if tick() and len(jobs) == 0:
                jobs.append(Job.objects.get())
                _begin(jobs[0])  # lasts until minute 17
            if minute == 17:
                _end(jobs[0])
                jobs.append(Job.objects.exclude(pk=jobs[0].pk).get())
                assert jobs[1].blockers == 0
                _begin(jobs[1])
            if minute == 18:
                _end(jobs[1])
            if minute > 18:
                for job in Job.objects.filter(finished_at=None):
                    _end(job)

        assert _told() == [
            (5, "schedule", "", 1),
            (10, "schedule", "", 1),
            (15, "schedule", "overlap", 1),
            (20, "schedule", "", 1),
            (25, "schedule", "", 1),
            (30, "schedule", "", 1),
        ]

    def test_queue_one_waits_for_the_one_that_runs_whatever_becomes_of_it(self, clock: Traveller) -> None:
        _make()
        clock.shift(5 * MINUTE)
        tick()
        first = Job.objects.get()
        _begin(first)
        clock.shift(5 * MINUTE)
        tick()

        second = Job.objects.exclude(pk=first.pk).get()
        assert (_parents(second), second.blockers) == ({first.pk}, 1)
        _end(first, Status.DEAD)
        second.refresh_from_db()
        assert (second.status, second.blockers) == (Status.PENDING, 0)

    @pytest.mark.parametrize("state", ["retrying", "rescued", "postponed"])
    def test_one_that_waits_for_its_next_attempt_has_begun(self, clock: Traveller, state: str) -> None:
        _make()
        clock.shift(5 * MINUTE)
        tick()
        first = Job.objects.get()
        began = {"attempts": 1, "started_at": timezone.now()}
        match state:
            case "retrying":
                changes = {**began, "status": Status.RETRYING}
            case "rescued":
                changes = began
            case _:
                changes = {"postponed": 1}
        Job.objects.filter(pk=first.pk).update(**changes)
        clock.shift(5 * MINUTE)

        assert tick() == 1
        assert _parents(Job.objects.exclude(pk=first.pk).get()) == {first.pk}

    def test_all_queues_behind_what_waits_and_what_runs_as_one_row(self, clock: Traveller) -> None:
        _make(missed="all")
        clock.shift(5 * MINUTE)
        tick()
        first = Job.objects.get()
        _begin(first)
        clock.shift(5 * MINUTE)
        tick()
        second = Job.objects.exclude(pk=first.pk).get()
        clock.shift(17 * MINUTE)

        assert tick() == 3

        third, fourth, fifth = Job.objects.exclude(pk__in=[first.pk, second.pk]).order_by("occurrence")
        assert _parents(third) == {first.pk, second.pk}
        assert _parents(fourth) == {third.pk}
        assert _parents(fifth) == {fourth.pk}
        assert [row[1:3] for row in _told()[2:]] == [("catch_up", ""), ("catch_up", ""), ("schedule", "")]

    def test_a_job_to_wait_for_that_is_deleted_meanwhile_is_no_defect(
        self, clock: Traveller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        _make()
        clock.shift(5 * MINUTE)
        tick()
        _begin(Job.objects.get())
        clock.shift(5 * MINUTE)
        look = batch._unfinished

        def look_and_delete(*given: object) -> dict[int, Unfinished]:
            found = look(*given)  # type: ignore[arg-type]
            Job.objects.all().delete()
            return found

        with monkeypatch.context() as patch:
            patch.setattr(batch, "_unfinished", look_and_delete)
            assert tick() == 0
        assert "which is no job (any more)" in caplog.text
        assert tick() == 1


class TestUniqueKeys:
    @pytest.fixture(autouse=True)
    def _letters(self) -> Iterator[None]:
        with letters(unique=Unique()):
            yield

    def test_a_job_with_the_same_key_is_joined(self, clock: Traveller) -> None:
        holder = enqueue("letter").id
        _make(task_type="letter", overlap="allow")
        clock.shift(5 * MINUTE)

        assert tick() == 0

        occurrence = Occurrence.objects.get()
        assert (occurrence.skipped, occurrence.job_id) == ("joined", holder)

    def test_of_two_schedules_with_one_key_the_second_joins(self, clock: Traveller) -> None:
        _make("a", task_type="letter")
        _make("b", task_type="letter")
        clock.shift(5 * MINUTE)

        assert tick() == 1
        assert sorted(Occurrence.objects.values_list("skipped", flat=True)) == ["", "joined"]
        assert set(Occurrence.objects.values_list("job_id", flat=True)) == {Job.objects.get().pk}

    def test_times_that_are_made_up_for_join_the_first_of_them(self, clock: Traveller) -> None:
        _make(task_type="letter", missed="all")
        clock.shift(17 * MINUTE)

        assert tick() == 1
        assert [skipped for _, _, skipped, _ in _told()] == ["", "joined", "joined"]


class TestEnds:
    def test_a_schedule_is_switched_off_with_its_last_time(self, clock: Traveller) -> None:
        schedule = _make(ends_at=NOON + 10 * MINUTE)
        for _ in range(30):
            clock.shift(MINUTE)
            tick()
            for job in Job.objects.filter(finished_at=None):
                _end(job)

        schedule.refresh_from_db()
        assert (schedule.is_active, schedule.next_run_at) == (False, None)
        assert [minute for minute, *_ in _told()] == [5, 10]

    def test_a_schedule_begins_with_its_start(self, clock: Traveller) -> None:
        schedule = _make(starts_at=NOON + 10 * MINUTE)
        assert schedule.next_run_at == NOON + 10 * MINUTE

        late = _make("a moment later", starts_at=NOON + 10 * MINUTE + timedelta(microseconds=1))
        assert late.next_run_at == NOON + 15 * MINUTE


def test_what_is_delayed_by_jitter_is_for_its_time_all_the_same(clock: Traveller) -> None:
    _make(jitter=4 * MINUTE)
    clock.shift(5 * MINUTE)
    tick()

    job = Job.objects.get()
    assert job.occurrence == timezone.now()
    assert isinstance(job.run_at, datetime)
    assert timezone.now() < job.run_at < timezone.now() + 4 * MINUTE
