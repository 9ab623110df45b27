"""What must not stop the scheduler: schedules that cannot be fired, locks of others, races with the ends of jobs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobqueue.audit import Actor
from jobqueue.deadman import check
from jobqueue.enqueuing import NewJob, insert
from jobqueue.firing import batch
from jobqueue.models import Alert, Job, Occurrence, Schedule, SchedulerBeat
from jobqueue.models.alert import AlertKind
from jobqueue.models.audit_entry import Channel
from jobqueue.models.occurrence import Skipped
from jobqueue.models.schedule import MissedPolicy, ScheduleKind
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.operations.schedules import delete_schedule, run_schedule, save_schedule
from jobqueue.scheduler import tick
from jobqueue.states import Status
from jobqueue.transitions import delete
from jobqueue.worker.timekeeper import Timekeeper
from tests.jobqueue.ear import raw_connection
from tests.jobqueue.factories import SELDOM, make_job, make_schedule, make_worker
from tests.jobqueue.threads import beside, until_one_waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)

ALICE = Actor(name="alice", channel=Channel.CLI)
HOUR = timedelta(hours=1)
MINUTELY = "* * * * *"
ENDLESS = {"expression": MINUTELY, "missed_window": timedelta(days=900_000)}


def _due(name: str, *, ago: timedelta = timedelta(seconds=2), **fields: Any) -> Schedule:
    """Written past the rules, as code and SQL may."""
    given: dict[str, Any] = {"expression": SELDOM, "task_type": "noop", "next_run_at": timezone.now() - ago}
    return Schedule.objects.create(name=name, **given | fields)


def _interval(**fields: Any) -> Schedule:
    """One that has been there for two and a half hours, and is due."""
    begin = timezone.now() - 2.5 * HOUR
    given: dict[str, Any] = {"expression": "", "kind": ScheduleKind.INTERVAL, "interval": HOUR, "counts_from": begin}
    return _due("hourly", **given | fields)


def _no_minute_ends() -> time_machine.travel:
    """The application's clock stands in the middle of this minute."""
    return time_machine.travel(timezone.now().replace(second=30), tick=False)


def _fired(schedule: Schedule) -> int:
    return Job.objects.filter(schedule=schedule).count()


@contextmanager
def _at_the_insert(monkeypatch: pytest.MonkeyPatch, meanwhile: Any) -> Iterator[None]:
    """Have that happen once, after the tick has looked and before it writes."""
    original = batch._insert_occurrences
    done: list[bool] = []

    def insert_occurrences(*given: Any) -> Any:
        if not done:
            done.append(True)
            meanwhile()
        return original(*given)

    with monkeypatch.context() as patched:
        patched.setattr(batch, "_insert_occurrences", insert_occurrences)
        yield
    assert done


class TestASchedulePastTheRules:
    @pytest.mark.parametrize(
        "fields",
        [
            {"scope": ["no", "mapping"]},
            {**ENDLESS, "next_run_at": timezone.now() - timedelta(days=30)},
        ],
        ids=["scope", "window"],
    )
    def test_does_not_keep_others_from_firing(self, fields: dict[str, Any]) -> None:
        bad, good = _due("bad", **fields), _due("good")

        tick()

        assert _fired(good) == 1
        assert Alert.objects.get(kind=AlertKind.SCHEDULE_INVALID).schedule == bad

    def test_is_told_once_however_often_it_is_tried(self, caplog: pytest.LogCaptureFixture) -> None:
        _due("bad", ago=timedelta(days=30), **ENDLESS)

        tick()
        told = len(caplog.records)
        tick()

        assert len(caplog.records) == told > 0

    def test_without_end_after_a_long_standstill_is_taken_in_small_transactions(self) -> None:
        for number in range(12):
            _due(f"minutely {number}", expression=MINUTELY, ago=timedelta(days=8))

        with _no_minute_ends(), CaptureQueriesContext(connection) as asked:
            assert tick() == 12
        assert sum("pg_try_advisory_xact_lock" in query["sql"] for query in asked) > 1


