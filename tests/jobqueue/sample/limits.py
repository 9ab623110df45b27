"""Handlers with rules about their other jobs, and one that tells when it ran."""

import time
from datetime import timedelta

from django.db import connection

from jobqueue.registry import Concurrency, JobContext, Payload, Unique, fixed, job_handler


class Number(Payload, frozen=True):
    number: int = 0


class Seconds(Payload, frozen=True):
    seconds: float = 0.0


@job_handler(
    "hourly_one_by_one",
    unique=Unique(by=lambda payload: f"hourly:{payload.number}", period=timedelta(hours=1)),
    concurrency=Concurrency(by=lambda payload: f"place:{payload.number}" if payload.number else None, limit=2),
)
def hourly_one_by_one(job: JobContext, payload: Number) -> None:
    return None


@job_handler("note_turn", max_attempts=5, backoff=fixed(0.05, jitter=0))
def note_turn(job: JobContext, payload: Seconds) -> None:
    """Leaves a row when it begins and one when it ends in the table `turns` of the test's own."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO turns (job_id, is_begin) VALUES (%s, true)", [job.id])
        time.sleep(payload.seconds)
        cursor.execute("INSERT INTO turns (job_id, is_begin) VALUES (%s, false)", [job.id])
