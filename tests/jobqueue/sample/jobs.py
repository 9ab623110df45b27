"""Handlers for tests; those that break things are in `wreckers`."""

import contextlib
import hashlib
import logging
import os
import subprocess
import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from jobqueue.exceptions import CancelJob, PermanentError, RetryLater
from jobqueue.registry import JobContext, Payload, fixed, job_handler

from . import async_jobs, behaviours, effects, fetches, limits, reports, tellers, wreckers  # noqa: F401  registers their handlers


class Number(Payload, frozen=True):
    number: int = 0


class Seconds(Payload, frozen=True):
    seconds: float = 0.0


class Text(Payload, frozen=True):
    text: str = ""


@job_handler("noop")
def noop(job: JobContext) -> None:
    return None


@job_handler("add_one")
def add_one(job: JobContext, payload: Number) -> dict[str, int]:
    return {"number": payload.number + 1}


@job_handler("nap", max_attempts=3, backoff=fixed(0.1))
def nap(job: JobContext, payload: Seconds) -> None:
    time.sleep(payload.seconds)


@job_handler("note_run", max_attempts=5, backoff=fixed(0.1))
def note_run(job: JobContext, payload: Seconds) -> None:
    """Leaves a row per execution in a table of the test's own, and a line of log, then sleeps."""
    job.log.info("runs")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO runs (job_id, pid) VALUES (%s, %s)", [job.id, os.getpid()])
    time.sleep(payload.seconds)


@job_handler("fail_until", max_attempts=3, backoff=fixed(0.05, jitter=0))
def fail_until(job: JobContext, payload: Number) -> str:
    if job.attempt < payload.number:
        raise ValueError(f"attempt {job.attempt} is too early")
    return f"attempt {job.attempt}"


@job_handler("refuse")
def refuse(job: JobContext) -> None:
    raise PermanentError("NOT_FOUND", "There is no such thing.")


@job_handler("postpone")
def postpone(job: JobContext) -> None:
    raise RetryLater(timedelta(hours=1), "The platform asks for patience.")


@job_handler("postpone_always", max_postponements=2)
def postpone_always(job: JobContext) -> None:
    raise RetryLater(timedelta(), "There is always something.")


class BusyError(Exception):
    retry_after = 1_800


@job_handler("ask_to_wait", backoff=fixed(0.05))
def ask_to_wait(job: JobContext) -> None:
    raise BusyError("come back in half an hour")


class HopelessError(ValueError):
    """No retry mends it."""


@job_handler("choosy", never_retry=[HopelessError], backoff_for={ValueError: fixed(0.05)}, max_attempts=2)
def choosy(job: JobContext, payload: Text) -> None:
    raise HopelessError if payload.text == "hopeless" else ValueError


@job_handler("give_up")
def give_up(job: JobContext) -> None:
    raise CancelJob("Nothing to do.")


@job_handler("busy_loop", max_attempts=1, timeout=timedelta(seconds=0.3))
def busy_loop(job: JobContext) -> None:
    while True:
        pass


@job_handler("busy_in_c", max_attempts=1, timeout=timedelta(seconds=0.3))
def busy_in_c(job: JobContext) -> None:
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 500_000_000)


@job_handler("swallow", max_attempts=1, timeout=timedelta(seconds=0.3))
def swallow(job: JobContext) -> str:
    until = time.monotonic() + 1
    while time.monotonic() < until:
        with contextlib.suppress(BaseException):
            time.sleep(0.05)
    return "as if nothing had been"


@job_handler("swallow_long", max_attempts=1)
def swallow_long(job: JobContext) -> str:
    job.progress(1, 1, "swallowing")
    swallow(job)
    return "as if nothing had been"


@job_handler("stubborn")
def stubborn(job: JobContext) -> None:
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.05)


@job_handler("hang_and_say_where", timeout=timedelta(minutes=5))
def hang_and_say_where(job: JobContext) -> None:
    job.progress(1, 1, str(os.getpid()))
    time.sleep(300)


@job_handler("wait_for_a_process", timeout=timedelta(minutes=5))
def wait_for_a_process(job: JobContext) -> None:
    with subprocess.Popen(["sleep", "300"]) as process:
        job.progress(1, 1)
        process.wait()


@job_handler("stubborn_hang", timeout=timedelta(minutes=5))
def stubborn_hang(job: JobContext) -> None:
    job.progress(1, 2, "hanging")
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(1)


@job_handler("hang_on_second", backoff=fixed(0.05), timeout=timedelta(minutes=5))
def hang_on_second(job: JobContext) -> None:
    if job.attempt == 1:
        job.progress(1, 2, "working")
        time.sleep(1)
        raise ValueError("not at first")
    hang(job)


@job_handler("clean_up_when_stopped")
def clean_up_when_stopped(job: JobContext) -> None:
    try:
        time.sleep(300)
    finally:
        time.sleep(0.05)
        job.log.info("cleaned up")


@job_handler("fail_when_stopped")
def fail_when_stopped(job: JobContext) -> None:
    job.progress(1, 2, "waiting")
    try:
        time.sleep(300)
    finally:
        raise ValueError("something is in the way")


@job_handler("hang", max_attempts=2, timeout=timedelta(minutes=5))
def hang(job: JobContext) -> None:
    job.progress(1, 2, "hanging")
    time.sleep(300)


@job_handler("chatty")
def chatty(job: JobContext, payload: Number) -> None:
    for number in range(payload.number):
        logging.getLogger("somebody.else").info("line %d", number)


@job_handler("steps", max_attempts=3, backoff=fixed(0.05))
def steps(job: JobContext, payload: Number) -> dict[str, Any]:
    """Dies once in the middle and resumes from its checkpoint."""
    begun_at = (job.checkpointed or {"next": 0})["next"]
    for number in range(begun_at, payload.number):
        job.progress(number, payload.number)
        job.checkpoint({"next": number + 1})
        if number == payload.number // 2 and job.attempt == 1:
            time.sleep(0.1)
            os._exit(1)
    return {"began_at": begun_at, "attempt": job.attempt}


@job_handler("report_progress")
def report_progress(job: JobContext) -> None:
    job.progress(1, 3, "begun")
    time.sleep(0.3)
    job.progress(2, 3, "half done")
    job.progress(3, 3, "as good as done")


@job_handler("log_wrongly")
def log_wrongly(job: JobContext) -> None:
    job.log.info("%d", "no number")
    job.log.info("and on it goes")


@job_handler("fail_slowly", backoff=fixed(3600, jitter=0))
def fail_slowly(job: JobContext) -> None:
    raise ValueError("not now")


@job_handler("fail_late", backoff=fixed(0.05, jitter=0))
def fail_late(job: JobContext) -> None:
    """Fails when its worker has been asleep for a while."""
    time.sleep(0.3)
    if job.attempt == 1:
        raise ValueError("not at first")


@job_handler("spawn_and_fail", max_attempts=1)
def spawn_and_fail(job: JobContext) -> None:
    with transaction.atomic():
        job.enqueue("noop")
        raise ValueError("on second thoughts")


@job_handler("spawn_child_job")
def spawn_child_job(job: JobContext, payload: Number) -> str:
    return str(job.enqueue("add_one", {"number": payload.number}))


@job_handler("only_once", unique=lambda payload: f"only:{payload.number}")
def only_once(job: JobContext, payload: Number) -> None:
    return None


@job_handler("leave_no_trace", retention=timedelta(), max_attempts=1)
def leave_no_trace(job: JobContext, payload: Text) -> str:
    if payload.text:
        raise PermanentError("REFUSED", payload.text)
    return "done"