class TestUnknownTaskTypes:
    def test_of_which_thousands_are_due_keep_nobody_from_firing(self) -> None:
        now = timezone.now()
        Schedule.objects.bulk_create(
            Schedule(name=f"{n}", expression=SELDOM, task_type="of_the_next_version", next_run_at=now - HOUR)
            for n in range(1_200)
        )
        good = _due("good")

        assert tick() == 1
        assert _fired(good) == 1

    def test_are_not_locked_by_those_who_leave_them_alone(self) -> None:
        strange = _due("strange", task_type="of_the_next_version")

        tick()

        with raw_connection() as raw:
            row = raw.execute("SELECT xmax::text FROM jobqueue_schedule WHERE id = %s", [strange.pk]).fetchone()
        assert row == ("0",)


class TestAUniqueKeyThatAnOpenTransactionHolds:
    def test_delays_its_own_schedule_only(self) -> None:
        blocked = _due("blocked", task_type="only_once", payload={"number": 1}, ago=timedelta(seconds=5))
        good = _due("good")

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            insert(NewJob(task_type="only_once", payload={"number": 1}))
            beside(pool, tick).result(timeout=30)
            assert Occurrence.objects.filter(schedule=good).count() == 1
            assert not Occurrence.objects.filter(schedule=blocked).exists()

        tick()
        assert Occurrence.objects.get(schedule=blocked).skipped == Skipped.JOINED

    def test_may_be_that_of_its_own_run_by_hand(self) -> None:
        schedule = _due("both", task_type="only_once", payload={"number": 1})

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                enqueued = run_schedule(schedule, ALICE)
                beside(pool, tick).result(timeout=30)
            tick()

        assert {one.job_id for one in Occurrence.objects.all()} == {enqueued.id}


class TestRacesWithTheEndOfAJob:
    def test_a_job_that_is_deleted_while_the_next_is_to_wait_for_it_stops_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        schedule = _due("seldom")
        moment = timezone.now() - HOUR
        before = make_job(schedule=schedule, occurrence=moment, postponed=1)

        def delete_it() -> None:
            with ThreadPoolExecutor(1) as pool:
                beside(pool, lambda: delete([before.pk])).result()

        with _at_the_insert(monkeypatch, delete_it):
            assert tick() == 1
        assert Job.objects.get(schedule=schedule).blockers == 0

    def test_an_interval_schedule_has_its_next_job_though_the_last_one_ends_while_it_is_looked_at(self) -> None:
        schedule = _interval()
        job = make_job(Status.RUNNING, schedule=schedule, occurrence=timezone.now() - 2 * HOUR, worker=make_worker())
        end = "UPDATE jobqueue_job SET status = 'succeeded', finished_at = now(), worker_id = NULL WHERE id = %s"

        with raw_connection() as raw, raw.transaction():
            raw.execute(end, [job.pk])
            tick()  # sees the job as it was
        tick()

        assert Job.objects.filter(schedule=schedule, status=Status.PENDING).count() == 1

    def test_an_interval_schedule_is_deleted_while_its_job_ends(self) -> None:
        schedule = make_schedule("hourly", expression="", kind=ScheduleKind.INTERVAL, interval=HOUR)
        Schedule.objects.update(next_run_at=timezone.now() + HOUR)
        job = make_job(Status.RUNNING, schedule=schedule, occurrence=timezone.now() - HOUR, worker=make_worker())
        end = "UPDATE jobqueue_job SET status = 'succeeded', finished_at = now(), worker_id = NULL WHERE id = %s"

        with ThreadPoolExecutor(1) as pool, raw_connection() as raw:
            with raw.transaction():
                raw.execute("SELECT FROM jobqueue_job WHERE id = %s FOR UPDATE", [job.pk])
                deleted = beside(pool, lambda: delete_schedule(schedule, ALICE))
                until_one_waits_for_a_lock()
                raw.execute(end, [job.pk])  # would be a deadlock if the deletion held the schedule
            deleted.result(timeout=30)

        job.refresh_from_db()
        assert (job.schedule_id, job.status) == (None, Status.SUCCEEDED)


