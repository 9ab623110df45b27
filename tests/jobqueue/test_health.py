"""Health: each threshold with its level, bounded counts, and a database that is away."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from jobqueue import health
from jobqueue.health import CAP, Check, Level, check
from jobqueue.models import Job, Schedule, SchedulerBeat
from jobqueue.models.pause import PauseScope
from jobqueue.models.scheduler_beat import TickSource
from jobqueue.pauses import pause
from jobqueue.scheduler import beat
from jobqueue.states import Priority, Status
from tests.jobqueue.factories import make_job, make_jobs, make_schedule, make_worker

pytestmark = pytest.mark.django_db


def ago(**span: float) -> datetime:
    """So long before now."""
    return timezone.now() - timedelta(**span)


def found(name: str) -> Check:
    """The answer to one question."""
    return check().checks[name]


def test_a_queue_with_a_worker_and_little_to_do_is_healthy() -> None:
    make_worker()
    make_jobs(3)
    make_job(Status.RUNNING, worker=make_worker())
    make_jobs(2, Status.FAILED)

    answer = check()

    assert answer.status == Level.HEALTHY
    assert {name: one.value for name, one in answer.checks.items() if name.endswith("Jobs")} == {
        "pendingJobs": 3,
        "runningJobs": 1,
        "failedJobs": 2,
        "deadJobs": 0,
        "overdueJobs": 0,
        "stuckJobs": 0,
    }
    assert answer.checks["worker"].value == 2


@pytest.mark.parametrize(
    ("status", "number", "name"),
    [
        (Status.PENDING, 100, "pendingJobs"),
        (Status.FAILED, 10, "failedJobs"),
        (Status.DEAD, 10, "deadJobs"),
    ],
)
def test_more_than_so_many_are_a_warning(status: Status, number: int, name: str) -> None:
    make_worker()
    make_jobs(number, status)
    assert check().status == Level.HEALTHY
    make_job(status)
    answer = check()
    assert (answer.status, answer.checks[name].level) == (Level.WARNING, Level.WARNING)
    assert answer.checks[name].message == f"{number + 1} {status}, more than {number}."


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Level.HEALTHY), (55, Level.HEALTHY), (61, Level.CRITICAL), (3600, Level.CRITICAL)]
)
def test_no_beat_for_a_minute_is_critical(seconds: int, level: Level) -> None:
    worker = make_worker(beat_at=ago(seconds=seconds))

    answer = check()

    assert (answer.status, answer.checks["worker"].level) == (level, level)
    assert answer.checks["workerLastPing"].value == worker.beat_at.isoformat()


@pytest.mark.parametrize(("seconds", "level"), [(170, Level.HEALTHY), (190, Level.CRITICAL)])
def test_where_a_crontab_ticks_workers_may_be_silent_for_three_minutes(seconds: int, level: Level) -> None:
    beat(TickSource.CRONTAB, "host-1:4711")
    make_worker(beat_at=ago(seconds=seconds), stopped_at=ago(seconds=seconds))

    assert check().checks["worker"].level == level


def test_no_worker_at_all_is_critical_and_says_how_to_start_one() -> None:
    answer = found("worker")

    assert (answer.level, answer.value) == (Level.CRITICAL, 0)
    assert "run_worker" in answer.message


def test_a_worker_that_was_just_stopped_is_no_alarm() -> None:
    make_worker(stopped_at=timezone.now())

    assert check().status == Level.HEALTHY


@pytest.mark.parametrize("priority", Priority)
def test_a_job_that_is_due_for_half_an_hour_is_a_warning(priority: Priority) -> None:
    make_worker()
    make_job(priority=priority, run_at=ago(minutes=29))
    assert found("oldestPendingJob").level == Level.HEALTHY
    make_job(priority=priority, run_at=ago(minutes=31))
    answer = found("oldestPendingJob")
    assert answer.level == Level.WARNING
    assert answer.value == pytest.approx(31 * 60, abs=30)


def test_jobs_of_the_future_and_jobs_that_wait_for_others_are_not_old() -> None:
    make_job(created_at=ago(days=3), run_at=timezone.now() + timedelta(days=1))
    make_job(run_at=ago(days=3), blockers=1)

    assert found("oldestPendingJob").value is None
    assert found("overdueJobs").value == 0


def test_jobs_overdue_for_a_quarter_of_an_hour_are_a_warning() -> None:
    make_job(run_at=ago(minutes=14))
    assert found("overdueJobs") == Check(level=Level.HEALTHY, value=0, message="None has been due for 15 min.")
    make_job(Status.RETRYING, run_at=ago(minutes=16))
    make_job(priority=Priority.CRITICAL, run_at=ago(minutes=16))
    answer = found("overdueJobs")
    assert (answer.level, answer.value) == (Level.WARNING, 2)
    assert answer.message == "2 have been due for 15 min or longer."


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"started_at": 19}, 0),
        ({"started_at": 21}, 1),
        ({"started_at": 21, "timeout": timedelta(hours=1)}, 0),
        ({"started_at": 61, "timeout": timedelta(hours=1)}, 1),
        ({"started_at": 21, "task_type": "hang"}, 1),
        ({"started_at": 21, "task_type": "no such type"}, 1),
    ],
)
def test_a_job_that_runs_for_twenty_minutes_and_beyond_its_timeout_is_stuck(
    fields: dict[str, Any], number: int
) -> None:
    make_job(Status.RUNNING, **{**fields, "started_at": ago(minutes=fields["started_at"])})

    assert found("stuckJobs").value == number


@pytest.mark.parametrize(
    ("scope", "name", "value"),
    [
        (PauseScope.EVERYTHING, "", "paused"),
        (PauseScope.QUEUE, "emails", "partly paused"),
        (PauseScope.TASK_TYPE, "noop", "partly paused"),
    ],
)
def test_a_pause_is_a_warning_that_says_so(scope: PauseScope, name: str, value: str) -> None:
    make_worker()
    pause(reason="provider down", scope=scope, name=name)

    answer = check()

    assert answer.status == Level.WARNING
    assert answer.checks["processing"].value == value
    assert (name or "provider down") in answer.checks["processing"].message


def test_a_pause_that_is_over_is_none() -> None:
    pause(reason="provider down", ends_at=ago(seconds=1))

    assert found("processing").level == Level.HEALTHY


def test_workers_that_are_switched_off_are_a_warning(settings: Settings) -> None:
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, "DISABLED": True}

    assert found("processing").value == "disabled"


def test_a_schedule_that_is_late_beyond_its_own_grace_is_a_warning() -> None:
    beat(TickSource.WORKER, "host-1:4711")
    make_schedule("patient", grace=timedelta(minutes=15))
    make_schedule("switched off", is_active=False)
    Schedule.objects.update(next_run_at=ago(minutes=14))
    assert (found("scheduler").level, found("scheduler").value) == (Level.HEALTHY, 0)

    Schedule.objects.update(next_run_at=ago(minutes=16))

    assert (found("scheduler").level, found("scheduler").value) == (Level.WARNING, 1)
    assert found("scheduler").message == "patient has not fired within its grace."


def test_late_schedules_are_counted_and_the_most_overdue_is_named() -> None:
    beat(TickSource.WORKER, "host-1:4711")
    for minutes, name in enumerate(["c", "a", "b"], 10):
        Schedule.objects.filter(pk=make_schedule(name).pk).update(next_run_at=ago(minutes=minutes))

    assert found("scheduler").value == 3
    assert found("scheduler").message == "3 schedules have not fired within their grace, b first."


def test_active_schedules_without_any_scheduler_are_critical() -> None:
    schedule = make_schedule("nightly")
    assert (found("scheduler").level, found("scheduler").value) == (Level.CRITICAL, 0)
    assert "start a worker, or manage.py run_scheduler" in found("scheduler").message
    assert (found("schedulerLastTick").value, found("schedulerLastTick").message) == (None, "Never.")

    Schedule.objects.filter(pk=schedule.pk).update(next_run_at=ago(minutes=16))
    assert "nightly has not fired within its grace." in found("scheduler").message

    Schedule.objects.update(is_active=False)
    assert found("scheduler").level == Level.HEALTHY


@pytest.mark.parametrize(("silence", "level"), [(170, Level.HEALTHY), (190, Level.CRITICAL)])
def test_a_scheduler_that_fell_silent_is_critical(silence: float, level: Level) -> None:
    make_schedule()
    SchedulerBeat.objects.create(at=ago(seconds=silence), source=TickSource.CRONTAB, holder="host-1:4711")

    assert found("scheduler").level == level
    assert found("schedulerLastTick").message.endswith(" ago, by host-1:4711.")


def test_the_beat_of_a_host_whose_clock_is_ahead_counts() -> None:
    make_schedule()
    SchedulerBeat.objects.create(at=ago(minutes=-10), source=TickSource.WORKER, holder="host-1:4711")

    assert found("scheduler").level == Level.HEALTHY


@pytest.mark.parametrize(
    ("setting", "value", "name"),
    [
        ("HEALTH_PENDING", 0, "pendingJobs"),
        ("HEALTH_OLDEST_PENDING", timedelta(seconds=1), "oldestPendingJob"),
        ("HEALTH_OVERDUE", timedelta(seconds=1), "overdueJobs"),
        ("HEALTH_STUCK", timedelta(seconds=1), "stuckJobs"),
        ("HEALTH_NO_BEAT_SECONDS", 1.0, "worker"),
        ("HEALTH_NO_TICK_SECONDS", 1.0, "scheduler"),
    ],
)
def test_each_threshold_is_a_setting(setting: str, value: object, name: str, settings: Settings) -> None:
    make_worker(beat_at=ago(seconds=10))
    make_job(run_at=ago(seconds=10))
    make_job(Status.RUNNING, started_at=ago(minutes=2), worker=make_worker(beat_at=ago(seconds=10)))
    make_schedule()
    SchedulerBeat.objects.create(at=ago(seconds=10), source=TickSource.WORKER, holder="host-1:4711")
    assert found(name).level == Level.HEALTHY
    settings.JOB_QUEUE = {**settings.JOB_QUEUE, setting: value}
    assert found(name).level != Level.HEALTHY


def test_a_database_that_does_not_answer_is_critical(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> dict[str, Check]:
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(health, "_QUESTIONS", (ask,))

    answer = check()

    assert answer.status == Level.CRITICAL
    assert answer.to_json() == {
        "status": "critical",
        "checks": {
            "database": {
                "level": "critical",
                "value": "down",
                "message": "The database does not answer: connection refused",
            }
        },
    }


def test_nothing_is_counted_without_end_and_queries_do_not_grow() -> None:
    make_worker()
    check()
    with CaptureQueriesContext(connection) as few:
        check()
    past = ago(hours=1)
    Job.objects.bulk_create(Job(task_type="noop", run_at=past) for _ in range(CAP + 50))
    with CaptureQueriesContext(connection) as many:
        answer = check()

    assert answer.checks["pendingJobs"].value == answer.checks["overdueJobs"].value == CAP
    assert answer.checks["pendingJobs"].message == "10,000 or more pending, more than 100."
    assert len(many) == len(few)


def test_no_question_reads_the_history() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO jobqueue_job (id, task_type, status, run_at, finished_at)
               SELECT md5(n::text)::uuid, 'noop', 'succeeded', now(), now() FROM generate_series(1, 20000) AS n"""
        )
        cursor.execute(
            """INSERT INTO jobqueue_job (id, task_type, run_at)
               SELECT md5('w' || n)::uuid, 'noop', now() FROM generate_series(1, 20000) AS n"""
        )
        cursor.execute("ANALYZE jobqueue_job")
    with CaptureQueriesContext(connection) as queries:
        check()
    plans = []
    for query in queries:
        sql = query["sql"].lstrip("( \n")
        with connection.cursor() as cursor:
            if sql.startswith("SET"):
                cursor.execute(sql)  # the questions are asked under settings of their own
            elif sql.startswith("SELECT"):
                cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"), ())
                plans.append("\n".join(row[0] for row in cursor.fetchall()))

    assert sum("jobqueue_job" in plan for plan in plans) == 4
    assert [plan for plan in plans if "Seq Scan on jobqueue_job" in plan] == []
