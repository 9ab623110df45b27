"""Rows for tests, each possible by the tables' own constraints."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from jobqueue.models import Attempt, Job, LogLine, Schedule, Worker
from jobqueue.states import FINISHED, AttemptOutcome, Status

SELDOM = "0 0 29 2 *"
"""A cron expression for schedules of which a test makes the one time that counts; no other may come meanwhile."""


def make_worker(**fields: Any) -> Worker:
    """A worker that beats."""
    now = timezone.now()
    given = {
        "host": "host-1",
        "machine": "machine-1",
        "pid": 4711,
        "process_started": "1",
        "concurrency": 2,
        "started_at": now - timedelta(hours=1),
        "beat_at": now,
    }
    return Worker.objects.create(**{**given, **fields})


def make_job(status: Status = Status.PENDING, **fields: Any) -> Job:
    """A job in that state, with the times and the worker that the state asks for."""
    now = timezone.now()
    given: dict[str, Any] = {"task_type": "noop", "status": status}
    if status in FINISHED:
        given |= {"started_at": now - timedelta(seconds=5), "finished_at": now, "attempts": 1}
    if status == Status.RUNNING:
        worker = fields.get("worker") or make_worker()
        given |= {"worker": worker, "started_at": now, "claim": 1, "attempts": 1}
    if status == Status.RETRYING:
        given |= {"attempts": 1, "started_at": now, "error_code": "TIMEOUT", "error_message": "too slow"}
    if status in (Status.FAILED, Status.DEAD):
        given |= {"error_code": "AUTH_ERROR", "error_message": "the token was refused"}
    return Job.objects.create(**{**given, **fields})


def make_jobs(number: int, status: Status = Status.PENDING, **fields: Any) -> list[Job]:
    """Several jobs, oldest first."""
    return [make_job(status, **fields) for _ in range(number)]


def make_attempt(job: Job, claim: int = 1, **fields: Any) -> Attempt:
    """An attempt that ended in an error."""
    now = timezone.now()
    given = {
        "number": claim,
        "started_at": now - timedelta(seconds=3),
        "finished_at": now,
        "outcome": AttemptOutcome.ERROR,
        "error_code": "ValueError",
        "error_message": "no such account",
        "traceback": "Traceback (most recent call last):\nValueError: no such account\n",
    }
    return Attempt.objects.create(job_id=job.pk, claim=claim, **{**given, **fields})


def make_log_lines(job: Job, number: int, claim: int = 1) -> None:
    """Lines "line 0", "line 1" ... of one attempt."""
    now = timezone.now()
    LogLine.objects.bulk_create(
        LogLine(job_id=job.pk, claim=claim, number=n, time=now, level="INFO", text=f"line {n}.") for n in range(number)
    )


def make_schedule(name: str = "every half hour", **fields: Any) -> Schedule:
    """An active schedule of the task type "noop"."""
    given: dict[str, Any] = {"expression": "*/30 * * * *", "task_type": "noop"}
    schedule = Schedule(name=name, **{**given, **fields})
    schedule.reschedule()
    schedule.save()
    return schedule