class TestAnIntervalScheduleThatIsMended:
    def test_gets_the_next_time_though_that_was_refused_before(self) -> None:
        schedule = _interval(task_type="add_one", payload={"number": "x"}, next_run_at=timezone.now())
        tick()
        refused = Occurrence.objects.get()
        assert refused.skipped == Skipped.INVALID

        schedule.refresh_from_db()
        schedule.payload = {"number": 1}
        save_schedule(schedule, ALICE)
        tick()

        assert Job.objects.get(schedule=schedule).occurrence == refused.scheduled_at


class TestAlerts:
    def test_of_a_schedule_that_is_renamed_stays_one(self) -> None:
        schedule = _due("old name", ago=HOUR, task_type="of_the_next_version")
        check()

        Schedule.objects.filter(pk=schedule.pk).update(task_type="noop")
        schedule.refresh_from_db()
        schedule.name = "new name"
        save_schedule(schedule, ALICE)
        check()

        assert Alert.objects.get(cleared_at=None).subject == "new name"

    def test_of_a_schedule_that_is_switched_off_is_cleared(self) -> None:
        schedule = _due("seldom", ago=HOUR)
        check()
        assert Alert.objects.filter(cleared_at=None).exists()

        schedule.is_active = False
        save_schedule(schedule, ALICE)
        check()

        assert not Alert.objects.filter(cleared_at=None).exists()


def test_a_schedule_does_not_begin_a_part_of_a_second_early() -> None:
    begin = (timezone.now() + HOUR).replace(minute=0, second=0, microsecond=500_000)

    schedule = make_schedule(expression="* * * * *", starts_at=begin)

    assert schedule.next_run_at == begin.replace(microsecond=0) + timedelta(minutes=1)


def test_a_grace_in_which_no_tick_could_come_is_refused() -> None:
    schedule = make_schedule(grace=timedelta(seconds=59))

    with pytest.raises(ValidationError) as caught:
        schedule.full_clean()

    assert caught.value.message_dict == {"grace": ["0:00:59 is not possible: expected 1 min to 3660 days."]}


def test_what_is_made_up_for_costs_no_query_per_time(django_assert_max_num_queries: Any) -> None:
    policy = {"missed": MissedPolicy.ALL, "missed_window": 24 * HOUR, "missed_cap": 400}
    _due("all", expression=MINUTELY, ago=timedelta(minutes=500), **policy)

    with django_assert_max_num_queries(40), _no_minute_ends():
        assert tick() == 400
    assert Job.objects.filter(blockers=1).count() == 399


class TestAHostWhoseClockIsWrong:
    @pytest.mark.parametrize(("ahead", "said"), [(timedelta(hours=1), "ahead of"), (-timedelta(hours=1), "behind")])
    def test_fires_nothing_and_says_so(self, ahead: timedelta, said: str, caplog: pytest.LogCaptureFixture) -> None:
        make_schedule()
        with time_machine.travel(timezone.now() + ahead):
            Timekeeper(TickSource.WORKER).turn()

        assert not Job.objects.exists()
        assert not SchedulerBeat.objects.exists()
        assert f"clock is 3600 s {said} the database's" in caplog.text

    def test_a_small_difference_is_none(self) -> None:
        Schedule.objects.filter(pk=make_schedule().pk).update(next_run_at=timezone.now())
        with time_machine.travel(timezone.now() + timedelta(seconds=20)):
            Timekeeper(TickSource.WORKER).turn()

        assert Job.objects.exists()
        assert SchedulerBeat.objects.exists()
